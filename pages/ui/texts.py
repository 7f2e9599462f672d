"""The texts behind a model's stored answers: found, or what to do to have them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.checkpoints import ModelInfo
from core.datasets import DATASETS, is_available
from core.schema import Evaluation, Split, TextDataset
from pages.ui import cache, corpus
from pages.ui.entry import PAGES
from pages.ui.widgets import DOCUMENT, MODEL, OPENED, TEXT, literal, mistakes_shown

NAMED = "named"  # state: the document that was opened last, as the address names it


def texts_of(info: ModelInfo, result: Evaluation, place: str = "page") -> Split | None:
    """The documents that the answers are about, in their order; None after saying how to have them."""
    data = data_of(info, place)
    if data is None:
        return None
    split = data.splits[result.split]
    if not np.array_equal(split.labels, result.labels):
        _say_changed(info)
        return None
    return split


def data_of(info: ModelInfo, place: str = "page") -> TextDataset | None:
    """The very data that a model learned from, if it is on this machine; None after saying how to have it.

    `place` tells the part of a page that asks from others on it.
    """
    if info.dataset not in DATASETS:
        with mistakes_shown():
            return cache.table(info.data_fingerprint)
        return None
    if not is_available(info.dataset):
        st.info("The answers are stored with the model; the texts that belong to them are not on this machine yet.")
        corpus.download_button(DATASETS[info.dataset], place)
        return None
    data = cache.dataset(info.dataset)
    if data.fingerprint != info.data_fingerprint:
        _say_changed(info)
        return None
    return data


def explain_link(info: ModelInfo, result: Evaluation, row: int) -> None:
    """A link to the explanation of the model's answer to a test document, rather than the true class when it is wrong.

    It names the document, so that a text of any length arrives.
    """
    names, true, predicted = result.class_names, result.labels[row], result.predictions[row]
    asked = {DOCUMENT: f"{info.name}:{row}", "label": names[predicted]}
    if true != predicted:
        asked["against"] = names[true]
    icon = ":material/format_ink_highlighter:"
    st.page_link(PAGES / "explain.py", label=":primary[**Explain this answer**]", icon=icon, query_params=asked)


def open_linked(info: ModelInfo) -> None:
    """Take over the text of the test document that the address names, once, and show the way back to its cell."""
    named = st.query_params.get(DOCUMENT)
    if named is None:
        return
    model, _, place = named.rpartition(":")
    if named != st.session_state.get(NAMED):
        data = data_of(info) if model == info.name and place.isdecimal() and len(place) < 10 else None
        if data is None or int(place) >= len(data.test):
            return
        st.session_state[NAMED] = named
        st.session_state[TEXT] = st.session_state[OPENED] = data.test.texts[int(place)]
    label = st.query_params.get("label", "")
    back = {MODEL: model, "true": st.query_params.get("against", label), "pred": label}
    icon = ":material/arrow_back:"
    st.page_link(PAGES / "evaluate.py", label=f"Test document {place}: back to its cell", icon=icon, query_params=back)


def _say_changed(info: ModelInfo) -> None:
    st.info(
        f"{literal(info.dataset)} is not the data set that this model learned from: it has changed since, so its texts "
        "cannot be shown beside these answers. Train the model again to see them.",
        icon=":material/sync_problem:",
    )
