"""How right a model is on each class: the report with intervals, curves over all thresholds, and what mistakes cost."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.evaluation import at_threshold, costs, mean_cost
from core.saved_models import ModelInfo
from core.schema import ClassCurves, Costs, Curve, Evaluation, IntervalReport, ReportRow
from pages.ui.evaluate.confusion import open_cell
from pages.ui.render import charts, matrix, tables
from pages.ui.render.format import counted, interval, percent, points_apart, signed
from pages.ui.render.theme import BLUE, GREY, ORANGE
from pages.ui.shared import cache, documents, widgets
from pages.ui.shared.address import THRESHOLD
from pages.ui.shared.chart import show_chart
from pages.ui.shared.clickable import show_matrix

REPORT_HELP = (
    "Precision: how many of the documents given this class belong to it. Recall: how many of the class's documents "
    "are found. F1: the two in one figure. An empty cell has nothing to count. The weighted mean counts every "
    "document alike, the mean every class."
)
CURVES_HELP = (
    "A model usually predicts the most probable class; here it predicts the class above whenever its probability "
    "passes a threshold, for every threshold there is. Left (ROC): how many documents of the class are found, against "
    "how many of other classes are predicted as it. Right: how many of those predicted as the class belong to it, "
    "against how many are found."
)
THRESHOLD_HELP = (
    "Usually the more probable class is the answer. If one kind of mistake costs more than the other, another "
    "threshold is cheaper (Elkan 2001). The star, where there is one, costs least on the validation documents: one "
    "that was chosen on the documents shown would look better here than it is."
)

MANY_CLASSES = 20
REPORT_HEIGHT = 600  # pixels, of many classes, which are then listed with the lowest F1 first
FALSE_NEGATIVES, FALSE_POSITIVES = "False negatives", "False positives"
KINDS = {
    FALSE_NEGATIVES: "of this class predicted as another one",
    FALSE_POSITIVES: "of other classes predicted as this one",
}


def interval_table(report: IntervalReport) -> pd.DataFrame:
    """The report with each figure's 95% interval behind it, as texts: a row a class, then the two averages."""
    averages = [replace(report.macro, name="Mean"), replace(report.weighted, name="Weighted mean")]
    return pd.DataFrame(
        {
            "Class": row.name,
            "Precision": interval(row.precision),
            "Recall": interval(row.recall),
            "F1": interval(row.f1),
            "Documents": row.documents,
        }
        for row in (*report.classes, *averages)
    )


def report_order(report: IntervalReport) -> list[int]:
    """The places of the classes as they are listed: of many classes those with the lowest F1 first."""
    places = list(range(len(report.classes)))
    if len(places) <= MANY_CLASSES:
        return places
    return sorted(places, key=lambda place: _f1(report.classes[place]))


def _f1(row: ReportRow) -> float:
    return inf if row.f1 is None else row.f1.value


def mixup_table(evaluation: Evaluation, most: int = 5) -> pd.DataFrame:
    """The most frequent mistakes: true class, predicted class, documents; empty when there is none."""
    confusion = evaluation.confusion
    wrong = np.where(np.eye(len(confusion), dtype=bool), 0, confusion)
    order = np.argsort(wrong, axis=None, kind="stable")[::-1][:most]
    cells = [divmod(int(cell), len(confusion)) for cell in order]
    names = evaluation.class_names
    rows = [(names[i], names[j], wrong[i, j]) for i, j in cells if wrong[i, j]]
    return pd.DataFrame(rows, columns=["True class", "Predicted", "Documents"])


def threshold_sentence(valid: Costs, cost: float, class_names: tuple[str, ...]) -> str:
    """Which threshold costs least on the validation documents, and what it costs on those that are shown."""
    never = f"Never predicting {class_names[1]}"
    rule = never if valid.cheapest > 1 else f"A threshold of {percent(valid.cheapest)}"
    costs_least = f"{rule} costs least on the validation documents, and {cost:,.3f} per document on these."
    return f"{costs_least} If the probabilities were exact, {percent(valid.expected)} would."


