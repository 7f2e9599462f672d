"""A public corpus, read from its archive in a process of its own while this one loads JAX, which takes as long."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.folders import home

READ = """
import sys
from core.datasets import DATASETS, load_dataset
if sys.argv[1] in DATASETS:
    load_dataset(sys.argv[1], download=False)
"""
"""What it has read lies in the folder of data sets; what it cannot read is told by who loads it."""


@contextmanager
def read_ahead(dataset: str) -> Iterator[None]:
    """Read the corpus meanwhile, unless it was read before, or JAX is there already; at the end it has been read."""
    process = None if "jax" in sys.modules or _was_read(dataset) else _start(dataset)
    try:
        yield
    except BaseException:
        if process:
            process.kill()
        raise
    finally:
        if process:
            process.wait()


def _was_read(dataset: str) -> bool:
    return any((home() / "datasets").glob(f"{dataset}-*.parquet"))


def _start(dataset: str) -> subprocess.Popen[bytes] | None:
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    nowhere = subprocess.DEVNULL
    with suppress(OSError):  # where no further process is allowed, it is read later
        return subprocess.Popen(
            [sys.executable, "-c", READ, dataset], env=environment, stdin=nowhere, stdout=nowhere, stderr=nowhere
        )
    return None
