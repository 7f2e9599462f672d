"""Answers of made-up models, for tests that need an `Evaluation` and no model."""

import numpy as np

from core.schema import Evaluation

SHIPPED = ("docstrings-bow", "imdb-best", "imdb-convnet", "newsgroups-bow", "newsgroups-ngram")


def answered(labels, probabilities, *, model="made up", dataset="toy", split="test"):
    """An evaluation with classes called a, b, c, ..."""
    probabilities = np.array(probabilities, np.float32)
    return Evaluation(
        model=model,
        dataset=dataset,
        split=split,
        class_names=tuple("abcdefghijklmnopqrstuvwxyz"[: probabilities.shape[1]]),
        labels=np.array(labels, np.int32),
        probabilities=probabilities,
    )


def drawn(n, classes, seed, *, skill=2.0, present=None, **names):
    """Answers that are honest: labels are drawn from the probabilities; the higher the skill, the surer they are.

    With `present`, only so many classes have a document.
    """
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, classes)) * skill
    probabilities = np.exp(logits)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    labels = (probabilities.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1).clip(0, classes - 1)
    return answered(labels if present is None else labels % present, probabilities, **names)


HARD = {
    "one document, right": answered([1], [[0.2, 0.8]]),
    "one document, wrong": answered([0], [[0.2, 0.7, 0.1]]),
    "equal probabilities": answered([0, 1, 2, 0], [[1 / 3] * 3] * 4),
    "one class with documents": answered([2, 2, 2], [[0.1, 0.2, 0.7], [0.5, 0.2, 0.3], [0.0, 0.0, 1.0]]),
    "a class never predicted": answered([0, 1, 2, 2], [[0.9, 0.1, 0], [0.1, 0.9, 0], [0.8, 0.2, 0], [0.3, 0.7, 0]]),
    "all right": answered([0, 1, 1, 0, 1], np.eye(2)[[0, 1, 1, 0, 1]]),
    "all wrong": answered([0, 1, 1, 0, 1], np.eye(2)[[1, 0, 0, 1, 0]]),
    "one class of two": answered([0, 0], [[0.6, 0.4], [0.3, 0.7]]),
    "more classes than documents": drawn(7, 19, seed=3),
}
"""What a user's data may come to; every figure has to stand it."""
