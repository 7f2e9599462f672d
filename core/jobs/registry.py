"""The training runs of a process: some at once, the others in a queue."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from core.config import Recipe
from core.errors import BadInput
from core.format import counted
from core.jobs.job import Job
from core.saved_models import check_place, free_name
from core.schema import TextDataset

MAX_FINISHED_JOBS = 20  # that a registry remembers; fewer while others run
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
    ) -> Job:
        """Start a job, or let it wait for its turn; the arguments are those of `train_and_save`, and who asks for it.

        Raises BadInput for a name that cannot be or that another job will save under, and when as many wait as may;
        and TrainingFailed when nothing can be saved on this machine.
        """
        with self._lock:
            busy = {job.name for job in self._jobs.values() if job.is_active}
            if name in busy:
                raise BadInput(f"A model called {name} is being trained; choose another name, or stop that training.")
            self._check_places()
            name = name or free_name(recipe.name, busy)
            check_place(name)
            job = Job(recipe, name=name, others=others, data=data, seed=seed, owner=owner)
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
        if job.state != "waiting":
            return 0
        return sum(1 for other in self.active() if other.started <= job.started and other is not job)

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


REGISTRY = Registry(AT_ONCE, PLACES)


def start_job(
    recipe: Recipe,
    *,
    others: Sequence[Recipe] | None = None,
    name: str | None = None,
    data: TextDataset | None = None,
    seed: int | None = None,
) -> Job:
    """`Registry.start` of the registry that this process shares, where one job runs at a time."""
    return REGISTRY.start(recipe, others=others, name=name, data=data, seed=seed)


def find_job(id: str) -> Job | None:
    """`Registry.get` of the registry that this process shares."""
    return REGISTRY.get(id)
