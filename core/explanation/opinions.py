"""What other methods say of the same words: leaving out one word at a time, and integrated gradients."""

from __future__ import annotations

import numpy as np

from core.explanation.lime import answers
from core.explanation.masked_text import classes_of, masked_text
from core.predictor import Predictor
from core.schema import Attribution, Explanation


def second_opinions(model: Predictor, why: Explanation) -> tuple[Attribution, ...]:
    """Occlusion for any model; and what each word adds to the log-odds, for a network whose gradients are known.

    Raises nothing that the explanation has not raised.
    """
    asked = masked_text(model, why.text)
    places = {span: i for i, span in enumerate(asked.spans)}
    words = np.array([places[word.start, word.end] for word in why.words], np.int64)
    target, against = classes_of(model, why)
    masks = np.array([asked.without([]), *(asked.without([word]) for word in words)])
    found = answers(asked.ask(masks), target, against)
    opinions = [_opinion("Leaving out one word", found[0] - found[1:], why)]
    added = model.contributions(why.text[: asked.coverage.end], asked.spans, target, against)
    if added is not None:
        name = "The model's own sum" if added.exact else "Integrated gradients"
        opinions.append(_opinion(name, added.words[words], why, exact=added.exact, rest=added.rest))
    return tuple(opinions)


def _opinion(
    method: str, weights: np.ndarray, why: Explanation, *, exact: bool = False, rest: float | None = None
) -> Attribution:
    correlation = rank_correlation(weights, np.array([word.weight for word in why.words]))
    return Attribution(
        method=method, weights=tuple(weights.tolist()), rank_correlation=correlation, exact=exact, rest=rest
    )


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Spearman's rank correlation, or None for fewer than three words or when one side gives all the same weight."""
    from scipy.stats import spearmanr

    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return None
    return float(spearmanr(one, other).statistic)
