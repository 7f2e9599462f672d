"""A highlighted text and a confusion matrix as something to choose from: the word or the cell comes back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui.render.theme import AGAINST, FOR

Place = tuple[int | None, int | None]

# The HTML is made and escaped by `render.highlight` and `render.matrix`; nothing else may be handed in.
_SCRIPT = """
export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".whyword-words")
  const isHere = place.contains(document.activeElement)
  if (place.shown !== data.html) {
    place.innerHTML = data.html
    place.shown = data.html
  }
  const told = parentElement.querySelector(".whyword-told")
  const words = [...place.querySelectorAll("[data-start]")]
  const reach = (word) => words.forEach((other) => { other.tabIndex = other === word ? 0 : -1 })
  const tell = (word) => {
    const said = (word.querySelector("[title]") ?? word).title || "no mark"
    told.textContent = `${word.textContent}: ${said}`
  }
  words.forEach((word) => word.setAttribute("role", "button"))
  const reached = words.find((word) => word.dataset.start === place.reached)
  if (words.length) reach(reached ?? words[0])
  const choose = (word) => {
    if (word && !window.getSelection().toString()) setTriggerValue("word", Number(word.dataset.start))
  }
  place.onclick = (event) => choose(event.target.closest("[data-start]"))
  place.onfocusin = place.onpointerover = (event) => {
    const word = event.target.closest("[data-start]")
    if (!word) return
    tell(word)
    if (event.type !== "focusin") return
    place.reached = word.dataset.start
    reach(word)
  }
  place.onkeydown = (event) => {
    const word = event.target.closest("[data-start]")
    const at = words.indexOf(word)
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: words.length - 1 }[event.key]
    if (!word) return
    if (event.key === "Enter" || event.key === " ") choose(word)
    else if (next === undefined) return
    else words[next]?.focus()
    event.preventDefault()
  }
  if (isHere) reached?.focus()
}
"""
_STYLE = """
.whyword-words { font-family: var(--st-font); color: var(--st-text-color); }
.whyword-words [data-start] { cursor: pointer; border-radius: 3px; }
.whyword-words [data-start]:hover { outline: 1px solid var(--st-primary-color); }
.whyword-words [data-start]:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.whyword-told { min-height: 3em; margin-top: .4rem; font-family: var(--st-font); font-size: .875rem;
  color: color-mix(in srgb, var(--st-text-color) 72%, transparent); overflow-wrap: anywhere; }
"""
_TELL = "Point at a word, tap it or use the arrow keys to read its weight; a click or Enter leaves it out."
_words = st.components.v2.component(
    "whyword_words",
    html=f'<div class="whyword-words"></div><div class="whyword-told" role="status">{_TELL}</div>',
    css=_STYLE,
    js=_SCRIPT,
    isolate_styles=False,
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


# Plotly's heatmap takes twice as long from a click to the documents, knows no keys, and its names scroll away.
_MATRIX_SCRIPT = """
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector(".whyword-matrix")
  if (place.shown !== data.html) {
    place.innerHTML = data.html
    place.shown = data.html
  }
  place.classList.toggle("still", Boolean(data.still))
  if (data.still) return
  const table = place.querySelector("table")
  const cells = () => [...table.rows].flatMap((row) => [...row.cells])
  const reach = (cell) => cells().forEach((other) => { other.tabIndex = other === cell ? 0 : -1 })
  const mark = ([row, column]) => {
    const chosen = row === null && column === null ? null : table.rows[(row ?? -1) + 1].cells[(column ?? -1) + 1]
    cells().forEach((cell) => cell.setAttribute("aria-selected", cell === chosen))
    reach(chosen ?? table.rows[1].cells[1])
  }
  const choose = (cell) => {
    if (!cell || cell.classList.contains("corner")) return
    const place = [cell.parentElement.rowIndex, cell.cellIndex].map((position) => (position ? position - 1 : null))
    const next = cell.ariaSelected === "true" ? [null, null] : place
    mark(next)
    setTriggerValue("cell", next)
  }
  table.onclick = (event) => choose(event.target.closest("td, th"))
  table.onkeydown = (event) => {
    const cell = event.target.closest("td, th")
    const [down, right] = STEPS[event.key] ?? [0, 0]
    const next = table.rows[cell.parentElement.rowIndex + down]?.cells[cell.cellIndex + right]
    if (event.key === "Enter" || event.key === " ") choose(cell)
    else if (!(event.key in STEPS)) return
    else if (next) {
      reach(next)
      next.focus()
    }
    event.preventDefault()
  }
  mark(data.chosen)
}
"""
_MATRIX_STYLE = (
    f".whyword-matrix {{ --for: {FOR}; --against: {AGAINST}; }}"
    + """
