"""LIME's arithmetic for texts (Ribeiro et al. 2016, arXiv 1602.04938), as the `lime` package defines it.

Random words are left out, near texts count more (an exponential kernel of width 25 over a hundred times the cosine
distance), and a ridge regression (alpha 1) of the answer on the presence of words gives the weights. Here it is solved
in closed form, with intervals from the same samples, at most 2,500 of them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

import numpy as np
from threadpoolctl import ThreadpoolController

KERNEL_WIDTH = 25.0
ALPHA = 1.0
DRAWS = 200
LEAST_MOVE = 1e-4  # of the answers, below which it is the rounding of their figures that moves
TINY = 1e-30
BLOCK = 2500  # samples at a time: bounds the memory
ENOUGH = 2500  # samples, the last ones, that tell how far the weights spread and how well they fit: both are means
MAX_LEVERAGE = 0.999  # of a sample: what has all the weight tells nothing without itself


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalModel:
    """The weighted ridge regression that LIME fits around a text.

    Attributes:
        weights: (words,) float64, change of the answer that each word's presence is worth.
        spread: (words, words) float32; times standard normal numbers, what other draws of samples add to the weights.
        intercept: its constant; it fits texts near this one, not the empty text.
        shrinkage: median factor by which the ridge shrinks a weight, in [0, 1]; 1 leaves it as it is.
        training_r2: weighted R2 on the samples that it was fitted on, or None when the answer never moved.
        fit_r2: the same of each sample by a model that was fitted on the others (leave one out); 1 for a single word.
    """

    weights: np.ndarray
    spread: np.ndarray
    intercept: float
    shrinkage: float
    training_r2: float | None
    fit_r2: float | None

    @cached_property
    def errors(self) -> np.ndarray:
        """(words,) float64, standard errors of the weights."""
        return np.sqrt(np.einsum("ij,ij->i", self.spread, self.spread)).astype(np.float64)

    @property
    def prediction(self) -> float:
        """Its answer for the whole text."""
        return float(self.intercept + self.weights.sum())

    def stability(self, among: np.ndarray, top: tuple[int, ...]) -> float:
        """Share of other draws of samples, in [0, 1], with the same strongest words.

        Other draws are normal around the weights and cost no further question to the model. These weights and those of
        another draw both stray from what they estimate, so they differ by twice the weights' covariance.

        Args:
            among: (m,) int64, the words that can be among the strongest.
            top: those that are.
        """
        strayed = np.sqrt(np.float32(2)) * _normal(self.spread.shape[1]) @ self.spread[among].T
        size = -np.abs(self.weights[among] + strayed)
        strongest = among[np.argpartition(size, len(top) - 1, axis=1)[:, : len(top)]]
        return float(np.isin(strongest, top).all(axis=1).mean())


def draw_masks(rng: np.random.Generator, samples: int, words: int) -> np.ndarray:
    """(samples, words) bool, true where a word stays: of each sample 1 to all of its words are gone, evenly drawn."""
    gone = rng.integers(1, words + 1, samples)
    # Keys of 16 bits, four out of each number: two that are alike in one sample are so rare that they do no harm.
    keys = rng.integers(0, 1 << 64, -(-samples * words // 4), np.uint64).view(np.uint16)[: samples * words]
    keys = keys.reshape(samples, words)
    # Numbers of 16 bits are sorted "stable" by their digits, four times as fast as by comparing them.
    last_gone = np.sort(keys, axis=1, kind="stable")[np.arange(samples), gone - 1]
    return keys > last_gone[:, None]


def proximities(masks: np.ndarray) -> np.ndarray:
    """(n,) float64 in (0, 1], how much each sample counts: the kernel over its cosine distance from the whole text."""
    left = masks.view(np.uint8).sum(axis=1, dtype=np.uint32) / masks.shape[1]
    distances = 100.0 * (1.0 - np.sqrt(left))
    return np.exp(-0.5 * (distances / KERNEL_WIDTH) ** 2)


def fit_local(masks: np.ndarray, answers: np.ndarray) -> LocalModel:
    """The weighted ridge regression of answers (n,) on masks (n, words) bool.

    Around the weighted means, where no intercept is needed. Its sums have seven digits, which moves a weight by less
    than a millionth of the answers' range.
    """
    sample_weights = proximities(masks)
    total = sample_weights.sum()
    sqrt_weights = np.sqrt(sample_weights)
    mean_answer = float(sample_weights @ answers / total)
    scaled_answers = sqrt_weights * (answers - mean_answer)
    means = _weighted_sum(masks, sample_weights) / total
    gram, moments = _normal_equations(masks, means, sqrt_weights, scaled_answers)
    inverse = np.linalg.inv(gram + ALPHA * np.eye(len(means)))
    weights = inverse @ moments
    shrinkage = 1 - ALPHA * np.diag(inverse)
    residuals = scaled_answers - sqrt_weights * (_times(masks, weights) - means @ weights)
    last = _design(masks[-ENOUGH:], means, sqrt_weights[-ENOUGH:])
    leverages = _leverages(last, inverse) + sample_weights[-ENOUGH:] / total
    free = 1 - np.minimum(leverages, MAX_LEVERAGE)
    # Of a single word both versions that there are stand in every fit: nothing is left to chance, or to be left out.
    left = residuals[-ENOUGH:] * (masks.shape[1] > 1)
    # A fit comes the nearer to a sample the more that pulls it: residuals are scaled for it (HC2; MacKinnon and White
    # 1985). In 7,000 samples of 1,400 words 92% of the intervals held without it.
    meat = _meat(last, left / np.sqrt(free), len(masks))
    moves = np.ptp(answers) > LEAST_MOVE
    return LocalModel(
        weights=weights,
        spread=_spread(inverse, meat),
        intercept=mean_answer - float(means @ weights),
        shrinkage=float(np.median(shrinkage)),
        training_r2=_weighted_r2(residuals, scaled_answers) if moves else None,
        fit_r2=_weighted_r2(left / free, scaled_answers[-ENOUGH:]) if moves else None,
    )


def _weighted_sum(masks: np.ndarray, sample_weights: np.ndarray) -> np.ndarray:
    # (words,) float32, over the samples.
    parts = [sample_weights[rows].astype(np.float32) @ masks[rows].astype(np.float32) for rows in _blocks(masks)]
    return np.sum(parts, axis=0)


def _normal_equations(
    masks: np.ndarray, means: np.ndarray, sqrt_weights: np.ndarray, scaled_answers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    # The design's product with itself (words, words), and with the answers (words,), both float64.
    gram, moments = np.zeros((len(means), len(means))), np.zeros(len(means))
    for rows in _blocks(masks):
        design = _design(masks[rows], means, sqrt_weights[rows])
        gram += design.T @ design  # of a matrix with itself: BLAS computes one half
        moments += design.T @ scaled_answers[rows].astype(np.float32)
    return gram, moments


def _meat(design: np.ndarray, residuals: np.ndarray, samples: int) -> np.ndarray:
    # (words, words), the middle of the sandwich, of as many of the samples as tell it well enough.
    scores = design * residuals[:, None].astype(np.float32)
    return scores.T @ scores * (samples / len(scores))


def _leverages(design: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    # (n,) float32, by how much each sample pulls the fit to its own answer; in [0, 1].
    return np.einsum("ij,ij->i", design @ inverse.astype(np.float32), design)


def _weighted_r2(residuals: np.ndarray, scaled_answers: np.ndarray) -> float:
    return float(1 - residuals @ residuals / (scaled_answers @ scaled_answers))


def _spread(inverse: np.ndarray, meat: np.ndarray) -> np.ndarray:
    # A root of the sandwich that holds when the errors differ from sample to sample (White 1980). With fewer samples
    # than words its middle has no full rank; a little on its diagonal mends that.
    root = np.linalg.cholesky(meat + (1e-6 * meat.trace() + TINY) * np.eye(len(meat)))
    return inverse.astype(np.float32) @ root.astype(np.float32)


def _normal(words: int) -> np.ndarray:
    # (DRAWS, words) float32, standard normal; drawn once for all texts of similar length.
    return _many_normal(1 << (words - 1).bit_length())[:, :words]


@lru_cache(maxsize=4)
def _many_normal(words: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((DRAWS, words), np.float32)


def _times(masks: np.ndarray, weights: np.ndarray) -> np.ndarray:
    blocks = [masks[rows].astype(np.float32) @ weights.astype(np.float32) for rows in _blocks(masks)]
    return np.concatenate(blocks).astype(np.float64)


def _blocks(masks: np.ndarray) -> list[slice]:
    return [slice(start, start + BLOCK) for start in range(0, len(masks), BLOCK)]


def _design(masks: np.ndarray, means: np.ndarray, factors: np.ndarray) -> np.ndarray:
    # (n, words) float32, each sample around the means and times its factor.
    design = masks - means.astype(np.float32)
    design *= factors[:, None].astype(np.float32)
    return design


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Keep BLAS to one thread: for matrices of this size two cost more than they bring, most of all beside XLA's."""
    with _ONE_AT_A_TIME, _libraries().limit(limits=1, user_api="blas"):
        yield


_ONE_AT_A_TIME = threading.Lock()  # the limit is the process's: two that come and go would keep each other's


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
