"""Figures -> plain words. Pure; names of classes and words go in as they are, and are escaped by who shows them."""

import numpy as np

from core.schema import (
    LEAST_FIT,
    LEAST_KEPT,
    SHORT,
    DeletionCheck,
    Evaluation,
    Explanation,
    Opinion,
    Progress,
    Reading,
    WordWeight,
    best_record,
)

PHASES = {
    "reading": "Reading the data",
    "encoding": "Turning texts into numbers",
    "training": "Training",
    "testing": "Scoring the test documents",
    "saving": "Saving the model",
    "done": "Done",
}

WEIGHT_HELP = (
    "The model is asked again and again about the text with random words left out. A word's weight says how many "
    "points of probability its presence is worth in this text, or how much of the log-odds over another class; the "
    "thin line is its 95% interval over other draws of such versions. Words whose interval holds zero are grey here "
    "and hatched in the text. In another text the same word may weigh something else."
)
TRUST_HELP = (
    "The weights are a simple stand-in for the model, made for this text only: the probability as a sum of the "
    "words' weights. This is the share of the model's changes that the sum gets right (weighted R², LIME)."
)
FIDELITY_HELP = (
    "How well the weights stand in for the model near this text: the share of its changes that their sum gets right "
    "(weighted R²), what the sum says of the whole text beside what the model says, and how often the same words would "
    "come out strongest if other versions of the text had been drawn."
)
BAD_FIT = (
    "The words act together here: a sum of single weights describes the model badly near this text. Read the marks as "
    "a hint, and look at “Does it hold?” below."
)
CHECK_HELP = (
    "The words are really taken out of the text and the model is asked again: first those that speak most for the "
    "class, then the others, beside random orders (area over the perturbation curve, Samek et al. 2017). A highlight "
    "holds when its strongest words cost the class more than 19 of 20 random sets of as many words."
)
OPINIONS_HELP = (
    "Other ways to weigh the same words. Leaving out one word at a time misses words that stand in for each other; "
    "integrated gradients (Sundararajan et al. 2017) follow the network from an empty text to this one, in log-odds. "
    "Where they agree on the order of the words, it is more than the method that speaks."
)
ACCURACY_HELP = "How many of the test documents get the right class."
F1_HELP = (
    "F1 balances two things for a class: how many of its documents are found, and how many of those found are right. "
    "This is the mean over the classes, so that a small class counts as much as a large one."
)
LOSS_HELP = (
    "Mean surprise at the true class (cross-entropy, in nats): 0 is certain and right; "
    "being certain and wrong costs most."
)
ECE_HELP = (
    "How far the model's confidence is from its success: with 5%, answers given with 90% are right in about 85% or "
    "95% of cases. Mean over 15 levels of confidence; 0 is best."
)
CONFUSION_HELP = (
    "A row holds the documents of one class, a column those that the model calls so. Right answers stand on the "
    "diagonal; the darker a cell, the larger its share of the row."
)
REPORT_HELP = (
    "Precision: how many of the documents given this class belong to it. Recall: how many of the class's documents "
    "are found. F1: the two in one figure. An empty cell has nothing to count. The weighted mean counts every "
    "document alike, the mean every class."
)
HISTORY_HELP = (
    "An epoch is one pass over the training documents. The weights of the epoch that is right most often on "
    "validation are kept; where the validation loss rises while the training loss falls, the model learns by heart."
)
OWN_DATA_HELP = (
    "A table of your own is trained in a terminal: python -m core train bow --data FILE --text COLUMN --label COLUMN. "
    "The model is then in every picker here."
)
VALID_HELP = "The best so far on the validation documents, which choose the epoch and are not learned from."
MIDDLE_HELP = "Half of the documents are shorter, half are longer (the median)."
LENGTH_HELP = "How many documents have how many words. The longest one in a hundred are left out of the picture."


def percent(share: float) -> str:
    """A share in [0, 1] as "87.6%"; never 0 or 100 by rounding alone."""
    if 0 < share < 0.0005:
        return "<0.1%"
    if 0.9995 <= share < 1:
        return ">99.9%"
    return f"{100 * share:.1f}%"


def duration(seconds: float) -> str:
    """Seconds as "40 s", "3 min" or "1 h 20 min"."""
    if seconds < 90:
        return f"{max(seconds, 1):.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count: float, unit: str = "B") -> str:
    """A number of bytes or parameters as "84 MB", "2.1 M"."""
    for factor, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= factor:
            return f"{count / factor:.{0 if count >= 10 * factor else 1}f} {letter}{unit}"
    return f"{count:.0f} {unit}".rstrip()


