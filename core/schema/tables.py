"""A table of one's own: how its file is written, what was asked of it, and what was read and left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MAX_BYTES = 200_000_000  # of a file, and of what it unpacks to
SHOWN = 5  # line numbers that a sentence names


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """How a file is to be read, where it is not to be found out.

    Attributes:
        encoding: name of a text encoding, such as "cp1252".
        separator: one character between fields.
        quote: one character around fields; "" where quotes are characters like others.
        heading: whether the first row names the columns.
        sheet: of an Excel file, or the name of one of the files in a zip.
        max_bytes: the most that is read, of the file and of what it unpacks to.
    """

    encoding: str | None = None
    separator: str | None = None
    quote: str | None = None
    heading: bool | None = None
    sheet: str | None = None
    max_bytes: int = MAX_BYTES


class Drop(StrEnum):
    """Rows that may be left out beside those that cannot be used."""

    NEAR = "near-duplicates"
    CONTRADICTING = "contradicting"
    GARBLED = "garbled"
    OTHER_SCRIPTS = "other-scripts"


@dataclass(frozen=True, kw_only=True)
class TableChoices:
    """What a data set is made of, and how.

    Attributes:
        text, label: names of columns.
        group: a column; rows with the same value in it stay in one split.
        split: a column that says which split a row belongs to.
        time: a column of times; the last rows become test.
        merge_labels: whether labels that differ in case or spaces alone are one class.
        min_rows: classes with fewer different texts are left out; None to refuse those with fewer than 10.
        merge_small: classes with fewer different texts become one class, "other"; None to leave them as they are.
        drop: kinds of rows that are left out although they could be used.
        mend_encoding: whether characters that were read in a wrong encoding, long ago, are put right.
        remove: what is taken out of every text, such as a marker that tells its class.
        options: how the file is read.
    """

    text: str
    label: str
    group: str | None = None
    split: str | None = None
    time: str | None = None
    merge_labels: bool = False
    min_rows: int | None = None
    merge_small: int | None = None
    drop: tuple[str, ...] = ()
    mend_encoding: bool = False
    remove: tuple[str, ...] = ()
    options: TableOptions = field(default_factory=TableOptions)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> TableChoices:
        """From what `asdict` gave, read from JSON; names of other versions are passed over."""
        known: dict[str, Any] = {name: value for name, value in record.items() if name in cls.__dataclass_fields__}
        for name in ("drop", "remove"):
            known[name] = tuple(known.get(name, ()))
        return cls(**known | {"options": TableOptions(**known.get("options", {}))})


@dataclass(frozen=True, kw_only=True)
class TableFormat:
    """How a file is written, as it was found out or told.

    Attributes:
        kind: "separated", "json lines", "json array", "excel", "parquet" or "texts" (files in folders by class).
        compression: "", "gzip" or "zip".
        member: the file in the zip that was read, or "".
        encoding: of the text; "" where there is none.
        separator, quote, escape: one character each, or ""; of separated fields.
        first_line: the line that the table starts with, from 1.
        heading: whether the first row names the columns.
        sheet: of an Excel file, or "".
    """

    kind: str
    compression: str = ""
    member: str = ""
    encoding: str = ""
    separator: str = ""
    quote: str = ""
    escape: str = ""
    first_line: int = 1
    heading: bool = True
    sheet: str = ""

    @property
    def place(self) -> str:
        """What the numbers of places in the file count: "line", "row" or "file"."""
        return {"excel": "row", "parquet": "row", "json array": "row", "texts": "file"}.get(self.kind, "line")


class Reason(StrEnum):
    """Why a row is in no split."""

    NO_TEXT = "without a text"
    NO_LABEL = "without a label"
    NO_SPLIT = "without a split"
    REPEATED = "with a text that stood above"
    CONTRADICTING = "with a text that stood above with another label"
    AMBIGUOUS = "with a text that stands with several labels"
    NEAR = "with a text nearly the same as one above"
    GARBLED = "with garbled characters"
    OTHER_SCRIPT = "in another script than most"
    SMALL_CLASS = "of a class with too few rows"


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """A row of a table, to look at.

    Attributes:
        text: its beginning.
        label: its class, or what stands there.
        place: its line or row in the file, from 1; None where it is not known.
        beside: what it is to be compared with, or what is odd about it; "" for nothing.
    """

    text: str
    label: str
    place: int | None = None
    beside: str = ""


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Rows that are in no split for one reason.

    Attributes:
        reason: why.
        count: how many.
        places: line or row numbers of the first 100, from 1, ascending.
        place: what these count.
        rows: the first 20.
    """

    reason: Reason
    count: int
    places: tuple[int, ...]
    place: str = "line"
    rows: tuple[TableRow, ...] = ()

    @property
    def sentence(self) -> str:
        """The reason, the count and the first places."""
        rows = "1 row" if self.count == 1 else f"{self.count:,} rows"
        was = "was" if self.count == 1 else "were"
        return f"{rows} {self.reason} {was} left out: {shown_places(self.places, self.count, self.place)}."


@dataclass(frozen=True, kw_only=True)
class TableReport:
    """What was read of a table, what was left out, and what is worth a look.

    Attributes:
        source: name of the file.
        format: how it is written.
        rows: rows that were read.
        choices: what was asked; None where a table was only read.
        notes: sentences on how the file was read and on its labels.
        reading: those of them that are on how the file was read.
        left_out: rows in no split, by reason.
        similar_labels: labels that differ in case or spaces alone, the most frequent first.
        small_classes: names of classes that were left out, or merged into "other".
        contradicting_texts: texts that stand in the table with several labels.
        split: a sentence on how the splits were made, and why.
    """

    source: str
    format: TableFormat
    rows: int
    choices: TableChoices | None = None
    notes: tuple[str, ...] = ()
    reading: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    similar_labels: tuple[tuple[str, ...], ...] = ()
    small_classes: tuple[str, ...] = ()
    contradicting_texts: int = 0
    split: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """All of it, a line each."""
        return (*self.notes, *(each.sentence for each in self.left_out), *filter(None, [self.split]))


def shown_places(places: Sequence[int], count: int, place: str = "line") -> str:
    """The first places in words: "line 7", "lines 7, 9 and 3 more"."""
    shown = ", ".join(f"{number:,}" for number in places[:SHOWN])
    more = f" and {count - SHOWN:,} more" if count > SHOWN else ""
    return f"{place}{'s' * (count != 1)} {shown}{more}"
