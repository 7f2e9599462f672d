"""The one seam between models and everything that looks at them: texts in, class probabilities out. Without JAX."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from itertools import chain

import numpy as np

from core.errors import BadInput
from core.schema import Contributions, Novelty, TokenCoverage

Question = tuple[int, int | None]  # a class, and the one that it is compared with, or None for the others' mean


class Predictor(ABC):
    """Anything that gives texts class probabilities. Derive from it to explain and evaluate a model of your own.

    Attributes:
        name: what pictures and files call the model.
        class_names: the classes, in the order of the probabilities.
    """

    name: str
    class_names: tuple[str, ...]

    @abstractmethod
    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        """(n, classes) float32, rows sum to 1. Must not change the predictor: threads share it."""

    def without(self, text: str, spans: Sequence[tuple[int, int]]) -> Callable[[np.ndarray], np.ndarray]:
        """A function from masks (n, words) bool, true where a word stays, to `predict_proba` of the n texts.

        Args:
            text: what the model reads.
            spans: start and end of each unit in it, ascending; see `core.units`.
        """
        edges = [0, *(edge for span in spans for edge in span), len(text)]
        between = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
        words = np.array([text[start:end] for start, end in spans], object)

        def answer(masks: np.ndarray) -> np.ndarray:
            remaining = np.where(masks, words, "")
            return self.predict_proba(
                ["".join(chain(*zip(between, row, strict=False), between[-1:])) for row in remaining]
            )

        return answer

    @property
    def has_contributions(self) -> bool:
        """Whether the model knows by itself what each word adds: whether `many_contributions` may be asked."""
        return False

    @property
    def is_linear(self) -> bool:
        """Whether its log-odds are a sum over words, so that its contributions are no estimate."""
        return False

    def contributions(
        self, text: str, spans: Sequence[tuple[int, int]], target: int, against: int | None
    ) -> Contributions:
        """What each word adds to the log-odds of a class over another, or over the others' mean.

        Raises what `many_contributions` raises.
        """
        return self.many_contributions([text], [spans], [(target, against)])[0][0]

    def many_contributions(
        self, texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]], questions: Sequence[Question]
    ) -> list[list[Contributions]]:
        """The same of many texts, less exactly and faster; for each text, one for each question.

        Args:
            texts: n of them.
            spans: of each text, start and end of its words.
            questions: pairs of a class, and another one or None for the mean of the others.

        Raises BadInput unless the model `has_contributions`.
        """
        raise BadInput(f"{self.name} does not know what its words add; leave them out one by one instead.")

    @property
    def ignores_case(self) -> bool:
        """Whether words in upper and in lower case are the same to the model, as far as is known."""
        return False

    def many_novelty(self, texts: Sequence[str]) -> list[Novelty]:
        """How like the documents that it learned from each text is; not known, unless a model says otherwise."""
        unknown = Novelty(score=None, percentile=None, reason=f"{self.name} keeps nothing to compare texts with.")
        return [unknown] * len(texts)

    def read(self, text: str) -> TokenCoverage:
        """How much of the text the model takes in; all of it, unless a model says otherwise."""
        words = len(text.split())
        return TokenCoverage(tokens_read=words, tokens_total=words, end=len(text))


def never_certain(probabilities: np.ndarray) -> np.ndarray:
    """The same, with the nearest float32 between in place of 0 and 1: logits give neither, only rounding does."""
    least, most = np.finfo(np.float32).tiny, np.nextafter(np.float32(1), np.float32(0))
    return np.clip(probabilities, least, most)
