"""Evaluate: how often a model is right, and from every figure to the documents behind it."""

import streamlit as st

from pages.ui.evaluate import classes, confidence, confusion, labels, learning, slices, words
from pages.ui.render import helps, sentences
from pages.ui.render.format import percent
from pages.ui.shared import cache, widgets
from pages.ui.shared.entry import page_guard

VIEWS = {
    confusion.NAME: confusion.show,
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
    result = cache.evaluation(info.key)

    with st.grid(4, min_column_width=150):
        st.metric("Accuracy", percent(result.accuracy), help=helps.ACCURACY_HELP, border=True)
        st.metric("Macro F1", percent(result.macro_f1), help=helps.F1_HELP, border=True)
        st.metric("Loss", f"{result.loss:.3f}", help=helps.LOSS_HELP, border=True)
        st.metric("Calibration error", percent(result.ece), help=helps.ECE_HELP, border=True)
    st.caption(sentences.scored(result))
    widgets.caveats(result.caveats)

    chosen = widgets.choose("View", list(VIEWS), key=confusion.VIEW, bind="query-params", label_visibility="collapsed")
    VIEWS[chosen](info, result)
