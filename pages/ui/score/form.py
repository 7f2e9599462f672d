"""What is asked of a file: its columns, what is added, and in which format."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.datasets import likely_columns
from core.evaluation import label_set_rule
from core.saved_models import ModelInfo
from core.scoring import AddedColumns, ScoreTask
from pages.ui.render.format import counted
from pages.ui.render.tables import first_rows, height_of
from pages.ui.score.files import ScoreFile
from pages.ui.score.run_panel import ScoreRun
from pages.ui.shared import cache
from pages.ui.shared.session import SCORE_RUN
from pages.ui.shared.visitor import count_request
from pages.ui.shared.widgets import choose, literal
from pages.ui.shared.wording import on_page

FORMATS = {"CSV": ".csv", "Parquet": ".parquet", "JSON Lines": ".jsonl"}
SHOWN_ROWS = 5
COVERAGE = 0.95
REASONS = 3
MANY_CLASSES = 50  # from which on only the most probable get columns
MOST_PROBABLE = 5
TEXT_HELP = "What the model reads. It was guessed: the column with the longest texts."
LABEL_HELP = "Where the table already says the class, the result tells how often the model agrees."
REASONS_HELP = (
    "The three words that speak most for the predicted class. Exact for a linear model, an estimate for a network. "
    "It takes some seconds for every thousand rows."
)
SETS_HELP = "All classes that a text may have: the true one is among them for 95 of 100 texts like those of validation."
NOVELTY_HELP = "How unlike the training data a text is: percent of the validation documents that are less so."


def show_beginning(file: ScoreFile) -> None:
    """How many rows there are, the first of them, and how the file was read."""
    stream = file.stream
    st.caption(
        literal(f"{counted(stream.rows, 'row')} and {counted(len(stream.names), 'column')} in {stream.path.name}.")
    )
    first = first_rows(file.first, SHOWN_ROWS)
    st.dataframe(first, hide_index=True, height=height_of(first), alt="The first rows of the file")
    for sentence in stream.notes:
        st.caption(literal(on_page(sentence)))


def choose_task(info: ModelInfo, file: ScoreFile) -> ScoreTask:
    """What is to be done. Raises BadInput when it cannot be."""
    names = list(file.stream.names)
    text_box, label_box, format_box = st.columns(3)
    likely = names.index(likely_columns(file.first)[0])
    text = text_box.selectbox("Column of texts", names, likely, key=f"score-text-{file.id}", help=TEXT_HELP)
    others = [name for name in names if name != text]
    fitting = likely_label(file.first, others, info.class_names)
    label = label_box.selectbox(
        "Column of true classes",
        others,
        others.index(fitting) if fitting else None,
        key=f"score-label-{file.id}-{info.name}",
        placeholder="None",
        help=LABEL_HELP,
    )
    with format_box:
        ending = FORMATS[choose("Result", list(FORMATS), key="score-format")]
    added = _choose_added(info)
    return ScoreTask(
        stream=file.stream,
        text=text,
        target=file.folder / f"predicted{ending}",
        model=info.name,
        class_names=info.class_names,
        fingerprint=info.fingerprint,
        added=added,
        label=label,
        answers=file.folder / "answers.part",
    )


def likely_label(first: pd.DataFrame, names: Sequence[str], class_names: Sequence[str]) -> str | None:
    """The column most of whose cells are classes of the model; None when there is none."""
    shares = {name: first[name].astype(str).str.strip().isin(class_names).mean() for name in names}
    best = max(shares, key=lambda name: shares[name], default=None)
    return best if best is not None and shares[best] > 0.5 else None


def current_run(task: ScoreTask) -> ScoreRun | None:
    """The run of this session, if it is of this task or still at work."""
    run = st.session_state.get(SCORE_RUN)
    is_ours = isinstance(run, ScoreRun) and (run.is_active or run.task == task)
    return run if is_ours else None


def start(info: ModelInfo, task: ScoreTask, file: ScoreFile) -> ScoreRun:
    """Begin the work in the background, or gives what is at work: a browser may send a click on a disabled button.

    Raises BadInput where strangers meet and one asks too often.
    """
    before = current_run(task)
    if before is not None and before.is_active:
        return before
    count_request()
    run = st.session_state[SCORE_RUN] = ScoreRun(cache.model(info.key), task, file.gone)
    run.begin()
    return run


def _choose_added(info: ModelInfo) -> AddedColumns:
    reasons_box, sets_box, novelty_box = st.columns(3)
    reasons = reasons_box.checkbox("Strongest words", key="score-reasons", help=REASONS_HELP)
    sets = sets_box.checkbox("Set of possible classes", key="score-sets", help=SETS_HELP)
    novelty = novelty_box.checkbox("Unlike the training data", key="score-novelty", help=NOVELTY_HELP)
    rule = label_set_rule(cache.evaluation(info.key, "valid"), COVERAGE) if sets else None
    many = len(info.class_names) > MANY_CLASSES
    return AddedColumns(
        reasons=REASONS * reasons, label_sets=rule, novelty=novelty, top=MOST_PROBABLE if many else None
    )
