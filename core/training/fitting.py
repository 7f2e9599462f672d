"""A recipe and a data set to a predictor."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from core import devices
from core.config import Recipe
from core.errors import TrainingFailed
from core.progress import Progress
from core.schema import TextDataset
from core.training.resume import RunFolder
from core.training.run import Run


def fit(recipe: Recipe, data: TextDataset, *, seed: int | None = None, keep: str | None = None) -> Iterator[Progress]:
    """Train the recipe on a data set; to cancel is to stop asking for the next Progress.

    Args:
        recipe: what to train.
        data: learns from `train`, chooses the epoch by `valid` (`best_record`). What the network says of `test` after
            each epoch is only recorded: no choice depends on it.
        seed: instead of the recipe's.
        keep: name of the run, whose state is then kept as it goes; when it was interrupted before, it goes on from
            there, and ends as if nothing had happened.

    Yields:
        Progress, about 20 times an epoch; the last one carries the predictor with the best epoch's weights, and
        what it answered.

    Raises TrainingFailed when a class has nothing to learn from, or when the loss is no longer a finite number.
    """
    recipe = recipe if seed is None else recipe.with_settings(seed=seed)
    _check_classes(data)
    devices.remember_compilations()
    run = Run(recipe=recipe, data=data, started=time.perf_counter(), folder=RunFolder(keep) if keep else None)
    yield run.progress("encoding")
    run.prepare()
    yield run.progress("training")
    for epoch in range(run.epoch, recipe.train.epochs + 1):
        if run.patience_ended:
            break
        yield from run.train_epoch(epoch)
        run.finish_epoch(epoch)
        yield run.progress("training")
    predictor = run.predictor()
    yield run.progress("done", predictor=predictor, answers=run.answers(predictor.temperature))


def _check_classes(data: TextDataset) -> None:
    for split in (data.train, data.valid):
        counts = np.bincount(split.labels, minlength=len(data.class_names))
        if not counts.all():
            missing = data.class_names[int(counts.argmin())]
            raise TrainingFailed(
                f"The class {missing!r} has no document in the {split.name} split; add some or leave the class out."
            )
