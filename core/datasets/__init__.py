"""Labelled texts: a catalogue of public corpora, and tables of one's own.

`tables` stands on `catalogue`, which stands on `imdb`, `newsgroups` and `docstrings`; all on `archives` and `rows`.
"""

from core.datasets.archives import Archive, DownloadBar
from core.datasets.catalogue import DATASETS, DatasetSpec, is_available, load_dataset
from core.datasets.tables import (
    load_table,
    read_reported_texts,
    read_rows,
    read_texts,
    remember_table,
    remembered_table,
)

__all__ = [
    "DATASETS",
    "Archive",
    "DatasetSpec",
    "DownloadBar",
    "is_available",
    "load_dataset",
    "load_table",
    "read_reported_texts",
    "read_rows",
    "read_texts",
    "remember_table",
    "remembered_table",
]
