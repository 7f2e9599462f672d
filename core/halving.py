"""The best of some settings near a recipe's, by successive halving on validation (Jamieson and Talwalkar 2016).

All are trained for a few epochs, the better half goes on to twice as many, and so on; the last one is trained to its
end. Who goes on waits on the disk, as a run that was interrupted does, and what each has reached is written beside it:
so one network is in memory at a time, and a search that was interrupted goes on.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from core.config import Recipe
from core.errors import TrainingFailed
from core.evaluation.intervals import wilson
from core.folders import atomic_write, runs_folder
from core.progress import Progress
from core.schema import EpochRecord, TextDataset, Trial, best_record
from core.search_space import check_search, settings_around
from core.training.fitting import check_classes, fit
from core.training.resume import forget_run, run_identity

FIRST_EPOCHS = 3  # most, before the first half ends
USUAL = "the usual settings"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """Settings, and how far they have come.

    Attributes:
        recipe: with the settings.
        settings: that differ from those of the recipe that is searched around.
        history: of their epochs so far.
        reason: why they cannot be trained; "" where they can.
    """

    recipe: Recipe
    settings: dict[str, Any]
    history: tuple[EpochRecord, ...] = ()
    reason: str = ""

    def rank(self, epochs: int) -> tuple[float, float]:
        """What settings are compared by after so many epochs; the least is the best."""
        best = best_record(self.history[:epochs])
        return (math.inf, math.inf) if best is None else (-best.score, best.valid_loss)


def fit_searched(
    recipe: Recipe,
    data: TextDataset,
    *,
    tries: int,
    keep: str,
    seed: int | None = None,
    is_enough: Callable[[], bool] = lambda: False,
) -> Iterator[Progress]:
    """Search settings around the recipe's, and train the best to their end; the test split decides nothing.

    Args:
        recipe: what is searched around, and tried first.
        data: learns from `train`, chooses by `valid`.
        tries: how many settings, the recipe's among them.
        keep: name of the run; one that was interrupted goes on. `forget_search` ends it.
        seed: instead of the recipe's.
        is_enough: asked now and then whether to end with the best so far.

    Yields:
        Progress of the phase "searching", with steps of the search, then what `fit` yields; with the trials so far.

    Raises BadInput for what cannot be searched, and TrainingFailed when none of the settings can be trained.
    """
    recipe = recipe if seed is None else recipe.with_settings(seed=seed)
    check_search(recipe, tries)
    check_classes(data)
    search = _Search(recipe, data, tries, keep)
    yield from search.halve(is_enough)
    winner = search.best()
    for progress in fit(winner.recipe, data, keep=keep, is_enough=is_enough):
        yield replace(progress, trials=search.trials(winner if progress.phase == "done" else None))


def forget_search(name: str, recipe: Recipe, tries: int, data_fingerprint: str) -> None:
    """Delete what is written of a search that has come to its end; its winner is a run like others (`forget_run`)."""
    _record_of(name, recipe, tries, data_fingerprint).unlink(missing_ok=True)


def rounds_of(tries: int, epochs: int) -> list[tuple[int, int]]:
    """How many settings each round trains, and up to which epoch."""
    halvings = math.ceil(math.log2(tries))
    first = min(FIRST_EPOCHS, math.ceil(epochs / 2**halvings))
    return [(math.ceil(tries / 2**place), min(first * 2**place, epochs)) for place in range(halvings)]


class _Search:
    def __init__(self, recipe: Recipe, data: TextDataset, tries: int, keep: str) -> None:
        self.recipe, self.data, self.keep = recipe, data, keep
        self.rounds = rounds_of(tries, recipe.train.epochs)
        self.path = _record_of(keep, recipe, tries, data.fingerprint)
        around = settings_around(recipe, tries)
        self.tried = [Tried(recipe=recipe.with_settings(**each), settings=each) for each in around]
        self._read()

    def halve(self, is_enough: Callable[[], bool]) -> Iterator[Progress]:
        """Train all, then the better half, until one is left; or until it is enough and there is one."""
        alive, before, done = [*range(len(self.tried))], 0, 0
        for count, epochs in self.rounds:
            for number, place in enumerate(alive):
                for progress in self._train(place, epochs):
                    yield self._searching(progress, done, before)
                    if is_enough() and any(each.history for each in self.tried):
                        return
                done += epochs - before
                self._part_with(alive[: number + 1], (count + 1) // 2, epochs)
            alive, before = self._ranked(alive, epochs)[: (count + 1) // 2], epochs

    def best(self) -> Tried:
        """The best so far. Raises TrainingFailed when none can be trained."""
        best = min(self.tried, key=lambda each: each.rank(len(each.history)))
        if not best.history:
            raise TrainingFailed(best.reason)
        return best

    def trials(self, chosen: Tried | None = None) -> tuple[Trial, ...]:
        """Those that have come to something, or to nothing."""
        return tuple(self._trial(each, each is chosen) for each in self.tried if each.history or each.reason)

    def _train(self, place: int, epochs: int) -> Iterator[Progress]:
        tried, progress = self.tried[place], None
        if tried.reason or len(tried.history) >= epochs:
            return
        try:
            for progress in fit(tried.recipe, self.data, keep=self.keep, until=epochs):
                yield progress
        except TrainingFailed as error:
            tried = replace(tried, reason=str(error))
        history = progress.history if progress else ()
        self.tried[place] = replace(tried, history=history or tried.history)
        self._write()

    def _searching(self, progress: Progress, done: int, before: int) -> Progress:
        # Steps are those of the whole search: of the epochs done before, and of these settings' in this round.
        of_epoch = progress.steps // self.recipe.train.epochs
        ends = [0, *(epochs for _, epochs in self.rounds)]
        all_epochs = sum(count * (end - start) for (count, end), start in zip(self.rounds, ends, strict=False))
        return replace(
            progress,
            phase="encoding" if progress.phase == "encoding" and not done else "searching",
            step=of_epoch * done + max(progress.step - of_epoch * before, 0),
            steps=of_epoch * all_epochs,
            trials=self.trials(),
        )

    def _ranked(self, places: Sequence[int], epochs: int) -> list[int]:
        return sorted(places, key=lambda place: self.tried[place].rank(epochs))

    def _part_with(self, places: Sequence[int], most: int, epochs: int) -> None:
        # The states of those that cannot be in the better half any more.
        for place in self._ranked(places, epochs)[most:]:
            forget_run(self.keep, run_identity(self.tried[place].recipe, self.data.fingerprint))

    def _trial(self, tried: Tried, is_chosen: bool) -> Trial:
        best, documents = best_record(tried.history), len(self.data.valid)
        return Trial(
            title=" ".join(f"{name}={value:g}" for name, value in tried.settings.items()) or USUAL,
            accuracy=wilson(round(best.valid_accuracy * documents), documents) if best else None,
            macro_f1=None,
            seconds=tried.history[-1].seconds if tried.history else 0.0,
            settings=tried.settings,
            is_chosen=is_chosen,
            epochs=len(tried.history),
            reason=tried.reason,
        )

    def _write(self) -> None:
        record = [{"history": [*map(asdict, each.history)], "reason": each.reason} for each in self.tried]
        with suppress(OSError), atomic_write(self.path) as part:  # a search that is not written down can still go on
            part.write_text(json.dumps(record), encoding="utf-8")

    def _read(self) -> None:
        with suppress(OSError, ValueError, TypeError, LookupError):
            record = json.loads(self.path.read_text(encoding="utf-8"))
            self.tried = [_as_written(each, found) for each, found in zip(self.tried, record, strict=True)]


def _as_written(tried: Tried, record: dict[str, Any]) -> Tried:
    history = tuple(EpochRecord(**epoch) for epoch in record["history"])
    return replace(tried, history=history, reason=str(record["reason"]))


def _record_of(name: str, recipe: Recipe, tries: int, data_fingerprint: str) -> Path:
    identity = f"{run_identity(recipe, data_fingerprint)} {tries}"
    folder = runs_folder() / name
    folder.mkdir(exist_ok=True)
    return folder / f"search-{hashlib.sha256(identity.encode()).hexdigest()[:12]}.json"
