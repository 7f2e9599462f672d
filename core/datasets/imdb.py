"""The Large Movie Review Dataset: 50,000 reviews, half of them to learn from (Maas et al., ACL 2011)."""

import gzip
import io
import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

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
    with io.BufferedReader(gzip.open(archive), AT_ONCE) as stream:
        for name, contents in _members(stream):
            if match := _REVIEW.fullmatch(name):
                text = contents.decode("utf-8", "replace")
                yield name, match[1], _FOLDERS[match[2]], clean_review(text)


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


def clean_review(text: str) -> str:
    """The review with `<br />` as a line break, two or more as one blank line, and its control characters mended."""
    if text.isascii():  # as most are; bytes lose their control characters in a tenth of the time
        text = text.encode().translate(None, _CONTROLS).decode()
    elif _TO_REPAIR.search(text):
        text = text.translate(_REPAIRS)
    return (_with_breaks(text) if "<br" in text else text).strip()


def _with_breaks(text: str) -> str:
    # An expression that began with white space would be tried at every space.
    pieces, end = [], 0
    for tags in _BREAKS.finditer(text):
        pieces += [text[end : tags.start()].rstrip(), "\n\n" if tags[0].count("<br") > 1 else "\n"]
        end = tags.end()
    return "".join([*pieces, text[end:]])
