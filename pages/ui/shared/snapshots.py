"""Results that become surer while one looks: each made once, whoever looks and however often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from threading import Lock, Thread
from typing import Generic, TypeVar

from pages.ui.shared.turns import TURNS

Snapshot = TypeVar("Snapshot")


class Snapshots(Generic[Snapshot]):
    """The snapshots of one question so far, and more of them for who goes on looking.

    Args:
        made: a generator, such as `core.explanation.leading_snapshots` gives. The first snapshot is made here, so
            that a mistake shows at once.
        has_turn: whether who calls has a turn for it.
    """

    def __init__(self, made: Iterator[Snapshot], *, has_turn: bool = False) -> None:
        self._made, self._lock = made, Lock()
        with nullcontext() if has_turn else TURNS.taken():
            self.last = next(made)
        self.ended = self.done = False
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[Snapshot]:
        """The last snapshot, then each next one until the end. To stop is to ask for no more."""
        return self.watched()

    def watched(self, tell: Callable[[int], None] | None = None) -> Iterator[Snapshot]:
        """The same; `tell` is called with the number of those before this one while it waits for its turn, then 0."""
        seen = None
        while seen is not self.last or not self.ended:
            with self._lock:
                if seen is self.last:
                    self._look_again(tell)
            if seen is not self.last:
                seen = self.last
                yield seen

    def go_on(self, then: Callable[[Snapshot], None]) -> None:
        """Make all the others in the background, and call `then` with the last one; then `done` is true.

        What goes wrong is in `error`, for who looks to raise.
        """

        def look() -> None:
            try:
                for _ in self:
                    pass
                then(self.last)
            except BaseException as error:
                self.error = error
            self.done = True

        Thread(target=look, daemon=True).start()

    def _look_again(self, tell: Callable[[int], None] | None) -> None:
        if self.error:
            raise self.error  # a generator that has failed would pass for one that has ended
        with TURNS.taken(tell):
            self._make_next()

    def _make_next(self) -> None:
        try:
            self.last = next(self._made)
        except StopIteration:
            self.ended = True
        except BaseException as error:
            self.error = error
            raise
