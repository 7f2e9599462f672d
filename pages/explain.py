"""Home: a text -> the probability of each class, and the words that speak for and against one of them."""

import streamlit as st

from pages.ui.explain import marked_text, question
from pages.ui.explain.tools import show_tools
from pages.ui.render import charts
from pages.ui.render.highlight import verdict
from pages.ui.shared import explanations, model_texts, widgets
from pages.ui.shared.cautions import show_cautions
from pages.ui.shared.chart import show_chart
from pages.ui.shared.entry import page_guard
from pages.ui.shared.explanation_settings import explanation_settings
from pages.ui.shared.typed_text import text_to_explain

page_guard()
st.title("Which words decide?")
st.caption(
    "A trained model reads a text and names its class; the words that speak for and against it are marked. "
    "Try an example, or type a text of your own."
)

with widgets.mistakes_shown():
    left, right = st.columns([3, 2], gap="medium")
    with left:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            info = widgets.pick_model()
            known = model_texts.examples_for(info)
            with st.container(horizontal=True, width="content"):
                question.pick_example(known)
                how, marking = explanation_settings()
        widgets.about(info)
        model_texts.open_linked()
        text = text_to_explain(info.name, known)

    label, against = question.chosen_classes(info, text)
    with right:
        waits = widgets.waits_in(st.empty())
        snapshots = explanations.leading_snapshots(info.key, text, label, against, **how, tell=waits)
        st.html(verdict(snapshots.last, question.without_words(info, snapshots.last)))
        show_cautions(info, text)
        show_chart(charts.class_probabilities(snapshots.last), "Probability of each class", "probabilities")
        question.pick_classes(info, text, snapshots.last)

    why = marked_text.draw(info, snapshots, question=repr((info.name, text, label, against, how)), marking=marking)
    show_tools(info, why, marking)
