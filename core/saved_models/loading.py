"""Folders to models. Everything is read as data and checked before it is used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.calibration import Calibration
from core.config import Recipe
from core.errors import BadInput, DamagedModel, UnknownName
from core.format import size
from core.memory import free_bytes
from core.predictor import never_certain
from core.saved_models.catalogue import ModelInfo, Result, find, read_info, reading, settled
from core.saved_models.unpacking import check_packing, read_json, unpacked_bytes
from core.saved_models.weights import (
    ANSWERS,
    CALIBRATION,
    EPOCHS,
    HISTORY,
    RECIPE,
    REFERENCE,
    SPARE,
    WEIGHTS,
    fingerprint,
    read_weights,
    stored_shapes,
)
from core.schema import EpochPredictions, EpochRecord, Evaluation, best_record

if TYPE_CHECKING:
    from core.encoders import Encoder
    from core.jax_predictor import JaxPredictor
    from core.novelty import Reference


def load_model(name_or_folder: str | Path) -> JaxPredictor:
    """The model of that name, or the one in that folder, checked against its fingerprint.

    Raises UnknownName when there is none, and DamagedModel when it is incomplete, altered or of a newer version.
    """
    return _read(name_or_folder, _load)


def stored_evaluation(name_or_folder: str | Path, split: str = "test") -> Evaluation:
    """The model's answers on its "test" or "valid" split as they were stored with it, without the data set.

    The probabilities (n, classes) were rounded to float16, which moves a figure by less than 1e-3.
    Raises UnknownName for another model or split; BadInput when the answers were not kept, as those to "valid" by older
    versions; and DamagedModel when they are not there or not those that the model was saved with.
    """
    folder = find(name_or_folder)
    if split not in ANSWERS:
        raise UnknownName("split with answers", split, ANSWERS)
    evaluation = _read(folder, lambda info: _stored_evaluation(info, split))
    if evaluation is None:
        raise BadInput(_missing_record(folder, "its answers to the validation documents"))
    return evaluation


def stored_epochs(name_or_folder: str | Path) -> EpochPredictions:
    """What the model answered on its test split after every epoch of its training.

    Raises UnknownName; BadInput when that was not kept, as by older versions; and DamagedModel.
    """
    folder = find(name_or_folder)
    epochs = _read(folder, _stored_epochs)
    if epochs is None:
        raise BadInput(_missing_record(folder, "what it answered after every epoch"))
    return epochs


def stored_history(name_or_folder: str | Path) -> tuple[EpochRecord, ...]:
    """A model's training, epoch by epoch, without loading its weights.

    Raises UnknownName, and DamagedModel when the model is not as it was saved.
    """
    return _read(name_or_folder, _history)


def stored_recipe(name_or_folder: str | Path) -> Recipe:
    """The settings that a model was made with, without loading its weights. Raises UnknownName and DamagedModel."""
    return _read(name_or_folder, _recipe)


def stored_calibration(name_or_folder: str | Path) -> Calibration:
    """What makes probabilities of a model's logits, without its weights. Raises UnknownName and DamagedModel."""
    return _read(name_or_folder, _calibration)


def _read(name_or_folder: str | Path, part: Callable[[ModelInfo], Result]) -> Result:
    # A part of a model, all of one version and checked against its fingerprint.
    folder = find(name_or_folder)

    def read() -> Result:
        info = read_info(folder)
        with reading(folder):
            _check(info)
            return part(info)

    return settled(folder, read)


def _recipe(info: ModelInfo) -> Recipe:
    return Recipe.from_json(json.dumps(read_json(info.folder / RECIPE)))


def _history(info: ModelInfo) -> tuple[EpochRecord, ...]:
    history = tuple(EpochRecord(**record) for record in read_json(info.folder / HISTORY))
    if not all(map(_are_figures, history)):
        raise ValueError("its training has figures that cannot be")
    return history


def _are_figures(record: EpochRecord) -> bool:
    # Only the macro F1 may be unknown.
    figures = [value for name, value in vars(record).items() if (name, value) != ("valid_macro_f1", None)]
    return all(type(value) in (int, float) and 0 <= value < 1e18 for value in figures)  # never true of NaN


def _calibration(info: ModelInfo) -> Calibration:
    found = Calibration(**read_json(info.folder / CALIBRATION))  # of older versions the temperature alone
    if not (0 < found.temperature < 1e6 and 0 <= found.saturation < 1e6):
        raise ValueError("its calibration cannot be")
    return Calibration(*map(float, found))


def _missing_record(folder: Path, what: str) -> str:
    return f"{folder.name} was saved without {what}, as older versions of Whyword did; train it again to have that."


def _check(info: ModelInfo) -> None:
    _check_room(info.folder, unpacked_bytes(info.folder))
    if fingerprint(info.folder, info.class_names) != info.fingerprint:
        raise ValueError("a file is missing or is not as it was saved")


def _stored_evaluation(info: ModelInfo, split: str) -> Evaluation | None:
    figures = info.test if split == "test" else info.valid
    if figures is None:
        return None
    probabilities, labels = _stored_answers(info, split, figures["n"])
    evaluation = Evaluation(
        model=info.name,
        dataset=info.dataset,
        split=split,
        class_names=info.class_names,
        labels=labels,
        probabilities=probabilities,
        caveats=tuple(figures.get("caveats", ())),
    )
    if not abs(evaluation.accuracy - figures["accuracy"]) <= 1e-3:
        raise ValueError(f"its {split} predictions are of another model")
    return evaluation


