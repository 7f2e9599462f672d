"""Who looks at the app, and whether strangers do: behind a public link nobody may touch what another has started.

What a visitor has trained or brought bears a mark of the visitor's browser (`core/owners.py`): others do not see it,
and it is deleted once the last session of that browser has ended.
"""

from __future__ import annotations

import hmac
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from secrets import token_bytes, token_urlsafe

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core import folders, limits, owners
from core.errors import BadInput
from core.format import counted
from core.jobs import REGISTRY
from core.kept_files import clean
from core.limits import is_demo
from pages.ui.shared.belongings import delete_of, delete_older
from pages.ui.shared.session import VISITOR
from pages.ui.shared.turns import TURNS
from pages.ui.shared.uploaded import remove_left

__all__ = ["Lease", "asked", "count_request", "is_demo", "is_mine", "visitor", "welcome"]

COOKIE = "_streamlit_xsrf"  # Streamlit's own, against forged requests: a secret of each browser
MINUTE = 60  # seconds
GRACE_SECONDS = 90  # that a session whose connection was cut has to come back
MOST_COUNTED = 1_000  # visitors whose requests are remembered before those of the last minutes are looked for
KEY, KEY_BYTES = "visitors.key", 32
_sessions, _lock = Counter[str](), threading.Lock()
_asked: dict[str, deque[float]] = {}


class Lease:
    """Keeps what a visitor has made, as long as one of the visitor's sessions has one that has not ended.

    Args:
        visitor: whose session it is, by `visitor`.
    """

    def __init__(self, visitor: str) -> None:
        self.visitor = visitor
        with _lock:
            _sessions[visitor] += 1
        _remove_left()
        if is_demo():
            delete_old()
            clean()

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
    """Count something that a model is asked for who looks, in all sessions of the browser.

    Raises BadInput when it was too much within a minute.
    """
    most = limits.limits().requests
    if not most or get_script_run_ctx() is None:
        return
    now, who = time.monotonic(), visitor()
    with _lock:
        _forget_asked(now)
        asked = _asked.setdefault(who, deque())
        while asked and now - asked[0] > MINUTE:
            asked.popleft()
        if len(asked) >= most:
            wait = max(round(MINUTE - (now - asked[0])), 1)
            raise BadInput(f"That was much within a minute; go on in {counted(wait, 'second')}.")
        asked.append(now)


def _forget_asked(now: float) -> None:
    # Who has asked nothing for a minute, once there are many.
    if len(_asked) > MOST_COUNTED:
        for who in [who for who, asked in _asked.items() if not asked or now - asked[-1] > MINUTE]:
            del _asked[who]


@contextmanager
def asked() -> Iterator[None]:
    """A turn at the processor for something that is asked of a model. Raises what `count_request` raises."""
    count_request()
    with TURNS.taken():
        yield


def delete_old() -> None:
    """Delete what visitors made so long ago that no session of theirs can be left."""
    hours = limits.limits().keep_hours
    with _lock:
        here = {_mark(visitor) for visitor, count in _sessions.items() if count > 0}
    if hours:
        delete_older(3600 * hours, here)


@cache
def _remove_left() -> None:
    # Once for each server.
    remove_left()


def _clear_away(visitor: str) -> None:
    with _lock:
        if _sessions[visitor] > 0:  # another session is there, or the connection is back
            return
        del _sessions[visitor]
        _asked.pop(visitor, None)
    for job in REGISTRY.active():
        if job.owner == visitor:
            job.stop()
    delete_of(_mark(visitor))


def _mark_of_who_asks() -> str | None:
    # In a thread of the app's own nobody asks.
    return _mark(visitor()) if is_demo() and get_script_run_ctx() is not None else None


def _mark(token: str) -> str:
    # With a key that no visitor knows: else a mark in a link could be tried out until a cookie gives the same.
    return hmac.digest(_key(folders.home()), token.encode(), "sha256").hex()[:8]


@cache
def _key(home: Path) -> bytes:
    # The same for all servers on one folder, and after a restart; where it cannot be kept, this server's own.
    made, part = token_bytes(KEY_BYTES), home / f".{KEY}-{token_urlsafe(6)}"
    with suppress(OSError):
        home.mkdir(parents=True, exist_ok=True)
        try:
            part.touch(mode=0o600)
            part.write_bytes(made)
            with suppress(FileExistsError):
                os.link(part, home / KEY)
        finally:
            part.unlink(missing_ok=True)
    with suppress(OSError):
        kept = (home / KEY).read_bytes()
        return kept if len(kept) == KEY_BYTES else made
    return made


def _take_secrets() -> None:
    # Where a host has no environment variables, its secrets stand for them.
    names = (limits.DEMO, *limits.VARIABLES.values())
    if all(os.environ.get(name) for name in names):
        return
    if not st.secrets.load_if_toml_exists():
        _stop_where_unread()
        return
    for name in names:
        if name in st.secrets and not os.environ.get(name):
            os.environ[name] = str(st.secrets[name])


def _stop_where_unread() -> None:
    # What cannot be read may say that strangers come: then nobody is let in as if this were one's own machine.
    unread = [Path(path).name for path in st.get_option("secrets.files") if Path(path).exists()]
    if unread and not os.environ.get(limits.DEMO):
        st.error(f"The app's file {unread[0]} cannot be read; correct it, or take it away, and reload the page.")
        st.stop()


def _secret(cookie: str) -> str:
    # The cookie is written anew on every visit, its secret added to another mask each time.
    with suppress(ValueError, ZeroDivisionError):
        _, mask, masked, _ = cookie.split("|")
        pattern = bytes.fromhex(mask)
        return bytes(one ^ pattern[i % len(pattern)] for i, one in enumerate(bytes.fromhex(masked))).hex()
    return ""
