"""Words and short phrases of texts as numbers, so that 18 million of them are sorted and counted as arrays.

A phrase's number is a hash of its words (Weinberger et al. 2009, arXiv 0902.2206). Runs of characters inside a word are
numbers too, and depend on that word alone. Two phrases may have one number: of
words never seen, the share known / 2^24 is taken for known, 4% with 600,000 known phrases.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, islice
from typing import Any

import numpy as np
import regex

from core.encoders.base import lowered
from core.encoders.hashes import BITS, Hashes, numbers_of
from core.encoders.latin import split_many
from core.encoders.perturbed import merge_pieces
from core.units import (
    EMOJI,
    EXTENDED,
    EXTENDING,
    IN_WORDS,
    KATAKANA,
    PREPENDED,
    SIGN,
    SYLLABLE,
    Spans,
    composed,
    composed_positions,
)

# A word, an address as a whole (in a post's header it names the sender), or a single other sign.
_WORD = re.compile(r"\w+(?:[\w.\-]*@[\w.\-]+)?|[^\w\s]")
# The same in every script: words with their marks; where none parts them, characters or short runs; emoji as a whole.
_UNICODE_WORD = regex.compile(
    rf"{PREPENDED}(?:(?:[{IN_WORDS}]{EXTENDED})++(?:[{IN_WORDS}{EXTENDING}.\-]*@[{IN_WORDS}{EXTENDING}.\-]+)?"
    rf"|{KATAKANA}|{SYLLABLE}|{EMOJI}|{SIGN})",
    regex.V1,
)
# Texts of these characters only are split alike by both, and by the first in a third of the time.
_PLAIN = re.compile(
    "[\0-\x7f\xa0-\xa8\xaa-\xac\xaf-\u02af\u0384-\u03ff\u0400-\u0482\u048a-\u052f\u1e00-\u1eff\u2010-\u2027\u2030-\u203b]*"
)
SPECIALS = r"[@\x80-\x9f\xa9\xad\xae]"  # of Latin-1: the beginning of an address, and what is not plain
_CHARACTERS = regex.compile(r"[\p{Han}\p{Hiragana}]")
_CHARACTERS_AND_SIGNS = regex.compile(
    r"[[\p{Han}\p{Hiragana}\p{P}\p{S}]--[@\p{RI}\p{Extended_Pictographic}]]+", regex.V1
)
# What may be an address when some of its words are gone; a word that does not begin one, with its signs; signs.
PART = re.compile(r"[\w.\-@]*@[\w.\-@]*|[^\w\s@]*\w+(?![\w.\-]*@)[^\w\s@]*|[^\w\s@]+")
AT_ONCE = 100  # texts, from which on splitting them together is faster than one by one
CHUNK = 4096  # documents counted at a time: bounds the memory
NOTHING = 1 << BITS  # no phrase's number
MANY = 100_000  # numbers, from which on a table of all of them is made sooner than so many are searched


def words_of(text: str, lowercase: bool, every_script: bool = True) -> list[str]:
    """The words and signs of a text in its composed form, in order.

    Args:
        text: as written.
        lowercase: whether they are in lower case.
        every_script: whether words keep their marks, and scripts without spaces are split; else runs of `\\w`.
    """
    read = _as_read(text, lowercase)
    return _pattern(read, every_script).findall(read)


def placed_words(text: str, lowercase: bool, every_script: bool = True) -> tuple[list[str], Spans]:
    """What `words_of` gives, and start and end of each in the text as written."""
    read = _as_read(text, lowercase)
    begins, ends = composed_positions(text)
    matches = [*_pattern(read, every_script).finditer(read)]
    places = (match.span() for match in matches)
    return [match[0] for match in matches], tuple((int(begins[start]), int(ends[end - 1])) for start, end in places)


def _as_read(text: str, lowercase: bool) -> str:
    return lowered(composed(text)) if lowercase else composed(text)


def _pattern(text: str, every_script: bool) -> Any:
    return _UNICODE_WORD if every_script and not _PLAIN.fullmatch(text) else _WORD


def pieces_of(text: str, spans: Sequence[tuple[int, int]], every_script: bool = True) -> list[tuple[int, int]]:
    """Start and end of parts that are read alike whichever units are left out of the others; mostly one unit each.

    Args:
        text: as written.
        spans: start and end of each unit, ascending.
        every_script: as `words_of` has it.
    """
    parts = [part.span() for part in PART.finditer(text)]
    free = np.ones(len(text), bool)  # what is of no unit always stays, and keeps words apart if it is a sign
    for start, end in spans:
        free[start:end] = False
    in_addresses = "@.-" if "@" in text else ""
    joints = {
        edge
        for (_, edge), (start, _) in itertools.pairwise(parts)
        if edge == start and not (free[edge - 1] and _is_sign(text[edge - 1]) and text[edge - 1] not in in_addresses)
    }
    pieces = merge_pieces(parts, spans, joints)
    return [*_characters_apart(text, pieces, spans)] if every_script and _CHARACTERS.search(text) else pieces


def _characters_apart(
    text: str, pieces: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    # Where there are only characters that are words by themselves, none is read otherwise without its neighbours.
    starts = [start for start, _ in spans]
    for start, end in pieces:
        inside = spans[bisect_left(starts, start) : bisect_left(starts, end)]
        if len(inside) < 2 or not _CHARACTERS_AND_SIGNS.fullmatch(text, start, end):
            yield start, end
            continue
        edges = [start, *chain.from_iterable(inside), end]
        yield from ((one, other) for one, other in itertools.pairwise(edges) if one < other)


def _is_sign(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def hashed(
    texts: Iterable[str], lowercase: bool, every_script: bool = True, hashes: Hashes | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The texts a chunk at a time: uint64 hashes of all words, one text after the other, and how many each has."""
    known = Hashes() if hashes is None else hashes
    return (hashed_together(chunk, lowercase, every_script, known) for chunk in chunks_of(texts))


