"""What follows from an evaluation -> Plotly figures. Pure, no streamlit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.schema import ClassCurves, Costs, Curve, Interval, LabelSetCheck, ReliabilityBin, Slice, WordEffect
from pages.ui.render.charts import BLUE, GREY, ORANGE, label, plain, ranked
from pages.ui.render.format import counted, percent

QUARTERS = {"tickformat": ".0%", "dtick": 0.25, "fixedrange": True}  # of an axis of shares, on a telephone too


def roc(curves: ClassCurves) -> go.Figure:
    """How many of the class are found, against how many others are taken for it; the diagonal is guessing."""
    figure = _curve(curves.roc, "Others called so", "Found of the class")
    return figure.add_trace(_line([0, 1], [0, 1], GREY, dash="dot"))


def precision_recall(curves: ClassCurves) -> go.Figure:
    """How many of those called the class are of it, against how many of the class are found."""
    return _curve(curves.precision_recall, "Found of the class (recall)", "Right when called so (precision)")


def cost_by_threshold(costs: Costs, threshold: float, advised: float, cost: float) -> go.Figure:
    """Mean cost of a document at each threshold, with the chosen one and an advised one with its cost."""
    finite = np.isfinite(costs.thresholds)
    figure = go.Figure(_line(costs.thresholds[finite], costs.means[finite], BLUE))
    figure.update_traces(hovertemplate="from %{x:.1%}: %{y:.3f} a document<extra></extra>")
    figure.add_vline(threshold, line={"color": GREY, "width": 2, "dash": "dot"})
    if np.isfinite(advised):
        best = {"symbol": "star", "size": 14, "color": ORANGE}
        figure.add_scatter(x=[advised], y=[cost], mode="markers", marker=best, hoverinfo="skip")
    figure.update_xaxes(title="Threshold", range=[-0.02, 1.02], **QUARTERS)
    figure.update_yaxes(title="Cost a document", rangemode="tozero", fixedrange=True)
    return plain(figure, height=260).update_layout(showlegend=False)


def reliability(bins: Sequence[ReliabilityBin]) -> go.Figure:
    """How often answers given with some confidence are right; on the diagonal, as often as they say."""
    there = [(part, part.accuracy) for part in bins if part.accuracy is not None]
    shares = [accuracy.value for _, accuracy in there]
    figure = go.Figure(_line([0, 1], [0, 1], GREY, dash="dot"))
    figure.add_scatter(
        x=[part.confidence for part, _ in there],
        y=shares,
        mode="lines+markers",
        line={"color": BLUE, "width": 2},
        marker={"size": [_dot(part.documents, bins) for part, _ in there], "opacity": 1},
        error_y=_whiskers([accuracy for _, accuracy in there]),
        customdata=[
            f"{counted(part.documents, 'document')}, {percent(part.confidence or 0)} sure: {percent(accuracy.value)} "
            f"right ({percent(accuracy.low)} to {percent(accuracy.high)})"
            for part, accuracy in there
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.update_xaxes(title="Sure", range=[-0.02, 1.02], **QUARTERS)
    figure.update_yaxes(title="Right", tickformat=".0%", range=[-0.02, 1.05], fixedrange=True)
    return plain(figure, height=340).update_layout(showlegend=False)


def set_sizes(check: LabelSetCheck) -> go.Figure:
    """Documents by the number of classes in their set."""
    sizes = [(size, count) for size, count in enumerate(check.sizes, start=1) if count]
    figure = go.Figure(go.Bar(x=[count for _, count in sizes], y=list(range(len(sizes))), orientation="h", width=0.62))
    figure.update_traces(marker_color=BLUE, text=[f"{count:,}" for _, count in sizes], textposition="outside")
    figure.update_traces(cliponaxis=False, hoverinfo="skip")
    figure.update_xaxes(range=[0, 1.2 * max(count for _, count in sizes)], visible=False)
    return ranked(figure, [_classes(size) for size, _ in sizes], height=max(32 * len(sizes) + 10, 90))


def slices(parts: Sequence[Slice], overall: float) -> go.Figure:
    """The accuracy of each slice with its interval, the worst on top; the line is the accuracy of all documents."""
    places = list(range(len(parts)))
    figure = go.Figure(
        go.Scatter(
            x=[part.accuracy.value for part in parts],
            y=places,
            mode="markers",
            marker={"size": 10, "color": [GREY if part.few else BLUE for part in parts]},
            error_x=_whiskers([part.accuracy for part in parts]),
            customdata=[_slice(part) for part in parts],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    figure.add_vline(overall, line={"color": ORANGE, "width": 2, "dash": "dot"})
    lowest = min([part.accuracy.low for part in parts] + [overall])
    figure.update_xaxes(tickformat=".0%", range=[max(lowest - 0.05, -0.02), 1.02])
    return ranked(figure, [label(part.name, 26) for part in parts], height=30 * len(parts) + 50)


def word_effects(effects: Sequence[WordEffect], documents: int, most: int = 15) -> go.Figure:
    """A bar a word: how much it moves the log-odds in a document, over all that were looked at."""
    shown = effects[:most]
    figure = go.Figure(
        go.Bar(
            x=[abs(effect.total) / max(documents, 1) for effect in shown],
            y=list(range(len(shown))),
            orientation="h",
            width=0.7,
            marker_color=[BLUE if effect.total > 0 else ORANGE for effect in shown],
            text=[f"in {effect.documents:,}" for effect in shown],
            textposition="outside",
            cliponaxis=False,
            customdata=[_effect(effect) for effect in shown],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    top = max(abs(effect.total) for effect in shown) / max(documents, 1)
    figure.update_xaxes(visible=False, range=[0, 1.25 * top])
    return ranked(figure, [label(effect.word, 22) for effect in shown], height=26 * len(shown) + 16)


def _effect(effect: WordEffect) -> str:
    where = f"{counted(effect.documents, 'document')} of {effect.occurs:,} in which it stands"
    return f"{label(effect.word, 60)}: {effect.mean:+.2f} log-odds where it stands; pushes this way in {where}"


def _slice(part: Slice) -> str:
    accuracy = part.accuracy
    found = f"{percent(accuracy.value)} right ({percent(accuracy.low)} to {percent(accuracy.high)})"
    return f"{label(part.name, 60)}: {counted(len(part), 'document')}, {found}"


def _curve(curve: Curve | None, x: str, y: str) -> go.Figure:
    figure = go.Figure(_line(*(([], []) if curve is None else (curve.x, curve.y)), BLUE))
    figure.update_traces(hovertemplate="%{x:.1%}, %{y:.1%}<extra></extra>")
    figure.update_xaxes(title=x, range=[-0.02, 1.02], **QUARTERS)
    figure.update_yaxes(title=y, tickformat=".0%", range=[-0.02, 1.03], fixedrange=True)
    return plain(figure, height=300).update_layout(showlegend=False)


def _line(x: object, y: object, colour: str, dash: str = "solid") -> go.Scatter:
    hover = "skip" if colour == GREY else None
    return go.Scatter(x=x, y=y, mode="lines", line={"color": colour, "width": 2, "dash": dash}, hoverinfo=hover)


def _dot(documents: int, bins: Sequence[ReliabilityBin]) -> float:
    return 6 + 14 * float(np.sqrt(documents / max(part.documents for part in bins)))


def _whiskers(intervals: Sequence[Interval]) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [part.high - part.value for part in intervals],
        "arrayminus": [part.value - part.low for part in intervals],
        "thickness": 1.5,
        "width": 3,
        "color": "rgba(128,128,128,.9)",
    }


def _classes(size: int) -> str:
    return "1 class" if size == 1 else f"{size} classes"
