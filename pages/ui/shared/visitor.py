"""Who looks at the app, and whether strangers do: behind a public link nobody may touch what another has started."""

from __future__ import annotations

import os
from contextlib import suppress
from secrets import token_urlsafe

import streamlit as st

from pages.ui.shared.session import VISITOR

COOKIE = "_streamlit_xsrf"  # Streamlit's own, against forged requests: a secret of each browser


def is_demo() -> bool:
    """Whether this app is open to strangers: `WHYWORD_DEMO=1`."""
    return os.environ.get("WHYWORD_DEMO") == "1"


def visitor() -> str:
    """What tells this browser from all others, after a reload too; where it keeps no cookies, this session."""
    token = st.session_state.setdefault(VISITOR, token_urlsafe(16))
    return _secret(st.context.cookies.get(COOKIE, "")) or str(token)


def _secret(cookie: str) -> str:
    # The cookie is written anew on every visit, its secret added to another mask each time.
    with suppress(ValueError, ZeroDivisionError):
        _, mask, masked, _ = cookie.split("|")
        pattern = bytes.fromhex(mask)
        return bytes(one ^ pattern[i % len(pattern)] for i, one in enumerate(bytes.fromhex(masked))).hex()
    return ""
