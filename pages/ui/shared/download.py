"""A button that fetches a corpus, with its progress."""

from __future__ import annotations

import streamlit as st

from core.datasets import DatasetSpec, load_dataset
from pages.ui.render.format import size
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
    label = f"Download {literal(spec.title)} ({size(spec.download_bytes)})"
    wanted = st.button(label, type="primary", icon=":material/download:", key=f"download-{place}")
    if licence:
        st.caption(f"Licence: {literal(spec.licence)} · [Source]({spec.source})")
    if wanted:
        with mistakes_shown():
            _download(spec)
            st.rerun()


def _download(spec: DatasetSpec) -> None:
    bar = _Downloading()
    try:
        load_dataset(spec.name, progress=bar)
    finally:
        bar.bar.empty()  # however it has ended


class _Downloading:
    """A progress bar for a download, as `load_dataset` wants it."""

    def __init__(self) -> None:
        self.total: float | None = None
        self.done = 0
        self.bar = st.progress(0.0, "Connecting …")

    def update(self, n: int) -> None:
        self.done += n
        share = min(self.done / self.total, 1.0) if self.total else 0.0
        self.bar.progress(share, f"{size(self.done)} of {size(self.total or 0)}")

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        self.bar.progress(1.0, "Reading the data …")
