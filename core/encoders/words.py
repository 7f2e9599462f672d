"""Bags of words, without order; sparse from end to end."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from core.config import DataConfig
from core.encoders.base import SETTINGS, Encoder, lowered
from core.errors import BadInput
from core.schema import Encoded, Reading

WORD = r"(?u)\b\w\w+\b"
NORM = 8.0  # length of a tf-idf row; Adam's steps have a fixed length, so rows of length 1 would learn slowly
WORDS = "vocabulary.json"


@dataclass(frozen=True, kw_only=True, eq=False)
class BagOfWordsEncoder(Encoder):
    """Words and how often each occurs, without their order; sparse from end to end.

    Attributes:
        words: the vocabulary; a word's id is its position.
        lowercase: whether texts are lower-cased first.
        idf: (words,) float64, rarity of each word in the train split, or None when the values are plain counts.
    """

    words: tuple[str, ...]
    lowercase: bool
    idf: np.ndarray | None = None

    @property
    def size(self) -> int:  # type: ignore[override]
        """Number of words."""
        return len(self.words)

    def encode(self, texts: Iterable[str]) -> Encoded:
        """Ids of the known words of each text, each once, with its count or its tf-idf weight as value."""
        values = self._vectorizer.transform(texts)
        if self.idf is not None and values.shape[0]:
            values = _tfidf(self.idf).transform(values) * NORM
        values.sort_indices()
        return Encoded(
            ids=values.indices.astype(np.int32),
            values=values.data.astype(np.float32),
            offsets=values.indptr.astype(np.int64),
        )

    def read(self, text: str) -> Reading:
        """Words known and unknown; a bag reads to the end."""
        words = self._vectorizer.build_analyzer()(text)
        unknown = [word for word in words if word not in self._vectorizer.vocabulary_]
        known = len(words) - len(unknown)
        return Reading(
            tokens_read=known, tokens_total=len(words), end=len(text), unknown_words=tuple(dict.fromkeys(unknown))
        )

    def save(self, folder: Path) -> None:
        """Settings and the list of words, with their rarity, as JSON."""
        vocabulary = {"words": self.words, "idf": None if self.idf is None else self.idf.round(6).tolist()}
        (folder / WORDS).write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
        (folder / SETTINGS).write_text(json.dumps({"kind": "words", "lowercase": self.lowercase}))

    @staticmethod
    def load(folder: Path, settings: dict[str, Any]) -> BagOfWordsEncoder:
        """The encoder that `save` wrote."""
        vocabulary = json.loads((folder / WORDS).read_text(encoding="utf-8"))
        idf = None if vocabulary["idf"] is None else np.array(vocabulary["idf"])
        return BagOfWordsEncoder(words=tuple(vocabulary["words"]), lowercase=settings["lowercase"], idf=idf)

    @staticmethod
    def learn(config: DataConfig, texts: Sequence[str]) -> BagOfWordsEncoder:
        """The most frequent words that occur in at least `config.min_count` of the texts.

        Raises BadInput when no word does.
        """
        vectorizer = _count_vectorizer(
            config.lowercase, min_df=min(config.min_count, len(texts)), max_features=config.vocabulary
        )
        try:
            counts = vectorizer.fit_transform(texts)
        except ValueError as error:
            raise BadInput("The training texts have no words to learn from; check the text column.") from error
        idf = _tfidf().fit(counts).idf_ if config.weighting == "tfidf" else None
        words = tuple(vectorizer.get_feature_names_out())
        return BagOfWordsEncoder(words=words, lowercase=config.lowercase, idf=idf)

    @cached_property
    def _vectorizer(self) -> Any:
        vectorizer = _count_vectorizer(self.lowercase, vocabulary=self.words)
        vectorizer._validate_vocabulary()  # once, here, not in each of two threads that explain at the same time
        return vectorizer


def _count_vectorizer(lowercase: bool, **options: Any) -> Any:
    from sklearn.feature_extraction.text import CountVectorizer

    preprocessor = lowered if lowercase else str
    return CountVectorizer(token_pattern=WORD, preprocessor=preprocessor, **options)


def _tfidf(idf: np.ndarray | None = None) -> Any:
    from sklearn.feature_extraction.text import TfidfTransformer

    transformer = TfidfTransformer(sublinear_tf=True)
    if idf is not None:
        transformer.idf_ = idf
    return transformer
