"""Lines of text to records of fields, with quotes or without; no line gets lost on the way."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from core.datasets.columns import MAX_CELL
from core.datasets.tables.source import Source
from core.errors import BadInput
from core.schema.tables import TableFormat

csv.field_size_limit(MAX_CELL)  # of the whole process; the module has no other limit
_TOO_LONG = f"field larger than field limit ({MAX_CELL})"  # as the csv module says it


class Record(NamedTuple):
    """One row of a file.

    Attributes:
        first, last: the lines that it stands on, from 1.
        cells: its fields.
        is_mended: whether a quote in it did not close as quotes do, so that it was taken as it stands.
    """

    first: int
    last: int
    cells: list[str]
    is_mended: bool = False


@contextmanager
def text_lines(source: Source, encoding: str, newline: str | None) -> Iterator[Iterator[str]]:
    """The lines of a text with their ends; `newline` as for `open`. Raises BadInput for bytes that are no such text."""
    with source.open() as stream, io.TextIOWrapper(stream, encoding, newline=newline) as lines:
        yield _decoded(lines, source, encoding)


def records(lines: Iterator[str], written: TableFormat, fields: int | None = None) -> Iterator[Record]:
    """The records from `first_line` on; a blank line is a record without fields.

    Where the fields of a record are known, one that goes over several lines and has another number of them is taken to
    begin with a stray quote: then its first line is a record, and the others are read again.

    Raises BadInput for a cell that is too long, and for a quote that is never closed.
    """
    for _ in range(1, written.first_line):
        next(lines, None)
    if written.quote:
        return _quoted(lines, written, fields)
    return _plain(lines, written)


def plain_cells(line: str, separator: str) -> list[str]:
    """The fields of a line in which quotes are characters like others."""
    line = line.removesuffix("\n").removesuffix("\r")
    return line.split(separator) if line else []


def _decoded(lines: io.TextIOWrapper, source: Source, encoding: str) -> Iterator[str]:
    try:
        yield from lines
    except UnicodeError as error:
        name = encoding.removesuffix("-sig")
        raise BadInput(
            f"{source.path.name} is not {name.upper()} text throughout; save it as UTF-8, or name its encoding with "
            "--encoding."
        ) from error


def _plain(lines: Iterator[str], written: TableFormat) -> Iterator[Record]:
    for number, line in enumerate(lines, written.first_line):
        cells = plain_cells(line, written.separator)
        if len(line) > MAX_CELL and any(len(cell) > MAX_CELL for cell in cells):
            raise _too_long(number)
        yield Record(number, number, cells)


def _quoted(lines: Iterator[str], written: TableFormat, fields: int | None) -> Iterator[Record]:
    feed = _Feed(lines, written.first_line)
    how = {"delimiter": written.separator, "quotechar": written.quote, "escapechar": written.escape or None}
    reader = csv.reader(feed, strict=True, **how)  # type: ignore[arg-type]
    while True:
        first = feed.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if len(feed.taken) == 1 and str(error) == _TOO_LONG:
                raise _too_long(first) from error
            if feed.is_over and written.separator in ",;":
                raise _never_closed(first, written) from error
            yield _mended(feed, first, written)
            continue
        if fields is not None and len(feed.taken) > 1 and len(cells) != fields:
            record = _mended(feed, first, written)
            if len(record.cells) == fields:
                yield record
                continue
            feed.take(len(feed.before))
        yield Record(first, feed.number, cells)


def _mended(feed: _Feed, first: int, written: TableFormat) -> Record:
    # The first line as it stands; what was read behind it is read again.
    cells = plain_cells(feed.put_back_all_but_first(), written.separator)
    return Record(first, first, [_without_quotes(cell, written.quote) for cell in cells], is_mended=True)


def _without_quotes(cell: str, quote: str) -> str:
    if len(cell) > 1 and cell[0] == cell[-1] == quote:
        return cell[1:-1].replace(quote * 2, quote)
    return cell


class _Feed:
    """Lines that can be put back.

    Attributes:
        number: of the line that was taken last.
        taken: the lines of the record under way.
        before: the lines of the record that was put back last.
        is_over: whether there are no more lines.
    """

    def __init__(self, lines: Iterator[str], first_line: int) -> None:
        self.lines, self.number = lines, first_line - 1
        self.taken: list[str] = []
        self.before: list[str] = []
        self.waiting: deque[str] = deque()
        self.is_over = False

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if self.waiting:
            line = self.waiting.popleft()
        else:
            try:
                line = next(self.lines)
            except StopIteration:
                self.is_over = True
                raise
        self.number += 1
        self.taken.append(line)
        return line

    def begin(self) -> int:
        """Begin a record, and give the number of its first line."""
        self.taken = []
        return self.number + 1

    def put_back_all_but_first(self) -> str:
        self.before = self.taken
        self.waiting.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        self.taken = self.taken[:1]
        return self.taken[0]

    def take(self, count: int) -> None:
        """Take lines again, up to so many of the record under way."""
        while len(self.taken) < count:
            next(self)


def _too_long(number: int) -> BadInput:
    return BadInput(
        f"Line {number:,} of the table has a cell of more than {MAX_CELL:,} characters; shorten it, or leave it out."
    )


def _never_closed(number: int, written: TableFormat) -> BadInput:
    return BadInput(
        f"The file cannot be read as a table: the quote {written.quote} that opens in line {number:,} is never closed; "
        "close it, or read quotes as characters like others with --quote none."
    )
