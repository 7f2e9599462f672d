"""The only cache of the app. Keys are plain values, with the model's fingerprint among them; what comes out is shared
by every session and must not be changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

if TYPE_CHECKING:
    from core.jobs import Registry
    from core.prediction import JaxPredictor
    from core.schema import DeletionCheck, EpochRecord, Evaluation, Explanation, Opinion, TextDataset, Variant
    from pages.ui.pictures import Pictures

ALL_WORDS = 1_000_000  # more than any text that is explained has; how many are marked is up to the page


@st.cache_resource(max_entries=4, show_spinner="Loading the model …")
def model(name: str, fingerprint: str) -> JaxPredictor:
    """The model of that name, whose fingerprint is in its `ModelInfo`."""
    from core.checkpoints import load_model

    return load_model(name)


@st.cache_resource(max_entries=8, show_spinner="Asking the model about the text with words left out …")
def pictures(
    name: str, fingerprint: str, text: str, label: str | None, against: str | None, samples: int, seed: int
) -> Pictures:
    """Why the model gives the text its probability of the class, surer with every look; None: the most probable."""
    from core.explanation import explaining
    from pages.ui.pictures import Pictures

    return Pictures(explaining(model(name, fingerprint), text, label, samples, ALL_WORDS, seed, against))


@st.cache_resource(max_entries=64, show_spinner="Taking words away …")
def deletion_check(name: str, fingerprint: str, _why: Explanation, key: str) -> DeletionCheck:
    """What the strongest words of an explanation are really worth; `key` is the explanation's `key_of`."""
    from core.explanation import check_by_deletion

    return check_by_deletion(model(name, fingerprint), _why)


@st.cache_resource(max_entries=64, show_spinner="Asking in another way …")
def opinions(name: str, fingerprint: str, _why: Explanation, key: str) -> tuple[Opinion, ...]:
    """What other methods say of the words of an explanation; `key` is its `key_of`."""
    from core.explanation import second_opinions

    return second_opinions(model(name, fingerprint), _why)


@st.cache_resource(max_entries=64, show_spinner=False)
def left_out(name: str, fingerprint: str, text: str, starts: tuple[int, ...]) -> dict[str, float]:
    """The probability of each class without the words that start there; of the text itself without any."""
    from core.explanation import left_out

    return left_out(model(name, fingerprint), text, starts)


@st.cache_resource(max_entries=64, show_spinner=False)
def variants(name: str, fingerprint: str, text: str, label: str, seed: int) -> tuple[Variant, ...]:
    """The text a little otherwise, with the probability of the class for each version."""
    from core.explanation import variants

    return variants(model(name, fingerprint), text, label, seed)


@st.cache_resource(max_entries=64, show_spinner=False)
def timeline(name: str, fingerprint: str, text: str, label: str) -> tuple[Variant, ...]:
    """The probability of the class after each sentence."""
    from core.explanation import timeline

    return timeline(model(name, fingerprint), text, label)


def key_of(why: Explanation) -> str:
    """What tells an explanation from others of the same model."""
    return repr((why.text, why.class_name, why.against, why.samples, why.seed))


@st.cache_resource(max_entries=8, show_spinner=False)
def evaluation(name: str, fingerprint: str) -> Evaluation:
    """The model's answers on its test split, as stored with it."""
    from core.checkpoints import stored_evaluation

    return stored_evaluation(name)


@st.cache_resource(max_entries=8, show_spinner=False)
def history(name: str, fingerprint: str) -> tuple[EpochRecord, ...]:
    """A model's training, epoch by epoch."""
    from core.checkpoints import stored_history

    return stored_history(name)


@st.cache_resource(max_entries=2, show_spinner="Reading the data …")
def dataset(name: str) -> TextDataset:
    """A data set that is on this machine."""
    from core.datasets import load_dataset

    return load_dataset(name, download=False)


@st.cache_resource(max_entries=2, show_spinner="Reading the table …")
def table(fingerprint: str) -> TextDataset:
    """A table of the user's own that a model on this machine learned from."""
    from core.datasets import remembered_table

    return remembered_table(fingerprint)


@st.cache_resource(max_entries=8, show_spinner="Counting words …")
def word_counts(name: str, fingerprint: str, split: str) -> np.ndarray:
    """(n,) int64, words of each document of a split."""
    from core.datasets import DATASETS
    from pages.ui.tables import word_counts

    data = dataset(name) if name in DATASETS else table(fingerprint)
    return word_counts(data.splits[split])


@st.cache_resource(show_spinner=False)
def jobs() -> Registry:
    """The training runs of this server; kept here, they outlive a reload of the code."""
    from core.jobs import REGISTRY

    return REGISTRY
