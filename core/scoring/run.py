"""A table through a model: answers are made and kept batch by batch, then the table is written with them beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace

import pyarrow as pa

from core.errors import BadInput
from core.predictor import Predictor
from core.scoring.columns import answers, answers_schema, columns_of
from core.scoring.part import PartFile, only_run
from core.scoring.task import FileScore, ScoreProgress, ScoreTask, Tally
from core.scoring.writing import TableWriter, errors_explained, open_writer

FIRST_ROWS = 1024  # of a step; then twice as many each time, as long as a step takes less than a second
STEP_SECONDS = 1.0

Answer = Callable[[Sequence[str]], pa.RecordBatch]


@dataclass(frozen=True, kw_only=True)
class Together:
    """How processes share the work.

    Attributes:
        answer: gives the answers to a step's texts, in all of them.
        begin: is called with the rows that are done before.
        rows: of a step.
    """

    answer: Answer
    begin: Callable[[int], object]
    rows: int


def score_file(
    model: Predictor, task: ScoreTask, *, restart: bool = False, together: Together | None = None
) -> Generator[ScoreProgress]:
    """Predict a table and write it with the further columns, in memory that does not grow with its rows.

    What is answered is kept beside the output, in a file with ".part" behind its name, and the same task goes on from
    there after a stop. It stops when it is no longer asked. The output appears under its name when it is whole.

    Args:
        model: any Predictor with the classes of the task.
        task: what is to be scored and how.
        restart: predict all rows anew.
        together: how many processes share the work; None where this is the only one.

    Raises BadInput when a text cannot be read, the output cannot be written, or another run is at work on it.
    """
    started, task = time.perf_counter(), task.checked()
    with _answers_so_far(task, restart) as part:
        beginning = ScoreProgress(
            phase="predicting",
            rows=part.rows,
            total=task.stream.rows,
            seconds=0.0,
            resumed=part.rows,
            replaced=part.replaced,
        )

        def progress(phase: str, rows: int, score: FileScore | None = None) -> ScoreProgress:
            return replace(beginning, phase=phase, rows=rows, seconds=time.perf_counter() - started, score=score)

        try:
            yield beginning
            for found in _refused_at(part, _steps(model, task, part.rows, together)):
                with errors_explained(task.target):
                    part.append(found)
                yield progress("predicting", part.rows)
            for rows, score in write_table(task, part):
                yield progress("writing" if score is None else "done", rows, score)
        finally:
            if not part.rows:
                part.delete()


@contextmanager
def _answers_so_far(task: ScoreTask, restart: bool) -> Iterator[PartFile]:
    # Kept from other runs as long as the block lasts.
    with ExitStack() as held:
        with errors_explained(task.target):
            held.enter_context(only_run(task.part, task.target))
            schema = answers_schema(len(task.class_names), task.added)
            part = held.enter_context(closing(PartFile(task.part, schema, task.belongs_to, restart=restart)))
        yield part


def _steps(model: Predictor, task: ScoreTask, done: int, together: Together | None) -> Iterator[pa.RecordBatch]:
    if together is not None:
        together.begin(done)
        return predicted(task, done, together.answer, together.rows)
    return predicted(task, done, lambda texts: answers(model, texts, task.added))


def _refused_at(part: PartFile, steps: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    # Answers to a table that turns out to be wrong are of no use, since it will be another one when it is right.
    try:
        yield from steps
    except BadInput:
        part.delete()
        raise


def predicted(task: ScoreTask, done: int, answer: Answer, rows: int | None = None) -> Iterator[pa.RecordBatch]:
    """The answers to all rows but the first that are done, a step after the other.

    Args:
        rows: of a step; by default as many as take about a second.
    """
    at_once = rows or FIRST_ROWS
    for batch in task.stream.batches():
        texts = batch.texts(task.text)[done:] if done < len(batch) else []
        done -= min(done, len(batch))
        while texts:
            began = time.perf_counter()
            yield answer(texts[:at_once])
            texts = texts[at_once:]
            if rows is None and time.perf_counter() - began < STEP_SECONDS:
                at_once *= 2


def write_table(task: ScoreTask, part: PartFile) -> Iterator[tuple[int, FileScore | None]]:
    """Write the table with the answers beside it, and say how many rows there are; in the end with what it holds.

    Raises BadInput when it cannot be written; then the answers stay, for another try.
    """
    tally = Tally(task)
    written = False
    try:
        with errors_explained(task.target):
            empty = columns_of(_no_answers(task), task.class_names, task.added)
            kinds = {name: cells.type for name, cells in empty.items()}
            with open_writer(task.half, task.target, task.schema, task.text, kinds) as writer:
                for rows in _write_batches(task, part, writer, tally):
                    yield rows, None
                writer.close()
            task.half.replace(task.target)
            written = True
            if task.answers is None:
                part.delete()
    finally:
        if not written:
            task.half.unlink(missing_ok=True)
    yield tally.rows, tally.score(writer.formulas)


def _write_batches(task: ScoreTask, part: PartFile, writer: TableWriter, tally: Tally) -> Iterator[int]:
    sizes: list[int] = []
    with closing(part.batches(iter(sizes.pop, None))) as found:
        for batch in task.stream.batches():
            sizes.append(len(batch))
            answered, texts = next(found), batch.texts(task.text)
            whole, added = batch.with_texts(task.text, texts), columns_of(answered, task.class_names, task.added)
            writer.write(whole, added)
            tally.keep_first({**whole.columns, **added})
            tally.add(texts, answered, batch.texts(task.label) if task.label else None)
            yield tally.rows


def _no_answers(task: ScoreTask) -> pa.RecordBatch:
    schema = answers_schema(len(task.class_names), task.added)
    return pa.RecordBatch.from_arrays([pa.array([], kind.type) for kind in schema], schema=schema)
