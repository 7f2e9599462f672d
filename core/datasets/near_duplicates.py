"""Texts that are nearly the same as one before them, found by MinHash over runs of characters.

A text is what is left of it without case, spaces and signs, cut into overlapping runs of four characters. Two texts are
nearly the same when they share at least four fifths of the runs that either has (Jaccard similarity; Broder 1997). A
pair is proposed where one of eight bands of four hashes agrees; then its runs are compared, so that no text is called
near by chance of a hash. Long texts are compared by their beginning.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from core.datasets.code_points import CodePoints, code_points, is_matched

NEAR = 0.8  # share of the runs that either text has
PROMISING = 0.6  # share of the hashes that agree, from which on runs are compared
RUN = 4  # characters
SHORTEST = 16  # letters and digits; shorter texts are alike by their few words
LONGEST = 4_000  # characters that are looked at
BANDS, HASHES = 8, 4
MOST_TRIED = 20  # texts of one band that another is compared with
_MULTIPLIERS = np.random.default_rng(0).integers(1, 2**31, BANDS * HASHES, np.uint32) * np.uint32(2) + np.uint32(1)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def near_duplicates(texts: Sequence[str]) -> np.ndarray:
    """(texts,) int64: the place of the first text that each is nearly the same as, or -1 for one that stands alone.

    That first text is itself nearly the same as none before it. The same texts give the same answer.
    """
    leaders = np.full(len(texts), -1, np.int64)
    hashes = np.zeros((len(texts), BANDS * HASHES), np.uint32)
    for batch in code_points([_reduced(text) for text in texts]):
        hashes[batch.first : batch.first + len(batch.offsets) - 1] = _least_hashes(batch)
    bands = _bands(hashes)
    runs: dict[int, np.ndarray] = {}
    found: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for place in _share_a_band(bands).tolist():
        keys = list(enumerate(bands[place].tolist()))
        tried = sorted({leader for key in keys for leader in found[key]})
        promising = np.array(tried, np.int64)[_agreement(hashes, tried, place) >= PROMISING].tolist()
        near = next((leader for leader in promising if _similarity(texts, runs, leader, place) >= NEAR), None)
        if near is not None:
            leaders[place] = near
            continue
        for key in keys:
            if len(found[key]) < MOST_TRIED:
                found[key].append(place)
    return leaders


def _reduced(text: str) -> str:
    return text[:LONGEST].casefold()


def _hashed_runs(batch: CodePoints) -> tuple[np.ndarray, np.ndarray]:
    # (characters,) uint64, hashes of the runs that begin at each letter, mark or digit, and (texts + 1,) where texts
    # begin.
    # The last three of each text reach into the next one.
    is_read = is_matched(r"[\p{L}\p{M}\p{N}]")[batch.codes]
    codes = batch.codes[is_read].astype(np.uint64)
    hashes = codes.copy()
    for step in range(1, RUN):
        hashes *= _SPREAD
        hashes[:-step] += codes[step:]
    hashes *= _SPREAD
    return hashes, np.concatenate([[0], np.cumsum(batch.counts(is_read))])


def _least_hashes(batch: CodePoints) -> np.ndarray:
    # (texts, bands * hashes) uint32; 0 for a text that is too short.
    runs, ends = _hashed_runs(batch)
    long = np.flatnonzero(np.diff(ends) >= SHORTEST)
    least = np.zeros((len(ends) - 1, len(_MULTIPLIERS)), np.uint32)
    if len(long):
        segments = np.stack([ends[long], ends[long + 1] - (RUN - 1)], axis=1).ravel()
        short = (runs >> np.uint64(32)).astype(np.uint32)
        for column, multiplier in enumerate(_MULTIPLIERS):
            spread = short * multiplier
            spread ^= spread >> np.uint32(15)
            least[long, column] = np.minimum.reduceat(spread * multiplier, segments)[::2]
    return least


def _bands(hashes: np.ndarray) -> np.ndarray:
    # (texts, bands) uint64, four hashes as one.
    bands = np.zeros((len(hashes), BANDS), np.uint64)
    for place in range(HASHES):
        bands = bands * _SPREAD + hashes[:, place::HASHES]
    return bands


def _share_a_band(bands: np.ndarray) -> np.ndarray:
    # The places of texts, ascending, that are long enough and have a band in common with another.
    shares = np.zeros(len(bands), bool)
    for band in bands.T:
        order = np.argsort(band)
        same = np.flatnonzero(band[order[1:]] == band[order[:-1]])
        shares[order[same]] = shares[order[same + 1]] = True
    return np.flatnonzero(shares & bands.any(axis=1))


def _agreement(hashes: np.ndarray, tried: list[int], place: int) -> np.ndarray:
    return (hashes[tried] == hashes[place]).mean(axis=1)


def _similarity(texts: Sequence[str], runs: dict[int, np.ndarray], one: int, other: int) -> float:
    for place in (one, other):
        if place not in runs:
            runs[place] = _runs(texts[place])
    shorter, longer = sorted((runs[one], runs[other]), key=len)
    if len(shorter) < NEAR * len(longer):
        return 0.0
    places = np.minimum(np.searchsorted(longer, shorter), len(longer) - 1)
    shared = int((longer[places] == shorter).sum())
    return shared / (len(shorter) + len(longer) - shared)


def _runs(text: str) -> np.ndarray:
    batch = next(code_points([_reduced(text)]))
    return np.unique(_hashed_runs(batch)[0][: -(RUN - 1)])
