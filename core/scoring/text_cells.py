"""Columns as lines of separated fields, made by Arrow; quotes where they are needed, and no cell a formula."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.datasets.tables.stream import Cells
from core.format import no_formula

# Finds all that `no_formula` changes, and a little more: RE2 knows other white space than Python.
_MAYBE_FORMULA = r"^[^\pL\pN]*[=+\-@＝＋－＠]|^[\t\r\n]"

_PLAIN = np.zeros(256, bool)  # bytes that are letters or digits of ASCII
_PLAIN[[code for code in range(128) if chr(code).isalnum()]] = True
_NO_ROWS = np.zeros(1, np.int64)


def rows_of_text(columns: Sequence[Cells], separator: str) -> tuple[memoryview, int]:
    """The rows in UTF-8, a line each, and how many cells got an apostrophe so that no spreadsheet runs them."""
    found = [_harmless(cells) for cells in columns]
    numbers = [isinstance(cells, pa.Array) and _is_number(cells.type) for cells in columns]
    fields = [cells if plain else _quoted(cells, separator) for (cells, _), plain in zip(found, numbers, strict=True)]
    between, end, nothing = (pa.scalar(sign, pa.large_string()) for sign in (separator, "\n", ""))
    parts = [part for field in fields for part in (field, between)][:-1]
    lines = pc.binary_join_element_wise(*parts, end, nothing, null_handling="replace", null_replacement="")
    return _bytes_of(lines), sum(count for _, count in found)


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
    maybe = _places(cells, _begins_otherwise(cells))
    likely = pc.match_substring_regex(cells.take(maybe), _MAYBE_FORMULA)
    maybe = maybe.filter(likely)
    if not len(maybe):
        return cells, 0
    suspects = cells.take(maybe).to_pylist()
    safe = [no_formula(cell) for cell in suspects]
    changed = sum(one is not other for one, other in zip(safe, suspects, strict=True))
    return _replaced(cells, maybe, pa.array(safe, pa.large_string())), changed


def _begins_otherwise(cells: pa.Array) -> np.ndarray:
    # (rows,) bool, cells that do not begin with a letter or digit of ASCII, with which no formula begins.
    bounds, content = _content(cells)
    filled = bounds[1:] > bounds[:-1]
    filled[filled] = ~_PLAIN[content[bounds[:-1][filled]]]
    return filled


def _quoted(cells: pa.Array, separator: str) -> pa.Array:
    special = _places(cells, _have_one_of(cells, f'"\r\n{separator}'))
    if not len(special):
        return cells
    doubled = pc.replace_substring(cells.take(special), '"', '""')
    quote, nothing = (pa.scalar(sign, pa.large_string()) for sign in ('"', ""))
    return _replaced(cells, special, pc.binary_join_element_wise(quote, doubled, quote, nothing))


def _have_one_of(cells: pa.Array, signs: str) -> np.ndarray:
    # (rows,) bool; each sign is a byte of ASCII.
    bounds, content = _content(cells)
    is_there = np.zeros(len(content), bool)
    for sign in signs.encode():  # a comparison of all bytes takes a tenth of looking each up in a table
        is_there |= content == sign
    found = np.zeros(len(cells), bool)
    found[np.searchsorted(bounds, np.flatnonzero(is_there), "right") - 1] = True
    return found


def _places(cells: pa.Array, chosen: np.ndarray) -> pa.Array:
    # Of the chosen cells that are there.
    chosen = chosen & ~np.asarray(cells.is_null()) if cells.null_count else chosen
    return pa.array(np.flatnonzero(chosen))


def _replaced(cells: pa.Array, places: pa.Array, others: pa.Array) -> pa.Array:
    order = np.arange(len(cells))
    order[np.asarray(places)] = np.arange(len(cells), len(cells) + len(others))
    return pa.concat_arrays([cells, others]).take(pa.array(order))


def _content(cells: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    # Of large_string: where each cell begins and the last one ends, (rows + 1,) int64, in the bytes up to there.
    _, offsets, data = cells.buffers()
    bounds = np.frombuffer(offsets, np.int64)[cells.offset : cells.offset + len(cells) + 1] if len(cells) else _NO_ROWS
    content = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(0, np.uint8)
    return bounds - bounds[0], content[bounds[0] : bounds[-1]]


def _bytes_of(lines: pa.Array) -> memoryview:
    return _content(lines)[1].data
