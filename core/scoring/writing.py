"""Tables that are written a batch at a time: CSV, TSV, JSON Lines, Parquet, or the classes alone."""

from __future__ import annotations

import gzip
import json
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.datasets.tables.stream import Cells, TableBatch, TableStream
from core.errors import BadInput
from core.format import no_formula
from core.scoring.text_cells import rows_of_text

SPREADSHEETS = (".csv", ".tsv")
_HALF = "\\ud"  # in JSON, how half a character begins, in small letters
ROWS_PER_GROUP = 1 << 17  # of a Parquet file


class TableWriter(ABC):
    """A file that a table is written to.

    Attributes:
        formulas: cells so far that a spreadsheet would run as a formula, and that got an apostrophe in front.
    """

    formulas = 0

    @abstractmethod
    def write(self, batch: TableBatch, added: Mapping[str, pa.Array]) -> None:
        """Write some rows with their further columns."""

    def close(self) -> None:
        """Write what is still to be written. Raises OSError."""
        return


def ending_of(path: Path) -> str:
    """Of the table that a path names, such as ".csv", also where it is packed as .csv.gz.

    Raises BadInput for another ending, and a packed Parquet file.
    """
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    ending = name.suffix.lower()
    if ending not in _WRITERS:
        raise BadInput(f"{path.name} has to end in one of {', '.join(_WRITERS)}, or one of these and .gz.")
    if ending == ".parquet" and name != path:
        raise BadInput(f"{path.name} would be packed twice; a Parquet file is packed by itself, so leave out .gz.")
    return ending


def check_target(path: Path) -> None:
    """Raise BadInput where no table can be written."""
    ending_of(path)
    if not path.parent.is_dir():
        raise BadInput(f"There is no folder {path.parent} to write {path.name} to; make it first.")
    if path.is_dir():
        raise BadInput(f"{path} is a folder; choose another name for the output.")


def checked_schema(stream: TableStream, text: str, target: Path) -> pa.Schema | None:
    """The types of the input's columns for a file that needs them. All rows of JSON are looked at, before the work.

    Raises BadInput when the format cannot hold them.
    """
    ending = ending_of(target)
    with errors_explained(target):
        if ending == ".parquet":
            return stream.schema or _found_schema(stream, text)
        if ending in (".jsonl", ".ndjson"):
            for batch in stream.batches():
                _check_halves(batch, text)
                if stream.schema is not None:
                    break  # its types are known, so the others are as the first
                if batch.json is None:
                    _plain_lines(batch, text)
    return stream.schema


@contextmanager
def open_writer(
    path: Path, target: Path, schema: pa.Schema | None, text: str, added: Mapping[str, pa.DataType]
) -> Iterator[TableWriter]:
    """A writer to a path, in the format of the target.

    Args:
        schema: of the input's columns, as `checked_schema` gives it.
        text: name of the column of texts.
        added: types of the further columns.
    """
    ending = ending_of(target)
    if ending == ".parquet":
        fields = [*(schema or ()), *added.items()]
        with pq.ParquetWriter(path, pa.schema(fields)) as file:
            yield _Parquet(file)
        return
    with path.open("wb") as raw, _packed(raw, target) as stream:
        yield _WRITERS[ending](stream, text)


@contextmanager
def errors_explained(path: Path) -> Iterator[None]:
    """What the system or a format objects to, as a mistake that can be put right."""
    try:
        yield
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror or error}); choose another place.") from error
    except (pa.ArrowException, OverflowError, UnicodeEncodeError, TypeError) as error:
        reason = str(error).partition("\n")[0][:200].rstrip(". ") or type(error).__name__
        raise BadInput(f"{path.name} cannot hold these columns ({reason}); choose another format.") from error


@contextmanager
def _packed(raw: BinaryIO, target: Path) -> Iterator[BinaryIO]:
    if target.suffix.lower() != ".gz":
        yield raw
        return
    with gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6) as stream:
        yield cast("BinaryIO", stream)


class _Separated(TableWriter):
    def __init__(self, stream: BinaryIO, separator: str) -> None:
        self.stream, self.separator, self.has_heading = stream, separator, False

    def write(self, batch: TableBatch, added: Mapping[str, pa.Array]) -> None:
        columns = {**batch.columns, **added}
        if not self.has_heading:
            names = [pa.array([no_formula(name)], pa.large_string()) for name in columns]
            self.stream.write(rows_of_text(names, self.separator)[0])
            self.has_heading = True
        content, formulas = rows_of_text(list(columns.values()), self.separator)
        self.formulas += formulas
        self.stream.write(content)


