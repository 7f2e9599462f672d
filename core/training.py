"""Training: a pure step, and a generator that climbs from steps to epochs to a predictor."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from core import devices
from core.batching import Layout, count_batches, train_batches
from core.calibration import fitted_temperature
from core.config import Recipe
from core.encoders import encoded_splits
from core.errors import TrainingFailed
from core.losses import LOSSES, Loss
from core.models import LinearTable, build_model
from core.optimizers import log_count_ratios, optimizer, picked, placed
from core.prediction import JaxPredictor, predict_logits
from core.runs import RunFolder
from core.schema import Batch, EpochRecord, Progress, TextDataset, best_record

GENERATOR = "rbg"  # XLA's own: on a CPU, JAX's default one costs more than the layers it drops from
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


def fit(recipe: Recipe, data: TextDataset, *, seed: int | None = None, keep: str | None = None) -> Iterator[Progress]:
    """Train the recipe on a data set; to cancel is to stop asking for the next Progress.

    Args:
        recipe: what to train.
        data: learns from `train`, chooses the epoch by `valid` (`best_record`), never looks at `test`.
        seed: instead of the recipe's.
        keep: name of the run, whose state is then kept as it goes; when it was interrupted before, it goes on from
            there, and ends as if nothing had happened.

    Yields:
        Progress, about `REPORTS` times an epoch; the last one carries the predictor with the best epoch's weights.

    Raises TrainingFailed when a class has nothing to learn from, or when the loss is no longer a finite number.
    """
    recipe = recipe if seed is None else recipe.with_settings(seed=seed)
    _check_classes(data)
    devices.remember_compilations()
    run = _Run(recipe=recipe, data=data, started=time.perf_counter(), folder=RunFolder(keep) if keep else None)
    yield run.progress("encoding")
    run.prepare()
    yield run.progress("training")
    for epoch in range(run.epoch, recipe.train.epochs + 1):
        if run.patience_ended:
            break
        yield from run.train_epoch(epoch)
        run.finish_epoch(epoch)
        yield run.progress("training")
    yield run.progress("done", predictor=run.predictor())


@partial(jax.jit, static_argnums=(0, 1, 2), donate_argnums=3)
def train_step(
    graph: Any, tx: Any, loss_of: Loss, state: TrainState, batch: Batch, key: jax.Array
) -> tuple[TrainState, jax.Array]:
    """One step of gradient descent on the mean loss of the batch's documents.

    Args:
        graph, tx, loss_of: the network's graph, the optax transformation, and the loss of a document; static.
        state: consumed; use the one that comes back.
        batch: rows of weight 0 have no influence. Of its tables' rows, a step reads and changes only those in the
            batch: with Adam, the others' running means stand still (as in TensorFlow's LazyAdam).
        key: (4,) uint32, what `random_key` gives; with the number of the step it decides dropout.

    Returns:
        The next state and the loss, () float32.
    """
    step = state.step + 1
    dropout = jax.random.fold_in(jax.random.wrap_key_data(key, impl=GENERATOR), step)

    def mean_loss(params: Any) -> jax.Array:
        logits = nnx.merge(graph, params)(*batch.arrays, rngs=nnx.Rngs(dropout=dropout))
        heads = logits.reshape(len(logits), -1, logits.shape[-1])  # each learns by itself
        losses = loss_of(heads, batch.labels[:, None]).mean(axis=1)
        return (losses * batch.weights).sum() / batch.weights.sum()

    params, optimizer = picked((state.params, state.optimizer), batch.rows)
    loss, gradients = jax.value_and_grad(mean_loss)(params)
    updates, optimizer = tx.update(gradients, optimizer, params)
    changed = optax.apply_updates(params, updates), optimizer
    params, optimizer = placed((state.params, state.optimizer), changed, batch.rows)
    first_bad = (state.bad_step == 0) & ~jnp.isfinite(loss)
    bad_step = jnp.where(first_bad, step, state.bad_step)
    return TrainState(params, optimizer, step, state.loss_sum + loss, bad_step), loss


@dataclass(kw_only=True)
class _Run:
    """A training run under way: what `fit` tells the story of."""

    recipe: Recipe
    data: TextDataset
    started: float
    folder: RunFolder | None = None
    history: tuple[EpochRecord, ...] = ()
    epoch: int = 1
    seen: int = 0  # batches of the epoch, before it was interrupted

    def prepare(self) -> None:
        """Encode train and valid, make the network and its optimizer, and go on from where an earlier run stopped."""
        config, classes = self.recipe.train, len(self.data.class_names)
        self.encoder, self.train, self.valid = encoded_splits(self.recipe.data, self.data)
        rows = devices.rows_for(config.batch)
        self.layout = Layout(config.batch, rows, self.encoder.sizes, devices.share_of(rows))
        model = build_model(self.recipe.model, self.encoder.sizes, classes, rngs=nnx.Rngs(config.seed))
        self.graph, params = nnx.split(model)
        self.tx = optimizer(config, self.steps, self.ratios(params))
        self.state = TrainState(params, self.tx.init(params), jnp.int32(0), jnp.float32(0), jnp.int32(0))
        self.best_params = params
        self.key = devices.on_all(random_key(config.seed))
        self.resume()
        self.state, self.best_params = devices.on_all((self.state, jax.tree.map(jnp.copy, self.best_params)))

    def ratios(self, params: Any) -> np.ndarray | None:
        """Naive-Bayes ratios of the phrases, for a network that has weights of phrases."""
        leaves = jax.tree.leaves(params, is_leaf=lambda leaf: isinstance(leaf, nnx.Variable))
        if not any(isinstance(leaf, LinearTable) for leaf in leaves):
            return None
        labels, classes = self.data.train.labels, len(self.data.class_names)
        return log_count_ratios(self.train.parts[-1], labels, self.encoder.sizes[-1], classes)

    @property
    def loss(self) -> Loss:
        return LOSSES[self.recipe.train.loss]

    @property
    def steps_an_epoch(self) -> int:
        return count_batches(len(self.data.train), self.recipe.train.batch)

    @property
    def steps(self) -> int:
        return self.steps_an_epoch * self.recipe.train.epochs

    def train_epoch(self, epoch: int) -> Iterator[Progress]:
        """Queue one epoch of steps, looking at the loss only now and then."""
        labels, seed = self.data.train.labels, self.recipe.train.seed
        batches = train_batches(self.train, labels, self.layout, seed=seed, epoch=epoch, start=self.seen)
        first = (epoch - 1) * self.steps_an_epoch
        every = max(1, self.steps_an_epoch // REPORTS)
        for done, batch in enumerate(batches, start=self.seen + 1):
            self.state, _ = train_step(self.graph, self.tx, self.loss, self.state, on_devices(batch), self.key)
            if done % every == 0:
                yield self.progress("training", epoch=epoch, step=first + done, train_loss=self.mean_loss(done))
                self.keep(epoch, done)

    def mean_loss(self, steps: int) -> float:
        """Mean loss of the epoch's first steps. Raises TrainingFailed when one of them was not finite."""
        loss_sum, bad_step = jax.device_get((self.state.loss_sum, self.state.bad_step))
        if bad_step:
            rate = self.recipe.train.learning_rate
            raise TrainingFailed(
                f"The loss was no longer a finite number at step {bad_step}; try a learning rate below {rate:g}."
            )
        return float(loss_sum) / steps

    def finish_epoch(self, epoch: int) -> None:
        """Validate, and remember the best weights."""
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
        if best_record(self.history) is record or epoch == 1:
            self.best_params = jax.tree.map(jnp.copy, self.state.params)
        self.state = self.state._replace(loss_sum=devices.on_all(jnp.float32(0)))
        self.seen = 0
        self.keep(epoch + 1, 0)

    @property
    def patience_ended(self) -> bool:
        """Whether validation has not become better for so long that there is no use in going on."""
        best, patience = best_record(self.history), self.recipe.train.patience
        return best is not None and bool(patience) and len(self.history) - best.epoch >= patience

    def validate(self) -> tuple[float, float]:
        """Mean loss and accuracy on the validation split."""
        logits, labels = self.valid_logits(self.state.params), self.data.valid.labels
        return float(self.loss(logits, labels).mean()), float((logits.argmax(axis=1) == labels).mean())

    def valid_logits(self, params: Any) -> np.ndarray:
        """(n, classes) float32 of the validation split, each process working on its share."""
        shape: dict[str, Any] = {"sizes": self.encoder.sizes, "classes": len(self.data.class_names)}
        ours = devices.local(params)
        return devices.divided(
            lambda rows: predict_logits(self.graph, ours, self.valid.take(rows), **shape), np.arange(len(self.valid))
        )

    def keep(self, epoch: int, done: int) -> None:
        """Keep the state of the run now and then, when it is to be kept."""
        if self.folder is not None:
            history = [asdict(record) for record in self.history]
            place = {"epoch": epoch, "seen": done, "seconds": self.seconds, "history": history}
            self.folder.keep(self.state.step, (self.state, self.best_params), place)

    def resume(self) -> None:
        """Go on from what an earlier run has kept, when there is such a run and it was this one."""
        kept = self.folder and self.folder.open(self.identity, (self.state, self.best_params))
        if kept:
            (self.state, self.best_params), place = kept
            self.epoch, self.seen = place["epoch"], place["seen"]
            self.started -= place["seconds"]
            self.history = tuple(EpochRecord(**record) for record in place["history"])

    @property
    def identity(self) -> str:
        """What two runs have in common that give the same model."""
        return f"{self.recipe.to_json()} {self.data.fingerprint}"

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
            state=devices.local(self.best_params),
            history=self.history,
            temperature=fitted_temperature(self.valid_logits(self.best_params), self.data.valid.labels),
            data_fingerprint=self.data.fingerprint,
        )


def random_key(seed: int) -> jax.Array:
    """(4,) uint32, the key of a run; as plain numbers, so that it can be on many machines."""
    return jax.random.key_data(jax.random.key(seed, impl=GENERATOR))


def on_devices(batch: Batch) -> Batch:
    """The batch's rows spread over the devices; the tables' rows are the same on all."""
    arrays, labels, weights = devices.spread_rows((batch.arrays, batch.labels, batch.weights))
    return Batch(arrays, labels, weights, devices.on_all(batch.rows))


def _check_classes(data: TextDataset) -> None:
    for split in (data.train, data.valid):
        counts = np.bincount(split.labels, minlength=len(data.class_names))
        if not counts.all():
            missing = data.class_names[int(counts.argmin())]
            raise TrainingFailed(
                f"The class {missing!r} has no document in the {split.name} split; add some or leave the class out."
            )
