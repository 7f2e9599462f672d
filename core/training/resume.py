"""Training runs that are kept as they go, so that one that was killed goes on from where it was.

Written by orbax, whose protocol for many processes makes a step of a run count only when all have written their part.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

import jax
import numpy as np

from core import devices
from core.config import Recipe
from core.errors import BadInput
from core.folders import runs_folder
from core.schema import EpochRecord
from core.training.best import BestEpoch
from core.training.state import RunState, Setup

KEEP_INTERVAL_SECONDS = 30.0  # between two states that are kept, unless WHYWORD_KEEP_SECONDS says otherwise


class RunFolder:
    """The kept state of one run.

    Args:
        name: of the model that the run trains.
    """

    def __init__(self, name: str) -> None:
        self.folder = runs_folder() / name
        self.last = time.monotonic()
        self.interval = float(os.environ.get("WHYWORD_KEEP_SECONDS", KEEP_INTERVAL_SECONDS))

    def open(self, identity: str, like: Any) -> tuple[Any, dict[str, Any]] | None:
        """What was kept last, as arrays in the form of `like` and a record, or None when this run is a new one.

        Runs of one name with another `identity` (other settings, other data) are other runs, beside each other. Raises
        BadInput when the kept arrays are of another shape.
        """
        self.manager = _manager(self.folder / _digest(identity))
        step = self.manager.latest_step()
        return None if step is None else self._restore(step, like)

    def keep(self, step: Any, arrays: Any, record: dict[str, Any], *, now: bool = False) -> None:
        """Keep this state, unless another was kept a moment ago; `now` in any case."""
        if not (now or self._due()):
            return
        import orbax.checkpoint as ocp

        leaves = jax.tree.leaves(arrays)  # a list: orbax need not know the classes that hold the arrays
        arguments = ocp.args.Composite(arrays=ocp.args.StandardSave(leaves), record=ocp.args.JsonSave(record))
        self.manager.save(int(step), args=arguments)
        self.manager.wait_until_finished()
        self.last = time.monotonic()

    def _due(self) -> bool:
        # The first process's clock decides for all, since all must write the same step.
        return devices.agree(str(time.monotonic() - self.last > self.interval)) == "True"

    def _restore(self, step: int, like: Any) -> tuple[Any, dict[str, Any]]:
        import orbax.checkpoint as ocp

        form = [np.zeros(leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(like)]
        arguments = ocp.args.Composite(arrays=ocp.args.StandardRestore(form), record=ocp.args.JsonRestore())
        with suppress(ValueError, KeyError, TypeError):
            stored = self.manager.restore(step, args=arguments)
            leaves = jax.tree.leaves(stored["arrays"])
            if [leaf.shape for leaf in leaves] == [leaf.shape for leaf in form]:
                return jax.tree.unflatten(jax.tree.structure(like), leaves), stored["record"]
        raise BadInput(
            f"What is kept of this run in {self.folder} is of another shape; delete that folder, start anew."
        )


def run_identity(recipe: Recipe, data_fingerprint: str) -> str:
    """What two runs have in common that give the same model."""
    return f"{recipe.to_json()} {data_fingerprint}"


def keep_state(folder: RunFolder | None, state: RunState, *, now: bool = False) -> None:
    """Keep the state of the run now and then, or `now`, when it is to be kept."""
    if folder is None:
        return
    record = {
        "epoch": state.epoch,
        "seen": state.batches_seen,
        "seconds": state.seconds,
        "history": [asdict(epoch) for epoch in state.history],
    }
    arrays = (state.train_state, state.best.params, state.test_classes, state.best.test_logits)
    folder.keep(state.train_state.step, devices.on_all(arrays), record, now=now)


def restored_state(folder: RunFolder | None, setup: Setup, state: RunState) -> RunState:
    """The state that an earlier run has kept, when there is such a run and it was this one; else the state itself."""
    if folder is None:
        return state
    identity = run_identity(setup.recipe, setup.data.fingerprint)
    arrays = (state.train_state, state.best.params, state.test_classes, state.best.test_logits)
    restored = folder.open(identity, arrays)
    if restored is None:
        return state
    (train_state, best_params, *on_test), record = restored
    test_classes, test_logits = jax.tree.map(np.array, tuple(on_test))
    return replace(
        state,
        train_state=train_state,
        best=BestEpoch(best_params, test_logits),
        test_classes=test_classes,
        history=tuple(EpochRecord(**epoch) for epoch in record["history"]),
        epoch=record["epoch"],
        batches_seen=record["seen"],
        started=state.started - record["seconds"],
    )


def forget_run(name: str, identity: str) -> None:
    """Delete what is kept of a run that has come to its end; others of its name stay."""
    devices.wait_for_all("the run has ended")
    if devices.is_first():
        folder = runs_folder() / name
        shutil.rmtree(folder / _digest(identity), ignore_errors=True)
        with suppress(OSError):  # another run of that name is kept there
            folder.rmdir()


def _digest(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:12]


def _manager(folder: Any) -> Any:
    import orbax.checkpoint as ocp

    logging.getLogger("absl").setLevel(logging.ERROR)  # it tells each save and restore in a dozen lines
    options = ocp.CheckpointManagerOptions(max_to_keep=1, create=True, enable_async_checkpointing=False)
    return ocp.CheckpointManager(folder.resolve(), options=options)
