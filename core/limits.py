"""What somebody may ask of this machine: on one's own nearly everything, less where strangers share it.

Each limit is an environment variable, such as WHYWORD_LONGEST_TEXT=5000.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass

DEMO = "WHYWORD_DEMO"
NOT_OPEN = frozenset({"", "0", "false", "no", "off"})  # to strangers; who writes anything else means that it is


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of one visitor, but the last; 0 is none.

    Attributes:
        longest_text: characters of a text that is to be explained.
        largest_table: bytes of a table that is added.
        most_rows: documents of a data set that is added, and rows of a file that is predicted.
        data_sets: that may be there at a time.
        trainings: runs that may be going on or waiting.
        training_minutes: of all runs within an hour.
        requests: explanations, questions about them and files that are predicted, within a minute.
        training_memory: bytes that have to be free before a run is begun.
        keep_hours: hours after which what visitors have left is deleted, whoever may still look.
    """

    longest_text: int = 2_000_000
    largest_table: int = 0
    most_rows: int = 0
    data_sets: int = 0
    trainings: int = 0
    training_minutes: int = 0
    requests: int = 0
    training_memory: int = 0
    keep_hours: int = 0


OWN_MACHINE = Limits()
STRANGERS = Limits(
    longest_text=20_000,
    largest_table=20_000_000,
    most_rows=20_000,
    data_sets=5,
    trainings=1,
    training_minutes=10,
    requests=30,
    training_memory=2_000_000_000,
    keep_hours=12,
)
VARIABLES = {
    "longest_text": "WHYWORD_LONGEST_TEXT",
    "largest_table": "WHYWORD_LARGEST_TABLE",
    "most_rows": "WHYWORD_MOST_ROWS",
    "data_sets": "WHYWORD_DATA_SETS",
    "trainings": "WHYWORD_TRAININGS",
    "training_minutes": "WHYWORD_TRAINING_MINUTES",
    "requests": "WHYWORD_REQUESTS",
    "training_memory": "WHYWORD_TRAINING_MEMORY",
    "keep_hours": "WHYWORD_KEEP_HOURS",
}
"""The environment variable of each limit."""


def is_demo(environment: Mapping[str, str] | None = None) -> bool:
    """Whether this machine is open to strangers: `WHYWORD_DEMO=1`, or "true" and the like."""
    found = os.environ if environment is None else environment
    return found.get(DEMO, "").strip().lower() not in NOT_OPEN


def limits(environment: Mapping[str, str] | None = None) -> Limits:
    """Those in force now; what is no whole number from 0 on is as if it were not set."""
    found = os.environ if environment is None else environment
    usual = asdict(STRANGERS if is_demo(found) else OWN_MACHINE)
    return Limits(**{name: _number(found.get(VARIABLES[name]), usual[name]) for name in VARIABLES})


def _number(given: str | None, usual: int) -> int:
    with suppress(TypeError, ValueError):
        return usual if (number := int(given or "")) < 0 else number
    return usual
