"""Encoded documents to batches of a few fixed shapes, in an order that a seed decides; no document is ever lost.

JAX compiles a function anew for every shape, so lengths go into a few buckets and every batch has the same number of
rows; documents of similar length meet, so that little is computed on padding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from core.schema import Batch, Encoded

MAX_POOL_BATCHES = 50  # batches whose documents are sorted by length together, at most: enough for tight buckets
FEW_DOCUMENTS = 20_000  # up to which compiling for other lengths takes longer than padding to two
MANY_DOCUMENTS = 100_000  # up to which it takes longer than padding to three
SHORT = 48  # tokens in order, up to which a length of their own is worth compiling
MIN_POOLS = 7  # at least, so that a small corpus does not come in the same batches every epoch


class Layout(NamedTuple):
    """The shape of every batch.

    Attributes:
        documents: in a batch.
        rows: of its arrays, at least `documents`; those left over have weight 0.
        sizes: number of ids of each part of the documents, which is also its pad id.
        share: the range of rows that this process holds, out of `rows`.
        lengths: ascending, what documents may be padded to; none for the buckets of `bucket`.
    """

    documents: int
    rows: int
    sizes: tuple[int, ...]
    share: slice = slice(None)
    lengths: tuple[int, ...] = ()

    def padded(self, length: int, ordered: bool) -> int:
        """The length that documents are padded to, of which the longest has `length`."""
        return next((most for most in self.lengths if most >= length), bucket(length, ordered))


def train_batches(
    documents: Encoded, labels: np.ndarray, layout: Layout, *, seed: int, epoch: int, start: int = 0
) -> Iterator[Batch]:
    """The batches of one epoch, in an order of its own, made ahead in a thread of grain's.

    Args:
        documents: n encoded documents.
        labels: (n,) int32.
        layout: the shape of every batch; the last one is filled up with rows of weight 0.
        seed, epoch: decide the order.
        start: batches to leave out at the beginning, having been seen before.

    Yields batches that name the rows of tables that they touch; their ids are positions among these.
    """
    rng = np.random.default_rng((seed, epoch))
    order = rng.permutation(len(documents))
    pool_size = layout.documents * min(MAX_POOL_BATCHES, max(1, len(documents) // (layout.documents * MIN_POOLS)))
    groups = [g for pool in _chunks(order, pool_size) for g in _chunks(_by_length(documents, pool), layout.documents)]

    def compacted(group: np.ndarray) -> Batch:
        return compact(gather(documents, labels, group, layout), layout)

    return _ahead(groups, compacted, seed=int(rng.integers(2**31)), start=start)


def eval_batches(documents: Encoded, layout: Layout) -> Iterator[tuple[np.ndarray, Batch]]:
    """Batches by length, each with the positions (rows,) of its documents; fill rows come last and have weight 0."""
    groups = _chunks(_by_length(documents, np.arange(len(documents))), layout.documents)
    labels = np.zeros(len(documents), np.int32)

    def padded(group: np.ndarray) -> Batch:
        return gather(documents, labels, group, layout)

    return zip(groups, map(padded, groups) if len(groups) == 1 else _ahead(groups, padded), strict=True)


def count_batches(documents: int, batch: int) -> int:
    """Batches of one epoch."""
    return -(-documents // batch)


def gather(documents: Encoded, labels: np.ndarray, group: np.ndarray, layout: Layout) -> Batch:
    """The batch of these documents, padded to the layout's rows and to the smallest bucket that holds the longest."""
    arrays: list[np.ndarray] = []
    for part, pad_id in zip(documents.parts, layout.sizes, strict=True):
        arrays += _padded(part, group, layout, pad_id)
    filled = np.zeros(layout.rows, np.int32)
    filled[: len(group)] = labels[group]
    return Batch(tuple(arrays), filled, (np.arange(layout.rows) < len(group)).astype(np.float32))


