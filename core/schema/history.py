"""What a training run leaves behind: its epochs, and what the model answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.schema.figures import Interval


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """One row of the training history. Losses in nats a document, accuracy in [0, 1], seconds since the start.

    Where classes of different size count alike in training, the macro F1 on validation, in [0, 1], else None.
    """

    epoch: int
    step: int
    train_loss: float
    valid_loss: float
    valid_accuracy: float
    seconds: float
    valid_macro_f1: float | None = None

    @property
    def score(self) -> float:
        """What epochs are compared by: accuracy, or the mean of accuracy and macro F1 where rare classes count too."""
        return self.valid_accuracy if self.valid_macro_f1 is None else (self.valid_accuracy + self.valid_macro_f1) / 2


def best_record(history: tuple[EpochRecord, ...]) -> EpochRecord | None:
    """The best epoch: of the highest score on validation, of equals the one with the lowest loss; None without any."""
    return min(history, key=lambda record: (-record.score, record.valid_loss), default=None)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What `auto` or a search of settings has tried, and what that gave on the validation split.

    Attributes:
        title: what was tried.
        accuracy: with its 95% interval, in [0, 1]; None for what could not be trained.
        macro_f1: the mean over the classes, in [0, 1]; None in a search of settings, which does not ask for it.
        seconds: that it took.
        settings: of the recipe that differ from trial to trial, by name.
        is_chosen: whether it is the one that is kept.
        cross_validated: the mean of accuracy and macro F1 in cross-validation over the train split, in [0, 1], where
            the validation split is too small to compare by; else None.
        epochs: that it was trained for; None for what is solved for.
        reason: why it could not be trained; "" where it could.
    """

    title: str
    accuracy: Interval | None
    macro_f1: float | None
    seconds: float
    settings: dict[str, Any]
    is_chosen: bool = False
    cross_validated: float | None = None
    epochs: int | None = None
    reason: str = ""

    @property
    def score(self) -> float:
        """What those of `auto` are compared by: the mean of accuracy and macro F1, so that rare classes count too."""
        if self.cross_validated is not None:
            return self.cross_validated
        assert self.accuracy is not None and self.macro_f1 is not None, "all that auto solves for has both"
        return (self.accuracy.value + self.macro_f1) / 2


@dataclass(frozen=True, kw_only=True, eq=False)
class RunAnswers:
    """What a model answered in its training, to be saved with it.

    Attributes:
        valid: (m, classes) float32, its probabilities on the validation split.
        test: (n, classes) float32, its probabilities on the test split; None when that is empty.
        epochs: (epochs, n) uint8 or wider, the most probable class of each test document after each epoch; or None.
    """

    valid: np.ndarray
    test: np.ndarray | None = None
    epochs: np.ndarray | None = None
