"""Archives that data sets are read from: found on this machine, or downloaded and verified."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pooch

from core.errors import DatasetMissing
from core.folders import archives_folder, datasets_folder, home


@dataclass(frozen=True, kw_only=True)
class Archive:
    """A file on the internet.

    Attributes:
        title: what it holds, as it begins a sentence.
        filename: its name on this machine.
        url: where it is published.
        checksum: "md5:..." or "sha256:...", as published.
        bytes: its size.
    """

    title: str
    filename: str
    url: str
    checksum: str
    bytes: int


class DownloadBar(Protocol):
    """What shows a download: a `tqdm`, or anything with these of its methods. `total` is set to the bytes to come."""

    total: float | None

    def update(self, n: int) -> object:
        """Count n more bytes."""

    def reset(self) -> object:
        """Start from 0 bytes."""

    def close(self) -> object:
        """The download is complete."""


_GZIP = b"\x1f\x8b"

Fetch = Callable[[Archive], Path]
"""Finds or downloads an archive; raises DatasetMissing. What a reader of a data set is given."""


def found(filename: str) -> Path | None:
    """The file in the folder that `WHYWORD_DATA` names, or else in the folder of data sets; None if in neither."""
    folders = (archives_folder(), _download_folder())
    return next((folder / filename for folder in folders if folder and (folder / filename).is_file()), None)


def is_here(filename: str) -> bool:
    """Whether the file is there and could be what its name says, as far as its first bytes tell."""
    path = found(filename)
    if path is None:
        return False
    with path.open("rb") as file:
        start = file.read(2)
    return start == _GZIP if filename.endswith(".gz") else bool(start)


def fetch_archive(archive: Archive, *, download: bool, progress: DownloadBar | None) -> Path:
    """The archive on this machine; downloaded, verified and kept if it is not there and `download` allows it.

    Raises DatasetMissing when it is not there and cannot be had, with its address and how to place it by hand.
    """
    path = found(archive.filename)
    if path and (path.parent == archives_folder() or _is_whole(path, archive)):
        return path
    if not download:
        raise DatasetMissing(f"{archive.title} are not on this machine; {by_hand(archive)}.")
    try:
        return _download(archive, progress)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise DatasetMissing(f"{archive.title} could not be downloaded ({reason}); {by_hand(archive)}.") from error


def by_hand(archive: Archive) -> str:
    """How to place the archive without Whyword's help, as the end of a sentence."""
    return f"download {archive.url} and place it as {_download_folder() / archive.filename}"


def _download_folder() -> Path:
    return home() / "datasets"  # not `datasets_folder`: to look is not to create


def _is_whole(path: Path, archive: Archive) -> bool:
    algorithm, digest = archive.checksum.split(":")
    return pooch.file_hash(str(path), alg=algorithm) == digest


def _download(archive: Archive, progress: DownloadBar | None) -> Path:
    if progress is not None:
        progress.total = archive.bytes  # a tqdm without a total has no truth value, and pooch asks for it
    pooch.get_logger().setLevel("ERROR")  # what it tells of a download is in the bar, or in the error
    downloader = pooch.HTTPDownloader(progressbar=progress or False, chunk_size=2**18)
    path = pooch.retrieve(
        archive.url, archive.checksum, fname=archive.filename, path=datasets_folder(), downloader=downloader
    )
    return Path(path)
