"""Folders to models. Everything is read as data and checked before it is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.checkpoints.catalogue import ModelInfo, find, read_info, reading
from core.checkpoints.weights import ANSWERS, HISTORY, RECIPE, WEIGHTS, fingerprint, read_weights
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


def stored_evaluation(name_or_folder: str | Path) -> Evaluation:
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


def _history(info: ModelInfo) -> tuple[EpochRecord, ...]:
    records = json.loads((info.folder / HISTORY).read_text(encoding="utf-8"))
    return tuple(EpochRecord(**record) for record in records)


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
    graph, state = _network(recipe, encoder.size, len(info.class_names), arrays)
    return JaxPredictor(
        name=info.name,
        class_names=info.class_names,
        recipe=recipe,
        encoder=encoder,
        graph=graph,
        state=state,
        history=_history(info),
        data_fingerprint=info.data_fingerprint,
        fingerprint=info.fingerprint,
    )


def _network(recipe: Recipe, vocabulary: int, classes: int, arrays: Any) -> tuple[Any, Any]:
    import jax
    from flax import nnx

    from core.models import build_model

    # Built in the abstract: only the shapes of fresh weights are needed, and nothing is compiled.
    model = nnx.eval_shape(lambda: build_model(recipe.model, vocabulary, classes, rngs=nnx.Rngs(0)))
    graph, state = nnx.split(model)
    expected, found = (_shapes(tree) for tree in (nnx.to_pure_dict(state), arrays))
    if expected != found:
        raise ValueError("its weights have another shape than its recipe says")
    nnx.replace_by_pure_dict(state, jax.device_put(arrays))
    return graph, state


def _shapes(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _shapes(value) for key, value in tree.items()}
    return tuple(tree.shape), str(tree.dtype)
