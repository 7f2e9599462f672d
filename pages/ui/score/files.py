"""The file that somebody brings to have it predicted."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass, replace
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
from pages.ui.shared.session import SCORE_FILE

FILE_HELP = "A table of any kind, packed or not; or a .txt with a text a line. It stays on the app's machine."


@dataclass(eq=False)
class ScoreFile:
    """A file to be predicted, as long as the session lasts.

    Attributes:
        id: of the upload.
        folder: of its own, which goes with this object.
        stream: the table.
        first: its first rows.
        gone: set when the session has ended.
    """

    id: str
    folder: Path
    stream: TableStream
    first: pd.DataFrame
    gone: Event


def pick_file() -> ScoreFile | None:
    """Where a file is brought; None when there is none yet."""
    endings = [*(ending.lstrip(".") for ending in ENDINGS), "gz"]
    file = st.file_uploader("File", type=endings, help=FILE_HELP, key="score-upload")
    if file is None:
        if bounds := _bounds():
            st.caption(f"Others work on this server too, so a file may have {bounds} here.")
        return None
    known = st.session_state.get(SCORE_FILE)
    if not isinstance(known, ScoreFile) or known.id != file.file_id:
        with st.spinner("Looking through the file …"):
            known = st.session_state[SCORE_FILE] = _kept(file)
    return known


def _kept(file: Any) -> ScoreFile:
    folder = Path(tempfile.mkdtemp(prefix="whyword-"))
    try:
        path = folder / Path(file.name).name
        path.write_bytes(file.getbuffer())
        stream = open_table(path)
        _check_rows(stream)
        batch = next(iter(stream.batches()))
        cells = {name: _values(column[:SAMPLE]) for name, column in batch.columns.items()}
        gone = Event()
        kept = ScoreFile(file.file_id, folder, replace(stream, path=path), pd.DataFrame(cells, dtype=object), gone)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(kept, _leave, folder, gone)
    return kept


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
