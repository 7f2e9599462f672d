"""The check of an explanation: its strongest words are taken out, and the model is asked again."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import DeletionCheck, Explanation, Scale
from core.schema.explanation_text import class_in_question, in_points, in_units
from pages.ui.render.charts import LEGEND_ABOVE, drawn, label
from pages.ui.render.format import counted, percent, signed, whole_percent
from pages.ui.render.theme import BLUE, GREY
from pages.ui.shared import explanations
from pages.ui.shared.cautions import is_doubtful
from pages.ui.shared.chart import show_chart
from pages.ui.shared.explanation_settings import Marking
from pages.ui.shared.widgets import literal

CHECK_HELP = (
    "The words are really taken out of the text and the model is asked again: first those that speak most for the "
    "class, then the others, beside random orders (area over the perturbation curve, Samek et al. 2017). A highlight "
    "holds when its strongest words cost the class more log-odds than 95% of all sets of as many words: a random "
    "highlight passes in 5% of texts at most. Texts of fewer than seven words allow no such test."
)

MIN_APART = {Scale.PROBABILITY: 0.1, Scale.LOG_ODDS: 1.0}  # between two answers, to be worth a sentence


def removal_effect(check: DeletionCheck, explanation: Explanation) -> str:
    """What the strongest words are really worth, in the explanation's scale and in log-odds."""
    if not check.count:
        return f"With all words the model says {in_units(check.whole, explanation)}."
    words = "the strongest word" if check.count == 1 else f"the {check.count} strongest words"
    effect = (
        f"Without {words} for {class_in_question(explanation)} the model says {in_units(check.without, explanation)} "
        f"instead of {in_units(check.whole, explanation)}"
    )
    moved = _in_log_odds("its log-odds", check.log_odds_drop, explanation)
    if check.random_drop is None or check.random_log_odds_drop is None:
        return f"{effect}{moved}."
    others = in_units(check.whole - check.random_drop, explanation)
    by = _in_log_odds("them", check.random_log_odds_drop, explanation)
    random = "another word" if check.count == 1 else f"{check.count} other words"
    return f"{effect}{moved}; without {random} {others} on average{by}."


def _in_log_odds(what: str, drop: float, explanation: Explanation) -> str:
    if not in_points(explanation):
        return ""
    return f", which moves {what} by {signed(-drop, 2)}" if abs(drop) >= 0.005 else f", which does not move {what}"


def order_sentence(check: DeletionCheck, explanation: Explanation) -> str:
    """Where the order of all words matters most, though few of them alone may not; "" where it matters little."""
    apart = [other - ours for ours, other in zip(check.curve, check.random_curve, strict=True)]
    widest = max(range(len(apart)), key=apart.__getitem__)
    if apart[widest] < MIN_APART[explanation.scale]:
        return ""
    gone = f"{check.removed[widest]:,} of {counted(check.removed[-1], 'word')}"
    ours, random = (in_units(curve[widest], explanation) for curve in (check.curve, check.random_curve))
    return (
        f"Over all words the order does matter: with {gone} left out, the strongest first, the model says {ours}, in "
        f"random orders {random} on average."
    )


def empty_sentence(check: DeletionCheck, explanation: Explanation) -> str:
    """Why the curves jump at their end, where no word is left; "" where they do not."""
    jump = abs(check.curve[-1] - check.curve[-2]) if len(check.curve) > 1 else 0.0
    if jump < MIN_APART[explanation.scale]:
        return ""
    said = in_units(check.curve[-1], explanation)
    return f"Both curves end where no word is left: of a text without words the model says {said}, whatever it was."


def no_check_reason(check: DeletionCheck) -> str:
    """Why taking words away shows nothing about the marks."""
    if not check.count:
        return "No word surely speaks for this class, so there is nothing to take away."
    return "There are too few words to check the marks against: a random choice would do as well too often."


def success(check: DeletionCheck) -> str:
    """What a passed check has shown."""
    word = "The strongest word matters: without it" if check.count == 1 else "The strongest words matter: without them"
    choices = "words" if check.count == 1 else f"choices of {check.count} words"
    return f"{word} the model moves further than without {_share_beaten(check)} of all {choices}."


def failure(check: DeletionCheck) -> str:
    """By how much a highlight misses what it would have to do."""
    choice = "words" if check.count == 1 else f"choices of {check.count} words"
    return (
        f"This highlight fails its own check: {whole_percent(check.p_value or 1)} of all {choice} move the answer as "
        "far or further, and 5% may. Do not rest on it."
    )


def _share_beaten(check: DeletionCheck) -> str:
    share = 1 - (check.p_value or 1)
    return percent(share) if share > 0.99 else whole_percent(share)


def deletion_chart(check: DeletionCheck, explanation: Explanation) -> go.Figure:
    """The answer as words leave, the strongest first, beside random orders."""
    factor, unit = (100, "%") if in_points(explanation) else (1, "")
    of_probability = {"title": label(explanation.class_name), "range": [0, 100]}
    curves = [
        go.Scatter(
            x=check.removed,
            y=[factor * value for value in curve],
            name=name,
            mode="lines",
            line={"color": colour, "width": 2},
            customdata=[in_units(value, explanation) for value in curve],
            hovertemplate="%{x} words gone: %{customdata}",
            cliponaxis=False,
        )
        for name, curve, colour in (
            ("Random words first", check.random_curve, GREY),
            ("Strongest words first", check.curve, BLUE),
        )
    ]
    return drawn(
        curves,
        height=300,
        top=36,
        across={"title": "Words left out", "dtick": 1 if check.removed[-1] <= 10 else None},
        up={"ticksuffix": unit} | (of_probability if explanation.scale is Scale.PROBABILITY else {"title": "Log-odds"}),
        legend=LEGEND_ABOVE,
        hovermode="x unified",
    )


def show(info: ModelInfo, why: Explanation, marking: Marking) -> None:
    """Whether the strongest words matter to the model, in a sentence and a chart."""
    check = explanations.deletion_check(info.key, why, explanations.key_of(why))
    result, drawn = st.columns([2, 3], gap="medium")
    with result:
        if check.passed:
            _show_success(check, has_seal=not is_doubtful(info, why.text))
        elif check.passed is None:
            st.info(no_check_reason(check), icon=":material/info:")
        else:
            st.warning(failure(check), icon=":material/warning:")
        said = (removal_effect(check, why), order_sentence(check, why), empty_sentence(check, why))
        st.caption(literal(" ".join(filter(None, said))), help=CHECK_HELP)
    with drawn:
        show_chart(deletion_chart(check, why), "The answer as words are left out")


def _show_success(check: DeletionCheck, *, has_seal: bool) -> None:
    # No seal beside a probability that should not be relied on.
    if has_seal:
        st.success(success(check), icon=":material/verified:")
    else:
        st.info(f"{success(check)} Whether the probability itself is right is another matter: see the caution above.")
