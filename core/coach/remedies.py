"""Remedies that were chosen: how choices change by one, what is in force, and how it is undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from core.datasets.tables import MIN_TEXTS_PER_CLASS
from core.schema.coaching import Remedy
from core.schema.tables import Drop, TableChoices

_DROPPED = {
    Drop.NEAR: "Of texts that are nearly the same, only the first is kept",
    Drop.CONTRADICTING: "All rows of texts with several labels are left out",
    Drop.GARBLED: "Rows with characters of a wrong encoding are left out",
    Drop.OTHER_SCRIPTS: "Rows in another script than most are left out",
}


class Applied(NamedTuple):
    """A remedy that is in force.

    Attributes:
        sentence: what is done, without a full stop.
        before: the choices without it.
    """

    sentence: str
    before: TableChoices


def remedied(choices: TableChoices, remedy: Remedy) -> TableChoices:
    """The choices with the remedy in force."""
    return replace(choices, **_added(choices, remedy.changes))


def applied_remedies(choices: TableChoices) -> tuple[Applied, ...]:
    """What is in force of all remedies, each with the choices that undo it."""
    return tuple(_applied(choices))


def _added(choices: TableChoices, changes: Mapping[str, Any]) -> dict[str, Any]:
    lists = {name: getattr(choices, name) for name in ("drop", "remove")}
    return {
        name: tuple(dict.fromkeys((*lists[name], *value))) if name in lists else value
        for name, value in changes.items()
    }


def _applied(choices: TableChoices) -> Iterator[Applied]:
    if choices.merge_labels:
        yield Applied("Labels that differ in case or spaces alone are one class", replace(choices, merge_labels=False))
    if choices.merge_small:
        sentence = f"Classes with fewer than {choices.merge_small} texts are merged into “other”"
        yield Applied(sentence, replace(choices, merge_small=None))
    if choices.min_rows and choices.min_rows != MIN_TEXTS_PER_CLASS:
        sentence = f"Classes with {choices.min_rows} texts or more are kept"
        yield Applied(sentence, replace(choices, min_rows=MIN_TEXTS_PER_CLASS))
    for kind in choices.drop:
        rest = tuple(other for other in choices.drop if other != kind)
        yield Applied(_DROPPED[Drop(kind)], replace(choices, drop=rest))
    if choices.mend_encoding:
        yield Applied("Characters of a wrong encoding are put right", replace(choices, mend_encoding=False))
    for token in choices.remove:
        rest = tuple(other for other in choices.remove if other != token)
        yield Applied(f"{token!r} is taken out of the texts", replace(choices, remove=rest))
    if choices.group:
        yield Applied(f"Rows of the same {choices.group!r} stay in one split", replace(choices, group=None))
    if choices.split:
        yield Applied(f"The splits are those of the column {choices.split!r}", replace(choices, split=None))
