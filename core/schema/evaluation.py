"""How right a model is on a split."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from core.schema.notebook import evaluation_html

CALIBRATION_BINS = 15  # of equal width, as Guo et al. 2017


@dataclass(frozen=True, kw_only=True, eq=False)
class Decisions:
    """Which class each document was given, beside the true one, and the figures that need no more than that.

    Attributes:
        class_names: order of rows and columns.
        labels: (n,) integers, the true classes.
        predictions: (n,) integers, the classes given.
    """

    class_names: tuple[str, ...]
    labels: np.ndarray
    predictions: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def correct(self) -> np.ndarray:
        """(n,) bool, whether the class given is the true one."""
        return self.predictions == self.labels

    @cached_property
    def accuracy(self) -> float:
        """Share of documents that were given their true class."""
        return float(self.correct.mean())

    @cached_property
    def only_class(self) -> str | None:
        """The class that all documents were given although they are of several; None where there is no such class."""
        if len(np.unique(self.labels)) < 2 or len(np.unique(self.predictions)) != 1:
            return None
        return self.class_names[int(self.predictions[0])]

    @cached_property
    def confusion(self) -> np.ndarray:
        """(classes, classes) int64, rows true, columns predicted (scikit-learn's `confusion_matrix`)."""
        from sklearn.metrics import confusion_matrix

        return confusion_matrix(self.labels, self.predictions, labels=range(len(self.class_names)))

    @cached_property
    def report(self) -> dict[str, Any]:
        """Precision, recall, F1 and support per class, macro and weighted, as scikit-learn's `classification_report`.

        A figure that divides by nothing (a class never predicted, or without a document) is None, not 0. The row of a
        class that is called like a figure over all classes, such as "accuracy", is in `classes` only.
        """
        means = {name: row for name, row in self._report.items() if not name.isdecimal()}
        return dict(zip(self.class_names, self.classes, strict=True)) | means

    @cached_property
    def classes(self) -> tuple[dict[str, float | None], ...]:
        """The rows of the report in the order of the classes, which may be called "accuracy" or "macro avg"."""
        return tuple(self._report[str(place)] for place in range(len(self.class_names)))

    @cached_property
    def _report(self) -> dict[str, Any]:
        # By the numbers of the classes.
        from sklearn.metrics import classification_report

        labels = range(len(self.class_names))
        report = classification_report(
            self.labels, self.predictions, labels=labels, output_dict=True, zero_division=np.nan
        )
        return {name: _none_for_nan(row) for name, row in report.items()}

    @cached_property
    def macro_f1(self) -> float:
        """Mean F1 over the classes that occur among the true or the predicted ones, as scikit-learn's `f1_score`."""
        from sklearn.metrics import f1_score

        return float(f1_score(self.labels, self.predictions, average="macro"))


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation(Decisions):
    """A model's answers on one split and everything that follows from them.

    Attributes:
        model, dataset, split: names.
        probabilities: (n, classes) float32.
        caveats: sentences that belong beside the figures.
        threshold: of two classes, the second is given where its probability is at least this; None for the more
            probable one (of any number of classes).
        predictions: (n,) int32, follow from probabilities and threshold.
    """

    model: str
    dataset: str
    split: str
    probabilities: np.ndarray
    caveats: tuple[str, ...] = ()
    threshold: float | None = None
    predictions: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        if self.threshold is None:
            chosen = self.probabilities.argmax(axis=1)
        else:
            chosen = self.probabilities[:, 1] >= self.threshold
        object.__setattr__(self, "predictions", chosen.astype(np.int32))

    @cached_property
    def confidence(self) -> np.ndarray:
        """(n,) float32, the probability of the class that was given."""
        return self.probabilities[np.arange(len(self)), self.predictions]

    @cached_property
    def loss(self) -> float:
        """Mean cross-entropy in nats; a probability of 0 counts as 1e-7."""
        chosen = self.probabilities[np.arange(len(self)), self.labels]
        return float(np.log(1 / np.clip(chosen, 1e-7, 1.0)).mean())

    @cached_property
    def bins(self) -> np.ndarray:
        """(n,) int64, the bin of each document's confidence, 0 to 14, of equal width."""
        return np.minimum((self.confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)

    @cached_property
    def ece(self) -> float:
        """Expected calibration error over 15 bins of equal width (Guo et al. 2017, arXiv 1706.04599)."""
        gaps = np.bincount(self.bins, weights=self.correct - self.confidence, minlength=CALIBRATION_BINS)
        return float(np.abs(gaps).sum() / len(self))

    def summary(self) -> dict[str, Any]:
        """The figures that are stored with a model: `n, accuracy, macro_f1, loss, ece`."""
        return {
            "n": len(self),
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "loss": self.loss,
            "ece": self.ece,
        }

    def _repr_html_(self) -> str:
        """What a notebook shows: the figures and the confusion matrix, as the Evaluate page has them."""
        return evaluation_html(self)

    def to_json(self) -> dict[str, Any]:
        """What `python -m core evaluate --json` prints."""
        names = {"model": self.model, "dataset": self.dataset, "split": self.split}
        matrix = {"confusion": self.confusion.tolist(), "report": self.report, "caveats": list(self.caveats)}
        classes = [{"name": name} | row for name, row in zip(self.class_names, self.classes, strict=True)]
        return names | self.summary() | {"class_names": list(self.class_names)} | matrix | {"classes": classes}


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
