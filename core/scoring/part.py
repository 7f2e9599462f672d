"""Answers that are kept beside the output while they are made, so that a run that was stopped goes on.

The file is an Arrow stream. Its head says in JSON what the answers belong to: input, model and options; behind it comes
a batch after the other. A run that was killed while it wrote one leaves a piece of it at the end, which is cut off.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
from filelock import FileLock, Timeout

from core.errors import BadInput

_BELONGS_TO = b"whyword"


@contextmanager
def only_run(path: Path, target: Path) -> Iterator[None]:
    """Keep other runs, of this machine and of others on the same disk, from the same answers.

    Raises BadInput where one is at work on them, and OSError.
    """
    lock = FileLock(path.with_name(f"{path.name}.lock"), thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BadInput(
            f"Another run is at work on {target}; wait for its end, or choose another name for the output."
        ) from None
    try:
        yield
    finally:
        lock.release()
        with suppress(OSError):
            Path(lock.lock_file).unlink()


class KeptAnswers:
    """Answers that are read from the first one on, while others may be written behind them.

    Args:
        path: where they lie.
    """

    def __init__(self, path: Path) -> None:
        self._file = pa.OSFile(str(path))
        self._stream = pa.ipc.open_stream(self._file)
        self._rest = pa.Table.from_batches([], self._stream.schema)

    def take(self, rows: int) -> pa.RecordBatch:
        """The next ones."""
        while len(self._rest) < rows:
            self._rest = pa.concat_tables([self._rest, pa.Table.from_batches([self._stream.read_next_batch()])])
        taken, self._rest = self._rest.slice(0, rows), self._rest.slice(rows)
        return one_batch(taken)

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()
        self._file.close()


def one_batch(table: pa.Table) -> pa.RecordBatch:
    """All rows of a table in one batch."""
    found = table.combine_chunks().to_batches()
    return found[0] if found else pa.RecordBatch.from_pylist([], schema=table.schema)


class PartFile:
    """The answers so far.

    Args:
        path: where they lie.
        schema: of their batches.
        belongs_to: what they are answers of; the file is begun anew where it belongs to something else.
        restart: begin anew in any case.

    Attributes:
        rows: how many it holds.
        is_resumed: whether it held some from before.
        replaced: whether answers of another run were there.

    Raises OSError.
    """

    def __init__(self, path: Path, schema: pa.Schema, belongs_to: Mapping[str, Any], *, restart: bool = False) -> None:
        self.path = path
        self.schema = schema.with_metadata({_BELONGS_TO: json.dumps(belongs_to, sort_keys=True)})
        self.rows, end = (0, 0) if restart else self._whole()
        self.is_resumed = self.rows > 0
        self.replaced = path.exists() and not end
        self._file: BinaryIO = path.open("r+b" if end else "wb")
        self._file.seek(end)
        self._file.truncate()
        if not end:
            self._file.write(self.schema.serialize())
            self._file.flush()

    def append(self, batch: pa.RecordBatch) -> None:
        """Keep a batch. Raises OSError."""
        self._file.write(batch.serialize())
        self._file.flush()
        self.rows += len(batch)

    def answers(self) -> KeptAnswers:
        """The answers from the first one on; to be closed."""
        return KeptAnswers(self.path)

    def close(self) -> None:
        """Let go of the file, which stays for the next run."""
        self._file.close()

    def delete(self) -> None:
        """Take the file away, when it is no longer needed."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _whole(self) -> tuple[int, int]:
        # Rows of the batches that were written to their end, and where that is; nothing of a file of another run.
        rows, end = 0, 0
        try:
            with pa.OSFile(str(self.path)) as source:
                found = pa.ipc.read_schema(source)
                if not found.equals(self.schema, check_metadata=True):
                    return 0, 0
                end = source.tell()
                while True:
                    rows += len(pa.ipc.read_record_batch(pa.ipc.read_message(source), found))
                    end = source.tell()
        except (EOFError, OSError, pa.ArrowException):
            return rows, end
