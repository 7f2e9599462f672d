"""Who looks at the app, and whether strangers do: behind a public link nobody may touch what another has started.

What a visitor has trained or brought bears a mark of the visitor's browser (`core/owners.py`): others do not see it,
and it is deleted once the last session of that browser has ended.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_urlsafe

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import folders, limits, owners
from core.errors import BadInput
from core.format import counted
from core.jobs import REGISTRY
from core.limits import is_demo
from pages.ui.shared.session import ASKED_AT, VISITOR
from pages.ui.shared.turns import TURNS

__all__ = ["Lease", "asked", "count_request", "is_demo", "is_mine", "visitor", "welcome"]

COOKIE = "_streamlit_xsrf"  # Streamlit's own, against forged requests: a secret of each browser
MINUTE = 60  # seconds
GRACE_SECONDS = 90  # that a session whose connection was cut has to come back
_sessions, _lock = Counter[str](), threading.Lock()


class Lease:
    """Keeps what a visitor has made, as long as one of the visitor's sessions has one that has not ended.

    Args:
        visitor: whose session it is, by `visitor`.
    """

    def __init__(self, visitor: str) -> None:
        self.visitor = visitor
        with _lock:
            _sessions[visitor] += 1
        if is_demo():
            delete_old()

    def end(self) -> None:
        """The session has ended, or its connection was cut: after a while all goes that no other session keeps."""
        with _lock:
            _sessions[self.visitor] -= 1
        if is_demo():
            timer = threading.Timer(GRACE_SECONDS, _clear_away, [self.visitor])
            timer.daemon = True
            timer.start()


def welcome() -> None:
    """Find out who has come; the first call of each full run of the app."""
    _take_secrets()
    owners.ask_by(_mark_of_who_asks)


def is_mine(owner: str | None) -> bool:
    """Whether who looks may see and stop what this owner has started: everybody may, but where strangers meet."""
    return not is_demo() or owner == visitor()


def visitor() -> str:
    """What tells this browser from all others, after a reload too; where it keeps no cookies, this session."""
    if VISITOR not in st.session_state:  # kept, since a connection that was cut may come back without its cookies
        st.session_state[VISITOR] = _secret(st.context.cookies.get(COOKIE, "")) or token_urlsafe(16)
    return str(st.session_state[VISITOR])


def count_request() -> None:
    """Count something that a model is asked for who looks. Raises BadInput when it was too much within a minute."""
    most = limits.limits().requests
    if not most or get_script_run_ctx() is None:
        return
    asked: deque[float] = st.session_state.setdefault(ASKED_AT, deque())
    now = time.monotonic()
    while asked and now - asked[0] > MINUTE:
        asked.popleft()
    if len(asked) >= most:
        wait = max(round(MINUTE - (now - asked[0])), 1)
        raise BadInput(f"That was much within a minute; go on in {counted(wait, 'second')}.")
    asked.append(now)


@contextmanager
def asked() -> Iterator[None]:
    """A turn at the processor for something that is asked of a model. Raises what `count_request` raises."""
    count_request()
    with TURNS.taken():
        yield


def delete_of(mark: str) -> None:
    """Delete the models and data sets that bear a visitor's mark."""
    for folder in _of_visitors():
        if owners.owner_of(_model_name(folder.name)) == mark:
            shutil.rmtree(folder, ignore_errors=True)


def delete_old() -> None:
    """Delete what visitors made so long ago that no session of theirs can be left."""
    hours = limits.limits().keep_hours
    for folder in _of_visitors():
        with suppress(OSError):
            if hours and time.time() - folder.stat().st_mtime > 3600 * hours:
                shutil.rmtree(folder, ignore_errors=True)


def _of_visitors() -> list[Path]:
    # Folders that bear the mark of any visitor, those that wait for an undo too.
    home = folders.home()
    places = (home / "models", home / "datasets", home / "datasets" / ".deleted", home / "runs")
    found = [path for place in places if place.is_dir() for path in place.iterdir()]
    return [path for path in found if owners.owner_of(_model_name(path.name)) is not None]


def _model_name(folder: str) -> str:
    # What is between two names, or was deleted, has the model's name behind "=".
    return folder.rpartition("=")[2]


def _clear_away(visitor: str) -> None:
    with _lock:
        if _sessions[visitor] > 0:  # another session is there, or the connection is back
            return
        del _sessions[visitor]
    for job in REGISTRY.active():
        if job.owner == visitor:
            job.stop()
    delete_of(_mark(visitor))


def _mark_of_who_asks() -> str | None:
    # In a thread of the app's own nobody asks.
    return _mark(visitor()) if is_demo() and get_script_run_ctx() is not None else None


def _mark(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()[:8]


def _take_secrets() -> None:
    # Where a host has no environment variables, its secrets stand for them.
    names = (limits.DEMO, *map(limits.variable, limits.NAMES))
    if all(name in os.environ for name in names) or not st.secrets.load_if_toml_exists():
        return
    for name in names:
        if name in st.secrets:
            os.environ.setdefault(name, str(st.secrets[name]))


def _secret(cookie: str) -> str:
    # The cookie is written anew on every visit, its secret added to another mask each time.
    with suppress(ValueError, ZeroDivisionError):
        _, mask, masked, _ = cookie.split("|")
        pattern = bytes.fromhex(mask)
        return bytes(one ^ pattern[i % len(pattern)] for i, one in enumerate(bytes.fromhex(masked))).hex()
    return ""
