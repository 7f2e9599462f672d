"""A training run that waits, trains in a process of its own, and ends; anybody may watch it.

A process of its own leaves the page that started it alive, can be stopped at any moment, and takes its memory with it
when it ends.
"""

from __future__ import annotations

import logging
import re
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from secrets import token_urlsafe
from typing import Any

from core.config import Recipe
from core.format import duration
from core.jobs.child import Failure, start_child
from core.jobs.records import InterruptedJob, Record, forget_runs
from core.limits import is_demo
from core.progress import Progress
from core.saved_models import remove_leftovers

STOP_GRACE_SECONDS = 1.0  # that a stopped child has before it is killed
ACTIVE = ("waiting", "running")  # the states of a job that has not ended

PLACES = re.compile(r'^  File ".*", line \d+, in .*$', re.MULTILINE)
"""Of a traceback, the lines that say where."""

log = logging.getLogger(__name__)


class Job:
    """A training run. What it says of itself is kept up to date by a thread.

    Args:
        recipe: what is trained.
        name: of the model that it saves.
        owner: who started it, and alone may stop it where strangers meet; None when that was not told.
        most_seconds: that it may run; None for as long as it takes.
        arguments: others of `train_and_save`.

    Attributes:
        id: unguessable, fit for an address.
        started: in seconds since 1970.
        pid: of the child process; None before it is its turn.
        state: "waiting", "running", "done", "failed" or "stopped"; it changes last, and only when the child has ended.
        progress: the latest, without its predictor; None until the child has said something.
        error: one sentence when it has failed.
        traceback: of the bug that made it fail.
        seconds: that it has run, once it has ended.
        others: what is tried beside the recipe, where the best is to be found; else None.
        search: how many settings around the recipe's are tried; None where they are not searched.
        is_enough: whether somebody has asked it to end with the best so far.
    """

    def __init__(
        self,
        recipe: Recipe,
        *,
        name: str,
        owner: str | None = None,
        most_seconds: float | None = None,
        **arguments: Any,
    ) -> None:
        self.id = token_urlsafe(8)
        self.recipe = recipe
        self.name = name
        self.owner = owner
        self.started = time.time()
        self.pid: int | None = None
        self.state = "waiting"
        self.progress: Progress | None = None
        self.error: str | None = None
        self.traceback: str | None = None
        self.seconds = 0.0
        self.others: tuple[Recipe, ...] | None = arguments.get("others")
        self.search: int | None = arguments.get("search")
        self.is_enough = False
        self._arguments = arguments
        self._most_seconds, self._begun = most_seconds, 0.0
        self._stopping = False
        self._record = Record(self._as_interrupted())
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._process: BaseProcess | None = None
        self._enough: Event | None = None

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ACTIVE

    def begin(self, then: Callable[[], None]) -> None:
        """Train now, unless somebody has stopped it; `then` is called when it has ended, in another thread."""
        with self._lock:
            if self.state != "waiting":
                return
            try:
                self._process, messages, self._enough = start_child(self.recipe, {"name": self.name, **self._arguments})
            except OSError as error:
                self._record.forget()
                self._end(Failure(f"Training could not start ({error.strerror}); close other programs and try again."))
                return
            self._arguments = {}  # the child has its own
            self.pid = self._process.pid
            self._begun = time.monotonic()
            self.state = "running"
        watch = threading.Thread(
            target=self._watch, args=(self._process, messages, then), name=f"job-{self.name}", daemon=True
        )
        watch.start()

    @property
    def can_keep_best(self) -> bool:
        """Whether it can end now with the best so far: an epoch, or a try, has ended and others are to come."""
        progress = self.progress
        if progress is None or self.state != "running" or progress.phase not in ("encoding", "searching", "training"):
            return False
        return bool(progress.trials or (progress.history and progress.phase == "training"))

    def keep_best(self) -> None:
        """Ask it to end soon with the best epoch, or the best of what it tries, so far; no effect once it has ended."""
        if self._enough is not None and self.state == "running":
            self.is_enough = True
            self._enough.set()

    def stop(self) -> None:
        """End it within 2 seconds and clear away what it has not finished; no effect once it has ended."""
        with self._lock:
            self._stopping = True
            if self.state == "waiting":
                self._arguments = {}
                self._record.forget()
                self._end(None)
        if self._process is not None and self.state == "running":
            self._process.terminate()
            self.wait(STOP_GRACE_SECONDS)
        if self._process is not None and self.state == "running":
            self._process.kill()
            self.wait(STOP_GRACE_SECONDS)

    @property
    def seconds_run(self) -> float:
        """How long it has run, or did run."""
        return time.monotonic() - self._begun if self.state == "running" else self.seconds

    def wait(self, timeout: float | None = None) -> None:
        """Return when it has ended, or after so many seconds."""
        self._ended.wait(timeout)

    def _watch(self, process: BaseProcess, messages: Connection, then: Callable[[], None]) -> None:
        failure = None
        with suppress(EOFError, OSError):
            while True:
                if not messages.poll(self._seconds_left()):
                    failure = self._end_of_time(process)
                    break
                message = messages.recv()
                if isinstance(message, Progress):
                    self.progress = message
                else:
                    failure = message
        messages.close()
        process.join()
        with suppress(OSError):
            remove_leftovers(self.pid if self._stopping else None)
        if self._stopping:
            with suppress(OSError):
                forget_runs(self.name)
        is_done = self.progress is not None and self.progress.phase == "done"
        is_sudden = not (failure or is_done or self._stopping)
        if is_sudden:
            failure = Failure(_sudden_end(process.exitcode))
        if not (is_sudden and process.exitcode == -signal.SIGTERM):  # so the app ends its children when it is ended
            self._record.forget()
        self._end(failure)
        then()

    def _seconds_left(self) -> float | None:
        if self._most_seconds is None:
            return None
        return max(self._begun + self._most_seconds - time.monotonic(), 0.0)

    def _end_of_time(self, process: BaseProcess) -> Failure:
        self._stopping = True
        process.kill()
        most = duration(self._most_seconds or 0)
        return Failure(f"Training was ended after {most}, which is all that is left here; choose a smaller recipe.")

    def _as_interrupted(self) -> InterruptedJob | None:
        # What is written of it; of data that were handed over nothing that could be gone on with.
        if self._arguments.get("data") is not None:
            return None
        others, seed = (self._arguments.get(key) for key in ("others", "seed"))
        others = None if others is None else tuple(others)
        return InterruptedJob(
            id=self.id,
            recipe=self.recipe,
            others=others,
            name=self.name,
            seed=seed,
            owner=self.owner,
            started=self.started,
            search=self.search,
        )

    def _end(self, failure: Failure | None) -> None:
        if self.state == "running":
            self.seconds = time.monotonic() - self._begun
        if failure is not None:
            self.error, self.traceback = failure.sentence, failure.traceback or None
            _log_failure(self, failure)
            self.state = "failed"
        elif self.progress is not None and self.progress.phase == "done":
            self.state = "done"
        else:
            self.state = "stopped"
        self._ended.set()


def _log_failure(job: Job, failure: Failure) -> None:
    # Where strangers meet without names and sentences, which may quote what somebody has typed.
    if is_demo():
        log.error("Training %s failed.\n%s", job.id, "\n".join(PLACES.findall(failure.traceback)))
    else:
        log.error("Training of %s failed. %s\n%s", job.name, failure.sentence, failure.traceback)


def _sudden_end(exitcode: int | None) -> str:
    if exitcode == -signal.SIGTERM:
        return "Training was interrupted; it goes on from what it has kept when the app is started anew."
    if exitcode == -signal.SIGKILL:
        return "Training was killed, most often for lack of memory; try a smaller batch, vocabulary or length."
    return f"Training ended without a word (exit code {exitcode}); try it again."
