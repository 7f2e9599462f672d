"""How far the marks of an explanation can be relied on, in plain words. Pure, no streamlit."""

from core.schema import MIN_FIT, CaveatKind, Explanation
from core.schema.explanation_text import compared_with, in_points
from pages.ui.render.format import counted, whole_percent

BAD_FIT = (
    "The words act together here: a sum of single weights describes the model badly near this text. Read the marks as "
    "a hint, and look at “Does it hold?” below."
)
NO_FIT = (
    "The words act together here: no sum of single weights describes the model near this text, so no word is marked. "
    "“What if?” below asks the model about other versions."
)
# Told before the marks are looked at: where they are of a part of the text, or not of what moves the answer most.
BEFORE_THE_MARKS = (CaveatKind.PART_EXPLAINED, CaveatKind.PART_READ, CaveatKind.UNMARKED_EFFECT)
GOOD_FIT = 0.75  # share of the answer's moves, from which on a sum of single words is a good account of them


def trust(explanation: Explanation) -> str:
    """How far the weights of the words account for the model's answers, in plain words."""
    too_few = _caveats(explanation, CaveatKind.TOO_FEW_SAMPLES)
    if too_few:
        return too_few[0]
    if explanation.exact:
        return _exact(explanation)
    fit = explanation.fit_r2
    if fit is None:
        return "The model gives the same answer whichever words are left out, so no word carries it."
    if explanation.candidates == 1:
        shrunk = _caveats(explanation, CaveatKind.SHRUNK_WEIGHTS)
        return " ".join(["The model knows one word of this text, whose weight is all that words do here.", *shrunk])
    strongest = max((abs(word.weight) for word in explanation.words), default=0.0)
    if in_points(explanation) and strongest < 0.015:
        share = explanation.probabilities[explanation.class_name]
        most = "0.1" if strongest < 0.001 else f"{100 * strongest:.1f}"
        certain = "The model stays as certain" if share > 0.5 else "The model stays certain of another class"
        start = "Many words share in it" if 0.1 < share < 0.9 else certain
        return f"{start}: no single word has a LIME weight of more than {most}."
    account = f"The sum of the word weights gets {whole_percent(max(fit, 0))} of the answer's moves right"
    if fit >= GOOD_FIT:
        shrunk = _caveats(explanation, CaveatKind.SHRUNK_WEIGHTS)
        return " ".join([f"{account}, on versions of the text that it was not fitted on.", *shrunk])
    if fit >= MIN_FIT:
        return f"{account}: words also act together, which single weights do not show."
    hint = "read them as a hint only" if explanation.tells_words_apart else "none is marked"
    return f"{account}: the words act together here, so {hint}."


def _exact(explanation: Explanation) -> str:
    others = compared_with(explanation)
    over = f" over {others}" if others else ""
    sum_of = (
        f"The weights are the parts of the sum by which this model decides, in log-odds{over}; nothing is estimated."
    )
    over_all = ", and is told over all other classes together" if others else ""
    return f"{sum_of} Taking a word out may cost more or less than its part{over_all}."


def banner(explanation: Explanation) -> str | None:
    """What has to be known before the marks are looked at, or None."""
    first = _caveats(explanation, *BEFORE_THE_MARKS)
    bad = explanation.enough_samples and explanation.fit_r2 is not None and explanation.fit_r2 < MIN_FIT
    warning = BAD_FIT if explanation.tells_words_apart else NO_FIT
    return " ".join([warning] * bad + first) or None


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
    return bool(_caveats(explanation, CaveatKind.PART_EXPLAINED))


def _caveats(explanation: Explanation, *kinds: CaveatKind) -> list[str]:
    return [caveat.text for caveat in explanation.caveats if caveat.kind in kinds]
