"""The best of a few linear models that suit the data, chosen without a look at the test split.

Among what is tried is scikit-learn's linear support vector machine over the TF-IDF of words and pairs of words, so that
nothing that compares worse than this baseline is ever given out. All are solved for (`core.linear_solver`), with a few
strengths of regularisation where that takes seconds, and only the best becomes a network.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import jax.numpy as jnp
import numpy as np
from flax import nnx

from core.batching import Layout
from core.config import DataConfig, Recipe, settings
from core.encoders import Encoder, learn_and_encode
from core.encoders.words import NORM
from core.evaluation.intervals import wilson
from core.linear_solver import SKLEARNS, TOLERANCE, Weights, solve
from core.losses import GRADIENTS, LOSSES
from core.models import build_model
from core.optimizers import log_count_ratios
from core.progress import Progress
from core.recipes import family_recipe
from core.schema import Decisions, Encoded, EpochRecord, TextDataset, Trial
from core.training.best import BestEpoch
from core.training.fitting import check_classes
from core.training.run import class_weights, finish_run
from core.training.state import RunState, Setup
from core.training.step import TrainState

BASELINE = "TF-IDF and scikit-learn's linear SVM"
BASELINE_SETTINGS: dict[str, Any] = {"ngrams": 2, "min_count": 1, "epochs": 1, "loss": "squared_hinge"}
BASELINE_SETTINGS |= {"scaling": "none", "patience": 0, "cost": 1.0}
FACTORS = (1.0, 1 / 3, 3.0)  # that the cost of errors is tried with
SEARCHED = 5_000_000  # entries times classes, up to which the tries of one recipe take a few seconds
FEW_VALID = 500  # documents, below which an interval is so wide that cross-validation tells more
FOLDS = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Bags:
    """The texts of a data set as rows of words, phrases and runs of characters; the test split is not among them.

    Attributes:
        data: the texts and their labels.
        encoder: learned from the train split.
        train, valid: the encoded splits.
    """

    data: TextDataset
    encoder: Encoder
    train: Encoded
    valid: Encoded

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.data.class_names)

    @cached_property
    def rows(self) -> Any:
        """(n, columns) float64 of the train split, rows of length 1, which scikit-learn's strengths are meant for."""
        return self.train.matrix(self.encoder.size).astype(np.float64) / NORM

    @cached_property
    def ratios(self) -> np.ndarray:
        """(columns, classes) float32, Naive-Bayes log-count ratios in the train split."""
        return log_count_ratios(self.train, self.data.train.labels, self.encoder.size, self.classes)[:-1]


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """A recipe that was solved, and how it compares."""

    recipe: Recipe
    bags: Bags
    weights: Weights
    trial: Trial


def fit_best(
    recipes: Sequence[Recipe],
    data: TextDataset,
    *,
    seed: int | None = None,
    is_enough: Callable[[], bool] = lambda: False,
) -> Iterator[Progress]:
    """Solve each of the recipes and the baseline, and keep what compares best; the test split decides nothing.

    Args:
        recipes: of equals the first is kept.
        data: learns from `train`, chooses by `valid`, or by cross-validation over `train` where that is small.
        seed: instead of the recipes'.
        is_enough: asked after each trial whether to end with the best so far.

    Yields:
        Progress with the trials so far; the last one carries the chosen predictor and what it answered.

    Raises TrainingFailed when a class has nothing to learn from or to choose by.
    """
    check_classes(data)
    started = time.perf_counter()
    tried = [*recipes, baseline_recipe(recipes[0])]
    tried = [recipe if seed is None else recipe.with_settings(seed=seed) for recipe in tried]
    encoded: dict[DataConfig, Bags] = {}
    best: Solution | None = None
    trials: tuple[Trial, ...] = ()
    for step, recipe in enumerate(tried):
        progress = Progress(
            phase="training" if recipe.data in encoded else "encoding",
            epoch=1,
            epochs=1,
            step=step,
            steps=len(tried),
            seconds=time.perf_counter() - started,
            trials=trials,
        )
        yield progress
        if recipe.data not in encoded:
            encoded[recipe.data] = encode(recipe.data, data)
        found = search(recipe, encoded[recipe.data], is_baseline=recipe is tried[-1])
        trials = (*trials, found.trial)
        if best is None or found.trial.score > best.trial.score:
            best = found
        if is_enough():
            break
    assert best is not None
    finished = replace(progress, phase="done", step=len(tried), trials=chosen(trials))
    yield as_network(best.recipe, best.bags, best.weights, finished, started)


