"""What has to be known beside an explanation, in sentences with their kinds."""

from __future__ import annotations

from core.explanation.local_model import LocalModel
from core.explanation.masked_text import MaskedText
from core.schema import MIN_FIT, MIN_SHRINKAGE, SHORT_TEXT_WORDS, Caveat, CaveatKind


def fit_caveats(local: LocalModel, masked: MaskedText) -> tuple[Caveat, ...]:
    """Where LIME's local model is no good likeness of the model."""
    return *_of_fit(local.fit_r2), *_of_shrinkage(local.shrinkage, len(masked.spans))


def coverage_caveats(masked: MaskedText) -> tuple[Caveat, ...]:
    """Where only a part of the text is explained, whatever the method."""
    reading = masked.coverage
    if masked.cut:
        return (_part_explained(masked),)
    if reading.end < len(masked.text.rstrip()):
        text = f"Only the first {reading.tokens_read:,} of {reading.tokens_total:,} tokens were read and explained."
        return (Caveat(kind=CaveatKind.PART_READ, text=text),)
    return ()


def _of_fit(fit_r2: float | None) -> tuple[Caveat, ...]:
    if fit_r2 is None:
        text = "Removing words does not move this probability at all, so no word matters to it."
        return (Caveat(kind=CaveatKind.NO_EFFECT, text=text),)
    if fit_r2 < MIN_FIT:
        text = "The weights describe the model badly near this text; do not lean on single words."
        return (Caveat(kind=CaveatKind.POOR_FIT, text=text),)
    return ()


def _of_shrinkage(shrinkage: float, words: int) -> tuple[Caveat, ...]:
    if shrinkage >= MIN_SHRINKAGE:
        return ()
    few = "In so short a text" if words <= SHORT_TEXT_WORDS else "With so few samples for so many words"
    text = f"{few} LIME draws the weights towards zero: trust their order, not their size."
    return (Caveat(kind=CaveatKind.SHRUNK_WEIGHTS, text=text),)


def _part_explained(masked: MaskedText) -> Caveat:
    (shares,) = masked.model.predict_proba([masked.text])
    whole = dict(zip(masked.model.class_names, shares, strict=True))
    likely = max(whole, key=lambda name: whole[name])
    share = ">99.9%" if whole[likely] >= 0.9995 else f"{whole[likely]:.1%}"
    text = (
        f"Only the first {len(masked.spans):,} words are explained, and all figures are of them alone; "
        f"of the whole text the model says: {likely}, {share}."
    )
    return Caveat(kind=CaveatKind.PART_EXPLAINED, text=text)
