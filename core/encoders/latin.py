"""The words of many Latin texts at once: their bytes are split and counted as arrays, not text by text.

What it finds is what the expression in `phrases` finds. Most texts in Latin letters have no character that the
expression treats in a way of its own; those that have are left to it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np

SPACE, WORD, SIGN, SPECIAL = range(4)  # what a character is
ENCODING = "latin-1"  # a byte for each character


@cache
def kinds(specials: str) -> np.ndarray:
    """(256,) uint8, what each character of Latin-1 is; those that the expression matches are `SPECIAL`."""
    of_kind = {SPACE: r"\s", WORD: r"\w", SIGN: r"[^\w\s]", SPECIAL: specials}
    found = np.zeros(256, np.uint8)
    for kind, pattern in of_kind.items():
        found[[code for code in range(256) if re.match(pattern, chr(code))]] = kind
    return found


def split_many(texts: Sequence[str], specials: str) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """The words and single signs of the texts that are of Latin-1 throughout and have no special character.

    Args:
        texts: in the case that is wanted.
        specials: an expression for the characters that a text must not have.

    Returns:
        The different words; the position of each word of the texts among them, (words,) int32, one text after the
        other; the positions of these texts, (n,) int64 ascending; how many words each has, (n,) int64.
    """
    import pyarrow as pa

    encoded = [_encoded(text) for text in texts]
    characters = np.frombuffer(b"\n".join(one or b"" for one in encoded), np.uint8)
    kind = kinds(specials)[characters]
    ends = np.cumsum([len(one or b"") + 1 for one in encoded])  # of each text, with the line break behind it
    is_split = np.array([one is not None for one in encoded], bool)
    is_split[np.searchsorted(ends, np.flatnonzero(kind == SPECIAL), "right")] = False
    kind[~np.repeat(is_split, np.diff(ends, prepend=0))[: len(kind)]] = SPACE
    starts = np.flatnonzero((kind == SIGN) | _begins(kind == WORD))
    lengths = np.diff(np.searchsorted(starts, ends), prepend=0)
    stops = np.flatnonzero((kind == SIGN) | _begins((kind == WORD)[::-1])[::-1]) + 1
    offsets = np.concatenate([[0], np.cumsum(stops - starts)])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(characters[kind != SPACE])]
    words = pa.Array.from_buffers(pa.large_binary(), len(starts), buffers).dictionary_encode()
    different = [word.decode(ENCODING) for word in words.dictionary.to_pylist()]
    return different, np.asarray(words.indices), np.flatnonzero(is_split), lengths[is_split]


def _encoded(text: str) -> bytes | None:
    try:
        return text.encode(ENCODING)
    except UnicodeEncodeError:
        return None


def _begins(is_inside: np.ndarray) -> np.ndarray:
    # Where a run of true ones begins.
    begins = is_inside.copy()
    begins[1:] &= ~is_inside[:-1]
    return begins
