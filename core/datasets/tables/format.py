"""What kind of file a table is in, by its first bytes and its ending, and which of the files in a zip is meant."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from core.datasets.tables.excel import WORKBOOK
from core.datasets.tables.names import spelling
from core.datasets.tables.rows_read import unreadable
from core.datasets.tables.source import Source, too_large
from core.errors import BadInput
from core.limits import limits
from core.schema.tables import TableOptions

SEPARATED = (".csv", ".tsv", ".tab", ".psv", ".txt")
JSON = (".jsonl", ".ndjson", ".json")
ENDINGS = (".csv", ".tsv", ".parquet", ".jsonl", ".ndjson", ".json", ".xlsx", ".tab", ".psv", ".txt", ".zip")
_MAX_LISTED = 10
_OTHER = {
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"GIF8": "a picture (GIF)",
    b"II*\0": "a picture (TIFF)",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Office file; save it as .xlsx or .csv",
    b"BZh9": "packed with bzip2; unpack it",
    b"\xfd7zXZ": "packed with xz; unpack it",
    b"(\xb5/\xfd": "packed with zstd; unpack it",
    b"7z\xbc\xaf": "packed with 7-Zip; unpack it",
    b"Rar!": "packed with RAR; unpack it",
    b"\x7fELF": "a program",
    b"SQLite format 3\0": "a database (SQLite); export a table as .csv",
    b"\x80\x04\x95": "a pickle, which could run anything; save it as .csv",
}


class Found(NamedTuple):
    """A file and its kind.

    Attributes:
        source: its bytes.
        kind: "separated", "json", "excel", "parquet" or "texts".
        members: names of the texts in a zip of folders.
    """

    source: Source
    kind: str
    members: tuple[str, ...] = ()


def find_file(path: Path, options: TableOptions) -> Found:
    """The file, unpacked if need be, and its kind.

    Raises BadInput for one that is not there, is too large, is empty, or is something else than a table, and for a zip
    with several tables where none is named.
    """
    if most := limits().largest_table:
        options = replace(options, max_bytes=min(options.max_bytes, most))
    _check_there(path, options.max_bytes)
    head = _head(path)
    source = Source(path=path, max_bytes=options.max_bytes)
    if head.startswith(b"\x1f\x8b"):
        source = Source(path=path, max_bytes=options.max_bytes, compression="gzip")
        head = source.head()[:64]
    elif head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _in_zip(path, options)
    return Found(source, _kind(source, head))


def _check_there(path: Path, max_bytes: int) -> None:
    try:
        size = path.stat().st_size
    except (OSError, ValueError) as error:
        raise BadInput(f"There is no file {path}.") from error
    if not path.is_file():
        raise unreadable(path, "it is a folder" if path.is_dir() else "it is no file")
    if size > max_bytes:
        raise too_large(path, max_bytes)
    if not size and path.suffix.lower() in ENDINGS:
        raise unreadable(path, "it is empty")


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(64)
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror}); check its rights.") from error


def _kind(source: Source, head: bytes) -> str:
    for magic, what in _OTHER.items():
        if head.startswith(magic):
            raise BadInput(f"{source.path.name} cannot be read as a table: it is {what}{_way_out(what)}.")
    if head.startswith(b"PAR1") or source.ending == ".parquet":
        return "parquet"
    if head.startswith(b"PK\x03\x04") and source.ending == ".xlsx":
        return "excel"
    if source.ending == ".xlsx":
        raise unreadable(source.path, "it is no Excel workbook")
    if source.ending in JSON:
        return "json"
    if source.ending in SEPARATED:
        return "separated"
    raise BadInput(f"{source.path.name} has to be a table with one of the endings {', '.join(ENDINGS)}.")


def _way_out(what: str) -> str:
    return "" if ";" in what else "; give a .csv, .tsv, .xlsx, .parquet or .jsonl file"


def _in_zip(path: Path, options: TableOptions) -> Found:
    names = _members(path)
    if WORKBOOK in names:
        return Found(Source(path=path, max_bytes=options.max_bytes), "excel")
    tables = tables_in(names)
    texts = [name for name in names if _ending(name) == ".txt"]
    if options.sheet is not None and tables:
        tables = _named(path, tables, options.sheet)
    if len(tables) > 1:
        listed = ", ".join(tables[:_MAX_LISTED]) + (
            f" and {len(tables) - _MAX_LISTED} more" * (len(tables) > _MAX_LISTED)
        )
        raise BadInput(f"{path.name} has {len(tables)} tables; name the one to read with --sheet: {listed}.")
    if not tables and len(texts) > 1:
        return Found(Source(path=path, max_bytes=options.max_bytes, compression="zip"), "texts", tuple(texts))
    if not tables + texts:
        raise BadInput(
            f"{path.name} has no table in it, nor texts in folders; pack one with one of the endings {_SOME}."
        )
    source = Source(path=path, max_bytes=options.max_bytes, compression="zip", member=(tables + texts)[0])
    return Found(source, _kind(source, source.head()[:64]))


def tables_in(members: Iterable[str]) -> list[str]:
    """Those of the names in a zip that are tables and are meant to be seen."""
    seen = (name for name in members if not _is_hidden(name) and not name.endswith("/"))
    return [name for name in seen if _ending(name) in ENDINGS and _ending(name) not in (".txt", ".zip")]


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


_SOME = ".csv, .tsv, .xlsx, .parquet, .jsonl"


def _members(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = [member.filename for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise BadInput(f"{path.name} is cut off or damaged; pack it again, or unpack it.") from error
    return [name for name in names if not _is_hidden(name)]


def _ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _named(path: Path, names: list[str], wanted: str) -> list[str]:
    exact = [name for name in names if name == wanted]
    alike = exact or [name for name in names if spelling(PurePosixPath(name).name) == spelling(wanted)]
    if not alike:
        raise BadInput(f"{path.name} has no table {wanted!r}; its tables are: {', '.join(names[:_MAX_LISTED])}.")
    return alike
