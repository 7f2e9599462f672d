"""What kind of data a table holds, as far as settings follow from it, and those of networks that do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import regex

from core.schema import TextDataset
from core.units import UNSPACED

FEW_CLASSES = 20
SMALL = 10_000  # documents
BALANCED_UP_TO = 1.5  # documents of the largest class for each of the smallest
MANY_WORDS = 3_000_000  # from which on runs of characters cost minutes, and rare phrases memory
UNSPACED_FROM = 0.3  # of the letters
BATCH = 64  # documents of a step
BAG_STEPS, CONVNET_STEPS = 400, 700  # in which a network learns two classes
STEPS_OF_CLASS = 14  # more for each class
LEAST_EPOCHS, MOST_EPOCHS = 3, 25
SAMPLE = 2_000  # texts that are looked at, evenly spread
_UNSPACED = regex.compile(rf"[{UNSPACED}]", regex.V1)
_LETTER = regex.compile(r"\p{L}")


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What settings follow from; all of the train split.

    Attributes:
        rows: documents.
        classes: number of classes.
        words: of the median text; of letters, where a script parts no words.
        unspaced: share of the letters that belong to scripts without spaces between words, in [0, 1].
        imbalance: documents of the largest class for each of the smallest, at least 1.
    """

    rows: int
    classes: int
    words: int
    unspaced: float
    imbalance: float

    @property
    def is_unspaced(self) -> bool:
        """Whether a character is read as a word, and phrases are runs of characters."""
        return self.unspaced > UNSPACED_FROM

    @property
    def is_large(self) -> bool:
        """Whether there are so many words that rare phrases are not worth their memory."""
        return self.rows * max(self.words, 1) > MANY_WORDS


def traits_of(data: TextDataset) -> Traits:
    """The traits of a data set, of which every class has a document in `train`."""
    texts, labels = data.train.texts, data.train.labels
    some = texts[:: -(-len(texts) // SAMPLE)]
    unspaced = [len(_UNSPACED.findall(text)) for text in some]
    letters = sum(len(_LETTER.findall(text)) for text in some)
    counts = Counter(labels.tolist())
    return Traits(
        rows=len(texts),
        classes=len(data.class_names),
        words=int(np.median([len(text.split()) + count for text, count in zip(some, unspaced, strict=True)])),
        unspaced=min(1.0, sum(unspaced) / max(letters, 1)),
        imbalance=max(counts.values()) / max(1, min(counts.values())),
    )


def balance(traits: Traits) -> dict[str, Any]:
    """What documents count for: where classes differ in size, each class counts alike."""
    return {"class_weight": "balanced" if traits.imbalance > BALANCED_UP_TO else "none"}


def suited_bag(traits: Traits) -> dict[str, Any]:
    """Settings of a bag of words for data with these traits."""
    # A pair of words holds what their order says; of a script without spaces, pairs of characters are words.
    settings: dict[str, Any] = {"ngrams": 2, "min_count": 2 if traits.is_large else 1, "vocabulary": 200_000}
    settings |= balance(traits) | _passes(traits, BAG_STEPS)
    if traits.classes > FEW_CLASSES or traits.rows < SMALL:
        # With four activations of five left out, a short text has nothing left that tells one of many classes.
        settings |= {"dropout": 0.5, "word_dropout": 0.3, "learning_rate": 2e-3, "embed": 128}
    return settings


def suited_convnet(traits: Traits) -> dict[str, Any]:
    """Settings of a convolutional network for data with these traits."""
    settings = balance(traits) | _passes(traits, CONVNET_STEPS)
    if traits.rows < SMALL:  # few texts hold the rarer byte pairs too seldom to learn from
        settings["vocabulary"] = 8_000
    return settings


def _passes(traits: Traits, steps: int) -> dict[str, Any]:
    # The schedule ends where the learning does. Nothing ends it earlier: accuracy on a few validation documents stands
    # still while many classes are still unknown, and where one class is rare it is high before anything is learned.
    needed = steps + STEPS_OF_CLASS * traits.classes
    epochs = -(-needed * BATCH // max(traits.rows, 1))
    return {"epochs": min(max(epochs, LEAST_EPOCHS), MOST_EPOCHS), "patience": 0, "batch": BATCH}
