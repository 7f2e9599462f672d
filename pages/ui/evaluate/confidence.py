"""Whether a model's confidence is right, and what to answer where it is low."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.evaluation import (
    calibration_error_sentence,
    calibration_sentence,
    check_label_sets,
    label_set_rule,
    reliability,
)
from core.saved_models import ModelInfo
from core.schema import Evaluation, LabelSetCheck, LabelSetRule, ReliabilityBin
from pages.ui.render import charts, tables
from pages.ui.render.format import counted, interval, percent
from pages.ui.render.theme import BLUE, GREY
from pages.ui.shared import cache, widgets
from pages.ui.shared.chart import show_chart

FEW_CLASSES, MOST_HEIGHT = 20, 400  # up to so many the table is shown whole; pixels of a longer one
RELIABILITY_HELP = (
    "Documents are put together by the confidence of the answer. A dot on the dotted line is right as often as the "
    "model says; below it the model is overconfident, above it underconfident. Larger dots stand for more documents; "
    "the thin lines are 95% intervals."
)
LABEL_SET_HELP = (
    "Where the model is not confident, it may answer with a set of classes. The least probability that a class needs "
    "to be in the set is found on the validation documents, so that the true class is in it as often as you ask "
    "(split conformal prediction, Angelopoulos and Bates 2021); here it is checked on the test documents. It promises "
    "that for all documents together and where new ones are like validation; single classes may get less."
)


def class_coverage_table(class_names: Sequence[str], check: LabelSetCheck) -> pd.DataFrame:
    """How often the sets of each class's documents hold it, in [0, 1], the least first; classes without any last."""
    rows = [
        {"Class": name} | {"Coverage": None, "From": None, "To": None}
        if found is None
        else {"Class": name, "Coverage": found.value, "From": found.low, "To": found.high}
        for name, found in zip(class_names, check.by_class, strict=True)
    ]
    frame = pd.DataFrame(rows).astype({"Coverage": float, "From": float, "To": float})
    return frame.sort_values(["Coverage", "Class"], na_position="last", ignore_index=True)


def uncovered_sentence(class_names: Sequence[str], rule: LabelSetRule, check: LabelSetCheck) -> str:
    """The class whose coverage is surely below what was asked, and by how much; "" when there is none."""
    pairs = zip(class_names, check.by_class, strict=True)
    below = sorted((found.value, name, found) for name, found in pairs if found and found.high < rule.coverage)
    if not below:
        return ""
    _, name, found = below[0]
    more = f" {len(below) - 1} more {'class is' if len(below) == 2 else 'classes are'} too." if len(below) > 1 else ""
    return (
        f"For {name} it holds less often than asked: {interval(found)}, where {percent(rule.coverage)} is asked. The "
        f"promise is for all documents together, not for each class.{more}"
    )


def coverage_sentence(rule: LabelSetRule, check: LabelSetCheck) -> str:
    """What prediction sets with the wanted coverage are worth on the test documents."""
    held = f"{percent(check.coverage.value)} of the test documents have their true class in the set"
    sizes = f"{percent(check.single)} of the sets are a single class, the mean is {check.mean_size:.2f}"
    alone = check.single == 1 and check.coverage.value > rule.coverage
    more = " The likeliest class alone is right more often than that." if alone else ""
    return f"{held} (asked for {percent(rule.coverage)}); {sizes}.{more}"


def rule_sentence(rule: LabelSetRule) -> str:
    """How the sets are made."""
    if not rule.least:
        return f"{counted(rule.documents, 'validation document')} are too few for that: every class is in the set."
    basis = f"found on {rule.documents:,} validation documents"
    return f"Every class with at least {percent(rule.least)} is in the set ({basis}), and always the likeliest one."


