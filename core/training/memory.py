"""What a training run will take of memory, found out from shapes alone, before anything is taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax.extend.core import jaxprs_in_params

from core import memory
from core.batching import Layout
from core.config import Recipe
from core.errors import BadInput
from core.format import size
from core.models import build_model
from core.schema import Encoded

COPIES_OF_WEIGHTS = 5  # the weights, their gradients, Adam's two means, and the best epoch's
COPIES_OF_LAYERS = 2  # what a layer gives, and its gradient
KEPT = ("dot_general", "conv_general_dilated", "gather")  # what XLA cannot fuse away, and the way back needs


def check_memory(recipe: Recipe, layout: Layout, classes: int, train: Encoded) -> None:
    """Raise BadInput when training would take more memory than there is, by `needed_bytes`."""
    there, needed = _there(), needed_bytes(recipe, layout, classes, train)
    if there is not None and needed > there:
        raise BadInput(
            f"Training with these settings takes about {size(needed)} of memory, and {size(there)} are free; choose a "
            "smaller batch, length, embedding or vocabulary."
        )


def needed_bytes(recipe: Recipe, layout: Layout, classes: int, train: Encoded) -> int:
    """About what a step on the longest documents of the train split takes on each device.

    It counts weights and what the optimizer remembers of them, and what the layers give. XLA's own count for the
    recipes that ship is 0.9 to 1.6 times as much (`tests/test_memory.py`).
    """
    model = nnx.eval_shape(lambda: build_model(recipe.model, layout.sizes, classes, rngs=nnx.Rngs(0)))
    graph, params = nnx.split(model)
    weights = sum(_bytes(leaf) for leaf in jax.tree.leaves(params))
    rows = -(-layout.rows // len(jax.devices()))
    batch = [array for part in train.parts for array in _arrays(part, layout, rows)]

    def logits(params: Any, *arrays: Any) -> Any:
        return nnx.merge(graph, params)(*arrays, rngs=nnx.Rngs(dropout=0))

    layers = sum(_output_bytes(jax.make_jaxpr(logits)(params, *batch).jaxpr))
    return COPIES_OF_WEIGHTS * weights + COPIES_OF_LAYERS * layers


def _arrays(part: Encoded, layout: Layout, rows: int) -> tuple[jax.ShapeDtypeStruct, jax.ShapeDtypeStruct]:
    # The ids and values of a batch with the longest document.
    length = layout.padded(int(part.lengths.max(initial=1)), part.ordered)
    return jax.ShapeDtypeStruct((rows, length), jnp.int32), jax.ShapeDtypeStruct((rows, length), jnp.float32)


def _output_bytes(jaxpr: Any) -> Iterator[int]:
    # Bytes of what each costly operation gives, those in called functions too.
    for equation in jaxpr.eqns:
        times = equation.params.get("length", 1) if equation.primitive.name == "scan" else 1
        for inner in jaxprs_in_params(equation.params):
            yield from (times * size for size in _output_bytes(inner))
        if equation.primitive.name in KEPT:
            yield from (_bytes(variable.aval) for variable in equation.outvars)


def _bytes(array: Any) -> int:
    return int(array.size) * array.dtype.itemsize


def _there() -> int | None:
    # Of one device: a graphics card has memory of its own.
    device = jax.local_devices()[0]
    figures = None if device.platform == "cpu" else device.memory_stats()
    return figures["bytes_limit"] if figures and "bytes_limit" in figures else memory.free_bytes()
