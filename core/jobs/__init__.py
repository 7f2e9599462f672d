"""Training from data to a saved model, in this process or in one of its own that anybody may watch."""

from core.jobs.child import Failure
from core.jobs.job import Job
from core.jobs.records import InterruptedJob, forget_interrupted, forget_runs, interrupted_jobs
from core.jobs.registry import MAX_FINISHED_JOBS, REGISTRY, Registry, training_off
from core.jobs.saving import train_and_save

__all__ = [
    "MAX_FINISHED_JOBS",
    "REGISTRY",
    "Failure",
    "InterruptedJob",
    "Job",
    "Registry",
    "forget_interrupted",
    "forget_runs",
    "interrupted_jobs",
    "train_and_save",
    "training_off",
]