def roc_chart(curves: ClassCurves) -> go.Figure:
    """How many of the class are found, against how many others are taken for it; the diagonal is guessing."""
    figure = _curve_chart(curves.roc, "False positive rate", "True positive rate (recall)")
    return figure.add_trace(charts.line([0, 1], [0, 1], GREY, dash="dot"))


def precision_recall_chart(curves: ClassCurves) -> go.Figure:
    """How many of those predicted as the class are of it, against how many of the class are found."""
    return _curve_chart(curves.precision_recall, "Recall", "Precision")


def _curve_chart(curve: Curve | None, x: str, y: str) -> go.Figure:
    line = charts.line(*(([], []) if curve is None else (curve.x, curve.y)), BLUE)
    if curve is not None:
        line.customdata = [f"{percent(left)}, {percent(up)}" for left, up in zip(curve.x, curve.y, strict=True)]
        line.hovertemplate = charts.TOLD
    across = {"title": x, "range": [0, 1]} | charts.QUARTERS
    up = {"title": y, "tickformat": ".0%", "range": [0, 1]}
    return charts.drawn([line], height=300, across=across, up=up, showlegend=False)


def cost_chart(costs: Costs, threshold: float, advised: float, cost: float) -> go.Figure:
    """Mean cost of a document at each threshold, with the chosen one and an advised one with its cost."""
    finite = np.isfinite(costs.thresholds)
    line = charts.line(costs.thresholds[finite], costs.means[finite], BLUE)
    line.customdata = [percent(threshold) for threshold in costs.thresholds[finite]]
    line.hovertemplate = "from %{customdata}: %{y:.3f} per document<extra></extra>"
    across = {"title": "Threshold", "range": [0, 1]} | charts.QUARTERS
    up = {"title": "Cost per document", "rangemode": "tozero"}
    figure = charts.drawn([line], height=260, across=across, up=up, showlegend=False)
    figure.add_vline(threshold, line={"color": GREY, "width": 2, "dash": "dot"})
    if np.isfinite(advised):
        best = {"symbol": "star", "size": 14, "color": ORANGE}
        figure.add_scatter(x=[advised], y=[cost], mode="markers", marker=best, hoverinfo="skip", cliponaxis=False)
    return figure


def show(info: ModelInfo, result: Evaluation) -> None:
    """The report and the documents behind a row; below, the curves; for two classes, the threshold."""
    _report(info, result)
    if len(result.class_names) > 2:
        st.header("Most frequent mix-ups")
        _mixups(result)
    _curves(info, result)
    if len(result.class_names) == 2:
        _threshold(info, result)


@st.fragment
def _report(info: ModelInfo, result: Evaluation) -> None:
    with widgets.mistakes_shown():
        st.header("By class", help=REPORT_HELP)
        report = cache.report(info.key)
        alt = "Precision, recall and F1 by class, with 95% intervals"
        order = report_order(report)
        listed = replace(report, classes=tuple(report.classes[place] for place in order))
        height: Any = REPORT_HEIGHT if len(order) > MANY_CLASSES else "content"
        rows = widgets.pick_rows(interval_table(listed), f"report-{info.fingerprint}", alt, height=height)
        if rows and rows[0] < len(order):
            _documents(info, result, order[rows[0]])
        elif rows:
            _all_mistakes(info, result)
        else:
            st.caption("Choose a class to see the documents behind its figures.")


def _documents(info: ModelInfo, result: Evaluation, place: int) -> None:
    name = result.class_names[place]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(widgets.literal(name))
        kind = widgets.choose("Documents", list(KINDS), key="kind", label_visibility="collapsed")
    missed = kind == FALSE_NEGATIVES
    rows = matrix.documents_in(result, place if missed else None, None if missed else place)
    st.caption(f"{counted(len(rows), 'document')} {KINDS[kind]}.")
    documents.browse(info, result, rows)


def _all_mistakes(info: ModelInfo, result: Evaluation) -> None:
    # Behind a mean stand the documents of all classes.
    rows = matrix.documents_in(result, None, None)
    st.header("All classes")
    st.caption(f"{counted(len(rows), 'document')} got a wrong class.")
    documents.browse(info, result, rows)


