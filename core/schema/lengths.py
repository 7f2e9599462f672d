"""How long the documents of a model are, and how right it is about shorter texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from core.format import percent

MAX_GAP = 0.03  # between how right and how sure, from which on a probability is called into question
MANY_WORDS = 20  # from which on a text is called short only where the probability was found to be off


class PrefixScore(NamedTuple):
    """Answers to test documents of which only the first words were shown.

    Attributes:
        words: how many of each.
        documents: how many documents have as many.
        confidence: mean probability of the predicted class, in [0, 1].
        accuracy: share that is right, in [0, 1].
    """

    words: int
    documents: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class TextLengths:
    """Words of the test documents, and what the model says to the beginnings of them.

    Attributes:
        median: words of a test document, the median.
        fifth: words that 95% of them have at least.
        prefixes: by ascending numbers of words; empty where too few documents are long enough.
    """

    median: int
    fifth: int
    prefixes: tuple[PrefixScore, ...]

    def prefix(self, words: int) -> PrefixScore | None:
        """What was measured nearest to that number of words; None for over a tenth more than was measured."""
        if not self.prefixes or words > 1.1 * self.prefixes[-1].words:
            return None
        return min(self.prefixes, key=lambda score: abs(score.words - words))

    def caution(self, words: int) -> str:
        """What has to be known of the probability of a text with so many words, "" when nothing has to."""
        if words >= self.median:  # as long as the documents by which the model's calibration was measured
            return ""
        score = self.prefix(words)
        is_off = score is not None and abs(score.confidence - score.accuracy) > MAX_GAP
        if not (is_off or self._is_short(words)):
            return ""
        counted = "1 word" if words == 1 else f"{words:,} words"
        usual = f"{counted}; test documents typically have {self.median:,}."
        if score is None:
            return f"{usual} How right the model is about so short a text was never measured."
        shown = "first word" if score.words == 1 else f"first {score.words:,} words"
        measured = f"{usual} On the {shown} of those it is right in {percent(score.accuracy)}"
        if not is_off:
            return f"{measured}."
        advice = (
            "do not rely on the probability"
            if score.confidence > score.accuracy
            else "it is right more often than it says"
        )
        return f"{measured} and, on average, {percent(score.confidence)} sure: {advice}."

    def is_only_too_modest(self, words: int) -> bool:
        """Whether all that has to be known is that the model is right more often than it says."""
        score = self.prefix(words)
        return score is not None and score.accuracy > score.confidence and not self._is_short(words)

    def _is_short(self, words: int) -> bool:
        return words < (self.fifth if self.prefix(words) is None else min(self.fifth, MANY_WORDS))

    def to_json(self) -> dict[str, Any]:
        """What is stored with a model."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> TextLengths:
        """The same, read back. Raises ValueError for what cannot be."""
        prefixes = tuple(_read_score(row) for row in record["prefixes"])
        median, fifth = record["median"], record["fifth"]
        ascending = all(one.words < other.words for one, other in pairwise(prefixes))
        if not (type(median) is type(fifth) is int and 0 <= fifth <= median and ascending):
            raise ValueError("its lengths have figures that cannot be")
        return cls(median=median, fifth=fifth, prefixes=prefixes)


def text_lengths(words: np.ndarray, prefixes: Sequence[PrefixScore]) -> TextLengths:
    """From the numbers of words (n,) of the test documents, n > 0, and what was measured."""
    fifth, median = np.quantile(words, [0.05, 0.5], method="lower")
    return TextLengths(median=int(median), fifth=int(fifth), prefixes=tuple(prefixes))


def _read_score(row: Any) -> PrefixScore:
    words, documents, confidence, accuracy = row
    counts = type(words) is type(documents) is int and words > 0 and documents > 0
    shares = all(type(share) in (int, float) and 0 <= share <= 1 for share in (confidence, accuracy))
    if not (counts and shares):
        raise ValueError("its lengths have figures that cannot be")
    return PrefixScore(words, documents, float(confidence), float(accuracy))
