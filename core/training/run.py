"""A training run under way: steps to epochs, the best of them, and what is kept of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from core import devices
from core.batching import Layout, count_batches, train_batches
from core.calibration import fitted_temperature
from core.config import Recipe
from core.encoders import encoded_splits
from core.errors import TrainingFailed
from core.jax_predictor import JaxPredictor, predict_logits, softmax
from core.losses import LOSSES, Loss
from core.models import LinearTable, build_model
from core.novelty import reference
from core.optimizers import log_count_ratios, optimizer
from core.progress import Progress
from core.schema import Encoded, EpochRecord, RunAnswers, TextDataset, best_record
from core.training.resume import RunFolder
from core.training.step import TrainState, on_devices, random_key, train_step

REPORTS = 20  # times an epoch that the loss is fetched from the device: each is a wait


@dataclass(kw_only=True)
class Run:
    """What `fit` tells the story of."""

    recipe: Recipe
    data: TextDataset
    started: float
    folder: RunFolder | None = None
    history: tuple[EpochRecord, ...] = ()
    epoch: int = 1
    seen: int = 0  # batches of the epoch, before it was interrupted
    test: Encoded | None = None  # this process's share of the test split

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
        self.on_test = _nothing_said(config.epochs, len(self.data.test), classes)
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
        """The recipe's, of a document."""
        return LOSSES[self.recipe.train.loss]

    @property
    def steps_an_epoch(self) -> int:
        """Batches of one epoch."""
        return count_batches(len(self.data.train), self.recipe.train.batch)

    @property
    def steps(self) -> int:
        """Batches of all epochs, if none is saved by stopping early."""
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
        best = best_record(self.history) is record or epoch == 1
        if best:
            self.best_params = jax.tree.map(jnp.copy, self.state.params)
        if self.on_test:
            self.record_test(epoch, best)
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

    def record_test(self, epoch: int, best: bool) -> None:
        """Remember what the network says of the test split, for people to look at; nothing else does."""
        logits = devices.divided(
            lambda texts: self.logits(self.state.params, self.encoded_test(texts)), self.data.test.texts
        )
        self.on_test["classes"][epoch - 1] = logits.argmax(axis=1)
        if best:
            self.on_test["logits"] = logits

    def encoded_test(self, texts: tuple[str, ...]) -> Encoded:
        """This process's share of the test split, encoded when it is first asked for, after an epoch's validation."""
        self.test = self.encoder.encode(texts) if self.test is None else self.test
        return self.test

    def valid_logits(self, params: Any) -> np.ndarray:
        """(n, classes) float32 of the validation split, each process working on its share."""
        return devices.divided(lambda rows: self.logits(params, self.valid.take(rows)), np.arange(len(self.valid)))

    def logits(self, params: Any, documents: Encoded) -> np.ndarray:
        """(n, classes) float32, by this process alone."""
        shape: dict[str, Any] = {"sizes": self.encoder.sizes, "classes": len(self.data.class_names)}
        return predict_logits(self.graph, devices.local(params), documents, **shape)

    def keep(self, epoch: int, done: int) -> None:
        """Keep the state of the run now and then, when it is to be kept."""
        if self.folder is not None:
            history = [asdict(record) for record in self.history]
            place = {"epoch": epoch, "seen": done, "seconds": self.seconds, "history": history}
            arrays = (self.state, self.best_params, devices.on_all(self.on_test))
            self.folder.keep(self.state.step, arrays, place)

    def resume(self) -> None:
        """Go on from what an earlier run has kept, when there is such a run and it was this one."""
        kept = self.folder and self.folder.open(self.identity, (self.state, self.best_params, self.on_test))
        if kept:
            (self.state, self.best_params, on_test), place = kept
            self.on_test = jax.tree.map(np.array, on_test)
            self.epoch, self.seen = place["epoch"], place["seen"]
            self.started -= place["seconds"]
            self.history = tuple(EpochRecord(**record) for record in place["history"])

    @property
    def identity(self) -> str:
        """What two runs have in common that give the same model."""
        return f"{self.recipe.to_json()} {self.data.fingerprint}"

    @property
    def seconds(self) -> float:
        """Since the start, without the time between an interruption and the return."""
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
            temperature=fitted_temperature(self.best_on_valid, self.data.valid.labels),
            reference=reference(self.encoder, self.train, self.data.valid.texts),
            data_fingerprint=self.data.fingerprint,
        )

    def answers(self, temperature: float) -> RunAnswers:
        """What the predictor answered, its logits divided by the temperature, and the network after each epoch."""
        done = len(self.history)
        return RunAnswers(
            valid=softmax(self.best_on_valid / temperature),
            test=softmax(self.on_test["logits"] / temperature) if self.on_test else None,
            epochs=self.on_test["classes"][:done] if self.on_test else None,
        )

    @cached_property
    def best_on_valid(self) -> np.ndarray:
        """(m, classes) float32, logits of the validation split with the best weights; asked for at the end."""
        return self.valid_logits(self.best_params)


def _nothing_said(epochs: int, documents: int, classes: int) -> dict[str, np.ndarray]:
    # The classes said after each epoch, and the logits of the best; nothing when there are no documents.
    if not documents:
        return {}
    said = np.zeros((epochs, documents), np.min_scalar_type(classes - 1))
    return {"classes": said, "logits": np.zeros((documents, classes), np.float32)}
