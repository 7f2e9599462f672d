"""What is written of a job while it waits or runs, so that one whose app has ended is known and can be gone on with.

A file `WHYWORD_HOME/runs/.jobs/ID.json` for each, with a lock beside it that is free once the app is no more, however
it ended and on whichever machine that shares the folder.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.config import Recipe
from core.errors import BadInput, WhywordError
from core.folders import atomic_write, runs_folder

FOLDER = ".jobs"
ID = re.compile(r"[\w-]{1,32}")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
LATEST = 253_402_300_799  # seconds from 1970 to the last year that a date can name
PROBING_SECONDS = 0.05  # in which another who looks whether a lock is free lets go of it
DAMAGE = (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError, WhywordError)
"""What reading a record may raise that was altered or cut."""


@dataclass(frozen=True, kw_only=True)
class InterruptedJob:
    """A job whose app has ended before it did.

    Attributes:
        id: of the job.
        recipe, others, name, seed, owner, search: what it was started with.
        started: in seconds since 1970.
    """

    id: str
    recipe: Recipe
    others: tuple[Recipe, ...] | None
    name: str
    seed: int | None
    owner: str | None
    started: float
    search: int | None = None


class Record:
    """What is written of a job, held as long as the job has not ended.

    Args:
        job: what is written; None writes nothing, as of a job whose data are of no kept data set.
    """

    def __init__(self, job: InterruptedJob | None) -> None:
        self._path: Path | None = None
        if job is None:
            return
        with suppress(OSError):  # a job that cannot be written down can still be done
            path = _folder() / f"{job.id}.json"
            self._lock = _lock(path)
            self._lock.acquire(timeout=0)
            self._path = path
            with atomic_write(path) as part:
                part.write_text(json.dumps(_as_record(job)), encoding="utf-8")

    def forget(self) -> None:
        """The job has ended."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
                self._lock.release()
                _lock_path(self._path).unlink(missing_ok=True)


def interrupted_jobs() -> tuple[InterruptedJob, ...]:
    """The jobs whose app has ended before they did, newest first; damaged records are left out."""
    found = []
    with suppress(OSError):
        for path in _folder().glob("*.json"):
            with suppress(*DAMAGE):
                if not _is_held(path):
                    found.append(_from_record(path))
    return tuple(sorted(found, key=lambda job: (-job.started, job.id)))


def names_in_training() -> frozenset[str]:
    """The names of the models that are being trained now, here or by another server on the same folder."""
    found = set()
    with suppress(OSError):
        for path in _folder().glob("*.json"):
            with suppress(*DAMAGE):
                if _is_held(path):
                    found.add(_from_record(path).name)
    return frozenset(found)


def forget_interrupted(id: str) -> None:
    """Take away what is written of an interrupted job; what is kept of its training stays for who goes on with it.

    Raises BadInput where nothing can be written.
    """
    if ID.fullmatch(id):
        try:
            path = _folder() / f"{id}.json"
            path.unlink(missing_ok=True)
            _lock_path(path).unlink(missing_ok=True)
        except OSError as error:
            raise BadInput(f"This training cannot be taken out of the list ({error.strerror}); try again.") from error


def forget_runs(name: str) -> None:
    """Delete what is kept of all trainings of a model of that name."""
    if NAME.fullmatch(name):
        shutil.rmtree(runs_folder() / name, ignore_errors=True)


def _folder() -> Path:
    folder = runs_folder() / FOLDER
    folder.mkdir(exist_ok=True)
    return folder


def _lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")


def _lock(path: Path) -> FileLock:
    return FileLock(_lock_path(path), thread_local=False)


def _is_held(path: Path) -> bool:
    lock = _lock(path)
    try:
        lock.acquire(timeout=PROBING_SECONDS, poll_interval=PROBING_SECONDS / 5)
    except Timeout:
        return True
    lock.release()
    return False


def _as_record(job: InterruptedJob) -> dict[str, Any]:
    others = None if job.others is None else [other.to_json() for other in job.others]
    return {
        "name": job.name,
        "recipe": job.recipe.to_json(),
        "others": others,
        "seed": job.seed,
        "owner": job.owner,
        "started": job.started,
        "search": job.search,
    }


def _from_record(path: Path) -> InterruptedJob:
    record = json.loads(path.read_text(encoding="utf-8"))
    if not (ID.fullmatch(path.stem) and NAME.fullmatch(record["name"])):
        raise ValueError("a name that cannot be")
    seed, owner, started = record["seed"], record["owner"], float(record["started"])
    if not 0 <= started <= LATEST:
        raise ValueError("a time that cannot be")
    search = record.get("search")
    return InterruptedJob(
        id=path.stem,
        recipe=Recipe.from_json(record["recipe"]),
        others=_recipes(record["others"]),
        name=record["name"],
        seed=None if seed is None else int(seed),
        owner=None if owner is None else str(owner),
        started=started,
        search=None if search is None else int(search),
    )


def _recipes(found: Sequence[str] | None) -> tuple[Recipe, ...] | None:
    return None if found is None else tuple(map(Recipe.from_json, found))
