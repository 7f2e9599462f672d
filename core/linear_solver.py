"""Linear models over bags, solved for by scikit-learn instead of descended to: support vector machines and, as the
baseline, logistic regression.

A table of some thousand short texts is solved in less time than JAX takes to compile a step of descent, and exactly:
what is found depends on no learning rate, no order and no number of epochs.
"""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

TOGETHER = 10_000_000  # weights, up to which the machines of all classes are solved in one call, in double precision
SKLEARNS, TOLERANCE = 1e-4, 1e-2  # of the solver; the second one ends sooner, mostly with the same answers


LOGISTIC_TOLERANCE, LOGISTIC_STEPS = 1e-3, 100  # of scikit-learn's lbfgs
ABSENT = 30.0  # log-odds against a class without a document


class Weights(NamedTuple):
    """A linear model: its table (features, classes) float32 and its bias (classes,) float32."""

    table: np.ndarray
    bias: np.ndarray

    def logits(self, bags: Any) -> np.ndarray:
        """(n, classes) float32 of sparse rows (n, features)."""
        return np.asarray(bags @ self.table, np.float32) + self.bias


def solve(
    bags: Any,
    labels: np.ndarray,
    classes: int,
    *,
    cost: float,
    document_weights: np.ndarray | None = None,
    ratios: np.ndarray | None = None,
    tolerance: float = TOLERANCE,
    seed: int = 0,
) -> Weights:
    """A machine for each class against all others; of two classes, one and its opposite.

    Args:
        bags: (n, features) sparse float64.
        labels: (n,) integers below `classes`; a class that has none is never answered.
        cost: of errors against large weights, scikit-learn's C.
        document_weights: (n,) float64, what each document counts for; 1 if None.
        ratios: (features, classes) float32, what the columns are multiplied by for each class; 1 if None.
        tolerance: of the solver.
        seed: of the order in which it goes through the documents.
    """
    machine = LinearSVC(C=cost, tol=tolerance, random_state=seed)
    if ratios is None and bags.shape[1] * classes <= TOGETHER:
        return _solved_together(machine, bags, labels, classes, document_weights)
    table = np.zeros((bags.shape[1], classes), np.float32)
    bias = np.zeros(classes, np.float32)
    for place in (1,) if classes == 2 else range(classes):
        column = None if ratios is None else ratios[:, place].astype(np.float64)
        table[:, place], bias[place] = _solved(machine, bags, labels == place, document_weights, column)
    return _both_sides(Weights(table, bias))


def solve_logistic(
    bags: Any, labels: np.ndarray, classes: int, *, cost: float, document_weights: np.ndarray | None = None
) -> Weights:
    """Logistic regression over all classes at once, whose softmax gives its probabilities.

    Args:
        bags, labels, classes, cost, document_weights: as `solve` has them.
    """
    present = np.unique(labels)
    table, bias = np.zeros((bags.shape[1], classes), np.float32), np.full(classes, -ABSENT, np.float32)
    bias[present] = 0.0
    if len(present) > 1:
        regression = LogisticRegression(C=cost, tol=LOGISTIC_TOLERANCE, max_iter=LOGISTIC_STEPS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # what it has by then is near enough for a baseline
            regression.fit(bags, labels, sample_weight=document_weights)
        coefficients, intercepts = regression.coef_, regression.intercept_
        if len(present) == 2:  # it has the second one's log-odds only
            coefficients, intercepts = np.vstack([-coefficients, coefficients]) / 2, np.r_[-intercepts, intercepts] / 2
        table[:, present], bias[present] = coefficients.T, intercepts
    return Weights(table, bias)


def _solved_together(machine: LinearSVC, bags: Any, labels: np.ndarray, classes: int, weights: Any) -> Weights:
    present = np.unique(labels)
    table, bias = np.zeros((bags.shape[1], classes), np.float32), np.full(classes, -1.0, np.float32)
    if len(present) < 2:
        bias[present] = 1.0
        return Weights(table, bias)
    _fit(machine, bags, labels, weights)
    here = present[1:] if len(present) == 2 else present
    table[:, here], bias[here] = machine.coef_.T, machine.intercept_
    if len(present) == 2:  # the machine has the second one's weights only
        table[:, present[0]], bias[present[0]] = -table[:, present[1]], -bias[present[1]]
    return Weights(table, bias)


def _solved(machine: LinearSVC, bags: Any, is_class: np.ndarray, weights: Any, ratios: Any) -> tuple[np.ndarray, float]:
    if is_class.all() or not is_class.any():
        return np.zeros(bags.shape[1]), 1.0 if is_class.all() else -1.0
    if ratios is None:
        _fit(machine, bags, is_class, weights)
        return machine.coef_[0], float(machine.intercept_[0])
    scaled = bags.copy()
    scaled.data *= ratios[scaled.indices]
    _fit(machine, scaled, is_class, weights)
    return machine.coef_[0] * ratios, float(machine.intercept_[0])


def _fit(machine: LinearSVC, bags: Any, labels: np.ndarray, weights: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # what it has by then is compared like everything else
        machine.fit(bags, labels, sample_weight=weights)


def _both_sides(weights: Weights) -> Weights:
    if len(weights.bias) == 2:
        weights.table[:, 0], weights.bias[0] = -weights.table[:, 1], -weights.bias[1]
    return weights
