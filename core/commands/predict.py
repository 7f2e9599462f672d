"""Add the predicted class and the probabilities to a table of texts."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.processes import add_process_options
from core.commands.table_options import add_table_options, table_options
from core.commands.terminal import Answer, add_model, write_message
from core.errors import BadInput
from core.format import counted, duration_or_dash, percent

if TYPE_CHECKING:
    from core.scoring import AddedColumns, FileScore, ScoreProgress, ScoreTask

AFTER_A_STOP = """\
The table is read, predicted and written batch by batch, so memory does not grow with it. What is predicted is kept in
OUTPUT.part; after a stop the same command goes on from there, if input, model and text column are the same, and a
finished run deletes it. OUTPUT appears when it is whole; until then it is OUTPUT.writing. A .json array, an .xlsx and a
zip of texts are read whole, up to 200 MB; any other file may be as large as the disk allows."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """The model, and the tables to read and to write."""
    parser.epilog = AFTER_A_STOP
    add_model(parser)
    parser.add_argument(
        "input",
        metavar="INPUT",
        help="a .csv, .tsv, .xlsx, .parquet, .jsonl or .json table, also .gz or .zip, or .txt with a text a line",
    )
    parser.add_argument(
        "output",
        metavar="OUTPUT",
        help=".csv, .tsv, .parquet, .jsonl, or .txt, which holds the classes only; all but .parquet also with .gz",
    )
    parser.add_argument("--text", metavar="COLUMN", help='of the texts in INPUT; "text" or the only one by default')
    parser.add_argument("--restart", action="store_true", help="predict all rows anew, also those of a run before")
    _add_columns(parser)
    add_table_options(parser)
    add_process_options(parser)


def _add_columns(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("further columns")
    group.add_argument(
        "--reasons",
        type=int,
        default=0,
        metavar="N",
        help="the N strongest words for the predicted class: exact for a linear model, by integrated gradients or by "
        "leaving out each word for others; costs some milliseconds a row",
    )
    group.add_argument(
        "--label-sets",
        type=float,
        nargs="?",
        const=0.95,
        metavar="COVERAGE",
        help="classes that together hold the true one as often as asked, found on validation; 0.95 by default",
    )
    group.add_argument(
        "--novelty",
        action="store_true",
        help="percent of the model's validation documents that are less unlike its training data than the text",
    )
    group.add_argument("--top", type=int, metavar="K", help="the K most probable classes, not a column for each class")
    group.add_argument("--label", metavar="COLUMN", help="of true classes in INPUT, to tell the accuracy")


def run(options: argparse.Namespace) -> Answer:
    """Predict, with a bar, and write the table."""
    task = _task(options)
    progress = _watched(_score(options, task), task)
    names = {"model": task.model, "input": str(options.input), "output": str(options.output)}
    record = {**names, "text": task.text, "n": task.stream.rows, "seconds": progress.seconds}
    if progress.score is None:  # another process writes, and tells
        return record, ()
    score = progress.score
    record |= {"predictions": dict(score.predictions), "guesses": score.guesses, "resumed": progress.resumed}
    if score.labelled is not None:
        accuracy = (score.right or 0) / score.labelled if score.labelled else None
        record |= {"label": task.label, "labelled": score.labelled, "accuracy": accuracy}
    return record, (f"{task.target}: {score.rows:,} texts in {duration_or_dash(progress.seconds)}, {_summary(score)}.",)


def _task(options: argparse.Namespace) -> ScoreTask:
    # What is wrong with the input or the output is found out before JAX is loaded, and told at once.
    from core.datasets import AS_MUCH_AS_THERE_IS, open_table
    from core.saved_models.catalogue import find, read_info
    from core.scoring import ScoreTask
    from core.scoring.writing import check_target

    source, target = Path(options.input), Path(options.output)
    check_target(target)
    if target.exists() and source.exists() and target.samefile(source):
        raise BadInput(f"{source} is the input itself; choose another name for the output.")
    how = table_options(options)
    if options.max_mb is None:
        how = replace(how, max_bytes=AS_MUCH_AS_THERE_IS)
    stream = open_table(source, how, [name for name in (options.text, options.label) if name])
    info = read_info(find(options.model))
    for sentence in stream.notes:
        write_message(sentence)
    return ScoreTask(
        stream=stream,
        text=stream.column(options.text),
        target=target,
        class_names=info.class_names,
        model=info.name,
        fingerprint=info.fingerprint,
        added=_added(options),
        label=None if options.label is None else stream.column(options.label),
    ).checked()


def _added(options: argparse.Namespace) -> AddedColumns:
    from core.scoring import AddedColumns

    rule = None
    if options.label_sets is not None:
        from core.evaluation import label_set_rule
        from core.saved_models import stored_evaluation

        rule = label_set_rule(stored_evaluation(options.model, "valid"), options.label_sets)
    return AddedColumns(top=options.top, reasons=options.reasons, label_sets=rule, novelty=options.novelty)


def _score(options: argparse.Namespace, task: ScoreTask) -> Generator[ScoreProgress]:
    from core.saved_models import load_model

    model = load_model(options.model)
    if not options.distributed:
        from core.scoring import score_file

        return score_file(model, task, restart=options.restart)
    from core.scoring.processes import score_together

    return score_together(model, task, restart=options.restart)


def _watched(steps: Generator[ScoreProgress], task: ScoreTask) -> ScoreProgress:
    """The last step, after a bar for each phase."""
    from tqdm import tqdm

    last = None
    try:
        with closing(steps), tqdm(total=task.stream.rows, unit=" rows", disable=None, leave=False) as bar:
            for step in steps:
                if last is None:
                    _tell_beginning(step, task)
                    bar.initial = step.rows
                if last is None or last.phase != step.phase:
                    bar.set_description(step.phase, refresh=False)
                bar.n = step.rows
                bar.refresh()
                last = step
    except KeyboardInterrupt:
        if task.part.exists():
            raise KeyboardInterrupt(f"Stopped; the same command goes on from {task.part}.") from None
        raise
    assert last is not None, "every run has a first step"
    return last


def _tell_beginning(step: ScoreProgress, task: ScoreTask) -> None:
    if step.resumed:
        write_message(f"Going on with {step.resumed:,} of {step.total:,} rows done before, from {task.part}.")
    elif step.replaced:
        write_message(f"{task.part} held predictions of another input, model or column, and begins anew.")
    sys.stderr.flush()


def _summary(score: FileScore) -> str:
    # What was predicted, in words; and how often it agrees with the labels.
    said = ", ".join(f"{count:,} {name}" for name, count in score.predictions.items())
    if score.guesses:
        said += f"; {score.guesses:,} of them without a word, which a model can only guess"
    if score.labelled is not None:
        share = f"{percent((score.right or 0) / score.labelled)} right" if score.labelled else "none of them known"
        said += f"; {counted(score.labelled, 'label')} of the model's classes, {share}"
    if score.formulas:
        cells = f"{score.formulas:,} cells that" if score.formulas > 1 else "1 cell that"
        write_message(f"{cells} a spreadsheet would run as a formula got an apostrophe in front.")
    return said
