"""The data loader of the convnet tutorial, apart from its network: grain's worker processes import this module."""

import grain
import numpy as np
from grain.samplers import IndexSampler
from grain.transforms import Batch, Map

LENGTH = 500
BATCH = 128


class Reviews:
    """A split, review by review."""

    def __init__(self, split):
        self.split = split

    def __len__(self):
        return len(self.split.texts)

    def __getitem__(self, index):
        return {"text": self.split.texts[index], "label": self.split.labels[index]}


class Tokens(Map):
    """GPT-2's tokens, cut at `LENGTH` or filled up with zeros."""

    def __init__(self, encoding):
        self.encoding = encoding

    def map(self, element):
        tokens = self.encoding.encode(element["text"])[:LENGTH]
        return {"text": np.array(tokens + [0] * (LENGTH - len(tokens))), "label": element["label"]}


def train_loader(split, encoding, seed):
    """Batches in an order that is the same every epoch; the last documents are dropped."""
    sampler = IndexSampler(len(split.texts), shuffle=True, seed=12 + seed, num_epochs=1)
    return _loader(split, sampler, [Tokens(encoding), Batch(BATCH, drop_remainder=True)])


def test_loader(split, encoding):
    """Batches of twice the size, in order."""
    sampler = IndexSampler(len(split.texts), shuffle=False, num_epochs=1)
    return _loader(split, sampler, [Tokens(encoding), Batch(2 * BATCH)])


def _loader(split, sampler, operations):
    return grain.DataLoader(
        data_source=Reviews(split), sampler=sampler, operations=operations, worker_count=4, worker_buffer_size=2
    )
