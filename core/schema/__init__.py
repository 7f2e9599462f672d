"""The nouns of Whyword: plain, frozen values that travel between its parts.

Axes are named `n` (documents), `batch`, `length` (tokens or words of a document), `classes`.
"""

from core.schema.data import BagTable, Batch, Encoded, Split, TextDataset
from core.schema.evaluation import EpochPredictions, Evaluation
from core.schema.explanation import (
    LEAST_FIT,
    LEAST_KEPT,
    SHORT,
    UNLIKE,
    Contributions,
    DeletionCheck,
    Explanation,
    Familiarity,
    Opinion,
    Reading,
    Variant,
    WordWeight,
)
from core.schema.progress import EpochRecord, Progress, RunAnswers, best_record

__all__ = [
    "LEAST_FIT",
    "LEAST_KEPT",
    "SHORT",
    "UNLIKE",
    "BagTable",
    "Batch",
    "Contributions",
    "DeletionCheck",
    "Encoded",
    "EpochPredictions",
    "EpochRecord",
    "Evaluation",
    "Explanation",
    "Familiarity",
    "Opinion",
    "Progress",
    "Reading",
    "RunAnswers",
    "Split",
    "TextDataset",
    "Variant",
    "WordWeight",
    "best_record",
]
