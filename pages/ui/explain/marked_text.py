"""An explanation on the page: drawn as it becomes surer, then open to be clicked."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Explanation
from pages.ui.render import charts, helps, sentences
from pages.ui.render.format import counted
from pages.ui.render.highlight import highlighted, legend, word_list
from pages.ui.shared import cache, widgets
from pages.ui.shared.clickable import clickable_words
from pages.ui.shared.snapshots import Snapshots

STOPPED = "stopped"
BREATH = 0.1  # seconds for a browser on the same machine to paint the first words, before the model takes it all


class _Slots(NamedTuple):
    # A place each for what comes and goes: what a container loses while a page runs stays on the screen.
    banner: Any
    trust: Any
    text: Any


def watched(info: ModelInfo, snapshots: Snapshots[Explanation], question: str, most: int) -> Explanation:
    """Draw each snapshot over the one before it, until the last or until somebody stops; gives the last one.

    Args:
        info: of the model.
        snapshots: of one question.
        question: what tells it from others.
        most: words to mark.
    """
    marked, weighed = st.columns([3, 2], gap="medium")
    with marked:
        st.subheader("The words in the text")
        slots = _Slots(st.empty(), st.empty(), st.empty())
    with weighed:
        st.subheader("The strongest words", help=helps.WEIGHT_HELP)
        bars = st.empty()
        told = st.empty()
    stopped = not snapshots.ended and st.session_state.get(STOPPED) == question
    if not stopped and not snapshots.ended:
        told.button("Stop here", icon=":material/stop:", on_click=_remember, args=(STOPPED, question))
        for number, snapshot in enumerate(snapshots):
            _draw(snapshot, slots, most)
            time.sleep(0 if number else BREATH)
            # A chart is drawn once before the last, and after the first words: a browser takes longer for it than the
            # model for its answers.
            if number == 1:
                bars.plotly_chart(charts.word_weights(snapshot), config=charts.QUIET, key="first-weights")
    why = snapshots.last
    bars.plotly_chart(
        charts.word_weights(why), config=charts.QUIET, key="weights", alt="Weights of the strongest words"
    )
    with told.container():
        st.caption(sentences.trust(why), help=helps.TRUST_HELP)
        if stopped:
            st.button("Go on", icon=":material/play_arrow:", on_click=_remember, args=(STOPPED, None))
    _trusted(why, slots)
    with slots.text.container():
        _to_click(info, why, most)
    return why


def _remember(name: str, value: str | None) -> None:
    st.session_state[name] = value


def _draw(why: Explanation, slots: _Slots, most: int) -> None:
    _trusted(why, slots)
    with slots.text.container(border=True):
        st.html(legend(why, most))
        st.html(highlighted(why, most))


def _trusted(why: Explanation, slots: _Slots) -> None:
    banner = sentences.banner(why)
    if banner:
        slots.banner.warning(widgets.literal(banner), icon=":material/warning:")
    else:
        slots.banner.empty()
    slots.trust.caption(widgets.literal(sentences.fidelity(why)), help=helps.FIDELITY_HELP)


def _to_click(info: ModelInfo, why: Explanation, most: int) -> None:
    key = widgets.left_out_key(info, why.text)

    def toggle(start: int) -> None:
        gone = list(st.session_state.get(key, []))
        st.session_state[key] = [other for other in gone if other != start] if start in gone else [*gone, start]

    with st.container(border=True):
        st.html(legend(why, most))
        clickable_words(highlighted(why, most, st.session_state.get(key, ())), f"words-{key}", toggle)
    starts = widgets.leave_words_out(info, why)
    if starts:
        share = cache.left_out(info.key, why.text, starts)[why.class_name]
        widgets.moved(f"Without {counted(len(starts), 'word')}", share, why)
    st.caption(sentences.read(why))
    if why.coverage.unknown_words:
        with st.expander(counted(len(why.coverage.unknown_words), "unknown word")):
            st.html(word_list(why.coverage.unknown_words))
