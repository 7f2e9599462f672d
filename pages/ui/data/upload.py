"""A table of one's own, from the file to a data set that is kept: read, looked at, named."""

from __future__ import annotations

import shutil
import weakref
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.coach import remarks_on
from core.datasets import ENDINGS, keep_dataset, likely_columns, read_rows
from core.datasets.columns import SAMPLE
from core.datasets.tables import MIN_TEXTS_PER_CLASS, TableRows, fit_name, from_rows
from core.errors import BadInput
from core.schema import TableChoices, TableFormat, TableOptions, TextDataset
from core.schema.coaching import Remark
from pages.ui.data.coach import show_remarks
from pages.ui.data.ways import WAYS, pick_way, set_way
from pages.ui.render.format import counted
from pages.ui.render.tables import first_rows, height_of
from pages.ui.shared.background import made
from pages.ui.shared.session import ADDED, UPLOAD, UPLOADS
from pages.ui.shared.turns import TURNS
from pages.ui.shared.uploaded import keep_upload, most_megabytes
from pages.ui.shared.widgets import literal, mistakes_shown
from pages.ui.shared.written import pick_written, read_as_chosen

FILES = (
    "A column of texts and a column of classes: as CSV, TSV, Excel, Parquet or JSON, packed or not; or a zip of texts "
    "in a folder for each class."
)
FILE_HELP = "The file stays as it is. What is read out of it is kept on the machine that this app runs on."
TEXT_HELP = "What a model reads. It was guessed: the column with the longest texts."
LABEL_HELP = "What a model learns to tell apart. It was guessed by its name, or by how few different values it has."
FIRST_ROWS = 6
KEPT_BYTES = 64_000_000  # of a file whose rows stay in memory; those of a larger one are read again for other choices
OF_COLUMNS = ("text", "label", "options", *filter(None, WAYS.values()))


@dataclass(eq=False)
class Upload:
    """A file that somebody has brought, as long as the session lasts.

    Attributes:
        id: of the upload.
        path: where it lies, in a folder of its own that goes with this object.
        options: how it was read last; None before it was.
        rows: what was read, unless it is large.
        first: its first rows, from which the columns are guessed.
        format: how it is written.
        remedies: what was chosen to be done, fields of `TableChoices`.
        asked: choices that the pickers are to show from the next run on.
        made: the data set that was made of it last with what was noticed about it, by its choices.
    """

    id: str
    path: Path
    options: TableOptions | None = None
    rows: TableRows | None = None
    first: pd.DataFrame | None = None
    format: TableFormat | None = None
    remedies: dict[str, Any] = field(default_factory=lambda: {"min_rows": MIN_TEXTS_PER_CLASS})
    asked: TableChoices | None = None
    made: dict[TableChoices, tuple[TextDataset, tuple[Remark, ...]]] = field(default_factory=dict)

    def read(self, options: TableOptions) -> None:
        """Read the file, unless it was read so before. Raises BadInput; then there are no first rows."""
        if options != self.options:
            self.options, self.rows, self.first, self.format = options, None, None, None
            with TURNS.taken():
                rows = read_rows(self.path, options)
            if options != self.options:
                return  # other options were chosen meanwhile
            self.first, self.format = rows.frame.head(SAMPLE).copy(), rows.format
            self.rows = rows if self.path.stat().st_size <= KEPT_BYTES else None

    def dataset(self, choices: TableChoices) -> tuple[TextDataset, tuple[Remark, ...]]:
        """The data set by these choices, and what was noticed about it. Raises BadInput as `from_rows` does."""
        found = self.made.get(choices)
        if found is None:
            with TURNS.taken():
                rows = self.rows or read_rows(self.path, choices.options)
                data = from_rows(rows, choices, self.path)
                found = data, remarks_on(data)
            self.made = {choices: found}
        return found

    def ask(self, choices: TableChoices) -> None:
        """Take choices up for the next run."""
        self.asked = choices
        self.remedies = {name: getattr(choices, name) for name in asdict(choices) if name not in OF_COLUMNS}


def add_table() -> None:
    """Where a table is read, looked at and kept; then it is the data set that the page shows."""
    turn = st.session_state.setdefault(UPLOADS, 0)  # after each one the widgets are new ones, empty and closed
    with st.expander(":material/upload_file: Add a table of your own", key=f"add-{turn}"):
        endings = [*(ending.lstrip(".") for ending in ENDINGS), "gz"]
        file = st.file_uploader(
            "Table", type=endings, max_upload_size=most_megabytes(), help=FILE_HELP, key=f"table-{turn}"
        )
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


def _uploaded(file: Any) -> Upload:
    upload = st.session_state.get(UPLOAD)
    if not isinstance(upload, Upload) or upload.id != file.file_id:
        upload = st.session_state[UPLOAD] = Upload(file.file_id, keep_upload(file))
        weakref.finalize(upload, shutil.rmtree, upload.path.parent, ignore_errors=True)
    return upload


def _look_and_keep(upload: Upload) -> None:
    if not read_as_chosen(upload, "Reading the table …"):
        return
    pick_written(upload.id, upload.path, upload.format)
    if upload.first is None:
        return
    first = first_rows(upload.first, FIRST_ROWS)
    st.dataframe(first, hide_index=True, height=height_of(first), alt="The first rows of the table")
    choices = _choose(upload, upload.first)
    looked_over = made("look", (upload.id, choices), partial(upload.dataset, choices), "Looking the table over …")
    if looked_over is None:
        return
    data, remarks = looked_over.result()
    _tell(data)
    asked = show_remarks(remarks, choices, upload.id)
    if asked is not None:
        upload.ask(asked)
        st.rerun()
    _keep(upload, data, remarks)


def _keep(upload: Upload, data: TextDataset, remarks: tuple[Remark, ...]) -> None:
    name_box, button_box = st.columns([3, 1], vertical_alignment="bottom")
    name = name_box.text_input("Name of the data set", data.name, max_chars=40, key=f"name-{upload.id}").strip()
    if button_box.button("Add this data set", type="primary", icon=":material/add:"):
        st.session_state[ADDED] = keep_dataset(data.named(fit_name(name or data.name)), upload.path, remarks).name
        st.session_state[UPLOADS] += 1
        del st.session_state[UPLOAD]
        st.rerun()


def _tell(data: TextDataset) -> None:
    """What the table gives, and how the splits were made."""
    st.markdown(f"**{literal(split_sizes(data))}**")
    if data.report:
        st.caption(literal(data.report.split))


def _choose(upload: Upload, first: pd.DataFrame) -> TableChoices:
    if upload.asked is not None:
        set_way(upload.id, upload.asked)
        upload.asked = None
    names = [str(name) for name in first.columns]
    likely_text, likely_label = likely_columns(first)
    text_box, label_box = st.columns(2)
    place = names.index(likely_text)
    text = text_box.selectbox("Column of texts", names, place, key=f"text-{upload.id}", help=TEXT_HELP)
    others = [name for name in names if name != text]
    if not others:
        raise BadInput("A model needs a second column with the class of each text; add one to the table.")
    place = others.index(likely_label) if likely_label in others else 0
    label = label_box.selectbox("Column of classes", others, place, key=f"label-{upload.id}", help=LABEL_HELP)
    way = pick_way(upload.id, first, text, label)
    choices = TableChoices(text=text, label=label, **way, options=upload.options or TableOptions())
    return replace(choices, **upload.remedies)
