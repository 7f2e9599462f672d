"""Widgets of the Data page."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.datasets import DATASETS, DatasetSpec, OwnDataset, is_available, own_datasets
from core.saved_models import ModelInfo, list_models
from core.schema import Split, TextDataset
from pages.ui.data.own import about_own
from pages.ui.render.charts import class_bars, drawn, label
from pages.ui.render.format import counted, size
from pages.ui.render.tables import beginning
from pages.ui.render.theme import BLUE
from pages.ui.shared import cache
from pages.ui.shared.address import DATASET, MODEL, OF_CLASS, SEARCH, SPLIT, text_query, value
from pages.ui.shared.background import made
from pages.ui.shared.chart import show_chart
from pages.ui.shared.download import download_button
from pages.ui.shared.entry import PAGES
from pages.ui.shared.model_texts import READING
from pages.ui.shared.reading import name_chosen, newly_named, select
from pages.ui.shared.session import ADDED, DELETED
from pages.ui.shared.typed_text import ask
from pages.ui.shared.widgets import FIRST_CHOICE, choose, literal, pick_rows, tell_unknown

MIDDLE_HELP = "Half of the documents are shorter, half are longer (the median)."
LENGTH_HELP = "How many documents have how many words. The longest one in a hundred are left out of the chart."
MOST_LISTED = 1_000  # documents
MANY_CLASSES = 20
BALANCE_HEIGHT = 420  # pixels


def search_summary(matches: int, most: int) -> str:
    """How many documents a search has found, and how many of them are listed."""
    listed = f"; the first {most:,} are listed" if matches > most else ""
    if not matches:
        return "No document contains that; try another word or class."
    return f"{counted(matches, 'document')}{listed}. Pick a row to read it; they stand in a random order."


def document_table(split: Split, class_name: str | None, search: str, lengths: np.ndarray) -> pd.DataFrame:
    """Documents of a class (None for all) that contain a text, in a random order: class, words, beginning.

    The index is the place in the split.

    Args:
        lengths: (n,) words of each document of the split.
    """
    chosen = np.ones(len(split), bool) if class_name is None else split.labels == split.class_names.index(class_name)
    wanted = search.strip().casefold()
    if wanted:
        chosen &= np.fromiter((wanted in text.casefold() for text in split.texts), bool, len(split))
    rows = np.random.default_rng(0).permutation(np.flatnonzero(chosen))
    beginnings = [beginning(split.texts[row]) for row in rows]
    classes = pd.Categorical.from_codes(split.labels[rows], categories=list(split.class_names)).astype(str)
    return pd.DataFrame({"Class": classes, "Words": lengths[rows], "Text": beginnings}, index=rows)


def class_balance(split: Split) -> go.Figure:
    """Documents of each class; of many classes the largest first."""
    counts = np.bincount(split.labels, minlength=len(split.class_names))
    order = np.arange(len(counts)) if len(counts) <= MANY_CLASSES else np.argsort(-counts, kind="stable")
    counts, names = counts[order], [label(split.class_names[place]) for place in order]
    return class_bars(names, counts.tolist(), "documents")


def show_class_balance(split: Split) -> None:
    """The same on the page; of many classes in a frame to scroll in."""
    height: Any = BALANCE_HEIGHT if len(split.class_names) > MANY_CLASSES else "content"
    with st.container(height=height, border=False):
        show_chart(class_balance(split), "Documents by class", "balance")


def length_distribution(lengths: np.ndarray) -> go.Figure:
    """Documents by number of words, up to the 99th percentile.

    Args:
        lengths: (n,) words of each document.
    """
    longest = max(int(np.percentile(lengths, 99)), 1)
    counts, edges = np.histogram(lengths, bins=min(40, longest), range=(0, longest))
    bars = go.Bar(
        x=(edges[:-1] + edges[1:]) / 2,
        y=counts,
        width=np.diff(edges) * 0.92,
        marker_color=BLUE,
        customdata=np.column_stack([edges[:-1], edges[1:]]),
        hovertemplate="%{customdata[0]:.0f} to %{customdata[1]:.0f} words: %{y:,} documents<extra></extra>",
    )
    return drawn([bars], height=300, across={"title": "Words", "rangemode": "tozero"}, up={"title": "Documents"})


def pick_dataset() -> DatasetSpec | OwnDataset:
    """The picker of a data set, in the address: the public ones, then one's own, newest first."""
    known: dict[str, DatasetSpec | OwnDataset] = {**DATASETS}
    known |= {own.name: own for own in own_datasets()}
    if ADDED in st.session_state:
        st.session_state[DATASET] = st.session_state.pop(ADDED)
    wanted = st.session_state.get(DATASET) or value(DATASET)
    if wanted != st.session_state.get(DELETED):  # else the page says that it was deleted
        tell_unknown(wanted, known, "data set")
    return known[st.selectbox("Data set", list(known), key=DATASET, bind="query-params")]


