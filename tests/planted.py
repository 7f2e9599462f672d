"""Models whose reasons are known, so that what an explanation says of them can be right or wrong."""

from dataclasses import replace

import numpy as np

from core.predictor import Predictor
from core.units import units_of


class Noise(Predictor):
    """Answers that depend on the text as a whole, and on no word of it more than on another."""

    name = "noise"
    class_names = ("no", "yes")

    def predict_proba(self, texts):
        yes = np.array([np.random.default_rng(abs(_number_of(text))).uniform(0.2, 0.8) for text in texts])
        return np.stack([1 - yes, yes], axis=1).astype(np.float32)


class Sum(Predictor):
    """Log-odds that are a sum of a weight for each word, w0, w1, ..., and of one for each pair that stands together.

    Args:
        weights: (words,) of the words.
        pairs: (words,) of each word when the next one is there too.
    """

    name = "sum"
    class_names = ("no", "yes")

    def __init__(self, weights, pairs=None):
        self.weights = np.asarray(weights, float)
        self.pairs = np.zeros_like(self.weights) if pairs is None else np.asarray(pairs, float)

    def predict_proba(self, texts):
        yes = 1 / (1 + np.exp(-np.array([self._odds(text) for text in texts])))
        return np.stack([1 - yes, yes], axis=1).astype(np.float32)

    def _odds(self, text):
        there = np.zeros(len(self.weights), bool)
        there[[int(unit[1:]) for unit in units_of(text)]] = True
        return self.weights @ there + self.pairs[:-1] @ (there[:-1] & there[1:])


class Dashes(Predictor):
    """Answers by two dashes, and hardly by the word "good"."""

    name, class_names = "dashes", ("no", "yes")

    def predict_proba(self, texts):
        yes = np.array([0.9 if "--" in text else 0.2 + 0.01 * ("good" in text) for text in texts])
        return np.stack([1 - yes, yes], axis=1).astype(np.float32)


def planted_text(count):
    """A text of the words w0, w1, ..."""
    return " ".join(f"w{i}" for i in range(count))


def with_random_weights(why, rng):
    """The explanation with weights that have nothing to do with the model, all of them sure."""
    weights = rng.permutation(np.linspace(1.0, 2.0, len(why.words)))
    words = (
        replace(word, weight=weight, low=weight / 2, high=2 * weight)
        for word, weight in zip(why.words, weights, strict=True)
    )
    return replace(why, words=tuple(words))


def _number_of(text):
    return int.from_bytes(text.encode()[-8:], "little") * 31 + sum(map(ord, text)) * 7919 + len(text)
