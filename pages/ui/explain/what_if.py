"""The same text with changes: a word replaced, the text pinned and edited, small edits of other kinds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Explanation
from pages.ui.explain.question import show_change, word_names
from pages.ui.render.difference import changes
from pages.ui.render.format import points_apart, signed
from pages.ui.render.highlight import compared
from pages.ui.render.tables import height_of, shown_as
from pages.ui.shared import explanations
from pages.ui.shared.explanation_settings import Marking
from pages.ui.shared.session import PINNED
from pages.ui.shared.typed_text import ask
from pages.ui.shared.widgets import key_for


def from_first_change(before: str, after: str) -> str:
    """What a narrow column shows of a version of a text: the place where it begins to differ."""
    same = next((i for i, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
    start = after.rfind(" ", 0, max(same - 20, 0)) + 1
    return ("… " if start else "") + after[start : start + 300]


def show(info: ModelInfo, why: Explanation, marking: Marking) -> None:
    """A word to replace, the pinned text, and the table of small edits."""
    _replace_a_word(info, why)
    _show_pinned(info, why)
    st.markdown("**Robustness: small edits**")
    made = explanations.variants(info.key, why.text, why.class_name, why.seed, why.units)
    columns = {
        "Probability": st.column_config.NumberColumn(f"P({why.class_name})", help="Probability of the class."),
        "Change": st.column_config.NumberColumn(help="In points of probability."),
    }
    frame = pd.DataFrame(
        [
            {
                "Version": v.name,
                "Probability": v.probability,
                "Change": points_apart(v.probability, made[0].probability),
                "Text": from_first_change(why.text, v.text),
            }
            for v in made
        ]
    )
    shown = shown_as(frame, ["Probability"], Change=signed)
    st.dataframe(shown, hide_index=True, column_config=columns, alt="Variants of the text", height=height_of(frame))


def _replace_a_word(info: ModelInfo, why: Explanation) -> None:
    names = word_names(why)
    words = {word.start: word for word in why.words[:200]}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = st.selectbox(
            "Replace", list(words), format_func=names.__getitem__, key=key_for("replaced", info, why.text)
        )
        other = st.text_input(
            "with", key=key_for("replacement", info, why.text), max_chars=60, placeholder="another word"
        )
    if not other or start is None:
        return
    before, after = why.text[:start], why.text[words[start].end : why.coverage.end]
    _show_change(f"With “{other}” for “{names[start]}”", info, why, before + other + after)
    _button_to("Go on with this text", ask, before + other + why.text[words[start].end :])


def _show_pinned(info: ModelInfo, why: Explanation) -> None:
    pinned = st.session_state.get(PINNED)
    if pinned is None:
        _button_to("Pin this text to compare others with it", _pin, why.text)
    elif pinned == why.text:
        st.caption("This text is pinned. Change it above and press Explain: the difference is shown here.")
        _button_to("Unpin", _pin, None)
    else:
        _show_change("The pinned text", info, why, pinned)
        st.html(compared(changes(pinned, why.text)))
        with st.container(horizontal=True):
            _button_to("Go back to the pinned text", ask, pinned)
            _button_to("Unpin", _pin, None)


def _button_to(name: str, act: Callable[[Any], None], text: str | None) -> None:
    # A fragment alone would be run anew, and the page with its text has to be.
    if st.button(name, on_click=act, args=(text,)):
        st.rerun()


def _pin(text: str | None) -> None:
    st.session_state[PINNED] = text


def _show_change(what: str, info: ModelInfo, why: Explanation, text: str) -> None:
    show_change(what, explanations.left_out(info.key, text, (), why.units)[why.class_name], why)