def _stored_answers(info: ModelInfo, split: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    with np.load(info.folder / ANSWERS[split], allow_pickle=False) as stored:
        probabilities, labels = stored["probabilities"], stored["labels"].astype(np.int32)
    if probabilities.dtype.kind != "f" or not (probabilities >= 0).all() or not np.isfinite(probabilities).all():
        raise ValueError(f"its {split} predictions are no probabilities")
    rounded = probabilities.astype(np.float32)
    if rounded.shape != (count, len(info.class_names)) or labels.shape != rounded.shape[:1]:
        raise ValueError(f"its {split} predictions are of another shape")
    if labels.min() < 0 or labels.max() >= rounded.shape[1]:
        raise ValueError(f"its {split} labels are not of its classes")
    sums = rounded.sum(axis=1, keepdims=True)
    if not (sums > 0).all():
        raise ValueError(f"its {split} predictions are no probabilities")
    return never_certain(rounded / sums), labels


def _stored_epochs(info: ModelInfo) -> EpochPredictions | None:
    if not (info.folder / EPOCHS).is_file():
        return None
    history, (_, labels) = _history(info), _stored_answers(info, "test", info.test["n"])
    with np.load(info.folder / EPOCHS, allow_pickle=False) as stored:
        predictions = stored["predictions"].astype(np.int32)
    best = best_record(history)
    if best is None or predictions.shape != (len(history), len(labels)):
        raise ValueError("its predictions after every epoch are of another shape")
    if predictions.min() < 0 or predictions.max() >= len(info.class_names):
        raise ValueError("its predictions after every epoch are not of its classes")
    if not abs((predictions[best.epoch - 1] == labels).mean() - info.accuracy) <= 1e-3:
        raise ValueError("its predictions after every epoch are of another model")
    return EpochPredictions(
        model=info.name,
        dataset=info.dataset,
        class_names=info.class_names,
        labels=labels,
        predictions=predictions,
        best_epoch=best.epoch,
    )


def _reference(info: ModelInfo, encoder: Encoder) -> Reference | None:
    from core.novelty import Reference

    if not (info.folder / REFERENCE).is_file():
        return None
    with np.load(info.folder / REFERENCE, allow_pickle=False) as stored:
        rarity, quantiles = stored["rarity"].astype(np.float16), stored["quantiles"].astype(np.float64)
        figures = {key: float(stored[key]) for key in ("mean", "between", "within")}
    if rarity.shape != (encoder.sizes[-1] + 1,) or quantiles.shape != (101,):
        raise ValueError("what its documents are like is of another shape")
    if not all(np.isfinite(array).all() for array in (rarity, quantiles, [*figures.values()])):
        raise ValueError("what its documents are like is no number")
    return Reference(rarity=rarity, quantiles=quantiles, **figures)


def _load(info: ModelInfo) -> JaxPredictor:
    from core.encoders import load_encoder
    from core.jax_predictor import JaxPredictor

    recipe = _recipe(info)
    encoder = load_encoder(info.folder)
    graph, state = _network(recipe, encoder.sizes, len(info.class_names), info.folder)
    return JaxPredictor(
        name=info.name,
        class_names=info.class_names,
        recipe=recipe,
        encoder=encoder,
        graph=graph,
        state=state,
        history=_history(info),
        **_calibration(info)._asdict(),
        reference=_reference(info, encoder),
        data_fingerprint=info.data_fingerprint,
        fingerprint=info.fingerprint,
    )


def _network(recipe: Recipe, sizes: tuple[int, ...], classes: int, folder: Path) -> tuple[Any, Any]:
    import jax
    from flax import nnx

    from core.models import build_model

    # Built in the abstract: only the shapes of fresh weights are needed, and nothing is compiled.
    model = nnx.eval_shape(lambda: build_model(recipe.model, sizes, classes, rngs=nnx.Rngs(0)))
    graph, state = nnx.split(model)
    wanted = nnx.to_pure_dict(state)
    needed = sum(leaf.size * leaf.dtype.itemsize for leaf in jax.tree.leaves(wanted))
    _check_room(folder, needed)
    check_packing(folder / WEIGHTS, needed + SPARE)
    if _shapes(wanted) != stored_shapes(folder / WEIGHTS):
        raise ValueError("its weights have another shape than its recipe says")
    arrays = read_weights(folder / WEIGHTS)
    nnx.replace_by_pure_dict(state, jax.device_put(_keyed(wanted, arrays)))
    return graph, state


def _check_room(folder: Path, needed: int) -> None:
    free = free_bytes()
    if free is not None and needed > free:
        raise DamagedModel(
            f"The model in {folder} takes {size(needed)} of memory, and {size(free)} are free; use it on a larger "
            "machine, or delete it."
        )


def _shapes(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {str(key): _shapes(value) for key, value in tree.items()}
    return tuple(tree.shape), str(tree.dtype)


def _keyed(like: Any, arrays: Any) -> Any:
    # On the disk the layers of a list have their number as text.
    return {key: _keyed(value, arrays[str(key)]) for key, value in like.items()} if isinstance(like, dict) else arrays
