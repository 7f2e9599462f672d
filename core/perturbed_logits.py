"""Many versions of one text through a network that looks up what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np
from flax import nnx

from core.devices import remember_compilations
from core.encoders import Part
from core.schema import BagTable, Encoded

FEW_ROWS, MANY_ROWS, MAX_ROWS = 8, 256, 1280  # rows of a step; most of them where they have no length to be sorted by
MIN_LENGTH, MIN_IDS, MIN_BAG_IDS = 512, 512, 128  # most texts have arrays of these sizes: little is compiled
MAX_QUEUED_MASKS = 2560  # masks that are turned into tokens while the network works on those before
MAX_QUEUED_WORDS = 800_000  # words of them, about: bounds the memory


def version_logits(
    graph: Any, state: Any, encode: Callable[[np.ndarray], Sequence[Part]], masks: np.ndarray, *, classes: int
) -> np.ndarray:
    """(n, classes) float32 of the versions of a text that the masks (n, words) bool leave.

    Args:
        graph, state: a network that has `versions`, in evaluation mode.
        encode: what `Encoder.without` gives.
        classes: number of logits.
    """
    remember_compilations()
    queued: list[tuple[np.ndarray, jax.Array]] = []
    together = min(
        MAX_QUEUED_MASKS, max(MANY_ROWS, MAX_QUEUED_WORDS // max(masks.shape[1], 1) // MANY_ROWS * MANY_ROWS)
    )
    for start in range(0, len(masks), together):
        for group, arrays in _steps(encode(masks[start : start + together])):
            queued.append((start + group, _forward(graph, state, *arrays)))
    return in_place(queued, len(masks), classes)


def in_place(queued: Iterable[tuple[np.ndarray, jax.Array]], count: int, classes: int) -> np.ndarray:
    """Logits (count, classes) float32 out of those of groups of documents; waits for them."""
    logits = np.zeros((count, classes), np.float32)
    for group, part in queued:
        logits[group] = np.asarray(part)[: len(group)]
    return logits


@partial(jax.jit, static_argnums=0)
def _forward(graph: Any, state: Any, *arrays: np.ndarray) -> jax.Array:
    return nnx.merge(graph, state).versions(*arrays)


def _steps(parts: Sequence[Part]) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    # Versions of similar length together, (rows,) which they are, and the arrays for the network.
    first, count = parts[0], len(parts[0])
    rows = (
        FEW_ROWS if count <= FEW_ROWS else MANY_ROWS if isinstance(first, Encoded) or count <= MANY_ROWS else MAX_ROWS
    )
    order = np.argsort(first.lengths, kind="stable") if isinstance(first, Encoded) else np.arange(count)
    pieces = [_in_order(part) if isinstance(part, Encoded) else _of_bag(part) for part in parts]
    for start in range(0, count, rows):
        group = order[start : start + rows]
        yield group, [array for piece in pieces for array in piece(group, rows)]


def _in_order(part: Encoded) -> Callable[[np.ndarray, int], list[np.ndarray]]:
    # The ids that occur; of each version their positions among these, with the number behind the last for none.
    ids = np.flatnonzero(np.bincount(part.ids, minlength=1)).astype(np.int32)
    room, length = _room(len(ids), MIN_IDS), _room(int(part.lengths.max(initial=0)), MIN_LENGTH)
    position = np.zeros(int(ids.max(initial=0)) + 1, np.int32)
    position[ids] = np.arange(len(ids), dtype=np.int32)
    places = position[part.ids]

    def arrays(group: np.ndarray, rows: int) -> list[np.ndarray]:
        padded, lengths = np.full((rows, length), room, np.int32), np.zeros(rows, np.int32)
        lengths[: len(group)] = part.lengths[group]
        for i, row in enumerate(group):
            padded[i, : lengths[i]] = places[part.offsets[row] : part.offsets[row + 1]]
        return [_filled(ids, room), padded, lengths]

    return arrays


def _of_bag(part: BagTable) -> Callable[[np.ndarray, int], list[np.ndarray]]:
    room = _room(len(part.ids), MIN_BAG_IDS)

    def arrays(group: np.ndarray, rows: int) -> list[np.ndarray]:
        values = np.zeros((rows, room), np.float32)
        values[: len(group), : len(part.ids)] = part.values[group]
        return [_filled(part.ids, room), values]

    return arrays


def _filled(ids: np.ndarray, room: int) -> np.ndarray:
    return np.concatenate([ids, np.zeros(room - len(ids), np.int32)])


def _room(size: int, least: int) -> int:
    return max(least, 1 << max(size - 1, 0).bit_length())
