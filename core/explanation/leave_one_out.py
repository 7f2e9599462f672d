"""Leaving out one word at a time, and what the answer loses by it: for any model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import BadInput
from core.explanation.documents import DocumentExplainer, DocumentWords, different_words
from core.explanation.masked_text import MaskedText, masked_text
from core.explanation.question import answers, log_odds
from core.predictor import Predictor, Question
from core.schema import Scale, Split


class LeaveOneOut(DocumentExplainer):
    """What the answer loses when one word is left out (occlusion); in documents, all that are the same word."""

    name = "leave-one-out"
    title = "Leaving out one word"
    scale = Scale.PROBABILITY
    max_documents = 50  # for it asks about each as often as it has different words
    documents_per_step = 5

    def weigh(self, masked: MaskedText, question: Question, words: np.ndarray, scale: Scale) -> tuple[np.ndarray, None]:
        """The answer with all words less the answer without each."""
        masks = np.array([masked.without([]), *(masked.without([word]) for word in words)])
        found = answers(masked.ask(masks), question, scale)
        return found[0] - found[1:], None

    def explain_documents(
        self, model: Predictor, split: Split, positions: Sequence[int], questions: Sequence[Question]
    ) -> list[DocumentWords]:
        """What the log-odds lose without each different word."""
        return [_without_each_word(model, split.texts[position], position, questions) for position in positions]


def _without_each_word(model: Predictor, text: str, position: int, questions: Sequence[Question]) -> DocumentWords:
    try:
        masked = masked_text(model, text)
    except BadInput:  # no word in it
        whole = log_odds(model.predict_proba([text]), questions)[:, 0]
        return DocumentWords(position=position, words=(), amounts=np.zeros((len(questions), 0)), whole=whole)
    words, which = different_words(model, [text[start:end] for start, end in masked.spans])
    masks = np.concatenate([np.ones((1, len(which)), bool), which != np.arange(len(words))[:, None]])
    found = log_odds(masked.ask(masks), questions)
    return DocumentWords(position=position, words=words, amounts=found[:, :1] - found[:, 1:], whole=found[:, 0])
