"""Core results -> Plotly figures. Pure, no streamlit; the page's theme colours whatever is not set here."""

from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.basedatatypes import BaseTraceType

from core.schema import EpochRecord, Explanation, Interval, best_record
from pages.ui.render.format import percent
from pages.ui.render.theme import BLUE, CLEAR, GREY, ORANGE

QUIET = {"displayModeBar": False, "scrollZoom": False}
"""Plotly's settings for a chart that is looked at, not edited."""

LOSS_HELP = (
    "Mean surprise at the true class (cross-entropy, in nats): 0 is certain and right; "
    "being certain and wrong costs most."
)
QUARTERS = {"tickformat": ".0%", "dtick": 0.25}
"""Of an axis of shares, on a telephone too."""
LEGEND_ABOVE = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
TOLD = "%{customdata}<extra></extra>"
"""Plotly's template for a point that tells what stands in its `customdata`."""


def class_probabilities(explanation: Explanation, most: int = 6) -> go.Figure:
    """A bar a class, the most probable on top; classes beyond `most` together in one grey bar."""
    falling = sorted(explanation.probabilities.items(), key=lambda item: -item[1])
    most_probable = falling if len(falling) <= most + 1 else falling[:most]
    explained = (explanation.class_name, explanation.against)
    own_bars = most_probable + [pair for pair in falling[len(most_probable) :] if pair[0] in explained]
    rest = [pair for pair in falling if pair not in own_bars]
    names = [label(name) for name, _ in own_bars]
    shares = [share for _, share in own_bars]
    colours = [BLUE if name == explanation.class_name else GREY for name, _ in own_bars]
    if rest:
        names.append(f"{len(rest)} other classes")
        shares.append(sum(share for _, share in rest))
        colours.append("rgba(139,151,165,.5)")
    said = [percent(share) for share in shares]
    hover = [f"{name}: {share}" for name, share in zip(names, said, strict=True)]
    bars = named_bars(shares, said, marker_color=colours, customdata=hover, hovertemplate=TOLD)
    return ranked([bars], names, height=30 * len(names) + 10, across={"range": [0, 1.18], "visible": False})


def losses(history: Sequence[EpochRecord], epochs: int | None = None) -> go.Figure:
    """Train and validation loss by epoch, the best one marked; the axis goes to `epochs` if given."""
    hover = {"hovertemplate": "epoch %{x}: %{y:.3f}"}
    curves = [
        _curve("Training", history, "train_loss", GREY, **hover),
        _curve("Validation", history, "valid_loss", BLUE, **hover),
        _best(history, "valid_loss", **hover),
    ]
    up = {"title": "Loss", "rangemode": "tozero", "range": None if history else [0, 1]}
    return _by_epoch(curves, history, epochs, up)


def accuracies(history: Sequence[EpochRecord], epochs: int | None = None) -> go.Figure:
    """Validation accuracy by epoch, the best one marked; the axis goes to `epochs` if given."""
    curves = [_curve("Validation", history, "valid_accuracy", BLUE), _best(history, "valid_accuracy")]
    for curve in curves:
        curve.customdata = [percent(share) for share in curve.y]
        curve.hovertemplate = "epoch %{x}: %{customdata}"
    shares = [record.valid_accuracy for record in history] or [0.0, 1.0]
    steps = ".0%" if max(shares) - min(shares) > 0.05 else ".1%"
    margin = 0.1 * (max(shares) - min(shares)) + 0.01
    around = [max(min(shares) - margin, 0), min(max(shares) + margin, 1)]
    return _by_epoch(curves, history, epochs, {"title": "Accuracy", "tickformat": steps, "range": around})


def _curve(name: str, history: Sequence[EpochRecord], figure: str, colour: str, **look: Any) -> go.Scatter:
    return go.Scatter(
        x=[record.epoch for record in history],
        y=[getattr(record, figure) for record in history],
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 6, "color": colour},
        **look,
    )


def _best(history: Sequence[EpochRecord], figure: str, **look: Any) -> go.Scatter:
    best = best_record(tuple(history))
    records = [best] if best else []
    return go.Scatter(
        x=[record.epoch for record in records],
        y=[getattr(record, figure) for record in records],
        name="Best epoch",
        mode="markers",
        marker={"symbol": "star", "size": 15, "color": ORANGE},
        cliponaxis=False,
        **look,
    )


