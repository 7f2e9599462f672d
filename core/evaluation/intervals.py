"""How sure the figures of a report are: 95% intervals for what they would be on more documents of the same kind.

Shares have Wilson's interval (1927), which holds for few documents and for shares of 0 and 1 too. Accuracy, precision
and recall are shares. F1 follows from one: of the documents that are of the class or were given it, the share J that
are both; F1 = 2 J / (1 + J) (Hand, Christen and Kirielle 2021, arXiv 2008.00103). Means over classes are no shares: for
them the documents are drawn again, with replacement (percentile bootstrap).
"""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from statistics import NormalDist

import numpy as np

from core.schema import Decisions, Interval, IntervalReport, ReportRow

BOOTSTRAP_DRAWS = 1000
Z = NormalDist().inv_cdf(0.975)


def wilson(successes: int, documents: int) -> Interval:
    """A share with Wilson's 95% interval; of at least one document."""
    value = successes / documents
    middle = (value + Z**2 / (2 * documents)) / (1 + Z**2 / documents)
    half = Z / (1 + Z**2 / documents) * sqrt(value * (1 - value) / documents + Z**2 / (4 * documents**2))
    # Rounding must not push an end past the value, where it is 0 or 1.
    return Interval(value, min(max(middle - half, 0.0), value), max(min(middle + half, 1.0), value))


def share(successes: int, documents: int) -> Interval | None:
    """The same, or None for a share of nothing."""
    return wilson(successes, documents) if documents else None


def report_intervals(decisions: Decisions, *, seed: int = 0) -> IntervalReport:
    """Every figure of the report with its 95% interval; the seed is of the bootstrap for the means over classes."""
    right, predicted, actual = _counts(decisions.confusion)
    accuracy = wilson(sum(right), sum(actual))
    rows = zip(decisions.class_names, right, predicted, actual, strict=True)
    classes = tuple(_row(*row) for row in rows)
    macro, weighted = _mean_rows(decisions.confusion, classes, seed)
    # The weighted mean of the recalls is the accuracy.
    return IntervalReport(accuracy=accuracy, classes=classes, macro=macro, weighted=replace(weighted, recall=accuracy))


def _counts(confusion: np.ndarray) -> tuple[list[int], list[int], list[int]]:
    return confusion.diagonal().tolist(), confusion.sum(axis=0).tolist(), confusion.sum(axis=1).tolist()


def _row(name: str, right: int, predicted: int, actual: int) -> ReportRow:
    both = share(right, predicted + actual - right)
    return ReportRow(
        name=name,
        precision=share(right, predicted),
        recall=share(right, actual),
        f1=None if both is None else Interval(*(2 * j / (1 + j) for j in both)),
        documents=actual,
    )


def _mean_rows(confusion: np.ndarray, classes: tuple[ReportRow, ...], seed: int) -> tuple[ReportRow, ReportRow]:
    figures, actual = _bootstrap(confusion, seed)
    documents = int(confusion.sum())

    def row(name: str, weights: np.ndarray) -> ReportRow:
        means = {key: _mean(values, weights, [getattr(row, key) for row in classes]) for key, values in figures.items()}
        return ReportRow(name=name, documents=documents, **means)

    return row("macro", np.ones_like(actual)), row("weighted", actual)


def _bootstrap(confusion: np.ndarray, seed: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    # Precision, recall and F1, and the documents of each class, (1 + draws, classes): first as they are, then redrawn.
    rows, columns = np.nonzero(confusion)
    cells, one = confusion[rows, columns], np.eye(len(confusion))
    resampled = np.random.default_rng(seed).multinomial(cells.sum(), cells / cells.sum(), size=BOOTSTRAP_DRAWS)
    counts = np.vstack([cells, resampled]).astype(float)
    actual, predicted = counts @ one[rows], counts @ one[columns]
    right = counts @ (one[rows] * one[columns])
    pairs = {"precision": (right, predicted), "recall": (right, actual), "f1": (2 * right, predicted + actual)}
    return {name: _ratio(*pair) for name, pair in pairs.items()}, actual


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _mean(values: np.ndarray, weights: np.ndarray, classes: list[Interval | None]) -> Interval:
    # As scikit-learn does: undefined figures are left out, and equal weights replace those that are all 0.
    weights = np.where(np.isnan(values), 0.0, weights)
    weights = np.where(weights.any(axis=1, keepdims=True), weights, ~np.isnan(values))
    weights /= weights.sum(axis=1, keepdims=True)
    means = (weights * np.nan_to_num(values)).sum(axis=1)
    value, (low, high) = means[0], np.quantile(means[1:], (0.025, 0.975))
    if np.isclose(low, high):
        low, high = value + _reach(weights[0], classes)
    return Interval(float(value), float(min(low, value)), float(max(high, value)))


def _reach(weights: np.ndarray, classes: list[Interval | None]) -> np.ndarray:
    # Where all is right, or nothing, drawing again finds nothing else. Then the classes' own intervals are put together
    # as if they were independent (Zou and Donner 2008, doi 10.1002/sim.3095).
    ends = np.array([(c.low - c.value, c.high - c.value) if c else (0.0, 0.0) for c in classes])
    return np.linalg.norm(weights[:, None] * ends, axis=0) * (-1, 1)
