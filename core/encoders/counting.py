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
from core.encoders.phrases import CHUNK, NOTHING, chunks_of, hashed_together, ids_in, joined_hashes, runs

DOCUMENT_BITS = np.uint64(CHUNK.bit_length() - 1)  # of the position of a document in its chunk
FEW = 1 << 22  # numbers, that are sorted sooner than all that there could be are gone through


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


class Tally(NamedTuple):
    """The different phrases and runs of some documents, each with the documents that it is in.

    Attributes:
        numbers: (k,) uint32 ascending.
        documents: (k,) int32, how many of them each is in.
        document: (m,) uint16, the positions of these, ascending for each number.
        counts: (m,) float32, how often it is in each.
        size: how many documents there are.
    """

    numbers: np.ndarray
    documents: np.ndarray
    document: np.ndarray
    counts: np.ndarray
    size: int


def found(
    texts: Iterable[str], ngrams: int, lowercase: bool, every_script: bool = True, characters: int = 0
) -> Iterator[Found]:
    """The phrases and runs of characters of the texts, a chunk at a time, made ahead in threads."""
    return in_threads(_finder(ngrams, lowercase, every_script, characters), chunks_of(texts))


def tallied(texts: Iterable[str], ngrams: int, lowercase: bool, characters: int) -> Iterator[Tally]:
    """The same, tallied: sorted once, so that a vocabulary is found and its columns are filled without a search."""
    find = _finder(ngrams, lowercase, True, characters)
    return in_threads(lambda chunk: _tally(find(chunk)), chunks_of(texts))


def _finder(ngrams: int, lowercase: bool, every_script: bool, characters: int) -> Callable[[Sequence[str]], Found]:
    hashes = Hashes(characters)

    def find(chunk: Sequence[str]) -> Found:
        words, lengths = hashed_together(chunk, lowercase, every_script, hashes)
        parts = [*_all_phrases(words, lengths, ngrams), *runs(words, lengths, hashes)]
        document, numbers = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Found(numbers.astype(np.uint32), document.astype(np.uint16), len(chunk))

    return find


def _tally(part: Found) -> Tally:
    entries = part.numbers.astype(np.uint64) << DOCUMENT_BITS | part.document
    entries.sort()
    entries, counts = _runs_of_equals(entries[: np.searchsorted(entries, NOTHING << int(DOCUMENT_BITS))])
    numbers, documents = _runs_of_equals((entries >> DOCUMENT_BITS).astype(np.uint32))
    document = (entries & np.uint64(CHUNK - 1)).astype(np.uint16)
    return Tally(numbers, documents.astype(np.int32), document, counts.astype(np.float32), part.documents)


def _runs_of_equals(entries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # Of ascending entries the different ones, and how often each stands there.
    is_first = np.ones(len(entries), bool)
    np.not_equal(entries[1:], entries[:-1], out=is_first[1:])
    starts = np.flatnonzero(is_first)
    return entries[starts], np.diff(starts, append=len(entries))


def documents_with(tallies: Sequence[Tally]) -> tuple[np.ndarray, np.ndarray]:
    """All numbers there are, (k,) ascending, and how many documents each is in, (k,) int32."""
    if sum(len(tally.numbers) for tally in tallies) < FEW:
        numbers = np.concatenate([np.zeros(0, np.uint32), *(tally.numbers for tally in tallies)])
        different, place = np.unique(numbers, return_inverse=True)
        documents = np.concatenate([np.zeros(0, np.int32), *(tally.documents for tally in tallies)])
        return different, np.bincount(place, documents, len(different)).astype(np.int32)
    of_number = np.zeros(NOTHING, np.int32)
    for tally in tallies:
        of_number[tally.numbers] += tally.documents
    different = np.flatnonzero(of_number).astype(np.uint32)
    return different, of_number[different]


def in_columns(tallies: Iterable[Tally], known: np.ndarray) -> Iterator[scipy.sparse.csr_matrix]:
    """How often each known phrase or run is in each document of each tally, as `counted` has it."""
    ids_of = ids_in(known)

    def fill(tally: Tally) -> scipy.sparse.csr_matrix:
        ids = ids_of(tally.numbers)
        is_known = ids >= 0
        offsets = np.zeros(len(known) + 1, np.int32)
        offsets[ids[is_known] + 1] = tally.documents[is_known]
        entries = np.repeat(is_known, tally.documents)
        columns = (tally.counts[entries], tally.document[entries].astype(np.int32), np.cumsum(offsets, dtype=np.int32))
        return scipy.sparse.csc_matrix(columns, (tally.size, len(known))).tocsr()

    return in_threads(fill, tallies)


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
    entries, counts = _runs_of_equals(entries)
    offsets = np.searchsorted(entries, np.arange(documents + 1) << bits)
    columns = (entries & whole((1 << bits) - 1)).astype(np.int32)
    return scipy.sparse.csr_matrix((counts.astype(np.float32), columns, offsets.astype(np.int32)), (documents, size))