.whyword-matrix { container-type: inline-size; overflow-x: auto; color: var(--st-text-color); padding: 3px; }
.whyword-matrix table { border-collapse: separate; border-spacing: 1px; font-family: var(--st-font); }
.whyword-matrix td { min-width: clamp(22px, calc((100cqi - 9.5rem) / var(--n) - 1px), var(--most)); padding: 0;
  height: var(--height); text-align: center; border-radius: 3px; background: rgba(128, 128, 128, .07);
  font-size: var(--letters); font-variant-numeric: tabular-nums; }
.whyword-matrix td.right { background: rgba(var(--for), calc(.12 + .5 * var(--s))); }
.whyword-matrix td.wrong { background: rgba(var(--against), calc(.12 + .5 * var(--s))); }
.whyword-matrix th { font-weight: 400; font-size: clamp(11.5px, var(--letters), 13px); padding: 0 .4rem; }
.whyword-matrix th.none span { opacity: .75; font-style: italic; }
.whyword-matrix th span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.whyword-matrix th[scope=row] { text-align: right; max-width: 9rem; }
.whyword-matrix th[scope=row], .whyword-matrix .corner { position: sticky; left: 0; z-index: 1;
  background: var(--st-background-color); }
.whyword-matrix th[scope=col] { vertical-align: bottom; padding: .3rem 0; }
.whyword-matrix .turned th[scope=col] span { writing-mode: vertical-rl; transform: rotate(180deg);
  max-height: 11rem; margin: 0 auto; }
.whyword-matrix .corner { background: var(--st-background-color); font-size: 11px; text-align: right;
  color: color-mix(in srgb, currentColor 65%, transparent); vertical-align: bottom; padding: .3rem .4rem;
  white-space: nowrap; }
.whyword-matrix:not(.still) :is(td, th):not(.corner) { cursor: pointer; }
.whyword-matrix:not(.still) :is(td, th):not(.corner):hover { outline: 1px solid var(--st-text-color);
  outline-offset: -1px; }
.whyword-matrix :is(td, th):focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.whyword-matrix :is(td, th)[aria-selected=true] { outline: 2.5px solid var(--st-text-color) !important;
  outline-offset: -1px; border-radius: 3px; font-weight: 700; }
@container (max-width: 400px) { .whyword-matrix th[scope=row] { max-width: 6.5rem; } }
"""
)
_matrix = st.components.v2.component(
    "whyword_matrix",
    html='<div class="whyword-matrix"></div>',
    css=_MATRIX_STYLE,
    js=_MATRIX_SCRIPT,
    isolate_styles=False,
)


def clickable_matrix(html: str, chosen: Place, key: str, on_cell: Callable[[Place], None]) -> None:
    """Show a confusion matrix; `on_cell` is called with the place that was chosen, by mouse or by keys.

    Args:
        html: what `matrix.matrix_html` gives.
        chosen: row and column that are framed, counted from the top left; None for a heading, both None for nothing.
        key: of the element.
        on_cell: runs before the page is run anew. A place that is chosen again is given as (None, None).
    """

    def clicked() -> None:
        cell = getattr(st.session_state[key], "cell", None)
        if cell is not None:
            on_cell((cell[0], cell[1]))

    _matrix(data={"html": html, "chosen": list(chosen)}, key=key, on_cell_change=clicked)


def show_matrix(html: str, key: str) -> None:
    """Show a confusion matrix that is only looked at."""
    _matrix(data={"html": html, "chosen": [None, None], "still": True}, key=key)
