"""Settings near those of a recipe, to be tried beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.config import RANGES, Recipe, settings
from core.errors import BadInput
from core.format import counted

_OF_NETWORKS = ("learning_rate", "dropout", "word_dropout", "embed", "hidden")
SEARCHED: Mapping[str, tuple[str, ...]] = {
    "bow": _OF_NETWORKS,
    "convnet": _OF_NETWORKS,
    "transformer": _OF_NETWORKS,
    "wide": (*_OF_NETWORKS, "linear_rate"),
}
"""What is searched of each family; how texts become numbers is not, so that they are encoded once."""

FEWEST_TRIES, MOST_TRIES = 2, 32
RATE_FACTOR = 4.0  # the most that a rate is multiplied or divided by
MOST_DROPPED, DROPPED_STEP = 0.9, 0.05  # share that is left out; they lie so far apart
DROPPED_RANGE = 0.3  # up and down
SIZE_FACTORS = (0.5, 1.0, 2.0)


def check_search(recipe: Recipe, tries: int) -> None:
    """Raise BadInput where the recipe has nothing to search, or for too few or too many tries."""
    if recipe.model.family not in SEARCHED:
        raise BadInput(
            f"A search tries settings of a network, of the family {', '.join(SEARCHED)}; auto, ngram and baseline "
            "take seconds and need none."
        )
    if not FEWEST_TRIES <= tries <= MOST_TRIES:
        raise BadInput(f"A search tries {FEWEST_TRIES} to {counted(MOST_TRIES, 'setting')}, not {tries}.")


def settings_around(recipe: Recipe, tries: int) -> tuple[dict[str, Any], ...]:
    """So many combinations: first the recipe's own, which is empty, then what differs from it, drawn by its seed."""
    rng, found = np.random.default_rng(recipe.train.seed), [dict[str, Any]()]
    while len(found) < tries:
        drawn = _drawn(recipe, rng)
        if drawn not in found:
            found.append(drawn)
    return tuple(found)


def _drawn(recipe: Recipe, rng: np.random.Generator) -> dict[str, Any]:
    usual = {name: setting_of(recipe, name) for name in SEARCHED[recipe.model.family]}
    near = {name: _near(name, value, rng) for name, value in usual.items()}
    if recipe.model.family == "transformer" and near["embed"] % recipe.model.heads:
        near["embed"] = usual["embed"]
    return {name: value for name, value in near.items() if value != usual[name]}


def setting_of(recipe: Recipe, name: str) -> Any:
    """What a recipe has for a setting."""
    return getattr(getattr(recipe, settings()[name][0]), name)


def _near(name: str, value: float, rng: np.random.Generator) -> float:
    low, high = RANGES[name]
    if name.endswith("rate"):
        near = value * RATE_FACTOR ** rng.uniform(-1, 1)
        return min(max(float(f"{near:.2g}"), low), high)
    if name.endswith("dropout"):
        near = min(max(value + rng.uniform(-DROPPED_RANGE, DROPPED_RANGE), low), MOST_DROPPED)
        return round(round(near / DROPPED_STEP) * DROPPED_STEP, 2)
    return int(min(max(value * rng.choice(SIZE_FACTORS), low), high))
