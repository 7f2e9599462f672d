"""The only cache of the app. Keys are plain values, with the model's fingerprint among them; what comes out is shared
by every session and must not be changed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from core.errors import BadInput
from pages.ui.render import tables
from pages.ui.shared.budget import BUDGET, Kept, P, T, bounded
from pages.ui.shared.snapshots import Snapshots
from pages.ui.shared.visitor import Lease

if TYPE_CHECKING:
    from core import schema
    from core.calibration import Calibration
    from core.evaluation.other_data import AskedSoFar
    from core.findings import TrainingIndex
    from core.jax_predictor import JaxPredictor
    from core.jobs import Registry
    from core.saved_models import ModelKey


def kept(entries: int, show_spinner: str | bool = False, **how: Any) -> Callable[[Callable[P, T]], Kept[P, T]]:
    """Keep what a function gives: so many results, and no more bytes than all kept results may take together."""
    return lambda made: bounded(st.cache_resource(max_entries=entries, show_spinner=show_spinner, **how)(made))


@kept(4, "Loading the model …", on_release=lambda gone: BUDGET.forget_model_soon(gone.fingerprint))
def model(key: ModelKey) -> JaxPredictor:
    """The model of that name, whose fingerprint is in its `ModelInfo`."""
    from core.saved_models import load_model

    return load_model(key.name)


@kept(8)
def evaluation(key: ModelKey, split: str = "test") -> schema.Evaluation:
    """The model's answers on its test or validation split, as stored with it."""
    from core.saved_models import stored_evaluation

    return stored_evaluation(key.name, split)


@kept(8)
def comparison(first: ModelKey, second: ModelKey) -> schema.Comparison:
    """Two models on the same test documents."""
    from core.evaluation import compare

    return compare(evaluation(first), evaluation(second))


@kept(8)
def report(key: ModelKey) -> schema.IntervalReport:
    """Precision, recall and F1 by class with their intervals."""
    from core.evaluation import report_intervals

    return report_intervals(evaluation(key))


@kept(8, "Going through the thresholds …")
def curves(key: ModelKey) -> tuple[schema.ClassCurves, ...]:
    """Each class against the rest at every threshold."""
    from core.evaluation import class_curves

    return class_curves(evaluation(key))


@kept(8, "Looking for wrong labels …")
def label_errors(key: ModelKey) -> schema.LabelErrors:
    """Test documents whose label is likely wrong."""
    from core.evaluation import label_errors

    return label_errors(evaluation(key))


@kept(32)
def autopsy(
    key: ModelKey, true: str, predicted: str, _split: schema.Split, _rows: np.ndarray
) -> Snapshots[schema.Autopsy]:
    """What pushes the documents of a cell (`_rows` of the split) into it, surer with every 128 of them."""
    from core.findings import autopsy_snapshots

    return Snapshots(autopsy_snapshots(model(key), _split, _rows, true, predicted))


@kept(2)
def training_index(fingerprint: str, _train: schema.Split) -> TrainingIndex:
    """The words of the training documents of the data set with that fingerprint."""
    from core.findings import index_of

    return index_of(_train)


@kept(32)
def neighbours(
    key: ModelKey, cell: tuple[str, str], _data: schema.TextDataset, _rows: np.ndarray
) -> schema.Neighbourhood:
    """The training documents of both classes that are nearest to the documents of a cell."""
    texts = [_data.test.texts[row] for row in _rows]
    return training_index(_data.fingerprint, _data.train).nearest(texts, list(dict.fromkeys(cell)))


@kept(8)
def stored_words(key: ModelKey) -> schema.GlobalWords | None:
    """The words of a whole model, if they were found before."""
    from core.findings import stored_global_words

    return stored_global_words(key.name)


