"""A model's network as StableHLO: one artefact that JAX runs without Whyword's networks, or that others compile.

The artefact takes the arrays that an encoder gives, with any number of documents of any length, and gives
probabilities (n, classes) float32. Weights and calibration are in it.
"""

from __future__ import annotations

import json
from pathlib import Path

import jax
from flax import nnx
from jax import export

from core.calibration import calibrated
from core.errors import BadInput
from core.folders import atomic_write
from core.jax_predictor import JaxPredictor
from core.sharing.running import ABOUT, CLASSES, NETWORK

PLATFORMS = ("cpu", "cuda", "tpu")


def serialized_network(model: JaxPredictor) -> bytes:
    """The network with its weights, of ids and values to probabilities, as `jax.export` serializes StableHLO."""

    def probabilities(*arrays: jax.Array) -> jax.Array:
        network = nnx.merge(model.graph, model.state)
        return jax.nn.softmax(calibrated(network(*arrays), model.calibration), axis=-1)

    exported = export.export(jax.jit(probabilities), platforms=PLATFORMS)(*_shapes(len(model.encoder.sizes)))
    return bytes(exported.serialize())


def write_network(model: JaxPredictor, path: Path) -> None:
    """Write the artefact alone; what was at `path` is replaced. Raises BadInput when nothing can be written there."""
    content = serialized_network(model)
    try:
        with atomic_write(path) as part:
            part.write_bytes(content)
    except OSError as error:
        raise BadInput(f"{path} cannot be written ({error.strerror}); choose another place.") from error


def write_network_folder(model: JaxPredictor, folder: Path, about: str) -> None:
    """Write a new folder with all that leads from a text to probabilities: artefact, encoder and names of classes.

    Args:
        model: its network is written.
        folder: where there is nothing yet.
        about: Markdown that is put beside them.

    Raises BadInput when there is something already, or nothing can be written there.
    """
    if folder.exists():
        raise BadInput(f"{folder} is there already; choose another place.")
    content = serialized_network(model)
    try:
        with atomic_write(folder) as part:
            part.mkdir()
            (part / NETWORK).write_bytes(content)
            (part / CLASSES).write_text(json.dumps(model.class_names, ensure_ascii=False), encoding="utf-8")
            (part / ABOUT).write_text(about, encoding="utf-8")
            model.encoder.save(part)
    except OSError as error:
        raise BadInput(f"{folder} cannot be written ({error.strerror}); choose another place.") from error


def _shapes(parts: int) -> list[jax.ShapeDtypeStruct]:
    # Ids and values of each part of the documents; every part has a length of its own.
    names = ", ".join(["batch", *(f"length{part}" for part in range(parts))])
    batch, *lengths = export.symbolic_shape(names)
    kinds = (jax.numpy.int32, jax.numpy.float32)
    return [jax.ShapeDtypeStruct((batch, length), kind) for length in lengths for kind in kinds]
