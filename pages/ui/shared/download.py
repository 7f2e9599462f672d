"""A button that fetches a corpus, with its progress and a Stop."""

from __future__ import annotations

import streamlit as st

from core.datasets import DatasetSpec, load_dataset
from pages.ui.render.format import size
from pages.ui.shared.background import TICK_SECONDS, Background
from pages.ui.shared.long_work import let_clicks_in
from pages.ui.shared.session import DOWNLOAD
from pages.ui.shared.visitor import is_demo
from pages.ui.shared.widgets import literal, mistakes_shown


def download_button(spec: DatasetSpec, place: str = "page", *, licence: bool = True) -> None:
    """A button that fetches a corpus and then runs the page anew; what goes wrong is said below it.

    Args:
        spec: of the corpus.
        place: what tells the button from others on the same page.
        licence: whether to say it here; false where it stands above.
    """
    if is_demo():
        st.caption("Visitors of this page can start no download; with Whyword on your own machine you can.")
        return
    key = DOWNLOAD + spec.name
    label = f"Download {literal(spec.title)} ({size(spec.download_bytes)})"
    if st.button(label, type="primary", icon=":material/download:", key=f"download-{place}"):
        st.session_state[key] = _Download(spec)
    if licence:
        st.caption(f"Licence: {literal(spec.licence)} · [Source]({spec.source})")
    if key in st.session_state:
        with mistakes_shown():
            _watch(st.session_state[key], key, place)


def _watch(download: _Download, key: str, place: str) -> None:
    slot = st.empty()
    with slot.container(horizontal=True, vertical_alignment="bottom"):
        bar = st.progress(*download.told())
        st.button("Stop", icon=":material/stop:", key=f"stop-{key}-{place}", on_click=download.stop)
    while not download.work.ends_within(TICK_SECONDS):
        bar.progress(*download.told())
        let_clicks_in()
    slot.empty()
    del st.session_state[key]
    if download.is_stopped:
        st.caption("Stopped; nothing of it was kept.")
        return
    download.work.result()
    st.rerun()


class _Stopped(Exception):
    """Ends a download that nobody wants any more."""


class _Download:
    """A download in the background, and its progress as `load_dataset` wants it."""

    def __init__(self, spec: DatasetSpec) -> None:
        self.total: float | None = None
        self.done = 0
        self.is_fetched = self.is_stopped = False
        self.work = Background(lambda: self._fetch(spec.name))

    def told(self) -> tuple[float, str]:
        """The share that is done, and what is said of it."""
        if self.is_fetched:
            return 1.0, "Reading the data …"
        if not self.done or not self.total:
            return 0.0, "Connecting …"
        return min(self.done / self.total, 1.0), f"{size(self.done)} of {size(self.total)}"

    def stop(self) -> None:
        """End it with the next piece that comes; what is fetched is read to its end."""
        self.is_stopped = not self.is_fetched

    def update(self, n: int) -> None:
        """Note that `n` bytes more have come."""
        if self.is_stopped:
            raise _Stopped
        self.done += n

    def reset(self) -> None:
        """Begin anew."""
        self.done = 0

    def close(self) -> None:
        """Note that all has come."""
        self.is_fetched = True

    def _fetch(self, name: str) -> None:
        load_dataset(name, progress=self)  # not held: it would stay in memory as long as the session
