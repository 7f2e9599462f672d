"""The texts behind a model's stored answers: found, or what to do to have them."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import streamlit as st

from core.datasets import DATASETS, is_available
from core.errors import BadInput
from core.saved_models import ModelInfo, list_models
from core.schema import Evaluation, Split, TextDataset
from pages.ui.shared import cache
from pages.ui.shared.address import (
    AGAINST,
    DOCUMENT,
    LABEL,
    READ,
    cell_query,
    document_query,
    explain_query,
    forget,
    value,
)
from pages.ui.shared.download import download_button
from pages.ui.shared.entry import PAGES
from pages.ui.shared.examples import document_examples, examples
from pages.ui.shared.session import NAMED, OPENED
from pages.ui.shared.typed_text import ask, set_aside, take_back
from pages.ui.shared.widgets import literal, mistakes_shown

READING = "Reading the data …"
KINDS = {"test": "Test", "train": "Training", "valid": "Validation"}


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
        download_button(DATASETS[info.dataset], place)
        return None
    with st.spinner(READING):
        data = cache.dataset(info.dataset)
    if data.fingerprint != info.data_fingerprint:
        _say_changed(info)
        return None
    return data


def examples_for(info: ModelInfo) -> dict[str, str]:
    """Title -> text to begin with: written for its data set, or test documents of one's own while they exist."""
    if info.dataset in DATASETS:
        return examples(info.dataset)
    with suppress(BadInput):
        return document_examples(cache.table(info.data_fingerprint).test)
    return {}


def explain_link(info: ModelInfo, result: Evaluation, row: int) -> None:
    """A link to why a test document got its class, rather than the true one when that is another."""
    predicted, true = (result.class_names[of[row]] for of in (result.predictions, result.labels))
    document_link(info, str(row), predicted, true, ":primary[**Explain this answer**]")


def document_link(info: ModelInfo, place: str, label: str, against: str, title: str) -> None:
    """A link to the explanation of why a document gets a class rather than another one, where they differ.

    It names the document, so that a text of any length arrives.

    Args:
        info: of the model.
        place: the document's row in the test split, such as "5", or in another one, such as "train:5".
        label, against: the two classes.
        title: of the link.
    """
    query = explain_query(info.name, place, label, against)
    icon = ":material/format_ink_highlighter:"
    st.page_link(PAGES / "explain.py", label=title, icon=icon, query_params=query)


def open_linked() -> None:
    """Take over the text of the document that the address names, once, and show the way back to where it stands."""
    named = value(DOCUMENT)
    if named is None:
        if st.session_state.pop(NAMED, None) is not None:  # the way back to it opens it again
            take_back()
        return
    model, _, place = named.partition(":")
    split, row = place.split(":", 1) if ":" in place else ("test", place)
    if named != st.session_state.get(NAMED):
        text = _named_text(model, split, row)
        if text is None:
            return
        if NAMED not in st.session_state:
            set_aside()
        st.session_state[NAMED] = named
        st.session_state[OPENED] = text
        ask(text)
    page, where, back = _way_back(model, split, row)
    title = f"{KINDS[split]} document {int(row):,}: back to {where}"
    st.page_link(PAGES / page, label=title, icon=":material/arrow_back:", query_params=back)


def _way_back(model: str, split: str, row: str) -> tuple[str, str, dict[str, str]]:
    # The page, what of it, and its address: a cell where the address names a class, else the data set.
    label = value(LABEL)
    if label is None:
        dataset = next(info.dataset for info in list_models() if info.name == model)
        return "data.py", "the data set", document_query(dataset, KINDS[split], int(row))
    cell = cell_query(model, value(AGAINST) or label, label)
    if split == "test":
        return "evaluate.py", "its cell", cell | {READ: row}
    return "evaluate.py", "the cell", cell


def _named_text(model: str, split: str, row: str) -> str | None:
    # The text of a document in the address; None after saying what it lacks.
    info = next((each for each in list_models() if each.name == model), None)
    if info is not None and split in KINDS and row.isdecimal() and len(row) < 10:
        data = data_of(info)
        if data is None:
            return None  # it has said how to have it, and the address stays for then
        texts = data.splits[split].texts
        if int(row) < len(texts):
            return texts[int(row)]
    forget(DOCUMENT, LABEL, AGAINST)
    st.toast("The address named a document that is not here; this is another text.", icon=":material/link_off:")
    return None


def _say_changed(info: ModelInfo) -> None:
    st.info(
        f"{literal(info.dataset)} is not the data set that this model learned from: it has changed since, so its texts "
        "cannot be shown beside these answers. Train the model again to see them.",
        icon=":material/sync_problem:",
    )
