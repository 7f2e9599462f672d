"""Scored documents to search, sort, export, read and explain: the end of every figure of the Evaluate page."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Evaluation, Split
from pages.ui.render import highlight, tables
from pages.ui.render.format import counted, percent
from pages.ui.shared import cache, widgets
from pages.ui.shared.model_texts import explain_link, texts_of
from pages.ui.shared.reading import name_chosen, newly_named, select
from pages.ui.shared.search import LONGEST as MOST_SOUGHT
from pages.ui.shared.search import containing

REGULAR_HELP = (
    "A pattern as RE2 reads it, upper and lower case alike: `colou?r`, `\\bnot \\w+`, `^Subject: .*car`. It cannot "
    "look around or back."
)
CONFIDENCE_HELP = "The probability that the model gives to the class that it chose."
TRUTH_HELP = "The probability that the model gives to the class that is true by the data."
POSITION_HELP = "The document's position in the test split, counted from 0."
SUREST, UNSUREST, LONGEST, SHORTEST, AS_IT_IS = ORDERS = (
    "Most confident first",
    "Least confident first",
    "Longest first",
    "Shortest first",
    "As in the data",
)
BY_LENGTH = (LONGEST, SHORTEST)

NAMED_CLASSES = ("true_class", "predicted_class")  # columns whose names in a file follow their titles
SHARES = ("confidence", "true_probability")  # columns of probabilities
A_PAGE = 200  # documents that are sent to the browser at once


def search_sentence(matches: int, searched: int) -> str:
    """How many documents of a list a search has left in it."""
    if not matches:
        return "None of these documents contains that."
    return f"{counted(matches, 'document')} of {searched:,} {'contains' if matches == 1 else 'contain'} that."


def answer_sentence(evaluation: Evaluation, row: int) -> str:
    """What a model answers to one document, and what is true."""
    names, true, predicted = evaluation.class_names, evaluation.labels[row], evaluation.predictions[row]
    shares = evaluation.probabilities[row]
    answer = f"Document {row:,}: predicted as {names[predicted]} with {percent(shares[predicted])}"
    if true == predicted:
        return f"{answer}, which is right"
    return f"{answer}; it is {names[true]}, which has {percent(shares[true])}"


def answers_table(evaluation: Evaluation, rows: np.ndarray, split: Split | None, whole: bool) -> pd.DataFrame:
    """The model's answers to some documents, in the order of `rows`: a row each.

    The columns are position (in the split, from 0), true_class, predicted_class, confidence and true_probability in
    [0, 1], and, where there are texts, words and text.

    Args:
        rows: (rows,) int64 positions of the documents.
        split: with the texts, or None.
        whole: whether texts are whole, or their beginnings on one line.
    """
    names = np.array(evaluation.class_names, dtype=object)
    predicted, true = evaluation.predictions[rows], evaluation.labels[rows]
    columns = {"position": rows, "true_class": names[true], "predicted_class": names[predicted]}
    columns |= {"confidence": evaluation.probabilities[rows, predicted]}
    columns |= {"true_probability": evaluation.probabilities[rows, true]}
    if split is not None:
        chosen = [split.texts[row] for row in rows]
        columns["words"] = np.fromiter((len(text.split()) for text in chosen), np.int64, len(chosen))
        columns["text"] = np.array(chosen if whole else [tables.beginning(text) for text in chosen], dtype=object)
    return pd.DataFrame(columns)


def in_order(evaluation: Evaluation, rows: np.ndarray, order: str, lengths: np.ndarray | None = None) -> np.ndarray:
    """(rows,) int64 the rows in one of `ORDERS`; equals stay as they are in the data.

    Args:
        lengths: (n,) words of each document of the split; needed for the orders `BY_LENGTH`.
    """
    rows = np.sort(rows)
    if order == AS_IT_IS:
        return rows
    by = evaluation.probabilities.max(axis=1) if lengths is None else lengths
    falling = order in (SUREST, LONGEST)
    return rows[np.argsort(-by[rows] if falling else by[rows], kind="stable")]


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
    listed = rows if split is None else _search(split, rows)
    if not len(listed):
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        listed = _sort(info, result, split, listed, order)
        _export(info, result, split, listed, titles)
    name = f"documents-{info.fingerprint}-{hashlib.sha256(listed.tobytes()).hexdigest()[:12]}"
    named = newly_named(name, listed)
    shown = _page(listed, f"page-of-{name}", named)
    frame = answers_table(result, shown, split, whole=False)
    key = f"{name}-{shown[0]}"
    if named is not None and split is not None:
        select(key, named % A_PAGE)
    columns = {name: column for name, column in _columns(titles).items() if name in frame and name not in hidden}
    state: Any = st.dataframe(
        tables.shown_as(frame, SHARES),
        hide_index=True,
        column_config=columns,
        column_order=list(columns),
        height=tables.height_of(frame, height),
        key=key,
        on_select="ignore" if split is None else partial(name_chosen, key, name, shown),
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


def read_document(
    info: ModelInfo, result: Evaluation, split: Split, row: int, height: int | Literal["content"] = "content"
) -> None:
    """One document with the model's answer to it, and the way to its explanation."""
    show_answer(info, result, split, row)
    show_text(split, row, height)


