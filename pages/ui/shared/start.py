"""What the server does before its first visitor comes: it loads what the first page needs, while a browser starts."""

import asyncio
import logging
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from threading import Thread, current_thread

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from streamlit.web.server.server_util import get_url

from core.errors import WhywordError
from core.saved_models import list_models
from pages.ui.shared import cache
from pages.ui.shared.entry import loading, prepare_process
from pages.ui.shared.examples import FILM_REVIEWS
from pages.ui.shared.widgets import FIRST_CHOICE

SAMPLES = 256  # enough for all that an explanation compiles
_THREADS: list[Thread] = []
_NO_VISITOR = logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context")


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Load ahead, and open the page in a browser where there is one, as `streamlit run` does for a script."""
    prepare_process()
    thread = Thread(target=_load_ahead, daemon=True)
    _THREADS.append(thread)
    thread.start()
    if not st.get_option("server.headless"):
        asyncio.get_running_loop().call_later(1, webbrowser.open, get_url("localhost"))
    yield


async def nobody_there(request: Request, error: Exception) -> Response:
    """The answer to a browser that was closed while it sent a file: nobody reads it, and nothing is wrong here."""
    return Response(status_code=400)


def wait_until_loaded() -> None:
    """Wait for what is being loaded: of two threads that import the same modules, one may see half of a module."""
    for thread in _THREADS:
        thread.join()


def _load_ahead() -> None:
    from core.explanation import leading_snapshots

    _NO_VISITOR.addFilter(lambda _: current_thread() not in _THREADS)  # that nobody sees the spinner needs no warning
    with loading("start"), suppress(WhywordError):  # a page that needs what is damaged says so
        keys = [info.key for info in list_models() if info.name == FIRST_CHOICE]
        for key in keys:
            next(leading_snapshots(cache.model(key), next(iter(FILM_REVIEWS.values())), samples=SAMPLES))
