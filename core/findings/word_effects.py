"""What each word of many documents does to a model's answers, and what it does in all of them together.

Where a model shows its gradients, by integrated gradients, which for a linear model are its own sum. Else each word is
left out in turn; that asks about a hundred times as much, and so of fewer documents. Of 60 test documents of each
shipped model it takes 1.5 to 5 times as long, and finds much the same: the five strongest words of a document, taken
away, move its log-odds as far (up to 45% further for words that push to a wrong newsgroup: with a word gone, those that
stay count for more).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.encoders.base import lowered
from core.errors import BadInput
from core.explanation.masked_text import WORD, masked_text
from core.predictor import Predictor, Question
from core.schema import Split, WordEffect

MOST = 500  # documents looked at of a cell or a split, for a model that shows its gradients
MOST_ASKED = 50  # for one that can only be asked
TOGETHER = 128  # documents from one snapshot to the next
TOGETHER_ASKED = 5
TINY = 1e-7  # probabilities are kept from 0 before their logarithm
LEAST = 1e-5  # log-odds, below which it is the rounding of figures that moves
EXAMPLES = 3
METHODS = {True: "The model's own sum", False: "Integrated gradients", None: "Leaving out one word"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Attributed:
    """What the words of one document do, in log-odds.

    Attributes:
        position: of the document in its split.
        words: each once.
        amounts: (questions, words) float64.
        whole: (questions,) float64, the answers.
        base, rest: (questions,) float64, the answers without anything in the document, and what is of no word; None
            where the method does not tell.
        exact: whether the answers are a sum by themselves; None when words were left out.
    """

    position: int
    words: tuple[str, ...]
    amounts: np.ndarray
    whole: np.ndarray
    base: np.ndarray | None = None
    rest: np.ndarray | None = None
    exact: bool | None = None


def shows_gradients(model: Predictor) -> bool:
    """Whether what a word adds to an answer is known without leaving it out."""
    return model.many_contributions([], [], []) is not None


def most_documents(model: Predictor, most: int) -> int:
    """How many documents can be looked at in a few seconds, at most as many as asked for."""
    return most if shows_gradients(model) else min(most, MOST_ASKED)


def attributions(
    model: Predictor, split: Split, positions: Sequence[int], questions: Sequence[Question]
) -> Iterator[list[Attributed]]:
    """What the words of these documents do, some documents at a time, in that order."""
    fast = shows_gradients(model)
    size = TOGETHER if fast else TOGETHER_ASKED
    for start in range(0, len(positions), size):
        part = positions[start : start + size]
        yield (
            _by_gradients(model, split, part, questions)
            if fast
            else [_by_leaving_out(model, split.texts[position], position, questions) for position in part]
        )


def _by_gradients(
    model: Predictor, split: Split, positions: Sequence[int], questions: Sequence[Question]
) -> list[Attributed]:
    texts = [split.texts[position] for position in positions]
    spans = [[match.span() for match in WORD.finditer(text)] for text in texts]
    added = model.many_contributions(texts, spans, questions) or []
    found = []
    for position, text, places, parts in zip(positions, texts, spans, added, strict=True):
        words, which = _different(model, [text[start:end] for start, end in places])
        found.append(
            Attributed(
                position=position,
                words=words,
                amounts=np.array([np.bincount(which, part.words, len(words)) for part in parts]),
                whole=np.array([part.whole for part in parts]),
                base=np.array([part.base for part in parts]),
                rest=np.array([part.rest for part in parts]),
                exact=parts[0].exact,
            )
        )
    return found


def _by_leaving_out(model: Predictor, text: str, position: int, questions: Sequence[Question]) -> Attributed:
    try:
        asked = masked_text(model, text)
    except BadInput:  # no word in it
        whole = log_odds(model.predict_proba([text]), questions)[:, 0]
        return Attributed(position=position, words=(), amounts=np.zeros((len(questions), 0)), whole=whole)
    words, which = _different(model, [text[start:end] for start, end in asked.spans])
    masks = np.concatenate([np.ones((1, len(which)), bool), which != np.arange(len(words))[:, None]])
    answers = log_odds(asked.ask(masks), questions)
    return Attributed(position=position, words=words, amounts=answers[:, :1] - answers[:, 1:], whole=answers[:, 0])


def _different(model: Predictor, words: list[str]) -> tuple[tuple[str, ...], np.ndarray]:
    # The different words, and which of them each is.
    numbers: dict[str, int] = {}
    which = [numbers.setdefault(as_known(model, word), len(numbers)) for word in words]
    return tuple(numbers), np.array(which, np.int64)


def as_known(model: Predictor, word: str) -> str:
    """The word as the model tells it from others."""
    return lowered(word) if model.ignores_case else word


def log_odds(probabilities: np.ndarray, questions: Sequence[Question]) -> np.ndarray:
    """(questions, n) float64, of one class over another or over the others' mean, out of (n, classes)."""
    logs = np.log(np.maximum(probabilities.astype(np.float64), TINY))
    classes = range(logs.shape[1])
    against = [[i for i in classes if i != target] if other is None else [other] for target, other in questions]
    return np.array(
        [logs[:, target] - logs[:, others].mean(axis=1) for (target, _), others in zip(questions, against, strict=True)]
    )


@dataclass(kw_only=True, eq=False)
class Tally:
    """The words of the documents so far, and what they do in all of them together.

    Attributes:
        documents: those that were added.
        words: every different word so far, with its number.
    """

    documents: list[Attributed] = field(default_factory=list)
    words: dict[str, int] = field(default_factory=dict)
    _numbers: list[np.ndarray] = field(default_factory=list)

    def add(self, documents: Sequence[Attributed]) -> None:
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
            most: words that are told.
            least_documents: in which a word has to push to that side.
        """
        document, word, amount = self.entries(amounts)
        total = side * np.bincount(word, amount, len(self.words))
        pushes = np.bincount(word[side * amount > LEAST], minlength=len(self.words))
        occurs = np.bincount(word[np.abs(amount) > LEAST], minlength=len(self.words))
        order = np.argsort(-total, kind="stable")
        told = order[(total[order] > LEAST) & (pushes[order] >= least_documents)][:most]
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
            for number in told.tolist()
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
