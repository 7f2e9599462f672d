"""What a table that is read a batch at a time is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.columns import MAX_CELL, as_text
from core.datasets.tables.names import find_name
from core.datasets.tables.rows_read import unreadable
from core.schema.tables import TableFormat

Cells: TypeAlias = "pa.Array | Sequence[Any]"
"""A column of a batch: an Arrow array, or objects where a column may hold any."""


@dataclass(frozen=True)
class TableBatch:
    """Some rows of a table.

    Attributes:
        columns: by name, (rows,) each.
        json: the rows as they stand in a file of JSON lines; None of other files.
    """

    columns: Mapping[str, Cells]
    json: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def texts(self, column: str) -> list[str]:
        """A column as strings, "" where a cell is missing. Raises BadInput when it holds no texts."""
        cells = self.columns[column]
        if isinstance(cells, pa.Array):
            if _is_text(cells.type) and (pc.max(pc.utf8_length(cells)).as_py() or 0) <= MAX_CELL:
                return list(pc.fill_null(cells, "").to_pylist())
            cells = cells.to_pandas(types_mapper=pd.ArrowDtype)
        elif _are_whole_texts(cells):
            return list(cells)
        return list(as_text(pd.DataFrame({column: pd.Series(cells, dtype=object)}), column))

    def with_texts(self, column: str, texts: list[str]) -> TableBatch:
        """The batch with these texts in a column that could hold anything; one that Arrow holds stays as it is."""
        if isinstance(self.columns[column], pa.Array):
            return self
        return TableBatch({**self.columns, column: texts}, self.json)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _are_whole_texts(cells: Sequence[Any]) -> bool:
    if not all(type(cell) is str and len(cell) <= MAX_CELL for cell in cells):
        return False
    try:
        "".join(cells).encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, kw_only=True)
class TableStream:
    """A table to be read a batch at a time; it was looked through once, so that its mistakes are told.

    Attributes:
        path: of the file.
        format: how it is written.
        names: of its columns.
        rows: how many it has.
        notes: sentences on what is worth a look.
        schema: types of the columns where the file has them, or all of it could be looked at for them; else None.
        read: gives its batches, from the first row on.
    """

    path: Path
    format: TableFormat
    names: tuple[str, ...]
    rows: int
    notes: tuple[str, ...]
    read: Callable[[], Iterator[TableBatch]]
    schema: pa.Schema | None = None

    def column(self, wanted: str | None = None) -> str:
        """The name of the column of texts: the one wanted, "text", or the only one. Raises BadInput for none such."""
        return find_name(self.names, wanted or (self.names[0] if len(self.names) == 1 else "text"))

    def batches(self) -> Iterator[TableBatch]:
        """All rows, in batches that are the same each time. Raises BadInput when the file can no longer be read."""
        try:
            yield from self.read()
        except (OSError, pa.ArrowException, MemoryError) as error:
            raise unreadable(self.path, str(error) or type(error).__name__) from error
