"""The calibration error with what is needed to read it: its interval, and what chance alone would show.

Even a model whose confidence is right shows an error above 0, since the share of right answers in a bin is a share of
few documents: the error is a mean of distances, which cannot cancel out.
"""

from __future__ import annotations

import numpy as np

from core.schema import CALIBRATION_BINS, CalibrationError, Evaluation

DRAWS = 500
_LEVELS_PER_BIN = 20  # documents of one level of confidence are drawn together, which is fast for any number of them


def calibration_error(evaluation: Evaluation, *, seed: int = 0) -> CalibrationError:
    """The calibration error (`Evaluation.ece`), its 95% interval and its floor.

    The interval is a basic bootstrap over the documents. The floor is what a perfectly calibrated model shows that
    gives the same confidences: answers are drawn to be right as often as their confidence says.
    """
    rng = np.random.default_rng(seed)
    levels, counts, right, confidence = _levels(evaluation)
    bins = np.eye(CALIBRATION_BINS)[levels // _LEVELS_PER_BIN]
    documents = len(evaluation)
    perfect = _errors(rng.binomial(counts, confidence, size=(DRAWS, len(counts))) - counts * confidence, bins)
    drawn = rng.multinomial(documents, np.append(right, counts - right) / documents, size=DRAWS)
    hits, misses = drawn[:, : len(counts)], drawn[:, len(counts) :]
    redrawn = _errors(hits - (hits + misses) * confidence, bins) / documents
    low, high = 2 * evaluation.ece - np.quantile(redrawn, (0.975, 0.025))
    return CalibrationError(
        value=evaluation.ece,
        low=float(np.clip(low, 0, evaluation.ece)),
        high=float(max(high, evaluation.ece)),
        floor=float(perfect.mean() / documents),
        floor_high=float(np.quantile(perfect, 0.95) / documents),
    )


def _levels(evaluation: Evaluation) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    # The levels of confidence that occur, and of each the documents, the right answers and the mean confidence.
    size = CALIBRATION_BINS * _LEVELS_PER_BIN
    fine = np.minimum((evaluation.confidence * size).astype(int), size - 1)
    level = np.clip(fine, evaluation.bins * _LEVELS_PER_BIN, (evaluation.bins + 1) * _LEVELS_PER_BIN - 1)
    counts = np.bincount(level, minlength=size)
    right = np.bincount(level, weights=evaluation.correct, minlength=size)
    confidence = np.bincount(level, weights=evaluation.confidence, minlength=size)
    there = np.flatnonzero(counts)
    return there, counts[there], right[there].astype(int), np.clip(confidence[there] / counts[there], 0, 1)


def _errors(gaps: np.ndarray, bins: np.ndarray) -> np.ndarray:
    # (draws,) from the right answers less those that were promised, (draws, levels).
    return np.abs(gaps @ bins).sum(axis=1)
