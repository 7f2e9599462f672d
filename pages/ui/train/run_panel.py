"""What a training run is doing, or what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.datasets import DATASETS
from core.evaluation import wilson
from core.jobs import Job
from core.progress import Progress
from core.recipes import RECIPES, is_baseline
from core.saved_models import list_models
from core.schema import Trial, best_record
from pages.ui.render import charts
from pages.ui.render.format import counted, duration, interval, percent
from pages.ui.render.tables import height_of
from pages.ui.shared import cache
from pages.ui.shared.address import model_query
from pages.ui.shared.chart import show_chart
from pages.ui.shared.entry import PAGES
from pages.ui.shared.widgets import METRIC_HEIGHT, literal
from pages.ui.train.advice import show_advice
from pages.ui.train.settings import settings_sentence, used_sentence

PHASES = {
    "reading": "Reading the data",
    "encoding": "Turning texts into numbers",
    "searching": "Trying settings",
    "training": "Training",
    "testing": "Scoring the test documents",
    "saving": "Saving the model",
    "done": "Done",
}
CHOSEN = "Chosen is the highest mean of accuracy and macro F1 {}; the test documents decided nothing."
CHOSEN_BY_SEARCH = (
    "After each round the half with the higher validation accuracy went on, and one was chosen; the test documents "
    "decided nothing."
)
ON_VALIDATION = "on validation"
IN_CROSS_VALIDATION = "in cross-validation over the training documents, since there are few to validate on"
MUCH_LESS = 0.05  # below the accuracy that a recipe usually reaches
KEEP_EPOCH_HELP = (
    "Ends the training and saves the model of the epoch that was right most often on validation so far; possible once "
    "the first epoch has ended."
)
KEEP_TRIED_HELP = "Ends after what is being tried now, and saves the best so far; possible once one try has ended."
VALID_HELP = "The best so far on the validation documents, which choose the epoch and are not learned from."


def activity(progress: Progress | None) -> str:
    """What a training run is doing, and for how long yet."""
    if progress is None:
        return "Starting"
    phase = PHASES.get(progress.phase, progress.phase.capitalize())
    if progress.phase == "searching":
        return f"{phase}: {len(progress.trials)} tried so far, one at epoch {max(progress.epoch, 1)}"
    if progress.phase != "training":
        return phase
    remaining = _seconds_left(progress)
    until = "" if remaining is None else f", at most {duration(remaining)} left"
    return f"{phase}: epoch {max(progress.epoch, 1)} of {progress.epochs}{until}"


def clock(seconds: float) -> str:
    """How long a run has gone on, to the second."""
    whole = int(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"


def share_done(progress: Progress | None) -> float:
    """How full the bar of a training run is; it may stop before its last epoch."""
    if progress is None:
        return 0.0
    return 1.0 if progress.phase in ("testing", "saving", "done") else progress.fraction


def best_accuracy(progress: Progress) -> str:
    """The validation accuracy of the epoch that would be kept now."""
    best = best_record(progress.history)
    return percent(best.valid_accuracy) if best else "–"


def train_loss(progress: Progress) -> str:
    """The training loss of the epoch under way, else of the last one."""
    loss = progress.train_loss
    if loss is None and progress.history:
        loss = progress.history[-1].train_loss
    return "–" if loss is None else f"{loss:.3f}"


def tried_table(trials: Sequence[Trial]) -> pd.DataFrame:
    """What was tried, a row each, with its figures on the validation documents, the chosen one marked."""
    columns: dict[str, list[Any]] = {
        "Tried": [trial.title if trial.epochs is None else settings_sentence(trial.settings) for trial in trials],
        "Validation accuracy": [interval(trial.accuracy) for trial in trials],
    }
    if is_search(trials):
        columns["Epochs"] = [trial.epochs for trial in trials]
    else:
        columns["Macro F1"] = [None if trial.macro_f1 is None else percent(trial.macro_f1) for trial in trials]
    if is_cross_validated(trials):
        columns["Cross-validation"] = [percent(trial.score) for trial in trials]
    columns["Time"] = [duration(trial.seconds) for trial in trials]
    columns[""] = [trial.reason or "chosen" * trial.is_chosen for trial in trials]
    return pd.DataFrame(columns)


def is_search(trials: Sequence[Trial]) -> bool:
    """Whether settings of a network were tried, which are trained for some epochs."""
    return any(trial.epochs is not None for trial in trials)


def chosen_sentence(trials: Sequence[Trial]) -> str:
    """How one of them was chosen."""
    if is_search(trials):
        return CHOSEN_BY_SEARCH
    return CHOSEN.format(IN_CROSS_VALIDATION if is_cross_validated(trials) else ON_VALIDATION)


def is_cross_validated(trials: Sequence[Trial]) -> bool:
    """Whether cross-validation has decided what is chosen."""
    return any(trial.cross_validated is not None for trial in trials)


def _seconds_left(progress: Progress) -> float | None:
    # The first epoch also reads, encodes and compiles: on its own it tells only when it took long.
    history = progress.history
    if len(history) < 2 and not (history and history[0].seconds > 30):
        return None
    begun = history[0].seconds if len(history) > 1 else 0.0
    an_epoch = (history[-1].seconds - begun) / max(len(history) - 1, 1)
    return max(an_epoch * progress.epochs * (1 - progress.fraction), 0.0)


def show_run(job: Job, live: bool) -> None:
    """What a training run is doing, or what became of it."""
    state, progress = job.state, job.progress
    if live and not job.is_active:
        st.rerun()
    st.header(literal(job.name))
    _show_outcome(job, state)
    if job.is_active:
        before = cache.jobs().before(job)
        waits = f"Waiting for its turn: {counted(before, 'training')} before it"
        since = "" if before else f" · {clock(job.seconds_run)}"
        st.progress(share_done(progress), f"{waits if before else activity(progress)}{since}")
        _show_stops(job)
    st.caption(literal(used_sentence(job.recipe, job.others, job.search)))
    if progress is None:
        return
    with st.grid(4, min_column_width=150, row_height=METRIC_HEIGHT):
        if job.others:  # each is solved for
            st.metric("Tried", len(progress.trials), border=True)
        else:
            st.metric("Epoch", f"{progress.epoch} of {progress.epochs}", border=True)
        st.metric("Training loss", train_loss(progress), help=charts.LOSS_HELP, border=True)
        st.metric("Validation accuracy", best_accuracy(progress), help=VALID_HELP, border=True)
        st.metric("Time", clock(job.seconds_run), border=True)
    if progress.trials:
        tried = tried_table(progress.trials)
        wide = {"Tried": st.column_config.Column(width="large")}
        st.dataframe(tried, hide_index=True, height=height_of(tried), alt="What was tried", column_config=wide)
        if state == "done":
            st.caption(chosen_sentence(progress.trials))
        if not is_search(progress.trials):
            return  # what is solved for has no epochs to draw
    loss, accuracy = st.columns(2, gap="medium")
    epochs = progress.epochs if live else None
    with loss:
        show_chart(charts.losses(progress.history, epochs), "Loss by epoch", "live-losses")
    with accuracy:
        show_chart(charts.accuracies(progress.history, epochs), "Accuracy by epoch", "live-accuracies")


def _show_stops(job: Job) -> None:
    # The two ways to end a training before its time.
    with st.container(horizontal=True):
        st.button(
            "Stop training", icon=":material/stop:", on_click=job.stop, help="Ends the training; nothing is saved."
        )
        if is_baseline(job.recipe.name, job.recipe.data.dataset):
            return  # solved for at once: there is nothing in between to keep
        st.button(
            "Stop and keep the best so far" if job.others or job.search else "Stop and keep the best epoch",
            icon=":material/star:",
            key="train-keep-best",
            on_click=job.keep_best,
            disabled=job.is_enough or not job.can_keep_best,
            help=KEEP_TRIED_HELP if job.others or job.search else KEEP_EPOCH_HELP,
        )
    if job.is_enough:
        st.caption("Ends now, and saves the best so far.")


def result_sentence(accuracy: float, documents: int, most_frequent: float, expected: float | None) -> tuple[bool, str]:
    """Whether a model is worth to be called a success, and what it gets right.

    Args:
        accuracy: share of the test documents that it has right.
        documents: how many there are.
        most_frequent: share of the largest class among them, which is what always naming it gets right.
        expected: accuracy that its recipe usually reaches, if that is known.
    """
    said = f"Saved. It gets {percent(accuracy)} of the test documents right"
    if wilson(round(accuracy * documents), documents).low <= most_frequent:
        guessed = f"always naming the most frequent class gets {percent(most_frequent)}"
        way_out = "Train it for longer, or with other settings."
        return False, f"{said}, which is no better than guessing: {guessed}. {way_out}"
    if expected is not None and accuracy < expected - MUCH_LESS:
        return False, f"{said}; with its usual settings this recipe gets about {percent(expected)}."
    return True, f"{said}."


def _show_result(job: Job, saved: Mapping[str, Any]) -> None:
    test = saved["test"]
    done = "trying" if job.others else counted(saved["epochs"], "epoch")
    kept = f" It was stopped after {done}, and the best so far is kept." if job.is_enough else ""
    usual = RECIPES.get(job.recipe.name)
    expected = usual.expected_accuracy if usual else None
    good, said = result_sentence(test["accuracy"], test["n"], _most_frequent(job.name), expected)
    if good:
        st.success(f"{said}{kept}", icon=":material/check_circle:")
    else:
        st.warning(f"{said}{kept}", icon=":material/warning:")


def _most_frequent(name: str) -> float:
    # The share of the largest class among a model's test documents; 0 when the model is no longer there.
    info = next((each for each in list_models() if each.name == name), None)
    if info is None:
        return 0.0
    labels = cache.evaluation(info.key).labels
    return float(np.bincount(labels).max() / len(labels))


def _show_outcome(job: Job, state: str) -> None:
    """How a training run has ended, and the way on."""
    if state == "stopped":
        st.info("Stopped. Nothing was saved.")
    if state == "failed":
        st.error(literal(job.error or "Training failed."))
    if state == "done" and job.progress and job.progress.saved:
        _show_result(job, job.progress.saved)
        for sentence in job.progress.saved.get("caveats", ()):
            st.warning(literal(sentence), icon=":material/looks_one:")
        show_advice(job.name, job.recipe.data.dataset not in DATASETS and not job.progress.trials)
        with st.container(horizontal=True):
            link = model_query(job.name)
            st.page_link(
                PAGES / "explain.py",
                label="Explain a text with it",
                icon=":material/format_ink_highlighter:",
                query_params=link,
            )
            st.page_link(
                PAGES / "evaluate.py", label="See what it mixes up", icon=":material/grid_on:", query_params=link
            )
