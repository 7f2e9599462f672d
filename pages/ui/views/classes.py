"""How right a model is on each class, and which ones it mixes up."""

import streamlit as st

from core.checkpoints import ModelInfo
from core.schema import Evaluation
from pages.ui import helps, tables, widgets
from pages.ui.views.mistakes import open_cell


def show(info: ModelInfo, result: Evaluation) -> None:
    """The report by class beside the most frequent mix-ups."""
    by_class, mixed = st.columns([3, 2], gap="medium")
    with by_class:
        st.subheader("By class", help=helps.REPORT_HELP)
        widgets.table(tables.report_table(result), "Precision, recall and F1 by class")
    with mixed:
        st.subheader("Most frequent mix-ups")
        _mixups(result)


def _mixups(result: Evaluation) -> None:
    frame = tables.mixups(result, most=10)
    if frame.empty:
        st.caption("Every test document got the right class.")
        return

    def open_row() -> None:
        for row in st.session_state["mixups"].selection.rows:
            open_cell(*frame.loc[row, ["True class", "Called"]])

    st.caption("Pick a row to see its documents.")
    st.dataframe(
        frame,
        hide_index=True,
        key="mixups",
        on_select=open_row,
        selection_mode="single-row",
        height="content",
        alt="The most frequent mix-ups",
    )
