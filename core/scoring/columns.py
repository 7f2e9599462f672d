"""What a model answers to some texts, and the columns that are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_letters, digits

import numpy as np
import pyarrow as pa

from core.errors import BadInput
from core.evaluation import label_sets
from core.explanation.catalogue import document_explainer
from core.predictor import Predictor
from core.schema import LabelSetRule, Split
from core.units import has_unit

DECIMALS = 6  # of a probability
MAX_REASONS = 20
_APART = " | "  # between the classes of a set
_IN_A_WORD = frozenset(ascii_letters + digits)  # most texts begin so; only the others are looked at closely


@dataclass(frozen=True, kw_only=True)
class AddedColumns:
    """Which columns a prediction adds beside "prediction".

    Attributes:
        top: only the classes with the highest probabilities, so many, as "top_1", "p_top_1" and so on; None for a
            column "p_CLASS" of every class.
        reasons: how many of the strongest words for the predicted class, as "reasons"; 0 for none.
        label_sets: by which rule the classes of a "label_set" are found; None for none.
        novelty: whether to tell what is unlike the training data, as "novelty": percent of the validation documents
            that are less rare, empty where that is not known.
    """

    top: int | None = None
    reasons: int = 0
    label_sets: LabelSetRule | None = None
    novelty: bool = False

    def check(self, class_names: Sequence[str]) -> None:
        """Raise BadInput for what cannot be added."""
        if self.top is not None and not 1 <= self.top <= len(class_names):
            raise BadInput(f"--top lies between 1 and {len(class_names)}, the number of classes, not {self.top}.")
        if not 0 <= self.reasons <= MAX_REASONS:
            raise BadInput(f"--reasons lies between 0 and {MAX_REASONS}, not {self.reasons}.")

    def names(self, class_names: Sequence[str]) -> list[str]:
        """Of the columns, in their order."""
        places = range(1, (self.top or 0) + 1)
        probabilities = [f"p_{name}" for name in class_names]
        if self.top is not None:
            probabilities = [name for place in places for name in (f"top_{place}", f"p_top_{place}")]
        others = {"label_set": self.label_sets, "novelty": self.novelty, "reasons": self.reasons}
        return ["prediction", *probabilities, *(name for name, wanted in others.items() if wanted)]


def answers_schema(classes: int, added: AddedColumns) -> pa.Schema:
    """The types of `answers`."""
    fields = [("p", pa.list_(pa.float32(), classes)), ("is_guess", pa.bool_())]
    if added.novelty:
        fields.append(("novelty", pa.int8()))
    if added.reasons:
        fields.append(("reasons", pa.large_string()))
    return pa.schema(fields)


def answers(model: Predictor, texts: Sequence[str], added: AddedColumns) -> pa.RecordBatch:
    """What the model says of each text: all from which the added columns follow, (rows,) each.

    Probabilities have six decimals. A guess is the answer to a text without a word.
    """
    probabilities = model.predict_proba(texts).astype(np.float32)
    schema = answers_schema(len(model.class_names), added)
    flat = pa.array(probabilities.round(DECIMALS).ravel())
    columns = [
        pa.FixedSizeListArray.from_arrays(flat, len(model.class_names)),
        pa.array(_are_guesses(texts), pa.bool_()),
    ]
    if added.novelty:
        columns.append(pa.array([each.percentile for each in model.many_novelty(texts)], pa.int8()))
    if added.reasons:
        columns.append(pa.array(_reasons(model, texts, probabilities.argmax(axis=1), added.reasons), pa.large_string()))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _are_guesses(texts: Sequence[str]) -> list[bool]:
    return [text[:1] not in _IN_A_WORD and not has_unit(text) for text in texts]


def probabilities_of(batch: pa.RecordBatch) -> np.ndarray:
    """(rows, classes) float32 of `answers`."""
    column = batch.column("p")
    return np.asarray(column.flatten()).reshape(len(column), column.type.list_size)


def columns_of(batch: pa.RecordBatch, class_names: Sequence[str], added: AddedColumns) -> dict[str, pa.Array]:
    """The added columns, by name, from `answers`."""
    p = probabilities_of(batch)
    names = pa.array(class_names, pa.large_string())
    found = {"prediction": names.take(pa.array(p.argmax(axis=1)))}
    if added.top is None:
        found |= {f"p_{name}": pa.array(np.ascontiguousarray(p[:, i])) for i, name in enumerate(class_names)}
    else:
        order = np.argsort(-p, axis=1, kind="stable")[:, : added.top]
        for place in range(added.top):
            found[f"top_{place + 1}"] = names.take(pa.array(order[:, place]))
            found[f"p_top_{place + 1}"] = pa.array(p[np.arange(len(p)), order[:, place]])
    if added.label_sets:
        found["label_set"] = pa.array(_set_names(added.label_sets, p, class_names), pa.large_string())
    return found | {name: batch.column(name) for name in ("novelty", "reasons") if name in batch.schema.names}


def _set_names(rule: LabelSetRule, probabilities: np.ndarray, class_names: Sequence[str]) -> list[str]:
    # The most probable class first.
    inside = label_sets(rule, probabilities)
    order = np.argsort(-probabilities, axis=1, kind="stable")
    return [_APART.join(class_names[i] for i in row if chosen[i]) for row, chosen in zip(order, inside, strict=True)]


def _reasons(model: Predictor, texts: Sequence[str], predicted: np.ndarray, most: int) -> list[str]:
    # In each text the words that add most to the log-odds of its class over the mean of the others, with what they add.
    explainer, found = document_explainer(model), [""] * len(texts)
    split = Split(
        dataset="", name="", texts=tuple(texts), labels=predicted.astype(np.int32), class_names=model.class_names
    )
    for place in np.unique(predicted):
        rows = np.flatnonzero(predicted == place)
        for start in range(0, len(rows), explainer.documents_per_step):
            step = rows[start : start + explainer.documents_per_step].tolist()
            for each in explainer.explain_documents(model, split, step, [(int(place), None)]):
                found[each.position] = _strongest(each.words, each.amounts[0], most)
    return found


def _strongest(words: Sequence[str], amounts: np.ndarray, most: int) -> str:
    order = np.argsort(-amounts, kind="stable")[:most]
    return ", ".join(f"{words[i]} ({amounts[i]:.2f})" for i in order if amounts[i] > 0.005)
