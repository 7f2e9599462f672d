"""A table of one's own, from the file to a data set that is kept: read, looked at, named."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.datasets import ENDINGS, keep_dataset, likely_columns, load_table, read_table
from core.schema import TextDataset
from pages.ui.render.format import counted
from pages.ui.render.tables import beginning
from pages.ui.shared.session import ADDED, UPLOAD, UPLOADS
from pages.ui.shared.widgets import literal, mistakes_shown

FILE_HELP = "The file stays as it is. What is read out of it is kept on the machine that this app runs on."
TEXT_HELP = "What a model reads. It was guessed: the column with the longest texts."
LABEL_HELP = "What a model learns to tell apart. It was guessed by its name, or by how few different values it has."
GROUP_HELP = (
    "Rows with the same value here, such as an author or a conversation, stay in one split, so that a model is not "
    "tested on what it has half seen."
)
FIRST_ROWS = 6


@dataclass(eq=False)
class Upload:
    """A file that somebody has brought, as long as the session lasts.

    Attributes:
        id: of the upload.
        path: where it lies, in a folder of its own that goes with this object.
        frame: its rows.
        read: the data sets that were made of it, by how; the last one only.
    """

    id: str
    path: Path
    frame: pd.DataFrame
    read: dict[tuple[str, str, str | None], TextDataset] = field(default_factory=dict)

    def data(self, text: str, label: str, group: str | None) -> TextDataset:
        """The data set by these columns. Raises BadInput as `load_table` does."""
        how = (text, label, group)
        if how not in self.read:
            self.read = {how: load_table(self.path, text, label, group=group)}
        return self.read[how]


def add_table() -> None:
    """Where a table is read, looked at and kept; then it is the data set that the page shows."""
    turn = st.session_state.setdefault(UPLOADS, 0)  # after each one the widgets are new ones, empty and closed
    with st.expander("Add a table of your own", icon=":material/upload_file:", key=f"add-{turn}"):
        endings = [ending.lstrip(".") for ending in ENDINGS]
        file = st.file_uploader("Table", type=endings, help=FILE_HELP, key=f"table-{turn}")
        if file is None:
            st.caption("A column of texts and a column of classes, with a heading: as CSV, TSV, Parquet or JSON lines.")
            return
        with mistakes_shown():
            _look_and_keep(_uploaded(file))


def split_sizes(data: TextDataset) -> str:
    """What a table gives: documents, classes, splits, and how many rows were left out."""
    documents = sum(map(len, data.splits.values()))
    sizes = f"{len(data.train):,} to learn from, {len(data.valid):,} to choose by, {len(data.test):,} to test"
    told = f"{counted(documents, 'document')} of {len(data.class_names):,} classes: {sizes}."
    if not data.left_out:
        return told
    left_out = f"{counted(data.left_out, 'row')} without a text or a class, or with a text that stood above"
    return f"{told} {left_out}: left out."


def first_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """The first rows of a table, each cell's beginning."""
    return frame.head(FIRST_ROWS).astype(str).map(beginning)


def _uploaded(file: Any) -> Upload:
    upload = st.session_state.get(UPLOAD)
    if not isinstance(upload, Upload) or upload.id != file.file_id:
        folder = tempfile.mkdtemp(prefix="whyword-")
        path = Path(folder) / Path(file.name).name
        path.write_bytes(file.getbuffer())
        try:
            upload = Upload(file.file_id, path, read_table(path))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        weakref.finalize(upload, shutil.rmtree, folder, ignore_errors=True)
        st.session_state[UPLOAD] = upload
    return upload


def _look_and_keep(upload: Upload) -> None:
    st.dataframe(first_rows(upload.frame), hide_index=True, height="content", alt="The first rows of the table")
    text, label, group = _pick_columns(upload)
    data = upload.data(text, label, group)
    st.markdown(literal(split_sizes(data)))
    name_box, button_box = st.columns([3, 1], vertical_alignment="bottom")
    name = name_box.text_input("Name of the data set", data.name, max_chars=45, key=f"name-{upload.id}").strip()
    if button_box.button("Add this data set", type="primary", icon=":material/add:"):
        named = load_table(upload.path, text, label, name=name, group=group)
        st.session_state[ADDED] = keep_dataset(named, upload.path, text, label, group).name
        st.session_state[UPLOADS] += 1
        del st.session_state[UPLOAD]
        st.rerun()


def _pick_columns(upload: Upload) -> tuple[str, str, str | None]:
    names = list(upload.frame.columns)
    likely_text, likely_label = likely_columns(upload.frame)
    text_box, label_box, group_box = st.columns(3)
    text = text_box.selectbox(
        "Column of texts", names, names.index(likely_text), key=f"text-{upload.id}", help=TEXT_HELP
    )
    others = [name for name in names if name != text]
    if not others:
        st.info("A model needs a second column with the class of each text; add one to the table.")
        st.stop()
    first = others.index(likely_label) if likely_label in others else 0
    label = label_box.selectbox("Column of classes", others, first, key=f"label-{upload.id}", help=LABEL_HELP)
    rest = [name for name in others if name != label]
    group = group_box.selectbox(
        "Keep together", rest, index=None, key=f"group-{upload.id}", placeholder="Every row alone", help=GROUP_HELP
    )
    return text, label, group
