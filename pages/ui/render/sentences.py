"""Figures -> plain words. Pure; names of classes and words go in as they are, and are escaped by who shows them."""

import numpy as np

from core.progress import Progress
from core.schema import (
    MIN_FIT,
    MIN_SHRINKAGE,
    SHORT_TEXT_WORDS,
    Attribution,
    DeletionCheck,
    Explanation,
    WordWeight,
    best_record,
)
from pages.ui.render.format import counted, duration, percent

PHASES = {
    "reading": "Reading the data",
    "encoding": "Turning texts into numbers",
    "training": "Training",
    "testing": "Scoring the test documents",
    "saving": "Saving the model",
    "done": "Done",
}

BAD_FIT = (
    "The words act together here: a sum of single weights describes the model badly near this text. Read the marks as "
    "a hint, and look at “Does it hold?” below."
)


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


def _holds_together(explanation: Explanation) -> bool:
    # Whether the sum of the weights is near the model's answer, and other draws would name the same words.
    apart = 0.0
    if explanation.prediction is not None and explanation.against is None:
        apart = abs(explanation.prediction - explanation.probabilities[explanation.class_name])
    return apart <= 0.15 and (explanation.top_stability is None or explanation.top_stability >= 0.5)


def weighed(word: WordWeight, explanation: Explanation) -> str:
    """What a word is worth, with its interval: in points of probability, or in log-odds over another class."""
    factor, unit, places = (100.0, "points", 1) if explanation.against is None else (1.0, "log-odds", 2)
    weight, low, high = (f"{factor * value:+.{places}f}" for value in (word.weight, word.low, word.high))
    if not word.significant:
        return f"not sure which side: {weight} {unit} ({low} to {high})"
    side = "for" if word.weight > 0 else "against"
    return f"{side} {asked_about(explanation)}: {weight} {unit} ({low} to {high})"


def asked_about(explanation: Explanation) -> str:
    """The class, and the one it is compared with."""
    rather = f" rather than {explanation.against}" if explanation.against else ""
    return f"{explanation.class_name}{rather}"


def banner(explanation: Explanation) -> str | None:
    """What has to be known before the marks are looked at, or None."""
    cut = [caveat for caveat in explanation.caveats if caveat.startswith("Only the first")]
    bad = explanation.fit_r2 is not None and explanation.fit_r2 < MIN_FIT
    return " ".join([BAD_FIT] * bad + cut) or None


def fidelity(explanation: Explanation) -> str:
    """How well the weights stand for the model, in figures, on one line."""
    said = answer(explanation)
    told = [f"{explanation.samples:,} versions of the text asked about"]
    if explanation.converged:
        told[0] += ", then the order of the strongest words was sure"
    if explanation.fit_r2 is not None:
        told.append(f"local fit R² {explanation.fit_r2:.2f}")
    if explanation.prediction is not None:
        told.append(f"the sum of the weights says {in_units(explanation.prediction, explanation)}, the model {said}")
    if explanation.top_stability is not None:
        words = "strongest word" if explanation.top == 1 else f"{explanation.top} strongest words"
        told.append(f"{explanation.top_stability:.0%} of redraws name the same {words}")
    return " · ".join(told)


def answer(explanation: Explanation) -> str:
    """What the model itself says of the class."""
    share = explanation.probabilities[explanation.class_name]
    if explanation.against is None:
        return percent(share)
    other = explanation.probabilities[explanation.against]
    return in_units(float(np.log(max(share, 1e-7) / max(other, 1e-7))), explanation)


def in_units(value: float, explanation: Explanation) -> str:
    """An answer as a percentage, or as log-odds when it is about one class rather than another."""
    if explanation.against is not None:
        return f"{value:+.2f} log-odds"
    return percent(value) if 0 <= value <= 1 else f"{100 * value:.1f}%"


def checked(check: DeletionCheck, explanation: Explanation) -> str:
    """What the strongest words are really worth."""
    if not check.count:
        return f"With all words the model says {in_units(check.whole, explanation)}."
    words = "the strongest word" if check.count == 1 else f"the {check.count} strongest words"
    told = (
        f"Without {words} for {asked_about(explanation)} the model says {in_units(check.without, explanation)} "
        f"instead of {in_units(check.whole, explanation)}"
    )
    if check.random_drop is None or check.random_spread is None:
        return f"{told}; the text is too short to compare with other words."
    others = in_units(check.whole - check.random_drop, explanation)
    factor, unit = (100, " points") if explanation.against is None else (1, "")
    spread = f"{factor * check.random_spread:.1f}{unit}"
    random = "a random word" if check.count == 1 else f"{check.count} random words"
    return f"{told}; without {random} {others} on average (± {spread})."


