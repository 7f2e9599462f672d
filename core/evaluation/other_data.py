"""A model on data that it did not learn from, whose classes it knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.datasets import DATASETS, load_dataset, remembered_table
from core.errors import BadInput, WhywordError
from core.evaluation.independence import copied
from core.evaluation.scoring import evaluate
from core.schema import Evaluation, Split

if TYPE_CHECKING:
    from core.predictor import Predictor

DOCUMENTS_PER_SNAPSHOT = 500  # from one snapshot to the next


def knows_classes(known: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether every class of some data is one that a model knows."""
    return set(wanted) <= set(known)


class AskedSoFar(NamedTuple):
    """How far a model was asked about a split.

    Attributes:
        documents: it has answered.
        total: there are.
        result: its answers to all of them; None before.
    """

    documents: int
    total: int
    result: Evaluation | None


def evaluate_on(model: Predictor, split: Split) -> Evaluation:
    """The model on documents of a data set that may lack some of its classes.

    Raises BadInput for an empty split, and a class that the model does not know.
    """
    return evaluate(model, _with_classes_of(model, split))


def evaluate_on_snapshots(model: Predictor, split: Split) -> Iterator[AskedSoFar]:
    """The same in steps: how many documents are answered, and in the end the result."""
    known, total = _with_classes_of(model, split), len(split)
    parts: list[np.ndarray] = []
    for start in range(0, total, DOCUMENTS_PER_SNAPSHOT):
        parts.append(model.predict_proba(split.texts[start : start + DOCUMENTS_PER_SNAPSHOT]))
        yield AskedSoFar(min(start + DOCUMENTS_PER_SNAPSHOT, total), total, None)
    yield AskedSoFar(total, total, evaluate(model, known, np.concatenate(parts) if parts else None))


def _with_classes_of(model: Predictor, split: Split) -> Split:
    unknown = sorted(set(split.class_names) - set(model.class_names))
    if unknown:
        raise BadInput(f"{model.name} does not know the class {unknown[0]!r} of {split.dataset}; pick a matching set.")
    places = np.array([model.class_names.index(name) for name in split.class_names], np.int32)
    return replace(split, labels=places[split.labels], class_names=model.class_names)


def seen_before(dataset: str, fingerprint: str, split: Split) -> int | None:
    """How many documents of a split a model has learned from; None where its data are not on this machine.

    Args:
        dataset, fingerprint: of what it learned from.
    """
    with suppress(WhywordError):
        data = load_dataset(dataset, download=False) if dataset in DATASETS else remembered_table(fingerprint)
        return int(copied(split, (data.train, data.valid)).sum())
    return None
