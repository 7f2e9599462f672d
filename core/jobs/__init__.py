"""Training from data to a saved model, in this process or in one of its own that anybody may watch."""

from core.jobs.child import Failure
from core.jobs.job import Job
from core.jobs.registry import MAX_FINISHED_JOBS, REGISTRY, Registry, find_job, start_job
from core.jobs.saving import train_and_save

__all__ = [
    "MAX_FINISHED_JOBS",
    "REGISTRY",
    "Failure",
    "Job",
    "Registry",
    "find_job",
    "start_job",
    "train_and_save",
]
