"""Labels of the test documents that are likely wrong."""

from __future__ import annotations

import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Evaluation
from pages.ui.render import helps, verdicts
from pages.ui.shared import cache, documents, widgets


@st.fragment
def show(info: ModelInfo, result: Evaluation) -> None:
    """The suspected documents, the likeliest first, to read and to take along."""
    with widgets.mistakes_shown():
        st.subheader("Labels that may be wrong", help=helps.LABELS_HELP)
        errors = cache.label_errors(info.key)
        st.caption(widgets.literal(verdicts.suspected(errors, len(result))))
        if not len(errors):
            return
        titles = {"true_class": "Given label", "predicted_class": "Suggested label"}
        documents.browse(info, result, errors.rows, order="Likeliest first", titles=titles)
