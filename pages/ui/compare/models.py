"""Two models beside each other: the documents that tell them apart, their matrices and reports, and one text."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.evaluation import comparison_sentence
from core.saved_models import ModelInfo
from core.schema import Comparison, Evaluation, Explanation
from core.schema.explanation_text import fidelity
from pages.ui.render import charts, highlight, matrix, tables
from pages.ui.render.format import counted, percent, signed
from pages.ui.render.theme import AGAINST, FOR
from pages.ui.shared import documents, explanations, widgets
from pages.ui.shared.address import APART, cell_query, model_query
from pages.ui.shared.cautions import show_cautions
from pages.ui.shared.chart import show_chart
from pages.ui.shared.clickable import Place, clickable_matrix
from pages.ui.shared.entry import PAGES
from pages.ui.shared.explanation_settings import Marking, explanation_settings
from pages.ui.shared.long_work import last_of
from pages.ui.shared.model_texts import examples_for, texts_of
from pages.ui.shared.session import CELL
from pages.ui.shared.snapshots import Snapshots
from pages.ui.shared.typed_text import text_to_explain

COMPARE_HELP = (
    "Both models answer the same test documents, so only the documents on which one is right and the other wrong can "
    "tell them apart. McNemar's exact test asks how often a coin would give so uneven a count; below 5% the difference "
    "is taken for more than chance."
)


def difference_table(comparison: Comparison) -> Any:
    """By how many points the second model is better than the first, in colour: a row a class, then the averages."""
    first, frame = (tables.report_table(answers) for answers in (comparison.first, comparison.second))
    figures = list(widgets.SHARES)
    # The difference of the figures as they are shown above.
    shown, before = ((100 * table[figures].astype(float)).round(1) for table in (frame, first))
    frame = frame[["Class"]].join((shown - before).round(1))
    return frame.style.format(signed, subset=figures, na_rep="").map(_better, subset=figures)


def confusion_difference(comparison: Comparison) -> Any:
    """How many more documents the second model has in each cell; coloured by whether that is better or worse."""
    names = list(comparison.first.class_names)
    frame = pd.DataFrame(comparison.confusion, columns=[f"predicted as {name}" for name in names])
    frame.insert(0, "True class", names)
    signs = pd.DataFrame(2 * np.eye(len(names)) - 1, columns=frame.columns[1:]) * frame.iloc[:, 1:]
    looks = signs.map(_better)
    style = frame.style.format(partial(signed, decimals=0), subset=list(frame.columns[1:]))
    return style.apply(lambda _: looks.reindex(columns=frame.columns, fill_value=""), axis=None)


def _better(value: float) -> str:
    if not abs(value) > 0.05:
        return ""
    return f"background-color: rgba({FOR if value > 0 else AGAINST},.25)"


def disagreements(comparison: Comparison) -> tuple[tuple[str, np.ndarray], ...]:
    """The documents that one model has right and the other wrong, under the words that say so."""
    return (
        (f"Only {comparison.first.model} right", comparison.only_first),
        (f"Only {comparison.second.model} right", comparison.only_second),
    )


def show_summary(comparison: Comparison) -> None:
    """Which model is better, and a figure of each."""
    st.markdown(widgets.literal(comparison_sentence(comparison)), help=COMPARE_HELP)
    with st.grid(2, min_column_width=300, row_height=widgets.CHANGE_HEIGHT):
        for answers, alone in ((comparison.first, comparison.only_first), (comparison.second, comparison.only_second)):
            alone_right = f"{counted(len(alone), 'document')} that it alone has right"
            name = widgets.literal(answers.model)
            st.metric(name, percent(answers.accuracy), alone_right, delta_color="off", delta_arrow="off", border=True)


@st.fragment
def _show_documents(first: ModelInfo, second: ModelInfo, comparison: Comparison) -> None:
    with widgets.mistakes_shown():
        lists = dict(disagreements(comparison)) | {"Both wrong": comparison.both_wrong}
        rows = lists[widgets.choose("Documents", list(lists), key=APART, bind="query-params")]
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
                st.header(widgets.literal(info.name))
                documents.show_answer(info, answers, split, row)
        documents.show_text(split, row)


def _open(answers: Evaluation, place: Place) -> None:
    true, predicted = (None if position is None else answers.class_names[position] for position in place)
    st.session_state[CELL] = cell_query(answers.model, true, predicted)


def _show_figures(first: ModelInfo, second: ModelInfo, comparison: Comparison) -> None:
    if CELL in st.session_state:
        st.switch_page(PAGES / "evaluate.py", query_params=st.session_state.pop(CELL))
    sides = st.columns(2, gap="medium")
    order = matrix.most_confused(comparison.first.confusion + comparison.second.confusion)
    for place, answers in zip(sides, (comparison.first, comparison.second), strict=True):
        with place:
            st.header(widgets.literal(answers.model))
            html = matrix.matrix_html(answers, matrix.DOCUMENTS, order)
            clickable_matrix(html, (None, None), f"matrix-{answers.model}", partial(_open, answers))
            widgets.table(tables.report_table(answers), f"Precision, recall and F1 of {answers.model}")
    st.header(widgets.literal(f"Difference: {comparison.second.model} minus {comparison.first.model}"))
    changes, counts = st.columns([3, 2], gap="medium")
    for place, table, alt in (
        (changes, difference_table(comparison), "In points"),
        (counts, confusion_difference(comparison), "More documents"),
    ):
        place.dataframe(table, hide_index=True, height=tables.height_of(table), alt=alt)


def _show_one_text(first: ModelInfo, second: ModelInfo, comparison: Comparison) -> None:
    how, marking = explanation_settings()  # those of the Explain page: the same model marks the same words
    text = text_to_explain(first.name, examples_for(first))
    for place, info in zip(st.columns(2, gap="medium"), (first, second), strict=True):
        with place:
            st.header(widgets.literal(info.name))
            with widgets.mistakes_shown():
                waits = widgets.waits_in(st.empty())
                snapshots = explanations.leading_snapshots(info.key, text, None, None, **how, tell=waits)
                _show_explanation(info, snapshots, marking, widgets.key_for("compare", info, repr((text, how))))


def _show_explanation(info: ModelInfo, snapshots: Snapshots[Explanation], marking: Marking, key: str) -> None:
    st.html(highlight.verdict(snapshots.last))
    show_cautions(info, snapshots.last.text)
    chart = charts.class_probabilities(snapshots.last)
    show_chart(chart, "Probability of each class", f"shares-{info.name}")
    why = last_of(snapshots, key, explanations.asked_so_far)
    with st.container(border=True):
        st.html(highlight.legend(why, *marking))
        st.html(highlight.highlighted(why, marking.most, smallest_share=marking.smallest_share))
    st.caption(widgets.literal(fidelity(why)))
    icon = ":material/format_ink_highlighter:"
    st.page_link(PAGES / "explain.py", label="Explain this answer", icon=icon, query_params=model_query(info.name))


VIEWS = {"Documents": _show_documents, "Figures": _show_figures, "One text": _show_one_text}
