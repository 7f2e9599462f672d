"""Compare: two models on the same test documents, and on one text."""

import streamlit as st

from pages.ui.compare import models
from pages.ui.shared import cache, widgets
from pages.ui.shared.address import COMPARED
from pages.ui.shared.entry import page_guard

page_guard()
st.title("Which model is better?")

with widgets.mistakes_shown():
    with st.container(horizontal=True):
        first = widgets.pick_model()
        second = widgets.pick_other(first)
    widgets.tell_missing_model()
    if second is None:
        st.info(
            widgets.literal(f"There is no other model of {first.dataset} with the same classes; train one to compare."),
            icon=":material/model_training:",
        )
        st.stop()

    comparison = cache.comparison(first.key, second.key)
    models.show_summary(comparison)

    view = widgets.choose("View", list(models.VIEWS), key=COMPARED, bind="query-params", label_visibility="collapsed")
    models.VIEWS[view](first, second, comparison)
