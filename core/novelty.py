"""Whether a text is like those that a model learned from, by how rare among them is what the model reads of it.

The activations before a network's last layer cannot tell: what these networks learn is what their classes differ in,
and a docstring or a page in German says as little of that as many a film review. With 5% of its own reviews called
unlike, the distance of Lee et al. (2018, arXiv 1807.03888) finds 51% of docstrings and 1% of German pages to be unlike
those that `imdb-convnet` learned from; rarity finds 95% and all (tests/test_pretrained.py). The mean rarity of a text's
tokens is its cross-entropy under a unigram model of the training documents.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from core.encoders import Encoder
from core.schema import Encoded, Novelty

MIN_DEVIATION = 1e-3  # of a standard deviation: where all validation documents are alike
NOTHING_READ = "There is nothing in the text that the model reads."


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """What the documents of a model are like: what each word is worth is from training, what is usual from validation.

    Attributes:
        rarity: (ids + 1,) float16, of each token, word or phrase in nats; the last of what is not known.
        mean: rarity of a validation document, the mean over all that is in it.
        between: variance of that from document to document, in long documents.
        within: variance inside of a document; it adds `within / m` to that of a mean over m of them.
        quantiles: (101,) float64, the scores of 0, 1, ... 100% of the validation documents lie at or below.
    """

    rarity: np.ndarray
    mean: float
    between: float
    within: float
    quantiles: np.ndarray

    def score(self, ids: np.ndarray) -> float:
        """How many standard deviations rarer than usual, for so short a text, are these ids (m,), m > 0."""
        return float(self.deviations(self.rarity[ids].mean(dtype=np.float64), len(ids)))

    def deviations(self, means: np.ndarray | float, counts: np.ndarray | int) -> np.ndarray:
        """The same of documents whose ids are so many, with these means of their rarity."""
        usual = np.sqrt(self.between + self.within / np.asarray(counts))
        return (means - self.mean) / np.maximum(usual, MIN_DEVIATION)

    def novelty(self, ids: np.ndarray) -> Novelty:
        """Where a text that is read as these ids (m,) lies among the validation documents."""
        if not len(ids):
            return Novelty(score=None, percentile=None, reason=NOTHING_READ)
        score = self.score(ids)
        return Novelty(score=score, percentile=min(int(np.searchsorted(self.quantiles, score)), 100))


def reference(encoder: Encoder, train: Encoded, valid: Iterable[str]) -> Reference:
    """What documents are like: `train` as the encoder has encoded it, and the texts of the validation split."""
    rarity = encoder.rarity(train).astype(np.float16)
    documents = [ids for ids in encoder.occurrences(valid) if len(ids)] or [np.full(1, -1)]
    counts = np.array([len(ids) for ids in documents])
    starts = np.cumsum(counts) - counts
    rarities = rarity[np.concatenate(documents)].astype(np.float64)
    means = np.add.reduceat(rarities, starts) / counts
    within = float((np.add.reduceat((rarities - np.repeat(means, counts)) ** 2, starts) / counts).mean())
    by_chance = within * (1 / counts).mean()
    made = Reference(
        rarity=rarity,
        mean=float(means.mean()),
        between=max(float(means.var() - by_chance), 0.0),
        within=within,
        quantiles=np.zeros(101),
    )
    scores = made.deviations(means, counts)
    return replace(made, quantiles=np.quantile(scores, np.linspace(0, 1, 101), method="higher"))
