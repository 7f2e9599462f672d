"""All remarks on a data set, what matters most first."""

from __future__ import annotations

from collections.abc import Iterator

from core.coach.classes import on_contradictions, on_imbalance, on_similar_labels, on_small_classes
from core.coach.documents import Documents, all_documents
from core.coach.giveaways import on_telling_columns, on_telling_tokens
from core.coach.splits import on_groups, on_split_columns
from core.coach.table import on_left_out, on_reading
from core.coach.texts import on_garbled, on_lengths, on_near_duplicates, on_scripts
from core.schema import TextDataset
from core.schema.coaching import Remark

CHECKS = [
    on_telling_tokens,
    on_groups,
    on_near_duplicates,
    on_split_columns,
    on_contradictions,
    on_similar_labels,
    on_small_classes,
    on_imbalance,
    on_reading,
    on_garbled,
    on_scripts,
    on_lengths,
    on_telling_columns,
    on_left_out,
]
"""Each a function of the documents to its remarks; of equal weight, those of an earlier one come first."""


def remarks_on(data: TextDataset) -> tuple[Remark, ...]:
    """What is worth a look about a table, as `load_table` gives it; those of most weight first.

    Without a report, as of a public corpus, only what stands in the documents is looked at.
    """
    return tuple(sorted(_remarks(all_documents(data)), key=lambda remark: -remark.weight))


def _remarks(documents: Documents) -> Iterator[Remark]:
    for check in CHECKS:
        yield from check(documents)
