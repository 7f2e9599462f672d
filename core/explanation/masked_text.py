"""What is explained of a text: the part that the model reads, its units, and a way to ask about it without some."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np

from core.config import check_length
from core.errors import BadInput, UnknownName
from core.predictor import Predictor
from core.schema import TokenCoverage
from core.units import UNIT_KINDS, UnitKind, cluster_end, has_unit, unit_spans

MOST_WORDS, MOST_CHARACTERS = 1_500, 15_000  # the local model has a weight for each pair of units, in float64
MOST_PIECES = 2_000  # between white space: of marks there may be more than words
AT_ONCE = 4_000_000  # pieces of text x masks asked about at a time: bounds the memory


@dataclass(frozen=True, kw_only=True, eq=False)
class MaskedText:
    """A text in front of a model.

    Attributes:
        model: who is asked.
        text: as given.
        units: what it is made of: words (and emoji, and runs of "!" and "?"), all other signs too, or lines.
        coverage: how much of it the model takes in; the units lie in `text[:coverage.end]`.
        spans: start and end of each of its units.
        cut: whether the model reads on behind what is explained.
    """

    model: Predictor
    text: str
    units: UnitKind
    coverage: TokenCoverage
    spans: tuple[tuple[int, int], ...]
    cut: bool
    answer: Callable[[np.ndarray], np.ndarray]

    def ask(self, masks: np.ndarray) -> np.ndarray:
        """(n, classes) float32, the probabilities without the words where the masks (n, words) bool are false."""
        rows = max(1, AT_ONCE // max(len(self.spans), self.coverage.end // 2))
        return np.concatenate([self.answer(masks[start : start + rows]) for start in range(0, len(masks), rows)])

    @cached_property
    def known(self) -> np.ndarray:
        """(m,) int64, the units that the model knows: another can only have a weight by the chance of the draw."""
        return np.flatnonzero(self.coverage.knows(self.text, self.spans))

    def without(self, words: list[int] | np.ndarray) -> np.ndarray:
        """(words,) bool, the mask of the text without these words."""
        mask = np.ones(len(self.spans), bool)
        mask[words] = False
        return mask


def masked_text(model: Predictor, text: str, units: UnitKind = "words") -> MaskedText:
    """The text as the model sees it, cut at its window *before* units are left out: else other text moves into it.

    Raises BadInput when it is longer than `LONGEST_TEXT`, when there is no unit in it, or none that the model knows,
    and UnknownName for a kind of units.
    """
    check_length(text)
    if units not in UNIT_KINDS:
        raise UnknownName("kind of units", units, UNIT_KINDS)
    if not has_unit(text, units):
        raise BadInput("There is no word in this text; type a sentence or two.")
    reading, cut = _window(model, text, units)
    read = text[: reading.end]
    spans = unit_spans(read, units)
    answer = model.without(read, spans)
    return MaskedText(model=model, text=text, units=units, coverage=reading, spans=spans, cut=cut, answer=answer)


def _window(model: Predictor, text: str, units: UnitKind) -> tuple[TokenCoverage, bool]:
    # What the model reads of the text, or of as much of it as can be explained, and whether it reads on.
    reading = model.read(text)
    end = _explained_end(text[: reading.end], units)
    cut = end < reading.end
    if cut:
        reading = replace(model.read(text[:end]), end=end, tokens_total=reading.tokens_total)
    if reading.tokens_read == 0 and end:
        raise BadInput("The model knows none of the words that it reads of this text; try another text.")
    if not has_unit(text[: reading.end], units):
        raise BadInput("There is no word in the part of this text that the model reads; leave its beginning out.")
    return reading, cut


def _explained_end(text: str, units: UnitKind) -> int:
    head = text[: cluster_end(text, MOST_CHARACTERS)]
    spans = unit_spans(head, units)
    if len(spans) > MOST_WORDS:
        return spans[MOST_WORDS][0]
    pieces = [match.start() for match in islice(re.finditer(r"\S+", head), MOST_PIECES + 1)]
    if len(pieces) > MOST_PIECES:
        return pieces[MOST_PIECES]
    inside_a_unit = len(text) > len(head) and len(spans) > 1 and spans[-1][1] == len(head)
    return spans[-1][0] if inside_a_unit else len(head)
