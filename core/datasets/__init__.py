"""Labelled texts: a catalogue of public corpora, and tables of one's own.

`tables` stands on `catalogue`, which stands on `imdb`, `newsgroups`, `docstrings` and `own`; all on `archives` and
`rows`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.datasets.archives import Archive, DownloadBar
from core.datasets.catalogue import DATASETS, DatasetSpec, is_available, load_dataset, rename_dataset
from core.datasets.own import OwnDataset, delete_own, keep_dataset, own_datasets, restore_own

if TYPE_CHECKING:
    from core.datasets.columns import likely_columns
    from core.datasets.tables import (
        AS_MUCH_AS_THERE_IS,
        ENDINGS,
        TableStream,
        is_remembered,
        load_chosen,
        load_table,
        open_table,
        read_reported_texts,
        read_rows,
        read_texts,
        remember_table,
        remembered_table,
    )

__all__ = [
    "AS_MUCH_AS_THERE_IS",
    "DATASETS",
    "ENDINGS",
    "Archive",
    "DatasetSpec",
    "DownloadBar",
    "OwnDataset",
    "TableStream",
    "delete_own",
    "is_available",
    "is_remembered",
    "keep_dataset",
    "likely_columns",
    "load_chosen",
    "load_dataset",
    "load_table",
    "open_table",
    "own_datasets",
    "read_reported_texts",
    "read_rows",
    "read_texts",
    "remember_table",
    "remembered_table",
    "rename_dataset",
    "restore_own",
]


def __getattr__(name: str) -> Any:
    """What stands on pandas, loaded when it is first asked for: a public corpus is read without."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "core.datasets.columns" if name == "likely_columns" else "core.datasets.tables"
    return getattr(import_module(module), name)
