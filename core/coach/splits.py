"""What stands on both sides of the splits, and a column that tells them."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import numpy as np

from core.coach.documents import Documents
from core.datasets.tables import tells_splits
from core.format import counted, percent
from core.schema.coaching import Remark, RemarkKind, Remedy, Weight

MUCH = 0.05  # of the test texts


def on_groups(documents: Documents) -> Iterator[Remark]:
    """Columns that put rows together which are in several splits now."""
    choices = documents.choices
    for column, values in documents.groups.items():
        if choices is None or column == choices.group:
            continue
        outside = set(values[~documents.is_test]) - {""}
        shared = np.flatnonzero(documents.is_test & np.isin(values, [*outside]))
        tested = int(documents.is_test.sum())
        if len(shared):
            yield Remark(
                kind=RemarkKind.GROUPS,
                weight=Weight.SPOILS if len(shared) >= MUCH * tested else Weight.LOOK,
                sentence=f"The column {column!r} may put related rows together, and they are in several splits now: "
                f"{len(shared):,} of {counted(tested, 'test text')} ({percent(len(shared) / tested)}) have its value "
                "in common with texts to learn from.",
                count=len(shared),
                rows=documents.rows(shared, lambda place, values=values: str(values[place])),  # type: ignore[misc]
                remedies=(_keep_together(column),),
            )


def on_split_columns(documents: Documents) -> Iterator[Remark]:
    """A column that names splits, where nothing else was chosen to make them."""
    choices = documents.choices
    if choices is None or choices.split or choices.group or choices.time:
        return
    for column, values in documents.columns.items():
        if tells_splits(values):
            yield Remark(
                kind=RemarkKind.SPLITS,
                weight=Weight.LOOK,
                sentence=f"The column {column!r} names splits, which are not those that were drawn.",
                count=len(documents),
                remedies=(
                    Remedy(
                        title=f"Take the splits of the column {column!r}",
                        option=f"--split {shlex.quote(column)}",
                        effect="takes them",
                        changes={"split": column, "group": None, "time": None},
                    ),
                ),
            )


def _keep_together(column: str) -> Remedy:
    return Remedy(
        title=f"Keep rows with the same {column!r} in one split",
        option=f"--group {shlex.quote(column)}",
        effect="keeps those with the same value in one split",
        changes={"group": column, "split": None, "time": None},
    )
