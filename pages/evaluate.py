"""Evaluate: how often a model is right, what it mixes up, and how it learned."""

import streamlit as st

from pages.ui import cache, charts, helps, sentences, tables, widgets
from pages.ui.entry import page_guard

page_guard()
st.title("How good is the model?")

with widgets.mistakes_shown():
    info = widgets.pick_model()
    widgets.about(info)
    result = cache.evaluation(info.name, info.fingerprint)

    with st.grid(4, min_column_width=150):
        st.metric("Accuracy", sentences.percent(result.accuracy), help=helps.ACCURACY_HELP, border=True)
        st.metric("Macro F1", sentences.percent(result.macro_f1), help=helps.F1_HELP, border=True)
        st.metric("Loss", f"{result.loss:.3f}", help=helps.LOSS_HELP, border=True)
        st.metric("Calibration error", sentences.percent(result.ece), help=helps.ECE_HELP, border=True)
    st.caption(sentences.scored(result))
    widgets.caveats(result.caveats)

    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.subheader("Confusion matrix", help=helps.CONFUSION_HELP)
        shares = widgets.cells_as_shares()
        figure = charts.confusion(result, shares=shares)
        with st.grid(1, min_column_width=charts.least_width(result.class_names), wrap=False):
            st.plotly_chart(figure, config=charts.QUIET, key="confusion", alt="Confusion matrix")
    with right:
        st.subheader("Most frequent mix-ups")
        widgets.table(tables.mixups(result), "The most frequent mix-ups")
        st.subheader("By class", help=helps.REPORT_HELP)
        widgets.table(tables.report_table(result), "Precision, recall and F1 by class")

    st.subheader("How it learned", help=helps.HISTORY_HELP)
    history = cache.history(info.name, info.fingerprint)
    loss, accuracy = st.columns(2, gap="medium")
    loss.plotly_chart(charts.losses(history), config=charts.QUIET, key="losses", alt="Loss by epoch")
    accuracy.plotly_chart(charts.accuracies(history), config=charts.QUIET, key="accuracies", alt="Accuracy by epoch")
