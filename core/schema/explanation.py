"""Which words decided, how far that can be trusted, and what a text is like."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from statistics import NormalDist, mean
from typing import Any

from core.schema.attribution import Attribution, Scale, WeightedWord
from core.schema.highlight import SMALLEST_SHARE
from core.schema.notebook import explanation_html

MIN_FIT = 0.3  # of the local model, below which its picture is misleading more often than not
NOVEL_PERCENTILE = 95  # percent of the validation documents that are less rare than a text that is called unlike them
MIN_SAMPLES_PER_WORD = 5  # below which too many intervals of the strongest words miss (tests/test_honesty.py)
MIN_MARKED_FIT = 0.05  # of the local model, below which no word is marked: the fit on noise lies around 0
CONVERGED = 0.95  # share of other draws with the same strongest words, from which on no more samples are drawn
MIN_DROP = 0.01  # of a probability or of log-odds, below which what has moved is not worth a sentence
MAX_P_VALUE = 0.05  # of the check by deletion: so many random highlights pass it
MIN_MISMATCH = {Scale.PROBABILITY: 0.05, Scale.LOG_ODDS: 0.5}  # between a weight and a drop, to be worth a sentence
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
    """One word of a text and its weight in LIME's local linear model, or in the sum that a linear model is.

    Attributes:
        weight: change of the answer that the word's presence is worth.
        low, high: 95% interval of the weight over the samples drawn, or the weight itself where it is exact; of words
            that were chosen for being strong, 95% of the intervals hold (Benjamini and Yekutieli 2005).
        error: standard error of the weight.
        drop: what the answer loses when this word alone is left out, in the scale of the weight; None where that was
            not asked, and for a sum, whose parts say it.
    """

    low: float
    high: float
    error: float = 0.0
    drop: float | None = None

    @property
    def significant(self) -> bool:
        """Whether the interval leaves no doubt of the sign."""
        return self.low > 0 or self.high < 0

    def with_interval(self, margin: float) -> WordWeight:
        """The same with an interval of so many standard errors on each side, where there is an error."""
        if self.error == 0:
            return self
        return replace(self, low=self.weight - margin * self.error, high=self.weight + margin * self.error)


@dataclass(frozen=True, kw_only=True)
class Explanation(Attribution):
    """Why a model gives one text its probability of one class, as LIME finds it, or as a linear model sums it up.

    The sum of a linear model is exact: it has no samples, no intervals and no fit.

    Attributes:
        scale: points of probability of the class, or its log-odds over the other one, or over all others.
        words: strongest first.
        intercept: of the local linear model, or what a linear model says of a text without any word.
        prediction: of the local linear model for the whole text; far from the model's own, it describes it badly.
        fit_r2: weighted R2 of the local linear model on samples that it was not fitted on (leave one out); None when
            all samples have the same probability.
        top: how many of the strongest words have a sure sign, at most 5.
        top_stability: share of other draws of samples, in [0, 1], with the same `top` strongest; None without any.
        converged: whether it ended early, since the strongest words were the same in two pictures and `CONVERGED` of
            other draws.
        paused: whether it could end here and others wait for the processor; whoever goes on gets the rest.
        samples, seed: how it was made.
        shrinkage: median factor by which LIME's ridge shrinks a weight, in [0, 1]; small in short texts.
        candidates: how many words were weighed, of which `words` may be the strongest only.
    """

    method: str = "lime"
    title: str = "LIME"
    scale: Scale = Scale.PROBABILITY
    words: tuple[WordWeight, ...]
    intercept: float
    fit_r2: float | None
    samples: int
    seed: int
    prediction: float | None = None
    top: int = 0
    top_stability: float | None = None
    converged: bool = False
    paused: bool = False
    shrinkage: float = 1.0
    candidates: int = 0

    def __post_init__(self) -> None:
        if self.against is not None:
            object.__setattr__(self, "scale", Scale.LOG_ODDS)

    @property
    def enough_samples(self) -> bool:
        """Whether there are so many samples for each word that the intervals hold; a sum needs none."""
        return self.exact or self.samples >= MIN_SAMPLES_PER_WORD * self.candidates

    @property
    def tells_words_apart(self) -> bool:
        """Whether samples are enough, and the weights account for some of the answer's moves; true of a model's sum."""
        fits = self.fit_r2 is not None and self.fit_r2 >= MIN_MARKED_FIT
        return self.exact or (self.enough_samples and fits)

    def mismatched(self, most: int) -> tuple[WordWeight, ...]:
        """Of the strongest words those whose weight is far from what the answer loses without them alone."""
        return tuple(
            word
            for word in self.strongest(most).words
            if word.drop is not None
            and abs(word.weight - word.drop) > max(MIN_MISMATCH[self.scale], max(abs(word.weight), abs(word.drop)) / 2)
        )

    def strongest(self, most: int) -> Explanation:
        """The same with so many of its words at most, the strongest, and intervals that allow for the choice.

        The largest of many estimates are too large more often than not. Of the intervals of S words chosen out of K, at
        level 1 - 0.05 S / K, 95% hold (Benjamini and Yekutieli 2005, doi 10.1198/016214504000001907). S are at most as
        many as are told from 0 with a false discovery rate of 5%, so that in 19 of 20 texts that a model answers by
        chance no interval leaves 0 out.
        """
        words = self.words[:most]
        chosen = max(min(len(words), self._discoveries()), 1)
        margin = -NormalDist().inv_cdf(0.025 * chosen / max(self.candidates, len(words), 1))
        return replace(self, words=tuple(word.with_interval(margin) for word in words))

    def marked(self, most: int, smallest_share: float = SMALLEST_SHARE) -> tuple[WordWeight, ...]:
        """The words to mark in the text: the strongest, without those whose weight is small beside the strongest.

        Args:
            most: how many.
            smallest_share: of the strongest word's weight, that a marked word has at least, in [0, 1].

        None are marked while there are too few samples to tell them from chance, and where no sum of words accounts for
        the answer.
        """
        if not self.tells_words_apart:
            return ()
        least = smallest_share * max((abs(word.weight) for word in self.words), default=0.0)
        return self.strongest(sum(abs(word.weight) >= least for word in self.words[:most])).words

    def _discoveries(self) -> int:
        # How many words are told from 0 (Benjamini and Hochberg 1995).
        normal = NormalDist()
        tails = sorted(2 * normal.cdf(-abs(word.weight) / word.error) for word in self.words if word.error > 0)
        certain = sum(word.error == 0 and word.significant for word in self.words)
        ranks = range(certain + 1, certain + len(tails) + 1)
        passing = [rank for rank, tail in zip(ranks, tails, strict=True) if tail <= 0.05 * rank / self.candidates]
        return max(passing, default=certain)

    def _repr_html_(self) -> str:
        """What a notebook shows: the answer and the text with its marks, as the Explain page has them."""
        return explanation_html(self)

    def to_json(self) -> dict[str, Any]:
        """What `python -m core explain --json` prints."""
        figures = ("intercept", "prediction", "fit_r2", "top", "samples", "seed", "seconds")
        how = {name: getattr(self, name) for name in figures}
        how |= {"agreement": self.top_stability, "settled": self.converged}  # names of the contract
        how |= {"unit": str(self.scale), "candidates": self.candidates}
        how |= {"method": self.method, "exact": self.exact, "rest": self.rest}
        words = [_word_json(word) for word in self.words]
        return self._answer_json() | {"words": words} | how | self._reading_json()


def _word_json(word: WordWeight) -> dict[str, Any]:
    unasked = {"error"} | ({"drop"} if word.drop is None else set())
    return {key: value for key, value in asdict(word).items() if key not in unasked}


@dataclass(frozen=True, kw_only=True)
class DeletionCheck:
    """What the strongest words of an explanation are worth when they are really taken away.

    The test is one of permutation: among all sets of as many words, how many cost the class at least as much
    (Phipson and Smyth 2010, doi 10.2202/1544-6115.1585). It is decided in log-odds, where a move from 99.99 to 99.8%
    counts.

    Attributes:
        count: words taken away: those that speak most for the class; 0 when none surely does.
        whole, without: the answer with all words, and without the strongest ones, in the explanation's scale.
        whole_log_odds, without_log_odds: the same in log-odds of the class, over the other one or all others.
        random: answers without as many random words, in the explanation's scale; empty when there is no test.
        random_log_odds: the same in log-odds.
        p_value: share of the sets, ours among them, that cost the class at least as much, in (0, 1]; None when the text
            has so few words that no set could be among the strongest 5%.
        removed: (steps,) words gone at each point of the curves, from none to all.
        curve, random_curve: (steps,) the answer with the strongest words gone first, and its mean over random orders.
    """

    count: int
    whole: float
    without: float
    whole_log_odds: float
    without_log_odds: float
    random: tuple[float, ...]
    random_log_odds: tuple[float, ...]
    p_value: float | None
    removed: tuple[int, ...]
    curve: tuple[float, ...]
    random_curve: tuple[float, ...]

    @property
    def drop(self) -> float:
        """What the strongest words' loss costs, in the explanation's scale."""
        return self.whole - self.without

    @property
    def log_odds_drop(self) -> float:
        """What the strongest words' loss costs, in log-odds."""
        return self.whole_log_odds - self.without_log_odds

    @property
    def random_drop(self) -> float | None:
        """What the loss of as many random words costs on average, in the explanation's scale."""
        return self.whole - mean(self.random) if self.random else None

    @property
    def random_log_odds_drop(self) -> float | None:
        """What the loss of as many random words costs on average, in log-odds."""
        return self.whole_log_odds - mean(self.random_log_odds) if self.random_log_odds else None

    @property
    def passed(self) -> bool | None:
        """Whether the strongest words cost more than 95% of all sets; None when there is no test."""
        return None if self.p_value is None else self.p_value <= MAX_P_VALUE

    @property
    def area(self) -> float:
        """How much lower the curve lies than that of random orders, on average: above 0, the order means something."""
        return mean(other - ours for ours, other in zip(self.curve, self.random_curve, strict=True))


@dataclass(frozen=True, kw_only=True)
class PerturbedText:
    """A text with some of its units left out, as LIME asks about it.

    Attributes:
        left_out: start and end in the text of each unit that is gone, ascending.
        probability: of the class that is explained.
    """

    left_out: tuple[tuple[int, int], ...]
    probability: float


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
