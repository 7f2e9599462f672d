"""The browser's history: each click that a person would undo is one entry, so that Back undoes it in one step."""

from __future__ import annotations

import streamlit as st

# Streamlit replaces the address for one widget, adds an entry for another, and adds two for a link to another page, the
# first of which names a page that never was. Here the first change after a click or a key is an entry, whoever makes
# it, and what follows from it belongs to the same one; so do changes that nobody asked for.
_SCRIPT = """
export default function ({ data }) {
  if (window.whywordHistory) return
  window.whywordHistory = true
  let acted = false
  for (const event of data.acts) addEventListener(event, () => { acted = true }, true)
  addEventListener("popstate", () => { acted = false }, true)
  const { pushState, replaceState } = history
  history.pushState = history.replaceState = (state, title, address) => {
    const same = new URL(address ?? location.href, location.href).href === location.href
    const change = acted && !same ? pushState : replaceState
    if (!same) acted = false
    change.call(history, state, title, address)
  }
}
"""
_history = st.components.v2.component("whyword_history", html="<span></span>", js=_SCRIPT, isolate_styles=False)


def one_entry_a_click() -> None:
    """Have each click make one entry in the browser's history; in app.py, before the page."""
    _history(data={"acts": ["pointerdown", "keydown"]}, key="one-entry-a-click")
