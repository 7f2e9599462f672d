"""Models: what there is, what each learned from, and what can be done with it."""

import streamlit as st

from pages.ui.models import bringing, listing, managing, taking
from pages.ui.shared import widgets
from pages.ui.shared.entry import page_guard

page_guard()
st.title("Which models are there?")

with widgets.mistakes_shown():
    bringing.bring_model()
    managing.offer_undo()
    listing.show_chosen()
    info = widgets.pick_model()
    widgets.about(info)
    listing.show_origin(info)
    with st.container(horizontal=True, vertical_alignment="center", key="model-links"):
        listing.show_links(info)
        managing.offer_changes(info)

    taking.show_downloads(info)

    st.header("All of them")
    listing.show_all(info)
