"""How often each phrase is in each of many texts: counted a chunk of texts at a time, on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse

from core.encoders.hashes import Hashes, numbers_of
from core.encoders.phrases import NOTHING, chunks_of, hashed_together, ids_in, joined_hashes, runs


class Found(NamedTuple):
    """Phrases and runs of characters in some documents, each as often as it stands there.

    Attributes:
        numbers: (m,) uint32; `NOTHING` where a phrase would end in the next document.
        document: (m,) uint16, the position of its document among them.
        documents: how many there are, at most `CHUNK`.
    """

    numbers: np.ndarray
    document: np.ndarray
    documents: int


def found(
    texts: Iterable[str], ngrams: int, lowercase: bool, every_script: bool = True, characters: int = 0
) -> Iterator[Found]:
    """The phrases and runs of characters of the texts, a chunk at a time, made ahead in threads."""
    hashes = Hashes(characters)

    def find(chunk: Sequence[str]) -> Found:
        words, lengths = hashed_together(chunk, lowercase, every_script, hashes)
        parts = [*_all_phrases(words, lengths, ngrams), *runs(words, lengths, hashes)]
        document, numbers = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Found(numbers.astype(np.uint32), document.astype(np.uint16), len(chunk))

    return in_threads(find, chunks_of(texts))


def _all_phrases(words: np.ndarray, lengths: np.ndarray, ngrams: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    # As `phrases`, with `NOTHING` for what is in two documents: to leave it out would copy all others.
    document = np.repeat(np.arange(len(lengths), dtype=np.uint16), lengths)
    joined = words
    yield document, numbers_of(words)
    for n in range(2, ngrams + 1):
        joined = joined_hashes(joined[:-1], words[n - 1 :])
        numbers = numbers_of(joined)
        numbers[document[: len(joined)] != document[n - 1 :]] = NOTHING
        yield document[: len(joined)], numbers


def in_threads(work: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
    """What the work gives for each item, in their order; of several items, it is done on all cores.

    It helps as far as the work is numpy's or pyarrow's, which let other threads go on.
    """
    rest = iter(items)
    first = [*islice(rest, 2)]
    if len(first) < 2:
        yield from map(work, first)
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(work, chain(first, rest))


def counted(parts: Iterable[Found], known: np.ndarray) -> Iterator[scipy.sparse.csr_matrix]:
    """How often each known phrase or run is in each document of each part: (documents, known).

    Args:
        parts: what `found` gives.
        known: (n,) integers, the numbers of the known ones, ascending.
    """
    ids_of = ids_in(known)

    def count_known(part: Found) -> scipy.sparse.csr_matrix:
        ids = ids_of(part.numbers)
        is_known = ids >= 0
        return count(part.document[is_known], ids[is_known], part.documents, len(known))

    return in_threads(count_known, parts)


def count(document: np.ndarray, ids: np.ndarray, documents: int, size: int) -> scipy.sparse.csr_matrix:
    """How often each id is in each document: (documents, size) float32, of each document the ids in order.

    Args:
        document: (m,) integers below `documents`.
        ids: (m,) integers below `size`, not below 0.
    """
    # Every (document, id) as one whole number, sorted; equal ones stand together and are counted.
    bits = max(size - 1, 1).bit_length()
    whole: Any = np.uint32 if documents << bits <= 1 << 32 else np.uint64
    entries = document.astype(whole) << whole(bits) | ids.astype(whole)
    entries.sort()
    is_first = np.ones(len(entries), bool)
    np.not_equal(entries[1:], entries[:-1], out=is_first[1:])
    starts = np.flatnonzero(is_first)
    counts = np.diff(starts, append=len(entries)).astype(np.float32)
    entries = entries[starts]
    offsets = np.searchsorted(entries, np.arange(documents + 1) << bits)
    columns = (entries & whole((1 << bits) - 1)).astype(np.int32)
    return scipy.sparse.csr_matrix((counts, columns, offsets.astype(np.int32)), (documents, size))
