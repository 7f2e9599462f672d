"""A model from elsewhere: its zip is checked, named and then in every list."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui.shared.session import BROUGHT, CHOSEN
from pages.ui.shared.visitor import is_demo
from pages.ui.shared.widgets import mistakes_shown

ABOUT = "A zip that was taken away from this page, or written by python -m core export MODEL FILE.zip."
FILE_HELP = (
    "Its files are checked before anything is read: names, sizes, what they say of each other, and their hash. Nothing "
    "in a model is ever executed."
)
NAME_HELP = "Small letters, digits, dots, dashes and underscores."


def bring_model() -> None:
    """Where a model's zip is brought; where strangers meet, nowhere."""
    if is_demo():
        return
    turn = st.session_state.setdefault(BROUGHT, 0)  # after each one the widgets are new ones, empty and closed
    with st.expander(":material/upload_file: Bring a model", key=f"bring-{turn}"):
        file = st.file_uploader("Zip of a model", type="zip", help=FILE_HELP, key=f"zip-{turn}")
        if file is None:
            st.caption(ABOUT)
            return
        with mistakes_shown():
            _name_and_keep(file)


def _name_and_keep(file: Any) -> None:
    from core.sharing.receiving import name_in, receive_archive

    name_box, button_box = st.columns([3, 1], vertical_alignment="bottom")
    name = name_box.text_input(
        "Name of the model", name_in(file), max_chars=63, help=NAME_HELP, key=f"brought-{file.file_id}"
    ).strip()
    if button_box.button("Add this model", type="primary", icon=":material/add:"):
        file.seek(0)
        with st.spinner("Checking it …"):
            st.session_state[CHOSEN] = receive_archive(file, name or None, called=file.name).name
        st.session_state[BROUGHT] += 1
        st.rerun()
