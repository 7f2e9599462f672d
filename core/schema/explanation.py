"""What a model reads of a text, and which words decided."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

LEAST_FIT = 0.3  # of the local model, below which its picture is misleading more often than not
LEAST_KEPT = 0.9  # of the weights; LIME's ridge has a fixed strength, and few words leave its kernel little weight


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How much of a text a model takes in.

    Attributes:
        tokens_read, tokens_total: tokens of a token model, words of a bag.
        end: the model sees `text[:end]`, in characters.
        unknown_words: words that the model has no weight for, each once, in order of appearance.
    """

    tokens_read: int
    tokens_total: int
    end: int
    unknown_words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class WordWeight:
    """One word of a text and what it did.

    Attributes:
        word: as written; it stands at `text[start:end]`.
        weight: change of the class probability that the word's presence is worth, in the local linear model.
        low, high: 95% interval of the weight over the samples drawn.
    """

    word: str
    start: int
    end: int
    weight: float
    low: float
    high: float

    @property
    def settled(self) -> bool:
        """Whether the interval leaves no doubt of the sign."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why a model gives one text its probability of one class.

    Attributes:
        text: as given; offsets of `words` point into it.
        class_name: the class that weights speak for (positive) or against (negative).
        probabilities: of every class, summing to 1.
        words: strongest first.
        intercept: of the local linear model.
        fit_r2: weighted R2 of the local linear model on its samples; None when all samples have the same probability.
        samples, seed, seconds: how it was made.
        reading: how much of the text the model takes in.
        kept: median share of a word's effect that LIME's ridge leaves in its weight, in [0, 1]; small in short texts.
        caveats: sentences that belong beside the picture.
    """

    model: str
    text: str
    class_name: str
    probabilities: dict[str, float]
    words: tuple[WordWeight, ...]
    intercept: float
    fit_r2: float | None
    samples: int
    seed: int
    seconds: float
    reading: Reading
    kept: float = 1.0
    caveats: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What `python -m core explain --json` prints."""
        how = {name: getattr(self, name) for name in ("intercept", "fit_r2", "samples", "seed", "seconds")}
        read = {"tokens_read": self.reading.tokens_read, "tokens_total": self.reading.tokens_total}
        return {
            "model": self.model,
            "class_name": self.class_name,
            "probabilities": self.probabilities,
            "words": [asdict(word) for word in self.words],
            **how,
            **read,
            "unknown_words": list(self.reading.unknown_words),
            "caveats": list(self.caveats),
        }
