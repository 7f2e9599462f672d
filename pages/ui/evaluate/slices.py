"""Where a model is worse than elsewhere."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.datasets import DATASETS
from core.evaluation import by_class, by_column, by_confidence, by_length, by_word
from core.saved_models import ModelInfo
from core.schema import Evaluation, Slice, Split
from pages.ui.render import charts, figures, helps, tables
from pages.ui.shared import cache, documents, widgets
from pages.ui.shared.model_texts import texts_of

Parts = tuple[Slice, ...]
CLASS, SURE, LENGTH, WORD, COLUMN = "Class", "How sure it is", "Length", "A word", "A column"
KINDS = (CLASS, SURE, LENGTH, WORD)
LONGEST = 80  # characters of a value in a heading


@st.fragment
def show(info: ModelInfo, result: Evaluation) -> None:
    """The accuracy of each part of the test documents, the worst first; choosing one lists its mistakes."""
    with widgets.mistakes_shown():
        st.subheader("Where it is worse", help=helps.SLICES_HELP)
        kinds = KINDS if info.dataset in DATASETS else (*KINDS, COLUMN)
        kind = widgets.choose("By", kinds, key="slice", bind="query-params")
        parts = _parts(kind, info, result)
        if parts:
            _drawn(info, result, kind, parts)


def _parts(kind: str, info: ModelInfo, result: Evaluation) -> Parts:
    if kind in (CLASS, SURE):
        return by_class(result) if kind == CLASS else by_confidence(result)
    split = texts_of(info, result)
    if split is None:
        return ()
    if kind == WORD:
        return _with_word(result, split)
    if kind == COLUMN:
        return _with_column(result, split)
    return by_length(result, cache.word_counts(info.dataset, info.data_fingerprint, split.name))


def _with_word(result: Evaluation, split: Split) -> Parts:
    word = st.text_input(
        "Word or phrase", key="slice-word", bind="query-params", placeholder="such as: not", max_chars=80
    )
    parts = by_word(result, split.texts, word) if word.strip() else ()
    if len(parts) == 1:
        st.caption("All test documents contain it, or none does: there is nothing to compare.")
        return ()
    return parts


def _with_column(result: Evaluation, split: Split) -> Parts:
    if not split.columns:
        st.caption("The table has no other column that puts documents together: one whose values repeat, or numbers.")
        return ()
    name = st.selectbox(
        "Column of the table", list(split.columns), key="slice-column", bind="query-params", help=helps.COLUMN_HELP
    )
    return by_column(result, pd.Series(split.columns[name], name=name))


def _drawn(info: ModelInfo, result: Evaluation, kind: str, parts: Parts) -> None:
    drawn, listed = st.columns([2, 3], gap="medium")
    with drawn:
        chart = figures.slices(parts, result.accuracy)
        st.plotly_chart(chart, config=charts.QUIET, key="slices", alt="Accuracy of each part with its interval")
        st.caption("The line is the accuracy of all documents; grey dots stand for few documents.")
    with listed:
        state = st.dataframe(
            tables.slice_table(parts),
            hide_index=True,
            column_config={"Documents": st.column_config.NumberColumn(format="localized")},
            key=f"slices-{kind}-{parts[0].kind}-{info.fingerprint}",
            on_select="rerun",
            selection_mode="single-row-required",
            height="content",
            alt="Accuracy of each part",
        )
    chosen = parts[min((state.selection.rows or [0])[0], len(parts) - 1)]
    rows = chosen.rows[~result.correct[chosen.rows]]
    st.subheader(f"Mistakes: {widgets.literal(chosen.name[:LONGEST])}")
    if not len(rows):
        st.caption("The model makes none here.")
        return
    documents.browse(info, result, rows)
