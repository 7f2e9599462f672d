"""What a training run does not change, and the state that a step or an epoch replaces."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import numpy as np

from core import devices
from core.batching import Layout, count_batches
from core.config import Recipe
from core.encoders import Encoder
from core.losses import Loss
from core.novelty import Reference, reference
from core.schema import Encoded, EpochRecord, TextDataset
from core.training.best import BestEpoch
from core.training.linear import LinearDescent
from core.training.step import TrainState


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a run does not change.

    Attributes:
        recipe, data: what is trained, and on what.
        encoder: learned from the train split.
        train, valid: the encoded splits.
        layout: of the batches.
        class_weights: (classes,) float32, what a document of each class counts for.
        graph, optimizer, loss: the network's graph, the optax transformation and the loss of a document.
        key: (4,) uint32, on all devices.
        descent: takes the steps of a linear model, in the place of the optimizer; None for other networks.
    """

    recipe: Recipe
    data: TextDataset
    encoder: Encoder
    train: Encoded
    valid: Encoded
    layout: Layout
    class_weights: np.ndarray
    graph: Any
    optimizer: Any
    loss: Loss
    key: jax.Array
    descent: LinearDescent | None = None

    @property
    def steps_per_epoch(self) -> int:
        """Batches of one epoch."""
        return count_batches(len(self.data.train), self.recipe.train.batch)

    @cached_property
    def own_test(self) -> Future[Encoded]:
        """This process's share of the test split, encoded in a thread from when it is first asked for."""
        return _in_thread(self.encoder.encode, devices.own_items(self.data.test.texts))

    @cached_property
    def reference(self) -> Future[Reference]:
        """What the documents are like, found out in a thread from when it is first asked for."""
        return _in_thread(reference, self.encoder, self.train, self.data.valid.texts)


def _in_thread(work: Callable[..., Any], *arguments: Any) -> Future[Any]:
    with_one_thread = ThreadPoolExecutor(1)
    done = with_one_thread.submit(work, *arguments)
    with_one_thread.shutdown(wait=False)
    return done


@dataclass(frozen=True, kw_only=True)
class RunState:
    """What a run has come to. A step or an epoch gives another one.

    Attributes:
        train_state: what a step changes.
        best: what is kept of the best epoch.
        test_classes: (epochs, n) integers, what the network took each test document for after each epoch; None when
            there is no test split. For people to look at: no choice depends on it.
        history: of the epochs that are finished.
        epoch: the one under way, from 1.
        batches_seen: of that epoch.
        started: by `time.perf_counter`, later by the time between an interruption and the return.
    """

    train_state: TrainState
    best: BestEpoch
    test_classes: np.ndarray | None
    history: tuple[EpochRecord, ...] = ()
    epoch: int = 1
    batches_seen: int = 0
    started: float

    @property
    def seconds(self) -> float:
        """Since the start, without the time between an interruption and the return."""
        return time.perf_counter() - self.started
