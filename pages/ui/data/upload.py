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

from core.datasets import ENDINGS, keep_dataset, likely_columns, load_chosen, read_rows
from core.datasets.columns import SAMPLE
from core.datasets.tables.labels import MIN_TEXTS_PER_CLASS
from core.errors import BadInput
from core.schema import TextDataset
from core.schema.tables import TableChoices
from pages.ui.render.format import counted
from pages.ui.render.tables import beginning
from pages.ui.shared.session import ADDED, UPLOAD, UPLOADS
from pages.ui.shared.widgets import literal, mistakes_shown

FILES = (
    "A column of texts and a column of classes: as CSV, TSV, Excel, Parquet or JSON, packed or not; or a zip of texts "
    "in a folder for each class."
)
FILE_HELP = "The file stays as it is. What is read out of it is kept on the machine that this app runs on."
TEXT_HELP = "What a model reads. It was guessed: the column with the longest texts."
LABEL_HELP = "What a model learns to tell apart. It was guessed by its name, or by how few different values it has."
GROUP_HELP = (
    "Rows with the same value here, such as an author or a conversation, stay in one split, so that a model is not "
    "tested on what it has half seen."
)
MERGE_HELP = "Such as “good”, “Good” and “GOOD” become one class. The most frequent spelling names the class."
SMALL_HELP = (
    "So few can hardly be learned, and say nothing when tested. Unless they are left out, such a table is refused."
)
FIRST_ROWS = 6


@dataclass(eq=False)
class Upload:
    """A file that somebody has brought, as long as the session lasts.

    Attributes:
        id: of the upload.
        path: where it lies, in a folder of its own that goes with this object.
        first: its first rows, from which the columns are guessed.
        data: the data set that was made of it last, and by which choices.
    """

    id: str
    path: Path
    first: pd.DataFrame
    data: dict[TableChoices, TextDataset] = field(default_factory=dict)

    def dataset(self, choices: TableChoices) -> TextDataset:
        """The data set by these choices. Raises BadInput as `load_chosen` does."""
        if choices not in self.data:
            self.data = {choices: load_chosen(self.path, choices)}
        return self.data[choices]


def add_table() -> None:
    """Where a table is read, looked at and kept; then it is the data set that the page shows."""
    turn = st.session_state.setdefault(UPLOADS, 0)  # after each one the widgets are new ones, empty and closed
    with st.expander("Add a table of your own", icon=":material/upload_file:", key=f"add-{turn}"):
        endings = [*(ending.lstrip(".") for ending in ENDINGS), "gz"]
        file = st.file_uploader("Table", type=endings, help=FILE_HELP, key=f"table-{turn}")
        if file is None:
            st.caption(FILES)
            return
        with mistakes_shown():
            _look_and_keep(_uploaded(file))


def split_sizes(data: TextDataset) -> str:
    """What a table gives: documents, classes and splits."""
    documents = sum(map(len, data.splits.values()))
    sizes = f"{len(data.train):,} to learn from, {len(data.valid):,} to choose by, {len(data.test):,} to test"
    return f"{counted(documents, 'document')} of {len(data.class_names):,} classes: {sizes}."


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
            upload = Upload(file.file_id, path, read_rows(path).frame.head(SAMPLE).copy())
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        weakref.finalize(upload, shutil.rmtree, folder, ignore_errors=True)
        st.session_state[UPLOAD] = upload
    return upload


def _look_and_keep(upload: Upload) -> None:
    st.dataframe(first_rows(upload.first), hide_index=True, height="content", alt="The first rows of the table")
    choices = _choose(upload)
    data = upload.dataset(choices)
    _tell(data)
    name_box, button_box = st.columns([3, 1], vertical_alignment="bottom")
    name = name_box.text_input("Name of the data set", data.name, max_chars=40, key=f"name-{upload.id}").strip()
    if button_box.button("Add this data set", type="primary", icon=":material/add:"):
        named = data if name == data.name else load_chosen(upload.path, choices, name=name)
        st.session_state[ADDED] = keep_dataset(named, upload.path).name
        st.session_state[UPLOADS] += 1
        del st.session_state[UPLOAD]
        st.rerun()


def _tell(data: TextDataset) -> None:
    """What the table gives, how it was read and what was left out."""
    st.markdown(f"**{literal(split_sizes(data))}**")
    for sentence in data.report.sentences if data.report else ():
        st.caption(literal(sentence))


def _choose(upload: Upload) -> TableChoices:
    names = [str(name) for name in upload.first.columns]
    likely_text, likely_label = likely_columns(upload.first)
    text_box, label_box, group_box = st.columns(3)
    first = names.index(likely_text)
    text = text_box.selectbox("Column of texts", names, first, key=f"text-{upload.id}", help=TEXT_HELP)
    others = [name for name in names if name != text]
    if not others:
        raise BadInput("A model needs a second column with the class of each text; add one to the table.")
    first = others.index(likely_label) if likely_label in others else 0
    label = label_box.selectbox("Column of classes", others, first, key=f"label-{upload.id}", help=LABEL_HELP)
    rest = [name for name in others if name != label]
    group = group_box.selectbox(
        "Keep together", rest, index=None, key=f"group-{upload.id}", placeholder="Every row alone", help=GROUP_HELP
    )
    return TableChoices(text=text, label=label, group=group, **_remedies(upload))


def _remedies(upload: Upload) -> dict[str, Any]:
    """What may be done about labels that are alike and about small classes."""
    merge_box, small_box = st.columns(2)
    merge = merge_box.checkbox("Merge labels that differ in case or spaces", key=f"merge-{upload.id}", help=MERGE_HELP)
    leave_out = small_box.checkbox(
        f"Leave out classes with fewer than {MIN_TEXTS_PER_CLASS} texts", key=f"small-{upload.id}", help=SMALL_HELP
    )
    return {"merge_labels": merge, "min_rows": MIN_TEXTS_PER_CLASS if leave_out else None}
