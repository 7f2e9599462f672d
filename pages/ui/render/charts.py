"""Core results -> Plotly figures. Pure, no streamlit; the page's theme colours whatever is not set here."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

from core.schema import EpochRecord, Explanation, Interval, best_record
from pages.ui.render.format import percent
from pages.ui.render.theme import BLUE, CLEAR, GREY, ORANGE

QUIET = {"displayModeBar": False, "scrollZoom": False}
"""Plotly's settings for a chart that is looked at, not edited."""

LOSS_HELP = (
    "Mean surprise at the true class (cross-entropy, in nats): 0 is certain and right; "
    "being certain and wrong costs most."
)
QUARTERS = {"tickformat": ".0%", "dtick": 0.25, "fixedrange": True}
"""Of an axis of shares, on a telephone too."""


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
    figure = go.Figure(go.Bar(x=shares, y=list(range(len(names))), orientation="h", marker_color=colours))
    figure.update_traces(text=[percent(share) for share in shares], textposition="outside", cliponaxis=False)
    hover = [f"{name}: {percent(share)}" for name, share in zip(names, shares, strict=True)]
    figure.update_traces(customdata=hover, hovertemplate="%{customdata}<extra></extra>", width=0.62)
    figure.update_xaxes(range=[0, 1.18], visible=False)
    return ranked(figure, names, height=30 * len(names) + 10)


def losses(history: Sequence[EpochRecord], epochs: int | None = None) -> go.Figure:
    """Train and validation loss by epoch, the best one marked; the axis goes to `epochs` if given."""
    figure = go.Figure()
    figure.add_trace(_curve("Training", history, "train_loss", GREY))
    figure.add_trace(_curve("Validation", history, "valid_loss", BLUE))
    figure.add_trace(_best(history, "valid_loss"))
    figure.update_traces(hovertemplate="epoch %{x}: %{y:.3f}")
    figure.update_yaxes(title="Loss", rangemode="tozero", range=None if history else [0, 1])
    return _by_epoch(figure, history, epochs)


def accuracies(history: Sequence[EpochRecord], epochs: int | None = None) -> go.Figure:
    """Validation accuracy by epoch, the best one marked; the axis goes to `epochs` if given."""
    figure = go.Figure()
    figure.add_trace(_curve("Validation", history, "valid_accuracy", BLUE))
    figure.add_trace(_best(history, "valid_accuracy"))
    for trace in figure.data:
        trace.update(customdata=[percent(share) for share in trace.y], hovertemplate="epoch %{x}: %{customdata}")
    shares = [record.valid_accuracy for record in history] or [0.0, 1.0]
    steps = ".0%" if max(shares) - min(shares) > 0.05 else ".1%"
    margin = 0.1 * (max(shares) - min(shares)) + 0.01
    figure.update_yaxes(title="Accuracy", tickformat=steps)
    figure.update_yaxes(range=[max(min(shares) - margin, 0), min(max(shares) + margin, 1)])
    return _by_epoch(figure, history, epochs)


def _curve(name: str, history: Sequence[EpochRecord], figure: str, colour: str) -> go.Scatter:
    return go.Scatter(
        x=[record.epoch for record in history],
        y=[getattr(record, figure) for record in history],
        name=name,
        mode="lines+markers",
        line={"color": colour, "width": 2},
        marker={"size": 6, "color": colour},
    )


def _best(history: Sequence[EpochRecord], figure: str) -> go.Scatter:
    best = best_record(tuple(history))
    records = [best] if best else []
    return go.Scatter(
        x=[record.epoch for record in records],
        y=[getattr(record, figure) for record in records],
        name="Best epoch",
        mode="markers",
        marker={"symbol": "star", "size": 15, "color": ORANGE},
        cliponaxis=False,
    )


def _by_epoch(figure: go.Figure, history: Sequence[EpochRecord], epochs: int | None) -> go.Figure:
    last = epochs or max((record.epoch for record in history), default=1)
    figure.update_xaxes(title="Epoch", dtick=max(1, last // 10), range=[0.7, max(last, 2) + 0.3], fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    if not history:
        middle = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False, "font": {"size": 14}}
        figure.add_annotation(text="Begins when the first epoch has ended", **middle)
    return plain(figure, height=300, top=36)


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


def ranked(figure: go.Figure, names: Sequence[str], height: int) -> go.Figure:
    """The figure with a name for each bar, the first on top."""
    places = list(range(len(names)))
    figure.update_yaxes(tickvals=places, ticktext=names, range=[len(names) - 0.5, -0.5], showgrid=False, zeroline=False)
    figure.update_yaxes(automargin=True, fixedrange=True, ticks="")
    figure.update_xaxes(fixedrange=True)
    return plain(figure, height=height)


def plain(figure: go.Figure, height: int, top: int = 8) -> go.Figure:
    """The figure without background, margins and dragging; sizes in pixels."""
    figure.update_layout(height=height, margin={"l": 0, "r": 20, "t": top, "b": 0}, dragmode=False, bargap=0.3)
    return figure.update_layout(paper_bgcolor=CLEAR, plot_bgcolor=CLEAR)


def label(text: str, longest: int = 40) -> str:
    """A name as Plotly may show it, cut where it is too long: it reads a few HTML tags in every text."""
    return escape(text if len(text) <= longest else text[: longest - 1] + "…", quote=False)
