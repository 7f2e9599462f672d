"""What training makes small, by name."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import optax

Loss = Callable[[Any, Any], jax.Array]


def cross_entropy(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """(...,) float32 nats of logits (..., classes) and labels (...,) int32."""
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels)


def squared_hinge(logits: jax.Array, labels: jax.Array) -> jax.Array:
    """(...,) float32 of logits (..., classes): of every class, how far its logit is from its side of the margin.

    The loss of a support vector machine against all other classes: no weight moves for a document that is right by a
    margin of 1. Its logits are no log-odds until they are calibrated.
    """
    sides = 2 * jax.nn.one_hot(labels, logits.shape[-1]) - 1
    return (jnp.maximum(0.0, 1.0 - sides * logits) ** 2).sum(axis=-1)


@partial(jax.jit, static_argnums=0)
def mean_of(loss: Loss, logits: Any, labels: Any) -> jax.Array:
    """() float32, the mean of a loss over documents: compiled as one, where each of its parts would be by itself."""
    return loss(logits, labels).mean()


LOSSES: dict[str, Loss] = {"cross_entropy": cross_entropy, "squared_hinge": squared_hinge}
