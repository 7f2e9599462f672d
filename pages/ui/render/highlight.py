"""Texts as HTML: marked as an explanation has it, plain, or two in one. Pure; every piece of text is escaped."""

from collections.abc import Iterable

from core.schema.highlight import BLOCK, MOST_SHOWN, highlighted, legend, rest_of, strength, verdict, visible
from pages.ui.render.theme import AGAINST, FOR

__all__ = ["compared", "highlighted", "legend", "plain", "strength", "verdict", "visible", "word_list"]

_COMPARED = {
    " ": "{}",
    "-": f'<del style="background:rgba({AGAINST},.18)">{{}}</del>',
    "+": f'<ins style="background:rgba({FOR},.18)">{{}}</ins>',
}


def word_list(words: tuple[str, ...], most: int = 60) -> str:
    """Words one after the other, as HTML."""
    left = f" … and {len(words) - most:,} more" if len(words) > most else ""
    listed = " · ".join(visible(word[:60]) for word in words[:most])
    return f'<div dir="auto" style="overflow-wrap:anywhere;opacity:.8">{listed}{left}</div>'


def plain(text: str) -> str:
    """A text with its line breaks, as HTML."""
    shown = visible(text[:MOST_SHOWN]) + rest_of(text, MOST_SHOWN)
    return f'<div class="whyword-text" dir="auto" tabindex="0" style="{BLOCK}">{shown}</div>'


def compared(changes: Iterable[tuple[str, str]]) -> str:
    """Two texts in one, as HTML: what only the first has struck through, what only the second has underlined.

    Args:
        changes: pieces of text, each with "-" for the first, "+" for the second, " " for both.
    """
    shown = "".join(_COMPARED[kind].format(visible(text)) for kind, text in changes)
    return f'<div class="whyword-compared" dir="auto" style="{BLOCK}">{shown}</div>'
