"""What each word of a text does to an answer, whichever method has found it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Self

import numpy as np

from core.units import UnitKind


class Scale(StrEnum):
    """What weights are amounts of."""

    PROBABILITY = "probability"  # of a class; 0.01 is one point
    LOG_ODDS = "log-odds"  # of a class over another one, over all others, or (contributions) over their mean logit


class CaveatKind(StrEnum):
    """What a caveat is about. Code decides by the kind; the sentence is for people."""

    NO_EFFECT = "no-effect"
    POOR_FIT = "poor-fit"
    SHRUNK_WEIGHTS = "shrunk-weights"
    PART_EXPLAINED = "part-explained"
    PART_READ = "part-read"
    TOO_FEW_SAMPLES = "too-few-samples"
    UNMARKED_EFFECT = "unmarked-effect"


@dataclass(frozen=True, kw_only=True)
class Caveat:
    """A sentence that belongs beside a picture.

    Attributes:
        kind: what it is about.
        text: the sentence.
    """

    kind: CaveatKind
    text: str


@dataclass(frozen=True, kw_only=True)
class TokenCoverage:
    """How much of a text a model takes in.

    Attributes:
        tokens_read, tokens_total: tokens of a token model, words of a bag.
        end: the model sees `text[:end]`, in characters.
        unknown_words: words that the model has no weight for, each once, in order of appearance.
        unknown_spans: start and end in the text of all that it has no weight for, signs too, ascending.
        token_boundaries: positions in the text inside of words, where one token ends and the next begins.
    """

    tokens_read: int
    tokens_total: int
    end: int
    unknown_words: tuple[str, ...] = ()
    unknown_spans: tuple[tuple[int, int], ...] = ()
    token_boundaries: tuple[int, ...] = ()

    def knows(self, text: str, spans: Sequence[tuple[int, int]]) -> np.ndarray:
        """(m,) bool, whether the model has a weight for anything in each unit of the text that it is of."""
        unknown = set(self.unknown_words)
        is_known = np.ones(len(text), bool)
        for start, end in self.unknown_spans:
            is_known[start:end] = False
        known = (
            is_known[start:end].any() and not {text[start:end], text[start:end].lower()} & unknown
            for start, end in spans
        )
        return np.fromiter(known, bool, len(spans))


@dataclass(frozen=True, kw_only=True)
class WeightedWord:
    """One word of a text and what it does.

    Attributes:
        word: as written; it stands at `text[start:end]`.
        weight: what the word's presence is worth, in the scale of its attribution.
    """

    word: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """What one method says each word of a text adds to the answer about one class.

    Attributes:
        method: its name in `core.explanation.EXPLAINERS`.
        title: its name as shown.
        scale: what `weights` and `rest` are amounts of.
        exact: whether the weights are the model's own sum, and no estimate.
        model: its name.
        text: as given; offsets of `words` point into it.
        units: what is weighed: words, all other signs too, or lines.
        class_name: the class that weights speak for (positive) or against (negative).
        against: the class that it is compared with; None when it is compared with all others.
        probabilities: of every class, summing to 1.
        words: strongest first, unless they were asked about in another order.
        coverage: how much of the text the model takes in.
        rest: what of the answer belongs to no word (marks, white space), or None where that has no meaning.
        rank_correlation: Spearman's, with the weights of the explanation that this is a second opinion on, in [-1, 1];
            None where there is none, for fewer than 3 words, and when one side gives all words the same weight.
        seconds: how long it took.
        caveats: what belongs beside the picture.
    """

    method: str
    title: str
    scale: Scale
    model: str
    text: str
    class_name: str
    probabilities: dict[str, float]
    words: tuple[WeightedWord, ...]
    coverage: TokenCoverage
    units: UnitKind = "words"
    against: str | None = None
    exact: bool = False
    rest: float | None = None
    rank_correlation: float | None = None
    seconds: float = 0.0
    caveats: tuple[Caveat, ...] = ()

    @property
    def weights(self) -> tuple[float, ...]:
        """The weight of each word, in the order of `words`."""
        return tuple(word.weight for word in self.words)

    def strongest(self, most: int) -> Self:
        """The same with so many of its words at most."""
        return replace(self, words=self.words[:most])

    def to_json(self) -> dict[str, Any]:
        """What `python -m core explain --json` prints."""
        how = {"method": self.method, "unit": str(self.scale), "exact": self.exact, "rest": self.rest}
        return self._answer_json() | how | {"seconds": self.seconds} | self._reading_json()

    def _answer_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "class_name": self.class_name,
            "against": self.against,
            "probabilities": self.probabilities,
            "words": [asdict(word) for word in self.words],
            "units": self.units,
        }

    def _reading_json(self) -> dict[str, Any]:
        return {
            "tokens_read": self.coverage.tokens_read,
            "tokens_total": self.coverage.tokens_total,
            "unknown_words": list(self.coverage.unknown_words),
            "caveats": [caveat.text for caveat in self.caveats],
            "caveat_kinds": [str(caveat.kind) for caveat in self.caveats],
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class Contributions:
    """What a model itself says each word of a text adds to its answer, in log-odds.

    Attributes:
        words: (words,) float64; with `rest` they add up to `whole - base`.
        rest: of marks, white space and whatever else belongs to no word.
        whole, base: the answer for the text, and for a text that says nothing.
        exact: whether the answer is a sum by itself, and this is it.
    """

    words: np.ndarray
    rest: float
    whole: float
    base: float
    exact: bool
