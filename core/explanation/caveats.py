"""What has to be known beside an explanation, in sentences with their kinds."""

from __future__ import annotations

import numpy as np

from core.explanation.local_model import LocalModel
from core.explanation.masked_text import MaskedText
from core.explanation.question import answers
from core.format import percent, whole_percent
from core.predictor import Question
from core.schema import MIN_DROP, MIN_FIT, MIN_SAMPLES_PER_WORD, MIN_SHRINKAGE, Caveat, CaveatKind, Explanation, Scale
from core.units import UnitKind


def fit_caveats(local: LocalModel, masked: MaskedText, samples: int) -> tuple[Caveat, ...]:
    """Where LIME's local model is no good likeness of the model, or too few samples tell."""
    needed = MIN_SAMPLES_PER_WORD * len(masked.known)
    if samples < needed:
        text = f"{samples:,} samples are too few for so many words; nothing is marked below {needed:,}."
        return (Caveat(kind=CaveatKind.TOO_FEW_SAMPLES, text=text),)
    return *_of_fit(local.fit_r2), *_of_shrinkage(local.shrinkage)


def coverage_caveats(masked: MaskedText) -> tuple[Caveat, ...]:
    """Where only a part of the text is explained, whatever the method."""
    reading = masked.coverage
    if masked.cut:
        return (_part_explained(masked),)
    if reading.end < len(masked.text.rstrip()):
        text = f"Only the first {reading.tokens_read:,} of {reading.tokens_total:,} tokens were read and explained."
        return (Caveat(kind=CaveatKind.PART_READ, text=text),)
    return ()


def unmarked_caveats(
    masked: MaskedText, whole: np.ndarray, question: Question, explanation: Explanation
) -> tuple[Caveat, ...]:
    """Where what is of no unit moves the answer further than the strongest unit.

    Args:
        masked: the text.
        whole: (classes,) float32, the probabilities of all of it.
        question: what was explained.
        explanation: with all words.
    """
    read = masked.text[: masked.coverage.end]
    units_only = " ".join(read[start:end] for start, end in masked.spans)
    if units_only == read.strip():
        return ()
    probabilities = np.stack([whole, *masked.model.predict_proba([units_only])])
    effect = abs(float(np.diff(answers(probabilities, question, explanation.scale))[0]))
    if effect <= max(MIN_DROP, *(abs(word.weight) for word in explanation.words)):
        return ()
    moved = f"{100 * effect:.1f} points" if explanation.scale is Scale.PROBABILITY else f"{effect:.2f} log-odds"
    text = f"{_UNMARKED[masked.units]} {moved}, more than the strongest mark{_HINTS[masked.units]}."
    return (Caveat(kind=CaveatKind.UNMARKED_EFFECT, text=text),)


_UNMARKED: dict[UnitKind, str] = {
    "words": "Punctuation, markup and white space, which are not marked, move the answer by",
    "signs": "White space, which is not marked, moves the answer by",
    "lines": "White space between the lines, which is not marked, moves the answer by",
}
_NOUNS: dict[UnitKind, str] = {"words": "word", "signs": "word or sign", "lines": "line"}
_HINTS: dict[UnitKind, str] = {"words": "; mark words and signs to see which", "signs": "", "lines": ""}


def _of_fit(fit_r2: float | None) -> tuple[Caveat, ...]:
    if fit_r2 is None:
        text = "Removing words does not move this probability at all, so no word matters to it."
        return (Caveat(kind=CaveatKind.NO_EFFECT, text=text),)
    if fit_r2 < MIN_FIT:
        text = "The weights describe the model badly near this text; do not lean on single words."
        return (Caveat(kind=CaveatKind.POOR_FIT, text=text),)
    return ()


def _of_shrinkage(shrinkage: float) -> tuple[Caveat, ...]:
    if shrinkage >= MIN_SHRINKAGE:
        return ()
    left = whole_percent(shrinkage)
    text = f"LIME draws the weights towards zero here, to about {left} of what they would be in a long text."
    return (Caveat(kind=CaveatKind.SHRUNK_WEIGHTS, text=text),)


def _counted(units: int, kind: UnitKind) -> str:
    return f"{_NOUNS[kind]} is" if units == 1 else f"{units:,} {_NOUNS[kind].replace(' or', 's or')}s are"


def _part_explained(masked: MaskedText) -> Caveat:
    (shares,) = masked.model.predict_proba([masked.text])
    whole = dict(zip(masked.model.class_names, shares, strict=True))
    likely = max(whole, key=lambda name: whole[name])
    text = (
        f"Only the first {_counted(len(masked.spans), masked.units)} explained, and all figures are of them alone; "
        f"of the whole text the model says: {likely}, {percent(float(whole[likely]))}."
    )
    return Caveat(kind=CaveatKind.PART_EXPLAINED, text=text)
