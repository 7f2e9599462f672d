"""How sure a model may be of its answers."""

from collections.abc import Callable

import numpy as np

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.02, 50.0  # temperatures that are tried
SECTION = (5**0.5 - 1) / 2  # what is left of an interval at each step
ENOUGH = 1e-5  # of the logarithm of a temperature


def fitted_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The number to divide logits by, so that validation is as probable as can be (Guo et al. 2017, 1706.04599).

    Args:
        logits: (n, classes) float32 of documents that were not learned from.
        labels: (n,) int32.

    A split of n documents cannot tell that a model is right more often than (n + 1) / (n + 2), so that is what its
    probabilities are drawn to where it makes no mistake (Platt 1999).
    """
    count, classes = logits.shape
    targets = np.full((count, classes), 1 / (count + 2) / max(classes - 1, 1))
    targets[np.arange(count), labels] = (count + 1) / (count + 2)
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)

    def loss(log_temperature: float) -> float:
        scaled = shifted / np.exp(log_temperature)
        return float((np.log(np.exp(scaled).sum(axis=1)) - (targets * scaled).sum(axis=1)).mean())

    return float(np.exp(_least(loss, np.log(MIN_TEMPERATURE), np.log(MAX_TEMPERATURE))))


def _least(function: Callable[[float], float], low: float, high: float) -> float:
    # Where a function is least that falls and then rises: the golden section.
    one, other = high - SECTION * (high - low), low + SECTION * (high - low)
    at_one, at_other = function(one), function(other)
    while high - low > ENOUGH:
        if at_one <= at_other:
            high, other, at_other = other, one, at_one
            one = high - SECTION * (high - low)
            at_one = function(one)
        else:
            low, one, at_one = one, other, at_other
            other = low + SECTION * (high - low)
            at_other = function(other)
    return (low + high) / 2
