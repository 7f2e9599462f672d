"""The labels of a table: their spellings, and which of them can be classes."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.datasets.columns import as_text
from core.errors import BadInput

MIN_TEXTS_PER_CLASS = 10
FEWEST_TEXTS = 3  # one for each split
MAX_CLASSES = 1_000
MAX_LABEL_LENGTH = 200  # characters
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_PLAINNESS = (int, float, bool)  # of equal values the first of these names the class


def read_labels(frame: pd.DataFrame, column: str) -> pd.Series:
    """The labels as strings without padding, "" where one is missing.

    Of a number and a truth value that are equal, such as 1, 1.0 and true, all are called like the plainest.

    Raises BadInput when the column is not there or holds lists.
    """
    cells = frame[column]
    if cells.dtype == object:
        cells = _equal_as_one(cells)
    return as_text(frame.assign(**{column: cells}), column).str.strip()


def _equal_as_one(cells: pd.Series) -> pd.Series:
    plainest: dict[object, object] = {}
    for value in cells:
        if _rank(value) is not None:
            other = plainest.setdefault(value, value)
            if _rank(value) < _rank(other):  # type: ignore[operator]
                plainest[value] = value  # whose key stays the equal one
    if len({type(value) for value in plainest.values()} | {type(key) for key in plainest}) < 2:
        return cells
    return cells.map(lambda value: value if _rank(value) is None else plainest[value]).astype(object)


def _rank(value: object) -> int | None:
    if isinstance(value, (bool, np.bool_)):
        return 2
    if isinstance(value, (int, np.integer)):
        return 0
    return 1 if isinstance(value, (float, np.floating)) and value == value else None


def similar_labels(labels: Sequence[str]) -> list[tuple[str, ...]]:
    """Labels that differ in case or spaces alone, together, the most frequent first."""
    counts, alike = Counter(labels), defaultdict(list)
    for label in sorted(counts):
        alike["".join(label.split()).casefold()].append(label)
    return [tuple(sorted(group, key=lambda each: -counts[each])) for group in alike.values() if len(group) > 1]


def merged_labels(labels: Sequence[str], similar: Sequence[Sequence[str]]) -> list[str]:
    """The labels, where each of a group is called like its first."""
    called = {label: group[0] for group in similar for label in group}
    return [called.get(label, label) for label in labels]


def similar_sentence(similar: Sequence[Sequence[str]], counts: Mapping[str, int], is_merged: bool) -> str:
    """What to say of labels that differ in case or spaces alone."""
    first = ", ".join(f"{label!r} ({counts[label]:,})" for label in similar[0])
    more = f", and so do {len(similar) - 1:,} more groups of labels" if len(similar) > 1 else ""
    what = "were made one class" if is_merged else "are classes of their own; --merge-labels makes them one"
    return f"The labels {first} differ in case or spaces alone{more}; they {what}."


def check_labels(column: str, labels: Sequence[str], min_rows: int | None) -> None:
    """Raise BadInput for labels that cannot be classes, each of which has to have some different texts."""
    counts = Counter(labels)
    if not 2 <= len(counts) <= MAX_CLASSES:
        number = f"{len(counts):,} different label{'s' * (len(counts) != 1)}"
        left = " with enough texts" if min_rows else ""
        raise BadInput(f"The column {column!r} has {number}{left}; choose a column with 2 to {MAX_CLASSES:,}.")
    for label in sorted(counts):
        if len(label) > MAX_LABEL_LENGTH or _CONTROL.search(label):
            allowed = f"1 to {MAX_LABEL_LENGTH} characters on one line"
            raise BadInput(f"The label {label[:60]!r} cannot name a class; rename it with {allowed}.")
    small = sorted(small_classes(labels, min_rows or MIN_TEXTS_PER_CLASS), key=lambda label: (counts[label], label))
    if small:
        texts = f"{counts[small[0]]} different text{'s' * (counts[small[0]] != 1)}"
        others = f", and {len(small) - 1:,} other classes have too few as well" if len(small) > 1 else ""
        raise BadInput(
            f"The class {small[0]!r} has {texts}{others}; give each class at least {MIN_TEXTS_PER_CLASS}, "
            f"or leave small ones out with --min-rows {MIN_TEXTS_PER_CLASS}."
        )


def small_classes(labels: Sequence[str], least: int) -> set[str]:
    """The labels that stand fewer times than that."""
    return {label for label, count in Counter(labels).items() if count < least}


def natural_order(label: str) -> tuple[bool, int, str]:
    """What classes are sorted by: whole numbers first, by their value."""
    return (False, int(label), label) if label.isdecimal() else (True, 0, label)
