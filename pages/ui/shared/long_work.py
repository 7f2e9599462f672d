"""Long work on any page: how far it is, a Stop that keeps what there is, and Go on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages.ui.shared.session import STOPPED_WORK
from pages.ui.shared.snapshots import Snapshots

Snapshot = TypeVar("Snapshot")


def last_of(snapshots: Snapshots[Snapshot], key: str, told: Callable[[Snapshot], tuple[float, str]]) -> Snapshot:
    """The last snapshot, or the one at which somebody has pressed Stop.

    Args:
        snapshots: of one question.
        key: what tells the question from others.
        told: the share that is done, in [0, 1], and what is said of it.
    """
    place = st.empty()
    if snapshots.ended:
        return snapshots.last
    if st.session_state.get(STOPPED_WORK + key):
        _show_stopped(place, key, *told(snapshots.last))
        return snapshots.last
    with place.container(horizontal=True, vertical_alignment="bottom"):
        bar = st.progress(*told(snapshots.last))
        st.button("Stop here", icon=":material/stop:", key=f"stop-{key}", on_click=_note_stopped, args=(key, True))
    steps = iter(snapshots)
    next(steps)  # the one that is there
    for snapshot in steps:
        bar.progress(*told(snapshot))
        let_clicks_in()
    place.empty()
    return snapshots.last


def _show_stopped(place: Any, key: str, share: float, said: str) -> None:
    with place.container(horizontal=True, vertical_alignment="bottom"):
        st.progress(share, f"Stopped: {said}")
        st.button("Go on", icon=":material/play_arrow:", key=f"go-on-{key}", on_click=_note_stopped, args=(key, False))


def _note_stopped(key: str, is_stopped: bool) -> None:
    st.session_state[STOPPED_WORK + key] = is_stopped


def let_clicks_in() -> None:
    """Have what was clicked in a fragment come in: it does not interrupt a run of it, so another one is asked for.

    Where the fragment is run as a part of the page this cannot be asked for, and the work goes on.
    """
    with suppress(StreamlitAPIException, RuntimeError):
        st.rerun(scope="fragment")
