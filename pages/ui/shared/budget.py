"""How much memory what is kept of results may take: beyond it, what was looked at longest ago goes. Pure."""

from __future__ import annotations

import os
import sys
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from inspect import signature
from threading import RLock, Thread
from types import FunctionType, ModuleType
from typing import Any, ParamSpec, Protocol, TypeVar

import numpy as np

VARIABLE = "WHYWORD_CACHE_MB"
PLAIN = (str, bytes, int, float)
USUAL_MB = 1_500  # what is kept of models, data and results in all; the larger of the public data sets take 100 each


P = ParamSpec("P")
T = TypeVar("T", covariant=True)


class Kept(Protocol[P, T]):
    """A function whose results are kept, until `clear` forgets all, or those of the arguments that it is given."""

    def __call__(self, *arguments: P.args, **named: P.kwargs) -> T:
        """What the function gives."""
        ...

    def holds(self, *arguments: Any, **named: Any) -> bool:
        """Whether what it gives for these is kept."""
        ...

    def clear(self, *arguments: Any, **named: Any) -> None:
        """Forget it."""


@dataclass(frozen=True)
class _Entry:
    bytes: int
    fingerprints: frozenset[str]
    drop: Callable[[], None]


class Budget:
    """What is kept by its keys, with what it takes, the one that was looked at longest ago first.

    Args:
        most: bytes; None for what `WHYWORD_CACHE_MB` says.
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._lock = RLock()

    @property
    def most(self) -> int:
        """Bytes that all may take together."""
        return usual_bytes() if self._most is None else self._most

    @property
    def taken(self) -> int:
        """Bytes that all take together."""
        return sum(entry.bytes for entry in list(self._entries.values()))

    def __contains__(self, key: Hashable) -> bool:
        return key in self._entries

    def note(self, key: Hashable, value: Any, models: Collection[str], drop: Callable[[], None]) -> None:
        """Note that a value was looked at; what then is too much goes, but never this one.

        Args:
            key: of the value.
            value: what is kept.
            models: fingerprints of the models that it is of.
            drop: forgets it.
        """
        with self._lock:
            if key not in self._entries:
                self._entries[key] = _Entry(footprint(value), frozenset(models), drop)
            self._entries.move_to_end(key)
            doomed = self._too_much()
        for entry in doomed:  # outside the lock, since what is dropped may forget others
            entry.drop()

    def _too_much(self) -> list[_Entry]:
        gone, taken = [], self.taken
        while taken > self.most and len(self._entries) > 1:
            gone.append(self._entries.popitem(last=False)[1])
            taken -= gone[-1].bytes
        return gone

    def forget(self, key: Hashable) -> None:
        """Forget a value."""
        with self._lock:
            entry = self._entries.pop(key, None)
        if entry is not None:
            entry.drop()

    def forget_model(self, fingerprint: str) -> None:
        """Forget all that is kept of a model, since a result that can be gone on with holds its model."""
        with self._lock:
            keys = [key for key, entry in self._entries.items() if fingerprint in entry.fingerprints]
        for key in keys:
            self.forget(key)

    def forget_model_soon(self, fingerprint: str) -> Thread:
        """The same, from a thread of its own: a cache says what it releases while it is locked, and is among them."""
        thread = Thread(target=self.forget_model, args=(fingerprint,), daemon=True)
        thread.start()
        return thread


def usual_bytes() -> int:
    """What `WHYWORD_CACHE_MB` allows, in bytes; what is no number from 1 on is as if it were not set."""
    with suppress(ValueError):
        return max(int(os.environ.get(VARIABLE, USUAL_MB)), 1) * 1_000_000
    return USUAL_MB * 1_000_000


def footprint(value: Any) -> int:
    """About how many bytes a value takes, with all that it holds; what several hold is counted once."""
    seen: set[int] = set()
    waiting, count = [value], 0
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        nbytes = getattr(each, "nbytes", None)  # of a class, such as np.float32, it is no number
        count += int(nbytes) if isinstance(nbytes, int | np.integer) and nbytes else sys.getsizeof(each, 64)
        waiting += _parts(each)
    return count


def _parts(value: Any) -> list[Any]:
    if isinstance(value, (*PLAIN, type, ModuleType, FunctionType)) or hasattr(value, "nbytes"):
        return []
    if isinstance(value, Mapping):
        return [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    return list(vars(value).values()) if hasattr(value, "__dict__") else []


BUDGET = Budget()
"""That of this process."""


def bounded(cached: Any, budget: Budget = BUDGET) -> Any:
    """A cached function whose results count within the budget. Arguments whose names begin with "_" are no key."""
    names = list(signature(cached).parameters)

    def plain(arguments: Any, named: Any) -> tuple[list[Any], dict[str, Any]]:
        # Without what is no key, which may be a whole data set and would be held.
        by_place = [None if name.startswith("_") else given for name, given in zip(names, arguments, strict=False)]
        return by_place, {name: None if name.startswith("_") else given for name, given in named.items()}

    def key_of(by_place: list[Any], by_name: dict[str, Any]) -> Hashable:
        return (cached.__name__, *by_place, *sorted(by_name.items()))

    @wraps(cached)
    def look(*arguments: Any, **named: Any) -> Any:
        value = cached(*arguments, **named)
        by_place, by_name = plain(arguments, named)
        models = {str(part.fingerprint) for part in by_place if part is not None and hasattr(part, "fingerprint")}
        budget.note(key_of(by_place, by_name), value, models, lambda: cached.clear(*by_place, **by_name))
        return value

    look.holds = lambda *arguments, **named: key_of(*plain(arguments, named)) in budget  # type: ignore[attr-defined]
    look.clear = cached.clear  # type: ignore[attr-defined]
    return look
