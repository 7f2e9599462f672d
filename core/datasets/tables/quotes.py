"""Which characters are quotes in a file: those that open and close fields, and no stray ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from core.datasets.tables.blocks import scan
from core.datasets.tables.lines import plain_cells, records, text_lines
from core.datasets.tables.source import Source
from core.errors import BadInput
from core.schema.tables import TableFormat

_LINE_ENDS = re.compile(r"\r\n|\n|\r")
WITH_QUOTES = ",;"  # fields between these are often quoted; a row on several lines is no sign of stray quotes then


class _Misfits(NamedTuple):
    """How many records do not fit, read with quotes and without, and what is to be said of a quote without an end."""

    quoted: int
    plain: int
    never_closed: BadInput | None = None


def choose_quote(source: Source, written: TableFormat, newline: str) -> TableFormat:
    """The format with the quote, or without one where the file fits better so; with an escape where that fits better.

    Every record is looked at, since a few stray quotes may swallow many lines. On a draw a quote is a quote.

    Raises BadInput for the only misfit, if it is a quote that is never closed between commas or semicolons.
    """
    if not _occurs(source, written, newline) or (newline == "\n" and _is_regular(source, written)):
        return written
    found = _misfits(source, written, newline)
    if found.quoted and written.quote == '"' and _occurs(source, written, newline, '\\"'):
        escaped = replace(written, escape="\\")
        if not _misfits(source, escaped, newline).quoted:
            return escaped
    if found.never_closed and (found.quoted < 3 or found.plain >= found.quoted):
        raise found.never_closed
    return replace(written, quote="") if found.plain < found.quoted else written


def likely_quote(sample: str, separator: str) -> str:
    """The quote of a text that begins so: ' where it stands around a third of the fields and " around none."""
    single, double = (_wrapped(sample, separator, quote) for quote in ("'", '"'))
    fields = sample.count(separator) + len(_LINE_ENDS.findall(sample))
    return "'" if not double and single >= max(2, fields / 3) else '"'


def _wrapped(sample: str, separator: str, quote: str) -> int:
    apart = re.escape(separator)
    field = rf"(?:^|(?<=[\n\r{apart}])){quote}[^{quote}\n\r]*{quote}(?=$|[\n\r{apart}])"
    return len(re.findall(field, sample))


def _occurs(source: Source, written: TableFormat, newline: str, what: str = "") -> bool:
    sought = what or written.quote
    if written.encoding.startswith("utf-8") and len(sought) == 1:
        return any(sought.encode() in chunk for chunk in source.chunks())
    with text_lines(source, written.encoding, newline) as lines:
        return any(sought in line for line in lines)


def _misfits(source: Source, written: TableFormat, newline: str) -> _Misfits:
    quoted, merged, recent, never_closed = 0, 0, _Recent(written.separator), None
    with text_lines(source, written.encoding, newline) as lines:
        rows = records(recent.over(lines), written)
        recent.fields = fields = len(next((record.cells for record in rows if record.cells), []))
        try:
            for record in rows:
                quoted += record.is_mended or not _fits(record.cells, fields)
                merged += record.last > record.first and recent.are_rows(record.first, record.last)
                recent.forget(record.last)
        except BadInput as error:
            never_closed = error
    quoted += never_closed is not None
    if written.separator not in WITH_QUOTES or (quoted and not recent.misfits):
        quoted += merged
    plain = recent.misfits if fields > 1 else quoted + 1  # any line is a row of a single column
    return _Misfits(quoted, plain, never_closed)


def _fits(cells: list[str], fields: int) -> bool:
    if len(cells) > fields:
        return not any(cells[fields:])
    return len(cells) == fields or not any(cells)


def _is_regular(source: Source, written: TableFormat) -> bool:
    # Then no record misfits; between tabs or bars, one on several lines may be several rows with stray quotes.
    with text_lines(source, written.encoding, "\n") as lines:
        first = next((record for record in records(lines, written) if record.cells), None)
    if first is None or first.is_mended:
        return False
    found = scan(source, written, len(first.cells), first.last)
    is_over_lines = found is not None and bool(found.spanning or first.last > first.first)
    return found is not None and (written.separator in WITH_QUOTES or not is_over_lines)


class _Recent:
    """Whether each of the lines that were last read is a row by itself, when quotes are no quotes."""

    def __init__(self, separator: str) -> None:
        self.separator, self.fields, self.misfits = separator, 0, 0
        self.rows: dict[int, bool] = {}

    def over(self, lines: Iterator[str]) -> Iterator[str]:
        """The lines, looked at in passing, once it is known how many fields a row has."""
        for number, line in enumerate(lines, 1):
            if self.fields:
                cells = plain_cells(line, self.separator)
                self.rows[number] = len(cells) == self.fields
                self.misfits += not _fits(cells, self.fields)
            yield line

    def are_rows(self, first: int, last: int) -> bool:
        """Whether all of these lines are."""
        return all(self.rows.get(number, False) for number in range(first, last + 1))

    def forget(self, last: int) -> None:
        """Lines up to this one are done with."""
        if len(self.rows) > 1000:
            self.rows = {number: is_row for number, is_row in self.rows.items() if number > last}
