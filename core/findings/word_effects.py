"""What each word of many documents does to a model's answers, and what it does in all of them together.

Where a model knows its contributions, by integrated gradients, which for a linear model are its own sum. Else each word
is left out in turn; that asks about a hundred times as much, and so of fewer documents. Of 60 test documents of each
shipped model it takes 1.5 to 5 times as long, and finds much the same: the five strongest words of a document, taken
away, move its log-odds as far (up to 45% further for words that push to a wrong newsgroup: with a word gone, those that
stay count for more).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.errors import BadInput
from core.explanation.catalogue import document_explainer
from core.explanation.documents import DocumentWords
from core.predictor import Predictor, Question
from core.schema import Split, WordEffect

MOST = 500  # documents looked at of a cell or a split
LEAST = 1e-5  # log-odds, below which it is the rounding of figures that moves
EXAMPLES = 3


def documents_to_look_at(model: Predictor, most: int) -> int:
    """How many documents can be looked at in a few seconds, at most as many as asked for."""
    limit = document_explainer(model).max_documents
    return most if limit is None else min(most, limit)


def document_words(
    model: Predictor, split: Split, positions: Sequence[int], questions: Sequence[Question]
) -> Iterator[list[DocumentWords]]:
    """What the words of these documents do, some documents at a time, in that order."""
    explainer = document_explainer(model)
    size = explainer.documents_per_step
    for start in range(0, len(positions), size):
        yield explainer.explain_documents(model, split, positions[start : start + size], questions)


@dataclass(kw_only=True, eq=False)
class Tally:
    """The words of the documents so far, and what they do in all of them together.

    Attributes:
        documents: those that were added.
        words: every different word so far, with its number.
    """

    documents: list[DocumentWords] = field(default_factory=list)
    words: dict[str, int] = field(default_factory=dict)
    _numbers: list[np.ndarray] = field(default_factory=list)

    def add(self, documents: Sequence[DocumentWords]) -> None:
        """Take these documents in as well."""
        for document in documents:
            numbers = [self.words.setdefault(word, len(self.words)) for word in document.words]
            self._numbers.append(np.array(numbers, np.int64))
        self.documents += documents

    def entries(self, amounts: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of all words of all documents: number of the document, number of the word, and its amount."""
        document = np.repeat(np.arange(len(self._numbers)), [len(numbers) for numbers in self._numbers])
        return document, np.concatenate([*self._numbers, _NONE]), np.concatenate([*amounts, np.zeros(0)])

    def effects(
        self, amounts: Sequence[np.ndarray], side: int, most: int, least_documents: int = 1
    ) -> tuple[WordEffect, ...]:
        """The words that are on one side, those that do most first.

        Args:
            amounts: of each document (words,) float64.
            side: 1 for words that add to the answer, -1 for those that take from it.
            most: how many words.
            least_documents: in which a word has to push to that side.
        """
        document, word, amount = self.entries(amounts)
        total = side * np.bincount(word, amount, len(self.words))
        pushes = np.bincount(word[side * amount > LEAST], minlength=len(self.words))
        occurs = np.bincount(word[np.abs(amount) > LEAST], minlength=len(self.words))
        order = np.argsort(-total, kind="stable")
        strongest = order[(total[order] > LEAST) & (pushes[order] >= least_documents)][:most]
        names, positions = list(self.words), np.array([each.position for each in self.documents], np.int64)

        def examples(number: int) -> tuple[int, ...]:
            here = np.flatnonzero((word == number) & (side * amount > LEAST))
            hardest = here[np.argsort(-side * amount[here], kind="stable")[:EXAMPLES]]
            return tuple(positions[document[hardest]].tolist())

        return tuple(
            WordEffect(
                word=names[number],
                total=round(float(side * total[number]), 4),
                documents=int(pushes[number]),
                occurs=int(occurs[number]),
                examples=examples(number),
            )
            for number in strongest.tolist()
        )


_NONE = np.zeros(0, np.int64)


def check_classes(model: Predictor, split: Split) -> None:
    """Raise BadInput unless the split has the model's classes."""
    if split.class_names != model.class_names:
        theirs, ours = ", ".join(split.class_names), ", ".join(model.class_names)
        raise BadInput(f"{model.name} knows the classes {ours}, but {split.dataset} has {theirs}; pick a matching set.")


def drawn(positions: np.ndarray, most: int, seed: int) -> list[int]:
    """At most so many of the positions, in a random order, so that those looked at first are a fair sample too."""
    return np.random.default_rng(seed).permutation(positions)[:most].tolist()
