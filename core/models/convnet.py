"""A convolution over regions of text."""

import jax
import jax.numpy as jnp
from flax import nnx

from core.config import ModelConfig
from core.models.layers import Embedding, dropped, masked_max, masked_mean


class RegionConvNet(nnx.Module):
    """Embed, convolve regions of several widths, take the maximum of each feature, and the mean of the embeddings.

    The convolution is that of Kim (2014, arXiv 1408.5882); the mean beside the maxima adds what many weak words say
    together, which no single region holds. Padding is masked, and the same on both sides of a region.
    """

    def __init__(self, config: ModelConfig, vocabulary: int, classes: int, *, rngs: nnx.Rngs) -> None:
        # Small first rows learn fast, since Adam's steps have a fixed length.
        self.embedding = Embedding(vocabulary, config.embed, 0.01, rngs=rngs)
        widths = range(max(1, config.kernel - config.widths + 1), config.kernel + 1)
        self.regions = nnx.List([MaskedConv(config.embed, config.hidden, width, rngs=rngs) for width in widths])
        self.output = nnx.Linear(len(widths) * config.hidden + config.embed, classes, rngs=rngs)
        self.dropout = nnx.Dropout(config.dropout)
        self.word_dropout = nnx.Dropout(config.word_dropout, broadcast_dims=(2,))

    def __call__(self, ids: jax.Array, values: jax.Array, *, rngs: nnx.Rngs | None = None) -> jax.Array:
        """Logits (batch, classes) of token ids (batch, length) and their mask."""
        x = dropped(self.dropout, dropped(self.word_dropout, self.embedding(ids), rngs), rngs)
        pooled = [masked_max(nnx.relu(region(x, values)), values) for region in self.regions]
        pooled.append(MEAN * masked_mean(x, values))
        return self.output(dropped(self.dropout, jnp.concatenate(pooled, axis=-1), rngs))


MEAN = 10.0  # brings means of hundreds of tokens to the size of the maxima


class MaskedConv(nnx.Module):
    """A 1-D convolution centred on every position, blind to padding.

    The padding is the same on both sides whatever the length, so that an answer does not depend on it.
    """

    def __init__(self, features_in: int, features: int, width: int, *, rngs: nnx.Rngs) -> None:
        sides = ((width - 1) // 2, width // 2)
        self.convolution = nnx.Conv(features_in, features, (width,), padding=(sides,), rngs=rngs)

    def __call__(self, x: jax.Array, mask: jax.Array) -> jax.Array:
        """(batch, length, in) and mask (batch, length) to (batch, length, features)."""
        return self.convolution(x * mask[..., None])
