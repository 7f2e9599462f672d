"""A training run: functions from step to epoch to run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from core import devices
from core.batching import Layout, count_batches, few_lengths, train_batches
from core.calibration import calibrated, fitted_calibration
from core.config import Recipe, TrainConfig
from core.encoders import Encoder, encoded_splits
from core.errors import TrainingFailed
from core.jax_predictor import JaxPredictor, predict_logits, softmax
from core.losses import GRADIENTS, LOSSES
from core.models import MODELS, LinearTable, NgramLinear, build_model
from core.optimizers import log_count_ratios, optimizer
from core.schema import Decisions, Encoded, EpochRecord, RunAnswers, TextDataset, best_record
from core.training.best import BestEpoch, best_after, copied
from core.training.linear import LinearDescent
from core.training.memory import check_memory
from core.training.state import RunState, Setup
from core.training.step import TrainState, on_devices, random_key, train_step

MOST_WEIGHT = 20.0  # with more, the few batches with a document of a tiny class would undo all others
REPORTS_PER_EPOCH = 20  # times that the loss is fetched from the device: each is a wait


def prepare(recipe: Recipe, data: TextDataset) -> tuple[Setup, Any]:
    """Encode train and valid, and make the network and its first weights. Raises what `check_memory` raises."""
    config = recipe.train
    encoder, train, valid = encoded_splits(recipe.data, data)
    rows = devices.rows_for(config.batch)
    layout = Layout(config.batch, rows, encoder.sizes, devices.share_of(rows), few_lengths(train))
    check_memory(recipe, layout, len(data.class_names), train)
    model = build_model(recipe.model, encoder.sizes, len(data.class_names), rngs=nnx.Rngs(config.seed))
    graph, params = nnx.split(model)
    factors = _phrase_factors(config, data, encoder, train) if _has_phrase_weights(params) else None
    setup = Setup(
        recipe=recipe,
        data=data,
        encoder=encoder,
        train=train,
        valid=valid,
        layout=layout,
        class_weights=class_weights(config.class_weight, data.train.labels, len(data.class_names)),
        graph=graph,
        optimizer=optimizer(config, count_steps(recipe, data), factors),
        loss=LOSSES[config.loss],
        key=devices.on_all(random_key(config.seed)),
    )
    is_linear = issubclass(MODELS[recipe.model.family], NgramLinear)
    return replace(setup, descent=_descent(setup, factors)) if is_linear else setup, params


def _descent(setup: Setup, factors: np.ndarray | float | None) -> LinearDescent:
    labels = setup.data.train.labels
    return LinearDescent(
        config=setup.recipe.train,
        documents=setup.train,
        labels=labels,
        classes=len(setup.data.class_names),
        weights=setup.class_weights[labels],
        factors=factors if isinstance(factors, np.ndarray) else None,
        word_dropout=setup.recipe.model.word_dropout,
        steps=count_steps(setup.recipe, setup.data),
    )


def count_steps(recipe: Recipe, data: TextDataset) -> int:
    """Batches of all epochs, if none is saved by stopping early."""
    return count_batches(len(data.train), recipe.train.batch) * recipe.train.epochs


def first_state(setup: Setup, params: Any, *, started: float) -> RunState:
    """The state before the first step."""
    if setup.descent:
        train_state = setup.descent.first_state(params)
        setup.own_test, setup.reference  # noqa: B018  they are made beside these steps, which leave a core free
    else:
        train_state = TrainState(params, setup.optimizer.init(params), jnp.int32(0), jnp.float32(0), jnp.int32(0))
    test_classes, test_logits = _nothing_said(setup)
    best = BestEpoch(params, test_logits)
    return RunState(train_state=train_state, best=best, test_classes=test_classes, started=started)


def on_all_devices(state: RunState) -> RunState:
    """The same state where steps can change it: a step consumes its weights, so the best ones are a copy."""
    train_state, params = devices.on_all((state.train_state, copied(state.best.params)))
    return replace(state, train_state=train_state, best=state.best._replace(params=params))


def train_epoch(setup: Setup, state: RunState) -> Iterator[RunState]:
    """The state after each further step of its epoch, which consumes the one before; nothing waits for the device."""
    place: dict[str, int] = {"epoch": state.epoch, "start": state.batches_seen}
    steps = setup.descent.epoch(state.train_state, **place) if setup.descent else _compiled_steps(setup, state, **place)
    for train_state in steps:
        state = replace(state, train_state=train_state, batches_seen=state.batches_seen + 1)
        yield state


def _compiled_steps(setup: Setup, state: RunState, *, epoch: int, start: int) -> Iterator[TrainState]:
    train_state, labels, seed = state.train_state, setup.data.train.labels, setup.recipe.train.seed
    for batch in train_batches(setup.train, labels, setup.layout, seed=seed, epoch=epoch, start=start):
        batch = batch._replace(weights=batch.weights * setup.class_weights[batch.labels])
        train_state, _ = train_step(setup.graph, setup.optimizer, setup.loss, train_state, on_devices(batch), setup.key)
        yield train_state


def is_report_due(setup: Setup, state: RunState) -> bool:
    """Whether it is time to look at the loss."""
    return state.batches_seen % max(1, setup.steps_per_epoch // REPORTS_PER_EPOCH) == 0


def mean_loss(setup: Setup, state: RunState) -> float:
    """Mean loss of the epoch so far. Raises TrainingFailed when that of a step was not finite."""
    loss_sum, bad_step = jax.device_get((state.train_state.loss_sum, state.train_state.bad_step))
    if bad_step:
        rate = setup.recipe.train.learning_rate
        raise TrainingFailed(
            f"The loss was no longer a finite number at step {bad_step}; try a learning rate below {rate:g}."
        )
    return float(loss_sum) / state.batches_seen


def finish_epoch(setup: Setup, state: RunState) -> RunState:
    """Validate, ask about the test split, and keep the epoch when it is the best."""
    train_loss = mean_loss(setup, state)
    params = state.train_state.params
    valid_loss, valid = validate(setup, params)
    record = EpochRecord(
        epoch=state.epoch,
        step=state.epoch * setup.steps_per_epoch,
        train_loss=train_loss,
        valid_loss=valid_loss,
        valid_accuracy=valid.accuracy,
        seconds=state.seconds,
        valid_macro_f1=None if setup.recipe.train.class_weight == "none" else valid.macro_f1,
    )
    history = (*state.history, record)
    test_logits = _test_logits(setup, params)
    return replace(
        state,
        train_state=state.train_state._replace(loss_sum=devices.on_all(jnp.float32(0))),
        best=best_after(history, state.best, params, test_logits),
        test_classes=_with_epoch(state, test_logits),
        history=history,
        epoch=state.epoch + 1,
        batches_seen=0,
    )


def validate(setup: Setup, params: Any) -> tuple[float, Decisions]:
    """Mean loss, and the most probable classes, of the validation split."""
    logits = valid_logits(setup, params)
    labels = setup.data.valid.labels
    losses, _ = GRADIENTS[setup.recipe.train.loss](logits, labels)
    predictions = logits.argmax(axis=1)
    return float(losses.mean()), Decisions(class_names=setup.data.class_names, labels=labels, predictions=predictions)


def valid_logits(setup: Setup, params: Any) -> np.ndarray:
    """(n, classes) float32 of the validation split, each process working on its share."""
    rows = np.arange(len(setup.valid))
    return devices.divided(lambda rows: _own_logits(setup, params, setup.valid.take(rows)), rows)


def is_patience_ended(setup: Setup, state: RunState) -> bool:
    """Whether validation has not become better for so long that there is no use in going on."""
    best = best_record(state.history)
    patience = setup.recipe.train.patience
    return best is not None and bool(patience) and len(state.history) - best.epoch >= patience


def finish_run(setup: Setup, state: RunState) -> tuple[JaxPredictor, RunAnswers]:
    """The best epoch's network, read-only, and what it answered, calibrated on validation."""
    logits = valid_logits(setup, state.best.params)
    calibration = fitted_calibration(logits, setup.data.valid.labels)
    predictor = JaxPredictor(
        name=setup.recipe.name,
        class_names=setup.data.class_names,
        recipe=setup.recipe,
        encoder=setup.encoder,
        graph=setup.graph,
        state=devices.local(state.best.params),
        history=state.history,
        **calibration._asdict(),
        reference=setup.reference.result(),
        data_fingerprint=setup.data.fingerprint,
    )
    test_classes, test_logits = state.test_classes, state.best.test_logits
    answers = RunAnswers(
        valid=softmax(calibrated(logits, calibration)),
        test=None if test_logits is None else softmax(calibrated(test_logits, calibration)),
        epochs=None if test_classes is None else test_classes[: len(state.history)],
    )
    return predictor, answers