def read_dataset(chosen: DatasetSpec | OwnDataset) -> TextDataset:
    """The documents of a data set; for a corpus that is not here a button that fetches it, and the page ends."""
    if isinstance(chosen, OwnDataset):
        about_own(chosen)
        return cache.table(chosen.fingerprint).named(chosen.name)  # another's copy of it may be what is kept
    about_dataset(chosen)
    offer_download(chosen)
    reading = made("dataset", chosen.name, partial(cache.dataset, chosen.name), READING)
    if reading is None:
        st.stop()
    return reading.result()


def about_dataset(spec: DatasetSpec) -> None:
    """Title, what it is, licence and source."""
    st.markdown(f"**{literal(spec.title)}**. {literal(spec.summary)}")
    st.caption(f"Licence: {literal(spec.licence)} · [Source]({spec.source})")


def offer_download(spec: DatasetSpec) -> None:
    """Nothing when the corpus is on this machine; else a button that fetches it, and the page ends here."""
    if is_available(spec.name):
        return
    st.info(f"{literal(spec.title)} is not on this machine yet. Download size: {size(spec.download_bytes)}.")
    download_button(spec, licence=False)
    st.stop()


def pick_split(data: TextDataset) -> Split:
    """The picker of a split of a corpus."""
    names = {"Training": data.train, "Validation": data.valid, "Test": data.test}
    return names[choose("Split", list(names), key=SPLIT, bind="query-params")]


def copies_sentence(copies: int, documents: int) -> str:
    """How many of the test documents are copies; "" for none."""
    if not copies:
        return ""
    stand = "stands" if copies == 1 else "stand"
    return (
        f"{copies:,} of {documents:,} test documents {stand} in training or validation too, character for character; "
        "the Evaluate page tells the accuracy without them."
    )


def tell_copies(data: TextDataset) -> None:
    """Say how many test documents are copies of others."""
    sentence = copies_sentence(cache.copies(data.name, data.fingerprint), len(data.test))
    if sentence:
        st.caption(sentence)


def document_filter(data: TextDataset) -> tuple[str | None, str]:
    """Which documents to list: those of a class (None for all) that contain a text."""
    of_class, containing = st.columns(2)
    if st.session_state.get(OF_CLASS) not in (None, *data.class_names):  # chosen in another data set
        st.session_state[OF_CLASS] = None
    name = of_class.selectbox(
        "Class", data.class_names, index=None, placeholder="All classes", key=OF_CLASS, bind="query-params"
    )
    search = containing.text_input(
        "Containing", key=SEARCH, bind="query-params", placeholder="A word or phrase", max_chars=80
    )
    return name, search


def pick_document(frame: pd.DataFrame, name: str) -> int | None:
    """A list of documents, called `name`, to choose one of; its place in the split, or None when there is none."""
    if frame.empty:
        return None
    config = {
        "Text": st.column_config.TextColumn(width="large"),
        "Words": st.column_config.NumberColumn(width="small", format="localized"),
    }
    listed = frame.head(MOST_LISTED)
    positions = listed.index.tolist()
    named = newly_named(name, positions)
    if named is not None:
        select(name, named)
    note = partial(name_chosen, name, name, positions)
    (row,) = pick_rows(listed, name, "Documents", required=True, columns=config, height=560, on_select=note)
    return int(frame.index[row])


def explain_button(data: TextDataset, split: Split, position: int) -> None:
    """A button that takes a document to the Explain page, with a model that was trained on such texts."""
    info = _model_for(data)
    if info is None:
        st.caption("No model here has learned from this data set, so none can explain this text.")
        st.page_link(PAGES / "train.py", label="Train one", icon=":material/model_training:")
    elif st.button("Explain this text", icon=":material/format_ink_highlighter:"):
        ask(split.texts[position])
        is_its_own = info.data_fingerprint == data.fingerprint
        place = f"{split.name}:{position}" if is_its_own else None
        st.switch_page(PAGES / "explain.py", query_params=text_query(info.name, place))


def _model_for(data: TextDataset) -> ModelInfo | None:
    # The one chosen last, else the better known one, else the last.
    fit = {
        info.name: info
        for info in list_models()
        if data.name == info.dataset or data.fingerprint == info.data_fingerprint
    }
    wanted = (st.session_state.get(MODEL), FIRST_CHOICE, *reversed(fit))
    return next((fit[name] for name in wanted if name in fit), None)
