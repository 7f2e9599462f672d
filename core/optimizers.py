"""How weights move: AdamW for networks, gradient descent scaled by Naive-Bayes ratios for weights of phrases."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from core.config import TrainConfig
from core.models import LinearTable, Table
from core.schema import Encoded


def optimizer(
    config: TrainConfig, steps: int, factors: np.ndarray | float | None = None
) -> optax.GradientTransformation:
    """AdamW with a linear warm-up and a cosine fall to zero over `steps`; tables of phrases by their `factors`.

    Args:
        config: rates and weight decay.
        steps: of the whole run.
        factors: (phrases + 1, classes) float32 or one number, that steps of the weights of phrases are multiplied by;
            the squares of what `log_count_ratios` gives for NB-SVM; None when there is no such table.
    """
    networks = optax.adamw(_schedule(config.learning_rate, config, steps), weight_decay=config.weight_decay)
    if factors is None:
        return networks
    # Adam divides by the size of each weight's gradient, so that a phrase seen twice moves as far as one seen in
    # every document, and is memorised: on film reviews it costs three points of accuracy.
    descent = optax.scale_by_learning_rate(_schedule(config.linear_rate, config, steps))
    phrases = descent if isinstance(factors, float) else optax.chain(scale_by(factors), descent)
    return optax.multi_transform({"phrases": phrases, "networks": networks}, _kinds)


def log_count_ratios(bag: Encoded, labels: np.ndarray, size: int, classes: int) -> np.ndarray:
    """(size + 1, classes) float32, how much more often each word or phrase occurs in a class than in the others.

    log((p + 1) / |p + 1|) - log((q + 1) / |q + 1|), where p and q count the documents with it in the class and in the
    others (Wang and Manning 2012). Descending along weights that are multiplied by the ratios is descending along the
    products with steps multiplied by the squares, so the ratios need not be part of the network.
    """
    document = np.repeat(np.arange(len(bag)), bag.lengths)
    inside = np.stack([np.bincount(bag.ids[labels[document] == c], minlength=size) for c in range(classes)], axis=1)
    outside = inside.sum(axis=1, keepdims=True) - inside
    shares = [(counts + 1.0) / (counts + 1.0).sum(axis=0) for counts in (inside, outside)]
    ratios = np.log(shares[0] / shares[1]).astype(np.float32)
    return np.concatenate([ratios, np.zeros((1, classes), np.float32)])  # the pad's row never moves


def scale_by(factors: np.ndarray) -> optax.GradientTransformation:
    """Multiply the one array there is by factors of its shape."""

    def init(params: Any) -> Any:
        return jax.tree.map(lambda _: jnp.asarray(factors), params)

    def update(gradients: Any, state: Any, params: Any = None) -> tuple[Any, Any]:
        return jax.tree.map(jnp.multiply, gradients, state), state

    return optax.GradientTransformation(init, update)


def gather_rows(tree: Any, rows: tuple[Any, ...]) -> Any:
    """The tree with those rows only of its tables, be they weights or what an optimizer remembers of them."""
    return _over_tables(lambda table: table[...].at[_of(table, rows)].get(mode="clip"), tree)


def scatter_rows(tree: Any, changed: Any, rows: tuple[Any, ...]) -> Any:
    """`changed`, rows of `gather_rows` after a step, with the rows of its tables put back among the others."""

    def put(table: Any, new: Any) -> jax.Array:
        return table[...].at[_of(table, rows)].set(new[...], mode="drop", unique_indices=True)

    return _over_tables(put, tree, changed)


def _of(table: Table, rows: tuple[Any, ...]) -> Any:
    return rows[-1] if isinstance(table, LinearTable) else rows[0]


def _over_tables(change: Any, tree: Any, *others: Any) -> Any:
    def one(leaf: Any, *more: Any) -> Any:
        if isinstance(leaf, Table):
            return leaf.replace(change(leaf, *more))
        return more[0] if more else leaf

    return jax.tree.map(one, tree, *others, is_leaf=lambda leaf: isinstance(leaf, nnx.Variable))


def _kinds(params: Any) -> Any:
    return jax.tree.map(
        lambda leaf: "phrases" if isinstance(leaf, LinearTable) else "networks",
        params,
        is_leaf=lambda leaf: isinstance(leaf, nnx.Variable),
    )


def _schedule(rate: float, config: TrainConfig, steps: int) -> optax.Schedule:
    return optax.warmup_cosine_decay_schedule(0.0, rate, _warmup(config, steps), steps)


def rates(most: float, config: TrainConfig, steps: int) -> np.ndarray:
    """(steps,) float32, the learning rate of each step, as `optimizer` has it, of which the highest is `most`."""
    warmup, step = _warmup(config, steps), np.arange(steps)
    falling = (1 + np.cos(np.pi * (step - warmup) / (steps - warmup))) / 2
    return (most * np.where(step < warmup, step / max(warmup, 1), falling)).astype(np.float32)


def _warmup(config: TrainConfig, steps: int) -> int:
    return min(int(config.warmup * steps), steps - 1)
