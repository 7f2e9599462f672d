"""How right a model is on a split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.errors import BadInput
from core.schema import Evaluation, Split

if TYPE_CHECKING:
    from core.predictor import Predictor


def evaluate(model: Predictor, split: Split, probabilities: np.ndarray | None = None) -> Evaluation:
    """The model's probabilities on every document of a split, with all figures that follow from them.

    Of many processes, all call this and each asks the model about its share.

    Args:
        model: who is asked.
        split: n documents.
        probabilities: (n, classes) float32, when it has been asked already.

    Raises BadInput when the split is empty or its classes are not the model's.
    """
    from core.devices import divided  # late: the figures of stored answers need no JAX

    if not len(split):
        raise BadInput(f"The {split.name} split of {split.dataset} has no documents to evaluate on.")
    if split.class_names != model.class_names:
        theirs, ours = ", ".join(split.class_names), ", ".join(model.class_names)
        raise BadInput(f"{model.name} knows the classes {ours}, but {split.dataset} has {theirs}; pick a matching set.")
    return Evaluation(
        model=model.name,
        dataset=split.dataset,
        split=split.name,
        class_names=model.class_names,
        labels=split.labels,
        probabilities=divided(model.predict_proba, split.texts) if probabilities is None else probabilities,
        caveats=_caveats(split),
    )


def only_class_sentence(evaluation: Evaluation) -> str:
    """That the model gives one class to all documents of several, "" where it does not."""
    if evaluation.only_class is None:
        return ""
    kind = {"train": "training", "valid": "validation"}.get(evaluation.split, evaluation.split)
    return (
        f"The model gives all {len(evaluation):,} {kind} documents the class {evaluation.only_class!r}, "
        "so it tells no classes apart; train it with other settings or another family."
    )


def _caveats(split: Split) -> tuple[str, ...]:
    empty = sum(not text.strip() for text in split.texts)
    return (f"{empty} of {len(split):,} documents are empty; a model can only guess them.",) if empty else ()
