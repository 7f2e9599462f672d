"""The file that somebody brings to have it predicted."""

from __future__ import annotations

import shutil
import weakref
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import pandas as pd
import streamlit as st

from core.datasets import ENDINGS, TableStream, open_table
from core.datasets.columns import SAMPLE
from core.errors import BadInput
from core.format import counted, size
from core.limits import limits
from core.schema import TableOptions
from pages.ui.shared.session import SCORE_FILE
from pages.ui.shared.turns import TURNS
from pages.ui.shared.uploaded import keep_upload, most_megabytes
from pages.ui.shared.written import pick_written, read_as_chosen

FILE_HELP = "A table of any kind, packed or not; or a .txt with a text a line. It stays on the app's machine."


@dataclass(frozen=True, eq=False)
class ScoreFile:
    """A file to be predicted, as it was read.

    Attributes:
        id: of the upload.
        folder: of its own, which is there as long as the session lasts.
        stream: the table.
        first: its first rows.
        gone: set when the session has ended.
    """

    id: str
    folder: Path
    stream: TableStream
    first: pd.DataFrame
    gone: Event


@dataclass(eq=False)
class Brought:
    """A file that somebody has brought, as long as the session lasts.

    Attributes:
        id: of the upload.
        path: where it lies, in a folder of its own that goes with this object.
        gone: set when the session has ended.
        options: how it was read last; None before it was.
        file: what was read; None where it cannot be.
    """

    id: str
    path: Path
    gone: Event
    options: TableOptions | None = None
    file: ScoreFile | None = None

    def read(self, options: TableOptions) -> None:
        """Look through the file, unless it was read so before. Raises BadInput; then there is no table."""
        if options == self.options:
            return
        self.options, self.file = options, None
        with TURNS.taken():
            stream = open_table(self.path, options)
            _check_rows(stream)
            batch = next(iter(stream.batches()))
        cells = {name: _values(column[:SAMPLE]) for name, column in batch.columns.items()}
        if options != self.options:
            return  # other options were chosen meanwhile
        self.file = ScoreFile(self.id, self.path.parent, stream, pd.DataFrame(cells, dtype=object), self.gone)


def pick_file() -> ScoreFile | None:
    """Where a file is brought; None when there is none yet."""
    endings = [*(ending.lstrip(".") for ending in ENDINGS), "gz"]
    file = st.file_uploader("File", type=endings, max_upload_size=most_megabytes(), help=FILE_HELP, key="score-upload")
    if file is None:
        if bounds := _bounds():
            st.caption(f"Others work on this server too, so a file may have {bounds} here.")
        return None
    known = st.session_state.get(SCORE_FILE)
    if not isinstance(known, Brought) or known.id != file.file_id:
        known = st.session_state[SCORE_FILE] = _brought(file)
    if not read_as_chosen(known, "Looking through the file …"):
        return None
    pick_written(known.id, known.path, known.file.stream.format if known.file else None)
    return known.file


def _brought(file: Any) -> Brought:
    brought = Brought(file.file_id, keep_upload(file), Event())
    weakref.finalize(brought, _leave, brought.path.parent, brought.gone)
    return brought


def _bounds() -> str:
    # In words what a file may have; "" where it may have anything.
    most = limits()
    rows = [counted(most.most_rows, "row")] if most.most_rows else []
    return " and ".join([*rows, *([size(most.largest_table)] if most.largest_table else [])])


def _check_rows(stream: TableStream) -> None:
    most = limits().most_rows
    if stream.rows > most > 0:
        raise BadInput(f"This file has {stream.rows:,} rows; it may have {most:,} here, so bring a part of it.")


def _values(column: Any) -> list[Any]:
    return list(column.to_pylist() if hasattr(column, "to_pylist") else column)


def _leave(folder: Path, gone: Event) -> None:
    gone.set()
    shutil.rmtree(folder, ignore_errors=True)
