"""A data set of one's own on the Data page: where it comes from, a model of it, another name, and deleting it."""

from __future__ import annotations

import streamlit as st

from core.coach import choose_anew
from core.datasets import OwnDataset, delete_own, rename_dataset, restore_own
from core.recipes import AUTO
from pages.ui.data.coach import show_remarks
from pages.ui.render.format import counted
from pages.ui.shared.address import recipe_query
from pages.ui.shared.entry import PAGES
from pages.ui.shared.session import ADDED, DELETED
from pages.ui.shared.turns import TURNS
from pages.ui.shared.widgets import literal
from pages.ui.shared.wording import on_page


def about_own(own: OwnDataset) -> None:
    """Where it comes from, and what can be done with it."""
    st.markdown(literal(origin(own)))
    with st.expander(
        f"How it was read, and {counted(len(own.remarks), 'thing')} worth a look", key=f"coach-{own.name}"
    ):
        for sentence in own.sentences[-1:] if own.original else own.sentences:  # the remarks tell all but the splits
            st.caption(literal(on_page(sentence)))
        _choose_anew(own)
    with st.container(horizontal=True):
        train = recipe_query(f"{own.name}-{AUTO}")
        st.page_link(PAGES / "train.py", label="Train a model on it", icon=":material/play_arrow:", query_params=train)
        with st.popover("Rename or delete", icon=":material/edit:"):
            _rename_or_delete(own)


def _choose_anew(own: OwnDataset) -> None:
    # What was noticed and what was chosen; other choices are read out of the kept table.
    can_choose = own.original is not None
    asked = show_remarks(own.remarks, own.table_choices, f"{own.name}-{own.fingerprint}", can_choose=can_choose)
    if asked is not None:
        with st.spinner("Reading the table …"), TURNS.taken():
            choose_anew(own.name, asked)
        st.rerun()


def origin(own: OwnDataset) -> str:
    """Which file and columns a data set was read from, when, and what was left out."""
    columns = f"texts from {own.choices['text']}, classes from {own.choices['label']}"
    left_out = f"; {counted(own.left_out, 'row')} left out" if own.left_out else ""
    return f"Read from {own.source} on {own.created[:10]}: {columns}{left_out}."


def offer_undo() -> None:
    """A button that brings back what was deleted last in this session."""
    name = st.session_state.get(DELETED)
    if name is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.info(f"{literal(name)} was deleted. Models that learned from it stay.", icon=":material/delete:")
        if st.button("Undo", icon=":material/undo:"):
            del st.session_state[DELETED]
            restore_own(name)
            st.session_state[ADDED] = name
            st.rerun()


def _rename_or_delete(own: OwnDataset) -> None:
    with st.form(f"do-rename-{own.name}", border=False):  # Enter in the field renames
        new = st.text_input("Name", own.name, max_chars=45, key=f"rename-{own.name}").strip()
        is_sent = st.form_submit_button("Rename")
    if is_sent and new != own.name:
        st.session_state[ADDED] = rename_dataset(own.name, new).name
        st.rerun()
    if st.button("Delete", icon=":material/delete:", help="Its documents are taken away; the file you brought stays."):
        delete_own(own.name)
        st.session_state[DELETED] = own.name
        st.rerun()
