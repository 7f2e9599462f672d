"""LIME's arithmetic for texts (Ribeiro et al. 2016, arXiv 1602.04938), as the `lime` package defines it.

Random words are left out, near texts count more (an exponential kernel of width 25 over a hundred times the cosine
distance), and a ridge regression (alpha 1) of the answer on the presence of words gives the weights. Here it is solved
in closed form, with intervals from the same samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

KERNEL_WIDTH = 25.0
ALPHA = 1.0
DRAWS = 200
LEAST_MOVE = 1e-4  # of the answers, below which it is the rounding of their figures that moves
TINY = 1e-18
BLOCK = 500  # samples at a time: bounds the memory


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalModel:
    """The weighted ridge regression that LIME fits around a text.

    Attributes:
        weights: (words,) float64, change of the answer that each word's presence is worth.
        covariance: (words, words) float64 of the weights over other draws of samples.
        intercept: its constant; it fits texts near this one, not the empty text.
        kept: median share of a word's effect that the ridge leaves in its weight, in [0, 1].
        fit_r2: weighted R2 on the samples, or None when the answer never moved.
    """

    weights: np.ndarray
    covariance: np.ndarray
    intercept: float
    kept: float
    fit_r2: float | None

    @property
    def errors(self) -> np.ndarray:
        """(words,) float64, standard errors of the weights."""
        return np.sqrt(np.clip(np.diag(self.covariance), 0.0, None))

    @property
    def prediction(self) -> float:
        """Its answer for the whole text."""
        return float(self.intercept + self.weights.sum())

    def agreement(self, among: np.ndarray, top: tuple[int, ...]) -> tuple[float, float]:
        """Shares of other draws, in [0, 1], with the same strongest words, and with them in the same order.

        The draws are normal with the weights' covariance, which costs no further question to the model.

        Args:
            among: (m,) int64, the words that can be among the strongest.
            top: those that are, strongest first.
        """
        weights, covariance = self.weights[among], self.covariance[np.ix_(among, among)]
        # Of fewer samples than words the covariance has no full rank; a little on its diagonal mends that.
        spread = np.linalg.cholesky(covariance + (1e-6 * covariance.trace() + TINY) * np.eye(len(among)))
        drawn = weights + np.random.default_rng(0).standard_normal((DRAWS, len(among))) @ spread.T
        found = among[np.argsort(-np.abs(drawn), axis=1)[:, : len(top)]]
        same_words, same_order = np.isin(found, top).all(axis=1), (found == np.array(top)).all(axis=1)
        return float(same_words.mean()), float(same_order.mean())


def draw_masks(rng: np.random.Generator, samples: int, words: int) -> np.ndarray:
    """(samples, words) bool, true where a word stays: of each sample 1 to all of its words are gone, evenly drawn."""
    gone = rng.integers(1, words + 1, samples)
    keys = rng.random((samples, words))
    last_gone = np.sort(keys, axis=1)[np.arange(samples), gone - 1]
    return keys > last_gone[:, None]


def proximities(masks: np.ndarray) -> np.ndarray:
    """(n,) float64 in (0, 1], how much each sample counts: the kernel over its cosine distance from the whole text."""
    distances = 100.0 * (1.0 - np.sqrt(masks.mean(axis=1)))
    return np.exp(-0.5 * (distances / KERNEL_WIDTH) ** 2)


def fit_local(masks: np.ndarray, answers: np.ndarray) -> LocalModel:
    """The weighted ridge regression of answers (n,) on masks (n, words) bool."""
    near = proximities(masks)
    gram, target = _moments(masks, np.sqrt(near), answers)
    penalty = np.diag(np.full(len(gram), ALPHA))
    penalty[0, 0] = 0.0  # the intercept's
    inverse = np.linalg.inv(gram + penalty)
    weights = inverse @ target
    residuals = answers - _predicted(masks, weights)
    kept = np.einsum("ij,ji->i", inverse, gram)
    return LocalModel(
        weights=weights[1:],
        covariance=_covariance(masks, near * residuals, inverse, gram[0, 1:] / gram[0, 0], len(masks) - kept.sum()),
        intercept=float(weights[0]),
        kept=float(np.median(kept[1:])),
        fit_r2=_fit(answers, residuals, near) if np.ptp(answers) > LEAST_MOVE else None,
    )


def _moments(masks: np.ndarray, roots: np.ndarray, answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # Sums of products of the columns, and of them with the answers; `roots` (n,) of what each sample counts.
    size = masks.shape[1] + 1
    gram, target = np.zeros((size, size)), np.zeros(size)
    for rows, block in _blocks(masks):
        scaled = block * roots[rows, None]
        gram += scaled.T @ scaled  # of a matrix with itself: BLAS computes one half
        target += scaled.T @ (roots[rows] * answers[rows])
    return gram, target


def _covariance(
    masks: np.ndarray, pulls: np.ndarray, inverse: np.ndarray, centre: np.ndarray, degrees: float
) -> np.ndarray:
    # The sandwich that holds when the errors differ from sample to sample (White 1980); `pulls` are weighted residuals.
    # Around their `centre` the words need no intercept, and seven digits are enough.
    meat, of_words = np.zeros((len(centre), len(centre))), inverse[1:, 1:]
    for rows, block in _blocks(masks, np.float32):
        pulled = (block[:, 1:] - centre.astype(np.float32)) * pulls[rows, None].astype(np.float32)
        meat += pulled.T @ pulled
    return of_words @ meat @ of_words * len(masks) / max(degrees, 1.0)


def _fit(answers: np.ndarray, residuals: np.ndarray, near: np.ndarray) -> float:
    middle = np.average(answers, weights=near)
    return float(1 - near @ residuals**2 / (near @ (answers - middle) ** 2))


def _predicted(masks: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.concatenate([block @ weights for _, block in _blocks(masks)])


def _blocks(masks: np.ndarray, dtype: type = np.float64) -> Iterator[tuple[slice, np.ndarray]]:
    # The columns of the regression: a one for the intercept, then the words.
    for start in range(0, len(masks), BLOCK):
        rows = slice(start, start + BLOCK)
        block = np.ones((len(masks[rows]), masks.shape[1] + 1), dtype)
        block[:, 1:] = masks[rows]
        yield rows, block