class _JsonLines(TableWriter):
    def __init__(self, stream: BinaryIO, text: str) -> None:
        self.stream, self.text = stream, text

    def write(self, batch: TableBatch, added: Mapping[str, pa.Array]) -> None:
        given = batch.json
        lines = _plain_lines(batch, self.text) if given is None else _with_whole_text(given, batch, self.text)
        ends = _objects(added)
        for line, end in zip(lines, ends, strict=True):
            head = line[:-1].rstrip()
            self.stream.write(f"{head}{'' if head == '{' else ','}{end[1:]}\n".encode())


class _Parquet(TableWriter):
    # Types are those of the input, dictionaries too; what pandas would add to them says nothing that they do not say.
    def __init__(self, file: pq.ParquetWriter) -> None:
        self.file, self.waiting, self.rows = file, list[pa.RecordBatch](), 0

    def write(self, batch: TableBatch, added: Mapping[str, pa.Array]) -> None:
        columns = {**batch.columns, **added}
        arrays = [_typed(cells, self.file.schema.field(name).type) for name, cells in columns.items()]
        self.waiting.append(pa.RecordBatch.from_arrays(arrays, schema=self.file.schema))
        self.rows += len(batch)
        if self.rows >= ROWS_PER_GROUP:
            self.close()

    def close(self) -> None:
        if self.waiting:
            self.file.write_table(pa.Table.from_batches(self.waiting), ROWS_PER_GROUP)
        self.waiting, self.rows = [], 0


class _Classes(TableWriter):
    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream

    def write(self, batch: TableBatch, added: Mapping[str, pa.Array]) -> None:
        self.stream.write("".join(f"{name}\n" for name in added["prediction"].to_pylist()).encode())


def _typed(cells: Cells, kind: pa.DataType) -> pa.Array:
    if isinstance(cells, pa.Array):
        return cells
    return pa.array(cells, kind)


def _found_schema(stream: TableStream, text: str) -> pa.Schema:
    found: list[pa.Schema] = []
    for batch in stream.batches():
        arrays = {name: pa.array(batch.texts(name) if name == text else cells) for name, cells in batch.columns.items()}
        kinds = pa.schema([(name, array.type) for name, array in arrays.items()])
        found = [pa.unify_schemas([*found, kinds], promote_options="permissive")]
    return found[0]


def _check_halves(batch: TableBatch, text: str) -> None:
    # Half a character can be written in JSON, and is no Unicode text. UnicodeEncodeError where one stands.
    for line in batch.json or ():
        if _HALF in line.lower():
            value = {name: cell for name, cell in json.loads(line).items() if name != text}
            json.dumps(value, ensure_ascii=False).encode()


def _with_whole_text(lines: Sequence[str], batch: TableBatch, text: str) -> Iterator[str]:
    texts = batch.texts(text) if any(_HALF in line.lower() for line in lines) else ()
    for row, line in enumerate(lines):
        is_half = texts and _HALF in line.lower()
        yield json.dumps({**json.loads(line), text: texts[row]}, ensure_ascii=False) if is_half else line


def _plain_lines(batch: TableBatch, text: str) -> list[str]:
    # Objects that were in no JSON, as JSON.
    lines = _objects(batch.with_texts(text, batch.texts(text)).columns)
    "".join(lines).encode()  # or there is half a character in it
    return lines


def _objects(columns: Mapping[str, Cells]) -> list[str]:
    parts = [f"{json.dumps(name, ensure_ascii=False)}:" for name in columns]
    cells = [_values(column) for column in columns.values()]
    return [
        f"{{{','.join([part + value for part, value in zip(parts, row, strict=True)])}}}"
        for row in zip(*cells, strict=True)
    ]


def _values(cells: Cells) -> list[str]:
    # Each cell in JSON.
    if isinstance(cells, pa.Array) and cells.type == pa.float32():
        return ["null" if cell is None else cell for cell in pc.cast(cells, pa.string()).to_pylist()]
    values = cells.to_pylist() if isinstance(cells, pa.Array) else cells
    return [json.dumps(_finite(value), ensure_ascii=False, default=_json_value) for value in values]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _json_value(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    if hasattr(value, "item"):
        return value.item()
    if type(value).__name__ in ("Decimal", "UUID", "timedelta", "Timedelta"):
        return str(value)
    raise TypeError(f"a cell of the kind {type(value).__name__}")


_WRITERS: dict[str, Callable[[BinaryIO, str], TableWriter]] = {
    ".csv": lambda stream, _: _Separated(stream, ","),
    ".tsv": lambda stream, _: _Separated(stream, "\t"),
    ".parquet": lambda *_: _no_stream(),
    ".jsonl": _JsonLines,
    ".ndjson": _JsonLines,
    ".txt": lambda stream, _: _Classes(stream),
}


def _no_stream() -> TableWriter:
    raise TypeError("a Parquet file is written by its own writer")
