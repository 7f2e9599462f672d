"""Other ways to weigh the same words, beside the one that leads."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Attribution, Explanation, Scale
from pages.ui.explain.question import word_names
from pages.ui.render.format import signed
from pages.ui.render.tables import shown_as
from pages.ui.shared import explanations
from pages.ui.shared.explanation_settings import Marking

OPINIONS_HELP = (
    "Other ways to weigh the same words. Leaving out one word at a time misses words that stand in for each other; "
    "integrated gradients (Sundararajan et al. 2017) follow the network from an empty text to this one, in log-odds. "
    "Where they agree on the order of the words, it is more than the method that speaks."
)
MEAN_HELP = (
    " Gradients and the model's own sum compare a class with the mean of the others; in log-odds, LIME and leaving out "
    "compare it with all others together."
)
MOST_HEIGHT = 300  # pixels of the table
SCALES = {Scale.PROBABILITY: (100, "points", 1), Scale.LOG_ODDS: (1, "log-odds", 2)}  # factor, unit, decimals


def agreement(opinion: Attribution, why: Explanation) -> str:
    """How far another method puts the words into the same order as the explanation."""
    kind = "exact for this model; " if opinion.exact else ""
    if opinion.rank_correlation is None:
        return f"{kind}too few different weights to compare the order."
    close = next(
        word
        for least, word in (
            (0.995, "the same order as"),
            (0.8, "nearly the same order as"),
            (0.5, "a similar order to"),
            (0.2, "an order a little like"),
            (-1, "another order than"),
        )
        if opinion.rank_correlation >= least
    )
    leading = "the model's own sum" if why.exact else why.title
    return f"{kind}{close} {leading} (rank correlation {opinion.rank_correlation:.2f})."


def show(info: ModelInfo, why: Explanation, marking: Marking) -> None:
    """The weights of other methods beside the explanation's."""
    found = explanations.attributions(info.key, why, explanations.key_of(why))
    several = len(why.probabilities) > 2 and why.against is None
    st.caption(OPINIONS_HELP + MEAN_HELP * several)
    for opinion in found:
        st.markdown(f"**{opinion.title}**: {agreement(opinion, why)}")
    names = word_names(why)
    columns: dict[str, list[Any]] = {"Word": [names[word.start] for word in why.words[: marking.most]]}
    written = {}
    for attribution in (why, *found):
        factor, unit, decimals = SCALES[attribution.scale]
        name = _column(attribution, unit)
        written[name] = partial(signed, decimals=decimals)
        columns[name] = [factor * weight for weight in attribution.weights[: marking.most]]
    frame = pd.DataFrame(columns)
    height = min(MOST_HEIGHT, 38 + 35 * len(frame))
    shown = shown_as(frame, (), **written)
    st.dataframe(shown, hide_index=True, alt="Weights by method", height=height)


def _column(attribution: Attribution, unit: str) -> str:
    # A weight of LIME is no forecast in points; those of leaving a word out are.
    is_weight = attribution.method == "lime" and attribution.scale is Scale.PROBABILITY
    return f"{attribution.title} weight" if is_weight else f"{attribution.title}, {unit}"
