"""Evaluate: how often a model is right, and from every figure to the documents behind it."""

import streamlit as st

from pages.ui.evaluate import (
    classes,
    confidence,
    confusion,
    independence,
    labels,
    learning,
    other_data,
    slices,
    summary,
    words,
)
from pages.ui.shared import cache, widgets
from pages.ui.shared.address import MISTAKES, VIEW
from pages.ui.shared.entry import page_guard

VIEWS = {
    MISTAKES: confusion.show,
    "Classes": classes.show,
    "Confidence": confidence.show,
    "Learning": learning.show,
    "Words": words.show,
    "Slices": slices.show,
    "Labels": labels.show,
}

page_guard()
st.title("How good is the model?")

with widgets.mistakes_shown():
    info = widgets.pick_model()
    widgets.about(info)
    own = other_data.pick_documents(info)
    if own is not None:
        other_data.show(info, own)
        st.stop()
    result = cache.evaluation(info.key)

    summary.show_metrics(result)
    independence.show(info)
    widgets.caveats(result.caveats)

    chosen = widgets.choose("View", list(VIEWS), key=VIEW, bind="query-params", label_visibility="collapsed")
    VIEWS[chosen](info, result)
