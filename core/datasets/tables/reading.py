"""A file of any kind to rows, whatever it is packed in."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.datasets.columns import as_text
from core.datasets.tables.dialect import find_dialect
from core.datasets.tables.encoding import Encoding, find_encoding
from core.datasets.tables.excel import read_excel
from core.datasets.tables.folder_texts import read_folder_texts
from core.datasets.tables.format import Found, find_file
from core.datasets.tables.json_records import is_array, read_json_array, read_json_lines
from core.datasets.tables.names import different_names, find_column
from core.datasets.tables.rows_read import TableRows, no_rows, unreadable
from core.datasets.tables.separated import read_separated
from core.datasets.tables.source import Source, too_large
from core.schema.tables import TableFormat, TableOptions, TableReport

BATCH_ROWS = 1024
MAX_NUL_SHARE = 0.1
_INDEX = "__index_level_"  # as pandas calls an index without a name


class Texts(NamedTuple):
    """A table of texts to predict.

    Attributes:
        frame: all rows and columns; the texts are strings, "" where one is missing.
        column: name of the column of texts.
        report: what was read.
    """

    frame: pd.DataFrame
    column: str
    report: TableReport


def read_rows(path: str | Path, options: TableOptions | None = None, wanted: Collection[str] = ()) -> TableRows:
    """All rows of a table, with how it is written and what is worth a look.

    Args:
        path: a file of separated fields, JSON, Excel or Parquet, also packed with gzip or in a zip; or a zip of texts
            in folders.
        options: how it is to be read, where it is not to be found out.
        wanted: names of columns, which help to tell whether there is a heading.

    Raises BadInput when it cannot be read or has no rows.
    """
    options, path = options or TableOptions(), Path(path)
    try:
        rows = read_found(find_file(path, options), options, wanted)
    except (OSError, pa.ArrowException, MemoryError) as error:
        raise unreadable(path, str(error) or type(error).__name__) from error
    if rows.frame.empty:
        raise no_rows(path)
    return rows


def read_table(path: str | Path, options: TableOptions | None = None) -> pd.DataFrame:
    """The rows of a table as they stand. Raises what `read_rows` raises."""
    return read_rows(path, options).frame


def read_texts(
    path: str | Path, text: str | None = None, options: TableOptions | None = None
) -> tuple[pd.DataFrame, str]:
    """A table and the name of its column of texts, all strings; a missing text is an empty one, so that no row is lost.

    Where no column is named, it is the column "text" or the only one. Raises BadInput for a file that cannot be read
    and a column that is not there.
    """
    found = read_reported_texts(path, text, options)
    return found.frame, found.column


def read_reported_texts(path: str | Path, text: str | None = None, options: TableOptions | None = None) -> Texts:
    """The same with a report on what was read."""
    rows = read_rows(path, options, () if text is None else (text,))
    frame = rows.frame
    column = find_column(frame, text or (str(frame.columns[0]) if len(frame.columns) == 1 else "text"))
    report = TableReport(source=Path(path).name, format=rows.format, rows=len(frame), notes=rows.notes)
    frame[column] = as_text(frame, column)
    return Texts(frame, column, report)


def read_found(found: Found, options: TableOptions, wanted: Collection[str] = ()) -> TableRows:
    """All rows of a file whose kind is known."""
    source = found.source
    if found.kind == "excel":
        return read_excel(source, options)
    if found.kind == "texts":
        return read_folder_texts(source, list(found.members), options)
    if found.kind == "parquet":
        return _read_parquet(source)
    encoding = find_encoding(source, options.encoding)
    rows = _read_json(source, encoding) if found.kind == "json" else _read_fields(source, encoding, options, wanted)
    return rows._replace(notes=(*format_notes(source, rows.format, encoding, options), *rows.notes))


def _read_json(source: Source, encoding: Encoding) -> TableRows:
    written = json_format(source, encoding)
    return read_json_array(source, written) if written.kind == "json array" else read_json_lines(source, written)


def json_format(source: Source, encoding: Encoding) -> TableFormat:
    """How a file of JSON is written: as lines, or as an array."""
    return TableFormat(
        kind="json array" if is_array(source, encoding.name) else "json lines",
        compression=source.compression,
        member=source.member,
        encoding=encoding.name,
    )


def _read_fields(source: Source, encoding: Encoding, options: TableOptions, wanted: Collection[str]) -> TableRows:
    return read_separated(source, *fields_format(source, encoding, options, wanted))


def fields_format(
    source: Source, encoding: Encoding, options: TableOptions, wanted: Collection[str]
) -> tuple[TableFormat, str]:
    """What `find_dialect` gives. Raises BadInput for bytes that are no text, too."""
    head = source.head()
    if not encoding.name.startswith(("utf-16", "utf-32")) and head.count(0) > MAX_NUL_SHARE * len(head):
        raise unreadable(source.path, "it is no text: it is full of zero bytes")
    return find_dialect(source, encoding, options, wanted)


def format_notes(source: Source, written: TableFormat, encoding: Encoding, options: TableOptions) -> Iterator[str]:
    """What is worth a look in how a text is written."""
    if encoding.guessed:
        yield (
            f"{source.name} is not UTF-8; it was read as {encoding.name}, which is a guess. "
            "--encoding NAME reads it as another."
        )
    if written.kind != "separated":
        return
    if not written.heading and options.heading is None:
        yield (
            f"{source.name} has no heading as it seems, so its first row was read as a row and the columns are called "
            "1, 2 and so on. --heading yes takes the first row for the names of the columns."
        )
    if not written.quote and options.quote is None:
        yield f"Quotes in {source.name} were read as characters like others, since it does not put fields in quotes."
    if written.escape:
        yield f"A backslash before a quote in {source.name} was read as part of the quoting."


def _read_parquet(source: Source) -> TableRows:
    content = io.BytesIO(source.read()) if source.compression else source.path
    batches, size = [], 0
    with pq.ParquetFile(content) as file:
        schema = file.schema_arrow
        for batch in file.iter_batches(BATCH_ROWS):
            size += batch.nbytes
            if size > source.max_bytes:
                raise too_large(source.path, source.max_bytes, unpacked=True)
            batches.append(batch)
    table = pa.Table.from_batches(batches, schema)
    if not table.num_rows:
        raise no_rows(source.path)
    names = parquet_names(schema)
    frame = table.rename_columns(names).to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)
    written = TableFormat(kind="parquet", compression=source.compression, member=source.member)
    return TableRows(frame, written, np.arange(1, len(frame) + 1))


def parquet_names(schema: pa.Schema) -> list[str]:
    """The names of the columns; an index that pandas has written without a name is called "index"."""
    return different_names(["index" if name.startswith(_INDEX) else name for name in schema.names])
