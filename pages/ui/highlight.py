"""Explanation -> HTML of its text, with the words marked by weight and sign. Pure; every piece of text is escaped."""

import re
from collections.abc import Iterator
from html import escape

from core.schema import Explanation, WordWeight
from pages.ui.sentences import percent

FOR, AGAINST = "47,127,209", "217,119,43"  # blue and orange, told apart with any colour vision, on white and on black
MOST_SHOWN = 20_000  # characters
MOST_UNREAD_SHOWN = 1_500  # characters

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BLOCK = (
    "white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.85;"
    "max-height:34rem;overflow-y:auto;unicode-bidi:plaintext"
)


def highlighted(explanation: Explanation) -> str:
    """The text as HTML: words in a colour as strong as their weight, what the model did not read in grey."""
    end = min(explanation.reading.end, MOST_SHOWN)
    read = "".join(_pieces(explanation, end))
    rest = _rest(explanation.text, end) if end == MOST_SHOWN else _unread(explanation.text[end:])
    return f'<div class="whyword-text" dir="auto" tabindex="0" style="{_BLOCK}">{read}{rest}</div>'


def legend(explanation: Explanation) -> str:
    """What the colours mean, as HTML."""
    name = visible(explanation.class_name)
    marks = f"{_mark('for', 0.6, '', f'speaks for {name}')} {_mark('against', 0.6, '', f'speaks against {name}')}"
    key = f"{marks} the fuller the colour, the stronger"
    return f'<div class="whyword-legend" style="font-size:.875rem;line-height:1.9">{key}</div>'


def verdict(explanation: Explanation) -> str:
    """The most probable class and its probability, as HTML."""
    name, share = max(explanation.probabilities.items(), key=lambda item: item[1])
    return (
        f'<div class="whyword-verdict" style="display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .6rem">'
        f'<span style="font-size:1.6rem;font-weight:650;overflow-wrap:anywhere">{visible(name)}</span>'
        f'<span style="font-size:1.6rem;opacity:.75">{visible(percent(share))}</span></div>'
    )


def word_list(words: tuple[str, ...], most: int = 60) -> str:
    """Words one after the other, as HTML."""
    left = f" … and {len(words) - most:,} more" if len(words) > most else ""
    listed = " · ".join(visible(word[:60]) for word in words[:most])
    return f'<div dir="auto" style="overflow-wrap:anywhere;opacity:.8">{listed}{left}</div>'


def plain(text: str) -> str:
    """A text with its line breaks, as HTML."""
    shown = visible(text[:MOST_SHOWN]) + _rest(text, MOST_SHOWN)
    return f'<div class="whyword-text" dir="auto" tabindex="0" style="{_BLOCK}">{shown}</div>'


def visible(text: str) -> str:
    """The text escaped for HTML, control characters as their symbols (NUL as ␀), half characters as ?."""
    symbols = _CONTROL.sub(lambda found: chr(0x2400 + ord(found[0])) if found[0] != "\x7f" else "\u2421", text)
    return escape(symbols.encode("utf-8", "replace").decode(), quote=True)


def strength(word: WordWeight, strongest: float) -> float:
    """How strong a word is beside the strongest of its text, in [0, 1]."""
    return min(abs(word.weight) / strongest, 1.0) if strongest else 0.0


def _pieces(explanation: Explanation, end: int) -> Iterator[str]:
    text, at = explanation.text, 0
    strongest = max((abs(word.weight) for word in explanation.words), default=0.0)
    for word in sorted(explanation.words, key=lambda word: word.start):
        if word.settled and at <= word.start and word.end <= end:
            yield visible(text[at : word.start])
            yield _word(word, text[word.start : word.end], explanation.class_name, strongest)
            at = word.end
    yield visible(text[at:end])


def _word(word: WordWeight, written: str, class_name: str, strongest: float) -> str:
    side = "for" if word.weight > 0 else "against"
    title = f"{side} {class_name}: {100 * word.weight:+.1f} points ({100 * word.low:+.1f} to {100 * word.high:+.1f})"
    return _mark(side, strength(word, strongest), visible(title), visible(written))


def _mark(side: str, strong: float, title: str, content: str) -> str:
    colour, line = (FOR, "solid") if side == "for" else (AGAINST, "dashed")
    style = (
        f"background:rgba({colour},{0.1 + 0.45 * strong:.2f});color:inherit;border-radius:3px;padding:.1em .15em;"
        f"border-bottom:2px {line} rgb({colour})"
    )
    return f'<mark class="whyword-{side}" style="{style}" title="{title}">{content}</mark>'


def _unread(tail: str) -> str:
    shown = visible(tail[:MOST_UNREAD_SHOWN]) + _rest(tail, MOST_UNREAD_SHOWN)
    return (
        f'<span class="whyword-unread" style="opacity:.4" title="not read by the model">{shown}</span>' if tail else ""
    )


def _rest(text: str, shown: int) -> str:
    return f" … {len(text) - shown:,} more characters" if len(text) > shown else ""