def _by_epoch(
    curves: Sequence[go.Scatter], history: Sequence[EpochRecord], epochs: int | None, up: dict[str, Any]
) -> go.Figure:
    last = epochs or max((record.epoch for record in history), default=1)
    across = {"title": "Epoch", "dtick": max(1, last // 10), "range": [0.7, max(last, 2) + 0.3]}
    middle = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False, "font": {"size": 14}}
    waiting = [] if history else [middle | {"text": "Begins when the first epoch has ended"}]
    return drawn(curves, height=300, top=36, across=across, up=up, legend=LEGEND_ABOVE, annotations=waiting)


def line(x: object, y: object, colour: str, dash: str = "solid") -> go.Scatter:
    """A curve; a grey one is only there to compare with, and says nothing when it is pointed at."""
    hover = "skip" if colour == GREY else None
    look = {"color": colour, "width": 2, "dash": dash}
    return go.Scatter(x=x, y=y, mode="lines", line=look, hoverinfo=hover, cliponaxis=False)


def whiskers(intervals: Sequence[Interval]) -> dict[str, object]:
    """Plotly's error bars for intervals around the values of a trace."""
    return {
        "type": "data",
        "symmetric": False,
        "array": [part.high - part.value for part in intervals],
        "arrayminus": [part.value - part.low for part in intervals],
        "thickness": 1.5,
        "width": 3,
        "color": "rgba(128,128,128,.9)",
    }


def named_bars(lengths: Sequence[float], said: Sequence[str], **look: Any) -> go.Bar:
    """A bar to the right for each name, with what is said at its end."""
    look = {"marker_color": BLUE, "width": 0.62} | look
    places = list(range(len(lengths)))
    return go.Bar(x=lengths, y=places, orientation="h", text=said, textposition="outside", cliponaxis=False, **look)


def class_bars(names: Sequence[str], counts: Sequence[int], noun: str) -> go.Figure:
    """A bar a class, as long as there are documents (or what the noun says) of it."""
    hover = f"%{{customdata}}: %{{x:,}} {noun}<extra></extra>"
    bars = named_bars(counts, [f"{count:,}" for count in counts], customdata=names, hovertemplate=hover)
    across = {"range": [0, 1.18 * max(counts)], "visible": False}
    return ranked([bars], names, height=max(28 * len(names) + 10, 120), across=across)


def ranked(
    traces: Sequence[BaseTraceType], names: Sequence[str], height: int, across: dict[str, Any], **layout: Any
) -> go.Figure:
    """The traces as a figure, with a name for each place on the left, the first on top."""
    places = {"tickvals": list(range(len(names))), "ticktext": names, "range": [len(names) - 0.5, -0.5]}
    up = places | {"showgrid": False, "zeroline": False, "automargin": True, "ticks": ""}
    return drawn(traces, height, across=across, up=up, **layout)


def drawn(
    traces: Sequence[BaseTraceType],
    height: int,
    *,
    across: dict[str, Any],
    up: dict[str, Any],
    top: int = 8,
    **layout: Any,
) -> go.Figure:
    """The traces as a figure without background, margins and dragging.

    All is said at once, since Plotly takes several times as long to change a figure as to make it.

    Args:
        traces: what is drawn.
        height: of the figure, in pixels.
        across, up: Plotly's settings of its axes.
        top: pixels above the axes.
        layout: Plotly's other settings.
    """
    frame = {"height": height, "margin": {"l": 0, "r": 20, "t": top, "b": 0}, "dragmode": False, "bargap": 0.3}
    every = {"fixedrange": True, "separatethousands": True}
    axes = {"xaxis": every | across, "yaxis": every | up}
    return go.Figure(list(traces), {"paper_bgcolor": CLEAR, "plot_bgcolor": CLEAR} | frame | axes | layout)


def label(text: str, longest: int = 40) -> str:
    """A name as Plotly may show it, cut where it is too long: it reads a few HTML tags in every text."""
    return escape(text if len(text) <= longest else text[: longest - 1] + "…", quote=False)
