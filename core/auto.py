"""The best of a few models that suit the data, chosen on the validation split.

Among what is tried is scikit-learn's linear support vector machine over the TF-IDF of words and pairs of words, so that
nothing worse on validation than this baseline is ever given out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import numpy as np
import scipy.sparse
from flax import nnx
from sklearn.svm import LinearSVC

from core.config import Recipe, settings
from core.encoders.words import NORM
from core.evaluation import evaluate
from core.evaluation.intervals import wilson
from core.jax_predictor import JaxPredictor
from core.progress import Progress
from core.recipes import family_recipe
from core.schema import Encoded, TextDataset, Trial
from core.training import fit
from core.training.fitting import check_classes
from core.training.run import RunState, Setup, finish_epoch, finish_run, first_state, on_all_devices, prepare

BASELINE = "TF-IDF and scikit-learn's linear SVM"
BASELINE_SETTINGS: dict[str, Any] = {"ngrams": 2, "min_count": 1, "epochs": 1, "loss": "squared_hinge"}
BASELINE_SETTINGS |= {"scaling": "none", "patience": 0}


def fit_best(recipes: Sequence[Recipe], data: TextDataset, *, seed: int | None = None) -> Iterator[Progress]:
    """Train each of the recipes and the baseline, and keep the best on validation; the test split decides nothing.

    Args:
        recipes: of equals the first is kept.
        data: learns from `train`, chooses by `valid`.
        seed: instead of the recipes'.

    Yields:
        Progress with the trials so far; the last one carries the chosen predictor and what it answered.

    Raises what `fit` raises.
    """
    check_classes(data)
    best: Progress | None = None
    trials: tuple[Trial, ...] = ()
    runs = [(recipe.title, fit(recipe, data, seed=seed)) for recipe in recipes]
    runs.append((BASELINE, fit_baseline(baseline_recipe(recipes[0]), data)))
    for title, run in runs:
        for progress in run:
            if progress.predictor is None:
                yield replace(progress, trials=trials)
        trials = (*trials, _trial(title, progress, data))
        if best is None or trials[-1].score > max(trial.score for trial in trials[:-1]):
            best = progress
    assert best is not None
    yield replace(best, trials=chosen(trials))


def chosen(trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """The trials, of which the best is marked; of equals the first."""
    best = max(trials, key=lambda trial: trial.score)
    return tuple(replace(trial, is_chosen=trial is best) for trial in trials)


def baseline_recipe(like: Recipe) -> Recipe:
    """The baseline as a recipe of the same name and data."""
    recipe = family_recipe("ngram", like.data.dataset).with_settings(**BASELINE_SETTINGS)
    return replace(recipe, name=like.name, title=BASELINE)


def fit_baseline(recipe: Recipe, data: TextDataset) -> Iterator[Progress]:
    """The weights of scikit-learn's linear support vector machine in a linear network.

    Yields Progress; the last one carries the predictor and what it answered.
    """
    started = time.perf_counter()
    progress = Progress(phase="encoding", epoch=0, epochs=1, step=0, steps=1, seconds=0.0)
    yield progress
    setup, params = prepare(recipe, data)
    machine = LinearSVC(random_state=recipe.train.seed).fit(_matrix(setup, setup.train), data.train.labels)
    state = on_all_devices(first_state(setup, _with_weights(params, machine), started=started))
    state = finish_epoch(setup, _after_one_epoch(setup, state))
    predictor, answers = finish_run(setup, state)
    done = replace(progress, phase="done", epoch=1, step=1, seconds=state.seconds, history=state.history)
    yield replace(done, predictor=predictor, answers=answers)


def _matrix(setup: Setup, documents: Encoded) -> scipy.sparse.csr_matrix:
    # (n, phrases), rows of length 1, for which the machine's own strength of regularisation is meant.
    shape = (len(documents), setup.encoder.size)
    bags = scipy.sparse.csr_matrix((documents.values, documents.ids, documents.offsets), shape)
    return bags / NORM


def _with_weights(params: Any, machine: LinearSVC) -> Any:
    # The network's weights, of rows of length `NORM`; of two classes the machine has the second one's only.
    table, bias = machine.coef_.T / NORM, machine.intercept_
    if len(machine.classes_) == 2:
        table, bias = np.hstack([-table, table]), np.concatenate([-bias, bias])
    table = np.vstack([table, np.zeros(table.shape[1])])  # the pad's
    params["table"] = params["table"].replace(jnp.asarray(table, jnp.float32))
    params["bias"] = params["bias"].replace(jnp.asarray(bias, jnp.float32))
    return params


def _after_one_epoch(setup: Setup, state: RunState) -> RunState:
    # As if one epoch of a single step had ended, with its mean loss.
    network = nnx.merge(setup.graph, state.train_state.params)
    loss = setup.loss(network.many_logits(setup.train), setup.data.train.labels).mean()
    return replace(state, batches_seen=1, train_state=state.train_state._replace(loss_sum=loss))


def _trial(title: str, progress: Progress, data: TextDataset) -> Trial:
    assert isinstance(progress.predictor, JaxPredictor) and progress.answers is not None
    valid = evaluate(progress.predictor, data.valid, progress.answers.valid)
    right = int(valid.correct.sum())
    return Trial(
        title=title,
        accuracy=wilson(right, len(valid)),
        macro_f1=valid.macro_f1,
        seconds=progress.seconds,
        settings=_compared_settings(progress.predictor.recipe),
    )


def _compared_settings(recipe: Recipe) -> dict[str, Any]:
    names = ("ngrams", "characters", "loss", "scaling", "class_weight", "linear_rate")
    parts = settings()
    return {name: getattr(getattr(recipe, parts[name][0]), name) for name in names}
