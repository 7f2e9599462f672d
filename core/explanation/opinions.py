"""What other methods say of the words of an explanation, and how far they put them into the same order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.explanation.catalogue import EXPLAINERS
from core.explanation.explainer import Explainer, ExplainerSettings
from core.predictor import Predictor
from core.schema import Attribution, Explanation, Scale

COMPARED = 10  # strongest words: the order of those that weigh nothing is noise


def second_opinions(model: Predictor, why: Explanation) -> tuple[Attribution, ...]:
    """What each other method of the catalogue that supports the model says, of the explanation's words in their order.

    Raises nothing that the explanation has not raised.
    """
    others = [each for each in EXPLAINERS.values() if each.name != why.method and each.supports(model)]
    return tuple(_opinion(explainer, model, why) for explainer in others)


def _opinion(explainer: Explainer, model: Predictor, why: Explanation) -> Attribution:
    among = tuple((word.start, word.end) for word in why.words)
    settings = ExplainerSettings(
        samples=None if why.exact else why.samples, seed=why.seed, units=why.units, log_odds=why.scale is Scale.LOG_ODDS
    )
    opinion = explainer.attribute(model, why.text, why.class_name, why.against, settings=settings, among=among)
    correlation = rank_correlation(np.array(opinion.weights[:COMPARED]), np.array(why.weights[:COMPARED]))
    return replace(opinion, rank_correlation=correlation)


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Spearman's rank correlation, or None for fewer than three words or when one side gives all the same weight."""
    from scipy.stats import spearmanr

    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(spearmanr(one, other).statistic)
