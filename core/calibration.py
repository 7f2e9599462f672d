"""How sure a model may be of its answers.

A temperature makes all answers surer or less sure alike (Guo et al. 2017, arXiv 1706.04599). Where the margins of a
model go on to grow though it errs no less, as those of a support vector machine do over documents that two classes
share, it cannot be right for the sure answers and for the others. So the temperature of a document may grow with its
margin, by one more number: as far as an adaptive temperature (Balanya et al. 2022, arXiv 2208.00461), but of the margin
itself, so that a larger one always leaves the surer answer. No class changes place, and log-odds of a document stay the
sum that they were, divided by one number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

MIN_TEMPERATURE, MAX_TEMPERATURE = 0.02, 50.0  # temperatures that are tried
MIN_SATURATION, MAX_SATURATION = 0.01, 10.0  # saturations that are tried
SECTION = (5**0.5 - 1) / 2  # what is left of an interval at each step
ENOUGH, ENOUGH_OF_BOTH = 1e-5, 1e-2  # of the logarithms of what is looked for, alone and beside another figure
MOST_LOGITS = 200_000  # that both are found with: of more, those of evenly spaced documents
SURE_GAIN = 1.92  # nats of all documents: half of what chi-squared with a degree of freedom exceeds in 5 of 100 cases


class Calibration(NamedTuple):
    """What makes probabilities of logits: the temperature of documents without a margin, and how it grows with that."""

    temperature: float = 1.0
    saturation: float = 0.0


def calibrated(logits: Any, calibration: Calibration) -> Any:
    """Logits (n, classes), of numpy or of JAX, whose softmax are the probabilities."""
    return logits / divisors(logits, calibration)


def divisors(logits: Any, calibration: Calibration) -> Any:
    """What the logits (n, classes) of each document are divided by, (n, 1); of numpy or of JAX, as they are.

    It is `temperature + saturation * margin`, where the margin of a document is how far its largest logit lies above
    their mean.
    """
    margins = logits.max(axis=-1, keepdims=True) - logits.mean(axis=-1, keepdims=True)
    return calibration.temperature + calibration.saturation * margins


def fitted_calibration(logits: np.ndarray, labels: np.ndarray) -> Calibration:
    """The calibration that makes validation as probable as can be; a saturation only where that is surely better.

    Args:
        logits: (n, classes) float32 of documents that were not learned from.
        labels: (n,) int32.

    Surely better is what a likelihood-ratio test at a level of 5% finds.
    """
    plain = Calibration(fitted_temperature(logits, labels))
    rows = np.unique(np.linspace(0, len(logits) - 1, min(len(logits), MOST_LOGITS // logits.shape[1] + 1), dtype=int))
    loss = _loss(logits[rows], labels[rows])

    def with_saturation(log_saturation: float) -> Calibration:
        saturation = float(np.exp(log_saturation))
        lowest, highest = np.log(MIN_TEMPERATURE / 10), np.log(MAX_TEMPERATURE)
        log_temperature = _least(
            lambda log: loss(Calibration(float(np.exp(log)), saturation)), lowest, highest, ENOUGH_OF_BOTH
        )
        return Calibration(float(np.exp(log_temperature)), saturation)

    least, most = np.log(MIN_SATURATION), np.log(MAX_SATURATION)
    saturated = with_saturation(_least(lambda log: loss(with_saturation(log)), least, most, ENOUGH_OF_BOTH))
    return saturated if len(rows) * (loss(plain) - loss(saturated)) > SURE_GAIN else plain


def fitted_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The number to divide logits by, so that validation is as probable as can be.

    Args:
        logits: (n, classes) float32 of documents that were not learned from.
        labels: (n,) int32.
    """
    loss = _loss(logits, labels)
    lowest, highest = np.log(MIN_TEMPERATURE), np.log(MAX_TEMPERATURE)
    return float(np.exp(_least(lambda log: loss(Calibration(float(np.exp(log)))), lowest, highest, ENOUGH)))


def _loss(logits: np.ndarray, labels: np.ndarray) -> Callable[[Calibration], float]:
    # The mean cross-entropy in nats. A split of n documents cannot tell that a model is right more often than
    # (n + 1) / (n + 2), so that is what its probabilities are drawn to where it makes no mistake (Platt 1999).
    count, classes = logits.shape
    targets = np.full((count, classes), 1 / (count + 2) / max(classes - 1, 1))
    targets[np.arange(count), labels] = (count + 1) / (count + 2)
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)

    def loss(calibration: Calibration) -> float:
        scaled = calibrated(shifted, calibration)
        return float((np.log(np.exp(scaled).sum(axis=1)) - (targets * scaled).sum(axis=1)).mean())

    return loss


def _least(function: Callable[[float], float], low: float, high: float, enough: float) -> float:
    # Where a function is least that falls and then rises: the golden section.
    one, other = high - SECTION * (high - low), low + SECTION * (high - low)
    at_one, at_other = function(one), function(other)
    while high - low > enough:
        if at_one <= at_other:
            high, other, at_other = other, one, at_one
            one = high - SECTION * (high - low)
            at_one = function(one)
        else:
            low, one, at_one = one, other, at_other
            other = low + SECTION * (high - low)
            at_other = function(other)
    return (low + high) / 2