@kept(4)
def global_words(key: ModelKey, _data: schema.TextDataset) -> Snapshots[schema.GlobalWords]:
    """The words of a whole model, found in the background and kept for the next time."""
    from core.findings import global_words, save_global_words

    snapshots = Snapshots(global_words(model(key), _data.test))
    snapshots.go_on(lambda words: save_global_words(key.name, words, _data.fingerprint))
    return snapshots


@kept(16)
def shortcut(key: ModelKey, words: tuple[str, ...] | None, _split: schema.Split) -> Snapshots[schema.ShortcutTest]:
    """The score without these words; None: without what the text-only version of the documents lacks."""
    from core.findings import STRIPPED, score_other_snapshots, score_without_snapshots, text_only

    loaded, before = model(key), evaluation(key)
    if words is not None:
        return Snapshots(score_without_snapshots(loaded, _split, words, before))
    stripped = text_only(_split)
    if stripped is None:
        raise BadInput(f"There is no text-only version of {_split.dataset}; name words to take out.")
    return Snapshots(score_other_snapshots(loaded, _split, stripped, STRIPPED, before))


@kept(4)
def answers_on(key: ModelKey, fingerprint: str, _split: schema.Split) -> Snapshots[AskedSoFar]:
    """The model on the test documents of the data set with that fingerprint, which it did not learn from."""
    from core.evaluation.other_data import evaluate_on_snapshots

    return Snapshots(evaluate_on_snapshots(model(key), _split))


@kept(8, "Looking for texts that the model knows …")
def seen_before(dataset: str, learned_from: str, fingerprint: str, _split: schema.Split) -> int | None:
    """How many of these documents a model has learned from, by the name and fingerprint of its data set."""
    from core.evaluation.other_data import seen_before

    return seen_before(dataset, learned_from, _split)


@kept(8)
def calibration_error(key: ModelKey) -> schema.CalibrationError:
    """How far the model's confidence is from its success, with interval and floor."""
    from core.evaluation import calibration_error

    return calibration_error(evaluation(key))


@kept(8)
def calibration(key: ModelKey) -> Calibration:
    """What makes probabilities of a model's logits."""
    from core.saved_models import stored_calibration

    return stored_calibration(key.name)


@kept(8)
def epochs(key: ModelKey) -> schema.EpochPredictions:
    """What a model answered on its test split after every epoch."""
    from core.saved_models import stored_epochs

    return stored_epochs(key.name)


@kept(8)
def history(key: ModelKey) -> tuple[schema.EpochRecord, ...]:
    """A model's training, epoch by epoch."""
    from core.saved_models import stored_history

    return stored_history(key.name)


@kept(2)
def dataset(name: str) -> schema.TextDataset:
    """A data set that is on this machine."""
    from core.datasets import load_dataset

    return load_dataset(name, download=False)


@kept(2, "Reading the table …")
def table(fingerprint: str) -> schema.TextDataset:
    """A table of the user's own that a model on this machine learned from."""
    from core.datasets import remembered_table

    return remembered_table(fingerprint)


@kept(8, "Counting words …")
def word_counts(name: str, fingerprint: str, split: str) -> np.ndarray:
    """(n,) int64, words of each document of a split."""
    return tables.word_counts(_data(name, fingerprint).splits[split])


@kept(8)
def copies(name: str, fingerprint: str) -> int:
    """Test documents of a data set that stand in training or validation too, character for character."""
    from core.evaluation import copied

    data = _data(name, fingerprint)
    return int(copied(data.test, (data.train, data.valid)).sum())


def _data(name: str, fingerprint: str) -> schema.TextDataset:
    from core.datasets import DATASETS

    return dataset(name) if name in DATASETS else table(fingerprint)


@st.cache_resource(scope="session", show_spinner=False, on_release=Lease.end)
def lease(visitor: str) -> Lease:
    """What keeps all that a visitor has made as long as this session lasts."""
    return Lease(visitor)


@st.cache_resource(show_spinner=False)
def jobs() -> Registry:
    """The training runs of this server; kept here, they outlive a reload of the code."""
    from core.jobs import REGISTRY

    return REGISTRY
