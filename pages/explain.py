"""Home: a text -> the probability of each class, and the words that speak for and against one of them."""

import streamlit as st

from pages.ui import cache, charts, sentences, widgets
from pages.ui.entry import page_guard
from pages.ui.highlight import highlighted, legend, verdict, word_list

page_guard()
st.title("Which words decide?")

with widgets.mistakes_shown():
    asked, answered = st.columns([3, 2], gap="medium")
    with asked:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            info = widgets.pick_model()
            with st.container(horizontal=True, width="content"):
                widgets.pick_example(info)
                how = widgets.explanation_settings()
        widgets.about(info)
        text = widgets.text_to_explain(info)

    label = widgets.chosen_class(info, text)
    why = cache.explanation(info.name, info.fingerprint, text, label, **how)

    with answered:
        st.html(verdict(why))
        st.plotly_chart(
            charts.class_probabilities(why), config=charts.QUIET, key="probabilities", alt="Probability of each class"
        )

    marked, weighed = st.columns([3, 2], gap="medium")
    with marked:
        st.subheader("The words in the text")
        with st.container(border=True):
            st.html(legend(why))
            st.html(highlighted(why))
        st.caption(sentences.read(why.reading))
        if why.reading.unknown_words:
            with st.expander(sentences.counted(len(why.reading.unknown_words), "unknown word")):
                st.html(word_list(why.reading.unknown_words))
    with weighed:
        st.subheader("The strongest words", help=sentences.WEIGHT_HELP)
        widgets.pick_class(info, text, why)
        st.plotly_chart(
            charts.word_weights(why), config=charts.QUIET, key="weights", alt="Weights of the strongest words"
        )
        st.caption(sentences.trust(why), help=sentences.TRUST_HELP)
