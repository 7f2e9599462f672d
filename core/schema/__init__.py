"""The nouns of Whyword: plain, frozen values that travel between its parts.

Axes are named `n` (documents), `batch`, `length` (tokens or words of a document), `classes`.
"""

from core.schema.data import BagTable, Batch, Encoded, Split, TextDataset
from core.schema.evaluation import Evaluation
from core.schema.explanation import (
    LEAST_FIT,
    LEAST_KEPT,
    SHORT,
    Contributions,
    DeletionCheck,
    Explanation,
    Opinion,
    Reading,
    Variant,
    WordWeight,
)
from core.schema.findings import (
    Autopsy,
    ClassWords,
    GlobalWords,
    Neighbour,
    Neighbourhood,
    PickedDocument,
    ShortcutTest,
    WordEffect,
)
from core.schema.progress import EpochRecord, Progress, best_record

__all__ = [
    "LEAST_FIT",
    "LEAST_KEPT",
    "SHORT",
    "Autopsy",
    "BagTable",
    "Batch",
    "ClassWords",
    "Contributions",
    "DeletionCheck",
    "Encoded",
    "EpochRecord",
    "Evaluation",
    "Explanation",
    "GlobalWords",
    "Neighbour",
    "Neighbourhood",
    "Opinion",
    "PickedDocument",
    "Progress",
    "Reading",
    "ShortcutTest",
    "Split",
    "TextDataset",
    "Variant",
    "WordEffect",
    "WordWeight",
    "best_record",
]
