"""Which split each row of a table belongs to: told by a column, drawn by row or by group, or cut by time."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from math import ceil
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.datasets.rows import Rows, with_valid
from core.datasets.splits import VALID_SHARE, held_out, held_out_groups
from core.errors import BadInput
from core.schema.tables import TableChoices

TEST_SHARE = 0.2
_CALLED = {
    "train": ("train", "training", "trn", "learn"),
    "valid": ("valid", "validation", "val", "dev", "development"),
    "test": ("test", "testing", "tst", "holdout"),
}
SPLIT_NAMES = {called: split for split, names in _CALLED.items() for called in names}
"""What a column may say of a split, in small letters, and which split that is."""


def split_of(cell: str) -> str:
    """The split that a cell names, or "" for none."""
    return SPLIT_NAMES.get(cell.strip().lower(), "")


def tells_splits(cells: Iterable[object]) -> bool:
    """Whether a column names train and test, and nothing but splits."""
    different = set(map(str, dict.fromkeys(cells)))
    return all(map(split_of, different)) and {"train", "test"} <= set(map(split_of, different))


class Made(NamedTuple):
    """Rows in their splits, and the sentence on how and why."""

    rows: Rows
    sentence: str


def make_splits(
    texts: list[str],
    labels: list[str],
    choices: TableChoices,
    cells: Mapping[str, Sequence[str]],
) -> Made:
    """The rows in train, valid and test, as the choices say.

    Args:
        cells: of the columns that the choices name, each (rows,) strings.

    Raises BadInput for a column that does not tell, and a class that has no row to learn from.
    """
    if choices.split:
        made = _splits_of_column(texts, labels, choices.split, cells[choices.split])
    elif choices.time:
        made = _by_time(texts, labels, choices.time, cells[choices.time])
    else:
        made = _drawn(texts, labels, choices.group, cells)
    _check_train(made.rows)
    return made._replace(sentence=f"{made.sentence}: {_sizes(made.rows)}.")


def check_ways(choices: TableChoices) -> None:
    """Raise BadInput for two ways to split at once."""
    named = [f"--{kind}" for kind in ("split", "time", "group") if getattr(choices, kind)]
    if len(named) > 1:
        raise BadInput(f"{' and '.join(named)} each make the splits; give one of them.")


def _splits_of_column(texts: list[str], labels: list[str], column: str, cells: Sequence[str]) -> Made:
    splits = [split_of(cell) for cell in cells]
    if "train" not in splits:
        raise BadInput(f"The column {column!r} puts no row with a text and a label in train; name another by --split.")
    sentence = f"The splits are those of the column {column!r}"
    if "test" not in splits:
        sentence += ", and test, which it does not have, was drawn from train"
        train = [row for row, split in enumerate(splits) if split == "train"]
        for place in held_out([labels[row] for row in train], TEST_SHARE):
            splits[train[place]] = "test"
    if "valid" not in splits:
        sentence += ", and validation was drawn from train"
    return Made(with_valid(Rows(texts, labels, splits)), sentence)


def _drawn(texts: list[str], labels: list[str], group: str | None, cells: Mapping[str, Sequence[str]]) -> Made:
    groups = {} if group is None else {group: [cell.strip() for cell in cells[group]]}
    splits = ["train"] * len(labels)
    if group is None:
        drawn = held_out(labels, TEST_SHARE)
        sentence = "The splits were drawn by row, stratified by class and seeded, since no column tells them"
    else:
        drawn = held_out_groups(labels, groups[group], TEST_SHARE, left=2)
        sentence = f"The splits were drawn by the groups of the column {group!r}, so that no group is in two of them"
    for row in drawn:
        splits[row] = "test"
    return Made(with_valid(Rows(texts, labels, splits, groups)), sentence)


def _by_time(texts: list[str], labels: list[str], column: str, cells: Sequence[str]) -> Made:
    times, how = _times(column, cells)
    order = np.argsort(times, kind="stable")
    test = ceil(TEST_SHARE * len(texts))
    valid = ceil(VALID_SHARE * (len(texts) - test))
    splits = np.full(len(texts), "train", dtype=object)
    splits[order[-test:]] = "test"
    splits[order[-test - valid : -test]] = "valid"
    first = cells[order[-test]].strip()
    sentence = f"The last 20% of the rows by the column {column!r} are test, from {first!r} on{how}"
    return Made(Rows(texts, labels, splits.tolist()), f"{sentence}, and the last 10% of those before are validation")


def _times(column: str, cells: Sequence[str]) -> tuple[np.ndarray, str]:
    # As numbers that can be put in order; rows without a time come first. Raises BadInput for what is no time.
    written = pd.Series(cells, dtype=object).str.strip()
    present = written[written != ""]
    if present.empty:
        raise BadInput(f"The column {column!r} holds no times; name another by --time.")
    values, how = _parsed(present)
    if values is None:
        unread = pd.to_datetime(present, errors="coerce", format="mixed", utc=True).isna()
        example = (present[unread] if unread.any() else present).iloc[0]
        raise BadInput(f"The column {column!r} holds {example[:60]!r}, which is no time; write it as 2024-12-31.")
    times = values.reindex(written.index).fillna(float("-inf"))
    missing = len(written) - len(present)
    return times.to_numpy(), how + (f"; {missing:,} without a time count as the first" if missing else "")


def _parsed(present: pd.Series) -> tuple[pd.Series | None, str]:
    with suppress(ValueError, TypeError, OverflowError):
        return pd.to_numeric(present).astype(float), ""
    if present.str.match(r"\d{4}-\d\d").all():
        with suppress(ValueError):
            return _seconds(pd.to_datetime(present, format="ISO8601", utc=True)), ""
    readings = [_dates(present, is_day_first) for is_day_first in (False, True)]
    month_first, day_first = readings
    if month_first is not None and day_first is not None and not month_first.equals(day_first):
        return month_first, " (the month was read before the day)"
    return (month_first, "") if month_first is not None else (day_first, "")


def _dates(present: pd.Series, is_day_first: bool) -> pd.Series | None:
    with warnings.catch_warnings(), suppress(ValueError, OverflowError):
        warnings.simplefilter("ignore")  # that the format was guessed
        return _seconds(pd.to_datetime(present, dayfirst=is_day_first, utc=True))
    return None


def _seconds(times: pd.Series) -> pd.Series:
    return (times - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(seconds=1)


def _check_train(rows: Rows) -> None:
    learned = {label for label, split in zip(rows.labels, rows.splits, strict=True) if split == "train"}
    missing = sorted(set(rows.labels) - learned)
    if missing:
        more = f", and so have {len(missing) - 1:,} other classes" if len(missing) > 1 else ""
        raise BadInput(
            f"The class {missing[0]!r} has no row in train{more}; leave such rows out, or split in another way."
        )


def _sizes(rows: Rows) -> str:
    return ", ".join(f"{rows.splits.count(split):,} {split}" for split in ("train", "valid", "test"))
