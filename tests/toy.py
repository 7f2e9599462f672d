"""A tiny language in which a few words decide the class, for tests that need a model within a second."""

import functools

import numpy as np
import pandas as pd

from core.config import FITTING, DataConfig, ModelConfig, Recipe, TrainConfig
from core.schema import Split, TextDataset
from core.training import fit

CLASS_NAMES = ("animals", "food", "weather")
TELLING = (("cat", "horse", "mouse"), ("bread", "soup", "apple"), ("rain", "storm", "sunshine"))
FILLING = ("the", "a", "some", "very", "old", "today", "and", "there", "was", "again", "perhaps", "nearby")


def toy_split(name, documents, seed):
    """Documents of 5 to 14 words; one or two of them tell the class."""
    rng = np.random.default_rng(seed)
    labels = np.arange(documents) % len(CLASS_NAMES)
    texts = tuple(_sentence(rng, TELLING[label]) for label in labels)
    return Split(dataset="toy", name=name, texts=texts, labels=labels.astype(np.int32), class_names=CLASS_NAMES)


def toy_data():
    return TextDataset(
        name="toy", train=toy_split("train", 241, 1), valid=toy_split("valid", 47, 2), test=toy_split("test", 92, 3)
    )


def toy_recipe(family, **changes):
    recipe = Recipe(
        name=f"toy-{family}",
        title="A toy",
        data=DataConfig(dataset="toy", encoder=FITTING[family][0], vocabulary=400, length=60),
        model=ModelConfig(family=family, embed=24, hidden=32, kernel=3, widths=2, layers=1, heads=3, dropout=0.0),
        train=TrainConfig(epochs=12, batch=16, learning_rate=0.01),
    )
    return recipe.with_settings(**changes)


@functools.cache
def toy_run(family):
    """The last that training a toy model tells, made once for all tests of the process."""
    return list(fit(toy_recipe(family), toy_data(), seed=5))[-1]


def toy_model(family):
    """A trained toy model, made once for all tests of the process."""
    return toy_run(family).predictor


def _sentence(rng, telling):
    words = [*rng.choice(FILLING, rng.integers(4, 13)), *rng.choice(telling, rng.integers(1, 3))]
    return " ".join(rng.permutation(words)).capitalize() + "."


def toy_table(path, rows=331):
    """A table of the toy language with a tenth of the labels wrong, so that a model of it errs; one text is long."""
    split = toy_split("all", rows, 6)
    labels = [split.class_names[(label + (row % 10 == 0)) % 3] for row, label in enumerate(split.labels)]
    texts = [text * 90 if row == 30 else text for row, text in enumerate(split.texts)]
    pd.DataFrame({"note": texts, "kind": labels}).to_csv(path, index=False)
    return path
