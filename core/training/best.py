"""The best epoch of a run so far: which one it is, and what is kept of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from core.schema import EpochRecord, best_record


class BestEpoch(NamedTuple):
    """What is kept of the best epoch.

    Attributes:
        params: its weights.
        test_logits: (n, classes) float32, what it said of the test split; None when there is none.
    """

    params: Any
    test_logits: np.ndarray | None


def best_after(
    history: tuple[EpochRecord, ...], best: BestEpoch, params: Any, test_logits: np.ndarray | None
) -> BestEpoch:
    """The best epoch when one with these weights and answers has joined the history as its last."""
    if best_record(history) is history[-1]:
        return BestEpoch(copied(params), test_logits)
    return best


def copied(params: Any) -> Any:
    """The weights once more, since a step consumes those that it is given."""
    return jax.tree.map(jnp.copy, params)
