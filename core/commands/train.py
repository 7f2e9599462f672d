"""Train a recipe, or a model family on a table of one's own, and save the model."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.commands.processes import add_process_options
from core.commands.remedy_options import REMEDIES, add_remedy_options, remedies, tell_remarks
from core.commands.table_options import add_table_options, table_options
from core.commands.terminal import Answer, download_bar, table, write_message
from core.errors import BadInput
from core.format import duration_or_dash, percent_or_dash

if TYPE_CHECKING:
    from core.progress import Progress
    from core.schema import TextDataset, Trial


CHOSEN_BY_SEARCH = "After each round the half with the higher accuracy on validation went on, and one was chosen"
_OF_A_TABLE = ("text", "label", "group", "split", "time", "sheet", "encoding", *REMEDIES)


def add_options(parser: argparse.ArgumentParser) -> None:
    """What to train, on what, and with which settings."""
    help_text = "a recipe; with --data a model family, such as bow, baseline, or auto (the default): what suits best"
    parser.add_argument("recipe", metavar="RECIPE", nargs="?", help=help_text)
    parser.add_argument("--name", help="of the saved model; one of that name that was trained here is replaced")
    parser.add_argument("--seed", type=int, metavar="N", help="of first weights, order and dropout")
    parser.add_argument("--epochs", type=int, metavar="N", help="most epochs to train")
    parser.add_argument("--set", action="extend", nargs="+", default=[], metavar="KEY=VALUE", help="any setting")
    parser.add_argument(
        "--data", metavar="FILE", help="a table of your own: .csv, .tsv, .xlsx, .parquet, .jsonl, .json, .gz or .zip"
    )
    parser.add_argument("--text", metavar="COLUMN", help="of the texts in FILE")
    parser.add_argument("--label", metavar="COLUMN", help="of the classes in FILE")
    parser.add_argument("--group", metavar="COLUMN", help="of what keeps rows in one split, such as their author")
    parser.add_argument("--split", metavar="COLUMN", help="that says train, valid or test")
    parser.add_argument("--time", metavar="COLUMN", help="of times; the last 20%% of the rows become test")
    parser.add_argument(
        "--resume", action="store_true", help="keep the state of the run as it goes; go on if one was interrupted"
    )
    parser.add_argument(
        "--search",
        type=int,
        metavar="N",
        help="try N settings around these for a few epochs, go on with the better half until one is left; 2 to 32; of "
        "bow, convnet, transformer and wide; goes on if it was interrupted",
    )
    add_remedy_options(parser)
    add_table_options(parser)
    add_process_options(parser)


def run(options: argparse.Namespace) -> Answer:
    """Train, with a bar, and save."""
    from core.recipes import AUTO, recipe, suited_recipes
    from core.traits import traits_of

    _check_options(options)
    data, tried = None, None
    if options.data:
        data = _own_table(options)
        tried = suited_recipes(options.recipe or AUTO, data.name, traits_of(data))
    wanted, *others = (one.with_settings(**_settings(options)) for one in tried or (recipe(options.recipe),))
    remarks = tell_remarks(data) if data else []
    from core.jobs import train_and_save

    is_auto = bool(options.data) and options.recipe in (None, AUTO)
    tried_too = others if is_auto else None
    with download_bar(None if data else wanted.data.dataset) as bar:
        saved = _watch(
            train_and_save(
                wanted,
                others=tried_too,
                name=options.name,
                data=data,
                bar=bar,
                resume=options.resume,
                search=options.search,
            )
        )
    for sentence in (*saved.get("caveats", ()), *_advice(saved["model"])):
        write_message(sentence)
    test, epochs = saved["test"], f"best epoch {saved['best_epoch']} of {saved['epochs']}"
    figures = f"{percent_or_dash(test['accuracy'])} of {test['n']:,} test documents right, loss {test['loss']:.3f}"
    if data:
        saved["remarks"] = [{"kind": remark.kind, "sentence": remark.advice} for remark in remarks]
    return saved, (f"{saved['model']}: {figures}, {epochs}, {duration_or_dash(saved['seconds'])}.",)


def _advice(name: str) -> tuple[str, ...]:
    # Whether the model beats its baseline, or which model beats this one; nothing where there are not both.
    from core.evaluation import recommend
    from core.saved_models import baseline_pair, model_info, stored_evaluation

    pair = baseline_pair(model_info(name))
    if pair is None:
        return ()
    advice = recommend(*(stored_evaluation(info.name, "valid") for info in pair))
    return advice.measured, advice.sentence


def _check_options(options: argparse.Namespace) -> None:
    # What can be told before anything is read, and before JAX is loaded.
    from core.recipes import AUTO, BASELINE, family_recipe, recipe
    from core.saved_models import check_place, free_name
    from core.search_space import check_search

    if options.data:
        if not (options.text and options.label):
            raise BadInput(_columns_there(options))
        if {"dataset", "data.dataset"} & set(_settings(options)):
            raise BadInput("--data names what to learn from; leave dataset out of --set.")
        is_auto = options.recipe in (None, AUTO)
        if is_auto and options.resume:
            raise BadInput("--resume keeps one run, and auto has several; name a model family, such as ngram.")
        if options.recipe == BASELINE and options.resume:
            raise BadInput("The baseline takes seconds, so there is nothing to resume; leave --resume out.")
        if is_auto and {"epochs", "train.epochs"} & set(_settings(options)):
            raise BadInput(
                "auto solves for its models and has no epochs; leave them out or name a family, such as bow."
            )
        planned = family_recipe("ngram" if is_auto else options.recipe, "table").with_settings(**_settings(options))
        table_options(options)
    elif not options.recipe:
        raise BadInput("Name what to train: a recipe, or a table of your own as --data FILE.")
    elif any(getattr(options, name) for name in _OF_A_TABLE):
        raise BadInput("--text and --label name columns of a file; give the file as --data FILE.")
    else:
        planned = recipe(options.recipe).with_settings(**_settings(options))
    if options.search is not None:
        check_search(planned, options.search)
        if options.distributed:
            raise BadInput("--search is for one process; search without --distributed, and train its winner with it.")
    check_place(options.name or free_name(options.recipe or AUTO))


def _columns_there(options: argparse.Namespace) -> str:
    # What to name, where columns are not named.
    from core.datasets.columns import likely_columns
    from core.datasets.tables.reading import read_rows

    frame = read_rows(options.data, table_options(options)).frame
    text, label = likely_columns(frame)
    needed = "--data needs the names of its columns too"
    likely = f"--text {shlex.quote(text)} --label {shlex.quote(label or 'COLUMN')}"
    return f"{needed}, such as {likely}; the columns are: {', '.join(map(str, frame.columns))}."


def _own_table(options: argparse.Namespace) -> TextDataset:
    from core.datasets import load_table, remember_table

    data = load_table(
        options.data,
        options.text,
        options.label,
        group=options.group,
        split=options.split,
        time=options.time,
        **remedies(options),
        options=table_options(options),
    )
    remember_table(data, options.data, options.text, options.label, options.group)
    return data


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for pair in options.set:
        name, equals, value = pair.partition("=")
        if not equals:
            raise BadInput(f"--set takes KEY=VALUE, such as batch=32, not {pair!r}.")
        settings[name] = value
    named = {"epochs": options.epochs, "seed": options.seed}
    return settings | {name: value for name, value in named.items() if value is not None}


def _watch(run: Iterator[Progress]) -> dict[str, Any]:
    # A bar where there is a terminal; a line for every finished epoch in any case.
    from tqdm import tqdm

    shown, finished = 0, 0
    with tqdm(unit="step", file=sys.stderr, disable=None, leave=False) as bar:
        for progress in run:
            bar.total, bar.n = progress.steps or None, progress.step
            loss = "" if progress.train_loss is None else f", loss {progress.train_loss:.3f}"
            bar.set_description_str(f"{progress.phase}, epoch {progress.epoch} of {progress.epochs}{loss}")
            if progress.phase == "searching":  # whose epochs are those of many
                _tell_tries(bar, progress, finished)
                finished = len(progress.trials)
                continue
            if len(progress.trials) > finished:  # the next one begins, or all have ended
                shown, finished = 0, len(progress.trials)
            is_over = any(trial.is_chosen and trial.epochs is None for trial in progress.trials)
            for r in () if is_over else progress.history[shown:]:
                figures = (
                    f"train loss {r.train_loss:.3f}, valid loss {r.valid_loss:.3f}, {percent_or_dash(r.valid_accuracy)}"
                )
                tqdm.write(
                    f"epoch {r.epoch} of {progress.epochs}: {figures}, {duration_or_dash(r.seconds)}", file=sys.stderr
                )
            shown = len(progress.history)
    _tell_trials(progress.trials)
    return progress.saved or {}


def _tell_tries(bar: Any, progress: Progress, shown: int) -> None:
    # A line for each that has had its first round.
    bar.set_description_str(f"searching settings, {len(progress.trials)} tried")
    for trial in progress.trials[shown:]:
        reached = trial.reason or f"{percent_or_dash(trial.accuracy and trial.accuracy.value)} on validation"
        after = "" if trial.reason else f", epoch {trial.epochs}"
        bar.write(f"tried {trial.title}: {reached}{after}", file=sys.stderr)


def _tell_trials(trials: Sequence[Trial]) -> None:
    # What was tried, as a table, and what was chosen and why.
    if not trials:
        return
    is_search = any(trial.epochs is not None for trial in trials)
    by_folds = any(trial.cross_validated is not None for trial in trials)
    columns = _search_columns(trials) if is_search else _solved_columns(trials)
    columns["time"] = [duration_or_dash(trial.seconds) for trial in trials]
    columns[""] = [trial.reason or "chosen" * trial.is_chosen for trial in trials]
    for line in table(list(columns), zip(*columns.values(), strict=True)):
        write_message(line)
    if is_search:
        write_message(f"{CHOSEN_BY_SEARCH}; the test split decided nothing.")
        return
    where = "in cross-validation over train, since validation is small" if by_folds else "on validation"
    write_message(f"Chosen is the highest mean of accuracy and macro F1 {where}; the test split decided nothing.")


def _search_columns(trials: Sequence[Trial]) -> dict[str, list[str]]:
    return {**_common_columns(trials), "epochs": [str(trial.epochs) for trial in trials]}


def _solved_columns(trials: Sequence[Trial]) -> dict[str, list[str]]:
    return {
        **_common_columns(trials),
        "macro F1": ["-" if trial.macro_f1 is None else f"{trial.macro_f1:.3f}" for trial in trials],
        "cross-validation": [percent_or_dash(trial.cross_validated) for trial in trials],
    }


def _common_columns(trials: Sequence[Trial]) -> dict[str, list[str]]:
    found = [trial.accuracy for trial in trials]
    return {
        "tried": [trial.title for trial in trials],
        "accuracy on validation": [percent_or_dash(each and each.value) for each in found],
        "95% interval": [
            f"{percent_or_dash(each.low)} to {percent_or_dash(each.high)}" if each else "-" for each in found
        ],
    }
