"""The Large Movie Review Dataset: 50,000 reviews, half of them to learn from (Maas et al., ACL 2011)."""

import re
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path

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
CLASS_NAMES = ("negative", "positive")

_FOLDERS = {"neg": "negative", "pos": "positive"}
_REVIEW = re.compile(r"(?:\./)?aclImdb/(train|test)/(neg|pos)/\d+_\d+\.txt")
_BREAKS = re.compile(r"\s*(?:<br\s*/?>\s*)+")
# The crawl read Windows-1252 as Latin-1: what should be a dash or an ellipsis is a control character.
_REPAIRS = dict.fromkeys({*range(32), 127} - {9, 10}) | {
    code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)
}


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
    with tarfile.open(archive, "r|gz") as members:
        for member in members:
            match = _REVIEW.fullmatch(member.name)
            file = members.extractfile(member) if match else None
            if match and file:
                text = file.read().decode("utf-8", "replace")
                yield member.name, match[1], _FOLDERS[match[2]], clean_review(text)


def clean_review(text: str) -> str:
    """The review with `<br />` as a line break, two or more as one blank line, and its control characters mended."""
    return _BREAKS.sub(_line_breaks, text.translate(_REPAIRS)).strip()


def _line_breaks(tags: re.Match[str]) -> str:
    return "\n\n" if tags[0].count("<br") > 1 else "\n"
