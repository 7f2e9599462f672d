"""Files that somebody has brought: each in a folder of its own, as long as it is needed."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from core.limits import limits

PREFIX = "whyword-"
LEFT = re.compile(rf"{PREFIX}(\d+)-.*")
LONGEST_STEM = 120  # bytes of a file's name without its endings, which may have 255 with them


def temporary_prefix() -> str:
    """How the names of folders begin that this process makes for a while."""
    return f"{PREFIX}{os.getpid()}-"


def keep_upload(file: Any) -> Path:
    """Where the content of an uploaded file lies from now on: in a new folder, which is the caller's to delete."""
    path = Path(tempfile.mkdtemp(prefix=temporary_prefix())) / file_name(file.name)
    path.write_bytes(file.getbuffer())
    return path


def file_name(given: str) -> str:
    """A name that any disk takes, as near as can be to what a file is called where it comes from."""
    name = re.sub(r"[\x00-\x1f\ud800-\udfff]", "_", given.replace("\\", "/").rpartition("/")[2]).rstrip(". ")
    parts = re.fullmatch(r"(.*?)((?:\.\w{1,10}){0,2})", name, re.ASCII)
    stem, ending = parts.groups() if parts else (name, "")
    return f"{stem.encode()[:LONGEST_STEM].decode('utf-8', 'ignore') or 'table'}{ending}"


def most_megabytes() -> int | None:
    """What a browser is to send at most, where the server has a limit: else it would send all and be refused."""
    return limits().largest_table // 1_000_000 or None


def remove_left() -> None:
    """Delete what processes of this machine have left that were killed."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        made_by = LEFT.fullmatch(path.name)
        if made_by and not _is_alive(int(made_by.group(1))):
            shutil.rmtree(path, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True
