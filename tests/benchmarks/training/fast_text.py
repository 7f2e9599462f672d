"""fastText (Joulin et al., "Bag of Tricks for Efficient Text Classification", EACL 2017)."""

import os
import re
import tempfile
from pathlib import Path

import fasttext
import numpy as np

from tests.benchmarks.training.archives import reviews


def bigrams(task):
    """The paper's settings for pairs of words: 10 features, 10 million bins, 5 epochs, the highest of its rates."""
    train, test = reviews(task)
    place = Path(tempfile.mkdtemp())
    order = np.random.default_rng(task.seed).permutation(len(train.texts))  # it reads the lines as they come
    model = fasttext.train_supervised(
        _written(place / "train.txt", train, order),
        dim=10,
        wordNgrams=2,
        bucket=10_000_000,
        minCount=1,
        epoch=task.epochs or 5,
        lr=0.5,
        thread=os.cpu_count(),
        seed=task.seed,
        verbose=0,
    )
    _, accuracy, _ = model.test(_written(place / "test.txt", test, range(len(test.texts))))
    return task.scored(accuracy)


def _written(path, split, order):
    """The name of the file, with a line for each text: its label, then its words and punctuation in lower case."""
    lines = (f"__label__{split.labels[i]} {' '.join(_words(split.texts[i]))}\n" for i in order)
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def _words(text):
    return re.findall(r"\w+|[^\w\s]", text.lower())
