"""What follows from an evaluation: figures with intervals, curves, slices, two models beside each other.

Undefined figures are None; where the reason is not plain from the rest, it stands beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from core.schema.evaluation import Decisions, Evaluation

FEW = 30  # documents, below which the accuracy of a slice says little


class Interval(NamedTuple):
    """A figure and its 95% interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class ReportRow:
    """The figures of one class, or their mean over the classes.

    Attributes:
        name: of the class, "macro" or "weighted".
        precision, recall, f1: None where there is nothing to divide by: a class that was never given (precision),
            has no document (recall), or neither (F1).
        documents: of the class; of all for a mean.
    """

    name: str
    precision: Interval | None
    recall: Interval | None
    f1: Interval | None
    documents: int


@dataclass(frozen=True, kw_only=True)
class IntervalReport:
    """scikit-learn's `classification_report`, with a 95% interval for every figure; `classes` in their order."""

    accuracy: Interval
    classes: tuple[ReportRow, ...]
    macro: ReportRow
    weighted: ReportRow


@dataclass(frozen=True, kw_only=True, eq=False)
class Curve:
    """A curve over all thresholds, thinned for drawing.

    Attributes:
        x, y: (points,) float64; false and true positive rate (ROC), or recall and precision.
        thresholds: (points,) float64, the probability from which a document counts as the class; infinite: none does.
        area: of the whole curve: area under the ROC curve, or average precision.
    """

    x: np.ndarray
    y: np.ndarray
    thresholds: np.ndarray
    area: float


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassCurves:
    """One class against the rest.

    Attributes:
        documents: of the class.
        roc, precision_recall: None for a class with no document, or with all of them.
        reason: why there is no curve; empty where there is one.
    """

    class_name: str
    documents: int
    roc: Curve | None
    precision_recall: Curve | None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Costs:
    """What a model of two classes costs a document, by the threshold from which the second class is given.

    Attributes:
        thresholds: (points,) float64, descending from infinity (the second class is never given); thinned for drawing.
        means: (points,) float64, mean cost of a document.
        cheapest: the threshold with the lowest cost, infinity to never give the second class.
        lowest: that cost.
        expected: the threshold that would be the cheapest if every probability were right (Elkan 2001).
    """

    thresholds: np.ndarray
    means: np.ndarray
    cheapest: float
    lowest: float
    expected: float


@dataclass(frozen=True, kw_only=True)
class ReliabilityBin:
    """The documents whose confidence lies in `[low, high)`; `confidence` (mean) and `accuracy` are None without any."""

    low: float
    high: float
    documents: int
    confidence: float | None
    accuracy: Interval | None


@dataclass(frozen=True, kw_only=True)
class LabelSetRule:
    """Which classes a document may have: all with at least this probability, and always the most probable one.

    Attributes:
        coverage: share of documents whose set is to hold the true class.
        least: probability; 0 where so much coverage takes all classes.
        documents: that it was found on.
    """

    coverage: float
    least: float
    documents: int


@dataclass(frozen=True, kw_only=True)
class LabelSetCheck:
    """What label sets were worth on documents that their rule was not found on.

    Attributes:
        coverage: share of documents whose set holds the true class.
        by_class: the same among the documents of each class; None for a class without any.
        mean_size: classes a set.
        sizes: documents by the size of their set, from 1 class to all of them.
    """

    coverage: Interval
    by_class: tuple[Interval | None, ...]
    mean_size: float
    sizes: tuple[int, ...]

    @property
    def single(self) -> float:
        """Share of documents with one class in their set."""
        return self.sizes[0] / sum(self.sizes)


@dataclass(frozen=True, kw_only=True, eq=False)
class Slice:
    """Documents that have something in common.

    Attributes:
        kind: what they were sliced by, such as "length".
        name: which part this is, such as "21 to 60 words".
        rows: (documents,) int64, their places in the split.
        accuracy: of these documents.
        rest: accuracy of all others; None when there are none.
        p_value: of a difference to the rest as large as this one if there was none (Fisher's exact test), adjusted for
            the number of slices of the kind (Benjamini and Hochberg 1995); None without a rest.
    """

    kind: str
    name: str
    rows: np.ndarray
    accuracy: Interval
    rest: float | None
    p_value: float | None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def difference(self) -> float | None:
        """Accuracy less that of the rest."""
        return None if self.rest is None else self.accuracy.value - self.rest

    @property
    def few(self) -> bool:
        """Whether there are too few documents to say much."""
        return len(self) < FEW


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """Two models on the same documents. Differences are the second less the first.

    Attributes:
        only_first, only_second: (m,) int64, documents that one has right and the other wrong.
        both_wrong: (m,) int64.
        difference: of the accuracies, with its 95% interval.
        p_value: of a difference as large as this one if there was none (McNemar's exact test); 1 where no document
            tells them apart.
    """

    first: Evaluation
    second: Evaluation
    only_first: np.ndarray
    only_second: np.ndarray
    both_wrong: np.ndarray
    difference: Interval
    p_value: float

    @property
    def both_right(self) -> int:
        """Documents that both have right."""
        return len(self.first) - len(self.only_first) - len(self.only_second) - len(self.both_wrong)

    @cached_property
    def confusion(self) -> np.ndarray:
        """(classes, classes) int64, difference of the confusion matrices."""
        return self.second.confusion - self.first.confusion

    @cached_property
    def classes(self) -> tuple[dict[str, float | None], ...]:
        """The rows of the report in the order of the classes, which may be called "macro avg"."""
        pairs = zip(self.first.classes, self.second.classes, strict=True)
        return tuple(_differences(*pair) for pair in pairs)

    @cached_property
    def report(self) -> dict[str, dict[str, float | None]]:
        """Difference of precision, recall and F1 by class, macro and weighted; None where either is undefined."""
        classes = dict(zip(self.first.class_names, self.classes, strict=True))
        means = ("macro avg", "weighted avg")
        return classes | {name: _differences(self.first.report[name], self.second.report[name]) for name in means}


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelErrors:
    """Documents whose given label is likely wrong, the likeliest first.

    Attributes:
        rows: (m,) int64, their places in the split.
        labels, suggested_labels: (m,) int64, the classes that the documents have and the most probable ones.
        scores: (m,) float64, the model's probability of the given label: the lower, the likelier is an error.
        reason: why none could be looked for; empty where they could.
    """

    rows: np.ndarray
    labels: np.ndarray
    suggested_labels: np.ndarray
    scores: np.ndarray
    reason: str = ""

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingDynamics:
    """What became of each document from the first epoch to the last one looked at: in one of five lists of places.

    Attributes:
        epochs: how many were looked at.
        decisions: at the last of them.
        always: right in every epoch.
        learned: wrong at first, right at the end.
        regained: right at first and at the end, wrong in between.
        forgotten: right in some epoch, wrong at the end.
        never: wrong in every epoch.
        forgettings: (n,) int64, how often it was right and wrong in the next epoch (Toneva et al. 2019,
            arXiv 1812.05159).
    """

    epochs: int
    decisions: Decisions
    always: np.ndarray
    learned: np.ndarray
    regained: np.ndarray
    forgotten: np.ndarray
    never: np.ndarray
    forgettings: np.ndarray


def _differences(first: dict[str, Any], second: dict[str, Any]) -> dict[str, float | None]:
    figures = ("precision", "recall", "f1-score")
    return {name: _difference(first[name], second[name]) for name in figures}


def _difference(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else second - first
