"""Bars of the words that push the answers of many documents: of one cell, or of all."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from core.schema import WordEffect
from pages.ui.render import charts
from pages.ui.render.format import counted, signed
from pages.ui.render.theme import BLUE, ORANGE
from pages.ui.shared import widgets
from pages.ui.shared.chart import show_chart


def effect_chart(effects: Sequence[WordEffect], documents: int, most: int = 15) -> go.Figure:
    """A bar a word: how much it moves the log-odds in a document, over all that were examined."""
    shown = effects[:most]
    means = [abs(effect.total) / max(documents, 1) for effect in shown]
    bars = charts.named_bars(
        means,
        [f"in {effect.documents:,}" for effect in shown],
        width=0.7,
        marker_color=[BLUE if effect.total > 0 else ORANGE for effect in shown],
        customdata=[_effect_hover(effect) for effect in shown],
        hovertemplate=charts.TOLD,
    )
    names = [charts.label(effect.word, 22) for effect in shown]
    across = {"visible": False, "range": [0, 1.25 * max(means)]}
    return charts.ranked([bars], names, height=26 * len(shown) + 16, across=across)


def _effect_hover(effect: WordEffect) -> str:
    where = f"{counted(effect.documents, 'document')} of {effect.occurs:,} in which it stands"
    moved = f"{signed(effect.mean, 2)} log-odds where it stands"
    return f"{charts.label(effect.word, 60)}: {moved}; pushes this way in {where}"


def show_effects(sides: Sequence[tuple[str, Sequence[WordEffect]]], documents: int) -> None:
    """The bars under their titles, beside each other; `documents` is how many were examined."""
    for place, (title, effects) in zip(st.columns(len(sides), gap="medium"), sides, strict=True):
        with place:
            st.markdown(f"**{widgets.literal(title)}**")
            if effects:
                chart = effect_chart(effects, documents)
                show_chart(chart, title, title)
            else:
                st.caption("No word does.")
