"""The script that most letters of a text belong to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from core.datasets.code_points import CodePoints, code_points, is_matched

SCRIPTS = {
    "Latin": r"\p{Latin}",
    "Cyrillic": r"\p{Cyrillic}",
    "Greek": r"\p{Greek}",
    "Arabic": r"\p{Arabic}",
    "Hebrew": r"\p{Hebrew}",
    "Devanagari": r"\p{Devanagari}",
    "Bengali": r"\p{Bengali}",
    "Tamil": r"\p{Tamil}",
    "Thai": r"\p{Thai}",
    "Korean": r"\p{Hangul}",
    "Chinese or Japanese": r"[\p{Han}\p{Hiragana}\p{Katakana}]",
}
"""Names of scripts, each with an expression for one of its characters; letters of all others are of one more."""
OTHER = "another"
NAMES = (*SCRIPTS, OTHER)
NO_LETTERS = -1


def dominant_scripts(texts: Sequence[str]) -> np.ndarray:
    """(texts,) int8: the place in `NAMES` of the script that most letters of each text are in, -1 without letters."""
    found = [_dominant(batch) for batch in code_points(texts)]
    return np.concatenate([np.zeros(0, np.int8), *found])


def in_other_script(scripts: np.ndarray) -> np.ndarray:
    """(texts,) bool, which texts are in another script than most of them, by what `dominant_scripts` gives."""
    known = scripts[scripts != NO_LETTERS]
    most = np.bincount(known, minlength=1).argmax() if len(known) else NO_LETTERS
    return (scripts != most) & (scripts != NO_LETTERS)


def _dominant(batch: CodePoints) -> np.ndarray:
    scripts = _script_of()[batch.codes]
    present = np.flatnonzero(np.bincount(scripts + 1)[1:])
    if not len(present):
        return np.full(len(batch.offsets) - 1, NO_LETTERS, np.int8)
    counts = np.stack([batch.counts(scripts == script) for script in present])
    dominant = present[counts.argmax(axis=0)]
    return np.where(counts.max(axis=0) > 0, dominant, NO_LETTERS).astype(np.int8)


@cache
def _script_of() -> np.ndarray:
    # (code points,) int8, as above.
    letters = is_matched(r"\p{L}")
    scripts = np.where(letters, len(SCRIPTS), NO_LETTERS).astype(np.int8)
    for place, pattern in enumerate(SCRIPTS.values()):
        scripts[is_matched(pattern) & letters] = place
    return scripts
