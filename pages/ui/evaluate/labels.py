"""Labels of the test documents that are likely wrong."""

from __future__ import annotations

import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Evaluation, LabelErrors
from pages.ui.render.format import counted
from pages.ui.shared import cache, documents, widgets

LABELS_HELP = (
    "Confident learning (Northcutt et al. 2021): a label is suspected where the model, which did not learn from this "
    "document, gives another class more probability than it usually gives to that class where it is true."
)


def suspects_sentence(errors: LabelErrors, documents: int) -> str:
    """How many labels are likely wrong."""
    if errors.reason:
        return errors.reason
    if not len(errors):
        return "No label of the test documents stands out as wrong."
    return (
        f"{counted(len(errors), 'label')} of {documents:,} may be wrong: the model, which never learned from these "
        "documents, gives another class more probability than it usually gives where that class is true. The likeliest "
        "come first. Read them before you believe it: of such suggestions about half are right when people look "
        "(Northcutt et al. 2021; here 10 of 20 for film reviews, read by one person)."
    )


@st.fragment
def show(info: ModelInfo, result: Evaluation) -> None:
    """The suspected documents, the likeliest first, to read and to take along."""
    with widgets.mistakes_shown():
        st.header("Labels that may be wrong", help=LABELS_HELP)
        errors = cache.label_errors(info.key)
        st.caption(widgets.literal(suspects_sentence(errors, len(result))))
        if not len(errors):
            return
        titles = {
            "true_class": "Given label",
            "predicted_class": "Suggested label",
            "true_probability": "P(given label)",
        }
        documents.browse(info, result, errors.rows, order="Likeliest first", titles=titles)
