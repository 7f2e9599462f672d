"""A recipe and a data set to a predictor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from core import devices
from core.config import Recipe
from core.errors import TrainingFailed
from core.progress import Progress
from core.schema import TextDataset
from core.training.resume import RunFolder, keep_state, restored_state
from core.training.run import (
    count_steps,
    finish_epoch,
    finish_run,
    first_state,
    is_patience_ended,
    is_report_due,
    mean_loss,
    on_all_devices,
    prepare,
    train_epoch,
)
from core.training.state import RunState, Setup


def fit(
    recipe: Recipe,
    data: TextDataset,
    *,
    seed: int | None = None,
    keep: str | None = None,
    until: int | None = None,
    is_enough: Callable[[], bool] = lambda: False,
) -> Iterator[Progress]:
    """Train the recipe on a data set; to cancel is to stop asking for the next Progress.

    Args:
        recipe: what to train.
        data: learns from `train`, chooses the epoch by `valid` (`best_record`). What the network says of `test` after
            each epoch is only recorded: no choice depends on it.
        seed: instead of the recipe's.
        keep: name of the run, whose state is then kept as it goes; when it was interrupted before, it goes on from
            there, and ends as if nothing had happened.
        until: epochs after which it pauses: its state is kept, also after each epoch before, and no predictor is made.
        is_enough: asked about 20 times an epoch, once the first has ended, whether to end with the best one so far.

    Yields:
        Progress, about 20 times an epoch; the last one carries the predictor with the best epoch's weights, and
        what it answered.

    Raises TrainingFailed when a class has nothing to learn from, or when the loss is no longer a finite number.
    """
    recipe = recipe if seed is None else recipe.with_settings(seed=seed)
    check_classes(data)
    devices.remember_compilations()
    started = time.perf_counter()
    epochs, steps = recipe.train.epochs, count_steps(recipe, data)
    last = epochs if until is None else min(until, epochs)
    yield Progress(phase="encoding", epoch=0, epochs=epochs, step=0, steps=steps, seconds=0.0)
    folder = RunFolder(keep) if keep else None
    setup, params = prepare(recipe, data)
    state = on_all_devices(restored_state(folder, setup, first_state(setup, params, started=started)))
    yield _run_progress(setup, state, "training")
    while state.epoch <= last and not is_patience_ended(setup, state):
        states = train_epoch(setup, state)
        for state in states:
            if is_report_due(setup, state):
                yield _epoch_progress(setup, state)
                keep_state(folder, state)
                if state.history and is_enough():
                    break
        if state.history and is_enough():
            break
        state = finish_epoch(setup, state)
        keep_state(folder, state, now=until is not None)
        yield _run_progress(setup, state, "training")
    if until is not None:
        return
    predictor, answers = finish_run(setup, state)
    yield replace(_run_progress(setup, state, "done"), predictor=predictor, answers=answers)


def check_classes(data: TextDataset) -> None:
    """Raises TrainingFailed when a class has no document to learn from or to choose by, or half a character."""
    for name in data.class_names:
        if name.encode("utf-8", "replace").decode() != name:
            raise TrainingFailed(f"The class {name!r} has half a character in its name; correct it in the table.")
    for split in (data.train, data.valid):
        counts = np.bincount(split.labels, minlength=len(data.class_names))
        if not counts.all():
            missing = data.class_names[int(counts.argmin())]
            raise TrainingFailed(
                f"The class {missing!r} has no document in the {split.name} split; add some or leave the class out."
            )


def _run_progress(setup: Setup, state: RunState, phase: str) -> Progress:
    # As of the last finished epoch.
    last = state.history[-1] if state.history else None
    return Progress(
        phase=phase,
        epoch=last.epoch if last else 0,
        epochs=setup.recipe.train.epochs,
        step=last.step if last else 0,
        steps=count_steps(setup.recipe, setup.data),
        seconds=state.seconds,
        history=state.history,
    )


def _epoch_progress(setup: Setup, state: RunState) -> Progress:
    # Amid an epoch, with its loss so far. Raises what `mean_loss` raises.
    step = (state.epoch - 1) * setup.steps_per_epoch + state.batches_seen
    progress = _run_progress(setup, state, "training")
    return replace(progress, epoch=state.epoch, step=step, train_loss=mean_loss(setup, state))
