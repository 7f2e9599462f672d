"""What a model and LIME see of a text, as HTML. Pure; every piece of text is escaped."""

from __future__ import annotations

from collections.abc import Collection
from itertools import cycle, pairwise

from core.schema import TokenCoverage
from core.units import unit_spans
from pages.ui.render.highlight import visible

MOST_SHOWN = 700  # characters of a text, of which a picture needs no more
_TOKEN = "border-radius:4px;padding:.15em .1em;background:rgba(128,128,128,{:.2f})"
_UNKNOWN = "text-decoration:line-through;opacity:.75"
_GONE = "text-decoration:line-through;opacity:.55"
_BLOCK = "white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.9;unicode-bidi:plaintext"


def tokens_html(text: str, reading: TokenCoverage) -> str:
    """The beginning of a text with each token in a box, and what the model does not know struck through."""
    end = min(reading.end, MOST_SHOWN)
    words = [(start, stop) for start, stop in unit_spans(text[: reading.end]) if stop <= end]
    shown, at = [], 0
    for (start, stop), known in zip(words, reading.knows(text, words), strict=True):
        shown.append(visible(text[at:start]))
        shown.append(_boxes(text, start, stop, reading) if known else _struck(text[start:stop], _UNKNOWN))
        at = stop
    return _block("".join(shown), more=len(text) > end)


def version_html(text: str, left_out: Collection[tuple[int, int]]) -> str:
    """The beginning of a text with the words struck through that are left out."""
    shown, at = [], 0
    for start, stop in sorted(left_out):
        if stop > MOST_SHOWN:
            break
        shown += [visible(text[at:start]), _struck(text[start:stop], _GONE)]
        at = stop
    return _block("".join(shown) + visible(text[at:MOST_SHOWN]), more=len(text) > MOST_SHOWN)


def _boxes(text: str, start: int, stop: int, reading: TokenCoverage) -> str:
    edges = [start, *(place for place in reading.token_boundaries if start < place < stop), stop]
    styles = cycle((_TOKEN.format(0.18), _TOKEN.format(0.34)))  # so that pieces of one word can be told apart
    return "".join(
        f'<span class="whyword-token" style="{style}">{visible(text[one:other])}</span>'
        for style, (one, other) in zip(styles, pairwise(edges), strict=False)
    )


def _struck(written: str, style: str) -> str:
    return f'<span class="whyword-struck" style="{style}">{visible(written)}</span>'


def _block(shown: str, more: bool) -> str:
    return f'<div class="whyword-picture" dir="auto" style="{_BLOCK}">{shown}{" …" if more else ""}</div>'
