"""The training runs of a process: some at once, the others in a queue."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from core.config import Recipe
from core.errors import BadInput
from core.format import counted, size
from core.jobs.job import Job
from core.jobs.records import forget_interrupted, interrupted_jobs, names_in_training
from core.limits import limits
from core.memory import free_bytes
from core.owners import marked, unmarked
from core.saved_models import check_place, free_name
from core.schema import TextDataset
from core.search_space import check_search

MAX_FINISHED_JOBS = 20  # that a registry remembers; fewer while others run
HOUR = 3600  # seconds, in which the minutes of a visitor's trainings are counted
AT_ONCE, PLACES = 1, 8  # jobs of this process that run, and that wait


class Registry:
    """The jobs of this process by id. It remembers the last `MAX_FINISHED_JOBS`, and all that wait or run.

    Args:
        at_once: jobs that may run; None for all.
        places: jobs that may wait; None for all.
    """

    def __init__(self, at_once: int | None = None, places: int | None = None) -> None:
        self.at_once, self.places = at_once, places
        self._jobs: dict[str, Job] = {}
        self._lock = threading.RLock()

    def start(
        self,
        recipe: Recipe,
        *,
        others: Sequence[Recipe] | None = None,
        name: str | None = None,
        data: TextDataset | None = None,
        seed: int | None = None,
        owner: str | None = None,
        search: int | None = None,
    ) -> Job:
        """Start a job, or let it wait for its turn; the arguments are those of `train_and_save`, and who asks for it.

        What it has reached is kept as it goes, unless `data` were handed over. Raises BadInput for a name that cannot
        be or that another job will save under, for a search that cannot be, when as many wait as may, and when its
        owner is at one of the `limits`; and TrainingFailed when nothing can be saved on this machine.
        """
        if search is not None:
            check_search(recipe, search)
        with self._lock:
            busy = {job.name for job in self._jobs.values() if job.is_active} | names_in_training()
            name = marked(name or unmarked(free_name(marked(recipe.name), busy)))
            if name in busy:
                raise BadInput(f"A model called {name} is being trained; choose another name, or stop that training.")
            self._check_places()
            left = self._seconds_left(owner)
            check_place(name)
            job = Job(
                recipe,
                name=name,
                owner=owner,
                most_seconds=left,
                others=others,
                data=data,
                seed=seed,
                resume=data is None,
                search=search,
            )
            self._jobs[job.id] = job
            self._begin_next()
            self._forget()
            return job

    def get(self, id: str) -> Job | None:
        """The job of that id, or None when there is none or it was long ago."""
        return self._jobs.get(id)

    def all(self) -> tuple[Job, ...]:
        """The jobs, newest first."""
        return tuple(reversed(self._jobs.values()))

    def active(self) -> tuple[Job, ...]:
        """The jobs that run or wait, in the order of their turns."""
        return tuple(job for job in list(self._jobs.values()) if job.is_active)

    def before(self, job: Job) -> int:
        """How many jobs have to end, or may, before it is this one's turn."""
        active = self.active()
        return active.index(job) if job.state == "waiting" and job in active else 0

    def go_on(self, id: str, owner: str | None = None) -> Job:
        """Start an interrupted job again, which goes on from what it has kept and comes to the same result.

        Raises BadInput when there is no such job, and what `start` raises.
        """
        found = next((job for job in interrupted_jobs() if job.id == id), None)
        if found is None:
            raise BadInput("This training is no longer there; start it anew.")
        job = self.start(
            found.recipe, others=found.others, name=found.name, seed=found.seed, owner=owner, search=found.search
        )
        forget_interrupted(id)
        return job

    def _seconds_left(self, owner: str | None) -> float | None:
        # How long a new job of this owner may run; None for as long as it takes.
        bounds = limits()
        mine = [job for job in self._jobs.values() if job.owner == owner]
        active = sum(job.is_active for job in mine)
        if active >= bounds.trainings > 0:
            raise BadInput(
                f"{counted(active, 'training')} of yours {'is' if active == 1 else 'are'} going on, and no more may "
                "here; wait until it has ended, or stop it."
            )
        free = free_bytes()
        if free is not None and free < bounds.training_memory:
            raise BadInput(training_off(free))
        if not bounds.training_minutes:
            return None
        recent = (job.seconds_run for job in mine if time.time() - job.started < HOUR)
        left = 60 * bounds.training_minutes - sum(recent)
        if left <= 0:
            most = counted(bounds.training_minutes, "minute")
            raise BadInput(f"You have trained for {most} within an hour, which is all there is here; come back later.")
        return left

    def _check_places(self) -> None:
        waiting = sum(job.state == "waiting" for job in self._jobs.values())
        running = sum(job.state == "running" for job in self._jobs.values())
        is_free = self.at_once is None or running < self.at_once
        if self.places is not None and not is_free and waiting >= self.places:
            raise BadInput(
                f"{counted(waiting, 'training')} already wait for their turn, and no more may; try again when one of "
                "them has ended."
            )

    def _begin_next(self) -> None:
        with self._lock:
            for job in self.active():
                running = sum(other.state == "running" for other in self._jobs.values())
                if self.at_once is not None and running >= self.at_once:
                    return
                job.begin(then=self._begin_next)

    def _forget(self) -> None:
        ended = [id for id, job in self._jobs.items() if not job.is_active]
        for id in ended[: max(0, len(self._jobs) - MAX_FINISHED_JOBS)]:
            del self._jobs[id]


def training_off(free: int | None) -> str:
    """Why no training may be started on this machine now; "" when one may. `free` are the bytes that are free."""
    needed = limits().training_memory
    if free is None or free >= needed:
        return ""
    return (
        f"Training is off here for now: it wants {size(needed)} of memory, and {size(free)} are free. Everything else "
        "works; with Whyword on your own machine you can train as you like."
    )


REGISTRY = Registry(AT_ONCE, PLACES)
