"""A model of one's own: another name, deleting it, and the undo."""

from __future__ import annotations

import streamlit as st

from core.errors import BadInput
from core.saved_models import ModelInfo, delete_model, rename_model, restore_model
from pages.ui.shared import cache
from pages.ui.shared.session import CHOSEN, DELETED_MODEL
from pages.ui.shared.visitor import is_demo
from pages.ui.shared.widgets import literal, mistakes_shown

NAME_HELP = "Small letters, digits, dots, dashes and underscores."
DELETE_HELP = "Takes the model out of every list. For an hour it can be brought back."


def offer_changes(info: ModelInfo) -> None:
    """Another name for a model of one's own, or its end; where strangers meet, nothing."""
    if info.bundled or is_demo():
        return
    with st.popover("Rename or delete", icon=":material/edit:"), mistakes_shown():
        _rename_or_delete(info)


def offer_undo() -> None:
    """A button that brings back the model that was deleted last in this session."""
    name = st.session_state.get(DELETED_MODEL)
    if name is None or is_demo():
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(f"{literal(name)} was deleted.", icon=":material/delete:")
        if st.button("Undo", icon=":material/undo:"):
            restore_model(name)
            del st.session_state[DELETED_MODEL]
            st.session_state[CHOSEN] = name
            st.rerun()


def _rename_or_delete(info: ModelInfo) -> None:
    # The keys name the model: what was meant for one that another tab has deleted does not reach the next one.
    with st.form(f"do-rename-{info.name}", border=False):  # Enter in the field renames
        new = st.text_input("Name", info.name, max_chars=63, key=f"rename-{info.name}", help=NAME_HELP).strip()
        is_sent = st.form_submit_button("Rename")
    if is_sent and new != info.name:
        _check_not_in_training(new)
        st.session_state[CHOSEN] = rename_model(info.name, new).name
        st.rerun()
    if st.button("Delete", icon=":material/delete:", help=DELETE_HELP, key=f"delete-{info.name}"):
        delete_model(info.name, for_good=False)
        st.session_state[DELETED_MODEL] = info.name
        st.rerun()


def _check_not_in_training(name: str) -> None:
    if any(job.name == name for job in cache.jobs().active()):
        raise BadInput(f"A model called {name} is being trained, and would take the place of this one; choose another.")
