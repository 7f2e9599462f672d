"""The table while it is written: by a thread, a batch behind what is answered."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress

import pyarrow as pa

from core.datasets.tables.stream import TableBatch
from core.scoring.columns import answers_schema, columns_of
from core.scoring.task import FileScore, ScoreTask, Tally
from core.scoring.writing import errors_explained, open_writer


class TableBehind:
    """A table that is written beside its place, and put there when it is whole.

    Args:
        task: what is scored.

    Raises BadInput when nothing can be written there.
    """

    def __init__(self, task: ScoreTask) -> None:
        self.task, self.tally = task, Tally(task)
        self._held = ExitStack()
        self._thread = self._held.enter_context(ThreadPoolExecutor(1))
        self._last: Future[None] | None = None
        kinds = {name: cells.type for name, cells in self._added(_no_answers(task)).items()}
        with errors_explained(task.target):
            opened = open_writer(task.half, task.target, task.schema, task.text, kinds)
            self._writer = self._held.enter_context(opened)

    def write(self, batch: TableBatch, texts: Sequence[str], answered: pa.RecordBatch) -> None:
        """Write a batch with its answers, once the one before is written. Raises BadInput when that could not be."""
        self._wait()
        self._last = self._thread.submit(self._write, batch, texts, answered)

    def finish(self) -> FileScore:
        """Put the whole table in its place, and say what it holds. Raises BadInput when it cannot be written."""
        self._wait()
        with errors_explained(self.task.target):
            self._writer.close()
            self._held.close()
            self.task.half.replace(self.task.target)
        return self.tally.score(self._writer.formulas)

    def close(self) -> None:
        """Take away what is written, unless it was put in its place."""
        with suppress(OSError, pa.ArrowException):  # nobody wants it any more
            self._held.close()
        self.task.half.unlink(missing_ok=True)

    def _wait(self) -> None:
        if self._last is not None:
            with errors_explained(self.task.target):
                self._last.result()

    def _write(self, batch: TableBatch, texts: Sequence[str], answered: pa.RecordBatch) -> None:
        added, label = self._added(answered), self.task.label
        self._writer.write(batch, added)
        self.tally.keep_first({**batch.columns, **added})
        self.tally.add(texts, answered, batch.texts(label) if label else None)

    def _added(self, answered: pa.RecordBatch) -> dict[str, pa.Array]:
        return columns_of(answered, self.task.class_names, self.task.added)


def _no_answers(task: ScoreTask) -> pa.RecordBatch:
    schema = answers_schema(len(task.class_names), task.added)
    return pa.RecordBatch.from_arrays([pa.array([], kind.type) for kind in schema], schema=schema)
