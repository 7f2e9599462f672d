"""The baseline that a network must beat: TF-IDF of words and pairs of words, and logistic regression by scikit-learn.

It takes seconds, and becomes a linear network like those of `ngram`: evaluated, explained exactly and saved alike.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.auto import as_network, encode
from core.config import Recipe
from core.encoders.words import NORM
from core.linear_solver import solve_logistic
from core.progress import Progress
from core.schema import TextDataset
from core.training.fitting import check_classes
from core.training.run import class_weights


def fit_baseline(recipe: Recipe, data: TextDataset, *, seed: int | None = None) -> Iterator[Progress]:
    """Solve for the baseline on `train`; its temperature follows from `valid`, and the test split decides nothing.

    Args:
        recipe: what `family_recipe("baseline", ...)` gives.
        data: what to learn from.
        seed: instead of the recipe's; noted, as nothing is drawn.

    Yields:
        Progress; the last one carries the predictor and what it answered.

    Raises TrainingFailed when a class has nothing to learn from or to choose by, and BadInput for texts without words.
    """
    check_classes(data)
    started = time.perf_counter()
    recipe = recipe if seed is None else recipe.with_settings(seed=seed)
    progress = Progress(phase="encoding", epoch=1, epochs=1, step=0, steps=1, seconds=0.0)
    yield progress
    bags = encode(recipe.data, data)
    progress = replace(progress, phase="training", seconds=time.perf_counter() - started)
    yield progress
    labels, config = data.train.labels, recipe.train
    counts_for = class_weights(config.class_weight, labels, bags.classes)
    weights = solve_logistic(
        bags.rows,
        labels,
        bags.classes,
        cost=config.cost,
        document_weights=None if config.class_weight == "none" else counts_for[labels].astype(np.float64),
    )
    weights.table[...] /= NORM  # of the rows of the network, whose length is that and not 1
    yield as_network(recipe, bags, weights, replace(progress, phase="done", step=1), started)
