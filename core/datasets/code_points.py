"""Many texts as one array of code points, for what is counted over all of their characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import regex

BATCH_CHARACTERS = 2_000_000  # of texts that are looked at together
_CODE_POINTS = 0x110000
_SURROGATES = np.arange(0xD800, 0xE000)


class CodePoints(NamedTuple):
    """Some texts, one after the other.

    Attributes:
        first: the place of the first of them among all texts.
        codes: (characters,) uint32.
        offsets: (texts + 1,) int64; a text lies between two of them.
    """

    first: int
    codes: np.ndarray
    offsets: np.ndarray

    def counts(self, chosen: np.ndarray) -> np.ndarray:
        """(texts,) int64, how many characters of each text are chosen, by (characters,) bool."""
        sums = np.concatenate([[0], np.cumsum(chosen)])
        return np.diff(sums[self.offsets])


def code_points(texts: Sequence[str]) -> Iterator[CodePoints]:
    """The texts in batches of bounded size, in their order."""
    first, size, batch = 0, 0, list[str]()
    for place, text in enumerate(texts):
        batch.append(text)
        size += len(text)
        if size >= BATCH_CHARACTERS:
            yield _joined(first, batch)
            first, size, batch = place + 1, 0, []
    if batch:
        yield _joined(first, batch)


def _joined(first: int, texts: list[str]) -> CodePoints:
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])])
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    return CodePoints(first, codes, offsets)


@cache
def is_matched(pattern: str) -> np.ndarray:
    """(code points,) bool, whether each matches an expression for one character, such as r"\\p{L}"."""
    found = np.zeros(_CODE_POINTS, bool)
    every = np.delete(np.arange(_CODE_POINTS, dtype=np.uint32), _SURROGATES).tobytes().decode("utf-32-le")
    matches = regex.findall(pattern, every)
    found[np.frombuffer("".join(matches).encode("utf-32-le"), np.uint32)] = True
    return found
