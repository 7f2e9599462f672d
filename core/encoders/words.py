"""Bags of words, of short phrases and of runs of characters inside words, without order; sparse from end to end.

A phrase is known by its number (`phrases`); numbers that occur in too few training documents are dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse

from core.config import DataConfig, check_setting
from core.encoders.base import SETTINGS, Encoder, overlaps, rows_of_one
from core.encoders.counting import counted, documents_with, found, in_columns, tallied
from core.encoders.hashes import Hashes, numbers_of
from core.encoders.perturbed import PerturbedText
from core.encoders.phrases import (
    hashed,
    ids_in,
    phrases,
    pieces_of,
    placed_words,
    runs,
    words_of,
)
from core.errors import BadInput
from core.schema import BagTable, Encoded, TokenCoverage
from core.units import has_unit, is_word

TINY = np.float32(1e-30)
NORM = 8.0  # length of a weighted row; Adam's steps have a fixed length, so rows of length 1 would learn slowly
HASHES_FILE = "vocabulary.npz"


@dataclass(frozen=True, kw_only=True, eq=False)
class BagEncoder(Encoder):
    """Which words and phrases occur, and how often, without their order.

    Attributes:
        known_hashes: (size,) uint32 ascending, the numbers of the known words and phrases; an id is a position in it.
        idf: (size,) float32, the rarity of each in the train split; 1 unless the weighting is "tfidf".
        ngrams: words of the longest phrase.
        weighting: what a phrase counts for, as `DataConfig` tells.
        lowercase: whether texts are lower-cased first.
        every_script: whether words keep their marks and scripts without spaces are split; false in a model of an older
            version, to which a word is a run of `\\w`.
        characters: of the longest run inside a word; 0 for whole words only.
    """

    known_hashes: np.ndarray
    idf: np.ndarray
    ngrams: int
    weighting: str
    lowercase: bool
    every_script: bool = True
    characters: int = 0

    @property
    def size(self) -> int:  # type: ignore[override]
        """Number of words and phrases."""
        return len(self.known_hashes)

    def encode(self, texts: Iterable[str]) -> Encoded:
        """Ids of the known words and phrases of each text, each once, with its weight as value."""
        parts = found(texts, self.ngrams, self.lowercase, self.every_script, self.characters)
        return self._weighted([*counted(parts, self.known_hashes)])

    def _weighted(self, counts: Sequence[scipy.sparse.csr_matrix]) -> Encoded:
        together = scipy.sparse.vstack([_empty(self.size), *counts], format="csr")
        return _bag(_values(together, self.weighting, self.idf), together.indices, together.indptr)

    def without(self, text: str, spans: Sequence[tuple[int, int]]) -> Callable[[np.ndarray], tuple[BagTable]]:
        """A table of the few words and phrases that the text has without some of its words."""
        hashes, ids_of = Hashes(self.characters), ids_in(self.known_hashes)
        pieces = pieces_of(text, spans, self.every_script)
        perturbed = PerturbedText(text, spans, lambda piece: hashes.of(self._words(piece)), pieces)
        if self.ngrams == 1 and not self.characters:
            return lambda masks: (self._table(*perturbed.counts(masks, lambda tokens: ids_of(numbers_of(tokens)))),)
        return lambda masks: (self._table(*self._counted(*perturbed.tokens(masks), hashes, ids_of)),)

    def _counted(
        self, words: np.ndarray, lengths: np.ndarray, hashes: Hashes, ids_of: Callable[[np.ndarray], np.ndarray]
    ) -> tuple[np.ndarray, np.ndarray]:
        # The ids of the phrases of versions of one text, (m,), and their counts (n, m).
        found = chain(phrases(words, lengths, self.ngrams), runs(words, lengths, hashes))
        phrase_ids = ((document, ids_of(numbers)) for document, numbers in found)
        known = [(document[ids >= 0], ids[ids >= 0]) for document, ids in phrase_ids]  # at once: most are not
        document, ids = (np.concatenate(parts) for parts in zip(*known, strict=True))
        occurs = np.zeros(self.size, bool)
        occurs[ids] = True
        here = np.flatnonzero(occurs)
        column = (np.cumsum(occurs) - 1)[ids]
        counts = np.bincount(document * len(here) + column, minlength=len(lengths) * len(here))
        return here, counts.reshape(len(lengths), len(here)).astype(np.float32)

    def _table(self, ids: np.ndarray, counts: np.ndarray) -> BagTable:
        if self.weighting != "counts" and counts.size:
            counts = _strength(counts, self.weighting) * self.idf[ids]
            counts *= NORM / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), TINY)
        return BagTable(ids=ids.astype(np.int32), values=counts)

    def occurrences(self, texts: Iterable[str]) -> Iterator[np.ndarray]:
        """The words and phrases of each text, known or not; runs of characters are in words that are counted."""
        for words, lengths in hashed(texts, self.lowercase, self.every_script):
            pairs = [*phrases(words, lengths, self.ngrams)]
            document = np.concatenate([document for document, _ in pairs])
            ids = ids_in(self.known_hashes)(np.concatenate([numbers for _, numbers in pairs]))
            counts = np.bincount(document, minlength=len(lengths))
            order = np.argsort(document.astype(np.uint16), kind="stable")  # numbers so small are sorted in one pass
            yield from np.split(ids[order], np.cumsum(counts)[:-1])

    def rarity(self, documents: Encoded) -> np.ndarray:
        """The weights for rarity; 1 for all that is known where there are none. What is not known is in no document."""
        return np.append(self.idf, np.float32(np.log(1 + len(documents)) + 1))

    def shares(self, text: str, spans: Sequence[tuple[int, int]]) -> tuple[scipy.sparse.csr_matrix, ...]:
        """Which words each known word or phrase is of: evenly of those in it, and of all places where it stands."""
        words, word_places = placed_words(text, self.lowercase, self.every_script)
        of_words = overlaps(word_places, spans)
        known_words = Hashes(self.characters)
        hashes = np.array(known_words.of(words), np.uint64)
        numbers = [numbers for _, numbers in phrases(hashes, np.array([len(hashes)]), self.ngrams)]
        # A phrase that begins at each word: what belongs to its first word, its second, ...
        of_phrases = [sum(of_words[i : i + len(begun)] for i in range(n)) for n, begun in enumerate(numbers, start=1)]
        if self.characters:  # a run belongs to the word that it is in
            position, in_words = known_words.runs_in(hashes)
            of_phrases.append(of_words[position])
            numbers.append(in_words)
        ids = ids_in(self.known_hashes)(np.concatenate(numbers))
        known = np.unique(ids[ids >= 0])
        places = np.searchsorted(known, ids[ids >= 0])
        standing = scipy.sparse.csr_matrix(
            (np.ones(len(places)), (places, np.flatnonzero(ids >= 0))), (len(known), len(ids))
        )
        return (rows_of_one(standing @ rows_of_one(scipy.sparse.vstack(of_phrases).tocsr())),)

    def read(self, text: str) -> TokenCoverage:
        """Words (and emoji) known and unknown; a bag reads to the end. Where there is no word, its signs count.

        A word is known, too, when a run of characters in it is.
        """
        words, places = placed_words(text, self.lowercase, self.every_script)
        known = self._are_known(words)
        counted = np.array([is_word(word) for word in words], bool)
        if not counted.any():
            counted = np.array([has_unit(word) for word in words], bool)
        unknown = [word for word, counts, is_known in zip(words, counted, known, strict=True) if counts > is_known]
        return TokenCoverage(
            tokens_read=int((known & counted).sum()),
            tokens_total=int(counted.sum()),
            end=len(text),
            unknown_words=tuple(dict.fromkeys(unknown)),
            unknown_spans=tuple(span for span, is_known in zip(places, known, strict=True) if not is_known),
        )

    def _are_known(self, words: list[str]) -> np.ndarray:
        hashes, ids_of = Hashes(self.characters), ids_in(self.known_hashes)
        numbers = np.array(hashes.of(words), np.uint64)
        known = ids_of(numbers_of(numbers)) >= 0
        if self.characters:
            position, of_runs = hashes.runs_in(numbers)
            known[position[ids_of(of_runs) >= 0]] = True
        return known

    def save(self, folder: Path) -> None:
        """Settings as JSON, and what is known as compressed arrays."""
        # Steps between ascending numbers are small, and compress well.
        np.savez_compressed(folder / HASHES_FILE, steps=np.diff(self.known_hashes, prepend=np.uint32(0)), idf=self.idf)
        settings = {"kind": "words"} | {
            name: getattr(self, name) for name in ("ngrams", "weighting", "lowercase", "every_script", "characters")
        }
        (folder / SETTINGS).write_text(json.dumps(settings))

    @staticmethod
    def load(folder: Path, settings: dict[str, Any]) -> BagEncoder:
        """The encoder that `save` wrote."""
        settings = {"every_script": False, "characters": 0} | {
            key: value for key, value in settings.items() if key != "kind"
        }
        with np.load(folder / HASHES_FILE, allow_pickle=False) as stored:
            known_hashes, idf = np.cumsum(stored["steps"], dtype=np.uint32), stored["idf"]
        _check_vocabulary(known_hashes, idf)
        for name in ("ngrams", "characters"):
            check_setting(name, settings[name])
        return BagEncoder(known_hashes=known_hashes, idf=idf, **settings)

    @staticmethod
    def learn(config: DataConfig, texts: Sequence[str], *, most: int) -> tuple[BagEncoder, Encoded]:
        """The encoder of the `most` most frequent words and phrases, and these texts as it encodes them.

        A word or phrase has to occur in at least `config.min_count` of the texts. Raises BadInput when no word does.
        """
        tallies = [*tallied(texts, config.ngrams, config.lowercase, config.characters)]
        numbers, documents = documents_with(tallies)
        frequent = np.flatnonzero(documents >= min(config.min_count, len(texts)))
        if not any(is_word(word) for text in texts for word in words_of(text, config.lowercase)):
            raise BadInput("The training texts have no words to learn from; check the text column.")
        if not len(frequent):
            raise BadInput(f"No word occurs in {config.min_count} of the training texts; lower min_count.")
        frequent = np.sort(frequent[np.argsort(-documents[frequent], kind="stable")[:most]])
        # Smoothed as scikit-learn has it: as if one more document held every word once.
        rarity = np.log((1 + len(texts)) / (1 + documents[frequent])) + 1
        idf = rarity if config.weighting == "tfidf" else np.ones(len(frequent))
        encoder = BagEncoder(
            known_hashes=numbers[frequent],
            idf=idf.astype(np.float32),
            ngrams=config.ngrams,
            weighting=config.weighting,
            lowercase=config.lowercase,
            characters=config.characters,
        )
        return encoder, encoder._weighted([*in_columns(tallies, encoder.known_hashes)])

    def _words(self, text: str) -> list[str]:
        return words_of(text, self.lowercase, self.every_script)


def _check_vocabulary(known_hashes: np.ndarray, idf: np.ndarray) -> None:
    # Of a file from elsewhere.
    are_ascending = known_hashes.ndim == 1 and (known_hashes[1:] > known_hashes[:-1]).all()
    are_weights = idf.shape == known_hashes.shape and idf.dtype.kind == "f" and np.isfinite(idf).all()
    if not (are_ascending and are_weights):
        raise ValueError("its words and phrases are not as they were saved")


def _values(counts: scipy.sparse.csr_matrix, weighting: str, idf: np.ndarray) -> np.ndarray:
    # What each entry counts for, (entries,) float32; but for plain counts, the values of a row have the length `NORM`.
    if weighting == "counts" or not counts.nnz:
        return counts.data
    lengths = np.diff(counts.indptr)
    if weighting == "binary":
        return np.repeat((NORM / np.sqrt(np.maximum(lengths, 1))).astype(np.float32), lengths)
    values = _strength(counts.data, weighting)
    values *= idf[counts.indices]
    squares = np.add.reduceat(np.append(values**2, np.float32(0)), counts.indptr[:-1], dtype=np.float64)
    norms = np.sqrt(np.where(lengths, squares, 1.0))
    values *= np.repeat((NORM / norms).astype(np.float32), lengths)
    return values


def _strength(counts: np.ndarray, weighting: str) -> np.ndarray:
    # What so many of one word or phrase say; nothing where there is none.
    there = (counts > 0).astype(np.float32)
    return there if weighting == "binary" else there + np.log(np.maximum(counts, 1))


def _bag(values: np.ndarray, ids: np.ndarray, offsets: np.ndarray) -> Encoded:
    return Encoded(
        ids=ids.astype(np.int32),
        values=values.astype(np.float32),
        offsets=offsets.astype(np.int64),
        ordered=False,
    )


def _empty(columns: int) -> scipy.sparse.csr_matrix:
    return scipy.sparse.csr_matrix((0, columns), dtype=np.float32)