def chunks_of(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts, `CHUNK` at a time."""
    rest = iter(texts)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def hashed_together(
    texts: Sequence[str], lowercase: bool, every_script: bool, hashes: Hashes
) -> tuple[np.ndarray, np.ndarray]:
    """uint64 hashes of all words, one text after the other, and how many each has."""
    read = [_as_read(text, lowercase) for text in texts]
    if len(read) < AT_ONCE:
        return _hashed_apart(read, every_script, hashes)
    different, places, rows, counts = split_many(read, SPECIALS if every_script else "@")
    words = np.array(hashes.of(different), np.uint64)[places]
    others = np.setdiff1d(np.arange(len(read)), rows)
    apart = _hashed_apart([read[row] for row in others], every_script, hashes)
    return _in_order((rows, words, counts), (others, *apart))


def _hashed_apart(texts: Sequence[str], every_script: bool, hashes: Hashes) -> tuple[np.ndarray, np.ndarray]:
    # Text by text, in the form in which they are read.
    documents = [_pattern(text, every_script).findall(text) for text in texts]
    lengths = np.array([len(words) for words in documents], np.int64)
    return np.fromiter(map(hashes.__getitem__, chain.from_iterable(documents)), np.uint64, lengths.sum()), lengths


def _in_order(*parts: tuple[np.ndarray, np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    # Positions, words and lengths of some documents, and of others, as words and lengths of all.
    if not len(parts[1][0]):
        return parts[0][1:]
    rows, words, lengths = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    order = np.argsort(np.repeat(rows.astype(np.uint16), lengths), kind="stable")  # so small, they are sorted in a pass
    return words[order], lengths[np.argsort(rows)]


def phrases(words: np.ndarray, lengths: np.ndarray, ngrams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For words, then pairs of words and so on: the document of each, and its number; both int64.

    Args:
        words: uint64 hashes of all words, one document after the other.
        lengths: (documents,) how many each has.
        ngrams: words of the longest phrase.
    """
    document = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    yield document, numbers_of(words)
    joined = words
    for n in range(2, ngrams + 1):
        joined = joined_hashes(joined[:-1], words[n - 1 :])
        inside = document[: len(joined)] == document[n - 1 :]
        yield document[: len(joined)][inside], numbers_of(joined[inside])


def runs(words: np.ndarray, lengths: np.ndarray, hashes: Hashes) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The document of each run of characters, and its number; both int64. Nothing where none are asked for.

    Args:
        words: uint64 hashes of all words, one document after the other.
        lengths: (documents,) how many each has.
        hashes: what gave them out.
    """
    if hashes.characters:
        position, numbers = hashes.runs_in(words)
        yield np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)[position], numbers


def ids_in(known: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """A function from numbers (n,) to their positions (n,) int32 in `known`, which ascends; -1 where they are not.

    When it is asked for many it makes a table of all numbers, 67 MB, and keeps it.
    """

    @cache
    def table() -> np.ndarray:
        positions = np.full(NOTHING + 1, -1, np.int32)
        positions[known] = np.arange(len(known), dtype=np.int32)
        return positions

    def ids(numbers: np.ndarray) -> np.ndarray:
        if len(numbers) > MANY:
            return table()[numbers]
        if not len(known):
            return np.full(len(numbers), -1, np.int32)
        places = np.minimum(np.searchsorted(known, numbers), len(known) - 1).astype(np.int32)
        return np.where(known[places] == numbers, places, -1)

    return ids


def joined_hashes(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """uint64 hashes of phrases and of the words behind them to those of longer phrases."""
    # Odd factors lose nothing.
    mixed = left * np.uint64(0xBF58476D1CE4E5B9) ^ right * np.uint64(0x9E3779B97F4A7C15)
    return mixed ^ mixed >> np.uint64(29)
