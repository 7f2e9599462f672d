"""Which words decided, how far that can be trusted, and what a text is like."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import mean, pstdev
from typing import Any

from core.schema.attribution import Attribution, Unit, WeightedWord

MIN_FIT = 0.3  # of the local model, below which its picture is misleading more often than not
SHORT_TEXT_WORDS = 30  # words, up to which it is a text that is short rather than its samples few
NOVEL_PERCENTILE = 95  # percent of the validation documents that are less rare than a text that is called unlike them
MIN_DROP = 0.01  # of a probability or of log-odds, below which taking words away has shown nothing
MIN_SHRINKAGE = 0.9  # of the weights; LIME's ridge has a fixed strength, and few words leave its kernel little weight


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
class WordWeight(WeightedWord):
    """One word of a text and its weight in LIME's local linear model.

    Attributes:
        weight: change of the answer that the word's presence is worth.
        low, high: 95% interval of the weight over the samples drawn.
    """

    low: float
    high: float

    @property
    def significant(self) -> bool:
        """Whether the interval leaves no doubt of the sign."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, kw_only=True)
class Explanation(Attribution):
    """Why a model gives one text its probability of one class, as LIME finds it.

    Attributes:
        unit: follows from `against`: points of probability of the class, or its log-odds over the other one.
        words: strongest first.
        intercept: of the local linear model.
        prediction: of the local linear model for the whole text; far from the model's own, it describes it badly.
        fit_r2: weighted R2 of the local linear model on its samples; None when all samples have the same probability.
        top: how many of the strongest words have a sure sign, at most 5.
        top_stability: share of other draws of samples, in [0, 1], with the same `top` strongest; None without any.
        converged: whether it ended early, since the strongest words and their order were sure.
        samples, seed: how it was made.
        shrinkage: median factor by which LIME's ridge shrinks a weight, in [0, 1]; small in short texts.
    """

    method: str = "lime"
    title: str = "LIME"
    unit: Unit = field(init=False)
    words: tuple[WordWeight, ...]
    intercept: float
    fit_r2: float | None
    samples: int
    seed: int
    prediction: float | None = None
    top: int = 0
    top_stability: float | None = None
    converged: bool = False
    shrinkage: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit.PROBABILITY if self.against is None else Unit.LOG_ODDS)

    def to_json(self) -> dict[str, Any]:
        """What `python -m core explain --json` prints."""
        figures = ("intercept", "prediction", "fit_r2", "top", "samples", "seed", "seconds")
        how = {name: getattr(self, name) for name in figures}
        how |= {"agreement": self.top_stability, "settled": self.converged}  # names of the contract
        return self._answer_json() | how | self._reading_json()


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
