"""Scored documents to search, sort, export, read and explain: the end of every figure of the Evaluate page."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Evaluation, Split
from pages.ui.render import helps, highlight, sentences, tables
from pages.ui.render.format import counted
from pages.ui.shared import cache, widgets
from pages.ui.shared.model_texts import explain_link, texts_of
from pages.ui.shared.search import LONGEST, containing

A_PAGE = 200  # documents that are sent to the browser at once


def pick_document(
    info: ModelInfo,
    result: Evaluation,
    split: Split | None,
    rows: np.ndarray,
    hidden: Collection[str] = (),
    height: int = 400,
    order: str | None = None,
    titles: Mapping[str, str] = MappingProxyType({}),
) -> int | None:
    """A list of scored documents to search, sort, export and choose one of.

    Args:
        split: the documents with their texts, or None when these are not to be had.
        rows: (rows,) int64 positions in the split.
        hidden: columns that would say the same in every row.
        height: of the list, in pixels.
        order: what the order of `rows` means, when they come in one.
        titles: of columns that mean something else here.

    Returns the position of the chosen one, the first to begin with; None when there is none, or no texts to read.
    """
    if not len(rows):
        return None
    found = rows if split is None else _found(split, rows)
    if not len(found):
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        found = _ordered(info, result, split, found, order)
        _export(info, result, split, found, titles)
    place = f"{info.fingerprint}-{hashlib.sha256(found.tobytes()).hexdigest()[:12]}"
    shown = _page(found, f"page-{place}")
    frame = tables.answers_table(result, shown, split, whole=False)
    columns = {name: column for name, column in _columns(titles).items() if name in frame and name not in hidden}
    state: Any = st.dataframe(
        tables.in_percent(frame),
        hide_index=True,
        column_config=columns,
        column_order=list(columns),
        height=min(height, 38 + 35 * len(frame)),
        key=f"documents-{place}-{shown[0]}",
        on_select="ignore" if split is None else "rerun",
        selection_mode="single-row-required",
        alt="Documents",
    )
    return None if split is None else int(shown[(state.selection.rows or [0])[0]])


def browse(info: ModelInfo, result: Evaluation, rows: np.ndarray, **how: Any) -> None:
    """A list of scored documents, and below it the chosen one to read; `how` as `pick_document` has it."""
    split = texts_of(info, result) if len(rows) else None
    row = pick_document(info, result, split, rows, **how)
    if row is not None and split is not None:
        read_document(info, result, split, row)


def read_document(info: ModelInfo, result: Evaluation, split: Split, row: int) -> None:
    """One document with the model's answer to it, and the way to its explanation."""
    answer_told(info, result, split, row)
    text_shown(split, row)


def answer_told(info: ModelInfo, result: Evaluation, split: Split, row: int) -> None:
    """What a model says of a document, with a link to why."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(widgets.literal(sentences.answered(result, row)))
        if split.texts[row].strip():
            explain_link(info, result, row)


def text_shown(split: Split, row: int) -> None:
    """A document as it is."""
    text = split.texts[row]
    if not text.strip():
        st.caption("This document is empty; the model can only guess.")
        return
    with st.container(border=True):
        st.html(highlight.plain(text))


def _found(split: Split, rows: np.ndarray) -> np.ndarray:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input(
            "Containing",
            key="containing",
            max_chars=LONGEST,
            placeholder="A word or phrase",
            persist_state="session",
        )
        regular = st.toggle("Regular expression", key="regular", help=helps.REGULAR_HELP, persist_state="session")
    if not wanted.strip():
        return rows
    with widgets.mistakes_shown():
        found = rows[containing((split.texts[row] for row in rows), wanted, regular)]
        st.caption(sentences.containing(len(found), len(rows)))
        return found
    return rows


def _ordered(
    info: ModelInfo, result: Evaluation, split: Split | None, rows: np.ndarray, given: str | None
) -> np.ndarray:
    orders = [order for order in tables.ORDERS if split is not None or order not in tables.BY_LENGTH]
    order = st.selectbox("Order", [given, *orders] if given else orders, key=given or "order", persist_state="session")
    if order == given:
        return rows
    lengths = None
    if split is not None and order in tables.BY_LENGTH:
        lengths = cache.word_counts(info.dataset, info.data_fingerprint, split.name)
    return tables.in_order(result, rows, order, lengths)


def _export(
    info: ModelInfo, result: Evaluation, split: Split | None, rows: np.ndarray, titles: Mapping[str, str]
) -> None:
    names = {column: title.lower().replace(" ", "_") for column, title in titles.items()}

    def made() -> bytes:
        return tables.as_csv(tables.answers_table(result, rows, split, whole=True).rename(columns=names))

    st.download_button(
        "Export as CSV",
        made,
        f"documents-{info.name}.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
        help=f"All {counted(len(rows), 'document')} of this list, with the whole texts.",
    )


def _page(rows: np.ndarray, key: str) -> np.ndarray:
    pages = -(-len(rows) // A_PAGE)
    number = st.pagination(pages, key=key) if pages > 1 else 1
    return rows[(number - 1) * A_PAGE : number * A_PAGE]


def _columns(titles: Mapping[str, str]) -> dict[str, Any]:
    # By name in the table, in the order of the screen.
    column = st.column_config
    return {
        "confidence": column.NumberColumn("Sure", format="%.1f%%", width=70, help=helps.CONFIDENCE_HELP),
        "true_class": column.TextColumn(titles.get("true_class", "True class")),
        "predicted_class": column.TextColumn(titles.get("predicted_class", "Called")),
        "words": column.NumberColumn("Words", format="localized", width=65),
        "text": column.TextColumn("Text", width=310),
        "true_probability": column.NumberColumn("Of true class", format="%.1f%%", width=90, help=helps.TRUTH_HELP),
        "position": column.NumberColumn("Position", format="localized", width=70, help=helps.POSITION_HELP),
    }
