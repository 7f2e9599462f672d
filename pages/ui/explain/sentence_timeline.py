"""The answer after each sentence of a text."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Explanation, Variant
from pages.ui.explain.question import Marking
from pages.ui.render.charts import QUIET, label, plain
from pages.ui.render.theme import BLUE
from pages.ui.shared import cache
from pages.ui.shared.widgets import literal


def timeline_chart(steps: Sequence[Variant], class_name: str) -> go.Figure:
    """The probability of the class after each sentence."""
    shares = [step.probability for step in steps]
    figure = go.Figure(go.Scatter(x=[int(step.name) for step in steps], y=shares, mode="lines+markers"))
    figure.update_traces(line={"color": BLUE, "width": 2}, marker={"size": 8})
    figure.update_traces(customdata=[label(step.text.strip(), 90) for step in steps])
    figure.update_traces(hovertemplate="%{customdata}<br>%{y:.1%}<extra></extra>")
    ticks = {"tick0": 1, "dtick": max(1, len(steps) // 12), "range": [0.5, len(steps) + 0.5]}
    figure.update_xaxes(title="Sentence", fixedrange=True, **ticks)
    figure.update_yaxes(title=label(class_name), tickformat=".0%", range=[-0.02, 1.02], fixedrange=True)
    return plain(figure, height=260)


def show(info: ModelInfo, why: Explanation, marking: Marking) -> None:
    """The probability after each sentence."""
    steps = cache.timeline(info.key, why.text, why.class_name, why.units)
    if len(steps) < 2:
        st.info(
            "This text is a single sentence; with more of them, the answer can be followed.", icon=":material/info:"
        )
        return
    ended = "" if "".join(step.text for step in steps) == why.text else " Only the beginning of the text is followed."
    st.caption(literal(f"The probability of {why.class_name} when the text ends after each sentence.{ended}"))
    st.plotly_chart(timeline_chart(steps, why.class_name), config=QUIET, alt="Probability after each sentence")
