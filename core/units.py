"""What an explanation is made of: words, emoji and signs of a text, in every script, never half of a character.

Words lie between Unicode's word boundaries (UAX #29, https://unicode.org/reports/tr29/). Where a script writes no
spaces between words, a unit is a short run that can be read: a Han character, a run of katakana, a cluster of Thai with
the vowels that are written beside it. Of letters, digits and spaces these are the runs of `\\w` that the `lime` package
finds.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Literal, get_args

import numpy as np
import regex

UnitKind = Literal["words", "signs", "lines"]
UNIT_KINDS: tuple[UnitKind, ...] = get_args(UnitKind)
Spans = tuple[tuple[int, int], ...]

# What a character carries: marks, joiners, variation selectors.
EXTENDING = r"\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}\p{GCB=Extend}\p{GCB=SpacingMark}"
# Scripts that do not part their words; katakana is written in runs.
UNSPACED = r"\p{Ideographic}\p{Han}\p{Hiragana}\p{Yi}\p{LB=SA}"
LETTER = rf"[[\p{{L}}\p{{WB=ALetter}}\p{{WB=Hebrew_Letter}}]--[{UNSPACED}\p{{WB=Katakana}}]]"
DIGIT = r"\p{Nd}"
CONNECTOR = rf"[[\p{{N}}\p{{WB=ExtendNumLet}}]--[\p{{Nd}}{UNSPACED}\u202f]]"
EXTENDED = rf"[{EXTENDING}]*+"
PREPENDED = r"\p{GCB=Prepend}*+"

_IN_LETTERS = rf"(?:[\p{{WB=MidLetter}}\p{{WB=MidNumLet}}']{EXTENDED}(?={LETTER}))?"  # rules WB6 and WB7
_IN_DIGITS = rf"(?:[\p{{WB=MidNum}}\p{{WB=MidNumLet}}']{EXTENDED}(?={DIGIT}))?"  # rules WB11 and WB12
_QUOTED = rf"(?:\"{EXTENDED}(?=\p{{WB=Hebrew_Letter}})|'{EXTENDED}|{_IN_LETTERS})"
_HEBREW = rf"\p{{WB=Hebrew_Letter}}{EXTENDED}{_QUOTED}"  # WB7a, WB7b, WB7c
_LETTERS = rf"(?:{_HEBREW}|(?:[A-Za-z]++|{LETTER}){EXTENDED}{_IN_LETTERS})"
_WORD = rf"(?:{_LETTERS}|{DIGIT}{EXTENDED}{_IN_DIGITS}|{CONNECTOR}{EXTENDED})++"
KATAKANA = rf"(?:\p{{WB=Katakana}}{EXTENDED})++"
# Thai and Lao write some vowels as letters of their own, before or behind the consonant that they belong to.
_LEADING = r"[\u0e40-\u0e44\u0ec0-\u0ec4]?"
SYLLABLE = rf"{_LEADING}(?=[[{UNSPACED}]--[{EXTENDING}]])\X[\u0e30\u0e32\u0e45\u0eb0\u0eb2\u30fc]*+{EXTENDED}"
_PICTURES = rf"\p{{Extended_Pictographic}}(?:[{EXTENDING}]*\u200d\p{{Extended_Pictographic}})*"
EMOJI = rf"(?:[#*]\ufe0f?\u20e3|\p{{RI}}\p{{RI}}?|{_PICTURES}){EXTENDED}"
EXCLAMATION = rf"(?:[!?¡¿！？؟‼⁇⁈⁉‽⸘]{EXTENDED})++"
_WHITE = r"\s\x1c-\x1f"
SIGN = rf"[^{_WHITE}{EXTENDING}]{EXTENDED}"
_IN_LINE = r"[^\n\r\x0b\x0c\x85\u2028\u2029]"

IN_WORDS = rf"{LETTER}{DIGIT}{CONNECTOR}"  # what words of scripts with spaces are made of
# Around a word of a script with spaces, so that it is not a part of another one.
_BEGIN = rf"(?<![{IN_WORDS}{EXTENDING}])(?=[{IN_WORDS}])"
_END = rf"(?<=[{IN_WORDS}][{EXTENDING}]*)(?![{IN_WORDS}{EXTENDING}])"

_UNIT = rf"{PREPENDED}(?:{_WORD}|{KATAKANA}|{SYLLABLE}|{EXCLAMATION}|{EMOJI})"
_FLAGS = regex.V1
_PATTERNS = {
    "words": regex.compile(_UNIT, _FLAGS),
    # Signs that stand together are one unit.
    "signs": regex.compile(rf"{_UNIT}|(?:(?!{_UNIT}){PREPENDED}{SIGN})++", _FLAGS),
    "lines": regex.compile(rf"{SIGN}(?:{_IN_LINE}*[^{_WHITE}]{EXTENDED})?", _FLAGS),
}
_EXCLAMATION_ONLY = regex.compile(EXCLAMATION, _FLAGS)
_BEGINS_AS_WORD = regex.compile(rf"[{IN_WORDS}]", _FLAGS)
_ENDS_AS_WORD = regex.compile(rf"[{IN_WORDS}][{EXTENDING}]*\Z", _FLAGS)
_CLUSTER = regex.compile(r"\X")
# The same of texts in ASCII, twenty times as fast.
_ASCII_WORD = r"(?:[A-Za-z]+(?:[.':](?=[A-Za-z]))?|[0-9]+(?:[.',;](?=[0-9]))?|_+)+|[!?]+"
_ASCII_PATTERNS = {
    "words": re.compile(_ASCII_WORD),
    "signs": re.compile(rf"{_ASCII_WORD}|[^\w\s!?]+"),
    "lines": re.compile(r"\S(?:[^\n\r\x0b\x0c]*\S)?"),
}


def unit_spans(text: str, kind: UnitKind = "words") -> Spans:
    """Start and end of each unit of the text, ascending: `text[start:end]` is the unit, made of whole characters.

    Args:
        text: any.
        kind: "words" (and emoji, and runs of "!" and "?"), "signs" for all other signs too, or "lines".
    """
    return tuple(match.span() for match in _pattern(text, kind).finditer(text))


def units_of(text: str, kind: UnitKind = "words") -> list[str]:
    """The units of the text, in order."""
    return _pattern(text, kind).findall(text)


def has_unit(text: str, kind: UnitKind = "words") -> bool:
    """Whether there is anything in the text that can be marked."""
    return _pattern(text, kind).search(text) is not None


def is_word(unit: str) -> bool:
    """Whether a unit is a word or an emoji, rather than a run of signs."""
    return has_unit(unit) and not _EXCLAMATION_ONLY.fullmatch(unit)


def cluster_end(text: str, position: int) -> int:
    """The last boundary between characters, as a reader counts them, that is not behind the position."""
    if position >= len(text) or text[position - 1 : position + 1].isascii():
        return min(position, len(text))
    starts = (match.start() for match in _CLUSTER.finditer(text))
    return max(itertools.takewhile(lambda start: start <= position, starts))


def cluster_starts(text: str) -> list[int]:
    """Where the characters of a text begin, as a reader counts them (extended grapheme clusters, UAX #29); 0 first."""
    return [match.start() for match in _CLUSTER.finditer(text)] or [0]


def whole_words(words: Iterable[str], flags: int = 0) -> regex.Pattern[str]:
    """A pattern that finds these words and phrases where they stand by themselves, long ones first.

    Words in phrases may have any white space between them. A side that is a sign, or of a script that does not part its
    words, needs no edge.

    Args:
        words: at least one, in composed form.
        flags: of `regex`.
    """
    parts: dict[tuple[bool, bool], list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        sides = (_BEGINS_AS_WORD.match(word) is not None, _ENDS_AS_WORD.search(word) is not None)
        parts.setdefault(sides, []).append(r"\s+".join(map(regex.escape, word.split())))
    # All between one pair of edges are found many times as fast as with edges of their own.
    edged = [
        rf"{_BEGIN if first else ''}(?:{'|'.join(spelled)}){_END if last else ''}"
        for (first, last), spelled in parts.items()
    ]
    return regex.compile("|".join(edged), flags | _FLAGS)


def composed(text: str) -> str:
    """The text in Unicode's composed form (NFC), so that one spelling stands for all that look the same."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def composed_positions(text: str) -> tuple[np.ndarray, np.ndarray]:
    """Where each character of the composed text begins and ends in the text as given, both (len(composed),) int64."""
    if unicodedata.is_normalized("NFC", text):
        places = np.arange(len(text) + 1)
        return places[:-1], places[1:]
    edges = np.array([*cluster_starts(text), len(text)])
    lengths = np.array([len(composed(text[start:end])) for start, end in itertools.pairwise(edges.tolist())])
    begun = np.repeat(edges[:-1], lengths)
    share = np.repeat(np.diff(edges) / np.maximum(lengths, 1), lengths)
    number = np.arange(len(share)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return begun + np.floor(number * share).astype(int), begun + np.ceil((number + 1) * share).astype(int)


def _pattern(text: str, kind: UnitKind) -> Any:
    return _ASCII_PATTERNS[kind] if text.isascii() else _PATTERNS[kind]
