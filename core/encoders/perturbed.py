"""A text under many masks at once: its tokens when some of its words are left out, without writing the texts.

A text falls into pieces: between white space, or smaller ones. What the tokens of a piece are depends only on which of
the words inside it are there, and mostly there is one word or none: so every variant of a piece is read once, and the
tokens of a mask are those of its pieces, one after the other. Leaving out whole pieces joins the white space around
them, which byte pairs see: a run of it before a piece gives all but its last character to a token of its own, and the
last one to the piece. All this is exact, and tested against reading the written texts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property

import numpy as np
import scipy.sparse

# White space as Unicode and tiktoken's regular expressions have it; Python's own takes four control characters too.
_WHITE = "[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
PIECE = re.compile(f"[^{_WHITE[1:-1]}]+")
EMPTY = 0  # number of the entry without tokens

Tokenize = Callable[[str], list[int]]


class PerturbedText:
    """The tokens of one text with any of its words left out.

    Args:
        text: as written.
        spans: start and end of each unit in it, ascending; pieces that one reaches across become one.
        tokenize: tokens of a short text.
        pieces: start and end of each part of the text whose tokens depend on no other part, where white space has no
            tokens. By default they lie between white space that has some, so that it matters how much of it meets.
    """

    def __init__(
        self,
        text: str,
        spans: Sequence[tuple[int, int]],
        tokenize: Tokenize,
        pieces: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        self._text, self._spans, self._spaces = text, list(spans), pieces is None
        self._store = _Store(tokenize)
        if pieces is None:
            pieces = merge_pieces([match.span() for match in PIECE.finditer(text)], spans)
        edges = [0, *(edge for piece in pieces for edge in piece), len(text)]
        self._white = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
        self._pieces = pieces
        starts = [start for start, _ in self._spans]
        self._words = [slice(*edges) for edges in np.searchsorted(starts, np.array(pieces).reshape(-1, 2)).tolist()]
        self._single = [i for i, inside in enumerate(self._words) if inside.stop - inside.start == 1]
        self._of_single = [self._words[i].start for i in self._single]
        self._known: dict[tuple[int, int], int] = {}
        self._mixed = [(i, inside) for i, inside in enumerate(self._words) if inside.stop - inside.start != 1]

    def tokens(self, masks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The tokens of every mask (n, words) bool, true where a word stays: uint64, and (n,) how many of each."""
        pieces = np.empty((len(masks), len(self._pieces)), np.int32)
        pieces[:, self._single] = np.where(masks[:, self._of_single], *self._entries_of_single)
        for i, entries, which in self._others(masks.T):
            pieces[:, i] = np.array(entries, np.int32)[which]
        return self._store.tokens(self._with_white(pieces) if self._spaces else pieces)

    def counts(self, masks: np.ndarray, ids_of: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The ids (m,) that can occur, ascending, and how often each does under every mask, (n, m) float32.

        A count is a sum over the variants of the pieces, so all of them are one matrix product: how often each id is
        in every variant, with which variants each mask leaves.

        Args:
            masks: (n, words) bool, true where a word stays.
            ids_of: the ids of tokens (t,) uint64; negative for one that is not known and does not count.
        """
        words = np.ascontiguousarray(masks.T)
        others = [*self._others(words)]
        entries = np.concatenate([*self._entries_of_single, *(np.array(few, np.int32) for _, few, _ in others)])
        single = words[self._of_single]
        there = np.concatenate([single, ~single, *(which == np.arange(len(few))[:, None] for _, few, which in others)])
        tokens, lengths = self._store.tokens(entries[:, None])
        token_ids, variants = ids_of(tokens), np.repeat(np.arange(len(entries)), lengths)
        ids, places = np.unique(token_ids[token_ids >= 0], return_inverse=True)
        # Half the memory where 16 bits can count all that there is.
        number = np.int16 if len(self._text) < 1 << 15 else np.int32
        ones = np.ones(len(places), number)
        product = scipy.sparse.csr_matrix((ones, (places, variants[token_ids >= 0])), (len(ids), len(entries)))
        return ids, (product @ there.astype(number)).T.astype(np.float32, order="C")

    @cached_property
    def _entries_of_single(self) -> tuple[np.ndarray, np.ndarray]:
        # Of the pieces with one word in them, the entries with it and without it.
        here, gone = ([self._variant(i, pattern) for i in self._single] for pattern in (1, 0))
        return np.array(here, np.int32), np.array(gone, np.int32)

    @cached_property
    def _gaps(self) -> np.ndarray:
        # Entries of the white space between what is left, as far as they are known.
        return np.full((len(self._white), len(self._white)), -1, np.int32)

    def _others(self, words: np.ndarray) -> Iterator[tuple[int, list[int], np.ndarray]]:
        # Each of the other pieces, the entries of its variants, and which of them masks (words, n) leave, (n,).
        for i, inside in self._mixed:
            patterns, which = _patterns(words[inside])
            yield i, [self._variant(i, pattern) for pattern in patterns], which

    def _variant(self, piece: int, pattern: int) -> int:
        if (piece, pattern) not in self._known:
            self._known[piece, pattern] = self._read(piece, pattern)
        return self._known[piece, pattern]

    def _read(self, piece: int, pattern: int) -> int:
        # The entry of a piece with those of its words whose bits are set.
        start, end = self._pieces[piece]
        written, at = self._white[piece][-1:] if self._spaces else "", start
        empty = written
        for i, (word_start, word_end) in enumerate(self._spans[self._words[piece]]):
            written += self._text[at : word_end if pattern >> i & 1 else word_start]
            at = word_end
        written += self._text[at:end]
        return EMPTY if written == empty else self._store.entry(written)

    def _with_white(self, pieces: np.ndarray) -> np.ndarray:
        # (n, 2 pieces + 1): before every piece that is there the white space that lies before it, and at the end.
        rows, count = pieces.shape
        there = np.concatenate([pieces != EMPTY, np.ones((rows, 1), bool)], axis=1)
        numbers = np.arange(1, count + 2, dtype=np.int32)
        last = np.maximum.accumulate(np.where(there, numbers, 0), axis=1)
        before = np.concatenate([np.zeros((rows, 1), np.int32), last[:, :-1]], axis=1)  # 0 where nothing was there
        pairs = before * np.int32(count + 1) + numbers - 1
        self._fill_gaps(np.unique(pairs[there]))
        entries = np.full((rows, 2 * count + 1), EMPTY, np.int32)
        entries[:, ::2] = np.where(there, self._gaps.ravel()[pairs], EMPTY)
        entries[:, 1::2] = pieces
        return entries

    def _fill_gaps(self, pairs: np.ndarray) -> None:
        gaps = self._gaps.ravel()  # a view
        for pair in pairs[gaps[pairs] < 0]:
            before, piece = divmod(int(pair), len(self._white))
            white = "".join(self._white[before : piece + 1])
            at_end = piece == len(self._pieces)
            gaps[pair] = self._store.entry(white if at_end else white[:-1])


def merge_pieces(
    pieces: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]], joints: Collection[int] = ()
) -> list[tuple[int, int]]:
    """The pieces, of which those that a unit reaches across, or that end at a joint, become one with the next.

    Args:
        pieces, spans: start and end of each piece and of each unit, ascending.
        joints: ends of pieces that the next one must not be read without.
    """
    merged: list[tuple[int, int]] = []
    ends = [end for _, end in spans]
    for start, end in pieces:
        before = merged[-1] if merged else (-1, -1)
        first = bisect_right(ends, before[1])  # the unit that would reach across
        if merged and (before[1] in joints or (first < len(spans) and spans[first][0] < before[1])):
            merged[-1] = (before[0], end)
        else:
            merged.append((start, end))
    return merged


def _patterns(words: np.ndarray) -> tuple[list[int], np.ndarray]:
    # The different columns of words (words of a piece, n) bool as numbers, a bit for each word; (n,) which each is.
    codes = np.packbits(words, axis=0, bitorder="little")
    if len(codes) == 0:
        return [0], np.zeros(words.shape[1], np.uint16)
    if len(codes) > 1:
        codes, which = np.unique(codes, axis=1, return_inverse=True)
        return [int.from_bytes(code.tobytes(), "little") for code in codes.T], which.reshape(-1)
    here = np.bincount(codes[0], minlength=256) > 0
    return np.flatnonzero(here).tolist(), (np.cumsum(here, dtype=np.uint16) - 1)[codes[0]]


class _Store:
    """Short texts and their tokens, each read once."""

    def __init__(self, tokenize: Tokenize) -> None:
        self._tokenize = tokenize
        self._entries: dict[str, int] = {"": EMPTY}
        self._tokens: list[int] = []  # of all entries, one after the other: an array for each would cost more
        self._lengths: list[int] = [0]

    def entry(self, written: str) -> int:
        if written not in self._entries:
            tokens = self._tokenize(written)
            self._entries[written] = len(self._lengths)
            self._lengths.append(len(tokens))
            self._tokens.extend(tokens)
        return self._entries[written]

    def tokens(self, entries: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The tokens of entries (n, m) one after the other, uint64, and (n,) how many there are in each row."""
        tokens, lengths = np.array(self._tokens, np.uint64), np.array(self._lengths)
        starts = np.cumsum(lengths) - lengths
        picked = lengths[entries]
        flat, counts = entries[picked > 0], picked[picked > 0]
        places = np.cumsum(counts) - counts
        positions = np.arange(counts.sum()) + np.repeat(starts[flat] - places, counts)
        return tokens[positions], picked.sum(axis=1)
