"""How far the marks of an explanation can be relied on, in plain words. Pure, no streamlit."""

from core.schema import MIN_FIT, MIN_SHRINKAGE, SHORT_TEXT_WORDS, CaveatKind, Explanation
from pages.ui.render.format import counted

BAD_FIT = (
    "The words act together here: a sum of single weights describes the model badly near this text. Read the marks as "
    "a hint, and look at “Does it hold?” below."
)
OF_THE_PART = (CaveatKind.PART_EXPLAINED, CaveatKind.PART_READ)  # of a text; told before the marks are looked at


def trust(explanation: Explanation) -> str:
    """How far the weights of the words account for the model's answers, in plain words."""
    fit, samples = explanation.fit_r2, explanation.samples
    if fit is None:
        return "The model gives the same answer whichever words are left out, so no word carries it."
    if explanation.shrinkage < MIN_SHRINKAGE:
        few = (
            "In so short a text"
            if len(explanation.words) <= SHORT_TEXT_WORDS
            else "With so few versions of so long a text"
        )
        return f"{few} LIME draws the weights towards zero: trust their order, not their size."
    strongest = max((abs(word.weight) for word in explanation.words), default=0.0)
    if explanation.against is None and strongest < 0.015:
        share = explanation.probabilities[explanation.class_name]
        most = "0.1" if strongest < 0.001 else f"{100 * strongest:.1f}"
        sure = "The model stays sure" if share > 0.5 else "The model stays sure against it"
        start = "Many words share in it" if 0.1 < share < 0.9 else sure
        return f"{start}: no single word is worth more than {most} points of probability."
    account = f"Adding up the word weights explains {max(fit, 0):.0%} of how the answer moves when words are left out"
    if fit >= 0.75 and _holds_together(explanation):
        return f"{account}: they can be relied on here."
    if fit >= MIN_FIT:
        return f"{account}: good for the strongest words, less so for the rest."
    return f"{account}: the words act together here, so read them as a hint only ({samples:,} samples)."


def banner(explanation: Explanation) -> str | None:
    """What has to be known before the marks are looked at, or None."""
    cut = [caveat.text for caveat in explanation.caveats if caveat.kind in OF_THE_PART]
    bad = explanation.fit_r2 is not None and explanation.fit_r2 < MIN_FIT
    return " ".join([BAD_FIT] * bad + cut) or None


def coverage(explanation: Explanation) -> str:
    """How much of a text the model took in."""
    reading, cut = explanation.coverage, _is_cut(explanation)
    if reading.unknown_words or cut:
        words = f"of the text's {counted(reading.tokens_total, 'word')}" if not cut else "words of the part explained"
        return f"The model knows {reading.tokens_read:,} {words}; those that it does not know are struck through."
    if reading.tokens_read == reading.tokens_total:
        return f"The model read the whole text: {counted(reading.tokens_total, 'token')} (words or pieces of words)."
    left = f"{reading.tokens_total - reading.tokens_read:,} of {counted(reading.tokens_total, 'token')}"
    return f"{left} (words or pieces of words) were not read: the grey end."


def _is_cut(explanation: Explanation) -> bool:
    # Whether the model reads on behind what is explained.
    return any(caveat.kind is CaveatKind.PART_EXPLAINED for caveat in explanation.caveats)


def _holds_together(explanation: Explanation) -> bool:
    # Whether the sum of the weights is near the model's answer, and other draws would name the same words.
    apart = 0.0
    if explanation.prediction is not None and explanation.against is None:
        apart = abs(explanation.prediction - explanation.probabilities[explanation.class_name])
    return apart <= 0.15 and (explanation.top_stability is None or explanation.top_stability >= 0.5)
