"""What is worth a look about a table before a model learns from it, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from core.schema.tables import TableRow


class Weight(IntEnum):
    """How much a remark matters; the greater, the more."""

    NOTE = 1  # good to know
    LOOK = 2  # may cost accuracy
    SPOILS = 3  # what is learned or measured is not what it seems


class RemarkKind(StrEnum):
    """What a remark is about."""

    LEFT_OUT = "left out"
    READING = "how it was read"
    SIMILAR_LABELS = "similar labels"
    SMALL_CLASSES = "small classes"
    IMBALANCE = "imbalance"
    CONTRADICTING = "contradicting labels"
    NEAR_DUPLICATES = "near duplicates"
    GROUPS = "groups across splits"
    SPLITS = "a column of splits"
    GARBLED = "garbled characters"
    SCRIPTS = "several scripts"
    LONG_TEXTS = "long texts"
    TELLING_TOKEN = "a token that tells the class"
    TELLING_COLUMN = "a column that tells the class"


IN_REPORT = (RemarkKind.LEFT_OUT, RemarkKind.READING, RemarkKind.SIMILAR_LABELS, RemarkKind.SPLITS)
"""What the report of a table tells in sentences of its own."""


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """One thing that can be done.

    Attributes:
        title: what a button says.
        option: the same on the command line, such as "--drop near-duplicates".
        effect: what the option does, as the end of a sentence that begins with it.
        changes: fields of `TableChoices` with their new values; those of `drop` and `remove` are added.
    """

    title: str
    option: str
    effect: str
    changes: Mapping[str, Any]

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Remedy:
        """From what `asdict` gave, read from JSON."""
        changes = record["changes"].items()
        lists = {name: tuple(value) if isinstance(value, list) else value for name, value in changes}
        return cls(**{**record, "changes": lists})


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Something about a table that is worth a look.

    Attributes:
        kind: what it is about.
        weight: how much it matters.
        sentence: what was found, with figures.
        count: rows that it concerns; of those that were looked at.
        rows: the first of them.
        remedies: what can be done about it, the most advisable first; none where there is nothing.
    """

    kind: RemarkKind
    weight: Weight
    sentence: str
    count: int = 0
    rows: tuple[TableRow, ...] = ()
    remedies: tuple[Remedy, ...] = field(default_factory=tuple)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Remark:
        """From what `asdict` gave, read from JSON."""
        rows = tuple(TableRow(**row) for row in record["rows"])
        remedies = tuple(map(Remedy.from_record, record["remedies"]))
        kinds = {"kind": RemarkKind(record["kind"]), "weight": Weight(record["weight"])}
        return cls(**{**record, **kinds, "rows": rows, "remedies": remedies})

    @property
    def advice(self) -> str:
        """The sentence, and what an option of the command line does about it."""
        return " ".join([self.sentence, *(f"{remedy.option} {remedy.effect}." for remedy in self.remedies)])
