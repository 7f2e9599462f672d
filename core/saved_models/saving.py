"""Models to folders: written under a temporary name, then renamed, so that no reader ever sees half a model."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core import folders
from core.errors import TrainingFailed
from core.saved_models.catalogue import FORMAT, check_name
from core.saved_models.places import put, remove_leftovers, temporary_folder
from core.saved_models.weights import (
    ANSWERS,
    CALIBRATION,
    EPOCHS,
    HISTORY,
    RECIPE,
    REFERENCE,
    WEIGHTS,
    fingerprint,
    write_weights,
)
from core.schema import Evaluation, Independence, TextLengths

if TYPE_CHECKING:
    from core.jax_predictor import JaxPredictor

PROBE_BYTES = 1_000_000  # a disk with less room is full, for a model


def save_model(
    predictor: JaxPredictor,
    test: Evaluation,
    *,
    name: str,
    valid: Evaluation | None = None,
    epochs: np.ndarray | None = None,
    independence: Independence | None = None,
    lengths: TextLengths | None = None,
) -> Path:
    """Write a model and its answers to `models_folder()/name`, and return that folder.

    Args:
        predictor: the model.
        test: its answers on the test split.
        name: what it is called from now on.
        valid: its answers on the validation split.
        epochs: (epochs, n) integers, what it took each test document for after each epoch of its training.
        independence: of the test documents.
        lengths: of the test documents, and how right the model is about shorter texts.

    A trained model of the same name is replaced. Of many processes that share the folder, all call this and the first
    writes. Raises BadInput for a name that cannot be, and TrainingFailed when the disk is full or cannot be written
    to; then nothing is left behind.
    """
    from core.devices import is_first

    check_name(name)
    with _saving(name) as folder:
        if is_first():
            _write_records(folder, predictor)
            _write_answers(folder, test, valid, epochs)
        write_weights(folder / WEIGHTS, _arrays(predictor))
        if is_first():
            mark = fingerprint(folder, predictor.class_names)
            record = _record(predictor, test, valid, independence, lengths)
            _write_json(folder / "model.json", record | {"fingerprint": mark})
    return folders.models_folder() / name


def _write_records(folder: Path, predictor: JaxPredictor) -> None:
    predictor.encoder.save(folder)
    (folder / RECIPE).write_text(predictor.recipe.to_json(), encoding="utf-8")
    _write_json(folder / HISTORY, [asdict(record) for record in predictor.history])
    _write_json(folder / CALIBRATION, predictor.calibration._asdict())
    if predictor.reference is not None:
        np.savez_compressed(folder / REFERENCE, **vars(predictor.reference))


def _write_answers(folder: Path, test: Evaluation, valid: Evaluation | None, epochs: np.ndarray | None) -> None:
    for split, answers in (("test", test), ("valid", valid)):
        if answers is not None:
            probabilities = _rounded(answers)
            np.savez_compressed(folder / ANSWERS[split], probabilities=probabilities, labels=answers.labels)
    if epochs is not None:
        smallest = np.min_scalar_type(len(test.class_names) - 1)
        np.savez_compressed(folder / EPOCHS, predictions=epochs.astype(smallest))


def check_place(name: str) -> None:
    """Find out before the work whether a model could be saved under that name.

    Raises BadInput for a name that cannot be, and TrainingFailed when nothing can be written.
    """
    check_name(name)
    with _disk_errors_explained(name):
        remove_leftovers()
        probe = temporary_folder(name)
        try:
            probe.mkdir()
            _write_whole(probe / "probe", bytes(PROBE_BYTES))
        finally:
            shutil.rmtree(probe, ignore_errors=True)


def _write_whole(path: Path, content: bytes) -> None:
    # To the disk itself: some systems find out only then that there is no room.
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _saving(name: str) -> Iterator[Path]:
    # A folder to write to, the same in all processes. It takes the model's name when all went well; else it is gone.
    from core.devices import agree, is_first, wait_for_all

    with _disk_errors_explained(name):
        folder = folders.models_folder() / agree(temporary_folder(name).name)
        if is_first():
            remove_leftovers()
            folder.mkdir()
        wait_for_all("the folder is there")
        try:
            yield folder
            if is_first():
                put(folder, folders.models_folder() / name)
            wait_for_all("the model is in its place")
        finally:
            if is_first():
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _disk_errors_explained(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = folders.home() / "models"
        raise TrainingFailed(
            f"The model {name} cannot be saved in {place} ({error.strerror}); make room there or set WHYWORD_HOME to "
            "another folder."
        ) from error


def _arrays(predictor: JaxPredictor) -> Any:
    import jax
    from flax import nnx

    return jax.device_get(nnx.to_pure_dict(predictor.state))


def _record(
    predictor: JaxPredictor,
    test: Evaluation,
    valid: Evaluation | None,
    independence: Independence | None,
    lengths: TextLengths | None,
) -> dict[str, Any]:
    evaluations = {"test": test} if valid is None else {"test": test, "valid": valid}
    return {
        "format": FORMAT,
        "recipe": predictor.recipe.name,
        "dataset": test.dataset,
        "class_names": list(predictor.class_names),
        "parameters": predictor.parameters,
        "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "data_fingerprint": predictor.data_fingerprint,
        **{split: answers.summary() | {"caveats": list(answers.caveats)} for split, answers in evaluations.items()},
        **({} if independence is None else {"independence": independence.to_json()}),
        **({} if lengths is None else {"lengths": lengths.to_json()}),
    }


def _rounded(answers: Evaluation) -> np.ndarray:
    # (n, classes) float16 with the same winners: where rounding makes two classes equal, the winner gets a step more.
    rounded = answers.probabilities.astype(np.float16)
    rows = np.flatnonzero(rounded.argmax(axis=1) != answers.predictions)
    rounded[rows, answers.predictions[rows]] = np.nextafter(rounded[rows].max(axis=1), np.float16(np.inf))
    return rounded


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, allow_nan=False), encoding="utf-8")
