"""What several networks are made of."""

from typing import ClassVar

import jax
import jax.numpy as jnp
from flax import nnx


class Network(nnx.Module):
    """The base of every network of the catalogue, and what one may say of itself.

    Attributes:
        supports_versions: whether it has a method `versions`, which takes many versions of one text by what they have
            in common; explanations are faster with it.
        is_linear: whether a logit is a sum over what is in the document.
    """

    supports_versions: ClassVar[bool] = False
    is_linear: ClassVar[bool] = False


class Table(nnx.Param):
    """A weight whose rows are picked by ids, (ids + 1, features): a step touches only the rows in its batch."""


class LinearTable(Table):
    """A table whose rows are the logits of words and phrases, (ids + 1, classes), over the last pair of arrays."""


class Embedding(nnx.Module):
    """Ids to rows of a table; the last row is the pad's."""

    def __init__(self, vocabulary: int, features: int, scale: float, *, rngs: nnx.Rngs) -> None:
        self.table = Table(scale * jax.random.normal(rngs.params(), (vocabulary + 1, features)))

    def __call__(self, ids: jax.Array) -> jax.Array:
        """(batch, length) int32 to (batch, length, features)."""
        return self.table[...][ids]


def dropped(dropout: nnx.Dropout, x: jax.Array, rngs: nnx.Rngs | None) -> jax.Array:
    """`x` with some of it dropped and the rest scaled up, in training; `x` itself without `rngs`."""
    return dropout(x, deterministic=rngs is None, rngs=rngs)


def masked_max(x: jax.Array, mask: jax.Array) -> jax.Array:
    """(batch, length, features) to (batch, features), the largest where the mask is 1; 0 for an empty document."""
    largest = jnp.where(mask[..., None] > 0, x, -jnp.inf).max(axis=1)
    return jnp.where(mask.any(axis=1, keepdims=True), largest, 0.0)


def masked_mean(x: jax.Array, mask: jax.Array) -> jax.Array:
    """(batch, length, features) to (batch, features), the mean where the mask is 1; 0 for an empty document."""
    return (x * mask[..., None]).sum(axis=1) / jnp.maximum(mask.sum(axis=1, keepdims=True), 1.0)
