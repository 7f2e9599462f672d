"""A table through a model: a batch is read ahead, answered step by step, and written behind while the next is."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from typing import NamedTuple

import pyarrow as pa

from core.datasets.tables.stream import TableBatch
from core.errors import BadInput
from core.predictor import Predictor
from core.scoring.behind import TableBehind
from core.scoring.columns import answers, answers_schema
from core.scoring.part import PartFile, one_batch, only_run
from core.scoring.task import FileScore, ScoreProgress, ScoreTask
from core.scoring.writing import errors_explained

FIRST_ROWS = 1024  # of a step; then more each time, as long as a step takes less than a second
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


class Steps:
    """Texts to answers, a step after the other.

    Args:
        answer: to the texts of a step.
        rows: of a step; None for as many as take about a second.
    """

    def __init__(self, answer: Answer, rows: int | None = None) -> None:
        self.answer, self.is_fixed = answer, rows is not None
        self.rows = rows or FIRST_ROWS

    def over(self, texts: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The answers to all of these, in their order."""
        done = 0
        while done < len(texts):
            began, step = time.perf_counter(), texts[done : done + self.rows]
            yield self.answer(step)
            done += len(step)
            if not self.is_fixed and len(step) == self.rows:
                self.rows *= _growth(time.perf_counter() - began)


def _growth(seconds: float) -> int:
    # How many times as many rows the next step may have, after one that took so long.
    if seconds >= STEP_SECONDS:
        return 1
    return 8 if 8 * seconds < STEP_SECONDS else 2


class _Batch(NamedTuple):
    """Some rows of the input, and the texts in them."""

    rows: TableBatch
    texts: list[str]


class _Whole(NamedTuple):
    """A batch with all its answers, and whether an earlier run has made these."""

    batch: _Batch
    answered: pa.RecordBatch
    is_kept: bool


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
    with _answers_so_far(task, restart) as part, closing(TableBehind(task)) as table:
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

        done = 0
        try:
            yield beginning
            steps = _steps(model, task, part.rows, together)
            with closing(_refused_at(part, _answered(task, part, steps))) as found:
                for each in found:
                    if isinstance(each, _Whole):
                        table.write(each.batch.rows, each.batch.texts, each.answered)
                        done += len(each.answered)
                        yield progress("writing" if each.is_kept else "predicting", done)
                    else:
                        with errors_explained(task.target):
                            part.append(each)
                        yield progress("predicting", part.rows)
            score = table.finish()
            if task.answers is None:
                part.delete()
            yield progress("done", score.rows, score)
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


def _steps(model: Predictor, task: ScoreTask, done: int, together: Together | None) -> Steps:
    if together is not None:
        together.begin(done)
        return Steps(together.answer, together.rows)
    return Steps(lambda texts: answers(model, texts, task.added))


def _refused_at(part: PartFile, found: Generator[pa.RecordBatch | _Whole]) -> Generator[pa.RecordBatch | _Whole]:
    # Answers to a table that turns out to be wrong are of no use, since it will be another one when it is right.
    with closing(found):
        try:
            yield from found
        except BadInput:
            part.delete()
            raise


def _answered(task: ScoreTask, part: PartFile, steps: Steps) -> Generator[pa.RecordBatch | _Whole]:
    # New answers, which are to be kept, and behind those of a batch the whole of it.
    left = part.rows  # of an earlier run
    with closing(part.answers()) as earlier, closing(read_ahead(task)) as batches:
        for batch in batches:
            known = min(left, len(batch.texts))
            left -= known
            found = [earlier.take(known)]
            for fresh in steps.over(batch.texts[known:]):
                yield fresh
                found.append(fresh)
            whole = one_batch(pa.Table.from_batches(found, part.schema))
            yield _Whole(batch, whole, known == len(batch.texts))


def read_ahead(task: ScoreTask) -> Generator[_Batch]:
    """The batches of the input with their texts, of which the next is read in a thread while one is worked on."""
    with closing(_batches(task)) as batches, ThreadPoolExecutor(1) as thread:
        following = thread.submit(next, batches, None)
        while (batch := following.result()) is not None:
            following = thread.submit(next, batches, None)
            yield batch


def _batches(task: ScoreTask) -> Generator[_Batch]:
    for rows in task.stream.batches():
        texts = rows.texts(task.text)
        yield _Batch(rows.with_texts(task.text, texts), texts)


def predicted(task: ScoreTask, done: int, answer: Answer, rows: int) -> Iterator[pa.RecordBatch]:
    """The answers to all rows but the first that are done, so many at a time; nothing is written."""
    steps = Steps(answer, rows)
    with closing(read_ahead(task)) as batches:
        for batch in batches:
            yield from steps.over(batch.texts[min(done, len(batch.texts)) :])
            done -= min(done, len(batch.texts))
