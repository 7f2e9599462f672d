"""What a model learned and forgot from epoch to epoch."""

from __future__ import annotations

import numpy as np

from core.errors import BadInput
from core.schema import Decisions, TrainingDynamics


def training_dynamics(
    labels: np.ndarray, predictions: np.ndarray, class_names: tuple[str, ...], epochs: int
) -> TrainingDynamics:
    """The decisions after a number of epochs, and what became of each document until then.

    Args:
        labels: (n,) integers, the true classes.
        predictions: (epochs, n) integers, the classes given after each epoch.
        class_names: of the labels.
        epochs: the last one that is looked at, from 1.

    Raises BadInput when there is no such epoch.
    """
    if not 1 <= epochs <= len(predictions):
        raise BadInput(f"There is no epoch {epochs}; choose one from 1 to {len(predictions)}.")
    right = predictions[:epochs] == labels
    first, last, ever, throughout = right[0], right[-1], right.any(axis=0), right.all(axis=0)
    kinds = {
        "always": throughout,
        "learned": ~first & last,
        "regained": first & last & ~throughout,
        "forgotten": ever & ~last,
        "never": ~ever,
    }
    return TrainingDynamics(
        epochs=epochs,
        decisions=Decisions(class_names=class_names, labels=labels, predictions=predictions[epochs - 1]),
        forgettings=(right[:-1] & ~right[1:]).sum(axis=0),
        **{name: np.flatnonzero(which) for name, which in kinds.items()},
    )
