"""How right a model is on each class, and which ones it mixes up."""

import streamlit as st

from core.checkpoints import ModelInfo
from core.schema import Evaluation
from pages.ui import helps, tables, widgets


def show(info: ModelInfo, result: Evaluation) -> None:
    """The report by class beside the most frequent mix-ups."""
    by_class, mixed = st.columns([3, 2], gap="medium")
    with by_class:
        st.subheader("By class", help=helps.REPORT_HELP)
        widgets.table(tables.report_table(result), "Precision, recall and F1 by class")
    with mixed:
        st.subheader("Most frequent mix-ups")
        widgets.table(tables.mixups(result), "The most frequent mix-ups")
