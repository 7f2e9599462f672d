"""A small pre-norm transformer encoder."""

import jax
import jax.numpy as jnp
from flax import nnx

from core.config import ModelConfig
from core.models.layers import Embedding, Network, dropped, masked_max, masked_mean

INITIAL_SCALE = (
    0.02  # first size of embeddings and positions: Adam's steps have a fixed length, and small rows learn fast
)


class TextTransformer(Network):
    """Embed, blocks of self-attention and a dense layer (Xiong et al. 2020: norm first), pool by mean and maximum."""

    def __init__(self, config: ModelConfig, vocabulary: int, classes: int, *, rngs: nnx.Rngs) -> None:
        embed = config.embed
        self.embedding = Embedding(vocabulary, embed, INITIAL_SCALE, rngs=rngs)
        self.blocks = nnx.List([Block(config, rngs=rngs) for _ in range(config.layers)])
        self.norm = nnx.LayerNorm(embed, rngs=rngs)
        self.output = nnx.Linear(2 * embed, classes, rngs=rngs)
        self.dropout = nnx.Dropout(config.dropout)
        self.word_dropout = nnx.Dropout(config.word_dropout, broadcast_dims=(2,))

    def __call__(self, ids: jax.Array, values: jax.Array, *, rngs: nnx.Rngs | None = None) -> jax.Array:
        """Logits (batch, classes) of token ids (batch, length) and their mask."""
        return self.output(dropped(self.dropout, self.features(ids, values, rngs=rngs), rngs))

    def features(self, ids: jax.Array, values: jax.Array, *, rngs: nnx.Rngs | None = None) -> jax.Array:
        """(batch, 2 * embed), the mean and the maximum over the tokens."""
        x = dropped(self.word_dropout, self.embedding(ids), rngs)
        x = dropped(self.dropout, x + INITIAL_SCALE * positions(*x.shape[1:]), rngs)
        for block in self.blocks:
            x = block(x, values, rngs)
        x = self.norm(x)
        return jnp.concatenate([masked_mean(x, values), masked_max(x, values)], axis=-1)


class Block(nnx.Module):
    """What a token learns from the others, then what it makes of it; each added to what it was."""

    def __init__(self, config: ModelConfig, *, rngs: nnx.Rngs) -> None:
        embed, hidden = config.embed, config.hidden
        self.norm1 = nnx.LayerNorm(embed, rngs=rngs)
        self.attention = nnx.MultiHeadAttention(config.heads, embed, decode=False, rngs=rngs)
        self.norm2 = nnx.LayerNorm(embed, rngs=rngs)
        self.dense1 = nnx.Linear(embed, hidden, rngs=rngs)
        self.dense2 = nnx.Linear(hidden, embed, rngs=rngs)
        self.dropout = nnx.Dropout(config.dropout)

    def __call__(self, x: jax.Array, mask: jax.Array, rngs: nnx.Rngs | None) -> jax.Array:
        """(batch, length, embed) to the same shape; nothing is taken from where the mask (batch, length) is 0."""
        heard = self.attention(self.norm1(x), mask=(mask > 0)[:, None, None, :])
        x = x + dropped(self.dropout, heard, rngs)
        made = self.dense2(nnx.gelu(self.dense1(self.norm2(x))))
        return x + dropped(self.dropout, made, rngs)


def positions(length: int, embed: int) -> jax.Array:
    """(length, embed) float32 sines and cosines of each position (Vaswani et al. 2017, arXiv 1706.03762, 3.5)."""
    rates = 10_000.0 ** (-jnp.arange(0, embed, 2) / embed)
    angles = jnp.arange(length)[:, None] * rates
    return jnp.stack([jnp.sin(angles), jnp.cos(angles)], axis=-1).reshape(length, -1)[:, :embed]
