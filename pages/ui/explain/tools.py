"""What can be done with an explanation: check it, ask otherwise, change the text, export it."""

from __future__ import annotations

import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Explanation
from pages.ui.explain import deletion_check, export, second_opinions, sentence_timeline, what_if
from pages.ui.shared.explanation_settings import Marking
from pages.ui.shared.widgets import choose, mistakes_shown

TOOLS = {
    "Does it hold?": deletion_check.show,
    "What if?": what_if.show,
    "Sentence by sentence": sentence_timeline.show,
    "A second opinion": second_opinions.show,
    "Export": export.show,
}


@st.fragment
def show_tools(info: ModelInfo, why: Explanation, marking: Marking) -> None:
    """A row of tools, of which only the chosen one is at work."""
    chosen = choose("Tools", list(TOOLS), key="tool", label_visibility="collapsed", persist_state="session")
    with st.container(border=True), mistakes_shown():
        TOOLS[chosen](info, why, marking)
