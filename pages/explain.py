"""Home: a text -> the probability of each class, and the words that speak for and against one of them."""

import streamlit as st

from pages.ui import cache, charts, explaining, texts, widgets
from pages.ui.entry import page_guard
from pages.ui.highlight import verdict
from pages.ui.tools import tools

page_guard()
st.title("Which words decide?")

with widgets.mistakes_shown():
    asked, answered = st.columns([3, 2], gap="medium")
    with asked:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            info = widgets.pick_model()
            with st.container(horizontal=True, width="content"):
                widgets.pick_example(info)
                how, most = widgets.explanation_settings()
        widgets.about(info)
        texts.open_linked()
        text = widgets.text_to_explain(info)

    label, against = widgets.chosen_classes(info, text)
    pictures = cache.pictures(info.name, info.fingerprint, text, label, against, **how)

    with answered:
        st.html(verdict(pictures.last))
        st.plotly_chart(
            charts.class_probabilities(pictures.last),
            config=charts.QUIET,
            key="probabilities",
            alt="Probability of each class",
        )
        widgets.pick_classes(info, text, pictures.last)
        widgets.strange(cache.familiarity(info.name, info.fingerprint, text))

    why = explaining.watched(info, pictures, question=repr((info.name, text, label, against, how)), most=most)
    tools(info, why, most)
