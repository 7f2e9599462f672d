"""The figures of a chart as a table in HTML, for whoever does not see the chart. Pure, no streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape, unescape
from typing import Any

import numpy as np
import plotly.graph_objects as go

MOST_ROWS = 60  # of a curve with more points, evenly spaced ones are listed


def chart_table(figure: go.Figure, title: str) -> str:
    """The chart's figures as a table behind a line to open it; "" for a chart without any."""
    traces = [trace for trace in figure.data if _length(trace) and trace.hoverinfo != "skip"]
    names = figure.layout.yaxis.ticktext
    parts = [_named(trace, names) if names is not None else _plain(trace, figure) for trace in traces]
    shown = "".join(filter(None, parts))
    if not shown:
        return ""
    return (
        f'<details class="whyword-table"><summary>{escape(title)}: as a table</summary>'
        f'<div tabindex="0" role="region" aria-label="{escape(title)}">{shown}</div></details>'
    )


def _named(trace: Any, names: Sequence[str]) -> str:
    # A bar or a dot for each name on the left.
    rows = [(names[int(place)], _said(trace, i, trace.x[i])) for i, place in enumerate(trace.y)]
    return _rows(["", "Figure"], rows)


def _plain(trace: Any, figure: go.Figure) -> str:
    # A curve, or bars over an axis of numbers.
    steps = np.unique(np.linspace(0, _length(trace) - 1, min(_length(trace), MOST_ROWS)).astype(int))
    across = figure.layout.xaxis.title.text or ""
    up = trace.name or figure.layout.yaxis.title.text or "Figure"
    return _rows([across, up], [(_figure(trace.x[i]), _said(trace, i, trace.y[i])) for i in steps])


def _said(trace: Any, i: int, value: Any) -> str:
    # What is told of a point when it is pointed at, else its figure.
    told = None if trace.customdata is None else trace.customdata[i]
    if isinstance(told, str):
        return " ".join(told.replace("<br>", " ").split())
    if trace.type == "bar" and trace.text is not None and isinstance(trace.text, Sequence | np.ndarray):
        return str(trace.text[i])
    return _figure(value)


def _figure(value: Any) -> str:
    return f"{value:,.4g}".replace("-", "−") if isinstance(value, int | float | np.number) else str(value)


def _length(trace: Any) -> int:
    return 0 if trace.x is None else len(trace.x)


def _rows(heads: Sequence[str], rows: Sequence[tuple[str, str]]) -> str:
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in heads)
    body = "".join(f'<tr><th scope="row">{_text(name)}</th><td>{_text(said)}</td></tr>' for name, said in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(written: str) -> str:
    # What is written for Plotly is escaped already.
    return escape(unescape(written))
