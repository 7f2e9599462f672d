"""The answer after each sentence of a text."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Explanation, Variant
from pages.ui.render.charts import TOLD, drawn, label
from pages.ui.render.format import percent
from pages.ui.render.theme import BLUE
from pages.ui.shared import explanations
from pages.ui.shared.chart import show_chart
from pages.ui.shared.explanation_settings import Marking
from pages.ui.shared.widgets import literal


def timeline_chart(steps: Sequence[Variant], class_name: str) -> go.Figure:
    """The probability of the class after each sentence."""
    curve = go.Scatter(
        x=[int(step.name) for step in steps],
        y=[step.probability for step in steps],
        mode="lines+markers",
        line={"color": BLUE, "width": 2},
        marker={"size": 8},
        customdata=[f"{label(step.text.strip(), 90)}<br>{percent(step.probability)}" for step in steps],
        hovertemplate=TOLD,
        cliponaxis=False,
    )
    ticks = {"tick0": 1, "dtick": max(1, len(steps) // 12), "range": [0.5, len(steps) + 0.5]}
    up = {"title": label(class_name), "tickformat": ".0%", "range": [0, 1]}
    return drawn([curve], height=260, across={"title": "Sentence"} | ticks, up=up)


def show(info: ModelInfo, why: Explanation, marking: Marking) -> None:
    """The probability after each sentence."""
    steps = explanations.timeline(info.key, why.text, why.class_name, why.units)
    if len(steps) < 2:
        st.info(
            "This text is a single sentence; with more of them, the answer can be followed.", icon=":material/info:"
        )
        return
    ended = "" if "".join(step.text for step in steps) == why.text else " Only the beginning of the text is followed."
    st.caption(literal(f"The probability of {why.class_name} when the text ends after each sentence.{ended}"))
    show_chart(timeline_chart(steps, why.class_name), "Probability after each sentence")
