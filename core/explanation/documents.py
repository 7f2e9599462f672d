"""What explainers have to answer to look at many documents together: what each different word does, for all classes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.encoders.base import lowered
from core.explanation.explainer import DirectExplainer
from core.predictor import Predictor, Question
from core.schema import Split


@dataclass(frozen=True, kw_only=True, eq=False)
class DocumentWords:
    """What the different words of one document do, in log-odds.

    Attributes:
        position: of the document in its split.
        words: each once.
        amounts: (questions, words) float64.
        whole: (questions,) float64, the answers.
        base, rest: (questions,) float64, the answers without anything in the document, and what is of no word; None
            where the method does not tell.
    """

    position: int
    words: tuple[str, ...]
    amounts: np.ndarray
    whole: np.ndarray
    base: np.ndarray | None = None
    rest: np.ndarray | None = None


class DocumentExplainer(DirectExplainer):
    """An explainer that can look at many documents within seconds.

    Attributes:
        max_documents: how many it can look at in a few seconds; None for as many as are asked for.
        documents_per_step: how many it looks at together.
    """

    max_documents: int | None
    documents_per_step: int

    @abstractmethod
    def explain_documents(
        self, model: Predictor, split: Split, positions: Sequence[int], questions: Sequence[Question]
    ) -> list[DocumentWords]:
        """What the words of these documents of the split do; in a question None stands for the others' mean."""


def as_known(model: Predictor, word: str) -> str:
    """The word as the model tells it from others."""
    return lowered(word) if model.ignores_case else word


def different_words(model: Predictor, words: Sequence[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """The different words, and (words,) int64, which of them each is."""
    numbers: dict[str, int] = {}
    which = [numbers.setdefault(as_known(model, word), len(numbers)) for word in words]
    return tuple(numbers), np.array(which, np.int64)
