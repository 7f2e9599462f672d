"""How right a model is about texts that are shorter than its documents: what it says to their beginnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.schema import PrefixScore, Split, TextLengths, text_lengths
from core.units import unit_spans

if TYPE_CHECKING:
    from core.predictor import Predictor

PREFIXES = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 40, 60)  # words
MOST_DOCUMENTS = 1_000  # so that a share is known to 3 points, and the time to a second
FEWEST_DOCUMENTS = 50  # below which a share says nothing


def measure_lengths(model: Predictor, test: Split) -> TextLengths | None:
    """How many words test documents have, and how right the model is when it sees only the first few of each.

    Args:
        model: who is asked.
        test: documents that it did not learn from; of many, evenly spaced ones stand for all.

    None when no document has a word.
    """
    rows = np.unique(np.linspace(0, len(test) - 1, min(MOST_DOCUMENTS, len(test)), dtype=int))
    spans = [unit_spans(test.texts[row]) for row in rows]
    words = np.array([len(found) for found in spans])
    if not words.any():
        return None
    long = {count: np.flatnonzero(words >= count) for count in PREFIXES}
    long = {count: found for count, found in long.items() if len(found) >= FEWEST_DOCUMENTS}
    texts = [test.texts[rows[i]][: spans[i][count - 1][1]] for count, found in long.items() for i in found]
    if not texts:
        return text_lengths(words, [])
    starts = np.cumsum([len(found) for found in long.values()])[:-1]
    answers = np.split(model.predict_proba(texts), starts)  # asked together, since each question has a cost of its own
    scores = [
        _score(count, probabilities, test.labels[rows[found]])
        for (count, found), probabilities in zip(long.items(), answers, strict=True)
    ]
    return text_lengths(words, scores)


def _score(words: int, probabilities: np.ndarray, labels: np.ndarray) -> PrefixScore:
    right = probabilities.argmax(axis=1) == labels
    return PrefixScore(words, len(labels), float(probabilities.max(axis=1).mean()), float(right.mean()))
