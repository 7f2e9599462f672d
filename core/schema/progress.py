"""Where a training run is, and has been."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from core.predictor import Predictor


@dataclass(frozen=True, kw_only=True)
class EpochRecord:
    """One row of the training history. Losses in nats a document, accuracy in [0, 1], seconds since the start."""

    epoch: int
    step: int
    train_loss: float
    valid_loss: float
    valid_accuracy: float
    seconds: float


def best_record(history: tuple[EpochRecord, ...]) -> EpochRecord | None:
    """The epoch whose weights are kept: the most accurate on validation, of equals the one with the lowest loss."""
    return min(history, key=lambda record: (-record.valid_accuracy, record.valid_loss), default=None)


@dataclass(frozen=True, kw_only=True, eq=False)
class RunAnswers:
    """What a model answered in its training, to be kept with it.

    Attributes:
        valid: (m, classes) float32, its probabilities on the validation split.
        test: (n, classes) float32, its probabilities on the test split; None when that is empty.
        epochs: (epochs, n) uint8 or wider, the most probable class of each test document after each epoch; or None.
    """

    valid: np.ndarray
    test: np.ndarray | None = None
    epochs: np.ndarray | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Progress:
    """Where a training run is.

    Attributes:
        phase: "reading", "encoding", "training", "testing", "saving" or "done".
        epoch: the epoch under way, from 1; 0 before the first.
        step, steps: steps done, and to do if no epoch is saved by stopping early.
        train_loss: mean loss of the epoch so far, or None before the first figure.
        seconds: since the start.
        history: finished epochs.
        predictor: the trained model; only on the last Progress of `fit`.
        answers: what that model answered on validation and test; beside `predictor` only.
        saved: what `train --json` prints; only on the last Progress of a run that saves its model.
    """

    phase: str
    epoch: int
    epochs: int
    step: int
    steps: int
    seconds: float
    train_loss: float | None = None
    history: tuple[EpochRecord, ...] = ()
    predictor: Predictor | None = None
    answers: RunAnswers | None = None
    saved: dict[str, Any] | None = None

    @property
    def best_epoch(self) -> int | None:
        """The epoch that would be kept now, by `best_record`; None before the first has ended."""
        best = best_record(self.history)
        return best.epoch if best else None

    @property
    def fraction(self) -> float:
        """Share of the steps done, in [0, 1]."""
        return min(self.step / self.steps, 1.0) if self.steps else 0.0
