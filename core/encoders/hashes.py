"""Numbers of words, and of the runs of characters inside them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from itertools import chain

import numpy as np

BITS = 24  # of a phrase's number
LONGEST_KEPT = 40  # characters of a word whose hash is remembered: a longer one is seldom seen twice
RUN = "\x1f"  # before a run of characters, so that it is no word: white space is in none


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
        number = _hash(word)
        if self.characters:
            self._runs[number] = [self._of_run(run) for run in runs_of(word, self.characters)]
        self[word] = number  # at last: another thread may ask for its runs as soon as it is there
        return number

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
    return _remembered(word) if len(word) <= LONGEST_KEPT else _hashed(word)


def _hashed(word: str) -> int:
    digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


_remembered = lru_cache(1 << 16)(_hashed)  # the same words come again in the next texts that are asked about


def numbers_of(hashes: np.ndarray) -> np.ndarray:
    """(n,) int64 below 2 ** BITS out of (n,) uint64: the upper bits of a product depend on all bits of the hash."""
    return (hashes * np.uint64(0x94D049BB133111EB) >> np.uint64(64 - BITS)).astype(np.int64)
