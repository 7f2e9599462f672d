"""What is found by asking a model about many texts: words behind a kind of error, behind a class, behind a score."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from core.schema.evaluation import Evaluation


@dataclass(frozen=True, kw_only=True)
class WordEffect:
    """What one word did in the documents that were looked at, in log-odds.

    Attributes:
        word: in lower case where the model ignores case.
        total: added up over the documents; its sign is the side that the word is on.
        documents: those in which it pushes to that side.
        occurs: those in which it stands and moves the answer.
        examples: positions in the split of the documents in which it pushes hardest to that side, hardest first.
    """

    word: str
    total: float
    documents: int
    occurs: int
    examples: tuple[int, ...] = ()

    @property
    def mean(self) -> float:
        """What it does in a document in which it stands."""
        return self.total / self.occurs


@dataclass(frozen=True, kw_only=True)
class Autopsy:
    """Why the documents of one cell of a confusion matrix lie in it.

    Figures are log-odds of the predicted class over the true one; of a cell of right answers, over the others' mean.

    Attributes:
        model, dataset, split: names.
        true_class, predicted_class: the cell; equal for right answers.
        cell: documents in it.
        documents: of these, looked at so far.
        sample_size: documents of the cell that are looked at in all; more than `documents` while it runs.
        pushing: words that push to the predicted class, those that do most first.
        holding: words that held against it, those that do most first.
        log_odds: of the documents looked at, on average; None without any.
        base: of the same documents without anything in them; None where the method does not tell.
        rest: what on average is of marks, of white space and of words together, and so of no word; None likewise.
        method: how it was found out, in words.
        exact: whether the log-odds are a sum by themselves, and these are its parts.
        seed, seconds: how it was made.
        caveats: sentences that belong beside the words.
    """

    model: str
    dataset: str
    split: str
    true_class: str
    predicted_class: str
    cell: int
    documents: int
    sample_size: int
    pushing: tuple[WordEffect, ...] = ()
    holding: tuple[WordEffect, ...] = ()
    log_odds: float | None = None
    base: float | None = None
    rest: float | None = None
    method: str = ""
    exact: bool = False
    seed: int = 0
    seconds: float = 0.0
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClassWords:
    """The words that matter most to one class over many documents.

    Attributes:
        class_name: what the log-odds are of; over the other class, or over the mean of the others.
        speaking_for, speaking_against: words, those that do most first.
    """

    class_name: str
    speaking_for: tuple[WordEffect, ...]
    speaking_against: tuple[WordEffect, ...]


@dataclass(frozen=True, kw_only=True)
class PickedDocument:
    """A document that stands for many, as SP-LIME picks them.

    Attributes:
        position: in the split.
        true_class, predicted_class: names.
        probability: of the predicted class.
        words: its strongest words and their log-odds of the predicted class, strongest first.
        covered: share of all words' importance, in [0, 1], that this pick and those before it have among their words.
    """

    position: int
    true_class: str
    predicted_class: str
    probability: float
    words: tuple[tuple[str, float], ...]
    covered: float


@dataclass(frozen=True, kw_only=True)
class GlobalWords:
    """What decides a model's answers over a split, as far as a sample of its documents tells.

    Attributes:
        model, dataset, split: names.
        total: documents of the split.
        documents: drawn from it and looked at so far.
        sample_size: documents drawn in all; more than `documents` while it runs.
        classes: the words of each class, in the model's order.
        picks: documents that show most of the important words (SP-LIME), the most telling first.
        method, exact, seed, seconds, caveats: as `Autopsy` has them.
    """

    model: str
    dataset: str
    split: str
    total: int
    documents: int
    sample_size: int
    classes: tuple[ClassWords, ...]
    picks: tuple[PickedDocument, ...]
    method: str
    exact: bool
    seed: int
    seconds: float
    caveats: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values, as they are stored with a model; `sample_size` has the key "asked" there."""
        values = asdict(self)
        return {_STORED_KEYS.get(name, name): value for name, value in values.items()}

    @staticmethod
    def from_json(stored: dict[str, Any]) -> GlobalWords:
        """What `to_json` wrote, also after it has been a file. Raises LookupError, TypeError or ValueError if not."""
        classes = [
            ClassWords(
                class_name=entry["class_name"],
                speaking_for=_effects(entry["speaking_for"]),
                speaking_against=_effects(entry["speaking_against"]),
            )
            for entry in stored["classes"]
        ]
        picks = [
            PickedDocument(**pick | {"words": tuple((word, float(weight)) for word, weight in pick["words"])})
            for pick in stored["picks"]
        ]
        names = {key: name for name, key in _STORED_KEYS.items()}
        fields = {names.get(key, key): value for key, value in stored.items()}
        nested = {"classes": tuple(classes), "picks": tuple(picks), "caveats": tuple(stored["caveats"])}
        return GlobalWords(**fields | nested)


_STORED_KEYS = {"sample_size": "asked"}  # fields that have another name in files, which models of older versions have


def _effects(stored: list[dict[str, Any]]) -> tuple[WordEffect, ...]:
    return tuple(WordEffect(**effect | {"examples": tuple(effect["examples"])}) for effect in stored)


@dataclass(frozen=True, kw_only=True, eq=False)
class ShortcutTest:
    """How right a model is before and after something was taken out of all documents.

    Attributes:
        removed: what was taken out: words, or a description.
        before, after: the answers on the same documents.
        changed: documents in which there was something to take out.
        occurs: documents in which each word stands, in the order of `removed`; empty for a description.
        total: documents of the split; more than those of `before` while it runs.
        emptied: documents without a word afterwards, that had one before.
        caveats: sentences that belong beside the figures.
    """

    removed: tuple[str, ...]
    before: Evaluation
    after: Evaluation
    changed: int
    total: int
    occurs: tuple[int, ...] = ()
    emptied: int = 0
    caveats: tuple[str, ...] = ()

    @property
    def drop(self) -> float:
        """What it costs of the accuracy, in [-1, 1]."""
        return self.before.accuracy - self.after.accuracy

    @property
    def changed_predictions(self) -> int:
        """Documents whose most probable class is another one now."""
        return int((self.before.predictions != self.after.predictions).sum())


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A training document that is near.

    Attributes:
        position: in the train split.
        class_name: its label.
        similarity: cosine of the weighted words, in [0, 1]; 1 for the same words equally often.
        documents: of those asked about, how many have it among their nearest of that class.
    """

    position: int
    class_name: str
    similarity: float
    documents: int = 1


@dataclass(frozen=True, kw_only=True)
class Neighbourhood:
    """The training documents nearest to one text, or to the documents of a cell.

    Attributes:
        dataset: whose train split it is.
        queries: documents or texts that neighbours were looked for.
        nearest: of each class that was asked for, the nearest documents, nearest first; of several documents, first
            those that are near to most of them. Empty where no word is shared.
        closest: classes that the nearest document of all is of, with the number of documents asked about.
        caveats: sentences that belong beside the documents.
    """

    dataset: str
    queries: int
    nearest: tuple[tuple[str, tuple[Neighbour, ...]], ...]
    closest: tuple[tuple[str, int], ...]
    caveats: tuple[str, ...] = ()
