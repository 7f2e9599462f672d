"""The figures above every view: how right a model is on the test documents."""

from __future__ import annotations

import streamlit as st

from core.evaluation import only_class_sentence
from core.schema import Evaluation
from pages.ui.render.charts import LOSS_HELP
from pages.ui.render.format import counted, percent
from pages.ui.shared.widgets import METRIC_HEIGHT, literal

ACCURACY_HELP = "How many of the test documents get the right class."
F1_HELP = (
    "F1 balances two things for a class: how many of its documents are found, and how many of those found are right. "
    "This is the mean over the classes, so that a small class counts as much as a large one."
)
ECE_HELP = (
    "How far the model's confidence is from its success: with 5%, answers given with 90% are right in about 85% or "
    "95% of cases. Mean over 15 levels of confidence; 0 is best."
)


def measured_sentence(evaluation: Evaluation) -> str:
    """What the figures of an evaluation were measured on."""
    documents = counted(len(evaluation), "document")
    by = "on which no weights were learned and no epoch was chosen"
    return f"Measured on {documents} of the {evaluation.split} split, {by}."


def show_metrics(result: Evaluation) -> None:
    """The four figures, what they were measured on, and a warning where one class was given to all."""
    show_figures(result)
    st.caption(measured_sentence(result))
    if sentence := only_class_sentence(result):
        st.warning(literal(sentence), icon=":material/looks_one:")


def show_figures(result: Evaluation) -> None:
    """The four figures."""
    with st.grid(4, min_column_width=150, row_height=METRIC_HEIGHT):
        st.metric("Accuracy", percent(result.accuracy), help=ACCURACY_HELP, border=True)
        st.metric("Macro F1", percent(result.macro_f1), help=F1_HELP, border=True)
        st.metric("Loss", f"{result.loss:.3f}", help=LOSS_HELP, border=True)
        st.metric("Calibration error", percent(result.ece), help=ECE_HELP, border=True)
