"""The question of the Explain page: which text, for which class, with which words left out, asked how often."""

from __future__ import annotations

from collections import Counter

import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Explanation, Scale
from pages.ui.render.format import counted, percent, points_apart, signed
from pages.ui.shared import explanations
from pages.ui.shared.address import AGAINST, LABEL, linked_text, value
from pages.ui.shared.typed_text import ask
from pages.ui.shared.widgets import arrow, key_for, literal


def pick_example(known: dict[str, str]) -> None:
    """A menu of texts to begin with, by their titles."""
    if known:
        st.menu_button(
            "Examples", list(known), key="example", on_click=_take_example, args=(known,), icon=":material/lightbulb:"
        )


def chosen_classes(info: ModelInfo, text: str) -> tuple[str | None, str | None]:
    """What `pick_classes` was set to for this model and text: the class, None for the most probable, and the other."""
    chosen = []
    for name in (LABEL, AGAINST):
        key, given = key_for(name, info, text), value(name)
        if key not in st.session_state and given in info.class_names and linked_text() == text:
            st.session_state[key] = given
        choice = st.session_state.get(key)
        chosen.append(choice if choice in info.class_names else None)
    label, against = chosen
    # The picker shows the most probable class when none was chosen: it is the same question either way.
    usual = st.session_state.get(key_for("usual", info, text))
    return (None if label == usual and against != usual else label), (None if against == label else against)


def pick_classes(info: ModelInfo, text: str, why: Explanation) -> None:
    """Pickers of the class that words speak for or against, the most probable first, and of one to compare it with."""
    ranked = sorted(why.probabilities, key=lambda name: -why.probabilities[name])
    st.session_state[key_for("usual", info, text)] = ranked[0]
    with st.container(horizontal=True):
        st.selectbox("For the class", ranked, ranked.index(why.class_name), key=key_for(LABEL, info, text))
        others = [name for name in ranked if name != why.class_name]
        st.selectbox("rather than", others, index=None, key=key_for(AGAINST, info, text), placeholder="any other class")
    if why.against is not None:
        st.caption("One class rather than another is weighed in log-odds, the logarithm of how many times as probable.")
    elif why.scale is Scale.LOG_ODDS and not why.exact:
        st.caption("Weights are in log-odds here, which still move where a probability is near 0% or 100%.")


def pick_left_out(info: ModelInfo, why: Explanation) -> None:
    """A picker of words to leave out."""
    key = left_out_key(info, why.text)
    known = word_names(why)
    chosen = st.session_state.get(key, [])
    if any(start not in known for start in chosen):  # else the picker is left alone, which keeps the focus in it
        st.session_state[key] = [start for start in chosen if start in known]
    st.multiselect(
        "Leave words out",
        list(known),
        format_func=known.__getitem__,
        key=key,
        placeholder="Click a word in the text, or choose one here",
    )


def left_out_key(info: ModelInfo, text: str) -> str:
    """The state that holds where the words start that are left out of a text."""
    return key_for("gone", info, text)


def word_names(why: Explanation) -> dict[int, str]:
    """The known words of a text by where they start, in its order, each name once: "film", "film (2)", ..."""
    names, seen = {}, Counter[str]()
    for word in sorted(why.words, key=lambda word: word.start):
        seen[word.word] += 1
        names[word.start] = word.word if seen[word.word] == 1 else f"{word.word} ({seen[word.word]})"
    return names


def without_words(info: ModelInfo, why: Explanation) -> str:
    """What the model says without the words that are left out, "" when none is."""
    starts = _left_out(info, why)
    if not starts:
        return ""
    shares = explanations.left_out(info.key, why.text, starts, why.units)
    winner = max(shares, key=lambda name: shares[name])
    others = "" if winner == why.class_name else f"; predicted: {winner} {percent(shares[winner])}"
    share = shares[why.class_name]
    moved = _moved(share, why)
    return f"Without {counted(len(starts), 'word')}: {why.class_name} {percent(share)} ({moved}){others}"


def show_left_out(info: ModelInfo, why: Explanation) -> None:
    """The probability of the explained class without the words that are left out, if any are."""
    if starts := _left_out(info, why):
        share = explanations.left_out(info.key, why.text, starts, why.units)[why.class_name]
        show_change(f"Without {counted(len(starts), 'word')}", share, why)


def show_change(what: str, share: float, why: Explanation) -> None:
    """The probability of the explained class for another version of the text, and how far it moved."""
    name, change = literal(f"{what}: {why.class_name}"), _change(share, why)
    st.metric(name, percent(share), _moved(share, why), delta_color="off", delta_arrow=arrow(change))


def _left_out(info: ModelInfo, why: Explanation) -> tuple[int, ...]:
    known = word_names(why)
    return tuple(start for start in st.session_state.get(left_out_key(info, why.text), ()) if start in known)


def _change(share: float, why: Explanation) -> float:
    return points_apart(share, why.probabilities[why.class_name])


def _moved(share: float, why: Explanation) -> str:
    change = _change(share, why)
    return f"{signed(change)} points" if change else "no change"


def _take_example(known: dict[str, str]) -> None:
    ask(known[st.session_state.example])
