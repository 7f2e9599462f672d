"""What a model reads of a text, and which words decided."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import mean, pstdev
from typing import Any

import numpy as np

MIN_FIT = 0.3  # of the local model, below which its picture is misleading more often than not
SHORT_TEXT_WORDS = 30  # words, up to which it is a text that is short rather than its samples few
NOVEL_PERCENTILE = 95  # percent of the validation documents that are less rare than a text that is called unlike them
MIN_DROP = 0.01  # of a probability or of log-odds, below which taking words away has shown nothing
MIN_SHRINKAGE = 0.9  # of the weights; LIME's ridge has a fixed strength, and few words leave its kernel little weight


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


@dataclass(frozen=True, kw_only=True)
class Novelty:
    """How like the documents that a model learned from a text is, by how rare among them is what it reads of the text.

    Attributes:
        score: standard deviations by which it is rarer than a validation document of its length usually is.
        percentile: percent of the validation documents that are less rare, in [0, 100].
        reason: why these two are None; else "".
    """

    score: float | None
    percentile: int | None
    reason: str = ""

    @property
    def is_novel(self) -> bool:
        """Whether it is rarer than `NOVEL_PERCENTILE` percent of the validation documents; false when not known."""
        return self.percentile is not None and self.percentile > NOVEL_PERCENTILE


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
    def significant(self) -> bool:
        """Whether the interval leaves no doubt of the sign."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Why a model gives one text its probability of one class.

    Attributes:
        text: as given; offsets of `words` point into it.
        class_name: the class that weights speak for (positive) or against (negative).
        against: None when weights are points of probability of the class; else they are its log-odds over this one.
        probabilities: of every class, summing to 1.
        words: strongest first.
        intercept: of the local linear model.
        prediction: of the local linear model for the whole text; far from the model's own, it describes it badly.
        fit_r2: weighted R2 of the local linear model on its samples; None when all samples have the same probability.
        top: how many of the strongest words have a sure sign, at most 5.
        top_stability: share of other draws of samples, in [0, 1], with the same `top` strongest; None without any.
        converged: whether it ended early, since the strongest words and their order were sure.
        samples, seed, seconds: how it was made.
        coverage: how much of the text the model takes in.
        shrinkage: median factor by which LIME's ridge shrinks a weight, in [0, 1]; small in short texts.
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
    coverage: TokenCoverage
    against: str | None = None
    prediction: float | None = None
    top: int = 0
    top_stability: float | None = None
    converged: bool = False
    shrinkage: float = 1.0
    caveats: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What `python -m core explain --json` prints."""
        figures = ("intercept", "prediction", "fit_r2", "top", "samples", "seed", "seconds")
        how = {name: getattr(self, name) for name in figures}
        how |= {"agreement": self.top_stability, "settled": self.converged}  # names of the contract
        read = {"tokens_read": self.coverage.tokens_read, "tokens_total": self.coverage.tokens_total}
        return {
            "model": self.model,
            "class_name": self.class_name,
            "against": self.against,
            "probabilities": self.probabilities,
            "words": [asdict(word) for word in self.words],
            **how,
            **read,
            "unknown_words": list(self.coverage.unknown_words),
            "caveats": list(self.caveats),
        }


@dataclass(frozen=True, kw_only=True)
class DeletionCheck:
    """What the strongest words of an explanation are worth when they are really taken away.

    Figures are probabilities of the class, or its log-odds when the explanation is against another one.

    Attributes:
        count: words taken away: those that speak most for the class; 0 when none surely does.
        whole, without: the answer with all words, and without the strongest ones.
        random: answers without as many random words, one for each draw; empty when the text is too short for it.
        removed: (steps,) words gone at each point of the curves, from none to all.
        curve, random_curve: (steps,) the answer with the strongest words gone first, and its mean over random orders.
    """

    count: int
    whole: float
    without: float
    random: tuple[float, ...]
    removed: tuple[int, ...]
    curve: tuple[float, ...]
    random_curve: tuple[float, ...]

    @property
    def drop(self) -> float:
        """What the strongest words' loss costs."""
        return self.whole - self.without

    @property
    def random_drop(self) -> float | None:
        """What the loss of as many random words costs on average."""
        return self.whole - mean(self.random) if self.random else None

    @property
    def random_spread(self) -> float | None:
        """Standard deviation of the answers without random words."""
        return pstdev(self.random) if self.random else None

    @property
    def passed(self) -> bool | None:
        """Whether the strongest words cost more than 19 of 20 random sets; None when nothing can be or is compared."""
        if not self.random or self.drop < MIN_DROP > self.whole - min(self.random):
            return None
        return sum(self.without < other for other in self.random) >= 0.95 * len(self.random)

    @property
    def area(self) -> float:
        """How much lower the curve lies than that of random orders, on average: above 0, the order means something."""
        return mean(other - ours for ours, other in zip(self.curve, self.random_curve, strict=True))


@dataclass(frozen=True, kw_only=True, eq=False)
class Contributions:
    """What each word of a text adds to an answer, in log-odds.

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


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """What another method says of the same words and the same class.

    Attributes:
        method: its name.
        weights: of each word of the explanation, in its order.
        rank_correlation: Spearman's, with the explanation's weights, in [-1, 1]; None for fewer than 3 words.
        exact: whether the weights are the model's own sum, and no estimate.
        rest: what of the answer belongs to no word (marks, white space), or None where that has no meaning.
    """

    method: str
    weights: tuple[float, ...]
    rank_correlation: float | None
    exact: bool = False
    rest: float | None = None


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Another version of a text, or a part of it.

    Attributes:
        name: what was done to it.
        text: the result.
        probability: of the class that was asked about.
        change: of the probability, from the version that it is compared with.
    """

    name: str
    text: str
    probability: float
    change: float
