"""One step of gradient descent, pure."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from core import devices
from core.losses import Loss
from core.optimizers import gather_rows, scatter_rows
from core.schema import Batch

GENERATOR = "rbg"  # XLA's own: on a CPU, JAX's default one costs more than the layers it drops from


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
    step: jax.Array | np.ndarray
    loss_sum: jax.Array | np.ndarray
    bad_step: jax.Array | np.ndarray


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

    params, optimizer = gather_rows((state.params, state.optimizer), batch.rows)
    loss, gradients = jax.value_and_grad(mean_loss)(params)
    updates, optimizer = tx.update(gradients, optimizer, params)
    changed = optax.apply_updates(params, updates), optimizer
    params, optimizer = scatter_rows((state.params, state.optimizer), changed, batch.rows)
    first_bad = (state.bad_step == 0) & ~jnp.isfinite(loss)
    bad_step = jnp.where(first_bad, step, state.bad_step)
    return TrainState(params, optimizer, step, state.loss_sum + loss, bad_step), loss


def random_key(seed: int) -> jax.Array:
    """(4,) uint32, the key of a run; as plain numbers, so that it can be on many machines."""
    return jax.random.key_data(jax.random.key(seed, impl=GENERATOR))


def on_devices(batch: Batch) -> Batch:
    """The batch's rows spread over the devices; the tables' rows are the same on all."""
    arrays, labels, weights = devices.spread_rows((batch.arrays, batch.labels, batch.weights))
    return Batch(arrays, labels, weights, devices.on_all(batch.rows))
