"""Bags of words and of short phrases, without order; sparse from end to end.

A phrase is known by its number: a hash of its words (Weinberger et al. 2009, arXiv 0902.2206), so that 18 million of
them are sorted and counted as arrays. Numbers that occur in too few training documents are dropped. Two phrases may
have one number: of words never seen, the share size / 2^24 is taken for known, 4% with 600,000 phrases.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse

from core.config import DataConfig
from core.encoders.base import SETTINGS, Encoder, lowered, overlaps, rows_of_one
from core.encoders.perturbed import PIECE, PerturbedText
from core.errors import BadInput
from core.schema import BagTable, Encoded, Reading

# A word, an address as a whole (in a post's header it names the sender), or a single other sign.
WORD = re.compile(r"\w+(?:[\w.\-]*@[\w.\-]+)?|[^\w\s]")
WORD_AND_SIGNS = re.compile(r"[^\w\s]*\w+[^\w\s]*|[^\w\s]+")
BITS = 24  # of a phrase's number
TINY = np.float32(1e-30)
NORM = 8.0  # length of a weighted row; Adam's steps have a fixed length, so rows of length 1 would learn slowly
KEPT = "vocabulary.npz"
CHUNK = 4096  # documents counted at a time: bounds the memory


@dataclass(frozen=True, kw_only=True, eq=False)
class BagEncoder(Encoder):
    """Which words and phrases occur, and how often, without their order.

    Attributes:
        kept: (size,) uint32 ascending, the numbers of the known words and phrases; an id is a position in it.
        idf: (size,) float32, the rarity of each in the train split; 1 unless the weighting is "tfidf".
        ngrams: words of the longest phrase.
        weighting: what a phrase counts for, as `DataConfig` tells.
        lowercase: whether texts are lower-cased first.
    """

    kept: np.ndarray
    idf: np.ndarray
    ngrams: int
    weighting: str
    lowercase: bool

    @property
    def size(self) -> int:  # type: ignore[override]
        """Number of words and phrases."""
        return len(self.kept)

    def encode(self, texts: Iterable[str]) -> Encoded:
        """Ids of the known words and phrases of each text, each once, with its weight as value."""
        return self._encoded(_counted(texts, self.ngrams, self.lowercase))

    def _encoded(self, counted: Iterable[scipy.sparse.csr_matrix]) -> Encoded:
        known = [self._known(counts) for counts in counted]
        counts = scipy.sparse.vstack([_empty(self.size), *known], format="csr")
        weighted = _weighted(counts, self.weighting, self.idf)
        return _bag(weighted.data, weighted.indices, weighted.indptr)

    def without(self, text: str, spans: Sequence[tuple[int, int]]) -> Callable[[np.ndarray], tuple[BagTable]]:
        """A table of the few words and phrases that the text has without some of its words."""
        hashes, words = _Hashes(), partial(_words, lowercase=self.lowercase)
        perturbed = PerturbedText(text, spans, lambda piece: [hashes[word] for word in words(piece)], _pieces(text))
        if self.ngrams == 1:
            return lambda masks: (self._table(*perturbed.counts(masks, self._ids_of_hashes)),)
        return lambda masks: (self._table(*self._counted(*perturbed.tokens(masks))),)

    def _counted(self, words: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        # The ids of the phrases of versions of one text, (m,), and their counts (n, m).
        pairs = [*_phrases(words, lengths, self.ngrams)]
        document = np.concatenate([document for document, _ in pairs])
        ids = np.concatenate([self._ids(numbers) for _, numbers in pairs])
        document, ids = document[ids >= 0], ids[ids >= 0]
        found = np.zeros(self.size, bool)
        found[ids] = True
        here = np.flatnonzero(found)
        column = (np.cumsum(found) - 1)[ids]
        counts = np.bincount(document * len(here) + column, minlength=len(lengths) * len(here))
        return here, counts.reshape(len(lengths), len(here)).astype(np.float32)

    def _table(self, ids: np.ndarray, counts: np.ndarray) -> BagTable:
        if self.weighting != "counts" and counts.size:
            counts = _strength(counts, self.weighting) * self.idf[ids]
            counts *= NORM / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), TINY)
        return BagTable(ids=ids.astype(np.int32), values=counts)

    def occurrences(self, texts: Iterable[str]) -> Iterator[np.ndarray]:
        """The words and phrases of each text, known or not."""
        for words, lengths in _hashed(texts, self.lowercase):
            pairs = [*_phrases(words, lengths, self.ngrams)]
            document = np.concatenate([document for document, _ in pairs])
            ids = self._ids(np.concatenate([numbers for _, numbers in pairs]))
            counts = np.bincount(document, minlength=len(lengths))
            yield from np.split(ids[np.argsort(document, kind="stable")], np.cumsum(counts)[:-1])

    def rarity(self, documents: Encoded) -> np.ndarray:
        """The weights for rarity; 1 for all that is known where there are none. What is not known is in no document."""
        return np.append(self.idf, np.float32(np.log(1 + len(documents)) + 1))

    def shares(self, text: str, spans: Sequence[tuple[int, int]]) -> tuple[scipy.sparse.csr_matrix, ...]:
        """Which words each known word or phrase is of: evenly of those in it, and of all places where it stands."""
        read = lowered(text) if self.lowercase else text
        of_words = overlaps([match.span() for match in WORD.finditer(read)], spans)
        hashes = np.array([_hash(word) for word in _words(text, self.lowercase)], np.uint64)
        numbers = [numbers for _, numbers in _phrases(hashes, np.array([len(hashes)]), self.ngrams)]
        # A phrase that begins at each word: what belongs to its first word, its second, ...
        of_phrases = [sum(of_words[i : i + len(begun)] for i in range(n)) for n, begun in enumerate(numbers, start=1)]
        ids = self._ids(np.concatenate(numbers))
        known = np.unique(ids[ids >= 0])
        places = np.searchsorted(known, ids[ids >= 0])
        standing = scipy.sparse.csr_matrix(
            (np.ones(len(places)), (places, np.flatnonzero(ids >= 0))), (len(known), len(ids))
        )
        return (rows_of_one(standing @ rows_of_one(scipy.sparse.vstack(of_phrases).tocsr())),)

    def read(self, text: str) -> Reading:
        """Words known and unknown; a bag reads to the end."""
        words = [word for word in _words(text, self.lowercase) if re.match(r"\w", word)]
        numbers = _numbers(np.array([_hash(word) for word in words], np.uint64))
        known = self._ids(numbers) >= 0
        unknown = [word for word, is_known in zip(words, known, strict=True) if not is_known]
        return Reading(
            tokens_read=int(known.sum()),
            tokens_total=len(words),
            end=len(text),
            unknown_words=tuple(dict.fromkeys(unknown)),
        )

    def save(self, folder: Path) -> None:
        """Settings as JSON, and what is known as compressed arrays."""
        # Steps between ascending numbers are small, and compress well.
        np.savez_compressed(folder / KEPT, steps=np.diff(self.kept, prepend=np.uint32(0)), idf=self.idf)
        settings = {"kind": "words", "ngrams": self.ngrams, "weighting": self.weighting, "lowercase": self.lowercase}
        (folder / SETTINGS).write_text(json.dumps(settings))

    @staticmethod
    def load(folder: Path, settings: dict[str, Any]) -> BagEncoder:
        """The encoder that `save` wrote."""
        settings = {key: value for key, value in settings.items() if key != "kind"}
        with np.load(folder / KEPT, allow_pickle=False) as stored:
            kept = np.cumsum(stored["steps"], dtype=np.uint32)
            return BagEncoder(kept=kept, idf=stored["idf"], **settings)

    @staticmethod
    def learn(config: DataConfig, texts: Sequence[str], *, most: int) -> tuple[BagEncoder, Encoded]:
        """The encoder of the `most` most frequent words and phrases, and these texts as it encodes them.

        A word or phrase has to occur in at least `config.min_count` of the texts. Raises BadInput when no word does.
        """
        counted = list(_counted(texts, config.ngrams, config.lowercase))
        numbers = np.concatenate([np.zeros(0, np.int32), *(counts.indices for counts in counted)])
        documents = np.bincount(numbers, minlength=1 << BITS)  # that each number occurs in
        frequent = np.flatnonzero(documents >= min(config.min_count, len(texts)))
        if not any(re.search(r"\w", text) for text in texts):
            raise BadInput("The training texts have no words to learn from; check the text column.")
        if not len(frequent):
            raise BadInput(f"No word occurs in {config.min_count} of the training texts; lower min_count.")
        frequent = np.sort(frequent[np.argsort(-documents[frequent], kind="stable")[:most]])
        # Smoothed as scikit-learn has it: as if one more document held every word once.
        rarity = np.log((1 + len(texts)) / (1 + documents[frequent])) + 1
        idf = rarity if config.weighting == "tfidf" else np.ones(len(frequent))
        encoder = BagEncoder(
            kept=frequent.astype(np.uint32),
            idf=idf.astype(np.float32),
            ngrams=config.ngrams,
            weighting=config.weighting,
            lowercase=config.lowercase,
        )
        return encoder, encoder._encoded(counted)

    def _known(self, counts: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
        # Columns by number to columns by id; what is not known goes.
        ids = self._ids(counts.indices)
        known = ids >= 0
        offsets = np.concatenate([[0], np.cumsum(known)])[counts.indptr]
        shape = (counts.shape[0], self.size)
        return scipy.sparse.csr_matrix((counts.data[known], ids[known], offsets), shape)

    def _ids_of_hashes(self, hashes: np.ndarray) -> np.ndarray:
        return self._ids(_numbers(hashes))

    def _ids(self, numbers: np.ndarray) -> np.ndarray:
        # (n,) int32, -1 for what is not known. Of many, in a table of all numbers: four times as fast as a search.
        if len(numbers) > self.size:
            table = np.full(1 << BITS, -1, np.int32)
            table[self.kept] = np.arange(self.size, dtype=np.int32)
            return table[numbers]
        ids = np.minimum(np.searchsorted(self.kept, numbers), self.size - 1).astype(np.int32)
        return np.where(self.kept[ids] == numbers, ids, -1)


def _weighted(counts: scipy.sparse.csr_matrix, weighting: str, idf: np.ndarray) -> scipy.sparse.csr_matrix:
    if weighting == "counts" or not counts.nnz:
        return counts
    from sklearn.preprocessing import normalize

    values = _strength(counts.data, weighting) * idf[counts.indices]
    return normalize(scipy.sparse.csr_matrix((values, counts.indices, counts.indptr), counts.shape), copy=False) * NORM


def _strength(counts: np.ndarray, weighting: str) -> np.ndarray:
    # What so many of one word or phrase say; nothing where there is none.
    there = (counts > 0).astype(np.float32)
    return there if weighting == "binary" else there + np.log(np.maximum(counts, 1))


def _counted(texts: Iterable[str], ngrams: int, lowercase: bool) -> Iterable[scipy.sparse.csr_matrix]:
    # The texts a chunk at a time, as (documents, 2 ** BITS) float32 counts of phrases.
    return (_count(words, lengths, ngrams) for words, lengths in _hashed(texts, lowercase))


def _hashed(texts: Iterable[str], lowercase: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    # The texts a chunk at a time: hashes of all words, one text after the other, and the number of words of each.
    rest, hashes = iter(texts), _Hashes()
    while chunk := list(islice(rest, CHUNK)):
        documents = [_words(text, lowercase) for text in chunk]
        lengths = np.array([len(words) for words in documents])
        yield np.fromiter(map(hashes.__getitem__, chain.from_iterable(documents)), np.uint64, lengths.sum()), lengths


def _count(words: np.ndarray, lengths: np.ndarray, ngrams: int) -> scipy.sparse.csr_matrix:
    # Every (document, phrase) as one whole number, sorted; runs of equal ones are counted.
    keys = [document << BITS | numbers for document, numbers in _phrases(words, lengths, ngrams)]
    entries = np.sort(np.concatenate(keys))
    starts = np.flatnonzero(np.diff(entries, prepend=-1))
    counts = np.diff(starts, append=len(entries)).astype(np.float32)
    rows, numbers = entries[starts] >> BITS, entries[starts] & (1 << BITS) - 1
    offsets = np.searchsorted(rows, np.arange(len(lengths) + 1))
    return scipy.sparse.csr_matrix((counts, numbers, offsets), (len(lengths), 1 << BITS))


def _phrases(words: np.ndarray, lengths: np.ndarray, ngrams: int) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    # For words, then pairs of words and so on: the document of each, and its number; both int64.
    document = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    yield document, _numbers(words)
    phrases = words
    for n in range(2, ngrams + 1):
        phrases = _joined(phrases[:-1], words[n - 1 :])
        inside = document[: len(phrases)] == document[n - 1 :]
        yield document[: len(phrases)][inside], _numbers(phrases[inside])


def _bag(values: np.ndarray, ids: np.ndarray, offsets: np.ndarray) -> Encoded:
    return Encoded(
        ids=ids.astype(np.int32),
        values=values.astype(np.float32),
        offsets=offsets.astype(np.int64),
        ordered=False,
    )


def _empty(columns: int) -> scipy.sparse.csr_matrix:
    return scipy.sparse.csr_matrix((0, columns), dtype=np.float32)


def _pieces(text: str) -> list[tuple[int, int]]:
    # Parts that are read alike whatever is left out of the others: single words, but for those of an address.
    return [
        part.span()
        for piece in PIECE.finditer(text)
        for part in ([piece] if "@" in piece[0] else WORD_AND_SIGNS.finditer(text, *piece.span()))
    ]


def _words(text: str, lowercase: bool) -> list[str]:
    return WORD.findall(lowered(text) if lowercase else text)


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class _Hashes(dict[str, int]):
    # Each different word is hashed once.
    def __missing__(self, word: str) -> int:
        self[word] = _hash(word)
        return self[word]


def _joined(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    # uint64 hashes of a phrase and the word behind it to that of the longer phrase; odd factors lose nothing.
    mixed = left * np.uint64(0xBF58476D1CE4E5B9) ^ right * np.uint64(0x9E3779B97F4A7C15)
    return mixed ^ mixed >> np.uint64(29)


def _numbers(hashes: np.ndarray) -> np.ndarray:
    # (n,) int64 below 2 ** BITS: the upper bits of a product depend on all bits of the hash.
    return (hashes * np.uint64(0x94D049BB133111EB) >> np.uint64(64 - BITS)).astype(np.int64)