def trust(explanation: Explanation) -> str:
    """How far the weights of the words account for the model's answers, in plain words."""
    fit, samples = explanation.fit_r2, explanation.samples
    if fit is None:
        return "The model gives the same answer whichever words are left out, so no word carries it."
    strongest = max((abs(word.weight) for word in explanation.words), default=0.0)
    if explanation.against is None and strongest < 0.015:
        return f"The model stays sure: no single word is worth more than {100 * strongest:.2g} points of probability."
    account = f"Adding up the word weights explains {max(fit, 0):.0%} of how the answer moves when words are left out"
    if explanation.kept < LEAST_KEPT:
        few = "In so short a text" if len(explanation.words) <= SHORT else "With so few versions of so long a text"
        return f"{few} LIME draws the weights towards zero: trust their order, not their size."
    if fit >= 0.75:
        return f"{account}: they can be relied on here."
    if fit >= LEAST_FIT:
        return f"{account}: good for the strongest words, less so for the rest."
    return f"{account}: the words act together here, so read them as a hint only ({samples:,} samples)."


def weighed(word: WordWeight, explanation: Explanation) -> str:
    """What a word is worth, with its interval: in points of probability, or in log-odds over another class."""
    factor, unit, places = (100.0, "points", 1) if explanation.against is None else (1.0, "log-odds", 2)
    weight, low, high = (f"{factor * value:+.{places}f}" for value in (word.weight, word.low, word.high))
    if not word.settled:
        return f"not sure which side: {weight} {unit} ({low} to {high})"
    rather = f" rather than {explanation.against}" if explanation.against else ""
    side = "for" if word.weight > 0 else "against"
    return f"{side} {explanation.class_name}{rather}: {weight} {unit} ({low} to {high})"


def fidelity(explanation: Explanation) -> str:
    """How well the weights stand for the model, in figures, on one line."""
    said = answer(explanation)
    told = [f"{explanation.samples:,} versions of the text asked about"]
    if explanation.settled:
        told[0] += ", then the order of the strongest words was sure"
    if explanation.fit_r2 is not None:
        told.append(f"local fit R² {explanation.fit_r2:.2f}")
    if explanation.prediction is not None:
        told.append(f"the sum of the weights says {in_units(explanation.prediction, explanation)}, the model {said}")
    if explanation.agreement is not None:
        words = "strongest word" if explanation.top == 1 else f"{explanation.top} strongest words"
        told.append(f"{explanation.agreement:.0%} of redraws name the same {words}")
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
    return f"{100 * value:.1f}%" if explanation.against is None else f"{value:+.2f}"


def checked(check: DeletionCheck, explanation: Explanation) -> str:
    """What the strongest words are really worth."""
    if not check.count:
        return f"With all words the model says {in_units(check.whole, explanation)}."
    words = "the strongest word" if check.count == 1 else f"the {check.count} strongest words"
    told = (
        f"Without {words} for {explanation.class_name} the model says {in_units(check.without, explanation)} "
        f"instead of {in_units(check.whole, explanation)}"
    )
    if check.random_drop is None or check.random_spread is None:
        return f"{told}; the text is too short to compare with other words."
    others = in_units(check.whole - check.random_drop, explanation)
    spread = in_units(check.random_spread, explanation).lstrip("+")
    random = "a random word" if check.count == 1 else f"{check.count} random words"
    return f"{told}; without {random} {others} on average (± {spread})."


def agreed(opinion: Opinion) -> str:
    """How far another method puts the words into the same order."""
    kind = "exact for this model; " if opinion.exact else ""
    if opinion.agreement is None:
        return f"{kind}too few different weights to compare the order."
    close = next(
        word
        for least, word in ((0.8, "the same"), (0.5, "a similar"), (0.2, "a loosely similar"), (-1, "another"))
        if opinion.agreement >= least
    )
    return f"{kind}{close} order as LIME (rank correlation {opinion.agreement:.2f})."


def unchecked(check: DeletionCheck) -> str:
    """Why taking words away shows nothing about the marks."""
    if not check.count:
        return "No word surely speaks for this class, so there is nothing to take away."
    if not check.random:
        return "There are too few words to check the marks against."
    return "The model stays as sure without its strongest words, as without random ones."


def read(reading: Reading) -> str:
    """How much of the text the model took in."""
    if reading.tokens_read == reading.tokens_total:
        return f"The model read the whole text: {counted(reading.tokens_total, 'token')} (words or pieces of words)."
    if reading.unknown_words:
        return f"The model knows {reading.tokens_read:,} of the text's {counted(reading.tokens_total, 'word')}."
    left = f"{reading.tokens_total - reading.tokens_read:,} of {counted(reading.tokens_total, 'token')}"
    return f"{left} (words or pieces of words) were not read: the grey end."


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 word", "2,155 words"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def middle(lengths: np.ndarray) -> str:
    """The median of (n,) lengths in words."""
    return counted(int(np.median(lengths)) if len(lengths) else 0, "word")


def matching(found: int, most: int) -> str:
    """How many documents a search has found, and how many of them are listed."""
    listed = f"; the first {most:,} are listed" if found > most else ""
    if not found:
        return "No document contains that; try another word or class."
    return f"{counted(found, 'document')}{listed}. Pick a row to read it; they stand in a random order."


def scored(evaluation: Evaluation) -> str:
    """What the figures of an evaluation were measured on."""
    documents = counted(len(evaluation), "document")
    return f"Measured once, after training, on {documents} of the {evaluation.split} part, which the model never saw."


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
