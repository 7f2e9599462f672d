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
from typing import Any

import jax
import numpy as np

from core import devices
from core.errors import BadInput
from core.folders import runs_folder

INTERVAL = 30.0  # seconds between two states that are kept, unless WHYWORD_KEEP_SECONDS says otherwise


class RunFolder:
    """The kept state of one run.

    Args:
        name: of the model that the run trains.
    """

    def __init__(self, name: str) -> None:
        self.folder = runs_folder() / name
        self.last = time.monotonic()
        self.interval = float(os.environ.get("WHYWORD_KEEP_SECONDS", INTERVAL))

    def open(self, identity: str, like: Any) -> tuple[Any, dict[str, Any]] | None:
        """What was kept last, as arrays in the form of `like` and a record, or None when this run is a new one.

        Runs of one name with another `identity` (other settings, other data) are other runs, beside each other. Raises
        BadInput when the kept arrays are of another shape.
        """
        self.manager = _manager(self.folder / hashlib.sha256(identity.encode()).hexdigest()[:12])
        step = self.manager.latest_step()
        return None if step is None else self._restored(step, like)

    def keep(self, step: Any, arrays: Any, record: dict[str, Any]) -> None:
        """Keep this state, unless another was kept a moment ago."""
        if not self._due():
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

    def _restored(self, step: int, like: Any) -> tuple[Any, dict[str, Any]]:
        import orbax.checkpoint as ocp

        form = [np.zeros(leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(like)]
        arguments = ocp.args.Composite(arrays=ocp.args.StandardRestore(form), record=ocp.args.JsonRestore())
        with suppress(ValueError, KeyError, TypeError):
            kept = self.manager.restore(step, args=arguments)
            leaves = jax.tree.leaves(kept["arrays"])
            if [leaf.shape for leaf in leaves] == [leaf.shape for leaf in form]:
                return jax.tree.unflatten(jax.tree.structure(like), leaves), kept["record"]
        raise BadInput(
            f"What is kept of this run in {self.folder} is of another shape; delete that folder, start anew."
        )


def forget_run(name: str) -> None:
    """Delete what is kept of a run that has come to its end."""
    devices.wait_for_all("the run has ended")
    if devices.is_first():
        shutil.rmtree(runs_folder() / name, ignore_errors=True)


def _manager(folder: Any) -> Any:
    import orbax.checkpoint as ocp

    logging.getLogger("absl").setLevel(logging.ERROR)  # it tells each save and restore in a dozen lines
    options = ocp.CheckpointManagerOptions(max_to_keep=1, create=True, enable_async_checkpointing=False)
    return ocp.CheckpointManager(folder.resolve(), options=options)
