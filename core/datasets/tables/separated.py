"""Separated fields to columns of texts: every row is kept, and what does not fit is told with its line."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import pyarrow as pa

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
    fields = _fields(source, written, newline)
    with text_lines(source, written.encoding, newline) as lines:
        rows = records(lines, written, fields)
        first = next((record for record in rows if any(map(str.strip, record.cells))), None)
        if first is None:
            raise BadInput(f"{source.path.name} cannot be read as a table (it is empty); give one with a heading.")
        columns = _Columns(source, written, fields)
        if not written.heading:
            rows = chain([first], rows)
        for record in rows:
            columns.add(record)
    if not columns.count:
        raise no_rows(source.path)
    names = first.cells if written.heading else [str(place) for place in range(1, fields + 1)]
    return columns.table(names)


def _fields(source: Source, written: TableFormat, newline: str) -> int:
    with text_lines(source, written.encoding, newline) as lines:
        rows = records(lines, written)
        return next((len(record.cells) for record in rows if any(map(str.strip, record.cells))), 0)


class _Columns:
    """The columns so far, as Arrow arrays, which take the least memory."""

    def __init__(self, source: Source, written: TableFormat, fields: int) -> None:
        self.source, self.written, self.fields = source, written, fields
        self.count = 0
        self.lines = array("q")
        self.waiting: list[list[str]] = []
        self.batches: list[list[pa.Array]] = []
        self.short, self.mended, self.spanning = array("q"), array("q"), array("q")
        self.most, self.longest = 1, (0, 0)

    def add(self, record: Record) -> None:
        """Take one record up, or raise BadInput."""
        cells, fields = record.cells, self.fields
        if len(cells) != fields:
            if fields > 1 and len(cells) < 2 and not "".join(cells).strip():
                return
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
        self.lines.append(record.first)
        self.waiting.append(cells)
        self.count += 1
        if len(self.waiting) == BATCH_ROWS:
            self._pack()

    def table(self, names: Sequence[str]) -> TableRows:
        """The rows under these names of columns."""
        self._pack()
        chunks = zip(*self.batches, strict=True)
        columns = [pa.chunked_array(list(parts), pa.large_string()) for parts in chunks]
        self.batches.clear()
        used = [place for place, name in enumerate(names) if name.strip() or not _is_blank(columns[place])]
        given = different_names([names[place].strip("\ufeff") for place in used])
        table = pa.table(dict(zip(given, (columns[place] for place in used), strict=True)))
        columns.clear()
        frame = table.to_pandas(split_blocks=True, self_destruct=True)
        return TableRows(frame, self.written, np.array(self.lines, np.int64), tuple(self._notes()))

    def _cut(self, record: Record) -> list[str]:
        if any(record.cells[self.fields :]):
            raise self._too_many(record)
        return record.cells[: self.fields]

    def _pack(self) -> None:
        if self.waiting:
            columns = zip(*self.waiting, strict=True)
            self.batches.append([pa.array(cells, pa.large_string(), memory_pool=_POOL) for cells in columns])
            self.waiting = []

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

    def _notes(self) -> Iterator[str]:
        if self.short:
            rows = "1 row has" if len(self.short) == 1 else f"{len(self.short):,} rows have"
            where = shown_places(self.short, len(self.short))
            yield f"{rows} fewer fields than there are columns, and empty cells for them: {where}."
        if self.mended:
            where = shown_places(self.mended, len(self.mended))
            yield f"Quotes that do not close were read as they stand: {where}."
        if self.spanning:
            over, first = self.longest
            rows = "1 row stands" if len(self.spanning) == 1 else f"{len(self.spanning):,} rows stand"
            yield (
                f"{rows} on several lines, between quotes: {shown_places(self.spanning, len(self.spanning))}; "
                f"the longest is from line {first:,} to {first + over:,}."
            )


def _is_blank(column: pa.ChunkedArray) -> bool:
    return all(not cell.strip() for cell in column.unique().to_pylist())
