"""The nouns of Whyword: plain, frozen values that travel between its parts.

Axes are named `n` (documents), `batch`, `length` (tokens or words of a document), `classes`.
"""

from core.schema.data import Batch, Encoded, Split, TextDataset
from core.schema.evaluation import Evaluation
from core.schema.explanation import LEAST_FIT, LEAST_KEPT, Explanation, Reading, WordWeight
from core.schema.progress import EpochRecord, Progress, best_record

__all__ = [
    "LEAST_FIT",
    "LEAST_KEPT",
    "Batch",
    "Encoded",
    "EpochRecord",
    "Evaluation",
    "Explanation",
    "Progress",
    "Reading",
    "Split",
    "TextDataset",
    "WordWeight",
    "best_record",
]
