"""A chart on a page, with its figures as a table below it."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from pages.ui.render.chart_table import chart_table
from pages.ui.render.charts import QUIET


def show_chart(figure: go.Figure, alt: str, key: str | None = None) -> None:
    """Show a chart that is looked at, and behind a line its figures as a table.

    Args:
        figure: what to show.
        alt: what it shows, in words.
        key: of the element.
    """
    with st.container(gap=None):
        st.plotly_chart(figure, config=QUIET, key=key, alt=alt, height=figure.layout.height or "content")
        if table := chart_table(figure, alt):
            st.html(table)
