"""Documents: as texts with labels, as numbers, as the batch of one step."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from core.schema.tables import TableReport


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """The documents of one split of a data set.

    Attributes:
        dataset: name of the data set that it belongs to.
        name: "train", "valid" or "test".
        texts: n documents.
        labels: (n,) int32, positions in `class_names`.
        class_names: the classes, in the order of the model's outputs.
        columns: what else a table of one's own says of the documents, (n,) each: float64, datetime64 or objects. No
            model learns from them, and they are no part of the data set's fingerprint.
        groups: what documents may have in common, such as their thread or their author: (n,) strings each, "" where it
            is not known. They are no part of the fingerprint either.
        places: (n,) int64, the line or row of the table that each was read from; None where that is not known.
    """

    dataset: str
    name: str
    texts: tuple[str, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    groups: Mapping[str, np.ndarray] = field(default_factory=dict)
    places: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, kw_only=True, eq=False)
class TextDataset:
    """A labelled corpus: `train` to learn from, `valid` to choose the epoch, `test` to be scored once.

    Attributes:
        left_out: rows of a table that are in none of them, having no text, no label, or a text that stood above.
        report: what was read of a table, and why rows were left out; None for a public corpus.
    """

    name: str
    train: Split
    valid: Split
    test: Split
    left_out: int = 0
    report: TableReport | None = None

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of the model's outputs."""
        return self.train.class_names

    @property
    def splits(self) -> dict[str, Split]:
        """The three splits by name."""
        return {"train": self.train, "valid": self.valid, "test": self.test}

    def named(self, name: str) -> TextDataset:
        """The same documents under another name."""
        splits = {part: replace(split, dataset=name) for part, split in self.splits.items()}
        return replace(self, name=name, **splits)  # type: ignore[arg-type]

    @cached_property
    def fingerprint(self) -> str:
        """12 hex digits over every text and label, so that other data cannot pass for these."""
        digest = hashlib.sha256(repr(self.class_names).encode())
        for split in self.splits.values():
            digest.update(split.labels.astype(np.int32).tobytes())
            for text in split.texts:
                digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        return digest.hexdigest()[:12]


@dataclass(frozen=True, kw_only=True, eq=False)
class Encoded:
    """Documents as numbers, one after the other without padding (the layout of a CSR matrix).

    Attributes:
        ids: (entries,) int32, token or word ids of all documents.
        values: (entries,) float32, 1 for a token, the count or weight for a word of a bag.
        offsets: (n + 1,) int64; document i lies at `offsets[i]:offsets[i + 1]`.
        ordered: whether ids stand in the order of the text; those of a bag do not.
        bag: the same documents as a bag, for a network that reads them both ways.
    """

    ids: np.ndarray
    values: np.ndarray
    offsets: np.ndarray
    ordered: bool = True
    bag: Encoded | None = None

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def lengths(self) -> np.ndarray:
        """(n,) int64, entries of each document."""
        return np.diff(self.offsets)

    def take(self, rows: np.ndarray) -> Encoded:
        """The documents at these positions, (rows,) int64, in that order."""
        if len(rows) == len(self) and (rows == np.arange(len(self))).all():
            return self
        offsets = np.concatenate([[0], np.cumsum(self.lengths[rows])])
        bag = None if self.bag is None else self.bag.take(rows)
        ids, values = (_pieces(array, self.offsets[rows], self.offsets[rows + 1]) for array in (self.ids, self.values))
        return replace(self, ids=ids, values=values, offsets=offsets, bag=bag)

    def matrix(self, columns: int) -> Any:
        """The documents as rows of a sparse matrix (n, columns) float32, which shares their arrays."""
        import scipy.sparse

        return scipy.sparse.csr_matrix((self.values, self.ids, self.offsets), (len(self), columns))

    @property
    def parts(self) -> tuple[Encoded, ...]:
        """These documents, and the bag beside them when there is one: a pair of arrays of a batch for each."""
        return (self,) if self.bag is None else (self, self.bag)


def _pieces(array: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    # These pieces of an array behind one another: copied whole, in a third of the time of their single entries.
    whole = np.asarray(array)  # of an array that is mapped from a file, every piece would be one too
    return np.concatenate([whole[:0], *map(whole.__getitem__, map(slice, starts.tolist(), ends.tolist()))])


@dataclass(frozen=True, kw_only=True, eq=False)
class BagTable:
    """Bags of the same few words and phrases, without their order: versions of one text.

    Attributes:
        ids: (m,) int32, the words and phrases that can occur, each once.
        values: (n, m) float32, the count or weight of each in every bag; 0 where it is not.
    """

    ids: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.values)


class Batch(NamedTuple):
    """What one training or prediction step sees.

    Attributes:
        arrays: for each part of the encoded documents, ids (batch, length) int32, padded with the part's pad id, then
            values (batch, length) float32, the mask or the weights; 0 on padding.
        labels: (batch,) int32.
        weights: (batch,) float32, 1 for a document and 0 for a row that only fills the batch.
        rows: for each part, the ids that occur in the batch, (rows,) int32, each once and ascending; then `ids` are
            positions in it. Filled up with numbers out of range. Empty where `ids` are ids.
    """

    arrays: tuple[np.ndarray, ...]
    labels: np.ndarray
    weights: np.ndarray
    rows: tuple[np.ndarray, ...] = ()
