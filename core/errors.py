"""Everything that can be a user's mistake or a machine's lack, each with one sentence and the way out.

    WhywordError
    ├── UnknownName       a recipe, model, class or data set that does not exist; lists those that do
    ├── BadInput          a text, table, setting or name that cannot be used as it is
    ├── DatasetMissing    a data set that is not on this machine and could not be fetched
    ├── DamagedModel      a model folder that is incomplete, altered or written by a newer version
    └── TrainingFailed    the loss is no longer a finite number, the disk is full, ...

A bug is never one of these: it stays an ordinary exception and stays loud.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class WhywordError(Exception):
    """Base of all errors whose message is one sentence for a person."""


class UnknownName(WhywordError):
    """A name that is not in a catalogue.

    Args:
        kind: what was looked up, such as "recipe" or "model".
        name: the name as it was given.
        known: the names that exist; the nearest is suggested, all are listed.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, sorted(known)
        near = get_close_matches(name, self.known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        super().__init__(
            f"There is no {kind} called {name[:60]!r}.{hint} Known: {', '.join(self.known) or 'none yet'}."
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.kind, self.name, self.known)


class BadInput(WhywordError):
    """A text, table, setting or name that cannot be used as it is."""


class DatasetMissing(WhywordError):
    """A data set that is not on this machine and could not be fetched."""


class DamagedModel(WhywordError):
    """A model folder that is incomplete, altered or written by a newer version."""


class TrainingFailed(WhywordError):
    """Training cannot go on: the loss is not finite, the disk is full, the data has one class."""
