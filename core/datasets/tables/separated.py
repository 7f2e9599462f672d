"""Separated fields to columns of texts: every row is kept, and what does not fit is told with its line."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from core.datasets.tables.blocks import regular_batches, scan
from core.datasets.tables.lines import Record, records, text_lines
from core.datasets.tables.names import different_names
from core.datasets.tables.rows_read import TableRows, no_rows
from core.datasets.tables.source import Source
from core.errors import BadInput
from core.schema.tables import TableFormat, shown_places

BATCH_ROWS = 5_000
_POOL = pa.system_memory_pool()  # which gives back what many small arrays leave between them
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def read_separated(source: Source, written: TableFormat, newline: str) -> TableRows:
    """All rows, with the line that each begins on; a row with too few fields has empty cells at its end.

    A blank line is a row only where there is a single column. Raises BadInput for a row with more fields than there
    are columns, unless these are empty.
    """
    rows = SeparatedRows(source, written, newline)
    lines, batches = array("q"), []
    for batch in rows.batches(lines):
        batches.append(batch)
    if not batches:
        raise no_rows(source.path)
    table = pa.Table.from_batches(batches)
    batches.clear()
    names = rows.names
    used = [place for place, name in enumerate(names) if name.strip() or not _is_blank(table.column(place))]
    table = table.select(used).rename_columns(different_names([names[place] for place in used]))
    frame = table.to_pandas(split_blocks=True, self_destruct=True)
    return TableRows(frame, written, np.array(lines, np.int64), tuple(rows.notes()))


class SeparatedRows:
    """The rows of a file, a batch after the other, as often as is asked.

    Attributes:
        names: of the columns, as the file has them.
        last_line: of the heading, or the one before the first row.
        count: rows of the batches that were asked for last.
        scan: of a file whose quoting is regular, which is known by one look at its bytes; else None.
    """

    def __init__(self, source: Source, written: TableFormat, newline: str) -> None:
        self.source, self.written, self.newline = source, written, newline
        first = self._first(None)
        self.fields = len(first.cells)
        first = self._first(self.fields)  # which reads it again where its quotes are mended
        numbered = [str(place) for place in range(1, self.fields + 1)]
        self.names = [name.strip("\ufeff") for name in first.cells] if written.heading else numbered
        self.last_line = first.last if written.heading else first.first - 1
        is_plain = newline == "\n"
        self.scan = scan(source, written, self.fields, self.last_line) if is_plain else None
        self.count = 0
        self.short, self.mended, self.spanning = array("q"), array("q"), list[int]()
        self.longest = (0, 0)
        if self.scan is not None:
            self.count, self.spanning, self.longest = self.scan

    def batches(self, lines: array[int] | None = None, rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """All rows, so many at a time; every column is large_string. Raises BadInput for a row that does not fit.

        Args:
            lines: gets the line that each row begins on.
        """
        if self.scan is not None:
            yield from regular_batches(self.source, self.written, self.fields, self.last_line, lines)
            return
        self._begin()
        waiting: list[list[str]] = []
        for record in self._records():
            cells = self._fitted(record)
            if cells is None:
                continue
            if lines is not None:
                lines.append(record.first)
            self.count += 1
            waiting.append(cells)
            if len(waiting) == rows:
                yield self._packed(waiting)
                waiting = []
        if waiting:
            yield self._packed(waiting)

    def notes(self) -> Iterator[str]:
        """What is worth a look in the batches that were asked for last."""
        if self.short:
            rows = "1 row has" if len(self.short) == 1 else f"{len(self.short):,} rows have"
            where = shown_places(self.short, len(self.short))
            yield f"{rows} fewer fields than there are columns, and empty cells for them: {where}."
        if self.mended:
            where = shown_places(self.mended, len(self.mended))
            yield f"Quotes that do not close were read as they stand: {where}."
        if self.spanning:
            yield spanning_note(self.spanning, self.longest)

    def _begin(self) -> None:
        self.count = 0
        self.short, self.mended, self.spanning = array("q"), array("q"), []
        self.longest = (0, 0)

    def _first(self, fields: int | None) -> Record:
        with text_lines(self.source, self.written.encoding, self.newline) as lines:
            rows = records(lines, self.written, fields)
            first = next((record for record in rows if any(map(str.strip, record.cells))), None)
        if first is None:
            raise BadInput(f"{self.source.path.name} cannot be read as a table (it is empty); give one with a heading.")
        return first

    def _records(self) -> Iterator[Record]:
        with text_lines(self.source, self.written.encoding, self.newline) as lines:
            rows = records(lines, self.written, self.fields)
            first = next(record for record in rows if any(map(str.strip, record.cells)))
            if not self.written.heading:
                yield first
            yield from rows

    def _fitted(self, record: Record) -> list[str] | None:
        # One cell for each column; None for a blank line. Or BadInput.
        cells, fields = record.cells, self.fields
        if len(cells) != fields:
            if fields > 1 and len(cells) < 2 and not "".join(cells).strip():
                return None
            if len(cells) > fields:
                cells = self._cut(record)
            elif fields > 1:
                self.short.append(record.first)
            cells = cells + [""] * (fields - len(cells))
        if record.is_mended:
            self.mended.append(record.first)
        if record.last > record.first:
            self.spanning.append(record.first)
            self.longest = max(self.longest, (record.last - record.first, record.first))
        return cells

    def _cut(self, record: Record) -> list[str]:
        if any(record.cells[self.fields :]):
            raise self._too_many(record)
        return record.cells[: self.fields]

    def _packed(self, waiting: list[list[str]]) -> pa.RecordBatch:
        columns = [pa.array(cells, pa.large_string(), memory_pool=_POOL) for cells in zip(*waiting, strict=True)]
        return pa.RecordBatch.from_arrays(columns, [str(place) for place in range(self.fields)])

    def _too_many(self, record: Record) -> BadInput:
        where = f"line {record.first}" if self.count else "the first row"
        apart = _SEPARATORS.get(self.written.separator, f"the sign {self.written.separator!r}")
        way_out = f"put texts with {apart} in double quotes"
        if record.is_mended:
            way_out += ", and double the quotes inside of them"
        return BadInput(
            f"{self.source.path.name} cannot be read as a table: {where} has {len(record.cells)} fields instead of "
            f"{self.fields}; {way_out}."
        )


def spanning_note(lines: Sequence[int], longest: tuple[int, int]) -> str:
    """What to say of rows on several lines: those that they begin on, and of the longest how far it goes and its."""
    over, first = longest
    rows = "1 row stands" if len(lines) == 1 else f"{len(lines):,} rows stand"
    return (
        f"{rows} on several lines, between quotes: {shown_places(lines, len(lines))}; "
        f"the longest is from line {first:,} to {first + over:,}."
    )


def _is_blank(column: pa.ChunkedArray) -> bool:
    return all(not cell.strip() for cell in column.unique().to_pylist())
