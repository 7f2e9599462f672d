"""What training makes small, by name."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

Loss = Callable[[Any, Any], jax.Array]
Gradients = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


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


def cross_entropy_gradients(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same in numpy, of logits (n, classes): (n,) float32, and its gradients by the logits (n, classes) float32."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    exponents = np.exp(shifted)
    sums = exponents.sum(axis=1, keepdims=True)
    row = np.arange(len(labels))
    losses = np.log(sums[:, 0]) - shifted[row, labels]
    gradients = exponents / sums
    gradients[row, labels] -= 1
    return losses, gradients


def squared_hinge_gradients(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same in numpy, of logits (n, classes): (n,) float32, and its gradients by the logits (n, classes) float32."""
    sides = np.full(logits.shape, -1, np.float32)
    sides[np.arange(len(labels)), labels] = 1
    missing = np.maximum(0, 1 - sides * logits)
    return (missing**2).sum(axis=1), -2 * sides * missing


LOSSES: dict[str, Loss] = {"cross_entropy": cross_entropy, "squared_hinge": squared_hinge}
GRADIENTS: dict[str, Gradients] = {"cross_entropy": cross_entropy_gradients, "squared_hinge": squared_hinge_gradients}
"""Of the same names, in numpy: for sums over some thousand documents, compiling takes longer than computing."""
