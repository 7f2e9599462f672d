"""Widgets of the Data page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.datasets import DATASETS, DatasetSpec, is_available
from core.saved_models import list_models
from core.schema import Split, TextDataset
from pages.ui.render.format import size
from pages.ui.shared.download import download_button
from pages.ui.shared.entry import PAGES
from pages.ui.shared.widgets import DATASET, MODEL, TEXT, choose, literal

MOST_LISTED = 1_000  # documents


def pick_dataset() -> DatasetSpec:
    """The picker of a corpus, in the address."""
    return DATASETS[st.selectbox("Data set", list(DATASETS), key=DATASET, bind="query-params")]


def about_dataset(spec: DatasetSpec) -> None:
    """Title, what it is, licence and source."""
    st.markdown(f"**{literal(spec.title)}**. {literal(spec.summary)}")
    st.caption(f"Licence: {literal(spec.licence)} · [Source]({spec.source})")


def offer_download(spec: DatasetSpec) -> None:
    """Nothing when the corpus is on this machine; else a button that fetches it, and the page ends here."""
    if is_available(spec.name):
        return
    st.info(f"{literal(spec.title)} is not on this machine yet. The download has {size(spec.download_bytes)}.")
    download_button(spec)
    st.stop()


def pick_split(data: TextDataset) -> Split:
    """The picker of a part of a corpus."""
    names = {"Training": data.train, "Validation": data.valid, "Test": data.test}
    return names[choose("Part", list(names), key="split", bind="query-params")]


def document_filter(data: TextDataset) -> tuple[str | None, str]:
    """Which documents to list: those of a class (None for all) that contain a text."""
    of_class, containing = st.columns(2)
    name = of_class.selectbox(
        "Class", data.class_names, index=None, placeholder="All classes", key=f"class-{data.name}"
    )
    return name, containing.text_input("Containing", key="search", placeholder="A word or phrase")


def pick_document(frame: pd.DataFrame, key: str) -> int | None:
    """A list of documents to choose one of; its place in the split, or None when there is none."""
    if frame.empty:
        return None
    config = {"Text": st.column_config.TextColumn(width="large"), "Words": st.column_config.NumberColumn(width="small")}
    state = st.dataframe(
        frame.head(MOST_LISTED),
        hide_index=True,
        column_config=config,
        height=560,
        key=f"documents-{key}",
        on_select="rerun",
        selection_mode="single-row-required",
        alt="Documents",
    )
    return int(frame.index[(state.selection.rows or [0])[0]])


def explain_button(dataset: str, text: str) -> None:
    """A button that takes a text to the Explain page, with a model that was trained on such texts."""
    names = [info.name for info in list_models() if info.dataset == dataset]
    if names and st.button("Explain this text", icon=":material/format_ink_highlighter:"):
        st.session_state[TEXT] = text
        st.switch_page(PAGES / "explain.py", query_params={MODEL: names[-1]})
