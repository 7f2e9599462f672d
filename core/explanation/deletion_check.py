"""Whether a highlight means anything: what happens when the words it calls strong are really taken away.

A faithful explanation names words whose loss costs the class its probability, more than the loss of as many random
words (area over the perturbation curve: Samek et al. 2017, arXiv 1509.06321; comprehensiveness: DeYoung et al. 2020,
aclanthology.org/2020.acl-main.408).
"""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np

from core.explanation.masked_text import MaskedText, masked_text
from core.explanation.question import answers, classes_of
from core.predictor import Predictor
from core.schema import SMALLEST_SHARE, DeletionCheck, Explanation, Scale

STRONGEST = 5
DRAWS = 199  # sets of random words, where there are too many to take all
MIN_SETS = 20  # of fewer sets none can be among the strongest 5%
ORDERS = 10  # random orders of all words, for the curve to compare with
STEPS = 25  # points of the curve
ROUNDING = 1e-5  # log-odds, below which answers are the same


def check_by_deletion(model: Predictor, why: Explanation, seed: int = 0) -> DeletionCheck:
    """Take the words that speak most for the class away, and compare with other sets of as many words.

    Args:
        model: the explanation's.
        why: an explanation with all its words: those that it leaves out count as weightless.
        seed: of the random words.

    Where none surely speaks for the class, and in a text of fewer than seven words, there is no test: then `random` is
    empty, and `p_value` and `passed` are None.
    """
    masked = masked_text(model, why.text, why.units)
    question = classes_of(model, why)
    rng = np.random.default_rng(seed)
    order = _strongest_first(masked, why)
    ours = order[: _how_many(len(order), why)]
    sets = _other_sets(ours, len(order), rng)
    steps = np.unique(np.linspace(0, len(order), min(STEPS, len(order)) + 1).astype(int))
    orders = [order, *(rng.permutation(len(order)) for _ in range(ORDERS))]
    masks = [masked.without(ours), *map(masked.without, sets)]
    masks += [masked.without(removed[:step]) for removed in orders for step in steps]
    probabilities = masked.ask(np.array(masks))
    in_scale, in_log_odds = (answers(probabilities, question, scale) for scale in (why.scale, Scale.LOG_ODDS))
    curves = in_scale[1 + len(sets) :].reshape(len(orders), len(steps))
    return DeletionCheck(
        count=len(ours),
        whole=float(curves[0, 0]),
        without=float(in_scale[0]),
        whole_log_odds=float(in_log_odds[1 + len(sets)]),
        without_log_odds=float(in_log_odds[0]),
        random=tuple(in_scale[1 : 1 + len(sets)].tolist()),
        random_log_odds=tuple(in_log_odds[1 : 1 + len(sets)].tolist()),
        p_value=_p_value(in_log_odds[0], in_log_odds[1 : 1 + len(sets)]) if sets else None,
        removed=tuple(steps.tolist()),
        curve=tuple(curves[0].tolist()),
        random_curve=tuple(curves[1:].mean(axis=0).tolist()),
    )


def _how_many(words: int, why: Explanation) -> int:
    # Of the words that surely speak for the class, a quarter of the text at most, but two where that allows a test.
    least = SMALLEST_SHARE * max((abs(word.weight) for word in why.words), default=0.0)
    speaking = sum(word.weight > least and word.significant for word in why.words)
    usual = max(words // 4, 2 if words >= 7 else 1)
    return min(STRONGEST, usual, speaking)


def _other_sets(ours: np.ndarray, words: int, rng: np.random.Generator) -> list[np.ndarray]:
    # Other sets of as many words: all that there are, or as many as are drawn, which may be ours again.
    possible = comb(words, len(ours))
    if not len(ours) or possible < MIN_SETS:
        return []
    if possible <= DRAWS + 1:
        every = (np.array(chosen) for chosen in combinations(range(words), len(ours)))
        return [chosen for chosen in every if set(chosen) != set(ours)]
    return [rng.choice(words, len(ours), replace=False) for _ in range(DRAWS)]


def _p_value(ours: float, others: np.ndarray) -> float:
    # Share of sets, ours among them, that cost at least as much. Our own set, when it is drawn, counts as another.
    return float((1 + (others <= ours + ROUNDING).sum()) / (1 + len(others)))


def _strongest_first(masked: MaskedText, why: Explanation) -> np.ndarray:
    # All words, those that speak most for the class first, those against it last.
    weights = dict.fromkeys(masked.spans, 0.0) | {(word.start, word.end): word.weight for word in why.words}
    return np.argsort([-weights[span] for span in masked.spans], kind="stable")
