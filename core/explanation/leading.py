"""The explanation that a page begins with: a linear model's own sum where that can be had, else LIME's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from core.explanation.catalogue import EXPLAINERS
from core.explanation.explainer import ExplainerSettings
from core.explanation.lime import explanation_snapshots
from core.predictor import Predictor
from core.schema import Attribution, Explanation, WordWeight
from core.units import UnitKind


def leading_snapshots(
    model: Predictor,
    text: str,
    label: str | None = None,
    samples: int | None = None,
    seed: int = 0,
    against: str | None = None,
    *,
    units: UnitKind = "words",
    log_odds: bool | None = None,
) -> Iterator[Explanation]:
    """The exact explanation of a linear model, at once; of another one the pictures of LIME, each surer.

    Args:
        model, text, label, samples, seed, against, units, log_odds: as `explanation_snapshots` has them. A sum is of
            log-odds, so that LIME is asked where weights are to be in points of probability.

    Raises what `explain` raises.
    """
    if log_odds is not False and EXPLAINERS["exact-sum"].supports(model):
        yield exact_explanation(model, text, label, against, units)
    else:
        yield from explanation_snapshots(model, text, label, samples, seed, against, units=units, log_odds=log_odds)


def exact_explanation(
    model: Predictor, text: str, label: str | None = None, against: str | None = None, units: UnitKind = "words"
) -> Explanation:
    """The parts of the sum that a linear model's log-odds are, as an explanation without samples and intervals.

    Raises what `explain` raises.
    """
    settings = ExplainerSettings(units=units)
    found = EXPLAINERS["exact-sum"].attribute(model, text, label, against, settings=settings)
    shared = {spec.name: getattr(found, spec.name) for spec in fields(Attribution)}
    words = (
        WordWeight(word=w.word, start=w.start, end=w.end, weight=w.weight, low=w.weight, high=w.weight)
        for w in found.words
    )
    return Explanation(
        **shared | {"words": tuple(words)},
        intercept=found.rest or 0.0,
        fit_r2=None,
        samples=0,
        seed=0,
        candidates=len(found.words),
    )
