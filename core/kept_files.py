"""What Whyword has written to work faster or to go on with: how much it is, and the oldest of it deleted.

Models and data sets are none of it.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core import folders

KINDS = {
    "runs": ("runs", "states of interrupted trainings"),
    "encoded": ("cache/encoded", "encoded documents"),
    "compiled": ("cache/compiled", "compiled code"),
    "findings": ("cache/findings", "what was found out about whole models"),
}
"""Where each kind lies in the home folder, and what it is."""
MOST_BYTES = 5_000_000_000  # of all kinds together, from which cleaning is offered
IN_USE_SECONDS = 3600  # since it was written, in which something may be in use


@dataclass(frozen=True, kw_only=True)
class KeptFile:
    """A file, or a folder, that can be made anew.

    Attributes:
        kind: a key of `KINDS`.
        path: where it lies.
        bytes: with all that is in it.
        written: last, in seconds since 1970.
    """

    kind: str
    path: Path
    bytes: int
    written: float


def kept_files() -> tuple[KeptFile, ...]:
    """All of them, the oldest first."""
    found = [file for kind, (place, _) in KINDS.items() for file in _files_of(kind, folders.home() / place)]
    return tuple(sorted(found, key=lambda file: (file.written, file.path)))


def clean(most_bytes: int = MOST_BYTES) -> tuple[KeptFile, ...]:
    """Delete the oldest until the others take at most so many bytes, and return those that are gone.

    What was written within the last hour stays, since somebody may be at work on it.
    """
    found, gone = kept_files(), []
    taken = sum(file.bytes for file in found)
    for file in found:
        if taken <= most_bytes or time.time() - file.written < IN_USE_SECONDS:
            break
        delete_path(file.path)
        if not file.path.exists():
            gone.append(file)
            taken -= file.bytes
    return tuple(gone)


def _files_of(kind: str, place: Path) -> Iterator[KeptFile]:
    with suppress(OSError):
        for path in place.iterdir():
            if not path.name.startswith("."):
                files = [path, *path.rglob("*")] if path.is_dir() and not path.is_symlink() else [path]
                states = [file.lstat() for file in files]
                written = max(state.st_mtime for state in states)
                yield KeptFile(kind=kind, path=path, bytes=sum(state.st_size for state in states), written=written)


def delete_path(path: Path) -> None:
    """Delete a file, a link or a folder with all that is in it; what cannot be deleted stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
