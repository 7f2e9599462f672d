"""A table that is read a batch at a time, as often as is needed, in memory that does not grow with its rows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from sys import maxsize
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.datasets.tables.encoding import find_encoding
from core.datasets.tables.format import Found, find_file
from core.datasets.tables.json_records import check_count, check_names, json_lines
from core.datasets.tables.lines import text_lines
from core.datasets.tables.names import different_names
from core.datasets.tables.reading import fields_format, format_notes, json_format, parquet_names, read_found
from core.datasets.tables.rows_read import no_rows, unreadable
from core.datasets.tables.separated import SeparatedRows
from core.datasets.tables.source import Source, too_large
from core.datasets.tables.stream import TableBatch, TableStream
from core.errors import BadInput
from core.schema.tables import MAX_BYTES, TableFormat, TableOptions

AS_MUCH_AS_THERE_IS = maxsize
"""As `TableOptions.max_bytes`: no bound but for what is read whole, and for what unpacks to 100 times its size."""

MAX_UNPACKED = 100  # times its packed size: text that people write packs to a tenth, a bomb to a thousandth
BATCH_ROWS = 1 << 16
JSON_CHARACTERS = 1 << 23  # of the lines of a batch
_TABS = (".txt",)


def open_table(path: str | Path, options: TableOptions | None = None, wanted: Collection[str] = ()) -> TableStream:
    """A table, looked through once. Excel files, JSON arrays and texts in a zip are held in memory, up to 200 MB.

    Args:
        path: as `read_rows` takes it; or a .txt, whose column "text" has a text a line.
        options: how it is to be read, where it is not to be found out; `max_bytes` may be `AS_MUCH_AS_THERE_IS`.
        wanted: names of columns, which help to tell whether there is a heading.

    Raises BadInput when it cannot be read or has no rows.
    """
    options, path = options or TableOptions(), Path(path)
    try:
        found = _bounded(find_file(path, options), options)
        stream = _open(found, options, wanted)
    except (OSError, pa.ArrowException, MemoryError) as error:
        raise unreadable(path, str(error) or type(error).__name__) from error
    if not stream.rows:
        raise no_rows(path)
    return stream


def _bounded(found: Found, options: TableOptions) -> Found:
    if options.max_bytes != AS_MUCH_AS_THERE_IS:
        return found
    source, size = found.source, found.source.path.stat().st_size
    if found.kind in ("excel", "texts"):
        if size > MAX_BYTES:
            raise too_large(source.path, MAX_BYTES)
        return found._replace(source=replace(source, max_bytes=MAX_BYTES))
    if source.compression:
        return found._replace(source=replace(source, max_bytes=max(MAX_BYTES, MAX_UNPACKED * size)))
    return found


def _open(found: Found, options: TableOptions, wanted: Collection[str]) -> TableStream:
    source = found.source
    if found.kind == "parquet":
        return _parquet(source)
    if found.kind in ("excel", "texts"):
        return _whole(found, options)
    if found.kind == "separated" and source.ending in _TABS and source.compression != "zip":
        return _lines(source, options)
    encoding = find_encoding(source, options.encoding)
    if found.kind == "separated":
        written, newline = fields_format(source, encoding, options, wanted)
        stream = _separated(source, written, newline)
    else:
        written = json_format(source, encoding)
        stream = _json(source, written) if written.kind == "json lines" else _array(found, options)
    return replace(stream, notes=(*format_notes(source, written, encoding, options), *stream.notes))


def _separated(source: Source, written: TableFormat, newline: str) -> TableStream:
    rows = SeparatedRows(source, written, newline)
    nameless = {place for place, name in enumerate(rows.names) if not name.strip()}
    blank = set(nameless)
    if nameless or not rows.scan:
        for batch in rows.batches():
            blank -= {place for place in blank if _has_text(batch.column(place))}
    used = [place for place in range(rows.fields) if place not in blank]
    names = different_names([rows.names[place] for place in used])

    def read() -> Iterator[TableBatch]:
        for batch in rows.batches(rows=BATCH_ROWS):
            yield TableBatch({name: batch.column(place) for name, place in zip(names, used, strict=True)})

    notes = tuple(rows.notes())
    schema = pa.schema([(name, pa.large_string()) for name in names])
    return TableStream(
        path=source.path, format=written, names=tuple(names), rows=rows.count, notes=notes, read=read, schema=schema
    )


def _has_text(cells: pa.Array) -> bool:
    return bool(pc.max(pc.utf8_length(pc.utf8_trim_whitespace(cells))).as_py())


def _lines(source: Source, options: TableOptions) -> TableStream:
    encoding = "utf-8-sig" if options.encoding is None else find_encoding(source, options.encoding).name
    written = TableFormat(kind="separated", compression=source.compression, encoding=encoding, heading=False)

    def read() -> Iterator[TableBatch]:
        with text_lines(source, encoding, None) as lines:
            waiting, size = [], 0
            for line in lines:
                waiting.append(line.removesuffix("\n"))
                size += len(line)
                if len(waiting) == BATCH_ROWS or size > JSON_CHARACTERS:
                    yield TableBatch({"text": pa.array(waiting, pa.large_string())})
                    waiting, size = [], 0
            if waiting:
                yield TableBatch({"text": pa.array(waiting, pa.large_string())})

    rows = sum(map(len, read()))
    if not rows:
        raise BadInput(f"{source.path} has no lines; write one text a line.")
    schema = pa.schema([("text", pa.large_string())])
    return TableStream(path=source.path, format=written, names=("text",), rows=rows, notes=(), read=read, schema=schema)


def _json(source: Source, written: TableFormat) -> TableStream:
    names, rows = dict[str, None](), 0
    for _, value, _ in json_lines(source, written):
        if not names.keys() >= value.keys():
            names.update(dict.fromkeys(value))
            check_count(source, names)
        rows += 1
    if not names:
        raise no_rows(source.path)
    check_names(source, list(names))

    def batch(waiting: Sequence[tuple[dict[str, Any], str]]) -> TableBatch:
        columns = {name: [value.get(name) for value, _ in waiting] for name in names}
        return TableBatch(columns, [line for _, line in waiting])

    def read() -> Iterator[TableBatch]:
        waiting, size = [], 0
        for _, value, line in json_lines(source, written):
            waiting.append((value, line))
            size += len(line)
            if len(waiting) == BATCH_ROWS or size > JSON_CHARACTERS:
                yield batch(waiting)
                waiting, size = [], 0
        if waiting:
            yield batch(waiting)

    return TableStream(path=source.path, format=written, names=tuple(names), rows=rows, notes=(), read=read)


def _array(found: Found, options: TableOptions) -> TableStream:
    return _whole(
        found._replace(source=replace(found.source, max_bytes=min(found.source.max_bytes, MAX_BYTES))), options
    )


def _whole(found: Found, options: TableOptions) -> TableStream:
    rows = read_found(found, options)
    frame, names = rows.frame, tuple(map(str, rows.frame.columns))

    def read() -> Iterator[TableBatch]:
        for start in range(0, len(frame), BATCH_ROWS):
            part = frame.iloc[start : start + BATCH_ROWS]
            yield TableBatch({name: part[name].tolist() for name in names})

    return TableStream(
        path=found.source.path, format=rows.format, names=names, rows=len(frame), notes=rows.notes, read=read
    )


def _parquet(source: Source) -> TableStream:
    content = pa.BufferReader(source.read()) if source.compression else source.path
    written = TableFormat(kind="parquet", compression=source.compression, member=source.member)
    with pq.ParquetFile(content) as file:
        stored, rows = file.schema_arrow, file.metadata.num_rows
        groups = [file.metadata.row_group(place) for place in range(file.num_row_groups)]
    widest = max((group.total_byte_size // max(group.num_rows, 1) for group in groups), default=1)
    at_once = min(max(JSON_CHARACTERS // max(widest, 1), 64), BATCH_ROWS)
    index = _range_index(stored, rows)
    names = parquet_names(stored)
    taken = different_names([*names, *index])
    types = [field.type for field in stored] + [pa.int64()] * len(index)

    def read() -> Iterator[TableBatch]:
        done = 0
        with pq.ParquetFile(content, pre_buffer=False, buffer_size=1 << 16) as file:
            for batch in file.iter_batches(at_once, use_threads=False):
                extra = [pa.array(each[done : done + len(batch)], pa.int64()) for each in index.values()]
                yield TableBatch(dict(zip(taken, [*batch.columns, *extra], strict=True)))
                done += len(batch)

    return TableStream(
        path=source.path,
        format=written,
        names=tuple(taken),
        rows=rows,
        notes=(),
        read=read,
        schema=pa.schema(list(zip(taken, types, strict=True))),
    )


def _range_index(schema: pa.Schema, rows: int) -> dict[str, range]:
    # What pandas keeps as three numbers: the ids of rows that were cut out of a table.
    described = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    found = {}
    for each in described.get("index_columns", ()):
        if isinstance(each, dict) and each.get("kind") == "range":
            numbers = range(each["start"], each["stop"], each["step"])
            if len(numbers) == rows and (each.get("name") or numbers != range(rows)):
                found[str(each.get("name") or "index")] = numbers
    return found
