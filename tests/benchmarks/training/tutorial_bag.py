"""The bag of words of CoderzColumn's tutorial on LIME with flax, with flax's names of today.

https://coderzcolumn.com/tutorials/artificial-intelligence/lime-interpret-predictions-of-flax-jax-text-classification-networks:
counts of the words of train and test as one dense array, three dense layers, Adam at 1e-3 over batches of 256 in the
order of the data, the loss summed over the batch, and no compilation: every operation is sent by itself. The number of
epochs, and a vocabulary without a limit, are assumed.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import linen
from sklearn.feature_extraction.text import CountVectorizer

from tests.benchmarks.training.archives import GROUPS, posts
from tests.benchmarks.training.contenders import tell

EPOCHS = 15
BATCH = 256


class TextClassifier(linen.Module):
    """Dense layers of 128, 64 and as many features as there are classes."""

    @linen.compact
    def __call__(self, counts):
        """Logits (batch, classes) of counts (batch, words)."""
        x = linen.relu(linen.Dense(128)(counts))
        x = linen.relu(linen.Dense(64)(x))
        return linen.Dense(len(GROUPS))(x)


def learn(task):
    """Vectorise, train, score the test split once."""
    train, test = posts(task)
    vectorizer = CountVectorizer().fit([*train.texts, *test.texts])
    train_counts, test_counts = (
        jnp.array(vectorizer.transform(split.texts).toarray(), jnp.float32) for split in (train, test)
    )
    model = TextClassifier()
    weights = model.init(jax.random.PRNGKey(task.seed), train_counts[:5])
    weights = _train(model, weights, train_counts, jnp.array(train.labels), task.epochs or EPOCHS)
    predicted = [np.argmax(model.apply(weights, batch), axis=1) for batch in _batches(test_counts)]
    return task.scored(float((np.concatenate(predicted) == np.array(test.labels)).mean()))


def _train(model, weights, counts, labels, epochs):
    optimizer = optax.adam(1e-3)
    state = optimizer.init(weights)

    def loss(weights, counts, labels):
        targets = jax.nn.one_hot(labels, len(GROUPS))
        return optax.softmax_cross_entropy(model.apply(weights, counts), targets).sum()

    for epoch in range(1, epochs + 1):
        losses = []
        for batch in zip(_batches(counts), _batches(labels), strict=True):
            value, gradients = jax.value_and_grad(loss)(weights, *batch)
            updates, state = optimizer.update(gradients, state)
            weights = optax.apply_updates(weights, updates)
            losses.append(value)
        tell(f"  epoch {epoch}: loss {jnp.array(losses).mean():.3f}")
    return weights


def _batches(rows):
    return [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
