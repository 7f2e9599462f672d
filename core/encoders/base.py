"""What every encoder is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import scipy.sparse

from core.schema import BagTable, Encoded, TokenCoverage

SETTINGS = "encoder.json"
Part = Encoded | BagTable


class Encoder(ABC):
    """Texts to numbers, and what of a text is lost on the way.

    Attributes:
        size: number of ids in the vocabulary; the pad id is `size`, so an embedding needs `size + 1` rows.
    """

    size: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of ids of each part of what `encode` gives."""
        return (self.size,)

    @abstractmethod
    def encode(self, texts: Iterable[str]) -> Encoded:
        """Ids and values of n texts; a text without any known token has an empty row."""

    @abstractmethod
    def without(self, text: str, spans: Sequence[tuple[int, int]]) -> Callable[[np.ndarray], tuple[Part, ...]]:
        """A function from masks (n, words) bool, true where a word stays, to the parts of what `encode` gives.

        Words are removed and their surroundings stay. It is exact, and much faster than writing the texts. A bag is
        a table of the few words that can be left.

        Args:
            text: as written.
            spans: start and end of each unit in it, ascending; see `core.units`.
        """

    @abstractmethod
    def occurrences(self, texts: Iterable[str]) -> Iterator[np.ndarray]:
        """The ids of all that each text is read as, (m,) int32, again where it stands again; -1 for the unknown."""

    @abstractmethod
    def rarity(self, documents: Encoded) -> np.ndarray:
        """(size + 1,) float32, how rare each id is in these documents, in nats; the last for what is not known."""

    @abstractmethod
    def shares(self, text: str, spans: Sequence[tuple[int, int]]) -> tuple[scipy.sparse.csr_matrix, ...]:
        """How much of each entry of `encode([text])` belongs to each word: for each part (entries, words) float64.

        Rows sum to 1, or to 0 for marks and white space, which belong to no word.
        """

    @abstractmethod
    def read(self, text: str) -> TokenCoverage:
        """How much of the text the model takes in."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write all that `load_encoder` needs into an existing folder."""


def overlaps(pieces: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]]) -> scipy.sparse.csr_matrix:
    """(pieces, words) float64, the share of a piece's characters in words that each word has; both ascending."""
    (begins, stops), (starts, ends) = (np.array([*pairs], np.int64).reshape(-1, 2).T for pairs in (pieces, spans))
    first = np.searchsorted(ends, begins, "right")  # of the words that a piece meets
    met = np.maximum(np.searchsorted(starts, stops, "left") - first, 0)
    rows = np.repeat(np.arange(len(met)), met)
    columns = np.arange(met.sum()) - np.repeat(np.cumsum(met) - met - first, met)
    characters = np.minimum(stops[rows], ends[columns]) - np.maximum(begins[rows], starts[columns])
    table = scipy.sparse.csr_matrix((characters.astype(np.float64), (rows, columns)), (len(begins), len(starts)))
    return rows_of_one(table)


def rows_of_one(table: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    """The table (n, m) with each row divided by its sum; empty rows stay empty."""
    sums = np.asarray(table.sum(axis=1)).ravel()
    return scipy.sparse.diags(1.0 / np.where(sums > 0, sums, 1.0)).dot(table).tocsr()


def lowered(text: str) -> str:
    """The text in lower case and of the same length, so that positions in one are positions in the other."""
    lowered = text.lower()
    if len(lowered) == len(text) and "Σ" not in text:
        return lowered
    # Some letters have two characters in lower case, such as "İ": they stay. A sigma depends on what follows it,
    # which may be taken away.
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)
