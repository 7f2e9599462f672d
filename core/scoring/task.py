"""What is to be scored, where a run is, and what became of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from core.datasets.tables.stream import Cells, TableStream
from core.errors import BadInput
from core.scoring.columns import AddedColumns, probabilities_of
from core.scoring.writing import check_target, checked_schema

FORMAT = 1  # of the file of answers; another number begins anew
UNCERTAIN = 20  # rows that are told of
SHOWN_ROWS = 8  # that are told of
LONGEST_SHOWN = 2_000  # characters of their texts


@dataclass(frozen=True, kw_only=True)
class UncertainRow:
    """A row that the model is unsure of.

    Attributes:
        row: its number, from 1.
        text: its beginning.
        prediction, confidence: the class and its probability.
    """

    row: int
    text: str
    prediction: str
    confidence: float


@dataclass(frozen=True, kw_only=True)
class FileScore:
    """What became of a table.

    Attributes:
        rows: how many it has.
        predictions: rows of each class.
        guesses: texts without a word, which a model can only guess.
        formulas: cells that got an apostrophe in front, so that no spreadsheet runs them.
        uncertain: the rows with the lowest confidence, the least certain first.
        first: the first rows of the table with what was added, by column.
        right, labelled: rows whose label is the prediction, and those whose label is a class; None without labels.
    """

    rows: int
    predictions: Mapping[str, int]
    guesses: int
    formulas: int
    uncertain: tuple[UncertainRow, ...] = ()
    first: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    right: int | None = None
    labelled: int | None = None


@dataclass(frozen=True, kw_only=True)
class ScoreProgress:
    """Where a run is.

    Attributes:
        phase: "predicting", "writing" or "done".
        rows, total: rows done in this phase, and in all.
        seconds: since this run began.
        resumed: rows that an earlier run had done.
        replaced: whether answers of another run were written over.
        score: what became of the table; only at the end.
    """

    phase: str
    rows: int
    total: int
    seconds: float
    resumed: int = 0
    replaced: bool = False
    score: FileScore | None = None


@dataclass(frozen=True, kw_only=True)
class ScoreTask:
    """What is to be scored and how, without the model itself.

    Attributes:
        stream: the table.
        text: name of its column of texts.
        target: the file to write.
        model: its name.
        class_names: of the model.
        fingerprint: of the model, so that no other goes on with its answers.
        added: which columns.
        label: a column of labels to compare the predictions with; None for none.
        answers: where the answers are kept, also when the table is written, so that it is soon written in another
            format; None for a file beside the target that goes with the last row.
        schema, is_checked: what `checked` has found out, the types of the input's columns, and whether it has.

    Raises BadInput for a target that cannot be, and columns that are there already.
    """

    stream: TableStream
    text: str
    target: Path
    model: str
    class_names: tuple[str, ...]
    fingerprint: str
    added: AddedColumns = field(default_factory=AddedColumns)
    label: str | None = None
    answers: Path | None = None
    schema: pa.Schema | None = None
    is_checked: bool = False

    def __post_init__(self) -> None:
        check_target(self.target)
        self.added.check(self.class_names)
        if there := [name for name in self.added.names(self.class_names) if name in self.stream.names]:
            raise BadInput(f"The input has a column {there[0]!r} like one that would be added; rename it.")

    def checked(self) -> ScoreTask:
        """The task, once it is certain that the target can hold the input's columns; of JSON all rows are looked at.

        Raises BadInput when it cannot.
        """
        if self.is_checked:
            return self
        return replace(self, schema=checked_schema(self.stream, self.text, self.target), is_checked=True)

    @property
    def part(self) -> Path:
        """Where the answers are kept while they are made."""
        return self.answers or self.target.with_name(f"{self.target.name}.part")

    @property
    def half(self) -> Path:
        """Where the table is while it is written."""
        return self.target.with_name(f"{self.target.name}.writing")

    @property
    def belongs_to(self) -> dict[str, Any]:
        """What tells its answers from those of another task."""
        status = self.stream.path.stat()
        return {
            "format": FORMAT,
            "input": str(self.stream.path.resolve()),
            "bytes": status.st_size,
            "modified": status.st_mtime_ns,
            "rows": self.stream.rows,
            "written": asdict(self.stream.format),
            "text": self.text,
            "model": self.fingerprint,
            "reasons": self.added.reasons,
        }


class Tally:
    """What is counted while a table is written."""

    def __init__(self, task: ScoreTask) -> None:
        self.class_names, self.has_labels = task.class_names, task.label is not None
        self.counts = np.zeros(len(task.class_names), np.int64)
        self.rows = self.guesses = self.right = self.labelled = 0
        self.uncertain: list[UncertainRow] = []
        self.first: dict[str, list[Any]] = {}

    def add(self, texts: Sequence[str], batch: pa.RecordBatch, labels: Sequence[str] | None) -> None:
        """Count the answers to some texts, and compare them with their labels."""
        p = probabilities_of(batch)
        places, sure = p.argmax(axis=1), p.max(axis=1)
        self.counts += np.bincount(places, minlength=len(self.counts))
        self.guesses += batch.column("is_guess").true_count
        found = [self._row(texts, row, int(places[row]), float(sure[row])) for row in _lowest(sure).tolist()]
        self.uncertain = sorted([*self.uncertain, *found], key=lambda each: each.confidence)[:UNCERTAIN]
        if labels is not None:
            given = [label.strip() for label in labels]
            self.right += sum(self.class_names[i] == label for i, label in zip(places, given, strict=True))
            known = set(self.class_names)
            self.labelled += sum(label in known for label in given)
        self.rows += len(texts)

    def keep_first(self, columns: Mapping[str, Cells]) -> None:
        """Keep the first rows, of the first batch."""
        if not self.first:
            self.first = {name: _values(cells[:SHOWN_ROWS]) for name, cells in columns.items()}

    def score(self, formulas: int) -> FileScore:
        """The result."""
        return FileScore(
            rows=self.rows,
            predictions=dict(zip(self.class_names, self.counts.tolist(), strict=True)),
            guesses=self.guesses,
            formulas=formulas,
            uncertain=tuple(self.uncertain),
            first=self.first,
            right=self.right if self.has_labels else None,
            labelled=self.labelled if self.has_labels else None,
        )

    def _row(self, texts: Sequence[str], row: int, place: int, confidence: float) -> UncertainRow:
        return UncertainRow(
            row=self.rows + row + 1,
            text=texts[row][:LONGEST_SHOWN],
            prediction=self.class_names[place],
            confidence=confidence,
        )


def _lowest(sure: np.ndarray) -> np.ndarray:
    # The rows with the lowest confidence, of equals the first ones.
    most = np.partition(sure, UNCERTAIN)[UNCERTAIN] if len(sure) > UNCERTAIN else 1.0
    rows = np.flatnonzero(sure <= most)
    return rows[np.argsort(sure[rows], kind="stable")[:UNCERTAIN]]


def _values(cells: Cells) -> list[Any]:
    return cells.to_pylist() if isinstance(cells, pa.Array) else list(cells)
