"""The document that is read, of a list of documents: the address names it, so that links and Back lead to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from pages.ui.shared.address import READ, hold, value
from pages.ui.shared.session import FOLLOWED


def newly_named(name: str, positions: Sequence[int] | np.ndarray) -> int | None:
    """The place in a list of the document that the address names, once for each address; the first where it names none.

    None when the list is on the page and shows what this address named already.

    Args:
        name: of the list, with which the keys of its tables begin.
        positions: of its documents in their split, in its order.
    """
    named = value(READ)
    is_drawn = any(str(key).startswith(name) for key in st.session_state)
    if is_drawn and st.session_state.get(FOLLOWED) == (name, named):
        return None
    st.session_state[FOLLOWED] = name, named
    places = {str(position): place for place, position in enumerate(positions)}
    return places.get(named or "", 0)


def select(key: str, row: int) -> None:
    """Have the table with that key show a row as chosen; before it is drawn."""
    st.session_state[key] = {"selection": {"rows": [row], "columns": [], "cells": []}}


def name_chosen(key: str, name: str, positions: Sequence[int] | np.ndarray) -> None:
    """Have the address name the document that was chosen in the table with that key; in its callback."""
    state: Any = st.session_state[key]
    if state.selection.rows:
        hold(READ, str(positions[state.selection.rows[0]]))
        st.session_state[FOLLOWED] = name, value(READ)
