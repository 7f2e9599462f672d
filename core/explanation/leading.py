"""The explanation that a page begins with: a linear model's own sum where that can be had, else LIME's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from core.explanation.catalogue import EXPLAINERS
from core.explanation.caveats import coverage_caveats, unmarked_caveats
from core.explanation.leave_one_out import LeaveOneOut
from core.explanation.lime import check_settings, explanation_snapshots
from core.explanation.masked_text import MaskedText, masked_text
from core.explanation.question import check_question, classes_in_question, classes_of
from core.predictor import Predictor, Question
from core.schema import Explanation, Scale, WordWeight
from core.units import UnitKind

EXACT = EXPLAINERS["exact-sum"]
MOST_LEFT_OUT = 60  # words, each of which is asked about by itself: as many as a page marks


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
    is_awaited: Callable[[], bool] | None = None,
) -> Iterator[Explanation]:
    """The exact explanation of a linear model, at once; of another one the pictures of LIME, each surer.

    Args:
        model, text, label, samples, seed, against, units, is_awaited: as `explanation_snapshots` has them.
        log_odds: false asks for points of probability, and so for LIME, since a sum is of log-odds; None for log-odds
            where they are the model's own sum, or where the probability is so near to 0 or 1 that it hardly moves.

    Raises what `explain` raises.
    """
    check_settings(samples, seed)
    if EXACT.supports(model) and (against is not None or log_odds is not False):
        yield exact_explanation(model, text, label, against, seed=seed, units=units)
    else:
        how: dict[str, Any] = {"units": units, "log_odds": log_odds, "is_awaited": is_awaited}
        snapshots = explanation_snapshots(model, text, label, samples, seed, against, **how)
        yield from _with_drops(model, snapshots)


def exact_explanation(
    model: Predictor,
    text: str,
    label: str | None = None,
    against: str | None = None,
    *,
    seed: int = 0,
    units: UnitKind = "words",
) -> Explanation:
    """The parts of the sum that a linear model's log-odds are, as an explanation without samples and intervals.

    The weights, `rest` and `intercept` (what the model says of a text without any word) add up to `prediction`: the
    log-odds of the class over the other one, or over the mean of the others.

    Args:
        model, text, label, against, units: as `explain` has them.
        seed: of what is asked about the explanation later; the sum needs none.

    Raises what `explain` raises.
    """
    started = time.perf_counter()
    check_question(model, label, against)
    masked = masked_text(model, text, units)
    (shares,) = masked.ask(masked.without([])[None])
    question = classes_in_question(model, shares, label, against)
    explanation = _of_sum(masked, shares, question, seed)
    caveats = coverage_caveats(masked) + unmarked_caveats(masked, shares, question, explanation)
    return replace(explanation, caveats=caveats, seconds=time.perf_counter() - started)


def _with_drops(model: Predictor, snapshots: Iterator[Explanation]) -> Iterator[Explanation]:
    # The pictures, and the last once more with what the answer really loses without each of its strongest words.
    for why in snapshots:
        yield why
    masked = masked_text(model, why.text, why.units)
    places = {span: place for place, span in enumerate(masked.spans)}
    strongest, others = why.words[:MOST_LEFT_OUT], why.words[MOST_LEFT_OUT:]
    words = np.array([places[word.start, word.end] for word in strongest], np.int64)
    drops, _ = LeaveOneOut().weigh(masked, classes_of(model, why), words, why.scale)
    measured = (replace(word, drop=float(drop)) for word, drop in zip(strongest, drops, strict=True))
    yield replace(why, words=(*measured, *others))


def _of_sum(masked: MaskedText, shares: np.ndarray, question: Question, seed: int) -> Explanation:
    added = masked.model.contributions(masked.text[: masked.coverage.end], masked.spans, *question)
    strongest = masked.known[np.argsort(-np.abs(added.words[masked.known]), kind="stable")]
    names = masked.model.class_names
    return Explanation(
        method=EXACT.name,
        title=EXACT.title,
        scale=Scale.LOG_ODDS,
        exact=True,
        model=masked.model.name,
        text=masked.text,
        units=masked.units,
        class_name=names[question[0]],
        against=None if question[1] is None else names[question[1]],
        probabilities=dict(zip(names, map(float, shares), strict=True)),
        words=tuple(_word(masked, place, float(added.words[place])) for place in strongest),
        coverage=masked.coverage,
        rest=added.rest,
        intercept=added.base,
        prediction=added.whole,
        fit_r2=None,
        samples=0,
        seed=seed,
        candidates=len(strongest),
    )


def _word(masked: MaskedText, place: int, weight: float) -> WordWeight:
    start, end = masked.spans[place]
    return WordWeight(word=masked.text[start:end], start=start, end=end, weight=weight, low=weight, high=weight)
