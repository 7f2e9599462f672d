"""A line a run of a page, for who serves the app: JSON, with a number that the visitor sees too where a page failed.

Nothing that was typed is in it. Written to standard error where strangers meet, or with `WHYWORD_LOG=1`.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from secrets import token_hex

import streamlit as st

from pages.ui.shared.visitor import is_demo, visitor

LOG = "WHYWORD_LOG"
STREAMLIT_FAULTS = "streamlit.error_util"  # the logger of what a page was ended by
_log = logging.getLogger("whyword.requests")


class PlacesOnly(logging.Filter):
    """Leaves of a fault, where strangers meet, its kind and its places: its words may quote what somebody has typed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, changed where need be."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and is_demo():
            places = "".join(traceback.format_tb(error.__traceback__))
            record.msg, record.args = f"{record.msg}: {type(error).__name__}\n{places}", None
            record.exc_info = record.exc_text = None
        return True


logging.getLogger(STREAMLIT_FAULTS).addFilter(PlacesOnly(STREAMLIT_FAULTS))


@contextmanager
def logged(page: str) -> Iterator[None]:
    """Write a line about a run of a page, however it ends.

    A fault stays as loud as it was; the page shows the number of its line, so that both can be brought together.

    Args:
        page: its title.
    """
    who = visitor()  # asked now: of a page that was stopped there is no session to ask
    request, started, outcome = token_hex(4), time.perf_counter(), "done"
    try:
        yield
    except Exception as error:
        outcome = type(error).__name__
        st.caption(f"Request {request}: tell this number to whoever serves this page.")
        raise
    except BaseException:  # Streamlit's way to end a run that a click or a closed tab has made needless
        outcome = "ended early"
        raise
    finally:
        if is_demo() or os.environ.get(LOG) == "1":
            _write(request, who, page, outcome, time.perf_counter() - started)


def _write(request: str, who: str, page: str, outcome: str, seconds: float) -> None:
    line = {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "request": request,
        "visitor": sha256(who.encode()).hexdigest()[:8],
        "page": page,
        "outcome": outcome,
        "milliseconds": round(1000 * seconds),
    }
    _to_standard_error().info(json.dumps(line))


def _to_standard_error() -> logging.Logger:
    if not _log.handlers:
        _log.addHandler(logging.StreamHandler(sys.stderr))
        _log.setLevel(logging.INFO)
        _log.propagate = False
    return _log