def chosen(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """The trials, of which the best is marked; of equals the first."""
    best = max(trials, key=lambda trial: trial.score)
    return tuple(replace(trial, is_chosen=trial is best) for trial in trials)


def baseline_recipe(like: Recipe) -> Recipe:
    """The baseline as a recipe of the same name and data."""
    recipe = family_recipe("ngram", like.data.dataset).with_settings(**BASELINE_SETTINGS)
    return replace(recipe, name=like.name, title=BASELINE)


def encode(config: DataConfig, data: TextDataset) -> Bags:
    """The texts as bags. Raises BadInput when there is nothing to learn from."""
    encoder, train = learn_and_encode(config, data.train.texts)
    return Bags(data=data, encoder=encoder, train=train, valid=encoder.encode(data.valid.texts))


def search(recipe: Recipe, bags: Bags, *, is_baseline: bool = False) -> Solution:
    """The recipe solved with the cost of errors that compares best; the baseline with its own."""
    started = time.perf_counter()
    tolerance = SKLEARNS if is_baseline else TOLERANCE
    is_searched = not is_baseline and bags.train.ids.size * bags.classes <= SEARCHED
    costs = [recipe.train.cost * factor for factor in (FACTORS if is_searched else FACTORS[:1])]
    solutions = (solution(recipe.with_settings(cost=cost), bags, tolerance=tolerance) for cost in costs)
    best = max(solutions, key=lambda found: found.trial.score)
    return replace(best, trial=replace(best.trial, seconds=time.perf_counter() - started))


def solution(recipe: Recipe, bags: Bags, *, tolerance: float = TOLERANCE) -> Solution:
    """The recipe solved as it stands, to this tolerance, and how it compares."""
    started = time.perf_counter()
    weights = solved(recipe, bags, np.arange(len(bags.train)), tolerance)
    valid = _decisions(bags, bags.data.valid.labels, weights.logits(bags.valid.matrix(bags.encoder.size)))
    trial = Trial(
        title=recipe.title,
        accuracy=wilson(int(valid.correct.sum()), len(valid)),
        macro_f1=valid.macro_f1,
        seconds=time.perf_counter() - started,
        settings=_compared_settings(recipe),
        cross_validated=cross_validated(recipe, bags, tolerance=tolerance) if len(valid) < FEW_VALID else None,
    )
    return Solution(recipe=recipe, bags=bags, weights=weights, trial=trial)


def cross_validated(recipe: Recipe, bags: Bags, *, tolerance: float = TOLERANCE) -> float:
    """The mean of accuracy and macro F1 on documents of the train split, solved without the fold that they are in."""
    labels = bags.data.train.labels
    fold, logits = folds(labels, seed=recipe.train.seed), np.zeros((len(labels), bags.classes), np.float32)
    for held_out in range(FOLDS):
        weights = solved(recipe, bags, np.flatnonzero(fold != held_out), tolerance)
        rows = np.flatnonzero(fold == held_out)
        logits[rows] = weights.logits(bags.train.take(rows).matrix(bags.encoder.size))
    found = _decisions(bags, labels, logits)
    return (found.accuracy + found.macro_f1) / 2


def folds(labels: np.ndarray, *, seed: int) -> np.ndarray:
    """(n,) int64 below `FOLDS`, the fold of each document; every class is spread over all, in a random order."""
    order = np.random.default_rng(seed).permutation(len(labels))
    order = order[np.argsort(labels[order], kind="stable")]
    fold = np.empty(len(labels), np.int64)
    fold[order] = np.arange(len(labels)) % FOLDS
    return fold


def solved(recipe: Recipe, bags: Bags, rows: np.ndarray, tolerance: float) -> Weights:
    """The weights that the recipe gives for these documents of the train split, for rows of length `NORM`."""
    config, labels = recipe.train, bags.data.train.labels[rows]
    counts_for = class_weights(config.class_weight, bags.data.train.labels, bags.classes)
    weights = solve(
        bags.rows if len(rows) == len(bags.train) else bags.rows[rows],
        labels,
        bags.classes,
        cost=config.cost,
        document_weights=None if config.class_weight == "none" else counts_for[labels].astype(np.float64),
        ratios=None if config.scaling == "none" else bags.ratios,
        tolerance=tolerance,
        seed=config.seed,
    )
    weights.table[...] /= NORM
    return weights


def as_network(recipe: Recipe, bags: Bags, weights: Weights, progress: Progress, started: float) -> Progress:
    """The progress with the weights of a solution in a network of the catalogue, and what that answers."""
    setup, params = _setup(recipe, bags, weights)
    labels = {name: split.labels for name, split in bags.data.splits.items()}
    logits = {
        "train": weights.logits(setup.train.matrix(setup.encoder.size)),
        "valid": weights.logits(setup.valid.matrix(setup.encoder.size)),
        "test": weights.logits(setup.encoder.encode(bags.data.test.texts).matrix(setup.encoder.size)),
    }
    record = EpochRecord(
        epoch=1,
        step=progress.steps,
        train_loss=_mean_loss(recipe, logits["train"], labels["train"]),
        valid_loss=_mean_loss(recipe, logits["valid"], labels["valid"]),
        valid_accuracy=float((logits["valid"].argmax(axis=1) == labels["valid"]).mean()),
        seconds=time.perf_counter() - started,
    )
    has_test = len(labels["test"]) > 0
    state = RunState(
        train_state=TrainState(params, None, jnp.int32(1), jnp.float32(0), jnp.int32(0)),
        best=BestEpoch(params, logits["test"] if has_test else None),
        test_classes=logits["test"].argmax(axis=1)[None] if has_test else None,
        history=(record,),
        started=started,
    )
    predictor, answers = finish_run(setup, state)
    return replace(progress, seconds=state.seconds, history=state.history, predictor=predictor, answers=answers)


def _mean_loss(recipe: Recipe, logits: np.ndarray, labels: np.ndarray) -> float:
    losses, _ = GRADIENTS[recipe.train.loss](logits, labels)
    return float(losses.mean())


def _setup(recipe: Recipe, bags: Bags, weights: Weights) -> tuple[Setup, Any]:
    # What a run by descent would have, with the weights that it would end with; nothing is compiled.
    config = recipe.model
    network = nnx.eval_shape(lambda: build_model(config, bags.encoder.sizes, bags.classes, rngs=nnx.Rngs(0)))
    graph, params = cast("tuple[Any, Any]", nnx.split(network))
    table = np.vstack([weights.table, np.zeros((1, bags.classes), np.float32)])  # the last row is the pad's
    params["table"] = params["table"].replace(jnp.asarray(table))
    params["bias"] = params["bias"].replace(jnp.asarray(weights.bias))
    setup = Setup(
        recipe=recipe,
        data=bags.data,
        encoder=bags.encoder,
        train=bags.train,
        valid=bags.valid,
        layout=Layout(1, 1, bags.encoder.sizes),
        class_weights=np.ones(bags.classes, np.float32),
        graph=graph,
        optimizer=None,
        loss=LOSSES[recipe.train.loss],
        key=jnp.asarray(np.zeros(4, np.uint32)),
    )
    return setup, params


def _decisions(bags: Bags, labels: np.ndarray, logits: np.ndarray) -> Decisions:
    return Decisions(class_names=bags.data.class_names, labels=labels, predictions=logits.argmax(axis=1))


def _compared_settings(recipe: Recipe) -> dict[str, Any]:
    names = ("ngrams", "characters", "loss", "scaling", "class_weight", "cost")
    parts = settings()
    return {name: getattr(getattr(recipe, parts[name][0]), name) for name in names}