def reliability_chart(bins: Sequence[ReliabilityBin]) -> go.Figure:
    """How often answers given with some confidence are right; on the diagonal, as often as they say."""
    there = [(part, part.accuracy) for part in bins if part.accuracy is not None]
    shares = [accuracy.value for _, accuracy in there]
    answers = go.Scatter(
        x=[part.confidence for part, _ in there],
        y=shares,
        mode="lines+markers",
        line={"color": BLUE, "width": 2},
        marker={"size": [_dot_size(part.documents, bins) for part, _ in there], "opacity": 1},
        cliponaxis=False,
        error_y=charts.whiskers([accuracy for _, accuracy in there]),
        customdata=[
            f"{counted(part.documents, 'document')}, confidence {percent(part.confidence or 0)}: "
            f"{percent(accuracy.value)} right ({percent(accuracy.low)} to {percent(accuracy.high)})"
            for part, accuracy in there
        ],
        hovertemplate=charts.TOLD,
    )
    across = {"title": "Confidence", "range": [0, 1]} | charts.QUARTERS
    up = {"title": "Accuracy", "tickformat": ".0%", "range": [0, 1]}
    diagonal = charts.line([0, 1], [0, 1], GREY, dash="dot")
    return charts.drawn([diagonal, answers], height=340, across=across, up=up, showlegend=False)


def _dot_size(documents: int, bins: Sequence[ReliabilityBin]) -> float:
    return 6 + 14 * float(np.sqrt(documents / max(part.documents for part in bins)))


def set_size_chart(check: LabelSetCheck) -> go.Figure:
    """Documents by the number of classes in their set."""
    sizes = [(size, count) for size, count in enumerate(check.sizes, start=1) if count]
    counts = [count for _, count in sizes]
    bars = charts.named_bars(counts, [f"{count:,}" for count in counts], hoverinfo="skip")
    across = {"range": [0, 1.2 * max(counts)], "visible": False}
    names = [_class_count(size) for size, _ in sizes]
    return charts.ranked([bars], names, height=max(32 * len(sizes) + 10, 90), across=across)


def _class_count(size: int) -> str:
    return "1 class" if size == 1 else f"{size} classes"


def show(info: ModelInfo, result: Evaluation) -> None:
    """The reliability diagram beside prediction sets at a coverage that one chooses."""
    diagram, sets = st.columns(2, gap="large")
    with diagram:
        st.header("Calibration", help=RELIABILITY_HELP)
        st.caption(calibration_sentence(result))
        chart = reliability_chart(reliability(result))
        show_chart(chart, "Accuracy by confidence", "reliability")
        error = calibration_error_sentence(cache.calibration_error(info.key), len(result))
        st.caption(f"{error} {_temperature_sentence(info)}")
    with sets:
        _label_sets(info, result)


@st.fragment
def _label_sets(info: ModelInfo, result: Evaluation) -> None:
    with widgets.mistakes_shown():
        st.header("Prediction sets", help=LABEL_SET_HELP)
        coverage = st.slider("How often the true class has to be in the set", 80, 99, 98, format="%d%%", key="coverage")
        rule = label_set_rule(cache.evaluation(info.key, "valid"), coverage / 100)
        check = check_label_sets(rule, result)
        st.caption(coverage_sentence(rule, check))
        show_chart(set_size_chart(check), "Sets by number of classes", "sizes")
        st.caption(widgets.literal(rule_sentence(rule)))
        _coverage_by_class(result.class_names, rule, check)


def _coverage_by_class(class_names: Sequence[str], rule: LabelSetRule, check: LabelSetCheck) -> None:
    uncovered = uncovered_sentence(class_names, rule, check)
    if uncovered:
        st.caption(widgets.literal(uncovered))
    titles = {"Coverage": "In the set", "From": "95% interval from", "To": "to"}
    columns = {name: st.column_config.NumberColumn(title) for name, title in titles.items()}
    frame = tables.shown_as(class_coverage_table(class_names, check), titles)
    height = tables.height_of(frame, None if len(class_names) <= FEW_CLASSES else MOST_HEIGHT)
    key, alt = "coverage-by-class", "Coverage by class"
    st.dataframe(frame, hide_index=True, column_config=columns, key=key, alt=alt, height=height)


def _temperature_sentence(info: ModelInfo) -> str:
    temperature, saturation = cache.calibration(info.key)
    if saturation:
        return (
            "The validation documents asked for more cautious probabilities where the model is surest: logits are "
            f"divided by {temperature:.2f} and {saturation:.2f} times a document's margin."
        )
    if abs(temperature - 1) < 0.005:
        return "On the validation documents its probabilities were right as they were (temperature 1.00)."
    change = "more cautious" if temperature > 1 else "bolder"
    return f"The validation documents asked for {change} probabilities than its own (temperature {temperature:.2f})."
