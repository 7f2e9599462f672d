"""What kind of data a table holds, as far as settings follow from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import regex

from core.schema import TextDataset
from core.units import UNSPACED

MANY_ROWS = 300_000
MANY_WORDS = 3_000_000  # from which on runs of characters cost minutes, and rare phrases memory
UNSPACED_FROM = 0.3  # of the letters
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
        """Whether there are so many rows or words that rare phrases are not worth their memory and time."""
        return self.rows * max(self.words, 1) > MANY_WORDS or self.rows > MANY_ROWS


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