def _has_phrase_weights(params: Any) -> bool:
    leaves = jax.tree.leaves(params, is_leaf=lambda leaf: isinstance(leaf, nnx.Variable))
    return any(isinstance(leaf, LinearTable) for leaf in leaves)


def _phrase_factors(config: TrainConfig, data: TextDataset, encoder: Encoder, train: Encoded) -> np.ndarray | float:
    # What steps of phrases' weights are multiplied by.
    if config.scaling == "none":
        return 1.0
    return log_count_ratios(train.parts[-1], data.train.labels, encoder.sizes[-1], len(data.class_names)) ** 2


def class_weights(kind: str, labels: np.ndarray, classes: int) -> np.ndarray:
    """(classes,) float32, what a document of each class counts for, 1 in the mean over the documents.

    Balanced, every class counts alike, but no document more than `MOST_WEIGHT` times one of the largest class.
    """
    if kind == "none":
        return np.ones(classes, np.float32)
    counts = np.bincount(labels, minlength=classes)
    weights = np.minimum(counts.max() / counts, MOST_WEIGHT)
    return (weights / weights[labels].mean()).astype(np.float32)


def _own_logits(setup: Setup, params: Any, documents: Encoded) -> np.ndarray:
    # (n, classes) float32, by this process alone.
    shape: dict[str, Any] = {"sizes": setup.encoder.sizes, "classes": len(setup.data.class_names)}
    return predict_logits(setup.graph, devices.local(params), documents, **shape)


def _nothing_said(setup: Setup) -> tuple[np.ndarray | None, np.ndarray | None]:
    # The classes after each epoch and the logits of the best one, before there is any.
    documents, classes = len(setup.data.test), len(setup.data.class_names)
    if not documents:
        return None, None
    test_classes = np.zeros((setup.recipe.train.epochs, documents), np.min_scalar_type(classes - 1))
    return test_classes, np.zeros((documents, classes), np.float32)


def _test_logits(setup: Setup, params: Any) -> np.ndarray | None:
    # (n, classes) float32 of the test split, each process working on its share.
    if not len(setup.data.test):
        return None
    return devices.all_gather(_own_logits(setup, params, setup.own_test.result()), len(setup.data.test))


def _with_epoch(state: RunState, test_logits: np.ndarray | None) -> np.ndarray | None:
    # The classes after each epoch, with those after the state's.
    if state.test_classes is None or test_logits is None:
        return None
    test_classes = state.test_classes.copy()
    test_classes[state.epoch - 1] = test_logits.argmax(axis=1)
    return test_classes
