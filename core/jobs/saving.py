"""Training from data to a saved model."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from core.config import Recipe
from core.jobs.reading import read_ahead
from core.memory import training_in_memory
from core.progress import Progress
from core.recipes import is_baseline
from core.saved_models import check_place, free_name, model_info, save_model
from core.schema import Evaluation, TextDataset

if TYPE_CHECKING:
    from core.datasets import DownloadBar

HISTORY = ("epoch", "step", "train_loss", "valid_loss", "valid_accuracy", "seconds")
"""What other programs are told of an epoch."""


def train_and_save(
    recipe: Recipe,
    *,
    others: Sequence[Recipe] | None = None,
    name: str | None = None,
    data: TextDataset | None = None,
    seed: int | None = None,
    bar: DownloadBar | None = None,
    resume: bool = False,
    search: int | None = None,
    is_enough: Callable[[], bool] = lambda: False,
) -> Iterator[Progress]:
    """Train a recipe, score it on the test split and save it with its answers; to cancel is to stop asking.

    Args:
        recipe: what to train.
        others: of the same data; unless None, they and a baseline are trained too, and the best on validation is saved.
        name: of the saved model, replacing one of that name that was trained here; else the recipe's name, with a
            number behind it when there is such a model.
        data: instead of the recipe's data set.
        seed: instead of the recipe's.
        bar: shows the download of the data set.
        resume: keep the state of the run as it goes, and go on from what an interrupted one has kept.
        search: how many settings around the recipe's to try first (`core.halving`), which is resumed in any case.
        is_enough: asked now and then whether to end with the best epoch, or the best of what is tried, so far. What is
            solved for at once (a baseline) comes to its end all the same.

    Yields:
        Progress; the last one has the phase "done", `saved` (what `train --json` prints) and `predictor`.

    Raises what `load_dataset` and `fit` raise; BadInput for a name that cannot be; TrainingFailed when the model
    cannot be saved or there is not enough memory.
    """
    with training_in_memory():
        yield from _train_and_save(recipe, others, name, data, seed, bar, resume, search, is_enough)


def _train_and_save(
    recipe: Recipe,
    others: Sequence[Recipe] | None,
    name: str | None,
    data: TextDataset | None,
    seed: int | None,
    bar: DownloadBar | None,
    resume: bool,
    search: int | None,
    is_enough: Callable[[], bool],
) -> Iterator[Progress]:
    with nullcontext() if data else read_ahead(recipe.data.dataset):
        from core.datasets import load_dataset
        from core.devices import agree
        from core.evaluation import evaluate, independence, measure_lengths, only_class_sentence
        from core.jax_predictor import JaxPredictor
        from core.training.resume import forget_run, run_identity

    started = time.perf_counter()
    name = agree(name or free_name(recipe.name))
    check_place(name)
    progress = Progress(phase="reading", epoch=0, epochs=recipe.train.epochs, step=0, steps=0, seconds=0.0)
    yield progress
    data = data or load_dataset(recipe.data.dataset, progress=bar)
    resume = resume or search is not None
    for progress in _trained(recipe, others, data, seed, name if resume else None, search, is_enough):
        progress = replace(progress, seconds=time.perf_counter() - started)
        if progress.phase != "done":
            yield progress
    model, answers = progress.predictor, progress.answers
    progress = replace(progress, predictor=None, answers=None)
    assert isinstance(model, JaxPredictor) and answers is not None
    yield replace(progress, phase="testing")
    test = evaluate(model, data.test, answers.test)
    valid = evaluate(model, data.valid, answers.valid)
    yield replace(progress, phase="saving", seconds=time.perf_counter() - started)
    save_model(
        model,
        test,
        name=name,
        valid=valid,
        epochs=answers.epochs,
        independence=independence(data, test),
        lengths=measure_lengths(model, data.test),
    )
    if search is not None:
        from core.halving import forget_search

        around = recipe if seed is None else recipe.with_settings(seed=seed)
        forget_search(name, around, search, model.data_fingerprint)
    if resume:
        forget_run(name, run_identity(model.recipe, model.data_fingerprint))
    said = _caveats(only_class_sentence(test), only_class_sentence(valid))
    model = replace(model, name=name, fingerprint=model_info(name).fingerprint)
    progress = replace(progress, seconds=time.perf_counter() - started)
    yield replace(progress, predictor=model, saved=_summary(name, recipe, progress, test) | said)


def _caveats(*sentences: str) -> dict[str, list[str]]:
    # What has to be said beside the figures, where there is something.
    said = [*filter(None, sentences)]
    return {"caveats": said} if said else {}


def _trained(
    recipe: Recipe,
    others: Sequence[Recipe] | None,
    data: TextDataset,
    seed: int | None,
    keep: str | None,
    search: int | None,
    is_enough: Callable[[], bool],
) -> Iterator[Progress]:
    # The recipe's run, or that of all that is tried.
    if search is not None and keep is not None:
        from core.halving import fit_searched

        return fit_searched(recipe, data, tries=search, keep=keep, seed=seed, is_enough=is_enough)
    if is_baseline(recipe.name, recipe.data.dataset):
        from core.baseline import fit_baseline

        return fit_baseline(recipe, data, seed=seed)
    if others is None:
        from core.training import fit

        return fit(recipe, data, seed=seed, keep=keep, is_enough=is_enough)
    from core.auto import fit_best

    return fit_best((recipe, *others), data, seed=seed, is_enough=is_enough)


def _summary(name: str, recipe: Recipe, progress: Progress, test: Evaluation) -> dict[str, Any]:
    return {
        "model": name,
        "recipe": recipe.name,
        "dataset": test.dataset,
        "seconds": progress.seconds,
        "epochs": len(progress.history),
        "best_epoch": progress.best_epoch,
        "history": [{name: getattr(record, name) for name in HISTORY} for record in progress.history],
        **({"trials": [asdict(trial) for trial in progress.trials]} if progress.trials else {}),
        "test": test.summary(),
    }
