"""Turns at the processor: as many at once work as there are cores, the others in the order of their coming.

More at once would not be done sooner, and nobody's first words would come. A turn is one step of work, such as the next
picture of an explanation, so that a long one does not hold up a short one. Pure, no streamlit.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

PATIENCE_SECONDS = 0.5  # between two looks at who is before one


class Turns:
    """Who works and who waits.

    Args:
        at_once: how many may work.
    """

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.working = 0
        self._waiting: list[object] = []
        self._changed = Condition()

    def are_awaited(self) -> bool:
        """Whether somebody waits for one."""
        return bool(self._waiting)

    @contextmanager
    def taken(self, tell: Callable[[int], None] | None = None) -> Iterator[None]:
        """Wait for a turn, have it inside the block, and give it back, whatever happens there.

        Args:
            tell: called now and then while it waits, with the number of those before it, and in the end with 0. What
                it raises, as when the one who waits has left, ends the waiting.
        """
        has_told = self._wait(tell)
        try:
            if tell is not None and has_told:
                tell(0)
            yield
        finally:
            with self._changed:
                self.working -= 1
                self._changed.notify_all()

    def _wait(self, tell: Callable[[int], None] | None) -> bool:
        # Whether somebody was told of it.
        me, has_told = object(), False
        with self._changed:
            self._waiting.append(me)
        try:
            while not self._began(me):
                if tell is not None:
                    tell(self._before(me))
                    has_told = True
        except BaseException:
            with self._changed:
                self._waiting.remove(me)
                self._changed.notify_all()
            raise
        return has_told

    def _began(self, me: object) -> bool:
        with self._changed:
            if not self._changed.wait_for(lambda: self._is_next(me), PATIENCE_SECONDS):
                return False
            self._waiting.remove(me)
            self.working += 1
            self._changed.notify_all()
            return True

    def _is_next(self, me: object) -> bool:
        return self._waiting[0] is me and self.working < self.at_once

    def _before(self, me: object) -> int:
        with self._changed:
            return self.working + self._waiting.index(me)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


TURNS = Turns(_cores())
"""Those of this process."""
