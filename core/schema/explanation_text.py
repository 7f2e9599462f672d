"""What an explanation says, in words and figures; names go in as they are, and are escaped by who shows them."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING

from core.format import percent, points_apart, signed, whole_percent
from core.schema.attribution import Scale

if TYPE_CHECKING:
    from core.schema.explanation import Explanation, WordWeight


def word_worth(word: WordWeight, explanation: Explanation) -> str:
    """What a word is worth: its part of a sum of log-odds, or its LIME weight with the interval.

    LIME's weight comes with what the answer loses without this word alone, where that is known.
    """
    if explanation.exact:
        part = f"{signed(word.weight, 2)} log-odds"
        if abs(word.weight) < 0.005:
            return f"adds nothing: {part}"
        return f"{'for' if word.weight > 0 else 'against'} {class_in_question(explanation)}: {part}"
    weight, low, high = (amount(value, explanation) for value in (word.weight, word.low, word.high))
    worth = f"LIME weight {weight} ({low} to {high}){left_out_alone(word, explanation)}"
    if not word.significant:
        return f"not sure which side: {worth}"
    return f"{'for' if word.weight > 0 else 'against'} {class_in_question(explanation)}: {worth}"


def left_out_alone(word: WordWeight, explanation: Explanation) -> str:
    """How the answer moves without this word alone, as the end of a sentence; "" where that was not asked."""
    if word.drop is None:
        return ""
    return f"; without it alone the answer moves by {move_without(word, explanation)}"


def move_without(word: WordWeight, explanation: Explanation) -> str:
    """How the answer moves without a word alone: in points the difference of the two percentages as they are shown."""
    move = -(word.drop or 0.0)
    if not in_points(explanation):
        return f"{signed(move, 2)} log-odds"
    share = explanation.probabilities[explanation.class_name]
    return f"{signed(points_apart(share + move, share))} points"


def weight_name(explanation: Explanation) -> str:
    """What the weights of words are."""
    if explanation.exact:
        return "Log-odds"
    return "LIME weight" if in_points(explanation) else "LIME weight (log-odds)"


def amount(value: float, explanation: Explanation) -> str:
    """A weight as it is shown: 100 times a share of the probability, or log-odds; 0 has no sign."""
    return signed(100 * value) if in_points(explanation) else signed(value, 2)


def in_points(explanation: Explanation) -> bool:
    """Whether weights are points of probability, and no log-odds."""
    return explanation.scale is Scale.PROBABILITY


def class_in_question(explanation: Explanation) -> str:
    """The class, and the one it is compared with."""
    rather = f" rather than {explanation.against}" if explanation.against else ""
    return f"{explanation.class_name}{rather}"


def compared_with(explanation: Explanation) -> str:
    """What the class is compared with, where that is not one other class nor all others together; else ""."""
    several = len(explanation.probabilities) > 2 and explanation.against is None
    return "the mean of the other classes" if explanation.exact and several else ""


def fidelity(explanation: Explanation) -> str:
    """How well the weights stand for the model, in figures, on one line."""
    if explanation.exact:
        return _sum(explanation)
    said = answer(explanation)
    parts = [f"{explanation.samples:,} perturbed samples"]
    if explanation.paused:
        parts[0] += " (fewer than usual, since others are waiting)"
    if explanation.converged:
        parts[0] += " (stopped early: the same strongest words in two pictures)"
    if explanation.fit_r2 is not None and explanation.candidates != 1:
        parts.append(f"local fit R² {explanation.fit_r2:.2f} on samples left out of the fit")
    if explanation.prediction is not None:
        parts.append(f"the sum of the weights says {in_units(explanation.prediction, explanation)}, the model {said}")
    if explanation.top_stability is not None and explanation.candidates != 1:
        parts.append(f"top-{explanation.top} stability {whole_percent(explanation.top_stability)}")
    return " · ".join(parts)


def _sum(explanation: Explanation) -> str:
    words = sum(word.weight for word in explanation.words)
    parts = {"words": words, "what is no word": explanation.rest or 0.0, "without any text": explanation.intercept}
    present = {name: part for name, part in parts.items() if abs(part) >= 0.005 or name == "words"}
    listed = ", ".join(f"{name} {signed(part, 2)}" for name, part in present.items())
    return f"The model's own sum, without samples: {listed}"


def answer(explanation: Explanation) -> str:
    """What the model itself says of the class."""
    share = explanation.probabilities[explanation.class_name]
    if in_points(explanation):
        return percent(share)
    rest = sum(other for name, other in explanation.probabilities.items() if name != explanation.class_name)
    other = rest if explanation.against is None else explanation.probabilities[explanation.against]
    return in_units(log(max(share, 1e-7) / max(other, 1e-7)), explanation)


def in_units(value: float, explanation: Explanation) -> str:
    """An answer as a percentage, or as log-odds when weights are amounts of them."""
    if not in_points(explanation):
        return f"{signed(value, 2)} log-odds"
    if value > 1:
        return "more than 100%"
    return percent(value) if value >= 0 else "less than 0%"
