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
from hashlib import blake2b
from itertools import chain, islice
from typing import Any

import numpy as np
import regex
import scipy.sparse

from core.encoders.base import lowered
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
_CHARACTERS = regex.compile(r"[\p{Han}\p{Hiragana}]")
_CHARACTERS_AND_SIGNS = regex.compile(
    r"[[\p{Han}\p{Hiragana}\p{P}\p{S}]--[@\p{RI}\p{Extended_Pictographic}]]+", regex.V1
)
# What may be an address when some of its words are gone; a word that does not begin one, with its signs; signs.
PART = re.compile(r"[\w.\-@]*@[\w.\-@]*|[^\w\s@]*\w+(?![\w.\-]*@)[^\w\s@]*|[^\w\s@]+")
BITS = 24  # of a phrase's number
CHUNK = 4096  # documents counted at a time: bounds the memory
RUN = "\x1f"  # before a run of characters, so that it is no word: white space is in none
MANY = 100_000  # numbers, from which on a table of all of them is made sooner than so many are searched


def words_of(text: str, lowercase: bool, every_script: bool = True) -> list[str]:
    """The words and signs of a text in its composed form, in order.

    Args:
        text: as written.
        lowercase: whether they are in lower case.
        every_script: whether words keep their marks, and scripts without spaces are split; else runs of `\\w`.
    """
    read = lowered(composed(text)) if lowercase else composed(text)
    return _pattern(read, every_script).findall(read)


def placed_words(text: str, lowercase: bool, every_script: bool = True) -> tuple[list[str], Spans]:
    """What `words_of` gives, and start and end of each in the text as written."""
    read = lowered(composed(text)) if lowercase else composed(text)
    begins, ends = composed_positions(text)
    matches = [*_pattern(read, every_script).finditer(read)]
    places = (match.span() for match in matches)
    return [match[0] for match in matches], tuple((int(begins[start]), int(ends[end - 1])) for start, end in places)


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


class Hashes(dict[str, int]):
    """64-bit hashes of words; each different word is hashed once.

    Args:
        characters: of the longest run of characters that `runs_in` tells of a word; 0 for none.
    """

    def __init__(self, characters: int = 0) -> None:
        super().__init__()
        self.characters = characters
        self._runs: dict[int, list[int]] = {}  # of each word that was hashed
        self._of_runs: dict[str, int] = {}

    def of(self, words: Iterable[str]) -> list[int]:
        """The hash of each."""
        return [self[word] for word in words]

    def __missing__(self, word: str) -> int:
        self[word] = _hash(word)
        if self.characters:
            self._runs[self[word]] = [self._of_run(run) for run in runs_of(word, self.characters)]
        return self[word]

    def runs_in(self, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The position (m,) int64 of the word that each run of characters is in, ascending, and its number (m,) int64.

        Args:
            words: (n,) uint64 hashes that were given out by `of`, or as items.
        """
        different, which = np.unique(words, return_inverse=True)
        runs = [self._runs.get(word, []) for word in different.tolist()]
        lengths = np.array([len(inside) for inside in runs], np.int64)
        numbers = numbers_of(np.fromiter(chain.from_iterable(runs), np.uint64, lengths.sum()))
        starts = np.cumsum(lengths) - lengths
        counts = lengths[which]
        position = np.repeat(np.arange(len(words)), counts)
        inside = np.arange(len(position)) - np.repeat(np.cumsum(counts) - counts, counts)
        return position, numbers[starts[which][position] + inside]

    def _of_run(self, run: str) -> int:
        if run not in self._of_runs:
            self._of_runs[run] = _hash(f"{RUN}{run}")
        return self._of_runs[run]


def runs_of(word: str, characters: int) -> list[str]:
    """The runs of 2 to `characters` characters of a word with a space on either side, but for the whole.

    A word of one character, such as a Han character or a sign, has none: its phrases are such runs.
    """
    if len(word) < 2:
        return []
    spaced = f" {word} "
    longest = min(characters, len(spaced) - 1)
    return [spaced[i : i + n] for n in range(2, longest + 1) for i in range(len(spaced) - n + 1)]


def _hash(word: str) -> int:
    digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def hashed(
    texts: Iterable[str], lowercase: bool, every_script: bool = True, hashes: Hashes | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The texts a chunk at a time: uint64 hashes of all words, one text after the other, and how many each has."""
    rest, hashes = iter(texts), Hashes() if hashes is None else hashes
    while chunk := list(islice(rest, CHUNK)):
        documents = [words_of(text, lowercase, every_script) for text in chunk]
        lengths = np.array([len(words) for words in documents])
        yield np.fromiter(map(hashes.__getitem__, chain.from_iterable(documents)), np.uint64, lengths.sum()), lengths


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
        joined = _joined(joined[:-1], words[n - 1 :])
        inside = document[: len(joined)] == document[n - 1 :]
        yield document[: len(joined)][inside], numbers_of(joined[inside])


def counted(
    texts: Iterable[str], ngrams: int, lowercase: bool, every_script: bool = True, characters: int = 0
) -> Iterator[scipy.sparse.csr_matrix]:
    """How often each phrase, or run of characters, is in each text, a chunk at a time: (documents, 2 ** BITS)."""
    hashes = Hashes(characters)
    for words, lengths in hashed(texts, lowercase, every_script, hashes):
        yield _count([*phrases(words, lengths, ngrams), *runs(words, lengths, hashes)], len(lengths))


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


def numbers_of(hashes: np.ndarray) -> np.ndarray:
    """(n,) int64 below 2 ** BITS out of (n,) uint64: the upper bits of a product depend on all bits of the hash."""
    return (hashes * np.uint64(0x94D049BB133111EB) >> np.uint64(64 - BITS)).astype(np.int64)


def ids_in(known: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """A function from numbers (n,) to their positions (n,) int32 in `known`, which ascends; -1 where they are not.

    When it is asked for many it makes a table of all numbers, 67 MB, and keeps it.
    """

    @cache
    def table() -> np.ndarray:
        positions = np.full(1 << BITS, -1, np.int32)
        positions[known] = np.arange(len(known), dtype=np.int32)
        return positions

    def ids(numbers: np.ndarray) -> np.ndarray:
        if len(numbers) > MANY:
            return table()[numbers]
        places = np.minimum(np.searchsorted(known, numbers), len(known) - 1).astype(np.int32)
        return np.where(known[places] == numbers, places, -1)

    return ids


def _count(found: Sequence[tuple[np.ndarray, np.ndarray]], documents: int) -> scipy.sparse.csr_matrix:
    # Every (document, phrase) as one whole number, sorted; equal ones stand together and are counted.
    keys = [document << BITS | numbers for document, numbers in found]
    entries = np.sort(np.concatenate(keys))
    starts = np.flatnonzero(np.diff(entries, prepend=-1))
    counts = np.diff(starts, append=len(entries)).astype(np.float32)
    rows, numbers = entries[starts] >> BITS, entries[starts] & (1 << BITS) - 1
    offsets = np.searchsorted(rows, np.arange(documents + 1))
    return scipy.sparse.csr_matrix((counts, numbers, offsets), (documents, 1 << BITS))


def _joined(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    # uint64 hashes of a phrase and the word behind it to that of the longer phrase; odd factors lose nothing.
    mixed = left * np.uint64(0xBF58476D1CE4E5B9) ^ right * np.uint64(0x9E3779B97F4A7C15)
    return mixed ^ mixed >> np.uint64(29)
