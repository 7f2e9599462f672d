"""Training: a pure step, and a generator that climbs from steps to epochs to a predictor."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from core.batching import count_batches, train_batches
from core.config import Recipe, TrainConfig
from core.encoders import Encoder, learn_encoder
from core.errors import TrainingFailed
from core.models import build_model
from core.prediction import JaxPredictor, predict_logits
from core.schema import Batch, EpochRecord, Progress, TextDataset, best_record

REPORTS = 20  # times an epoch that the loss is fetched from the device: each is a wait


class TrainState(NamedTuple):
    """All that a step changes.

    Attributes:
        params: the weights.
        optimizer: optax's state.
        step: () int32, steps done.
        loss_sum: () float32, sum of the losses since the epoch began.
        bad_step: () int32, the first step whose loss was not finite, or 0.
    """

    params: Any
    optimizer: Any
    step: jax.Array
    loss_sum: jax.Array
    bad_step: jax.Array


def fit(recipe: Recipe, data: TextDataset, *, seed: int | None = None) -> Iterator[Progress]:
    """Train the recipe on a data set; to cancel is to stop asking for the next Progress.

    Args:
        recipe: what to train.
        data: learns from `train`, chooses the epoch by `valid` (`best_record`), never looks at `test`.
        seed: instead of the recipe's.

    Yields:
        Progress, about `REPORTS` times an epoch; the last one carries the predictor with the best epoch's weights.

    Raises TrainingFailed when a class has nothing to learn from, or when the loss is no longer a finite number.
    """
    recipe = recipe if seed is None else recipe.with_settings(seed=seed)
    _check_classes(data)
    run = _Run(recipe=recipe, data=data, started=time.perf_counter())
    yield run.progress("encoding")
    run.encode()
    yield run.progress("training")
    for epoch in range(1, recipe.train.epochs + 1):
        yield from run.train_epoch(epoch)
        if run.finish_epoch(epoch):
            break
        yield run.progress("training")
    yield run.progress("done", predictor=run.predictor())


@partial(jax.jit, static_argnums=(0, 1), donate_argnums=2)
def train_step(graph: Any, tx: Any, state: TrainState, batch: Batch, key: jax.Array) -> tuple[TrainState, jax.Array]:
    """One step of gradient descent on the mean cross-entropy of the batch's documents.

    Args:
        graph, tx: the network's graph and the optax transformation; static.
        state: consumed; use the one that comes back.
        batch: rows of weight 0 have no influence.
        key: decides dropout.

    Returns:
        The next state and the loss, () float32 in nats.
    """

    def mean_loss(params: Any) -> jax.Array:
        logits = nnx.merge(graph, params)(batch.ids, batch.values, nnx.Rngs(dropout=key))
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, batch.labels)
        return (losses * batch.weights).sum() / batch.weights.sum()

    loss, gradients = jax.value_and_grad(mean_loss)(state.params)
    updates, optimizer = tx.update(gradients, state.optimizer, state.params)
    step = state.step + 1
    first_bad = (state.bad_step == 0) & ~jnp.isfinite(loss)
    params = optax.apply_updates(state.params, updates)
    bad_step = jnp.where(first_bad, step, state.bad_step)
    return TrainState(params, optimizer, step, state.loss_sum + loss, bad_step), loss


def optimizer(config: TrainConfig, steps: int) -> optax.GradientTransformation:
    """AdamW with a linear warm-up and a cosine fall to zero over `steps`."""
    warmup = min(int(config.warmup * steps), steps - 1)
    schedule = optax.warmup_cosine_decay_schedule(0.0, config.learning_rate, warmup, steps)
    return optax.adamw(schedule, weight_decay=config.weight_decay)


@dataclass(kw_only=True)
class _Run:
    """A training run under way: what `fit` tells the story of."""

    recipe: Recipe
    data: TextDataset
    started: float
    history: tuple[EpochRecord, ...] = ()

    def encode(self) -> None:
        """Learn the encoder from the train split, encode train and valid, make the network and its optimizer."""
        config = self.recipe.train
        self.encoder: Encoder = learn_encoder(self.recipe.data, self.data.train.texts)
        self.train = self.encoder.encode(self.data.train.texts)
        self.valid = self.encoder.encode(self.data.valid.texts)
        classes = len(self.data.class_names)
        model = build_model(self.recipe.model, self.encoder.size, classes, rngs=nnx.Rngs(config.seed))
        self.graph, params = nnx.split(model)
        self.tx = optimizer(config, self.steps)
        self.state = TrainState(params, self.tx.init(params), jnp.int32(0), jnp.float32(0), jnp.int32(0))
        # A counter-based generator of XLA's own: JAX's default one costs more than the layers it drops from on a CPU.
        self.key = jax.random.key(config.seed, impl="rbg")

    @property
    def steps_an_epoch(self) -> int:
        return count_batches(len(self.data.train), self.recipe.train.batch)

    @property
    def steps(self) -> int:
        return self.steps_an_epoch * self.recipe.train.epochs

    def train_epoch(self, epoch: int) -> Iterator[Progress]:
        """Queue one epoch of steps, looking at the loss only now and then."""
        config = self.recipe.train
        self.state = self.state._replace(loss_sum=jnp.float32(0))
        labels, pad_id = self.data.train.labels, self.encoder.size
        batches = train_batches(self.train, labels, batch=config.batch, pad_id=pad_id, seed=config.seed, epoch=epoch)
        first = (epoch - 1) * self.steps_an_epoch
        every = max(1, self.steps_an_epoch // REPORTS)
        for done, batch in enumerate(batches, start=1):
            key = jax.random.fold_in(self.key, first + done)
            self.state, _ = train_step(self.graph, self.tx, self.state, batch, key)
            if done % every == 0:
                yield self.progress("training", epoch=epoch, step=first + done, train_loss=self.mean_loss(done))

    def mean_loss(self, steps: int) -> float:
        """Mean loss of the epoch's first steps. Raises TrainingFailed when one of them was not finite."""
        loss_sum, bad_step = jax.device_get((self.state.loss_sum, self.state.bad_step))
        if bad_step:
            rate = self.recipe.train.learning_rate
            raise TrainingFailed(
                f"The loss was no longer a finite number at step {bad_step}; try a learning rate below {rate:g}."
            )
        return float(loss_sum) / steps

    def finish_epoch(self, epoch: int) -> bool:
        """Validate, remember the best weights, and say whether patience is at its end."""
        train_loss = self.mean_loss(self.steps_an_epoch)
        loss, accuracy = self.validate()
        record = EpochRecord(
            epoch=epoch,
            step=epoch * self.steps_an_epoch,
            train_loss=train_loss,
            valid_loss=loss,
            valid_accuracy=accuracy,
            seconds=self.seconds,
        )
        self.history = (*self.history, record)
        best = best_record(self.history) or record
        if best is record:
            self.best_params = jax.tree.map(jnp.copy, self.state.params)
        patience = self.recipe.train.patience
        return bool(patience) and epoch - best.epoch >= patience

    def validate(self) -> tuple[float, float]:
        """Mean loss in nats and accuracy on the validation split."""
        classes, labels = len(self.data.class_names), self.data.valid.labels
        logits = predict_logits(self.graph, self.state.params, self.valid, pad_id=self.encoder.size, classes=classes)
        losses = optax.softmax_cross_entropy_with_integer_labels(logits, labels)
        return float(losses.mean()), float((logits.argmax(axis=1) == labels).mean())

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    def progress(self, phase: str, *, epoch: int = 0, step: int = 0, **more: Any) -> Progress:
        """A Progress at this moment."""
        last = self.history[-1] if self.history else None
        return Progress(
            phase=phase,
            epoch=epoch or (last.epoch if last else 0),
            epochs=self.recipe.train.epochs,
            step=step or (last.step if last else 0),
            steps=self.steps,
            seconds=self.seconds,
            history=self.history,
            **more,
        )

    def predictor(self) -> JaxPredictor:
        """The best epoch's network, read-only."""
        return JaxPredictor(
            name=self.recipe.name,
            class_names=self.data.class_names,
            recipe=self.recipe,
            encoder=self.encoder,
            graph=self.graph,
            state=self.best_params,
            history=self.history,
            data_fingerprint=self.data.fingerprint,
        )


def _check_classes(data: TextDataset) -> None:
    for split in (data.train, data.valid):
        counts = np.bincount(split.labels, minlength=len(data.class_names))
        if not counts.all():
            missing = data.class_names[int(counts.argmin())]
            raise TrainingFailed(
                f"The class {missing!r} has no document in the {split.name} split; add some or leave the class out."
            )
