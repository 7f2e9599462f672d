"""The check of an explanation: its strongest words are taken out, and the model is asked again."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import DeletionCheck, Explanation, Unit
from pages.ui.render.charts import QUIET, label, plain
from pages.ui.render.explanation_text import class_in_question, in_units
from pages.ui.render.theme import BLUE, GREY
from pages.ui.shared import cache
from pages.ui.shared.widgets import literal

CHECK_HELP = (
    "The words are really taken out of the text and the model is asked again: first those that speak most for the "
    "class, then the others, beside random orders (area over the perturbation curve, Samek et al. 2017). A highlight "
    "holds when its strongest words cost the class more than 19 of 20 random sets of as many words."
)


def removal_effect(check: DeletionCheck, explanation: Explanation) -> str:
    """What the strongest words are really worth."""
    if not check.count:
        return f"With all words the model says {in_units(check.whole, explanation)}."
    words = "the strongest word" if check.count == 1 else f"the {check.count} strongest words"
    effect = (
        f"Without {words} for {class_in_question(explanation)} the model says {in_units(check.without, explanation)} "
        f"instead of {in_units(check.whole, explanation)}"
    )
    if check.random_drop is None or check.random_spread is None:
        return f"{effect}; the text is too short to compare with other words."
    others = in_units(check.whole - check.random_drop, explanation)
    factor, unit = (100, " points") if explanation.against is None else (1, "")
    spread = f"{factor * check.random_spread:.1f}{unit}"
    random = "a random word" if check.count == 1 else f"{check.count} random words"
    return f"{effect}; without {random} {others} on average (± {spread})."


def no_check_reason(check: DeletionCheck) -> str:
    """Why taking words away shows nothing about the marks."""
    if not check.count:
        return "No word surely speaks for this class, so there is nothing to take away."
    if not check.random:
        return "There are too few words to check the marks against."
    return "Without the strongest words the answer moves as little as without random ones."


def failure(check: DeletionCheck) -> str:
    """By how much a highlight misses what it would have to do."""
    as_much = sum(other <= check.without for other in check.random) / len(check.random)
    choice = "random words" if check.count == 1 else f"random choices of {check.count} words"
    return (
        f"This highlight fails its own check: {as_much:.0%} of {choice} move the answer as far, and 5% may. "
        "Do not rest on it."
    )


def deletion_chart(check: DeletionCheck, explanation: Explanation) -> go.Figure:
    """The answer as words leave, the strongest first, beside random orders."""
    factor, unit = (100, "%") if explanation.against is None else (1, "")
    figure = go.Figure()
    for name, curve, colour in (
        ("Random words first", check.random_curve, GREY),
        ("Strongest words first", check.curve, BLUE),
    ):
        answers = [factor * value for value in curve]
        line = {"color": colour, "width": 2}
        figure.add_trace(go.Scatter(x=check.removed, y=answers, name=name, mode="lines", line=line))
    figure.update_traces(hovertemplate="%{x} words gone: %{y:.1f}" + unit)
    figure.update_xaxes(title="Words left out", dtick=1 if check.removed[-1] <= 10 else None, fixedrange=True)
    if explanation.unit is Unit.PROBABILITY:
        figure.update_yaxes(title=label(explanation.class_name), range=[0, 102])
    else:
        figure.update_yaxes(title="Log-odds")
    figure.update_yaxes(ticksuffix=unit, fixedrange=True)
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}, hovermode="x unified")
    return plain(figure, height=300, top=36)


def show(info: ModelInfo, why: Explanation, most: int) -> None:
    """Whether the strongest words matter to the model, in a sentence and a chart."""
    check = cache.deletion_check(info.key, why, cache.key_of(why))
    result, drawn = st.columns([2, 3], gap="medium")
    with result:
        if check.passed:
            st.success("The marked words matter: taking them away moves the model.", icon=":material/verified:")
        elif check.passed is None:
            st.info(no_check_reason(check), icon=":material/info:")
        else:
            st.warning(failure(check), icon=":material/warning:")
        st.caption(literal(removal_effect(check, why)), help=CHECK_HELP)
    drawn.plotly_chart(deletion_chart(check, why), config=QUIET, alt="The answer as words are left out")
