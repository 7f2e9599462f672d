"""Folders to models. Everything is read as data and checked before it is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.checkpoints.catalogue import ModelInfo, find, read_info, reading
from core.checkpoints.weights import ANSWERS, CALIBRATION, HISTORY, RECIPE, WEIGHTS, fingerprint, read_weights
from core.config import Recipe
from core.schema import EpochRecord, Evaluation

if TYPE_CHECKING:
    from core.prediction import JaxPredictor


def load_model(name_or_folder: str | Path) -> JaxPredictor:
    """The model of that name, or the one in that folder, checked against its fingerprint.

    Raises UnknownName when there is none, and DamagedModel when it is incomplete, altered or of a newer version.
    """
    info = read_info(find(name_or_folder))
    with reading(info.folder):
        _check(info)
        return _loaded(info)


def stored_evaluation(name_or_folder: str | Path, split: str = "test") -> Evaluation:
    """The model's answers on its test split as they were stored with it, without the data set.

    The probabilities (n, classes) were rounded to float16, which moves a figure by less than 1e-3.
    Raises UnknownName, and DamagedModel when the answers are not there or not those that the model was saved with.
    """
    info = read_info(find(name_or_folder))
    with reading(info.folder):
        _check(info)
        probabilities, labels = _stored_answers(info)
        evaluation = Evaluation(
            model=info.name,
            dataset=info.dataset,
            split="test",
            class_names=info.class_names,
            labels=labels,
            probabilities=probabilities,
            caveats=tuple(info.test.get("caveats", ())),
        )
        if not abs(evaluation.accuracy - info.accuracy) <= 1e-3:
            raise ValueError("its test predictions are of another model")
    return evaluation


def stored_history(name_or_folder: str | Path) -> tuple[EpochRecord, ...]:
    """A model's training, epoch by epoch, without loading its weights.

    Raises UnknownName, and DamagedModel when the model is not as it was saved.
    """
    info = read_info(find(name_or_folder))
    with reading(info.folder):
        _check(info)
        return _history(info)


def stored_temperature(name_or_folder: str | Path) -> float:
    """What a model's logits are divided by, without loading its weights. Raises UnknownName and DamagedModel."""
    info = read_info(find(name_or_folder))
    with reading(info.folder):
        return _temperature(info)


def _history(info: ModelInfo) -> tuple[EpochRecord, ...]:
    records = json.loads((info.folder / HISTORY).read_text(encoding="utf-8"))
    return tuple(EpochRecord(**record) for record in records)


def _temperature(info: ModelInfo) -> float:
    temperature = json.loads((info.folder / CALIBRATION).read_text(encoding="utf-8"))["temperature"]
    if not 0 < temperature < 1e6:
        raise ValueError("its temperature cannot be")
    return float(temperature)


def _check(info: ModelInfo) -> None:
    if fingerprint(info.folder, info.class_names) != info.fingerprint:
        raise ValueError("a file is missing or is not as it was saved")


def _stored_answers(info: ModelInfo) -> tuple[np.ndarray, np.ndarray]:
    with np.load(info.folder / ANSWERS, allow_pickle=False) as stored:
        rounded, labels = stored["probabilities"].astype(np.float32), stored["labels"].astype(np.int32)
    if rounded.shape != (info.test["n"], len(info.class_names)) or labels.shape != rounded.shape[:1]:
        raise ValueError("its test predictions are of another shape")
    if labels.min() < 0 or labels.max() >= rounded.shape[1]:
        raise ValueError("its test labels are not of its classes")
    return rounded / rounded.sum(axis=1, keepdims=True), labels


def _loaded(info: ModelInfo) -> JaxPredictor:
    from core.encoders import load_encoder
    from core.prediction import JaxPredictor

    recipe = Recipe.from_json((info.folder / RECIPE).read_text(encoding="utf-8"))
    encoder = load_encoder(info.folder)
    arrays = read_weights(info.folder / WEIGHTS)
    graph, state = _network(recipe, encoder.sizes, len(info.class_names), arrays)
    return JaxPredictor(
        name=info.name,
        class_names=info.class_names,
        recipe=recipe,
        encoder=encoder,
        graph=graph,
        state=state,
        history=_history(info),
        temperature=_temperature(info),
        data_fingerprint=info.data_fingerprint,
        fingerprint=info.fingerprint,
    )


def _network(recipe: Recipe, sizes: tuple[int, ...], classes: int, arrays: Any) -> tuple[Any, Any]:
    import jax
    from flax import nnx

    from core.models import build_model

    # Built in the abstract: only the shapes of fresh weights are needed, and nothing is compiled.
    model = nnx.eval_shape(lambda: build_model(recipe.model, sizes, classes, rngs=nnx.Rngs(0)))
    graph, state = nnx.split(model)
    wanted = nnx.to_pure_dict(state)
    if _shapes(wanted) != _shapes(arrays):
        raise ValueError("its weights have another shape than its recipe says")
    nnx.replace_by_pure_dict(state, jax.device_put(_keyed(wanted, arrays)))
    return graph, state


def _shapes(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {str(key): _shapes(value) for key, value in tree.items()}
    return tuple(tree.shape), str(tree.dtype)


def _keyed(like: Any, arrays: Any) -> Any:
    # On the disk the layers of a list have their number as text.
    return {key: _keyed(value, arrays[str(key)]) for key, value in like.items()} if isinstance(like, dict) else arrays
