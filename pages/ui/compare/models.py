"""Two models beside each other: the documents that tell them apart, their matrices and reports, and one text."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Comparison, Evaluation, Explanation
from pages.ui.evaluate.confusion import PREDICTED, TRUE
from pages.ui.render import charts, highlight, matrix, sentences, tables
from pages.ui.shared import cache, documents, widgets
from pages.ui.shared.clickable import Place, clickable_matrix
from pages.ui.shared.entry import PAGES
from pages.ui.shared.model_texts import texts_of
from pages.ui.shared.widgets import MODEL

CELL = "compared-cell"  # the cell that was clicked here and is shown on the Evaluate page
SAMPLES, WORDS = 2000, 25  # of an explanation that stands beside another


def apart(comparison: Comparison) -> tuple[tuple[str, np.ndarray], ...]:
    """The documents that one model has right and the other wrong, under the words that say so."""
    return (
        (f"Only {comparison.first.model} right", comparison.only_first),
        (f"Only {comparison.second.model} right", comparison.only_second),
    )


@st.fragment
def _documents(first: ModelInfo, second: ModelInfo, comparison: Comparison) -> None:
    with widgets.mistakes_shown():
        lists = dict(apart(comparison)) | {"Both wrong": comparison.both_wrong}
        rows = lists[widgets.choose("Documents", list(lists), key="apart", bind="query-params")]
        if not len(rows):
            st.caption("There is no such document.")
            return
        split = texts_of(first, comparison.first)
        info, answers = (second, comparison.second) if rows is comparison.only_second else (first, comparison.first)
        st.caption(widgets.literal(f"The list shows the answers of {answers.model}."))
        row = documents.pick_document(info, answers, split, rows)
        if row is None or split is None:
            return
        left, right = st.columns(2, gap="medium")
        for place, info, answers in ((left, first, comparison.first), (right, second, comparison.second)):
            with place:
                st.subheader(widgets.literal(info.name))
                documents.answer_told(info, answers, split, row)
        documents.text_shown(split, row)


def _open(answers: Evaluation, place: Place) -> None:
    st.session_state[CELL] = {MODEL: answers.model} | {
        key: answers.class_names[position]
        for key, position in zip((TRUE, PREDICTED), place, strict=True)
        if position is not None
    }


def _figures(first: ModelInfo, second: ModelInfo, comparison: Comparison) -> None:
    if CELL in st.session_state:
        st.switch_page(PAGES / "evaluate.py", query_params=st.session_state.pop(CELL))
    sides = st.columns(2, gap="medium")
    order = tuple(range(len(comparison.first.class_names)))
    for place, answers in zip(sides, (comparison.first, comparison.second), strict=True):
        with place:
            st.subheader(widgets.literal(answers.model))
            html = matrix.matrix_html(answers, matrix.DOCUMENTS, order)
            clickable_matrix(html, (None, None), f"matrix-{answers.model}", partial(_open, answers))
            widgets.table(tables.report_table(answers), f"Precision, recall and F1 of {answers.model}")
    st.subheader(widgets.literal(f"Difference: {comparison.second.model} minus {comparison.first.model}"))
    changed, counted = st.columns([3, 2], gap="medium")
    changed.dataframe(tables.difference_table(comparison), hide_index=True, height="content", alt="In points")
    counted.dataframe(tables.confusion_difference(comparison), hide_index=True, height="content", alt="More documents")


def _one_text(first: ModelInfo, second: ModelInfo, comparison: Comparison) -> None:
    text = widgets.text_to_explain(first)
    for place, info in zip(st.columns(2, gap="medium"), (first, second), strict=True):
        with place:
            st.subheader(widgets.literal(info.name))
            with widgets.mistakes_shown():
                _explained(info, _explanation(info, text))


def _explanation(info: ModelInfo, text: str) -> Explanation:
    snapshots = cache.explanation_snapshots(info.key, text, None, None, SAMPLES, 0)
    for _ in snapshots:
        pass
    return snapshots.last


def _explained(info: ModelInfo, why: Explanation) -> None:
    st.html(highlight.verdict(why))
    chart = charts.class_probabilities(why)
    st.plotly_chart(chart, config=charts.QUIET, key=f"shares-{info.name}", alt="Probability of each class")
    with st.container(border=True):
        st.html(highlight.legend(why, WORDS))
        st.html(highlight.highlighted(why, WORDS))
    st.caption(widgets.literal(sentences.fidelity(why)))
    icon = ":material/format_ink_highlighter:"
    st.page_link(PAGES / "explain.py", label="Explain this answer", icon=icon, query_params={MODEL: info.name})


VIEWS = {"Documents": _documents, "Figures": _figures, "One text": _one_text}
