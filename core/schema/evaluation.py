"""How right a model is on a split."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """A model's answers on one split and everything that follows from them.

    Attributes:
        model, dataset, split: names.
        class_names: order of rows and columns.
        labels: (n,) int32, the true classes.
        probabilities: (n, classes) float32.
        caveats: sentences that belong beside the figures.
    """

    model: str
    dataset: str
    split: str
    class_names: tuple[str, ...]
    labels: np.ndarray
    probabilities: np.ndarray
    caveats: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def predictions(self) -> np.ndarray:
        """(n,) int32, the most probable class of each document."""
        return self.probabilities.argmax(axis=1).astype(np.int32)

    @cached_property
    def accuracy(self) -> float:
        """Share of documents whose most probable class is the true one."""
        return float((self.predictions == self.labels).mean())

    @cached_property
    def loss(self) -> float:
        """Mean cross-entropy in nats; a probability of 0 counts as 1e-7."""
        chosen = self.probabilities[np.arange(len(self)), self.labels]
        return float(np.log(1 / np.clip(chosen, 1e-7, 1.0)).mean())

    @cached_property
    def ece(self) -> float:
        """Expected calibration error over 15 bins of equal width (Guo et al. 2017, arXiv 1706.04599)."""
        confidence = self.probabilities.max(axis=1)
        bins = np.minimum((confidence * 15).astype(int), 14)
        correct = self.predictions == self.labels
        gaps = np.bincount(bins, weights=correct - confidence, minlength=15)
        return float(np.abs(gaps).sum() / len(self))

    @cached_property
    def confusion(self) -> np.ndarray:
        """(classes, classes) int64, rows true, columns predicted (scikit-learn's `confusion_matrix`)."""
        from sklearn.metrics import confusion_matrix

        return confusion_matrix(self.labels, self.predictions, labels=range(len(self.class_names)))

    @cached_property
    def report(self) -> dict[str, Any]:
        """Precision, recall, F1 and support per class, macro and weighted, as scikit-learn's `classification_report`.

        A figure that divides by nothing (a class never predicted, or without a document) is None, not 0.
        """
        from sklearn.metrics import classification_report

        labels = range(len(self.class_names))
        report = classification_report(
            self.labels,
            self.predictions,
            labels=labels,
            target_names=self.class_names,
            output_dict=True,
            zero_division=np.nan,
        )
        return {name: _none_for_nan(row) for name, row in report.items()}

    @cached_property
    def macro_f1(self) -> float:
        """Mean F1 over the classes that occur among the true or the predicted ones, as scikit-learn's `f1_score`."""
        from sklearn.metrics import f1_score

        return float(f1_score(self.labels, self.predictions, average="macro"))

    def summary(self) -> dict[str, Any]:
        """The figures that are stored with a model: `n, accuracy, macro_f1, loss, ece`."""
        return {
            "n": len(self),
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "loss": self.loss,
            "ece": self.ece,
        }

    def to_json(self) -> dict[str, Any]:
        """What `python -m core evaluate --json` prints."""
        names = {"model": self.model, "dataset": self.dataset, "split": self.split}
        matrix = {"confusion": self.confusion.tolist(), "report": self.report, "caveats": list(self.caveats)}
        return names | self.summary() | {"class_names": list(self.class_names)} | matrix


@dataclass(frozen=True, kw_only=True, eq=False)
class EpochPredictions:
    """What a model answered on its test split after every epoch of its training, for the record; it decided nothing.

    Attributes:
        model, dataset: names.
        class_names: the classes, in the order of their numbers.
        labels: (n,) int32, the true classes.
        predictions: (epochs, n) int32, the most probable class of each document after each epoch.
        best_epoch: from 1, the one whose weights the model has, chosen on the validation split.
    """

    model: str
    dataset: str
    class_names: tuple[str, ...]
    labels: np.ndarray
    predictions: np.ndarray
    best_epoch: int

    def __len__(self) -> int:
        return len(self.predictions)


def _none_for_nan(row: Any) -> Any:
    if isinstance(row, dict):
        return {key: _none_for_nan(value) for key, value in row.items()}
    return None if np.isnan(row) else float(row)
