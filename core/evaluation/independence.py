"""Whether a score was measured on documents that have nothing to do with those that were learned from."""

from __future__ import annotations

from math import sqrt

import numpy as np

from core.evaluation.intervals import wilson
from core.schema import Evaluation, Independence, Interval, Score, Split, TextDataset


def independence(data: TextDataset, test: Evaluation) -> Independence:
    """How many test documents have relatives or copies in training or validation, and how often they are right.

    Args:
        data: the data set that the model was made from.
        test: its answers to `data.test`.
    """
    before = (data.train, data.valid)
    shared = related(data.test, before)
    return Independence(
        groups=tuple(data.test.groups),
        everything=_score(test, np.ones(len(test), bool)),
        related=None if shared is None else _score(test, shared),
        copied=_score(test, copied(data.test, before)),
    )


def copied(split: Split, others: tuple[Split, ...]) -> np.ndarray:
    """(n,) bool, whether a text of the split is, character for character, one of the other splits; none is empty."""
    known = {text for other in others for text in other.texts if text.strip()}
    return np.fromiter((text in known for text in split.texts), bool, len(split))


def related(split: Split, others: tuple[Split, ...]) -> np.ndarray | None:
    """(n,) bool, whether a document shares a group with one of the other splits; None when groups are not known."""
    if not split.groups:
        return None
    shared = np.zeros(len(split), bool)
    for name, values in split.groups.items():
        known = {value for other in others for value in other.groups[name] if value}
        shared |= np.fromiter((value in known for value in values), bool, len(split))
    return shared


def share_difference(first: Score, second: Score) -> Interval:
    """The share of right answers in the first less that in the second, with its 95% interval.

    The interval is Newcombe's for two independent shares (1998, Statistics in Medicine 17:873, method 10).
    """
    one, two = wilson(first.right, first.documents), wilson(second.right, second.documents)
    value = one.value - two.value
    low = value - sqrt((one.value - one.low) ** 2 + (two.high - two.value) ** 2)
    high = value + sqrt((one.high - one.value) ** 2 + (two.value - two.low) ** 2)
    return Interval(value, low, high)


def _score(test: Evaluation, chosen: np.ndarray) -> Score:
    return Score(int(chosen.sum()), int(test.correct[chosen].sum()))
