"""The box for a text: what is typed is a draft until somebody presses Explain, and no draft is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.config import check_length
from pages.ui.shared.address import OF_A_TEXT, TEXT, forget, linked_text, value
from pages.ui.shared.session import ASKED, ASKED_MODEL, EXAMPLES, OPENED, SET_ASIDE

# The server learns of a draft with the next click only. The browser tells at once that the answer belongs to another
# text, and keeps the draft in the tab, so that it is there again after a reload.
_SCRIPT = r"""
const KEPT = "whyword-draft"
const MOST_TRIES = 3 // a session that has only begun may miss what is sent to it

export default function ({ data, parentElement, setTriggerValue }) {
  const notice = parentElement.querySelector(".whyword-changed")
  const tries = Number(notice.dataset.tries ?? 0)
  const kept = JSON.parse(sessionStorage.getItem(KEPT))
  const belongs = kept && (kept.asked === data.asked || (!window.whywordDraftRead && !data.linked))
  if (belongs && tries < MOST_TRIES && (kept.draft !== data.draft || kept.asked !== data.asked)) {
    notice.dataset.tries = tries + 1
    setTriggerValue("kept", kept)
    return
  }
  notice.dataset.tries = MOST_TRIES
  window.whywordDraftRead = true
  let seen
  const look = () => {
    const draft = document.querySelector(".st-key-text textarea")?.value
    if (draft === undefined || draft === seen) return
    seen = draft
    const changed = draft !== data.asked.replace(/\r\n?/g, "\n")
    notice.hidden = !changed
    document.body.classList.toggle("whyword-outdated", changed)
    sessionStorage.removeItem(KEPT)
    if (!changed && data.example) return
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ draft, asked: data.asked }))
    } catch { } // a text that is too long for what a browser keeps
  }
  clearInterval(window.whywordDraftTimer)
  window.whywordDraftTimer = setInterval(look, 200)
  return () => {
    clearInterval(window.whywordDraftTimer)
    document.body.classList.remove("whyword-outdated")
  }
}
"""
_NOTICE = '<div role="status"><span class="whyword-changed" hidden>Text changed: press Explain</span></div>'
_STYLE = """
.whyword-changed { font-family: var(--st-font); font-size: .875rem; font-weight: 600; color: var(--st-text-color);
  padding: .25rem .6rem; border-radius: 6px; background: color-mix(in srgb, #f2b01e 30%, transparent); }
"""
_draft = st.components.v2.component("whyword_draft", html=_NOTICE, css=_STYLE, js=_SCRIPT, isolate_styles=False)


def ask(text: str) -> None:
    """Put a text into the box and ask about it; before the box is drawn, or in a callback."""
    st.session_state[TEXT] = st.session_state[ASKED] = text


def set_aside() -> None:
    """Keep what was typed, before a document takes its place in the box."""
    state = st.session_state
    if state.get(TEXT) and state[TEXT] not in state.get(EXAMPLES, ()):
        state[SET_ASIDE] = state[TEXT], state.get(ASKED)


def take_back() -> None:
    """Put what was set aside into the box again, unless somebody has gone on with the document's text."""
    state = st.session_state
    aside = state.pop(SET_ASIDE, None)
    if aside is not None and state.get(TEXT) == state.get(ASKED) == state.get(OPENED):
        state[TEXT], state[ASKED] = aside


def text_to_explain(model: str, known: Mapping[str, str]) -> str:
    """The text that is asked about: typed, pasted or chosen, and sent.

    Another model is asked about what stands in the box, be it sent or not.

    Args:
        model: the name of the one that is asked.
        known: titles and texts to begin with; an untouched example of another model gives way to the first of them.
    """
    state = st.session_state
    if TEXT not in state and value(TEXT) is not None:
        ask(value(TEXT) or "")
    if state.get(ASKED_MODEL) != model:
        state[ASKED_MODEL] = model
        state[ASKED] = None if state.get(TEXT) in state.get(EXAMPLES, ()) else state.get(TEXT)
    state[EXAMPLES] = tuple(known.values())
    if state[ASKED] is None:
        ask(next(iter(known.values()), ""))
    st.text_area(
        "Text", key=TEXT, height=170, on_change="ignore", persist_state="session", placeholder="Type or paste a text"
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Explain", type="primary", shortcut="Ctrl+Enter", on_click=_ask_what_is_typed)
        _keep_draft()
    return _asked()


def _ask_what_is_typed() -> None:
    st.session_state[ASKED] = st.session_state[TEXT]


def as_draft(kept: Any) -> tuple[str, str] | None:
    """The draft and the text that was asked about, as the browser has kept them; None for what is neither."""
    if not (isinstance(kept, Mapping) and {"draft", "asked"} <= kept.keys()):  # a browser may send what it likes
        return None
    return str(kept["draft"]), str(kept["asked"])


def _keep_draft() -> None:
    def restore() -> None:
        kept = as_draft(st.session_state["draft"].kept)
        if kept is not None:
            st.session_state[TEXT], st.session_state[ASKED] = kept

    state = st.session_state
    texts = {"draft": state[TEXT], "asked": state[ASKED]}
    facts = {"example": state[ASKED] in state[EXAMPLES], "linked": linked_text() is not None}
    _draft(data=texts | facts, key="draft", on_kept_change=restore)


def _asked() -> str:
    asked: str = st.session_state[ASKED]
    if linked_text() not in (None, asked):
        forget(*OF_A_TEXT)
    if not asked.strip():
        st.info("Type or paste a text to see which of its words decide.", icon=":material/keyboard:")
        st.stop()
    check_length(asked)
    return asked