def padded_arrays(documents: Encoded, sizes: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """For each part of n encoded documents, ids (n, length) int32 and values (n, length) float32, for one step.

    Args:
        documents: in one batch, padded to a bucket that holds the longest.
        sizes: of their encoder.
    """
    rows = np.arange(len(documents))
    return gather(documents, np.zeros(len(rows), np.int32), rows, Layout(len(rows), len(rows), sizes)).arrays


def compact(batch: Batch, layout: Layout) -> Batch:
    """This process's share of the batch, with ids as positions among those that occur in the whole of it."""
    rows, arrays = [], list(batch.arrays)
    for part, size in enumerate(layout.sizes):
        part_rows, arrays[2 * part] = _positions(batch.arrays[2 * part], size, halved=not layout.lengths)
        rows.append(part_rows)
    shared = tuple(array[layout.share] for array in arrays)
    return Batch(shared, batch.labels[layout.share], batch.weights[layout.share], tuple(rows))


def bucket(length: int, ordered: bool = True) -> int:
    """The padded length of a document.

    In order, the next of 64, 128, 192, ... 512, then 768, 1024, 1536, ... (powers of two and halfway): what a network
    computes for each token costs more than another shape to compile. Of a bag, the next of 64, 128, 256, ... (powers
    of two).
    """
    size = 64
    while size < length:
        halfway = size & (size - 1) == 0
        finer = size + 64 if size < 512 else size * 3 // 2 if halfway else 1 << size.bit_length()
        size = finer if ordered else 2 * size
    return size


def few_lengths(documents: Encoded) -> tuple[int, ...]:
    """Two lengths for bags that are trained on for seconds: one that holds 19 of 20 documents, and the longest.

    Compiling a step takes longer than an epoch of some thousand short texts, so that more shapes cost more than they
    save. Another length, that holds half of the documents, where they are more. Of short texts in order one length,
    below the smallest bucket, that holds 19 of 20: else most of what a network computes would be padding. None where
    documents are very many, or in order and long.
    """
    if documents.bag is not None or not 0 < len(documents) <= MANY_DOCUMENTS:
        return ()
    is_few = len(documents) <= FEW_DOCUMENTS
    if documents.ordered:
        usual = int(np.quantile(documents.lengths, 0.95, method="higher"))
        return (8 * max(1, -(-usual // 8)),) if is_few and usual <= SHORT else ()
    longest = np.quantile(documents.lengths, (0.95, 1.0) if is_few else (0.5, 0.95, 1.0), method="higher")
    return tuple(sorted({64 * max(1, -(-int(length) // 64)) for length in longest}))


def few_shapes(arrays: Sequence[np.ndarray], documents: Encoded, sizes: Sequence[int]) -> tuple[np.ndarray, ...]:
    """The arrays of a batch padded to even fewer lengths, for what takes longer to compile than to compute.

    In order, 256, 512, 1024, ...; of a bag, 512, 2048, ...
    """
    padded: list[np.ndarray] = []
    for ids, values, part, pad_id in zip(arrays[::2], arrays[1::2], documents.parts, sizes, strict=True):
        length = 256 if part.ordered else 512
        while length < ids.shape[1]:
            length *= 2 if part.ordered else 4
        room = ((0, 0), (0, length - ids.shape[1]))
        padded += [np.pad(ids, room, constant_values=pad_id), np.pad(values, room)]
    return tuple(padded)


def _padded(documents: Encoded, group: np.ndarray, layout: Layout, pad_id: int) -> tuple[np.ndarray, np.ndarray]:
    length = layout.padded(int(documents.lengths[group].max(initial=1)), documents.ordered)
    ids = np.full((layout.rows, length), pad_id, np.int32)
    values = np.zeros((layout.rows, length), np.float32)
    for i, row in enumerate(group):
        entries = slice(documents.offsets[row], documents.offsets[row + 1])
        ids[i, : documents.lengths[row]] = documents.ids[entries]
        values[i, : documents.lengths[row]] = documents.values[entries]
    return ids, values


def _positions(ids: np.ndarray, size: int, halved: bool) -> tuple[np.ndarray, np.ndarray]:
    # The different ids, filled up to all of what there could be, or half of it where that is enough: few shapes.
    present = np.zeros(size + 1, bool)
    present[ids] = True
    present_ids = np.flatnonzero(present).astype(np.int32)
    most = min(ids.size, size + 1)
    half = -(-most // 2)
    room = half if halved and len(present_ids) <= half else most
    rows = np.arange(size + 1, size + 1 + room, dtype=np.int32)  # out of range, and each another
    rows[: len(present_ids)] = present_ids
    return rows, (np.cumsum(present, dtype=np.int32) - 1)[ids]


def _by_length(documents: Encoded, rows: np.ndarray) -> np.ndarray:
    return rows[np.argsort(documents.lengths[rows], kind="stable")]


def _chunks(rows: np.ndarray, size: int) -> list[np.ndarray]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _ahead(
    groups: Sequence[np.ndarray], made: Callable[[np.ndarray], Batch], *, seed: int | None = None, start: int = 0
) -> Iterator[Batch]:
    # Of each group from `start` on, in the order that the seed gives, if there is one.
    import grain  # here, since a single text needs no batches and should not wait for it

    batches = grain.MapDataset.source(groups)
    if seed is not None:
        batches = batches.shuffle(seed=seed)
    ahead = grain.ReadOptions(num_threads=1, prefetch_buffer_size=16)
    return iter(batches[start:].map(made).to_iter_dataset(ahead))
