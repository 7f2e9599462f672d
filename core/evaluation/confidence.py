"""Whether a model is as sure as it should be, and sets of classes that hold the true one as often as is asked."""

from __future__ import annotations

from math import ceil

import numpy as np

from core.errors import BadInput
from core.evaluation.intervals import share, wilson
from core.schema import CALIBRATION_BINS, Evaluation, LabelSetCheck, LabelSetRule, ReliabilityBin


def reliability(evaluation: Evaluation) -> tuple[ReliabilityBin, ...]:
    """Mean confidence and accuracy in 15 bins of confidence (Guo et al. 2017, arXiv 1706.04599), as in `ece`."""
    return tuple(_bin(evaluation, place) for place in range(CALIBRATION_BINS))


def label_set_rule(valid: Evaluation, coverage: float = 0.98) -> LabelSetRule:
    """The rule whose label sets hold the true class of a new document as often as asked, found on validation.

    Split conformal prediction with the score 1 - p(true class) (LAC, Sadinle et al. 2019, arXiv 1609.00451) and the
    quantile for finite samples of Angelopoulos and Bates 2021 (arXiv 2107.07511). It promises the coverage where new
    documents are of the same kind as those of validation. The most probable class is always in the set: an empty one
    would be wrong for sure. So a model that is right more often than asked gives one class, and covers more.

    Args:
        valid: answers on documents that the model did not learn from, and other ones than will be asked about.
        coverage: share of documents, above 0 and below 1.

    Raises BadInput for another coverage.
    """
    if not 0 < coverage < 1:
        raise BadInput(f"A coverage of {coverage:g} cannot be; give a share above 0 and below 1, such as 0.95.")
    true = np.sort(valid.probabilities[np.arange(len(valid)), valid.labels])[::-1]
    rank = ceil((len(true) + 1) * coverage - 1e-9)  # less than rounding adds, where the product is a whole number
    least = float(true[rank - 1]) if rank <= len(true) else 0.0
    return LabelSetRule(coverage=coverage, least=least, documents=len(true))


def label_sets(rule: LabelSetRule, probabilities: np.ndarray) -> np.ndarray:
    """(n, classes) bool, the classes in each document's set, from probabilities (n, classes)."""
    return probabilities >= np.minimum(probabilities.max(axis=1, keepdims=True), rule.least)


def check_label_sets(rule: LabelSetRule, test: Evaluation) -> LabelSetCheck:
    """How often the sets of a rule hold the true class, and how large they are, on documents it was not found on."""
    sets = label_sets(rule, test.probabilities)
    held, sizes = sets[np.arange(len(test)), test.labels], sets.sum(axis=1)
    classes = range(len(test.class_names))
    return LabelSetCheck(
        coverage=wilson(int(held.sum()), len(test)),
        by_class=tuple(share(int(held[test.labels == c].sum()), int((test.labels == c).sum())) for c in classes),
        mean_size=float(sizes.mean()),
        sizes=tuple(np.bincount(sizes, minlength=len(classes) + 1)[1:].tolist()),
    )


def _bin(evaluation: Evaluation, place: int) -> ReliabilityBin:
    inside = evaluation.bins == place
    documents = int(inside.sum())
    return ReliabilityBin(
        low=place / CALIBRATION_BINS,
        high=(place + 1) / CALIBRATION_BINS,
        documents=documents,
        confidence=float(evaluation.confidence[inside].mean(dtype=float)) if documents else None,
        accuracy=share(int(evaluation.correct[inside].sum()), documents),
    )
