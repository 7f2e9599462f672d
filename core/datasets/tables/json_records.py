"""JSON to rows: an object a line, or one array of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.datasets.tables.dialect import MAX_COLUMNS
from core.datasets.tables.lines import text_lines
from core.datasets.tables.rows_read import TableRows, no_rows, unreadable
from core.datasets.tables.source import Source
from core.errors import BadInput
from core.schema.tables import TableFormat

_ARRAY = re.compile(r"\s*\[\s*[{\]]")
_GAP = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


def is_array(source: Source, encoding: str) -> bool:
    """Whether the file begins as an array of objects does, or one of anything in a .json."""
    with text_lines(source, encoding, "\n") as lines:
        beginning = "".join(line for line, _ in zip(lines, range(3), strict=False))[:1000]
    return bool(_ARRAY.match(beginning)) or (source.ending == ".json" and beginning.lstrip().startswith("["))


def read_json_lines(source: Source, written: TableFormat) -> TableRows:
    """The rows, one of each line that is not blank; a key that a line does not have is a missing value.

    Raises BadInput, with the number of the line, for what is no object in JSON.
    """
    return _table(source, written, ((number, value) for number, value, _ in json_lines(source, written)))


def json_lines(source: Source, written: TableFormat) -> Iterator[tuple[int, dict[str, Any], str]]:
    """The number, the object and the text of each line that is not blank.

    Raises BadInput, with the number of the line, for what is no object in JSON.
    """
    with text_lines(source, written.encoding, "\n") as lines:
        for number, line in enumerate(lines, 1):
            written_line = line.strip()
            if written_line:
                value = _parsed(source, f"line {number}", written_line)
                if not isinstance(value, dict):
                    raise unreadable(source.path, f"line {number} is not an object")
                yield number, value, written_line


def read_json_array(source: Source, written: TableFormat) -> TableRows:
    """The rows, one of each object of the array. Raises BadInput for what is no array of objects in JSON."""
    with text_lines(source, written.encoding, "\n") as lines:
        return _table(source, written, _elements(source, "".join(lines)))


def _elements(source: Source, text: str) -> Iterator[tuple[int, Any]]:
    place, number = text.index("[") + 1, 1
    while True:
        place = _gap(text, place)
        if text[place : place + 1] == "]":
            return
        try:
            value, place = _DECODER.raw_decode(text, place)
        except RecursionError as error:
            raise unreadable(source.path, f"row {number} is nested too deeply") from error
        except ValueError as error:
            line = text.count("\n", 0, place) + 1
            raise unreadable(source.path, f"row {number}, from line {line}, is not JSON") from error
        yield number, value
        number += 1


def _gap(text: str, place: int) -> int:
    match = _GAP.match(text, place)
    return match.end() if match else place


def _parsed(source: Source, where: str, line: str) -> Any:
    try:
        return json.loads(line)
    except RecursionError as error:
        raise unreadable(source.path, f"{where} is nested too deeply") from error
    except ValueError as error:
        what = getattr(error, "msg", "a number with too many digits")
        raise unreadable(source.path, f"{where} is not JSON: {what.lower()}") from error


def _table(source: Source, written: TableFormat, found: Iterator[tuple[int, Any]]) -> TableRows:
    places, objects, names = [], [], dict[str, None]()
    for number, value in found:
        if not isinstance(value, Mapping):
            raise unreadable(source.path, f"{written.place} {number} is not an object")
        names.update(dict.fromkeys(value))
        check_count(source, names)
        places.append(number)
        objects.append(value)
    if not names:
        raise no_rows(source.path)
    check_names(source, list(names))
    columns = {name: [each.get(name) for each in objects] for name in names}
    frame = pd.DataFrame(columns, index=range(len(objects)), dtype=object)
    return TableRows(frame, written, np.array(places, np.int64))


def check_count(source: Source, names: Collection[str]) -> None:
    """Raise BadInput for more different keys than a table may have columns."""
    if len(names) > MAX_COLUMNS:
        raise BadInput(f"{source.path.name} has more than {MAX_COLUMNS:,} different keys; give fewer columns.")


def check_names(source: Source, names: list[str]) -> None:
    """Raise BadInput for a key with half a character in it."""
    try:
        "".join(names).encode()
    except UnicodeEncodeError as error:
        raise BadInput(
            f"{source.path.name} is not UTF-8 text in the names of its columns; rename them and try again."
        ) from error
