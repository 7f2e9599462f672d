"""What figures say, in words: the same on the pages, in a model card and on the command line.

Names go in as they are, and are escaped by who shows them.
"""

from __future__ import annotations

from core.evaluation.intervals import wilson
from core.format import SIGNIFICANT, counted, interval, percent, points_apart, signed
from core.schema import CalibrationError, Comparison, Evaluation, Independence, Score, Slice


def comparison_sentence(comparison: Comparison) -> str:
    """Which of two models is right more often, and whether that is more than chance."""
    first, second, difference = comparison.first, comparison.second, comparison.difference
    if not len(comparison.only_first) + len(comparison.only_second):
        return "Both models are right and wrong on the same documents."
    better, worse, sign = (second, first, 100) if difference.value > 0 else (first, second, -100)
    points = f"{points_apart(better.accuracy, worse.accuracy) or '<0.1'} points"
    low, high = sorted((sign * difference.low, sign * difference.high))
    if difference.value == 0:
        return "Both models are right equally often, on different documents."
    if comparison.p_value >= SIGNIFICANT:
        return (
            f"{better.model} is right {points} more often than {worse.model}, which may be chance "
            f"(McNemar's exact test, p = {comparison.p_value:.2f})."
        )
    chance = "p < 0.001" if comparison.p_value < 0.001 else f"p = {comparison.p_value:.3f}"
    return (
        f"{better.model} is right {points} more often than {worse.model} (95% interval {low:.1f} to {high:.1f}); "
        f"more than chance would give (McNemar's exact test, {chance})."
    )


def calibration_sentence(evaluation: Evaluation) -> str:
    """Whether a model is right as often as its confidence says."""
    confidence, accuracy = float(evaluation.confidence.mean()), evaluation.accuracy
    points = points_apart(confidence, accuracy)
    means = f"The mean confidence is {percent(confidence)}, and {percent(accuracy)} of the answers are right"
    if abs(points) < 1:
        return f"{means}: about as often as the model says."
    return f"{means}: {abs(points):.1f} points {'less' if points > 0 else 'more'} often than the model says."


def calibration_error_sentence(error: CalibrationError, documents: int) -> str:
    """The calibration error with its interval, and whether chance alone would show as much."""
    found = f"Calibration error {percent(error.value)} (95% interval {percent(error.low)} to {percent(error.high)})"
    chance = (
        f"a model with these confidences that is calibrated perfectly shows {percent(error.floor)} on "
        f"{counted(documents, 'document')} on average, and at most {percent(error.floor_high)} in 95 of 100 cases"
    )
    above = error.value > error.floor_high
    return f"{found}: {chance}, so it is {'more than' if above else 'no more than'} chance explains."


def slice_difference(part: Slice) -> str:
    """How a slice differs from the rest."""
    if part.difference is None or part.p_value is None:
        return "all documents"
    points = f"{signed(points_apart(part.accuracy.value, part.rest or 0.0))} points"
    if part.few:
        return f"{points}, of few documents"
    return points if part.p_value < SIGNIFICANT else f"{points}, may be chance"


def relatives_sentence(found: Independence) -> str:
    """How often the model is right on test documents with relatives in training, and on those without."""
    if found.related is None or found.unrelated is None:
        return ""
    shared, groups = found.related.documents, " or ".join(found.groups)
    if not shared:
        return f"No test document shares its {groups} with a training or validation document."
    sharing = f"{shared:,} of {counted(found.everything.documents, 'test document')} share their {groups} with"
    with_them = f"{sharing} a training or validation document, and {_right(found.related)} of them are right"
    if not found.unrelated.documents:
        return f"{with_them}; there are no others."
    return f"{with_them}; of the others {_right(found.unrelated)}."


def copies_sentence(found: Independence) -> str:
    """How many test documents are copies of training documents, and the accuracy without them."""
    count = found.copied.documents
    if not count:
        return ""
    are = "1 test document is a copy" if count == 1 else f"{count:,} test documents are copies"
    said = f"{are} of training or validation documents, character for character"
    if not found.original.documents:
        return f"{said}; there are no others."
    return f"{said}; without them {percent(found.original.right / found.original.documents)} are right."


def _right(score: Score) -> str:
    share = wilson(score.right, score.documents)
    return interval(share) or ""
