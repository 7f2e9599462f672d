"""An explanation on the page: drawn as it becomes surer, then open to be clicked."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import plotly.graph_objects as go
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Explanation, WordWeight
from core.schema.explanation_text import (
    amount,
    compared_with,
    fidelity,
    in_points,
    move_without,
    weight_name,
    word_worth,
)
from pages.ui.explain.question import left_out_key, pick_left_out, show_left_out
from pages.ui.explain.trust import banner, coverage, trust
from pages.ui.render.charts import QUIET, TOLD, label, ranked
from pages.ui.render.format import counted
from pages.ui.render.highlight import highlighted, legend, word_list
from pages.ui.render.theme import BLUE, GREY, ORANGE
from pages.ui.shared import widgets
from pages.ui.shared.chart import show_chart
from pages.ui.shared.clickable import clickable_words
from pages.ui.shared.explanation_settings import Marking
from pages.ui.shared.session import INSISTED, STOPPED
from pages.ui.shared.snapshots import Snapshots
from pages.ui.shared.turns import TURNS

WEIGHT_HELP = (
    "The model is asked again and again about the text with random words left out. LIME's weight of a word says how "
    "far its presence moves the answer in a sum of such weights: 1 stands for a hundredth of the probability, or the "
    "weights are of log-odds. The thin line is its interval: of those shown, 95% hold the weight that endless versions "
    "would give, although the words were chosen for being strong. Words whose interval holds zero are grey, "
    "here and in the text. A diamond shows what the answer really loses without that word alone, where this is far "
    "from its weight: words act together. In another text the same word may weigh something else."
)
EXACT_HELP = (
    "This model's score for a class is a sum over the words and phrases of the text, so that each word's part of it is "
    "known: a phrase is shared by its words. Nothing is estimated, and there are no intervals. “A second opinion” "
    "below shows what LIME finds by leaving words out; it leads where probability is chosen in the settings "
    "and no other class to compare with."
)
TRUST_HELP = (
    "The weights are a simple stand-in for the model, made for this text only: the answer as a sum of the words' "
    "weights. This is the share of the model's changes that the sum gets right, on versions of the text that it was "
    "not fitted on (weighted R², leave one out)."
)
FIDELITY_HELP = (
    "How well the weights stand in for the model near this text: the share of its changes that their sum gets right on "
    "versions that it was not fitted on (weighted R²), what the sum says of the whole text beside what the model says, "
    "and how often the same words would come out strongest if other versions of the text had been drawn."
)
LONGEST_TITLE = 48  # characters of a line below a chart, on a telephone too
BREATH = 0.1  # seconds for a browser on the same machine to paint the first words, before the model takes it all


def word_weights(explanation: Explanation, most: int = 12) -> go.Figure:
    """A bar a word, the strongest on top, right for the class, left against it; with 95% intervals unless exact.

    A diamond stands where the answer moves otherwise without a word alone.
    """
    words = explanation.strongest(most).words
    factor = 100 if in_points(explanation) else 1
    weights = [factor * word.weight for word in words]
    bars = go.Bar(
        x=weights,
        y=list(range(len(words))),
        orientation="h",
        width=0.7,
        marker_color=[(BLUE if word.weight > 0 else ORANGE) if word.significant else GREY for word in words],
        customdata=[label(f"{word.word}: {word_worth(word, explanation)}", 120) for word in words],
        hovertemplate=TOLD,
        error_x=None if explanation.exact else _intervals(words, factor),
    )
    apart = explanation.mismatched(most)
    drops = go.Scatter(
        x=[factor * (word.drop or 0.0) for word in apart],
        y=[words.index(word) for word in apart],
        mode="markers",
        marker={"symbol": "diamond", "size": 9, "color": "#fff", "line": {"width": 1.5, "color": "#1c2733"}},
        hoverinfo="skip",
        cliponaxis=False,
    )
    compared = (explanation.class_name, explanation.against, compared_with(explanation))
    names = [label(name) for name in compared if name]
    title = f"{weight_name(explanation)} {'of' if explanation.exact else 'for'} {' over '.join(names)}"
    lines = title.replace(" over ", "<br>over ") if len(title) > LONGEST_TITLE else title
    across = {"title": lines, "zeroline": True, "ticksuffix": " "}
    height = max(25 * len(words) + 70 + 18 * (lines != title), 170)
    return ranked([bars, drops], [label(word.word, 22) for word in words], height, across, showlegend=False)


def apart_sentence(explanation: Explanation, most: int = 12) -> str:
    """The strongest word without which alone the answer moves otherwise than its weight says; "" when there is none."""
    apart = explanation.mismatched(most)
    if not apart:
        return ""
    word = max(apart, key=lambda one: abs(one.weight - (one.drop or 0.0)))
    return (
        f"A weight is no forecast: “{word.word}” has {amount(word.weight, explanation)}, but without it alone the "
        f"answer moves by {move_without(word, explanation)} (diamonds)."
    )


def _intervals(words: Sequence[WordWeight], factor: float) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [factor * (word.high - word.weight) for word in words],
        "arrayminus": [factor * (word.weight - word.low) for word in words],
        "thickness": 1.5,
        "width": 3,
        "color": "rgba(128,128,128,.9)",
    }


class _Slots(NamedTuple):
    # A place each for what comes and goes: what a container loses while a page runs stays on the screen.
    banner: Any
    trust: Any
    text: Any


def draw(info: ModelInfo, snapshots: Snapshots[Explanation], question: str, marking: Marking) -> Explanation:
    """Draw each snapshot over the one before it, until the last or until somebody stops; gives the last one.

    Args:
        info: of the model.
        snapshots: of one question.
        question: what tells it from others.
        marking: which words to mark.
    """
    marked, ranking = st.columns([3, 2], gap="medium")
    with marked:
        with st.container(horizontal=True, vertical_alignment="center"):  # as high as the heading beside it
            st.header("The words in the text")
        slots = _Slots(st.empty(), st.empty(), st.empty())
        waiting = st.empty()
    with ranking:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header("The strongest words", help=EXACT_HELP if snapshots.last.exact else WEIGHT_HELP)
            beside = st.empty()  # in view while the answer is
        bars = st.empty()
        below = st.empty()
    stopped = not snapshots.ended and st.session_state.get(STOPPED) == question
    if not stopped and not snapshots.ended:
        beside.button("Stop here", icon=":material/stop:", on_click=_remember, args=(STOPPED, question))
        for number, snapshot in enumerate(snapshots.watched(widgets.waits_in(waiting))):
            _draw_snapshot(snapshot, slots, marking)
            time.sleep(0 if number else BREATH)
            # A chart is drawn once before the last, and after the first words: a browser takes longer for it than the
            # model for its answers.
            if number == 1:
                bars.plotly_chart(word_weights(snapshot), config=QUIET, key="first-weights")
            stopped = _gives_way(snapshot, question)
            if stopped:
                break
    why = snapshots.last
    with bars.container():
        show_chart(word_weights(why), "Weights of the strongest words", "weights")
    said = " ".join(filter(None, (trust(why), apart_sentence(why))))
    below.caption(widgets.literal(said), help=None if why.exact else TRUST_HELP)
    if stopped:
        beside.button("Go on", icon=":material/play_arrow:", on_click=_go_on, args=(question,))
    else:
        beside.empty()
    _draw_trust(why, slots)
    with slots.text.container():
        _draw_clickable(info, why, marking)
    return why


def _remember(name: str, value: str | None) -> None:
    st.session_state[name] = value


def _gives_way(snapshot: Explanation, question: str) -> bool:
    # To those who wait, unless somebody has said that it goes on.
    return snapshot.paused and TURNS.are_awaited() and st.session_state.get(INSISTED) != question


def _go_on(question: str) -> None:
    st.session_state[STOPPED], st.session_state[INSISTED] = None, question


def _draw_snapshot(why: Explanation, slots: _Slots, marking: Marking) -> None:
    _draw_trust(why, slots)
    with slots.text.container(border=True):
        st.html(legend(why, *marking))
        st.html(highlighted(why, marking.most, smallest_share=marking.smallest_share))


def _draw_trust(why: Explanation, slots: _Slots) -> None:
    warning = banner(why)
    if warning:
        slots.banner.warning(widgets.literal(warning), icon=":material/warning:")
    else:
        slots.banner.empty()
    slots.trust.caption(widgets.literal(fidelity(why)), help=None if why.exact else FIDELITY_HELP)


def _draw_clickable(info: ModelInfo, why: Explanation, marking: Marking) -> None:
    key = left_out_key(info, why.text)

    def toggle(start: int) -> None:
        gone = list(st.session_state.get(key, []))
        st.session_state[key] = [other for other in gone if other != start] if start in gone else [*gone, start]

    with st.container(border=True):
        st.html(legend(why, *marking))
        clickable_words(
            highlighted(why, marking.most, st.session_state.get(key, ()), marking.smallest_share),
            f"words-{key}",
            toggle,
        )
    pick_left_out(info, why)
    show_left_out(info, why)
    st.caption(coverage(why))
    if why.coverage.unknown_words:
        with st.expander(counted(len(why.coverage.unknown_words), "unknown word")):
            st.html(word_list(why.coverage.unknown_words))
