"""Words and short phrases of texts as numbers, so that 18 million of them are sorted and counted as arrays.

A phrase's number is a hash of its words (Weinberger et al. 2009, arXiv 0902.2206). Two phrases may have one number: of
words never seen, the share known / 2^24 is taken for known, 4% with 600,000 known phrases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from hashlib import blake2b
from itertools import chain, islice

import numpy as np
import scipy.sparse

from core.encoders.base import lowered

# A word, an address as a whole (in a post's header it names the sender), or a single other sign.
WORD = re.compile(r"\w+(?:[\w.\-]*@[\w.\-]+)?|[^\w\s]")
# What may be an address when some of its words are gone; a word that does not begin one, with its signs; signs.
PART = re.compile(r"[\w.\-@]*@[\w.\-@]*|[^\w\s@]*\w+(?![\w.\-]*@)[^\w\s@]*|[^\w\s@]+")
BITS = 24  # of a phrase's number
CHUNK = 4096  # documents counted at a time: bounds the memory
MANY = 100_000  # numbers, from which on a table of all of them is made sooner than so many are searched


def words_of(text: str, lowercase: bool) -> list[str]:
    """The words and signs of a text, in order."""
    return WORD.findall(lowered(text) if lowercase else text)


def pieces_of(text: str) -> list[tuple[int, int]]:
    """Start and end of parts that are read alike whichever words are left out of the others; mostly one word each."""
    return [part.span() for part in PART.finditer(text)]


class Hashes(dict[str, int]):
    """64-bit hashes of words; each different word is hashed once."""

    def of(self, words: Iterable[str]) -> list[int]:
        """The hash of each."""
        return [self[word] for word in words]

    def __missing__(self, word: str) -> int:
        digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self[word] = int.from_bytes(digest, "little")
        return self[word]


def hashed(texts: Iterable[str], lowercase: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The texts a chunk at a time: uint64 hashes of all words, one text after the other, and how many each has."""
    rest, hashes = iter(texts), Hashes()
    while chunk := list(islice(rest, CHUNK)):
        documents = [words_of(text, lowercase) for text in chunk]
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


def counted(texts: Iterable[str], ngrams: int, lowercase: bool) -> Iterator[scipy.sparse.csr_matrix]:
    """How often each phrase is in each text, a chunk at a time: (documents, 2 ** BITS) float32."""
    return (_count(words, lengths, ngrams) for words, lengths in hashed(texts, lowercase))


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


def _count(words: np.ndarray, lengths: np.ndarray, ngrams: int) -> scipy.sparse.csr_matrix:
    # Every (document, phrase) as one whole number, sorted; runs of equal ones are counted.
    keys = [document << BITS | numbers for document, numbers in phrases(words, lengths, ngrams)]
    entries = np.sort(np.concatenate(keys))
    starts = np.flatnonzero(np.diff(entries, prepend=-1))
    counts = np.diff(starts, append=len(entries)).astype(np.float32)
    rows, numbers = entries[starts] >> BITS, entries[starts] & (1 << BITS) - 1
    offsets = np.searchsorted(rows, np.arange(len(lengths) + 1))
    return scipy.sparse.csr_matrix((counts, numbers, offsets), (len(lengths), 1 << BITS))


def _joined(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    # uint64 hashes of a phrase and the word behind it to that of the longer phrase; odd factors lose nothing.
    mixed = left * np.uint64(0xBF58476D1CE4E5B9) ^ right * np.uint64(0x9E3779B97F4A7C15)
    return mixed ^ mixed >> np.uint64(29)
