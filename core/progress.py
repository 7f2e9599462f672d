"""Where a training run is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.predictor import Predictor
from core.schema import EpochRecord, RunAnswers, Trial, best_record


@dataclass(frozen=True, kw_only=True, eq=False)
class Progress:
    """Where a training run is.

    Attributes:
        phase: "reading", "encoding", "searching", "training", "testing", "saving" or "done".
        epoch: the epoch under way, from 1; 0 before the first.
        step, steps: steps done, and to do if no epoch is saved by stopping early.
        train_loss: mean loss of the epoch so far, or None before the first figure.
        seconds: since the start.
        history: finished epochs.
        predictor: the trained model; only on the last Progress of `fit`.
        answers: what that model answered on validation and test; beside `predictor` only.
        trials: of `auto` or a search of settings, those that are finished, or have come so far.
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
    trials: tuple[Trial, ...] = ()
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
