"""Data sets of one's own are kept with what was noticed about them, and chosen otherwise later."""

from __future__ import annotations

from pathlib import Path

from core.coach.coaching import remarks_on
from core.datasets.own import OwnDataset, original_of, own_dataset, replace_own
from core.datasets.tables import load_chosen, remember_choices
from core.schema.tables import TableChoices


def choose_anew(name: str, choices: TableChoices) -> OwnDataset:
    """Read the kept table of a data set by other choices. Models that learned from what it was still find their texts.

    Raises UnknownName, and BadInput where the table cannot be read so; then the data set stays as it was.
    """
    own = own_dataset(name)
    original = original_of(own)
    data = load_chosen(original, choices, name=name)
    if data.fingerprint != own.fingerprint:
        remember_choices(own.fingerprint, name, Path(original), own.table_choices)
    return replace_own(own, data, remarks_on(data))
