"""Two models on the same documents."""

from __future__ import annotations

from math import sqrt

import numpy as np

from core.errors import BadInput
from core.evaluation.intervals import wilson
from core.schema import Comparison, Evaluation, Interval


def compare(first: Evaluation, second: Evaluation) -> Comparison:
    """Which of two models is right more often, whether that may be chance, and on which documents they differ.

    Raises BadInput when the models were not asked about the same documents and classes.
    """
    _check_same(first, second)
    right, other = first.correct, second.correct
    only_first, only_second = np.flatnonzero(right & ~other), np.flatnonzero(other & ~right)
    both_wrong = np.flatnonzero(~right & ~other)
    return Comparison(
        first=first,
        second=second,
        only_first=only_first,
        only_second=only_second,
        both_wrong=both_wrong,
        difference=_difference(len(first), len(only_first), len(only_second), len(both_wrong)),
        p_value=_mcnemar(len(only_first), len(only_second)),
    )


def _mcnemar(only_first: int, only_second: int) -> float:
    from scipy.stats import binomtest

    apart = only_first + only_second
    return float(binomtest(only_first, apart, 0.5).pvalue) if apart else 1.0


def _difference(n: int, only_first: int, only_second: int, both_wrong: int) -> Interval:
    # Newcombe's interval for paired shares (1998, Statistics in Medicine 17:2635, method 10).
    both_right = n - only_first - only_second - both_wrong
    one, two = wilson(both_right + only_first, n), wilson(both_right + only_second, n)
    together = _correlation(both_right, only_first, only_second, both_wrong)
    value = (only_second - only_first) / n
    low = _combined(two.value - two.low, one.high - one.value, together)
    high = _combined(two.high - two.value, one.value - one.low, together)
    return Interval(value, value - low, value + high)


def _combined(a: float, b: float, correlation: float) -> float:
    return sqrt(max(a * a - 2 * correlation * a * b + b * b, 0.0))


def _correlation(both_right: int, only_first: int, only_second: int, both_wrong: int) -> float:
    n = both_right + only_first + only_second + both_wrong
    first, second = both_right + only_first, both_right + only_second
    spread = sqrt(first * (n - first)) * sqrt(second * (n - second))
    above: float = both_right * both_wrong - only_first * only_second
    if above > 0:
        above = max(above - n / 2, 0.0)  # his correction for continuity
    return above / spread if spread else 0.0


def _check_same(first: Evaluation, second: Evaluation) -> None:
    sets = [f"the {result.split} split of {result.dataset}" for result in (first, second)]
    if sets[0] != sets[1]:
        raise BadInput(
            f"{first.model} was scored on {sets[0]} and {second.model} on {sets[1]}; compare models of one data set."
        )
    if first.class_names != second.class_names or not np.array_equal(first.labels, second.labels):
        raise BadInput(
            f"{first.model} and {second.model} were scored on different documents of {first.dataset}; train one of "
            "them again on the data of the other."
        )
