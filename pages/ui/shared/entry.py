"""The guard that makes every page run through app.py.

Streamlit runs a file of a `pages/` folder on its own when a deep link is the first visit after a server start, before
anybody has reached `st.navigation`; and when somebody starts it so (`streamlit run pages/train.py`, a test).
"""

import gc
import runpy
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

from core.memory import share_freed_memory

UI = Path(__file__).resolve().parents[1]
PAGES = UI.parent
APP = PAGES.parent / "app.py"
_ENTERED = "_entered"
_LOADED: set[str] = set()  # pages that have run once


def note_entry() -> None:
    """Note that app.py runs; its first call in each full run."""
    st.session_state[_ENTERED] = True


def page_guard() -> None:
    """Run app.py instead of the page alone; the first line of every page."""
    if st.session_state.pop(_ENTERED, False):
        return
    runpy.run_path(str(APP), run_name="__main__")
    raise StopException  # st.stop() would also drop what somebody has clicked in a fragment meanwhile


def first_page() -> str:
    """The page at the root of the address: Explain, or the one that was started on its own."""
    context = get_script_run_ctx()
    script = Path(context.main_script_path if context else APP).resolve()
    return script.stem if script.parent == PAGES else "explain"


@contextmanager
def loading(page: str) -> Iterator[None]:
    """Spare the garbage collector what a page's first run loads: modules and models, which stay.

    It would look at them again and again while they are loaded, and at all of them whenever it has a full look.
    """
    if page in _LOADED:
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
    _LOADED.add(page)
    gc.collect()
    gc.freeze()


@cache
def prepare_process() -> None:
    """What is done once in the process of the app."""
    share_freed_memory()
