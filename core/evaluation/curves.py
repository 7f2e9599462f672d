"""What a model does at every threshold: ROC and precision-recall curves, and the costs of two kinds of mistakes."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, isnan

import numpy as np

from core.errors import BadInput
from core.schema import ClassCurves, Costs, Curve, Decisions, Evaluation

MAX_CURVE_POINTS = 200  # of a curve that is drawn; a screen shows no more


def class_curves(evaluation: Evaluation) -> tuple[ClassCurves, ...]:
    """ROC and precision-recall of each class against the rest, by its probability, as scikit-learn computes them."""
    return tuple(_class_curves(evaluation, place) for place in range(len(evaluation.class_names)))


def at_threshold(evaluation: Evaluation, threshold: float | None) -> Evaluation:
    """The same answers, with the second of two classes given where its probability is at least the threshold.

    None gives the more probable class. Raises BadInput when there are not two classes or it is no number.
    """
    _check_two(evaluation)
    if threshold is not None and isnan(threshold):
        raise BadInput("The threshold is not a number; give a probability from 0 to 1.")
    return replace(evaluation, threshold=threshold)


def mean_cost(decisions: Decisions, false_positive: float, false_negative: float) -> float:
    """Mean cost of a document for a model of two classes.

    Args:
        decisions: of two classes.
        false_positive: cost of giving the second class to a document of the first.
        false_negative: cost of giving the first class to a document of the second.

    Raises BadInput for costs that are negative, not finite or both 0, and when there are not two classes.
    """
    _check_two(decisions)
    _check_costs(false_positive, false_negative)
    confusion = decisions.confusion
    return float(false_positive * confusion[0, 1] + false_negative * confusion[1, 0]) / len(decisions)


def costs(evaluation: Evaluation, false_positive: float, false_negative: float) -> Costs:
    """The mean cost of a document at every threshold, and the cheapest one; arguments and errors as `mean_cost`.

    Of thresholds that cost the same, it is the one nearest to `expected`. To be honest about what the cheapest one will
    cost, choose it on the validation split and look at its cost on the test split.
    """
    from sklearn.metrics import confusion_matrix_at_thresholds

    _check_two(evaluation)
    _check_costs(false_positive, false_negative)
    found = confusion_matrix_at_thresholds(evaluation.labels == 1, evaluation.probabilities[:, 1])
    _, wrongly_given, missed, _, thresholds = found
    thresholds = np.append(np.inf, thresholds).astype(float)
    wrongly_given, missed = np.append(0, wrongly_given), np.append((evaluation.labels == 1).sum(), missed)
    means = (false_positive * wrongly_given + false_negative * missed) / len(evaluation)
    expected = false_positive / (false_positive + false_negative)
    cheapest = _nearest(thresholds, np.isclose(means, means.min(), rtol=1e-9, atol=0.0), expected)
    shown = np.union1d(_thinned(np.minimum(thresholds, 1.0), means / max(means.max(), 1e-300)), cheapest)
    return Costs(
        thresholds=thresholds[shown],
        means=means[shown],
        cheapest=float(thresholds[cheapest]),
        lowest=float(means[cheapest]),
        expected=expected,
    )


def _class_curves(evaluation: Evaluation, place: int) -> ClassCurves:
    from sklearn.metrics import auc, average_precision_score, precision_recall_curve, roc_curve

    name, member, score = evaluation.class_names[place], evaluation.labels == place, evaluation.probabilities[:, place]
    documents = int(member.sum())
    if documents in (0, len(member)):
        reason = (
            f"{'No' if not documents else 'Every'} document is of the class {name}: there is nothing to tell apart."
        )
        return ClassCurves(class_name=name, documents=documents, roc=None, precision_recall=None, reason=reason)
    false_rate, true_rate, thresholds = roc_curve(member, score)
    roc = _curve(false_rate, true_rate, thresholds, auc(false_rate, true_rate))
    precision, recall, thresholds = precision_recall_curve(member, score)
    thresholds = np.append(thresholds, np.inf)
    precision_recall = _curve(recall, precision, thresholds, average_precision_score(member, score))
    return ClassCurves(class_name=name, documents=documents, roc=roc, precision_recall=precision_recall)


def _curve(x: np.ndarray, y: np.ndarray, thresholds: np.ndarray, area: float) -> Curve:
    shown = _thinned(x, y)
    return Curve(x=x[shown], y=y[shown], thresholds=thresholds[shown].astype(float), area=float(area))


def _thinned(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    # Places of at most MAX_CURVE_POINTS points of a curve, evenly along its way, so that steep parts keep theirs; with
    # both ends.
    if len(x) <= MAX_CURVE_POINTS:
        return np.arange(len(x))
    way = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    return np.unique(np.searchsorted(way, np.linspace(0.0, way[-1], MAX_CURVE_POINTS)))


def _nearest(values: np.ndarray, allowed: np.ndarray, wanted: float) -> int:
    places = np.flatnonzero(allowed)
    return int(places[np.abs(values[places] - wanted).argmin()])


def _check_two(decisions: Decisions) -> None:
    if len(decisions.class_names) != 2:
        raise BadInput(f"A threshold divides two classes, not {len(decisions.class_names)}; choose a model of two.")


def _check_costs(*values: float) -> None:
    if not all(isfinite(value) and value >= 0 for value in values) or not any(values):
        raise BadInput("Costs are numbers from 0 up, and at least one of them is above 0.")
