"""The nouns of Whyword: plain, frozen values that travel between its parts.

Axes are named `n` (documents), `batch`, `length` (tokens or words of a document), `classes`.
"""

from core.schema.data import BagTable, Batch, Encoded, Split, TextDataset
from core.schema.evaluation import CALIBRATION_BINS, Decisions, Evaluation
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
from core.schema.figures import (
    FEW,
    ClassCurves,
    Comparison,
    Costs,
    Courses,
    Curve,
    Interval,
    IntervalReport,
    LabelErrors,
    LabelSetCheck,
    LabelSetRule,
    ReliabilityBin,
    ReportRow,
    Slice,
)
from core.schema.progress import EpochRecord, Progress, best_record

__all__ = [
    "CALIBRATION_BINS",
    "FEW",
    "LEAST_FIT",
    "LEAST_KEPT",
    "SHORT",
    "BagTable",
    "Batch",
    "ClassCurves",
    "Comparison",
    "Contributions",
    "Costs",
    "Courses",
    "Curve",
    "Decisions",
    "DeletionCheck",
    "Encoded",
    "EpochRecord",
    "Evaluation",
    "Explanation",
    "Interval",
    "IntervalReport",
    "LabelErrors",
    "LabelSetCheck",
    "LabelSetRule",
    "Opinion",
    "Progress",
    "Reading",
    "ReliabilityBin",
    "ReportRow",
    "Slice",
    "Split",
    "TextDataset",
    "Variant",
    "WordWeight",
    "best_record",
]
