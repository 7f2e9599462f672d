"""A linear bag of phrases beside a convolution."""

from dataclasses import replace

import jax
import jax.numpy as jnp
from flax import nnx

from core.config import ModelConfig
from core.models.bags import NgramLinear
from core.models.convnet import RegionConvNet
from core.models.layers import Network

DEEP = 0.3  # of the logits; from 0.1 to 0.7, the best on the validation split of film reviews


class WideAndDeep(Network):
    """The n-gram model and the convolution side by side (Cheng et al. 2016, arXiv 1606.07792), and a mean of both.

    In training each learns from its own loss: added up before the loss, the wide part, which is right about every
    training document soon, would leave the deep one nothing to learn.
    """

    supports_versions = True

    def __init__(self, config: ModelConfig, tokens: int, phrases: int, classes: int, *, rngs: nnx.Rngs) -> None:
        self.deep = RegionConvNet(config, tokens, classes, rngs=rngs)
        # Without word dropout, which helps the tokens and not the phrases.
        self.wide = NgramLinear(replace(config, word_dropout=0.0), phrases, classes, rngs=rngs)

    def __call__(
        self,
        ids: jax.Array,
        values: jax.Array,
        bag_ids: jax.Array,
        bag_values: jax.Array,
        *,
        rngs: nnx.Rngs | None = None,
    ) -> jax.Array:
        """Logits (batch, classes) of tokens and bag; with `rngs`, (batch, 2, classes), one for each part."""
        deep, wide = self.deep(ids, values, rngs=rngs), self.wide(bag_ids, bag_values, rngs=rngs)
        return DEEP * deep + (1 - DEEP) * wide if rngs is None else jnp.stack([deep, wide], axis=1)

    def versions(
        self, ids: jax.Array, places: jax.Array, lengths: jax.Array, bag_ids: jax.Array, bag_values: jax.Array
    ) -> jax.Array:
        """Logits (batch, classes) of versions of one text, as both parts take them."""
        deep, wide = self.deep.versions(ids, places, lengths), self.wide.versions(bag_ids, bag_values)
        return DEEP * deep + (1 - DEEP) * wide
