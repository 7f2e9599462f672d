"""Descent of a linear model over bags, in numpy.

A step is a few sums over what stands in its documents. XLA would pad these to equal lengths and compile a step for each
length, which takes longer than all steps of a run together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from flax import nnx

from core.config import TrainConfig
from core.losses import GRADIENTS
from core.optimizers import rates
from core.schema import Encoded
from core.training.step import TrainState

DECAYS, EPSILON = (0.9, 0.999), 1e-8  # of Adam's two means, as optax has them
SIDES = np.array([1, -1], np.float32)


class Moments(NamedTuple):
    """What Adam remembers of the bias: the means of its gradients and of their squares, (classes,) float32 each."""

    first: np.ndarray
    second: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearDescent:
    """The steps that `train_step` would take, without padding.

    Attributes:
        config: rates, loss, batch and seed.
        documents: n bags to learn from.
        labels: (n,) int32.
        classes: how many there are.
        weights: (n,) float32, what each document counts for.
        factors: (ids + 1, classes) float32, what steps of the table are multiplied by; 1 if None.
        word_dropout: share of what stands in its documents that a step does not see; the rest is scaled up.
        steps: of the whole run.
    """

    config: TrainConfig
    documents: Encoded
    labels: np.ndarray
    classes: int
    weights: np.ndarray
    factors: np.ndarray | None
    word_dropout: float
    steps: int

    def first_state(self, params: Any) -> TrainState:
        """The state before the first step; it shares no memory with these weights."""
        bias, zero = np.array(params["bias"][...]), np.zeros((), np.int32)
        params = _with_weights(params, np.array(params["table"][...]), bias)
        return TrainState(
            params, Moments(np.zeros_like(bias), np.zeros_like(bias)), zero, np.zeros((), np.float32), zero
        )

    def epoch(self, state: TrainState, *, epoch: int, start: int = 0) -> Iterator[TrainState]:
        """The state after each step of an epoch.

        Args:
            state: before the first of the steps.
            epoch: from 1; with the seed it decides the order of the documents.
            start: steps to leave out at the beginning, having been made before.

        Yields states of one table, which the next step changes.
        """
        table = np.array(np.asarray(state.params["table"][...]).T, order="C")  # a step goes class by class
        bias = np.asarray(state.params["bias"][...])
        state = state._replace(params=_with_weights(state.params, table.T, bias))
        order = np.random.default_rng((self.config.seed, epoch)).permutation(len(self.documents))
        for first in range(start * self.config.batch, len(order), self.config.batch):
            state = self._step(state, table, order[first : first + self.config.batch])
            yield state

    def _step(self, state: TrainState, table: np.ndarray, rows: np.ndarray) -> TrainState:
        step, bias = int(state.step), state.params["bias"][...]
        bags = self.documents.take(rows)
        bags = replace(bags, values=self._seen(bags.values, step))
        sums = _sums(bags, table[:1]) * SIDES if self.is_mirrored else _sums(bags, table)
        losses, slopes = GRADIENTS[self.config.loss](sums + bias, self.labels[rows])
        weights = self.weights[rows] / self.weights[rows].sum()
        slopes *= weights[:, None]
        self._move_table(table, bags, slopes, step)
        bias, moments = self._moved_bias(bias, state.optimizer, slopes.sum(axis=0), step)
        loss = weights @ losses
        is_first_bad = not state.bad_step and not np.isfinite(loss)
        return TrainState(
            params=_with_weights(state.params, table.T, bias),
            optimizer=moments,
            step=np.asarray(step + 1, np.int32),
            loss_sum=np.asarray(state.loss_sum + loss, np.float32),
            bad_step=np.asarray(step + 1 if is_first_bad else state.bad_step, np.int32),
        )

    def _seen(self, values: np.ndarray, step: int) -> np.ndarray:
        if not self.word_dropout:
            return values
        is_seen = np.random.default_rng((self.config.seed, 0, step)).random(len(values)) >= self.word_dropout
        return values * is_seen / np.float32(1 - self.word_dropout)

    def _move_table(self, table: np.ndarray, bags: Encoded, slopes: np.ndarray, step: int) -> None:
        values = bags.values * self._table_rates[step]
        ids = bags.ids.astype(np.intp)  # of other integers, or of doubles, numpy's `at` takes many times as long
        for place, column in enumerate(table[:1] if self.is_mirrored else table):
            changes = np.repeat(slopes[:, place], bags.lengths) * values
            if self._factors is not None:
                changes *= self._factors[place].take(ids)
            np.subtract.at(column, ids, changes)
        if self.is_mirrored:
            np.negative(table[0], out=table[1])

    def _moved_bias(
        self, bias: np.ndarray, moments: Moments, slopes: np.ndarray, step: int
    ) -> tuple[np.ndarray, Moments]:
        # A step of AdamW.
        means = zip(moments, (slopes, slopes**2), DECAYS, strict=True)
        moments = Moments(*(decay * mean + (1 - decay) * new for mean, new, decay in means))
        first, second = (mean / (1 - decay ** (step + 1)) for mean, decay in zip(moments, DECAYS, strict=True))
        change = first / (np.sqrt(second) + EPSILON) + self.config.weight_decay * bias
        return (bias - self._bias_rates[step] * change).astype(np.float32), moments

    @cached_property
    def is_mirrored(self) -> bool:
        """Whether there are two classes, whose weights, from 0, move by the same to either side."""
        return self.classes == 2 and (
            self._factors is None or np.allclose(self._factors[0], self._factors[1], rtol=1e-4)
        )

    @cached_property
    def _table_rates(self) -> np.ndarray:
        return rates(self.config.linear_rate, self.config, self.steps)

    @cached_property
    def _bias_rates(self) -> np.ndarray:
        return rates(self.config.learning_rate, self.config, self.steps)

    @cached_property
    def _factors(self) -> np.ndarray | None:
        # (classes, ids + 1), or None where all are 1.
        return None if self.factors is None else np.ascontiguousarray(self.factors.T)


def _sums(bags: Encoded, table: np.ndarray) -> np.ndarray:
    # (n, classes) float32, of each document the sum over what stands in it.
    matrix = bags.matrix(table.shape[1])
    return np.stack([matrix @ column for column in table], axis=1)


def _with_weights(params: Any, table: np.ndarray, bias: np.ndarray) -> Any:
    # The params with these arrays, of which none is copied.
    return nnx.State({"bias": params["bias"].replace(bias), "table": params["table"].replace(table)})
