"""The catalogue of networks: `(ids, values)` of a batch to logits, and nothing else.

Every network takes `ids` (batch, length) int32 and `values` (batch, length) float32 that are 0 on padding, and gives
logits (batch, classes) float32 that do not depend on how much padding there is. It holds no random state and has no
mode: with `rngs` it drops activations, without it does not.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from flax import nnx

from core.config import ModelConfig


class TextConvNet(nnx.Module):
    """Embed, two strided 1-D convolutions with layer norm, max over the words that are there, two dense layers.

    The network of the Keras example "Text classification from scratch" and of the JAX AI stack tutorial after it;
    unlike theirs, padding is masked at every layer.
    """

    def __init__(self, config: ModelConfig, vocabulary: int, classes: int, *, rngs: nnx.Rngs) -> None:
        embed, hidden, kernel, stride = config.embed, config.hidden, config.kernel, config.stride
        # Small first rows learn fast: layer norm undoes their size, but Adam's steps have a fixed length.
        small = nnx.initializers.normal(0.01)
        self.embedding = nnx.Embed(vocabulary + 1, embed, embedding_init=small, rngs=rngs)
        self.convolution1 = MaskedConv(embed, hidden, kernel, stride, rngs=rngs)
        self.norm1 = nnx.LayerNorm(hidden, rngs=rngs)
        self.convolution2 = MaskedConv(hidden, hidden, kernel, stride, rngs=rngs)
        self.norm2 = nnx.LayerNorm(hidden, rngs=rngs)
        self.dense = nnx.Linear(hidden, hidden, rngs=rngs)
        self.output = nnx.Linear(hidden, classes, rngs=rngs)
        self.dropout = nnx.Dropout(config.dropout)
        self.word_dropout = nnx.Dropout(config.word_dropout, broadcast_dims=(2,))

    def __call__(self, ids: jax.Array, values: jax.Array, rngs: nnx.Rngs | None = None) -> jax.Array:
        """Logits (batch, classes) of token ids (batch, length) and their mask."""
        x = dropped(self.dropout, dropped(self.word_dropout, self.embedding(ids), rngs), rngs)
        x, mask = self.convolution1(x, values)
        x, mask = self.convolution2(nnx.relu(self.norm1(x)), mask)
        x = masked_max(nnx.relu(self.norm2(x)), mask)
        return self.output(dropped(self.dropout, nnx.relu(self.dense(x)), rngs))


class MaskedConv(nnx.Module):
    """A strided 1-D convolution centred on every `stride`-th position, blind to padding.

    The padding is the same on both sides whatever the length, so that a document's windows do not shift with the
    length it is padded to ("SAME" would shift them).
    """

    def __init__(self, features_in: int, features: int, kernel: int, stride: int, *, rngs: nnx.Rngs) -> None:
        sides = ((kernel - 1) // 2, kernel // 2)
        self.stride = stride
        self.convolution = nnx.Conv(features_in, features, (kernel,), strides=stride, padding=(sides,), rngs=rngs)

    def __call__(self, x: jax.Array, mask: jax.Array) -> tuple[jax.Array, jax.Array]:
        """(batch, length, in) and mask (batch, length) to (batch, ceil(length / stride), features) and its mask."""
        return self.convolution(x * mask[..., None]), mask[:, :: self.stride]


class BagOfWordsMLP(nnx.Module):
    """Three dense layers over word counts; the first adds up the rows of the words that are there."""

    def __init__(self, config: ModelConfig, vocabulary: int, classes: int, *, rngs: nnx.Rngs) -> None:
        self.bag = EmbeddingBag(vocabulary, config.embed, rngs=rngs)
        self.dense = nnx.Linear(config.embed, config.hidden, rngs=rngs)
        self.output = nnx.Linear(config.hidden, classes, rngs=rngs)
        self.dropout = nnx.Dropout(config.dropout)
        self.word_dropout = nnx.Dropout(config.word_dropout)

    def __call__(self, ids: jax.Array, values: jax.Array, rngs: nnx.Rngs | None = None) -> jax.Array:
        """Logits (batch, classes) of word ids (batch, length) and their counts."""
        x = self.bag(ids, dropped(self.word_dropout, values, rngs))
        x = dropped(self.dropout, nnx.relu(x), rngs)
        return self.output(nnx.relu(self.dense(x)))


class EmbeddingBag(nnx.Module):
    """What a dense layer over a (batch, vocabulary) matrix of counts computes, without that matrix."""

    def __init__(self, vocabulary: int, features: int, *, rngs: nnx.Rngs) -> None:
        # As small as a dense layer over the vocabulary would start, so that a word seen once adds little noise.
        self.embedding = nnx.Embed(vocabulary + 1, features, embedding_init=nnx.initializers.normal(0.005), rngs=rngs)
        self.bias = nnx.Param(jnp.zeros(features))

    def __call__(self, ids: jax.Array, values: jax.Array) -> jax.Array:
        """(batch, features), the sum over the words of count times row, plus the bias."""
        return jnp.einsum("bl,blf->bf", values, self.embedding(ids)) + self.bias


def dropped(dropout: nnx.Dropout, x: jax.Array, rngs: nnx.Rngs | None) -> jax.Array:
    """`x` with some of it dropped and the rest scaled up, in training; `x` itself without `rngs`."""
    return dropout(x, deterministic=rngs is None, rngs=rngs)


def masked_max(x: jax.Array, mask: jax.Array) -> jax.Array:
    """(batch, length, features) to (batch, features), the largest where the mask is 1; 0 for an empty document."""
    largest = jnp.where(mask[..., None] > 0, x, -jnp.inf).max(axis=1)
    return jnp.where(mask.any(axis=1, keepdims=True), largest, 0.0)


MODELS: dict[str, Callable[..., nnx.Module]] = {"convnet": TextConvNet, "bow": BagOfWordsMLP}


def build_model(config: ModelConfig, vocabulary: int, classes: int, *, rngs: nnx.Rngs) -> nnx.Module:
    """A network with fresh weights.

    Args:
        config: its shape.
        vocabulary: number of ids of the encoder, without the pad id.
        classes: number of logits.
        rngs: of the weights; required, since a shared default stream makes two "same" models differ.
    """
    return MODELS[config.family](config, vocabulary, classes, rngs=rngs)
