"""The highlighted text as something to click: a word that is chosen comes back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

# The HTML is made and escaped by `pages.ui.highlight`; nothing else may be handed in.
_SCRIPT = """
export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".whyword-words")
  if (place.dataset.shown !== data.html) {
    place.innerHTML = data.html
    place.dataset.shown = data.html
  }
  place.onclick = (event) => {
    const word = event.target.closest("[data-start]")
    if (word && !window.getSelection().toString()) setTriggerValue("word", Number(word.dataset.start))
  }
}
"""
_STYLE = """
.whyword-words { font-family: var(--st-font); color: var(--st-text-color); }
.whyword-words [data-start] { cursor: pointer; border-radius: 3px; }
.whyword-words [data-start]:hover { outline: 1px solid var(--st-primary-color); }
"""
_words = st.components.v2.component(
    "whyword_words", html='<div class="whyword-words"></div>', css=_STYLE, js=_SCRIPT, isolate_styles=False
)


def clickable_words(html: str, key: str, on_word: Callable[[int], None]) -> None:
    """Show the text; `on_word` is called with the position where a clicked word starts.

    Args:
        html: what `highlight.highlighted` gives.
        key: of the element.
        on_word: runs before the page is run anew, and so may change the state of other elements.
    """

    def clicked() -> None:
        start = getattr(st.session_state[key], "word", None)
        if start is not None:
            on_word(int(start))

    _words(data={"html": html}, key=key, on_word_change=clicked)