def agreed(opinion: Attribution) -> str:
    """How far another method puts the words into the same order."""
    kind = "exact for this model; " if opinion.exact else ""
    if opinion.rank_correlation is None:
        return f"{kind}too few different weights to compare the order."
    close = next(
        word
        for least, word in (
            (0.995, "the same order as"),
            (0.8, "nearly the same order as"),
            (0.5, "a similar order to"),
            (0.2, "an order a little like"),
            (-1, "another order than"),
        )
        if opinion.rank_correlation >= least
    )
    return f"{kind}{close} LIME (rank correlation {opinion.rank_correlation:.2f})."


def unchecked(check: DeletionCheck) -> str:
    """Why taking words away shows nothing about the marks."""
    if not check.count:
        return "No word surely speaks for this class, so there is nothing to take away."
    if not check.random:
        return "There are too few words to check the marks against."
    return "Without the strongest words the answer moves as little as without random ones."


def failed(check: DeletionCheck) -> str:
    """By how much a highlight misses what it would have to do."""
    as_much = sum(other <= check.without for other in check.random) / len(check.random)
    choice = "random words" if check.count == 1 else f"random choices of {check.count} words"
    return (
        f"This highlight fails its own check: {as_much:.0%} of {choice} move the answer as far, and 5% may. "
        "Do not rest on it."
    )


def read(explanation: Explanation) -> str:
    """How much of a text the model took in."""
    reading, cut = explanation.coverage, any("whole text" in caveat for caveat in explanation.caveats)
    if reading.unknown_words or cut:
        words = f"of the text's {counted(reading.tokens_total, 'word')}" if not cut else "words of the part explained"
        return f"The model knows {reading.tokens_read:,} {words}; those that it does not know are struck through."
    if reading.tokens_read == reading.tokens_total:
        return f"The model read the whole text: {counted(reading.tokens_total, 'token')} (words or pieces of words)."
    left = f"{reading.tokens_total - reading.tokens_read:,} of {counted(reading.tokens_total, 'token')}"
    return f"{left} (words or pieces of words) were not read: the grey end."


def matching(found: int, most: int) -> str:
    """How many documents a search has found, and how many of them are listed."""
    listed = f"; the first {most:,} are listed" if found > most else ""
    if not found:
        return "No document contains that; try another word or class."
    return f"{counted(found, 'document')}{listed}. Pick a row to read it; they stand in a random order."


def underway(progress: Progress | None) -> str:
    """What a training run is doing, and for how long yet."""
    if progress is None:
        return "Starting"
    phase = PHASES.get(progress.phase, progress.phase.capitalize())
    if progress.phase != "training":
        return phase
    left = _seconds_left(progress)
    until = "" if left is None else f", at most {duration(left)} left"
    return f"{phase}: epoch {max(progress.epoch, 1)} of {progress.epochs}{until}"


def share_done(progress: Progress | None) -> float:
    """How full the bar of a training run is; it may stop before its last epoch."""
    if progress is None:
        return 0.0
    return 1.0 if progress.phase in ("testing", "saving", "done") else progress.fraction


def _seconds_left(progress: Progress) -> float | None:
    # The first epoch also reads, encodes and compiles: on its own it tells only when it took long.
    history = progress.history
    if len(history) < 2 and not (history and history[0].seconds > 30):
        return None
    begun = history[0].seconds if len(history) > 1 else 0.0
    an_epoch = (history[-1].seconds - begun) / max(len(history) - 1, 1)
    return max(an_epoch * progress.epochs * (1 - progress.fraction), 0.0)


def best_accuracy(progress: Progress) -> str:
    """The validation accuracy of the epoch that would be kept now."""
    best = best_record(progress.history)
    return percent(best.valid_accuracy) if best else "–"


def train_loss(progress: Progress) -> str:
    """The training loss of the epoch under way, else of the last one."""
    loss = progress.train_loss
    if loss is None and progress.history:
        loss = progress.history[-1].train_loss
    return "–" if loss is None else f"{loss:.3f}"
