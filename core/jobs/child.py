"""What a training run does in a process of its own, and how that process is made.

It is made by `spawn`, since a fork of a process that has run JAX hangs.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from types import ModuleType
from typing import Any, NamedTuple

from core.config import Recipe
from core.errors import WhywordError
from core.jobs.saving import train_and_save
from core.progress import Progress

MESSAGE_INTERVAL_SECONDS = 0.2  # between two messages of a child when nothing but the figures has changed


@dataclass(frozen=True)
class Failure:
    """Why a child ended: a sentence, and the traceback of a bug or ""."""

    sentence: str
    traceback: str = ""


class Child(NamedTuple):
    """A process that trains and saves.

    Attributes:
        process: itself.
        messages: where it sends its Progress and at most one Failure.
        enough: to be set when it is to end with the best so far.
    """

    process: BaseProcess
    messages: Connection
    enough: Event


def start_child(recipe: Recipe, arguments: Mapping[str, Any]) -> Child:
    """A process that trains and saves.

    Args:
        recipe, arguments: of `train_and_save`.

    Raises OSError when the system allows no further process.
    """
    spawn = get_context("spawn")
    messages, sender = spawn.Pipe(duplex=False)
    enough = spawn.Event()
    process = spawn.Process(target=_work, args=(sender, recipe, arguments, enough), daemon=True)
    try:
        with _no_main_script():
            process.start()
    except BaseException:
        messages.close()
        raise
    finally:
        sender.close()  # so that the pipe ends when the child does
    return Child(process, messages, enough)


def _work(sender: Connection, recipe: Recipe, arguments: Mapping[str, Any], enough: Event) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(10)  # pages go first, those of all visitors too
    try:
        _send_progress(sender, train_and_save(recipe, **arguments, is_enough=enough.is_set))
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
