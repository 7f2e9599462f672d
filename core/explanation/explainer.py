"""What every way to weigh the words of a text has in common: the base of all in the catalogue."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.explanation.caveats import coverage_caveats
from core.explanation.masked_text import MaskedText, masked_text
from core.explanation.question import check_question, classes_in_question
from core.predictor import Predictor, Question
from core.schema import Attribution, Scale, WeightedWord
from core.units import UnitKind

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class ExplainerSettings:
    """What an explainer weighs, and how.

    Attributes:
        samples: how many versions of the text to ask about at most, for a method that draws them; None for the default
            number, or five for each word where that is more.
        seed: of what is drawn.
        units: what is weighed: words, all other signs too, or lines.
        log_odds: weigh in log-odds of the class rather than in its probability, where the method can do both.
    """

    samples: int | None = None
    seed: int = 0
    units: UnitKind = "words"
    log_odds: bool = False


USUAL = ExplainerSettings()


class Explainer(ABC):
    """A way to weigh the words of a text for or against a class.

    Attributes:
        name: in the catalogue, on the command line and in JSON.
        title: as shown.
        scale: of the weights for one class; for one class rather than another they are log-odds, whatever it says.
        exact: whether the weights are the model's own sum, and no estimate.
    """

    name: str
    title: str
    scale: Scale
    exact: bool = False

    def supports(self, model: Predictor) -> bool:
        """Whether it can weigh words for this model; any, unless an explainer says otherwise."""
        return True

    @abstractmethod
    def attribute(
        self,
        model: Predictor,
        text: str,
        label: str | None = None,
        against: str | None = None,
        *,
        settings: ExplainerSettings = USUAL,
        among: Sequence[Span] | None = None,
    ) -> Attribution:
        """What each word adds to the answer.

        Args:
            model: one that it supports.
            text: what to explain; positions in the result point into it.
            label: name of the class; the most probable one by default.
            against: explain why the class rather than this one.
            settings: what is weighed and how.
            among: start and end of the words to weigh; all that the model knows by default.

        Returns:
            The words, strongest first, or in the order of `among`.

        Raises BadInput when the text has no word, or none that the model knows, and UnknownName for a class.
        """


class DirectExplainer(Explainer):
    """An explainer that gives one figure a word of a masked text: derive from it and write `weigh`."""

    @abstractmethod
    def weigh(
        self, masked: MaskedText, question: Question, words: np.ndarray, scale: Scale
    ) -> tuple[np.ndarray, float | None]:
        """What each word adds to the answer.

        Args:
            masked: the text, as the model reads it, its words, and a way to ask about it without some.
            question: positions of the class, and of the one it is compared with or None.
            words: (m,) int64, positions in `masked.spans` of the words to weigh.
            scale: what the weights are amounts of.

        Returns:
            (m,) float64 weights, and what of the answer belongs to no word, or None where that has no meaning.
        """

    def attribute(
        self,
        model: Predictor,
        text: str,
        label: str | None = None,
        against: str | None = None,
        *,
        settings: ExplainerSettings = USUAL,
        among: Sequence[Span] | None = None,
    ) -> Attribution:
        """What `weigh` finds, with all that belongs to it; `settings.samples` and `.seed` have no say in it."""
        started = time.perf_counter()
        check_question(model, label, against)
        masked = masked_text(model, text, settings.units)
        (shares,) = masked.ask(masked.without([])[None])
        question = classes_in_question(model, shares, label, against)
        words = masked.known if among is None else _positions(masked, among)
        scale = Scale.LOG_ODDS if settings.log_odds or against is not None else self.scale
        weights, rest = self.weigh(masked, question, words, scale)
        if among is None:
            order = np.argsort(-np.abs(weights), kind="stable")
            words, weights = words[order], weights[order]
        return Attribution(
            method=self.name,
            title=self.title,
            scale=scale,
            exact=self.exact,
            model=model.name,
            text=text,
            units=settings.units,
            class_name=model.class_names[question[0]],
            against=against,
            probabilities=dict(zip(model.class_names, map(float, shares), strict=True)),
            words=_weighted_words(masked, words, weights),
            coverage=masked.coverage,
            rest=rest,
            seconds=time.perf_counter() - started,
            caveats=coverage_caveats(masked),
        )


def _positions(masked: MaskedText, among: Sequence[Span]) -> np.ndarray:
    # (m,) int64, in the order of `among`.
    places = {span: i for i, span in enumerate(masked.spans)}
    return np.array([places[span] for span in among], np.int64)


def _weighted_words(masked: MaskedText, words: np.ndarray, weights: np.ndarray) -> tuple[WeightedWord, ...]:
    spans = [masked.spans[i] for i in words]
    return tuple(
        WeightedWord(word=masked.text[start:end], start=start, end=end, weight=weight)
        for (start, end), weight in zip(spans, weights.tolist(), strict=True)
    )
