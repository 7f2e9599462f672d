"""What visitors leave behind: models, data sets, what is kept of their trainings. Deleted here; pure, no streamlit."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path

from core import folders, owners
from core.errors import BadInput
from core.jobs import forget_interrupted, interrupted_jobs
from core.kept_files import delete_path


def delete_of(mark: str) -> None:
    """Delete all that bears a visitor's mark."""
    for path in _of_visitors():
        if _owner(path) == mark:
            delete_path(path)
    _forget_jobs(lambda owner, _: owner == mark)


def delete_older(seconds: float, kept: Collection[str]) -> None:
    """Delete what visitors made so long ago that no session of theirs can be left.

    Args:
        seconds: since it was made.
        kept: marks of those who are here, whose things stay however old they are, or the clock says that they are.
    """
    latest = time.time() - seconds
    for path in _of_visitors():
        with suppress(OSError):
            if _owner(path) not in kept and path.stat().st_mtime < latest:
                delete_path(path)
    _forget_jobs(lambda owner, started: owner is not None and owner not in kept and started < latest)


def _of_visitors() -> list[Path]:
    # What bears the mark of any visitor, that which waits for an undo too.
    home = folders.home()
    places = (home / "models", home / "datasets", home / "datasets" / ".deleted", home / "runs")
    found = [path for place in (*places, home / "datasets" / "tables") for path in _inside(place)]
    return [path for path in found if _owner(path) is not None]


def _inside(place: Path) -> list[Path]:
    with suppress(OSError):
        return list(place.iterdir())
    return []


def _owner(path: Path) -> str | None:
    if path.parent.name == "tables":  # notes on where tables lie, by the fingerprint of their texts
        with suppress(OSError, ValueError, LookupError, TypeError):
            return owners.owner_of(str(json.loads(path.read_text(encoding="utf-8"))["name"]))
        return None
    return owners.owner_of(path.name.rpartition("=")[2])  # what is between two names has the model's name behind "="


def _forget_jobs(is_doomed: Callable[[str | None, float], bool]) -> None:
    # What is written of trainings whose app has ended, by whose they are and when they began.
    for job in interrupted_jobs():
        if is_doomed(owners.owner_of(job.name), job.started):
            with suppress(BadInput):
                forget_interrupted(job.id)