def _mixups(result: Evaluation) -> None:
    frame = mixup_table(result, most=10)
    if frame.empty:
        st.caption("Every test document got the right class.")
        return

    def open_row() -> None:
        for row in st.session_state["mixups"].selection.rows:
            open_cell(*frame.loc[row, ["True class", "Predicted"]])

    st.caption("Pick a row to see its documents.")
    st.dataframe(
        frame,
        hide_index=True,
        key="mixups",
        on_select=open_row,
        selection_mode="single-row",
        height="content",
        alt="The most frequent mix-ups",
    )


@st.fragment
def _curves(info: ModelInfo, result: Evaluation) -> None:
    with widgets.mistakes_shown():
        st.header("At every threshold", help=CURVES_HELP)
        names = result.class_names
        name = st.selectbox("Class", names, index=len(names) - 1 if len(names) == 2 else 0, key="curve-class")
        curves = cache.curves(info.key)[names.index(name)]
        if curves.roc is None or curves.precision_recall is None:
            st.info(widgets.literal(curves.reason), icon=":material/info:")
            return
        left, right = st.columns(2, gap="medium")
        with left:
            st.caption(f"Area under the ROC curve: {curves.roc.area:.3f}")
            show_chart(roc_chart(curves), "ROC curve", "roc")
        with right:
            st.caption(f"Average precision: {curves.precision_recall.area:.3f}")
            chart = precision_recall_chart(curves)
            show_chart(chart, "Precision and recall", "precision-recall")


@st.fragment
def _threshold(info: ModelInfo, result: Evaluation) -> None:
    with widgets.mistakes_shown():
        first, second = map(widgets.literal, result.class_names)
        st.header("If one mistake is worse than the other", help=THRESHOLD_HELP)
        settings, outcome = st.columns([2, 3], gap="medium")
        with settings:
            false_positive = _pick_cost(f"Cost of {first} predicted as {second}", "cost-wrongly")
            false_negative = _pick_cost(f"Cost of {second} predicted as {first}", "cost-missing")
            threshold = (
                st.slider(f"Predict {second} from", 0, 100, 50, format="%d%%", key=THRESHOLD, bind="query-params") / 100
            )
            adjusted = at_threshold(result, threshold)
            st.metric(
                "Accuracy",
                percent(adjusted.accuracy),
                _change(adjusted, result),
                delta_color="off",
                delta_arrow="off",
            )
            st.metric("Cost per document", f"{mean_cost(adjusted, false_positive, false_negative):,.3f}")
            advised, cost = _cheapest_threshold(info, result, false_positive, false_negative)
        with outcome:
            chart = cost_chart(costs(result, false_positive, false_negative), threshold, advised, cost)
            show_chart(chart, "Cost by threshold", "costs")
            show_matrix(matrix.matrix_html(adjusted, matrix.DOCUMENTS, (0, 1)), "at-threshold")
            widgets.table(tables.report_table(adjusted), "Precision, recall and F1 at the threshold")


def _pick_cost(label: str, key: str) -> float:
    return st.number_input(label, 0.0, 1e6, 1.0, key=key)


def _cheapest_threshold(
    info: ModelInfo, result: Evaluation, false_positive: float, false_negative: float
) -> tuple[float, float]:
    # The threshold that costs least on the validation documents, and what it costs on those that are shown.
    with widgets.mistakes_shown():
        valid_costs = costs(cache.evaluation(info.key, "valid"), false_positive, false_negative)
        cost = mean_cost(at_threshold(result, valid_costs.cheapest), false_positive, false_negative)
        st.caption(widgets.literal(threshold_sentence(valid_costs, cost, result.class_names)))
        return valid_costs.cheapest, cost
    return inf, inf


def _change(adjusted: Evaluation, result: Evaluation) -> str:
    points = points_apart(adjusted.accuracy, result.accuracy)
    return f"{signed(points)} points" if points else "as without a threshold"
