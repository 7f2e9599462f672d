"""What a model itself says each word adds: by integrated gradients, or as the sum that a linear model is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.explanation.documents import DocumentExplainer, DocumentWords, different_words
from core.explanation.masked_text import MaskedText
from core.predictor import Predictor, Question
from core.schema import Contributions, Scale, Split
from core.units import unit_spans


class ModelContributions(DocumentExplainer):
    """What a model's own contributions say, in log-odds, also for one class: then over the mean of the others."""

    scale = Scale.LOG_ODDS
    max_documents = None
    documents_per_step = 128

    def weigh(
        self, masked: MaskedText, question: Question, words: np.ndarray, scale: Scale
    ) -> tuple[np.ndarray, float]:
        """The contributions of the words, and those of what is no word."""
        read = masked.text[: masked.coverage.end]
        added = masked.model.contributions(read, masked.spans, *question)
        return added.words[words], added.rest

    def explain_documents(
        self, model: Predictor, split: Split, positions: Sequence[int], questions: Sequence[Question]
    ) -> list[DocumentWords]:
        """The contributions of each different word, added up within a document."""
        texts = [split.texts[position] for position in positions]
        spans = [unit_spans(text) for text in texts]
        added = model.many_contributions(texts, spans, questions)
        words = [[text[start:end] for start, end in places] for text, places in zip(texts, spans, strict=True)]
        return [_by_word(model, *document) for document in zip(positions, words, added, strict=True)]


class IntegratedGradients(ModelContributions):
    """Integrated gradients (Sundararajan et al. 2017), for a network; a linear model's are its own sum."""

    name = "integrated-gradients"
    title = "Integrated gradients"

    def supports(self, model: Predictor) -> bool:
        """Whether the model's gradients are known, and its answer is no sum by itself."""
        return model.has_contributions and not model.is_linear


class ExactSum(ModelContributions):
    """The parts of the sum that a linear model's log-odds are."""

    name = "exact-sum"
    title = "The model's own sum"
    exact = True

    def supports(self, model: Predictor) -> bool:
        """Whether the model is linear and tells the parts of its sum."""
        return model.has_contributions and model.is_linear


def _by_word(model: Predictor, position: int, words: Sequence[str], parts: Sequence[Contributions]) -> DocumentWords:
    different, which = different_words(model, words)
    return DocumentWords(
        position=position,
        words=different,
        amounts=np.array([np.bincount(which, part.words, len(different)) for part in parts]),
        whole=np.array([part.whole for part in parts]),
        base=np.array([part.base for part in parts]),
        rest=np.array([part.rest for part in parts]),
    )
