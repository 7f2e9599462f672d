"""How it works: from a text to its marked words, step by step, on a text of one's own."""

import streamlit as st

from pages.ui.explain.trust import banner, coverage
from pages.ui.how import steps
from pages.ui.shared import model_texts, widgets
from pages.ui.shared.about import about_text
from pages.ui.shared.cautions import cautions
from pages.ui.shared.entry import page_guard
from pages.ui.shared.typed_text import text_to_explain

page_guard()
st.title("How does it work?")
st.caption("From a text to the words that decide, step by step. Take a text of your own: the pictures follow it.")

with widgets.mistakes_shown():
    info = widgets.pick_model()
    widgets.about(info)
    text = text_to_explain(info.name, model_texts.examples_for(info))
    snapshots = steps.snapshots_of(info, text)
    steps.show_tokens(snapshots.last, coverage(snapshots.last))
    steps.show_answer(snapshots.last)
    why = steps.explanation(info, snapshots)
    steps.show_versions(info, why)
    steps.show_weights(why)
    noticed = banner(why)
    steps.show_doubts([*cautions(info, text), *([noticed] if noticed else [])])

with st.expander(":material/info: About Whyword"):
    st.markdown(about_text())
