"""Documents: as texts with labels, as numbers, as the batch of one step."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """The documents of one part of a data set.

    Attributes:
        dataset: name of the data set that it belongs to.
        name: "train", "valid" or "test".
        texts: n documents.
        labels: (n,) int32, positions in `class_names`.
        class_names: the classes, in the order of the model's outputs.
    """

    dataset: str
    name: str
    texts: tuple[str, ...]
    labels: np.ndarray
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True, kw_only=True, eq=False)
class TextDataset:
    """A labelled corpus: `train` to learn from, `valid` to choose the epoch, `test` to be scored once.

    Attributes:
        left_out: rows of a table that are in none of them, having no text, no label, or a text that stood above.
    """

    name: str
    train: Split
    valid: Split
    test: Split
    left_out: int = 0

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes, in the order of the model's outputs."""
        return self.train.class_names

    @property
    def splits(self) -> dict[str, Split]:
        """The three parts by name."""
        return {"train": self.train, "valid": self.valid, "test": self.test}

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
        values: (entries,) float32, 1 for a token, the count for a word of a bag.
        offsets: (n + 1,) int64; document i lies at `offsets[i]:offsets[i + 1]`.
    """

    ids: np.ndarray
    values: np.ndarray
    offsets: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def lengths(self) -> np.ndarray:
        """(n,) int64, entries of each document."""
        return np.diff(self.offsets)


class Batch(NamedTuple):
    """What one training or prediction step sees.

    Attributes:
        ids: (batch, length) int32, padded with the encoder's pad id.
        values: (batch, length) float32, the mask or the counts; 0 on padding.
        labels: (batch,) int32.
        weights: (batch,) float32, 1 for a document and 0 for a row that only fills the batch.
    """

    ids: np.ndarray
    values: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
