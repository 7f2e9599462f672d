"""Where a model is written before it takes its name, and what killed processes have left there.

    .tmp-HOST-PROCESS-TOKEN=NAME   a model that is being written, to be called NAME
    .old-HOST-PROCESS-TOKEN=NAME   the model NAME, stepped aside for a moment where names cannot be exchanged
    .gone-HOST-PROCESS-TOKEN       a model that is being deleted
    .deleted-HOST-PROCESS-TOKEN=NAME
                                   the model NAME, which somebody has deleted and may bring back for an hour

Older versions wrote no NAME.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import time
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from core import folders, owners
from core.errors import BadInput, DamagedModel
from core.saved_models.catalogue import free_name, read_info
from core.saved_models.weights import fingerprint

TEMPORARY, ASIDE, GONE, DELETED = ".tmp-", ".old-", ".gone-", ".deleted-"
UNDO_SECONDS = 3600  # that a deleted model is kept
MAX_SAVE_SECONDS = 86_400  # that a save on another machine may take
LEFT = re.compile(r"(\.tmp-|\.old-|\.gone-|\.deleted-)(?:(.+)-(\d+)-[0-9a-z]+)?[^=]*(?:=(.*))?")


class Leftover(NamedTuple):
    """What the name of a folder says that is no model's: what it is for, whose it is, and the model's name."""

    kind: str
    host: str
    process: int
    name: str


def temporary_folder(name: str, kind: str = TEMPORARY) -> Path:
    """A path, at which nothing is, for what is to become a model of that name, or was one.

    Raises BadInput for a model that who asks may not change.
    """
    if not owners.may_change(name):
        raise BadInput(f"{name[:70]} is not a model of yours; only models that you have trained can be changed here.")
    return folders.models_folder() / f"{kind}{socket.gethostname()}-{os.getpid()}-{token_hex(4)}={name}"


def put(new: Path, place: Path) -> None:
    """Give a model its place; one that was there is deleted. Raises OSError."""
    folders.replace_folder(new, place, aside=temporary_folder(place.name, ASIDE))


def discard(folder: Path) -> None:
    """Delete a model's folder, so that nobody sees half of it. Raises OSError when it may not be renamed."""
    doomed = temporary_folder(folder.name, GONE)
    folder.rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def remove_leftovers(stopped: int | None = None) -> None:
    """Clear away what killed processes have left of their saves; what is being saved now is left alone.

    A model that was whole and has no version in its place takes it; all else is deleted.

    Args:
        stopped: a process of this machine that somebody has stopped, whose new model is not wanted.
    """
    found = [path for kind in (ASIDE, TEMPORARY, GONE, DELETED) for path in folders.models_folder().glob(f"{kind}*")]
    for path in found:  # those that stepped aside first, since theirs is the name
        leftover = _read_name(path.name)
        with suppress(FileNotFoundError):
            if _in_use(path, leftover):
                continue
            wanted = leftover.kind == ASIDE or (leftover.kind == TEMPORARY and leftover.process != stopped)
            if not (wanted and _recover(path, leftover)):
                shutil.rmtree(path, ignore_errors=True)


def _recover(path: Path, leftover: Leftover) -> bool:
    # Whether the folder has become a model, or may yet.
    if (leftover.name and (path.parent / leftover.name).exists()) or not _is_whole(path):
        return False
    name = leftover.name or free_name(json.loads((path / "model.json").read_text(encoding="utf-8"))["recipe"])
    with suppress(OSError):
        path.rename(path.parent / name)
    return True


def _is_whole(folder: Path) -> bool:
    with suppress(DamagedModel, OSError):
        info = read_info(folder)
        return fingerprint(folder, info.class_names) == info.fingerprint
    return False


def _read_name(name: str) -> Leftover:
    match = LEFT.fullmatch(name)
    kind, host, process, model = match.groups() if match else (TEMPORARY, "", "", "")
    return Leftover(kind, host or "", int(process or 0), model or "")


def _in_use(path: Path, leftover: Leftover) -> bool:
    if leftover.kind == DELETED:
        return time.time() - path.stat().st_mtime < UNDO_SECONDS
    if not leftover.host:
        return False
    if leftover.host != socket.gethostname():  # another machine that shares the folder: only age tells
        return time.time() - path.stat().st_mtime < MAX_SAVE_SECONDS
    try:
        os.kill(leftover.process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
