"""What is asked about a text: for which class, against which other one, and what the model answers to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import BadInput, UnknownName
from core.predictor import Predictor, Question
from core.schema import Explanation, Scale

TINY = 1e-7  # probabilities are kept from 0 before their logarithm


def class_index(model: Predictor, name: str) -> int:
    """The position of a class. Raises UnknownName."""
    if name not in model.class_names:
        raise UnknownName("class", name, model.class_names)
    return model.class_names.index(name)


def classes_of(model: Predictor, why: Explanation) -> Question:
    """The positions of the class that is explained and of the one that it is compared with. Raises UnknownName."""
    return class_index(model, why.class_name), None if why.against is None else class_index(model, why.against)


def check_question(model: Predictor, label: str | None, against: str | None) -> None:
    """Raise UnknownName for a class that the model does not have, and BadInput for one against itself."""
    for name in (label, against):
        if name is not None:
            class_index(model, name)
    if label is not None and label == against:
        raise BadInput(f"A class cannot be explained against itself; choose another one than {label}.")


def classes_in_question(model: Predictor, shares: np.ndarray, label: str | None, against: str | None) -> Question:
    """The positions of the class and of the one that it is compared with.

    Args:
        model: whose classes they are.
        shares: (classes,) float32, probabilities of the whole text.
        label: name of the class; by default the most probable one that is not `against`.
        against: name of the class that it is compared with, if any.
    """
    other = None if against is None else class_index(model, against)
    if label is not None:
        return class_index(model, label), other
    return next(i for i in np.argsort(-shares, kind="stable").tolist() if i != other), other


def answers(probabilities: np.ndarray, question: Question, scale: Scale) -> np.ndarray:
    """(n,) float64: the probability of a class, or its log-odds over another one or all others, out of (n, classes)."""
    target, against = question
    if scale is Scale.PROBABILITY:
        return probabilities[:, target].astype(np.float64)
    others = probabilities[:, against] if against is not None else np.delete(probabilities, target, axis=1).sum(axis=1)
    return _logarithms(probabilities[:, target]) - _logarithms(others)


def log_odds(probabilities: np.ndarray, questions: Sequence[Question]) -> np.ndarray:
    """(questions, n) float64, of one class over another or over the others' mean, out of (n, classes)."""
    logs = _logarithms(probabilities)
    classes = range(logs.shape[1])
    against = [[i for i in classes if i != target] if other is None else [other] for target, other in questions]
    return np.array(
        [logs[:, target] - logs[:, others].mean(axis=1) for (target, _), others in zip(questions, against, strict=True)]
    )


def _logarithms(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probabilities.astype(np.float64), TINY))
