"""An explanation's text as HTML, with its words marked by weight and sign; every piece of text is escaped.

Marks differ in colour and in the line below them, and are as strong on white as on black. A page of the app shows them,
and a notebook.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from core.format import percent
from core.schema.explanation_text import word_worth
from core.units import unit_spans

if TYPE_CHECKING:
    from core.schema.explanation import Explanation, WordWeight

FOR, AGAINST = "47,127,209", "217,119,43"
"""Blue and orange as red, green and blue: told apart with any colour vision, on white and on black."""
SMALLEST_SHARE = 0.05  # of the strongest word's weight, below which a word is not marked, however sure its weight is
MOST_SHOWN = 20_000  # characters
MOST_UNREAD_SHOWN = 1_500  # characters

_DOTTED = "border-bottom:2px dotted rgba(128,128,128,.9)"
_UNSURE = f"background:rgba(128,128,128,.16);border-radius:3px;padding:.1em .15em;{_DOTTED}"
_UNKNOWN = "text-decoration:line-through;opacity:.75"
_GONE = "text-decoration:line-through 3px;opacity:.75"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
BLOCK = (
    "white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.85;"
    "max-height:34rem;overflow-y:auto;unicode-bidi:plaintext"
)


def highlighted(
    explanation: Explanation, most: int = 25, gone: Collection[int] = (), smallest_share: float = SMALLEST_SHARE
) -> str:
    """The text as HTML: words in a colour as strong as their weight, what the model did not read in grey.

    Args:
        explanation: with the strongest words first.
        most: how many of them are coloured, or grey where the sign of the weight is not sure.
        gone: where words begin that are left out; they are struck through.
        smallest_share: of the strongest word's weight, that a marked word has at least, in [0, 1].
    """
    end = min(explanation.coverage.end, MOST_SHOWN)
    read = "".join(_pieces(explanation, end, explanation.marked(most, smallest_share), gone))
    rest = rest_of(explanation.text, end) if end == MOST_SHOWN else _unread(explanation.text[end:])
    return f'<div class="whyword-text" dir="auto" tabindex="0" style="{BLOCK}">{read}{rest}</div>'


def legend(explanation: Explanation, most: int = 25, smallest_share: float = SMALLEST_SHARE) -> str:
    """What the marks mean that are in the text, as HTML."""
    name = visible(explanation.class_name)
    rather = f" rather than {visible(explanation.against)}" if explanation.against else ""
    marked = explanation.marked(most, smallest_share)
    keys = [_mark("for", 0.6, "", f"speaks for {name}{rather}")]
    if any(word.significant and word.weight < 0 for word in marked):
        keys.append(_mark("against", 0.6, "", "speaks against it"))
    if not all(word.significant for word in marked):
        keys.append(f'<span style="{_UNSURE}">not sure which</span>')
    if explanation.coverage.unknown_words:
        keys.append(f'<span style="{_UNKNOWN}">not known to the model</span>')
    return f'<div class="whyword-legend" style="font-size:.875rem;line-height:2">{" ".join(keys)}</div>'


def verdict(explanation: Explanation, beside: str = "") -> str:
    """The most probable class and its probability, as HTML; `beside` is a sentence on the same line."""
    name, share = max(explanation.probabilities.items(), key=lambda item: item[1])
    return (
        f'<div class="whyword-verdict" style="display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .6rem">'
        f'<span style="font-size:1.6rem;font-weight:650;overflow-wrap:anywhere">{visible(name)}</span>'
        f'<span style="font-size:1.6rem;opacity:.75">{visible(percent(share))}</span>'
        f'<span class="whyword-beside" role="status">{visible(beside)}</span></div>'
    )


def visible(text: str) -> str:
    """The text escaped for HTML, control characters as their symbols (NUL as ␀), half characters as ?."""
    symbols = _CONTROL.sub(lambda match: chr(0x2400 + ord(match[0])) if match[0] != "\x7f" else "\u2421", text)
    return escape(symbols.encode("utf-8", "replace").decode(), quote=True)


def strength(word: WordWeight, strongest: float) -> float:
    """How strong a word is beside the strongest of its text, in [0, 1]."""
    return min(abs(word.weight) / strongest, 1.0) if strongest else 0.0


def _pieces(explanation: Explanation, end: int, marked: Sequence[WordWeight], gone: Collection[int]) -> Iterator[str]:
    text, at = explanation.text, 0
    strongest = max((abs(word.weight) for word in explanation.words), default=0.0)
    coloured = {word.start: word for word in marked}
    for start, stop, known in _words(explanation, end):
        if at <= start:
            yield visible(text[at:start])
            written = _written(text[start:stop], coloured.get(start), explanation, strongest)
            struck = "" if known else f' style="{_UNKNOWN}" title="the model does not know this word"'
            struck = f' style="{_GONE}" title="left out"' if start in gone else struck
            joined = _joined(start, stop, explanation) if not struck and start not in coloured else ""
            place = f' data-start="{start}"' if known else ""
            yield f"<span{place}{struck}{joined}>{written}</span>"
            at = stop
    yield visible(text[at:end])


def _words(explanation: Explanation, end: int) -> list[tuple[int, int, bool]]:
    # Start and end of every word that is shown, and whether the model knows it.
    weighed = {(word.start, word.end) for word in explanation.words}
    units = unit_spans(explanation.text[:end], explanation.units)
    knows = explanation.coverage.knows(explanation.text, units)
    unknown = {unit for unit, known in zip(units, knows, strict=True) if not known}
    return sorted((start, stop, (start, stop) in weighed) for start, stop in weighed | unknown if stop <= end)


def _written(written: str, word: WordWeight | None, explanation: Explanation, strongest: float) -> str:
    if word is None:
        return visible(written)
    title = visible(f"{word_worth(word, explanation)}{_spelled(word.start, word.end, explanation)}")
    if not word.significant:
        return f'<span class="whyword-unsure" style="{_UNSURE}" title="{title}">{visible(written)}</span>'
    side = "for" if word.weight > 0 else "against"
    return _mark(side, strength(word, strongest), title, visible(written))


def _joined(start: int, stop: int, explanation: Explanation) -> str:
    spelled = _spelled(start, stop, explanation)
    return f' title="{visible(spelled.removeprefix("; "))}"' if spelled else ""


def _spelled(start: int, stop: int, explanation: Explanation) -> str:
    # How the model reads a word that it has no token of its own for.
    inside = [boundary for boundary in explanation.coverage.token_boundaries if start < boundary < stop]
    edges = [start, *inside, stop]
    pieces = [explanation.text[one:other] for one, other in pairwise(edges)]
    return f"; read as {'·'.join(pieces)}" if inside else ""


def _mark(side: str, strong: float, title: str, content: str) -> str:
    colour, line = (FOR, "solid") if side == "for" else (AGAINST, "dashed")
    style = (
        f"background:rgba({colour},{0.1 + 0.45 * strong:.2f});color:inherit;border-radius:3px;padding:.1em .15em;"
        f"border-bottom:2px {line} rgb({colour})"
    )
    return f'<mark class="whyword-{side}" style="{style}" title="{title}">{content}</mark>'


def _unread(tail: str) -> str:
    shown = visible(tail[:MOST_UNREAD_SHOWN]) + rest_of(tail, MOST_UNREAD_SHOWN)
    return (
        f'<span class="whyword-unread" style="opacity:.7" title="not read by the model">{shown}</span>' if tail else ""
    )


def rest_of(text: str, shown: int) -> str:
    """How much more there is than the characters that are shown; "" for nothing."""
    return f" … {len(text) - shown:,} more characters" if len(text) > shown else ""
