"""Something that takes long and has no steps: made in a thread, so that a page can be left or stopped meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Event, Thread
from typing import Any, Generic, TypeVar

import streamlit as st

from pages.ui.shared.long_work import let_clicks_in
from pages.ui.shared.session import STOPPED_WORK, WORK

Made = TypeVar("Made")
PATIENCE_SECONDS = 0.3  # before a page says that it waits
TICK_SECONDS = 0.2  # from one look at the thread, and at what somebody has clicked, to the next


class Background(Generic[Made]):
    """What a thread makes.

    Args:
        make: what the thread calls.
    """

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make, self._ended = make, Event()
        self._made: list[Made] = []
        self._error: BaseException | None = None
        Thread(target=self._work, name="background", daemon=True).start()

    def ends_within(self, seconds: float) -> bool:
        """Whether it has ended by then, however it has."""
        return self._ended.wait(seconds)

    def result(self) -> Made:
        """What was made. Raises what went wrong."""
        if self._error is not None:
            raise self._error
        return self._made[0]

    def _work(self) -> None:
        try:
            self._made.append(self._make())
        except BaseException as error:
            self._error = error
        self._ended.set()


def made(place: str, what: Hashable, make: Callable[[], Made], doing: str) -> Background[Made] | None:
    """The work, when it has ended; None where somebody has pressed Stop, with a button to go on.

    What is stopped ends by itself, and nobody waits for it; going on waits again, or finds it done.

    Args:
        place: on the page, that tells its state from that of others.
        what: is made; anything else at this place is begun anew.
        make: makes it.
        doing: what the page says meanwhile.
    """
    state = st.session_state
    if state.get(WORK + place, (None,))[0] != what:
        state[WORK + place], state[STOPPED_WORK + place] = (what, Background(make)), False
    work: Background[Made] = state[WORK + place][1]
    slot, tick = st.empty(), st.empty()
    if not work.ends_within(PATIENCE_SECONDS):
        if state[STOPPED_WORK + place]:
            _show(slot, f"Stopped: {doing}", "Go on", "play_arrow", place, False)
            return None
        _show(slot, doing, "Stop", "stop", place, True)
        while not work.ends_within(TICK_SECONDS):
            tick.empty()  # here what somebody has clicked comes in
            let_clicks_in()
    slot.empty()
    del state[WORK + place]
    return work


def _show(slot: Any, said: str, act: str, icon: str, place: str, stops: bool) -> None:
    with slot.container(horizontal=True, vertical_alignment="center"):
        st.caption(said, width="content")
        st.button(act, icon=f":material/{icon}:", key=f"{act}-{place}", on_click=_note_stopped, args=(place, stops))


def _note_stopped(place: str, is_stopped: bool) -> None:
    st.session_state[STOPPED_WORK + place] = is_stopped
