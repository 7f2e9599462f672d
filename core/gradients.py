"""What each token of a document adds to an answer: integrated gradients over the rows that a network looks up.

Sundararajan et al. 2017, arXiv 1703.01365. The path goes from a document whose rows are all zero, which says nothing,
to the document itself; what the tokens get adds up to the difference of the two answers (completeness). Where logits
are a sum over words and phrases, as in the linear model, the path is straight and the parts are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from core.models.layers import LinearTable, Table

STEPS = 64  # points of the path, in the middle of as many equal parts
ROWS = 8  # of them at once


def integrated_gradients(
    graph: Any, state: Any, arrays: Sequence[np.ndarray], direction: np.ndarray
) -> tuple[list[np.ndarray], float, float]:
    """How much each entry of a document adds to `logits @ direction`.

    Args:
        graph, state: the network, in evaluation mode.
        arrays: of each part of the document, ids (1, length) int32 and values (1, length) float32.
        direction: (classes,) float32, 1 for a class, or 1 and -1 for the difference of two.

    Returns:
        For each part (length,) float64; then the answer for the document, and for the one without anything in it.
    """
    alphas = (np.arange(STEPS, dtype=np.float32) + 0.5) / STEPS
    inputs = tuple(map(jnp.asarray, arrays))
    parts = [_along(graph, state, inputs, jnp.asarray(direction), alphas[i : i + ROWS]) for i in range(0, STEPS, ROWS)]
    sums = [np.sum([np.asarray(part[i], np.float64) for part in parts], axis=0) / STEPS for i in range(len(parts[0]))]
    ends = np.asarray(_ends(graph, state, inputs, jnp.asarray(direction)), np.float64)
    return sums, float(ends[1]), float(ends[0])


@partial(jax.jit, static_argnums=0)
def _along(graph: Any, state: Any, arrays: Any, direction: jax.Array, alphas: jax.Array) -> list[jax.Array]:
    # For each part (length,): gradient times row, added up over these points of the path.
    rows = _rows(state, arrays)
    slope = jax.grad(lambda rows: _answer(graph, state, arrays, direction, rows))
    slopes = jax.vmap(lambda alpha: slope([alpha * row for row in rows]))(alphas)
    return [(slope.sum(axis=0) * row).sum(axis=-1) for slope, row in zip(slopes, rows, strict=True)]


@partial(jax.jit, static_argnums=0)
def _ends(graph: Any, state: Any, arrays: Any, direction: jax.Array) -> jax.Array:
    rows = _rows(state, arrays)
    return jnp.stack([_answer(graph, state, arrays, direction, [end * row for row in rows]) for end in (0.0, 1.0)])


def _answer(graph: Any, state: Any, arrays: Any, direction: jax.Array, rows: list[jax.Array]) -> jax.Array:
    # Each entry has a table row of its own, so that equal tokens have gradients of their own.
    state = jax.tree.map(
        lambda leaf: leaf.replace(rows[_part(leaf, rows)]) if _is_table(leaf) else leaf, state, is_leaf=_is_variable
    )
    own = [array if i % 2 else jnp.arange(array.shape[1], dtype=jnp.int32)[None] for i, array in enumerate(arrays)]
    return nnx.merge(graph, state)(*own)[0] @ direction


def _rows(state: Any, arrays: Any) -> list[jax.Array]:
    tables = [leaf for leaf in jax.tree.leaves(state, is_leaf=_is_variable) if _is_table(leaf)]
    return [table[...][ids[0]] for ids in arrays[::2] for table in tables if arrays[2 * _part(table, tables)] is ids]


def _part(table: Table, parts: list[Any]) -> int:
    # A table of phrases belongs to the last part of a document, any other to the first.
    return len(parts) - 1 if isinstance(table, LinearTable) else 0


def _is_table(leaf: Any) -> bool:
    return isinstance(leaf, Table)


def _is_variable(leaf: Any) -> bool:
    return isinstance(leaf, nnx.Variable)
