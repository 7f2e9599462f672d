"""Training runs in a process of their own, each of which anybody may watch.

A process of its own leaves the page that started it alive, can be stopped at any moment, and takes its memory with it
when it ends. It is made by `spawn`, since a fork of a process that has run JAX hangs.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from secrets import token_urlsafe
from types import ModuleType

from core.config import Recipe
from core.errors import BadInput, WhywordError
from core.jobs.saving import train_and_save
from core.progress import Progress
from core.saved_models import check_place, free_name, remove_leftovers
from core.schema import TextDataset

MAX_FINISHED_JOBS = 20  # that a registry remembers; fewer while others run
MESSAGE_INTERVAL_SECONDS = 0.2  # between two messages of a child when nothing but the figures has changed
STOP_GRACE_SECONDS = 1.0  # that a stopped child has before it is killed

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """Why a child ended: a sentence, and the traceback of a bug or ""."""

    sentence: str
    traceback: str = ""


class Job:
    """A training run in a child process. What it says of itself is kept up to date by a thread.

    Attributes:
        id: unguessable, fit for an address.
        recipe: what is trained.
        name: of the model that it saves.
        started: in seconds since 1970.
        pid: of the child process.
        state: "running", "done", "failed" or "stopped"; it changes last, and only when the child has ended.
        progress: the latest, without its predictor; None until the child has said something.
        error: one sentence when it has failed.
        traceback: of the bug that made it fail.
    """

    def __init__(self, recipe: Recipe, *, name: str, data: TextDataset | None = None, seed: int | None = None) -> None:
        self.id = token_urlsafe(8)
        self.recipe = recipe
        self.name = name
        self.started = time.time()
        self.state = "running"
        self.progress: Progress | None = None
        self.error: str | None = None
        self.traceback: str | None = None
        self._stopping = False
        spawn = get_context("spawn")
        self._messages, sender = spawn.Pipe(duplex=False)
        self._process = spawn.Process(target=_work, args=(sender, recipe, name, data, seed), daemon=True)
        with _no_main_script():
            self._process.start()
        sender.close()  # so that the pipe ends when the child does
        self.pid = self._process.pid
        self._watcher = threading.Thread(target=self._watch, name=f"job-{name}", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """End the child within 2 seconds and clear away what it has not finished; no effect once it has ended."""
        self._stopping = True
        if self.state == "running":
            self._process.terminate()
            self.wait(STOP_GRACE_SECONDS)
        if self.state == "running":
            self._process.kill()
            self.wait(STOP_GRACE_SECONDS)

    def wait(self, timeout: float | None = None) -> None:
        """Return when the child has ended, or after so many seconds."""
        self._watcher.join(timeout)

    def _watch(self) -> None:
        failure = None
        with suppress(EOFError, OSError):
            while True:
                message = self._messages.recv()
                if isinstance(message, Progress):
                    self.progress = message
                else:
                    failure = message
        self._messages.close()
        self._process.join()
        with suppress(OSError):
            remove_leftovers(self.pid if self._stopping else None)
        self._end(failure)

    def _end(self, failure: Failure | None) -> None:
        if failure is None and self.progress is not None and self.progress.phase == "done":
            self.state = "done"
        elif failure is None and self._stopping:
            self.state = "stopped"
        else:
            failure = failure or Failure(_sudden_end(self._process.exitcode))
            self.error, self.traceback = failure.sentence, failure.traceback or None
            log.error("Training of %s failed. %s\n%s", self.name, failure.sentence, failure.traceback)
            self.state = "failed"


class Registry:
    """The jobs of this process by id. It remembers the last `MAX_FINISHED_JOBS`, and all that run."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()

    def start(
        self, recipe: Recipe, *, name: str | None = None, data: TextDataset | None = None, seed: int | None = None
    ) -> Job:
        """Start a job; the arguments are those of `train_and_save`.

        Raises BadInput for a name that cannot be or that a running job will save under, and TrainingFailed when
        nothing can be saved on this machine.
        """
        with self._lock:
            busy = {job.name for job in self._jobs.values() if job.state == "running"}
            if name in busy:
                raise BadInput(f"A model called {name} is being trained; choose another name, or stop that training.")
            name = name or free_name(recipe.name, busy)
            check_place(name)
            job = Job(recipe, name=name, data=data, seed=seed)
            self._jobs[job.id] = job
            self._forget()
            return job

    def get(self, id: str) -> Job | None:
        """The job of that id, or None when there is none or it was long ago."""
        return self._jobs.get(id)

    def all(self) -> tuple[Job, ...]:
        """The jobs, newest first."""
        return tuple(reversed(self._jobs.values()))

    def _forget(self) -> None:
        ended = [id for id, job in self._jobs.items() if job.state != "running"]
        for id in ended[: max(0, len(self._jobs) - MAX_FINISHED_JOBS)]:
            del self._jobs[id]


REGISTRY = Registry()


def start_job(
    recipe: Recipe, *, name: str | None = None, data: TextDataset | None = None, seed: int | None = None
) -> Job:
    """`Registry.start` of the registry that this process shares."""
    return REGISTRY.start(recipe, name=name, data=data, seed=seed)


def find_job(id: str) -> Job | None:
    """`Registry.get` of the registry that this process shares."""
    return REGISTRY.get(id)


def _work(sender: Connection, recipe: Recipe, name: str, data: TextDataset | None, seed: int | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(5)  # the page that watches goes first
    try:
        _send_progress(sender, train_and_save(recipe, name=name, data=data, seed=seed))
    except BrokenPipeError:
        return  # nobody listens any more
    except WhywordError as error:
        sender.send(Failure(str(error)))
    except Exception as error:
        kind = traceback.format_exception_only(error)[-1].strip()
        sentence = f"Training ended by a fault in Whyword ({kind[:200]}); its log has the details."
        sender.send(Failure(sentence, traceback.format_exc()))


def _send_progress(sender: Connection, run: Iterator[Progress]) -> None:
    last_stage, last_sent = None, 0.0
    for progress in run:
        stage = (progress.phase, progress.epoch, len(progress.history))
        if stage != last_stage or time.monotonic() - last_sent >= MESSAGE_INTERVAL_SECONDS:
            sender.send(replace(progress, predictor=None))
            last_stage = stage
            last_sent = time.monotonic()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _sudden_end(exitcode: int | None) -> str:
    if exitcode == -signal.SIGKILL:
        return "Training was killed, most often for lack of memory; try a smaller batch, vocabulary or length."
    return f"Training ended without a word (exit code {exitcode}); try it again."


@contextmanager
def _no_main_script() -> Iterator[None]:
    # spawn runs the main script of the parent anew in the child, which under Streamlit is the whole app.
    main, nothing = sys.modules["__main__"], ModuleType("__main__")
    sys.modules["__main__"] = nothing
    try:
        yield
    finally:
        if sys.modules["__main__"] is nothing:  # else another session's script run has put its own there
            sys.modules["__main__"] = main
