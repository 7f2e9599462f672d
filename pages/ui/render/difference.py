"""Two texts, piece by piece: what stayed, what went and what came."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby, pairwise, takewhile
from operator import itemgetter

from core.units import unit_spans

LONGEST = 20_000  # characters of each text that are compared


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """What stayed (" "), went ("-") or came ("+"), in the order of the texts; as many pieces as can stay."""
    one, other = (_pieces(text[:LONGEST]) for text in (before, after))
    found: list[tuple[str, str]] = []
    i = j = 0
    for a, b in (*_same(one, other), (len(one), len(other))):
        found += [("-", "".join(one[i:a])), ("+", "".join(other[j:b])), (" ", "".join(one[a : a + 1]))]
        i, j = a + 1, b + 1
    kept = [change for change in found if change[1]]
    return [(kind, "".join(text for _, text in run)) for kind, run in groupby(kept, key=itemgetter(0))]


def _pieces(text: str) -> list[str]:
    # Words, signs and what is between them.
    edges = [0, *chain.from_iterable(unit_spans(text, "signs")), len(text)]
    return [text[start:end] for start, end in pairwise(edges) if start < end]


def _same(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    # The places of what stays in both, ascending: what they begin and end with, and the most of what is between.
    begin = _alike(one, other)
    end = _alike(one[begin:][::-1], other[begin:][::-1])
    first, second = one[begin : len(one) - end], other[begin : len(other) - end]
    between = [(begin + a, begin + b) for a, b in longest_common(first, second)]
    after = [(len(one) - place, len(other) - place) for place in range(end, 0, -1)]
    return [*((place, place) for place in range(begin)), *between, *after]


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    # How many pieces both begin with.
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def longest_common(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """The places of a longest common subsequence, ascending.

    A row of the table of lengths is one large number, whose bit is 0 where the length grows (Hyyrö 2004): for n and m
    pieces that is n sums of numbers of m bits, where `difflib` may take n * m steps in Python, many times over.
    """
    places: dict[str, int] = {}
    for place, piece in enumerate(other):
        places[piece] = places.get(piece, 0) | 1 << place
    full = (1 << len(other)) - 1
    rows = [full]
    for piece in one:
        there = rows[-1] & places.get(piece, 0)
        rows.append(((rows[-1] + there) | (rows[-1] - there)) & full)
    return _way_back(rows, len(other))


def _way_back(rows: Sequence[int], columns: int) -> list[tuple[int, int]]:
    found = []
    row, column = len(rows) - 1, columns
    while row and column:
        if rows[row] >> column - 1 & 1:  # no longer with this column than without
            column -= 1
            continue
        row -= 1
        if rows[row] >> column - 1 & 1:  # longer with this row, so both are in it
            column -= 1
            found.append((row, column))
    return found[::-1]
