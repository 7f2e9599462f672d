"""The tutorial "Basic text classification with 1D CNN" of the JAX AI stack, with flax's names of today.

https://docs.jaxstack.ai/en/latest/JAX_basic_text_classification.html: its network, settings and loop. Every epoch
tokenises and pads each review anew in four worker processes, in the same order; every step waits for its loss; the test
split is scored after every epoch. One thing is easier than there: the reviews are read from the archive into memory,
not unpacked into 50,000 files of which each is opened in every epoch.
"""

import jax.numpy as jnp
import optax
from absl import flags
from flax import nnx

from core.encoders.gpt2 import gpt2_encoding
from tests.benchmarks.training.archives import reviews
from tests.benchmarks.training.contenders import tell
from tests.benchmarks.training.tutorial_reviews import test_loader, train_loader

EPOCHS = 10
EMBED = HIDDEN = 128
KERNEL = 7


class TextConvNet(nnx.Module):
    """Embed, two strided convolutions with layer norm, max over time, two dense layers; padding is not masked."""

    def __init__(self, vocabulary, rngs):
        self.embedding = nnx.Embed(vocabulary, EMBED, rngs=rngs)
        self.dropout = nnx.Dropout(0.5, rngs=rngs)
        self.convolution1 = nnx.Conv(EMBED, HIDDEN, kernel_size=KERNEL, strides=KERNEL // 2, rngs=rngs)
        self.norm1 = nnx.LayerNorm(HIDDEN, rngs=rngs)
        self.convolution2 = nnx.Conv(HIDDEN, HIDDEN, kernel_size=KERNEL, strides=KERNEL // 2, rngs=rngs)
        self.norm2 = nnx.LayerNorm(HIDDEN, rngs=rngs)
        self.dense = nnx.Linear(HIDDEN, HIDDEN, rngs=rngs)
        self.output = nnx.Linear(HIDDEN, 2, rngs=rngs)

    def __call__(self, tokens):
        """Logits (batch, 2) of tokens (batch, length)."""
        x = self.dropout(self.embedding(tokens))
        x = nnx.relu(self.norm1(self.convolution1(x)))
        x = nnx.relu(self.norm2(self.convolution2(x)))
        x = nnx.max_pool(x, window_shape=(x.shape[1],)).reshape(-1, HIDDEN)
        return self.output(self.dropout(nnx.relu(self.dense(x))))


def learn(task):
    """The accuracy of the last epoch, and the time to the first that reached the threshold."""
    flags.FLAGS(["tutorial"])  # grain asks for its flags before it starts its workers
    train, test = reviews(task, line_break="<br />")
    encoding = gpt2_encoding()
    model = TextConvNet(encoding.n_vocab, nnx.Rngs(task.seed))
    optimizer = nnx.Optimizer(model, optax.adam(5e-4, 0.9), wrt=nnx.Param)
    metrics = nnx.MultiMetric(loss=nnx.metrics.Average("loss"), accuracy=nnx.metrics.Accuracy())
    loaders = train_loader(train, encoding, task.seed), test_loader(test, encoding)
    return _epochs(task, model, optimizer, metrics, *loaders)


def _epochs(task, model, optimizer, metrics, train, test):
    reached = None
    for epoch in range(1, (task.epochs or EPOCHS) + 1):
        _train_epoch(model, optimizer, train)
        score = task.scored(_accuracy(model, metrics, test))
        reached = reached or score.reached
        tell(f"  epoch {epoch}: {score.accuracy:.4f} on test, {task.seconds:.0f} s")
        if reached and task.until_threshold:
            break
    return score._replace(reached=reached)


def _train_epoch(model, optimizer, batches):
    model.train()
    return [train_step(model, optimizer, batch).item() for batch in batches]


def _accuracy(model, metrics, batches):
    model.eval()
    metrics.reset()
    for batch in batches:
        eval_step(model, batch, metrics)
    return float(metrics.compute()["accuracy"])


@nnx.jit
def train_step(model, optimizer, batch):
    """One step of Adam; the loss before it."""
    gradient = nnx.value_and_grad(_loss_and_logits, has_aux=True)
    (loss, _), gradients = gradient(model, jnp.array(batch["text"]), jnp.array(batch["label"], jnp.int32))
    optimizer.update(model, gradients)
    return loss


@nnx.jit
def eval_step(model, batch, metrics):
    """Count the batch in."""
    labels = jnp.array(batch["label"], jnp.int32)
    loss, logits = _loss_and_logits(model, jnp.array(batch["text"]), labels)
    metrics.update(loss=loss, logits=logits, labels=labels)


def _loss_and_logits(model, tokens, labels):
    logits = model(tokens)
    return optax.softmax_cross_entropy_with_integer_labels(logits, labels).mean(), logits
