"""The Large Movie Review Dataset: 50,000 reviews, half of them to learn from (Maas et al., ACL 2011)."""

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

from core.datasets.archives import Archive, Fetch
from core.datasets.rows import Rows, cached_rows
from core.errors import DatasetMissing

ARCHIVE = Archive(
    title="The IMDB reviews",
    filename="aclImdb_v1.tar.gz",
    url="https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
    checksum="md5:7c2ac02c03563afcf9b574c7e56c153a",
    bytes=84_125_825,
)
AT_ONCE = 1 << 20  # bytes
BLOCK = 512  # bytes that a tar archive is made of
CLASS_NAMES = ("negative", "positive")

_FOLDERS = {"neg": "negative", "pos": "positive"}
_REVIEW = re.compile(r"(?:\./)?aclImdb/(train|test)/(neg|pos)/\d+_\d+\.txt")
_PARAGRAPH = "<br /><br />"
_BREAKS = re.compile(r"<br\s*/?>\s*(?:<br\s*/?>\s*)*")
# The crawl read Windows-1252 as Latin-1: what should be a dash or an ellipsis is a control character.
_REPAIRS = dict.fromkeys({*range(32), 127} - {9, 10}) | {
    code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)
}
_TO_REPAIR = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f]")
_CONTROLS = bytes({*range(32), 127} - {9, 10})


def read_imdb(fetch: Fetch) -> Rows:
    """All labelled reviews, ordered by their path in the archive, which is never unpacked; cached_rows once read.

    Raises DatasetMissing when the archive is not to be had, is damaged or holds no reviews.
    """
    archive = fetch(ARCHIVE)
    state = archive.stat()
    key = (str(archive), state.st_size, state.st_mtime_ns)
    return cached_rows("imdb", key, Path(__file__), lambda: _rows(archive))


def _rows(archive: Path) -> Rows:
    try:
        reviews = sorted(_reviews(archive))
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise DatasetMissing(f"{archive} is damaged; fetch it again from {ARCHIVE.url}.") from error
    if len({(split, label) for _, split, label, _ in reviews}) < 4:
        raise DatasetMissing(f"{archive} does not hold reviews of both classes; fetch it again from {ARCHIVE.url}.")
    return Rows([text for *_, text in reviews], [label for _, _, label, _ in reviews], [row[1] for row in reviews])


def _reviews(archive: Path) -> Iterator[tuple[str, str, str, str]]:
    # Of a buffer around it, 100,000 short pieces are read faster.
    with gzip.open(archive) as unpacked, io.BufferedReader(_ReadAhead(unpacked), AT_ONCE) as stream:
        for name, contents in _members(stream):
            if match := _REVIEW.fullmatch(name):
                yield name, match[1], _FOLDERS[match[2]], _text_of(contents)


class _ReadAhead(io.RawIOBase):
    # A stream whose next piece is unpacked by another thread while one works on the last.

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._thread, self._stream = ThreadPoolExecutor(1), stream
        self._rest, self._next = memoryview(b""), self._thread.submit(stream.read, AT_ONCE)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(self._next.result())
            self._next = self._thread.submit(self._stream.read, AT_ONCE)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count

    def close(self) -> None:
        self._thread.shutdown(cancel_futures=True)
        super().close()


def _members(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    # Names and contents of a tar archive. `tarfile` reads the owner, the rights and the time of each file too, which
    # takes as long as all else that is done with a review. Raises TarError and EOFError where it is damaged.
    while (header := stream.read(BLOCK)).strip(b"\0"):
        try:
            size, checksum = int(header[124:136].strip(b" \0"), 8), int(header[148:156].strip(b" \0"), 8)
        except ValueError as error:
            raise tarfile.ReadError("no header of a file") from error
        if checksum != sum(header) - sum(header[148:156]) + 8 * ord(" "):
            raise tarfile.ReadError("a header that was altered")
        contents = stream.read(-(-size // BLOCK) * BLOCK)
        if len(contents) < size:
            raise EOFError
        yield header[:100].rstrip(b"\0").decode("utf-8", "replace"), contents[:size]


def _text_of(contents: bytes) -> str:
    # Most reviews are ASCII; as bytes, they lose their control characters in a tenth of the time.
    if contents.isascii():
        return _with_breaks(contents.translate(None, _CONTROLS).decode("ascii")).strip()
    return clean_review(contents.decode("utf-8", "replace"))


def clean_review(text: str) -> str:
    """The review with `<br />` as a line break, two or more as one blank line, and its control characters mended."""
    return _with_breaks(text.translate(_REPAIRS) if _TO_REPAIR.search(text) else text).strip()


def _with_breaks(text: str) -> str:
    if "<br" not in text:
        return text
    if text.count("<br") == 2 * text.count(_PARAGRAPH):  # as it mostly is; then no expression is needed
        return "\n\n".join(filter(None, map(str.strip, text.split(_PARAGRAPH))))
    # An expression that began with white space would be tried at every space.
    pieces, end = [], 0
    for tags in _BREAKS.finditer(text):
        pieces += [text[end : tags.start()].rstrip(), "\n\n" if tags[0].count("<br") > 1 else "\n"]
        end = tags.end()
    return "".join([*pieces, text[end:]])
