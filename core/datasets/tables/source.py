"""The bytes of a table, unpacked and counted: no more of them are read than are allowed."""

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from core.errors import BadInput
from core.format import size
from core.limits import limits

CHUNK_BYTES = 1 << 20
DAMAGED = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError)
"""What reading a packed file raises where it is cut off or damaged."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A file, or one in a zip, that is read from its start as often as is needed.

    Attributes:
        path: of the file, or of the zip.
        compression: "", "gzip" or "zip".
        member: name in the zip.
        max_bytes: the most that may be read.
    """

    path: Path
    max_bytes: int
    compression: str = ""
    member: str = ""

    @property
    def name(self) -> str:
        """Of the file that is read, without the ending of its compression."""
        if self.compression == "zip":
            return Path(self.member).name
        return self.path.stem if self.compression == "gzip" and self.path.suffix == ".gz" else self.path.name

    @property
    def ending(self) -> str:
        """Of that file, in small letters."""
        return Path(self.name).suffix.lower()

    @contextmanager
    def open(self) -> Iterator[io.BufferedReader]:
        """A stream of the unpacked bytes. Raises BadInput while reading when they are too many, or damaged."""
        with _opened(self) as stream, io.BufferedReader(_Bounded(stream, self), CHUNK_BYTES) as bounded:
            yield bounded  # type: ignore[misc]

    def read(self) -> bytes:
        """All of the unpacked bytes. Raises BadInput when they are too many, or damaged."""
        with self.open() as stream:
            return stream.read()

    def chunks(self) -> Iterator[bytes]:
        """The unpacked bytes, a piece after the other."""
        with self.open() as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk

    def head(self) -> bytes:
        """The first of the unpacked bytes, at most a million."""
        with self.open() as stream:
            return stream.read(CHUNK_BYTES)


def too_large(path: Path, max_bytes: int, unpacked: bool = False) -> BadInput:
    """What to say of a file that is larger than it may be."""
    what = f"unpacks to more than {size(max_bytes)}" if unpacked else f"is larger than {size(max_bytes)}"
    more = "" if limits().largest_table else ", or allow more with --max-mb"
    return BadInput(f"{path.name} {what}; give a smaller table{more}.")


@contextmanager
def _opened(source: Source) -> Iterator[BinaryIO]:
    if source.compression == "gzip":
        with gzip.open(source.path) as stream:
            yield stream  # type: ignore[misc]
    elif source.compression == "zip":
        with zipfile.ZipFile(source.path) as archive, _member(archive, source) as stream:
            yield stream
    else:
        with source.path.open("rb") as stream:
            yield stream


@contextmanager
def _member(archive: zipfile.ZipFile, source: Source) -> Iterator[BinaryIO]:
    try:
        stream = archive.open(source.member)
    except (RuntimeError, *DAMAGED) as error:  # RuntimeError: it has a password
        raise BadInput(f"{source.member} in {source.path.name} cannot be unpacked; pack it again.") from error
    with stream:
        yield stream  # type: ignore[misc]


class _Bounded(io.RawIOBase):
    """A stream that counts what is read of it."""

    def __init__(self, stream: BinaryIO, source: Source) -> None:
        self.stream, self.source, self.left = stream, source, source.max_bytes

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            data = self.stream.read(len(view))
        except DAMAGED as error:
            raise BadInput(f"{self.source.path.name} is cut off or damaged; pack it again, or unpack it.") from error
        self.left -= len(data)
        if self.left < 0:
            raise too_large(self.source.path, self.source.max_bytes, unpacked=bool(self.source.compression))
        view[: len(data)] = data
        return len(data)