def show_answer(info: ModelInfo, result: Evaluation, split: Split, row: int) -> None:
    """What a model answers to a document, with a link to why."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(widgets.literal(answer_sentence(result, row)))
        if split.texts[row].strip():
            explain_link(info, result, row)


def show_text(split: Split, row: int, height: int | Literal["content"] = "content") -> None:
    """A document as it is, to scroll in where a height in pixels is given."""
    text = split.texts[row]
    if not text.strip():
        st.caption("This document is empty; the model can only guess.")
        return
    with st.container(border=True, height=height):
        st.html(highlight.plain(text))


def _search(split: Split, rows: np.ndarray) -> np.ndarray:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input(
            "Containing",
            key="containing",
            max_chars=MOST_SOUGHT,
            placeholder="A word or phrase",
            persist_state="session",
        )
        regular = st.toggle("Regular expression", key="regular", help=REGULAR_HELP, persist_state="session")
    if not wanted.strip():
        return rows
    with widgets.mistakes_shown():
        matches = rows[containing((split.texts[row] for row in rows), wanted, regular)]
        st.caption(search_sentence(len(matches), len(rows)))
        return matches
    return rows


def _sort(
    info: ModelInfo, result: Evaluation, split: Split | None, rows: np.ndarray, own_order: str | None
) -> np.ndarray:
    orders = [order for order in ORDERS if split is not None or order not in BY_LENGTH]
    options = [own_order, *orders] if own_order else orders
    order = st.selectbox("Order", options, key=own_order or "order", persist_state="session")
    if order == own_order:
        return rows
    lengths = None
    if split is not None and order in BY_LENGTH:
        lengths = cache.word_counts(info.dataset, info.data_fingerprint, split.name)
    return in_order(result, rows, order, lengths)


def _export(
    info: ModelInfo, result: Evaluation, split: Split | None, rows: np.ndarray, titles: Mapping[str, str]
) -> None:
    names = {column: title.lower().replace(" ", "_") for column, title in titles.items() if column in NAMED_CLASSES}

    def content() -> bytes:
        return tables.as_csv(answers_table(result, rows, split, whole=True).rename(columns=names))

    st.download_button(
        "Export as CSV",
        content,
        f"documents-{info.name}.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
        help=f"All {counted(len(rows), 'document')} of this list, with the whole texts.",
    )


def _page(rows: np.ndarray, key: str, named: int | None) -> np.ndarray:
    pages = -(-len(rows) // A_PAGE)
    if named is not None and pages > 1:
        st.session_state[key] = named // A_PAGE + 1
    number = st.pagination(pages, key=key) if pages > 1 else 1
    return rows[(number - 1) * A_PAGE : number * A_PAGE]


def _columns(titles: Mapping[str, str]) -> dict[str, Any]:
    # By name in the table, in the order of the screen.
    column = st.column_config
    return {
        "confidence": column.NumberColumn("Confidence", width=90, help=CONFIDENCE_HELP),
        "true_class": column.TextColumn(titles.get("true_class", "True class")),
        "predicted_class": column.TextColumn(titles.get("predicted_class", "Predicted")),
        "words": column.NumberColumn("Words", format="localized", width=65),
        "text": column.TextColumn("Text", width=310),
        "true_probability": column.NumberColumn(
            titles.get("true_probability", "P(true class)"), width=90, help=TRUTH_HELP
        ),
        "position": column.NumberColumn("Position", format="localized", width=70, help=POSITION_HELP),
    }
