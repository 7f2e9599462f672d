"""How much memory there is, and what to say when it was not enough."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import TrainingFailed
from core.format import size

MEMINFO = Path("/proc/meminfo")
ARENA_MAX, MMAP_THRESHOLD = -8, -3  # parameters of glibc's mallopt
ARENAS = 2  # places that memory is taken from: one for each core of a small machine
LARGE = 2 << 20  # bytes, from which on an array goes back to the system as soon as it is of no use
GROUP = Path("/sys/fs/cgroup")  # of this process's container, where there is one (cgroup version 2)


def free_bytes() -> int | None:
    """Memory that can still be taken, by this machine and by its container; None where the system does not tell."""
    known = [found for found in (_of_machine(), _of_container()) if found is not None]
    return min(known, default=None)


def share_freed_memory() -> None:
    """Have all threads take memory from the same two places, so that one can use what another has given back.

    Each run of a page is a thread of its own, and glibc gives every new thread a place of its own, up to eight for each
    core: what lies free in one is of no use to the others. Left to itself, it also keeps ever larger free pieces.
    Elsewhere than with glibc nothing is changed.
    """
    with suppress(AttributeError, OSError, TypeError):
        glibc = ctypes.CDLL(None)
        glibc.mallopt(ARENA_MAX, ARENAS)
        glibc.mallopt(MMAP_THRESHOLD, LARGE)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that there was not enough memory, as Python, numpy or XLA say it.

    XLA has no error of its own for it: what it raises, as a JaxRuntimeError or a ValueError, tells it in its text only.
    """
    is_xla = type(error).__name__ in ("XlaRuntimeError", "JaxRuntimeError", "ValueError")
    said = str(error)
    return isinstance(error, MemoryError) or (
        is_xla and (said.startswith("RESOURCE_EXHAUSTED") or "Out of memory allocating" in said)
    )


def out_of_memory(what: str, way_out: str) -> str:
    """The sentence for what did not fit into memory."""
    free = free_bytes()
    there = "" if free is None else f" ({size(free)} are free now)"
    return f"There is not enough memory to {what}{there}; {way_out}."


@contextmanager
def training_in_memory() -> Iterator[None]:
    """Turn a lack of memory in training into a TrainingFailed with the way out."""
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        way_out = "choose a smaller batch, length, embedding or vocabulary, or close other programs"
        raise TrainingFailed(out_of_memory("train with these settings", way_out)) from error


def _of_machine() -> int | None:
    with suppress(OSError, ValueError, IndexError):
        for line in MEMINFO.read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return 1024 * int(line.split()[1])
    return None


def _of_container() -> int | None:
    with suppress(OSError, ValueError):
        most, taken = (int((GROUP / name).read_text(encoding="ascii")) for name in ("memory.max", "memory.current"))
        return max(most - taken + _given_back(), 0)
    return None


def _given_back() -> int:
    # Copies of files that the system drops as soon as somebody needs the room.
    with suppress(OSError, ValueError):
        figures = (GROUP / "memory.stat").read_text(encoding="ascii").split()
        return int(figures[figures.index("inactive_file") + 1])
    return 0
