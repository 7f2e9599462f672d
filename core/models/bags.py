"""Networks over bags of words and phrases."""

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from core.config import ModelConfig
from core.models.layers import Embedding, LinearTable, Network, dropped
from core.schema import Encoded


class BagOfWordsMLP(Network):
    """Three dense layers over word counts; the first adds up the rows of the words that are there."""

    supports_versions = True

    def __init__(self, config: ModelConfig, vocabulary: int, classes: int, *, rngs: nnx.Rngs) -> None:
        self.bag = EmbeddingBag(vocabulary, config.embed, rngs=rngs)
        self.dense = nnx.Linear(config.embed, config.hidden, rngs=rngs)
        self.output = nnx.Linear(config.hidden, classes, rngs=rngs)
        self.dropout = nnx.Dropout(config.dropout)
        self.word_dropout = nnx.Dropout(config.word_dropout)

    def __call__(self, ids: jax.Array, values: jax.Array, *, rngs: nnx.Rngs | None = None) -> jax.Array:
        """Logits (batch, classes) of word ids (batch, length) and their counts."""
        return self.output(self.features(ids, values, rngs=rngs))

    def features(self, ids: jax.Array, values: jax.Array, *, rngs: nnx.Rngs | None = None) -> jax.Array:
        """(batch, hidden), what the last layer is given."""
        x = self.bag(ids, dropped(self.word_dropout, values, rngs))
        x = dropped(self.dropout, nnx.relu(x), rngs)
        return nnx.relu(self.dense(x))

    def versions(self, ids: jax.Array, values: jax.Array) -> jax.Array:
        """Logits (batch, classes) of bags of the same few words: their ids (m,) and counts (batch, m)."""
        return self.output(nnx.relu(self.dense(nnx.relu(self.bag.versions(ids, values)))))


class EmbeddingBag(nnx.Module):
    """What a dense layer over a (batch, vocabulary) matrix of counts computes, without that matrix."""

    def __init__(self, vocabulary: int, features: int, *, rngs: nnx.Rngs) -> None:
        # As small as a dense layer over the vocabulary would start, so that a word seen once adds little noise.
        self.embedding = Embedding(vocabulary, features, 0.005, rngs=rngs)
        self.bias = nnx.Param(jnp.zeros(features))

    def __call__(self, ids: jax.Array, values: jax.Array) -> jax.Array:
        """(batch, features), the sum over the words of count times row, plus the bias."""
        return jnp.einsum("bl,blf->bf", values, self.embedding(ids)) + self.bias

    def versions(self, ids: jax.Array, values: jax.Array) -> jax.Array:
        """(batch, features) of bags of the same words: a matrix product of their counts (batch, m) and m rows."""
        return values @ self.embedding(ids) + self.bias


class NgramLinear(Network):
    """Logistic regression over words and phrases: a logit is the sum of the weights of what is there.

    It starts from zero and is trained by steps scaled with Naive-Bayes log-count ratios (`core.optimizers`), which
    gives the NB-SVM of Wang and Manning (2012, aclanthology.org/P12-2018) with the loss of logistic regression.
    """

    supports_versions = True
    is_linear = True

    def __init__(self, config: ModelConfig, vocabulary: int, classes: int, *, rngs: nnx.Rngs) -> None:
        self.table = LinearTable(jnp.zeros((vocabulary + 1, classes)))
        self.bias = nnx.Param(jnp.zeros(classes))
        self.word_dropout = nnx.Dropout(config.word_dropout)

    def __call__(self, ids: jax.Array, values: jax.Array, *, rngs: nnx.Rngs | None = None) -> jax.Array:
        """Logits (batch, classes) of the ids (batch, length) of words and phrases and their values."""
        return self.features(ids, values, rngs=rngs) + self.bias

    def features(self, ids: jax.Array, values: jax.Array, *, rngs: nnx.Rngs | None = None) -> jax.Array:
        """(batch, classes), what all phrases together add to each logit: there is no layer before the last."""
        values = dropped(self.word_dropout, values, rngs)
        return jnp.einsum("bl,blc->bc", values, self.table[...][ids])

    def many_logits(self, documents: Encoded) -> np.ndarray:
        """(n, classes) float32 of encoded documents, the sums that `__call__` gives, without JAX."""
        table = np.asarray(self.table[...])[:-1]
        return (documents.matrix(len(table)) @ table + np.asarray(self.bias[...])).astype(np.float32)

    def versions(self, ids: jax.Array, values: jax.Array) -> jax.Array:
        """Logits (batch, classes) of bags of the same few phrases: their ids (m,) and values (batch, m)."""
        return values @ self.table[...][ids] + self.bias
