"""A sheet of an Excel file to rows."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

import pandas as pd

from core.datasets.tables.names import different_names, spelling
from core.datasets.tables.rows_read import TableRows, no_rows, unreadable
from core.datasets.tables.source import DAMAGED, Source, too_large
from core.errors import BadInput
from core.schema.tables import TableFormat, TableOptions

WORKBOOK = "xl/workbook.xml"
_MERGED = re.compile(rb'<mergeCell ref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
MAX_LISTED = 10


def read_excel(source: Source, options: TableOptions) -> TableRows:
    """The rows of a sheet: the one that is wanted, or the only one that has any.

    The first row that is not empty names the columns. Cells keep their kinds: text, number, truth value, date. A cell
    that is merged over several rows has its value in all of them.

    Raises BadInput for several sheets where none is named, one that is not there, and a file that is no workbook.
    """
    content = source.read()
    _check_unpacked(source, content)
    with warnings.catch_warnings(), _workbook(source, content) as book:
        warnings.simplefilter("ignore")  # of what is drawn beside the cells
        sheets = _sheets(source, book, options.sheet)
        name, cells = _chosen(source, sheets, options.sheet)
    merged = _fill_merged(cells, content, book.sheet_names.index(name))
    rows = cells.index[cells.map(_is_cell).any(axis=1)]
    if not len(rows):
        raise no_rows(source.path)
    heading = options.heading is not False
    columns = cells.columns[cells.loc[rows].map(_is_cell).any(axis=0)]
    names = [
        _name(cell) if heading else str(place + 1)
        for place, cell in zip(columns, cells.loc[rows[0], columns], strict=True)
    ]
    body = rows[1:] if heading else rows
    if not len(body):
        raise no_rows(source.path)
    frame = cells.loc[body, columns].reset_index(drop=True)
    frame.columns = pd.Index(different_names(names))
    written = TableFormat(
        kind="excel", compression=source.compression, member=source.member, heading=heading, sheet=name
    )
    return TableRows(frame, written, body.to_numpy() + 1, (merged,) if merged else ())


def _check_unpacked(source: Source, content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > source.max_bytes:
                raise too_large(source.path, source.max_bytes, unpacked=True)
    except DAMAGED as error:
        raise unreadable(source.path, "it is cut off or damaged") from error


def _workbook(source: Source, content: bytes) -> pd.ExcelFile:
    try:
        return pd.ExcelFile(io.BytesIO(content), engine="openpyxl")
    except Exception as error:  # whatever a damaged or locked workbook makes the parser of XML stumble over
        raise unreadable(source.path, "it is no Excel workbook, or is damaged or locked") from error


def _sheets(source: Source, book: pd.ExcelFile, wanted: str | None) -> dict[str, pd.DataFrame]:
    names = [str(name) for name in book.sheet_names]
    if wanted is not None:
        alike = [name for name in names if name == wanted] or [n for n in names if spelling(n) == spelling(wanted)]
        if not alike:
            raise BadInput(f"{source.path.name} has no sheet {wanted!r}; its sheets are: {_listed(names)}.")
        names = alike[:1]
    try:
        read = book.parse(names, header=None, dtype=object, keep_default_na=False, na_filter=False)
    except Exception as error:  # as above
        raise unreadable(source.path, "a sheet of it is damaged") from error
    return dict(read)


def _chosen(source: Source, sheets: dict[str, pd.DataFrame], wanted: str | None) -> tuple[str, pd.DataFrame]:
    filled = [name for name, cells in sheets.items() if cells.size] or list(sheets)[:1]
    if len(filled) > 1 and wanted is None:
        raise BadInput(
            f"{source.path.name} has {len(filled)} sheets; name the one to read with --sheet: {_listed(filled)}."
        )
    return filled[0], sheets[filled[0]].reset_index(drop=True)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
    return ", ".join(repr(name) for name in names[:MAX_LISTED]) + more


def _is_cell(value: Any) -> bool:
    return value is not None and value == value and value != ""


def _name(cell: Any) -> str:
    return str(cell) if _is_cell(cell) else ""


def _fill_merged(cells: pd.DataFrame, content: bytes, place: int) -> str:
    # Only the first of merged cells holds their value.
    count = 0
    for top, bottom, left in _merged(content, place):
        if bottom > top >= 0 and left < cells.shape[1] and top < len(cells):
            value = cells.iat[top, left]
            for row in range(top + 1, min(bottom + 1, len(cells))):
                cells.iat[row, left] = value
            count += 1
    if not count:
        return ""
    cells = "1 merged cell was given its" if count == 1 else f"{count:,} merged cells were given their"
    return f"{cells} value in every row."


def _merged(content: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        name = f"xl/worksheets/sheet{place + 1}.xml"  # as Excel and all that write like it call them
        sheet = archive.read(name) if name in archive.namelist() else b""
    for left, top, _, bottom in _MERGED.findall(sheet):
        yield int(top) - 1, int(bottom) - 1, _column(left)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number - 1
