"""A button that fetches a corpus, with its progress."""

from __future__ import annotations

import streamlit as st

from core.datasets import DatasetSpec, load_dataset
from pages.ui.render.format import size
from pages.ui.shared.visitor import is_demo


def download_button(spec: DatasetSpec, place: str = "page") -> None:
    """A button that fetches a corpus and then runs the page anew; `place` tells it from others on the same page."""
    if is_demo():
        st.caption("Visitors of this page can start no download; with Whyword on your own machine you can.")
        return
    label, key = f"Download {size(spec.download_bytes)}", f"download-{place}"
    if st.button(label, type="primary", icon=":material/download:", key=key):
        load_dataset(spec.name, progress=_Downloading())
        st.rerun()


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
