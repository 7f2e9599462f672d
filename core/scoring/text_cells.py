"""Columns as lines of separated fields, made by Arrow; quotes where they are needed, and no cell a formula."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.tables.stream import Cells
from core.format import no_formula

# Finds all that `no_formula` changes, and a little more: RE2 knows other white space than Python.
_MAYBE_FORMULA = r"^[^\pL\pN]*[=+\-@＝＋－＠]|^[\t\r\n]"


def rows_of_text(columns: Sequence[Cells], separator: str) -> tuple[memoryview, int]:
    """The rows in UTF-8, a line each, and how many cells got an apostrophe so that no spreadsheet runs them."""
    found = [_harmless(cells) for cells in columns]
    numbers = [isinstance(cells, pa.Array) and _is_number(cells.type) for cells in columns]
    fields = [cells if plain else _quoted(cells, separator) for (cells, _), plain in zip(found, numbers, strict=True)]
    between = pa.scalar(separator, pa.large_string())
    lines = pc.binary_join_element_wise(*fields, between, null_handling="replace", null_replacement="")
    ended = pc.binary_join_element_wise(lines, pa.scalar("\n", pa.large_string()), pa.scalar("", pa.large_string()))
    return _bytes_of(ended), sum(count for _, count in found)


def _harmless(cells: Cells) -> tuple[pa.Array, int]:
    # As large_string, null where nothing stands; numbers are no formulas.
    if not isinstance(cells, pa.Array):
        return _of_objects(cells)
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
        return _without_formulas(cells.cast(pa.large_string()))
    if _is_number(cells.type):
        return cells.cast(pa.large_string()), 0
    return _of_objects(cells.to_pylist())


def _is_number(kind: pa.DataType) -> bool:
    # Whose digits are the same in every format; in them no sign has to be quoted.
    return bool(pa.types.is_integer(kind) or kind == pa.float32())


def _of_objects(cells: Sequence[Any]) -> tuple[pa.Array, int]:
    safe = [no_formula(cell) for cell in cells]
    changed = sum(one is not other for one, other in zip(safe, cells, strict=True))
    return pa.array([_written(cell) for cell in safe], pa.large_string()), changed


def _written(cell: Any) -> str | None:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if type(cell).__name__ in ("NaTType", "NAType"):
        return None
    return str(cell).encode("utf-8", "backslashreplace").decode()  # of half a character, its escape


def _without_formulas(cells: pa.Array) -> tuple[pa.Array, int]:
    maybe = pc.fill_null(pc.match_substring_regex(cells, _MAYBE_FORMULA), False)
    if not pc.any(maybe).as_py():
        return cells, 0
    suspects = cells.filter(maybe).to_pylist()
    safe = [no_formula(cell) for cell in suspects]
    changed = sum(one is not other for one, other in zip(safe, suspects, strict=True))
    return pc.replace_with_mask(cells, maybe, pa.array(safe, pa.large_string())), changed


def _quoted(cells: pa.Array, separator: str) -> pa.Array:
    special = pc.match_substring_regex(cells, f'["\r\n{separator}]')
    if not pc.any(special).as_py():
        return cells
    doubled = pc.replace_substring(cells, '"', '""')
    quote = pa.scalar('"', pa.large_string())
    return pc.if_else(
        special, pc.binary_join_element_wise(quote, doubled, quote, pa.scalar("", pa.large_string())), cells
    )


def _bytes_of(lines: pa.Array) -> memoryview:
    _, offsets, data = lines.buffers()
    bounds = memoryview(offsets).cast("q")
    first, last = bounds[lines.offset], bounds[lines.offset + len(lines)]
    return memoryview(data)[first:last] if data is not None else memoryview(b"")
