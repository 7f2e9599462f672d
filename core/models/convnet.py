"""A convolution over regions of text."""

import jax
import jax.numpy as jnp
from flax import nnx

from core.config import ModelConfig
from core.models.layers import Embedding, Network, dropped, masked_max, masked_mean


class RegionConvNet(Network):
    """Embed, convolve regions of several widths, take the maximum of each feature, and the mean of the embeddings.

    The convolution is that of Kim (2014, arXiv 1408.5882); the mean beside the maxima adds what many weak words say
    together, which no single region holds. Padding is masked, and the same on both sides of a region.
    """

    supports_versions = True

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
        return self.output(dropped(self.dropout, self.features(ids, values, rngs=rngs), rngs))

    def features(self, ids: jax.Array, values: jax.Array, *, rngs: nnx.Rngs | None = None) -> jax.Array:
        """(batch, features), the maximum of each feature of a region, then the mean of the embeddings."""
        x = dropped(self.dropout, dropped(self.word_dropout, self.embedding(ids), rngs), rngs)
        pooled = [masked_max(nnx.relu(region(x, values)), values) for region in self.regions]
        pooled.append(MEAN * masked_mean(x, values))
        return jnp.concatenate(pooled, axis=-1)

    def versions(self, ids: jax.Array, places: jax.Array, lengths: jax.Array) -> jax.Array:
        """Logits (batch, classes) of versions of one text, which share their few different tokens.

        What a token adds to a region depends on its place there and on nothing else, so it is computed once. A region
        is then a sum of rows of a small table: on a CPU ten times as fast as the convolution, with the same result.

        Args:
            ids: (m,) int32, the different tokens.
            places: (batch, length) int32, positions in `ids`, and m where a version has ended.
            lengths: (batch,) int32, tokens of each.
        """
        rows = jnp.pad(self.embedding(ids), ((0, 1), (0, 0)))  # the last, of no token, adds nothing
        tables = [region.table(rows) for region in self.regions]
        widest = max(len(table) for table in tables)
        before = (widest - 1) // 2
        padded = jnp.pad(places.T, ((before, widest // 2), (0, 0)), constant_values=len(ids))

        def step(place: jax.Array, carry: tuple[list[jax.Array], jax.Array]) -> tuple[list[jax.Array], jax.Array]:
            maxima, total = carry
            around = [jax.lax.dynamic_index_in_dim(padded, place + i, keepdims=False) for i in range(widest)]
            inside = (place < lengths)[:, None]
            for i, table in enumerate(tables):
                first = before - (len(table) - 1) // 2
                region = sum(part[here] for part, here in zip(table, around[first:], strict=False))
                maxima[i] = jnp.where(inside, jnp.maximum(maxima[i], region), maxima[i])
            return maxima, total + rows[around[before]]

        nothing = (
            [jnp.full((len(places), table.shape[-1]), -jnp.inf) for table in tables],
            jnp.zeros_like(rows[places[:, 0]]),
        )
        maxima, total = jax.lax.fori_loop(0, lengths.max(), step, nothing)
        pooled = [nnx.relu(largest + region.bias) for largest, region in zip(maxima, self.regions, strict=True)]
        pooled.append(MEAN * total / jnp.maximum(lengths[:, None], 1))
        return self.output(jnp.concatenate(pooled, axis=-1))


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

    def table(self, rows: jax.Array) -> jax.Array:
        """(width, m, features): what each of m tokens (m, in) adds to a region by its place in it; no bias."""
        return jnp.einsum("mi,wif->wmf", rows, self.convolution.kernel[...])

    @property
    def bias(self) -> jax.Array:
        """(features,), of every region."""
        bias = self.convolution.bias
        assert bias is not None  # unless one asks for none
        return bias[...]
