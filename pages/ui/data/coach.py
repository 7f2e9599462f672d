"""What is worth a look about a table, with the rows and a button for each thing that can be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.coach import applied_remedies, remedied
from core.schema import TableChoices
from core.schema.coaching import Remark, Weight
from pages.ui.render.tables import beginning, height_of
from pages.ui.shared.widgets import literal
from pages.ui.shared.wording import on_page

ICONS = {Weight.SPOILS: ":material/error:", Weight.LOOK: ":material/visibility:", Weight.NOTE: ":material/info:"}
TITLE_HELP = (
    "What was noticed about the table, what matters most first. Nothing is done unless you choose it; what you choose "
    "is kept with the data set and can be undone. The file stays as it is."
)
NOTHING = (
    "Nothing stands out: no copies, odd characters, contradicting or similar labels, small classes, or rows that are "
    "on both sides of the splits."
)
MOST_HEIGHT = 320  # pixels of a list of rows


def show_remarks(
    remarks: Sequence[Remark], choices: TableChoices, key: str, *, can_choose: bool = True
) -> TableChoices | None:
    """All remarks and what is in force of their remedies; the choices that a button asks for, None while none does."""
    st.header("Worth a look", help=TITLE_HELP)
    asked = _undone(choices, key) if can_choose else None
    if not remarks:
        st.caption(NOTHING)
    for place, remark in enumerate(remarks):
        with st.expander(f"{ICONS[remark.weight]} {literal(on_page(remark.sentence))}", key=f"remark-{key}-{place}"):
            if remark.rows:
                rows = rows_table(remark)
                height = height_of(rows, MOST_HEIGHT)
                st.dataframe(rows, hide_index=True, height=height, alt="The first rows that it concerns")
            if can_choose:
                asked = _chosen(remark, choices, f"{key}-{place}") or asked
    return asked


def rows_table(remark: Remark) -> pd.DataFrame:
    """The rows of a remark: where they stand, their class, the text's beginning, and what it is to be compared with."""
    columns: dict[str, list[Any]] = {
        "Line": [row.place for row in remark.rows],
        "Class": [row.label for row in remark.rows],
        "Text": [beginning(row.text) for row in remark.rows],
        "Compared with": [beginning(row.beside) for row in remark.rows],
    }
    return pd.DataFrame({name: cells for name, cells in columns.items() if any(cells)})


def _chosen(remark: Remark, choices: TableChoices, key: str) -> TableChoices | None:
    asked = None
    with st.container(horizontal=True):
        for place, remedy in enumerate(remark.remedies):
            if st.button(literal(remedy.title), key=f"remedy-{key}-{place}"):
                asked = remedied(choices, remedy)
    return asked


def _undone(choices: TableChoices, key: str) -> TableChoices | None:
    asked = None
    for place, applied in enumerate(applied_remedies(choices)):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/check: {literal(applied.sentence)}.")
            if st.button("Undo", icon=":material/undo:", type="tertiary", key=f"undo-{key}-{place}"):
                asked = applied.before
    return asked
