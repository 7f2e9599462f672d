"""Encoded documents to batches of a few fixed shapes, in an order that a seed decides; no document is ever lost.

JAX compiles a function anew for every shape, so lengths go into a few buckets and every batch has the same number of
rows; documents of similar length meet, so that little is computed on padding.
"""

from collections.abc import Iterator

import grain
import numpy as np

from core.schema import Batch, Encoded

POOL = 50  # batches whose documents are sorted by length together, at most: enough for tight buckets
POOLS = 7  # at least, so that a small corpus does not come in the same batches every epoch


def train_batches(
    documents: Encoded, labels: np.ndarray, *, batch: int, pad_id: int, seed: int, epoch: int
) -> Iterator[Batch]:
    """All batches of one epoch, in an order of its own, made ahead in a thread of grain's.

    Args:
        documents: n encoded documents.
        labels: (n,) int32.
        batch: rows of every batch; the last one is filled up with rows of weight 0.
        pad_id: id for padding.
        seed, epoch: decide the order.
    """
    rng = np.random.default_rng((seed, epoch))
    order = rng.permutation(len(documents))
    pool_size = batch * min(POOL, max(1, len(documents) // (batch * POOLS)))
    groups = [g for pool in _chunks(order, pool_size) for g in _chunks(_by_length(documents, pool), batch)]
    shuffled = grain.MapDataset.source(groups).shuffle(seed=int(rng.integers(2**31)))
    return _batches(documents, labels, shuffled, batch, pad_id)


def eval_batches(documents: Encoded, *, batch: int, pad_id: int) -> Iterator[tuple[np.ndarray, Batch]]:
    """Batches by length, each with the positions (rows,) of its documents; fill rows come last and have weight 0."""
    groups = _chunks(_by_length(documents, np.arange(len(documents))), batch)
    labels = np.zeros(len(documents), np.int32)
    return zip(groups, _batches(documents, labels, grain.MapDataset.source(groups), batch, pad_id), strict=True)


def count_batches(documents: int, batch: int) -> int:
    """Batches of one epoch."""
    return -(-documents // batch)


def gather(documents: Encoded, labels: np.ndarray, rows: np.ndarray, batch: int, pad_id: int) -> Batch:
    """The batch of these documents, padded to `batch` rows and to the smallest bucket that holds the longest."""
    length = bucket(int(documents.lengths[rows].max(initial=1)))
    ids = np.full((batch, length), pad_id, np.int32)
    values = np.zeros((batch, length), np.float32)
    for i, row in enumerate(rows):
        entries = slice(documents.offsets[row], documents.offsets[row + 1])
        ids[i, : documents.lengths[row]] = documents.ids[entries]
        values[i, : documents.lengths[row]] = documents.values[entries]
    filled = np.zeros(batch, np.int32)
    filled[: len(rows)] = labels[rows]
    return Batch(ids, values, filled, (np.arange(batch) < len(rows)).astype(np.float32))


def bucket(length: int) -> int:
    """The padded length of a document: the next of 64, 128, 192, 256, 384, 512, ... (powers of two and halfway)."""
    size = 64
    while size < length:
        halfway = size >= 128 and size & (size - 1) == 0
        size = size * 3 // 2 if halfway else 1 << size.bit_length()
    return size


def _by_length(documents: Encoded, rows: np.ndarray) -> np.ndarray:
    return rows[np.argsort(documents.lengths[rows], kind="stable")]


def _chunks(rows: np.ndarray, size: int) -> list[np.ndarray]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _batches(
    documents: Encoded, labels: np.ndarray, groups: grain.MapDataset, batch: int, pad_id: int
) -> Iterator[Batch]:
    made = groups.map(lambda rows: gather(documents, labels, rows, batch, pad_id))
    return iter(made.to_iter_dataset(grain.ReadOptions(num_threads=1, prefetch_buffer_size=16)))
