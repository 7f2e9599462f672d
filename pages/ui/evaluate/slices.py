"""Where a model is worse than elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.datasets import DATASETS
from core.evaluation import by_class, by_column, by_confidence, by_length, by_word, slice_difference
from core.saved_models import ModelInfo
from core.schema import Evaluation, Slice, Split
from pages.ui.render import charts
from pages.ui.render.format import counted, interval, percent
from pages.ui.render.theme import BLUE, GREY, ORANGE
from pages.ui.shared import cache, documents, widgets
from pages.ui.shared.address import SLICE, SLICE_COLUMN, SLICE_WORD, value
from pages.ui.shared.chart import show_chart
from pages.ui.shared.model_texts import texts_of

SLICES_HELP = (
    "Slices of the test documents, the worst first: by the upper end of the 95% interval, so that a slice does not "
    "lead because it is small. A difference may be chance unless Fisher's exact test says otherwise (adjusted for the "
    "number of slices)."
)
COLUMN_HELP = (
    "Numbers and dates fall into five slices with about equally many documents; of other values the ten most frequent "
    "have a slice each. Columns with another value in nearly every row, such as addresses, are not offered."
)

Parts = tuple[Slice, ...]
CLASS, CONFIDENCE, LENGTH, WORD, COLUMN = "Class", "Confidence", "Length", "A word", "A column"
KINDS = (CLASS, CONFIDENCE, LENGTH, WORD)
EARLIER = {"How sure it is": CONFIDENCE}  # kinds as older links name them
LONGEST = 80  # characters of a value in a heading


def slice_table(parts: Sequence[Slice]) -> pd.DataFrame:
    """Slices with their accuracy, its interval and the difference to all others: a row each."""
    return pd.DataFrame(
        {
            "Slice": part.name,
            "Documents": len(part),
            "Accuracy": interval(part.accuracy),
            "Compared with the rest": slice_difference(part),
        }
        for part in parts
    )


def slice_chart(parts: Sequence[Slice], overall: float) -> go.Figure:
    """The accuracy of each slice with its interval, the worst on top; the line is the accuracy of all documents."""
    dots = go.Scatter(
        x=[part.accuracy.value for part in parts],
        y=list(range(len(parts))),
        mode="markers",
        cliponaxis=False,
        marker={"size": 10, "color": [GREY if part.few else BLUE for part in parts]},
        error_x=charts.whiskers([part.accuracy for part in parts]),
        customdata=[_slice_hover(part) for part in parts],
        hovertemplate=charts.TOLD,
    )
    lowest = min([part.accuracy.low for part in parts] + [overall])
    across = {"tickformat": ".0%", "range": [max(lowest - 0.05, 0), 1]}
    names = [charts.label(part.name, 26) for part in parts]
    figure = charts.ranked([dots], names, height=30 * len(parts) + 50, across=across)
    return figure.add_vline(overall, line={"color": ORANGE, "width": 2, "dash": "dot"})


def _slice_hover(part: Slice) -> str:
    accuracy = part.accuracy
    figures = f"{percent(accuracy.value)} right ({percent(accuracy.low)} to {percent(accuracy.high)})"
    return f"{charts.label(part.name, 60)}: {counted(len(part), 'document')}, {figures}"


@st.fragment
def show(info: ModelInfo, result: Evaluation) -> None:
    """The accuracy of each slice of the test documents, the worst first; choosing one lists its mistakes."""
    with widgets.mistakes_shown():
        st.header("Where it is worse", help=SLICES_HELP)
        _read_earlier_link()
        kinds = KINDS if info.dataset in DATASETS else (*KINDS, COLUMN)
        kind = widgets.choose("By", kinds, key=SLICE, bind="query-params")
        parts = _parts(kind, info, result)
        if parts:
            _show_parts(info, result, kind, parts)


def _read_earlier_link() -> None:
    kind = EARLIER.get(value(SLICE) or "")
    if kind is not None and SLICE not in st.session_state:
        st.session_state[SLICE] = kind


def _parts(kind: str, info: ModelInfo, result: Evaluation) -> Parts:
    if kind in (CLASS, CONFIDENCE):
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
        "Word or phrase", key=SLICE_WORD, bind="query-params", placeholder="such as: not", max_chars=80
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
        "Column of the table", list(split.columns), key=SLICE_COLUMN, bind="query-params", help=COLUMN_HELP
    )
    return by_column(result, pd.Series(split.columns[name], name=name))


def _show_parts(info: ModelInfo, result: Evaluation, kind: str, parts: Parts) -> None:
    diagram, table = st.columns([2, 3], gap="medium")
    with diagram:
        chart = slice_chart(parts, result.accuracy)
        show_chart(chart, "Accuracy of each slice with its interval", "slices")
        st.caption("The line is the accuracy of all documents; grey dots stand for few documents.")
    with table:
        key = f"slices-{kind}-{parts[0].kind}-{info.fingerprint}"
        (row,) = widgets.pick_rows(slice_table(parts), key, "Accuracy of each slice", required=True)
    chosen = parts[min(row, len(parts) - 1)]
    rows = chosen.rows[~result.correct[chosen.rows]]
    st.header(f"Mistakes: {widgets.literal(chosen.name[:LONGEST])}")
    if not len(rows):
        st.caption("The model makes none here.")
        return
    documents.browse(info, result, rows)
