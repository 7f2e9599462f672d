"""How right a model is on each class: the report with intervals, curves over all thresholds, and what mistakes cost."""

from __future__ import annotations

from math import inf

import streamlit as st

from core.evaluation import at_threshold, costs, mean_cost
from core.saved_models import ModelInfo
from core.schema import Evaluation
from pages.ui.evaluate.confusion import open_cell
from pages.ui.render import charts, figures, helps, matrix, tables, verdicts
from pages.ui.render.format import counted, percent
from pages.ui.shared import cache, documents, widgets
from pages.ui.shared.clickable import shown_matrix

KINDS = {"Missed": "of it that got another class", "Wrongly called so": "of others that were called so"}


def show(info: ModelInfo, result: Evaluation) -> None:
    """The report and the documents behind a row; below, the curves; for two classes, the threshold."""
    _report(info, result)
    if len(result.class_names) > 2:
        st.subheader("Most frequent mix-ups")
        _mixups(result)
    _curves(info, result)
    if len(result.class_names) == 2:
        _threshold(info, result)


@st.fragment
def _report(info: ModelInfo, result: Evaluation) -> None:
    with widgets.mistakes_shown():
        st.subheader("By class", help=helps.REPORT_HELP)
        report = cache.report(info.key)
        state = st.dataframe(
            tables.interval_table(report),
            hide_index=True,
            column_config={"Documents": st.column_config.NumberColumn(format="localized")},
            key=f"report-{info.fingerprint}",
            on_select="rerun",
            selection_mode="single-row",
            height="content",
            alt="Precision, recall and F1 by class, with 95% intervals",
        )
        chosen = [row for row in state.selection.rows if row < len(report.classes)]
        if chosen:
            _documents(info, result, chosen[0])
        else:
            st.caption("Choose a class to see the documents behind its figures.")


def _documents(info: ModelInfo, result: Evaluation, place: int) -> None:
    name = result.class_names[place]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(widgets.literal(name))
        kind = widgets.choose("Documents", list(KINDS), key="kind", label_visibility="collapsed")
    missed = kind == "Missed"
    rows = matrix.documents_in(result, place if missed else None, None if missed else place)
    st.caption(f"{counted(len(rows), 'document')} {KINDS[kind]}.")
    documents.browse(info, result, rows)


def _mixups(result: Evaluation) -> None:
    frame = tables.mixups(result, most=10)
    if frame.empty:
        st.caption("Every test document got the right class.")
        return

    def open_row() -> None:
        for row in st.session_state["mixups"].selection.rows:
            open_cell(*frame.loc[row, ["True class", "Called"]])

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
        st.subheader("At every threshold", help=helps.CURVES_HELP)
        names = result.class_names
        name = st.selectbox("Class", names, index=len(names) - 1 if len(names) == 2 else 0, key="curve-class")
        curves = cache.curves(info.key)[names.index(name)]
        if curves.roc is None or curves.precision_recall is None:
            st.info(widgets.literal(curves.reason), icon=":material/info:")
            return
        left, right = st.columns(2, gap="medium")
        with left:
            st.caption(f"Area under the ROC curve: {curves.roc.area:.3f}")
            st.plotly_chart(figures.roc(curves), config=charts.QUIET, key="roc", alt="ROC curve")
        with right:
            st.caption(f"Average precision: {curves.precision_recall.area:.3f}")
            chart = figures.precision_recall(curves)
            st.plotly_chart(chart, config=charts.QUIET, key="precision-recall", alt="Precision and recall")


@st.fragment
def _threshold(info: ModelInfo, result: Evaluation) -> None:
    with widgets.mistakes_shown():
        first, second = map(widgets.literal, result.class_names)
        st.subheader("If one mistake is worse than the other", help=helps.THRESHOLD_HELP)
        asked, told = st.columns([2, 3], gap="medium")
        with asked:
            wrongly = st.number_input(f"Cost of {first} called {second}", 0.0, 1e6, 1.0, key="cost-wrongly")
            missing = st.number_input(f"Cost of {second} called {first}", 0.0, 1e6, 1.0, key="cost-missing")
            threshold = (
                st.slider(f"Call it {second} from", 0, 100, 50, format="%d%%", key="threshold", bind="query-params")
                / 100
            )
            moved = at_threshold(result, threshold)
            st.metric(
                "Accuracy",
                percent(moved.accuracy),
                _change(moved, result),
                delta_color="off",
                delta_arrow="off",
            )
            st.metric("Cost a document", f"{mean_cost(moved, wrongly, missing):,.3f}")
            advised, cost = _advised(info, result, wrongly, missing)
        with told:
            chart = figures.cost_by_threshold(costs(result, wrongly, missing), threshold, advised, cost)
            st.plotly_chart(chart, config=charts.QUIET, key="costs", alt="Cost by threshold")
            shown_matrix(matrix.matrix_html(moved, matrix.DOCUMENTS, (0, 1)), "at-threshold")
            widgets.table(tables.report_table(moved), "Precision, recall and F1 at the threshold")


def _advised(info: ModelInfo, result: Evaluation, wrongly: float, missing: float) -> tuple[float, float]:
    # The threshold that costs least on the validation documents, and what it costs on those that are shown.
    with widgets.mistakes_shown():
        found = costs(cache.evaluation(info.key, "valid"), wrongly, missing)
        cost = mean_cost(at_threshold(result, found.cheapest), wrongly, missing)
        st.caption(widgets.literal(verdicts.cheapest(found, cost, result.class_names)))
        return found.cheapest, cost
    return inf, inf


def _change(moved: Evaluation, result: Evaluation) -> str:
    points = 100 * (moved.accuracy - result.accuracy)
    return "as without a threshold" if abs(points) < 0.005 else f"{points:+.2f} points"
