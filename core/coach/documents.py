"""All documents of a data set as one, in the order of its splits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from core.schema import TextDataset
from core.schema.tables import TableChoices, TableReport, TableRow

MOST_ROWS = 20  # that are shown of a remark
BEGINNING = 300  # characters of a text that is shown


class Documents(NamedTuple):
    """What the checks look at.

    Attributes:
        name: of the data set.
        texts: n texts.
        labels: (n,) int32, positions in `class_names`.
        splits: (n,) objects: "train", "valid" or "test".
        class_names: of the data set.
        places: (n,) int64, lines or rows of the file; None where these are not known.
        columns, groups: as `Split` has them, (n,) each.
        report: what was read of the table; None for a corpus.
    """

    name: str
    texts: Sequence[str]
    labels: np.ndarray
    splits: np.ndarray
    class_names: tuple[str, ...]
    places: np.ndarray | None
    columns: Mapping[str, np.ndarray]
    groups: Mapping[str, np.ndarray]
    report: TableReport | None

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def choices(self) -> TableChoices | None:
        """What was asked of the table; None for a corpus."""
        return self.report.choices if self.report else None

    @property
    def is_test(self) -> np.ndarray:
        """(n,) bool."""
        return self.splits == "test"

    def rows(self, chosen: np.ndarray, beside: Callable[[int], str] | None = None) -> tuple[TableRow, ...]:
        """The first 20 of the documents at these places, (chosen,) int64."""
        return tuple(self._row(place, beside) for place in chosen[:MOST_ROWS].tolist())

    def where(self, document: int) -> str:
        """Where a document stands: "line 7", or its split."""
        if self.places is None:
            return str(self.splits[document])
        return f"{self.report.format.place if self.report else 'row'} {self.places[document]:,}"

    def beginning(self, document: int) -> str:
        """Of a text."""
        return self.texts[document][:BEGINNING]

    def _row(self, place: int, beside: Callable[[int], str] | None) -> TableRow:
        return TableRow(
            text=self.beginning(place),
            label=self.class_names[self.labels[place]],
            place=None if self.places is None else int(self.places[place]),
            beside=beside(place) if beside else "",
        )


def all_documents(data: TextDataset) -> Documents:
    """The documents in the order of their table where that is known, else train, valid and test."""
    splits = [*data.splits.values()]
    known = [split.places for split in splits if split.places is not None]
    places = np.concatenate(known) if len(known) == len(splits) else None
    count = sum(map(len, splits))
    order = np.arange(count) if places is None else np.argsort(places, kind="stable")
    texts = [text for split in splits for text in split.texts]

    def joined(parts: list[np.ndarray]) -> np.ndarray:
        return np.concatenate(parts)[order]

    return Documents(
        name=data.name,
        texts=[texts[place] for place in order.tolist()],
        labels=joined([split.labels for split in splits]),
        splits=joined([np.full(len(split), split.name, dtype=object) for split in splits]),
        class_names=data.class_names,
        places=None if places is None else places[order],
        columns={name: joined([split.columns[name] for split in splits]) for name in data.train.columns},
        groups={name: joined([split.groups[name] for split in splits]) for name in data.train.groups},
        report=data.report,
    )
