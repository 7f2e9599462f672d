"""Whether a highlight means anything: what happens when the words it calls strong are really taken away.

A faithful explanation names words whose loss costs the class its probability, more than the loss of as many random
words (area over the perturbation curve: Samek et al. 2017, arXiv 1509.06321; comprehensiveness: DeYoung et al. 2020,
aclanthology.org/2020.acl-main.408).
"""

from __future__ import annotations

import numpy as np

from core.explanation.lime import LEAST_SHARE
from core.explanation.masked_text import MaskedText, masked_text
from core.explanation.question import answers, classes_of
from core.predictor import Predictor
from core.schema import DeletionCheck, Explanation

STRONGEST = 5
DRAWS = 100  # sets of random words
ORDERS = 10  # random orders of all words, for the curve to compare with
STEPS = 25  # points of the curve


def check_by_deletion(model: Predictor, why: Explanation, seed: int = 0) -> DeletionCheck:
    """Take the words that speak most for the class away, and compare with random words.

    Args:
        model: the explanation's.
        why: an explanation with all its words: those that it leaves out count as weightless.
        seed: of the random words.

    In a text of one or two words, and where none surely speaks for the class, there is nothing to compare: then
    `random` is empty and `passed` None.
    """
    masked = masked_text(model, why.text)
    target, against = classes_of(model, why)
    order, rng = _strongest_first(masked, why), np.random.default_rng(seed)
    least = LEAST_SHARE * max((abs(word.weight) for word in why.words), default=0.0)
    speaking = sum(word.weight > least and word.significant for word in why.words)
    count = min(STRONGEST, max(1, len(order) // 4), speaking)
    steps = np.unique(np.linspace(0, len(order), min(STEPS, len(order)) + 1).astype(int))
    orders = [order, *(rng.permutation(len(order)) for _ in range(ORDERS))]
    draws = (rng.choice(len(order), count, replace=False) for _ in range(DRAWS if count and len(order) > 2 else 0))
    randoms = [drawn for drawn in draws if set(drawn) != set(order[:count])]
    masks = [masked.without(order[:count]), *map(masked.without, randoms)]
    masks += [masked.without(removed[:step]) for removed in orders for step in steps]
    found = answers(masked.ask(np.array(masks)), target, against)
    curves = found[1 + len(randoms) :].reshape(len(orders), len(steps))
    return DeletionCheck(
        count=count,
        whole=float(curves[0, 0]),
        without=float(found[0]),
        random=tuple(found[1 : 1 + len(randoms)].tolist()),
        removed=tuple(steps.tolist()),
        curve=tuple(curves[0].tolist()),
        random_curve=tuple(curves[1:].mean(axis=0).tolist()),
    )


def _strongest_first(masked: MaskedText, why: Explanation) -> np.ndarray:
    # All words, those that speak most for the class first, those against it last.
    weights = dict.fromkeys(masked.spans, 0.0) | {(word.start, word.end): word.weight for word in why.words}
    return np.argsort([-weights[span] for span in masked.spans], kind="stable")
