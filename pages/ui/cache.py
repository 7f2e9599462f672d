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
    from core.schema import EpochRecord, Evaluation, Explanation, TextDataset


@st.cache_resource(max_entries=4, show_spinner="Loading the model …")
def model(name: str, fingerprint: str) -> JaxPredictor:
    """The model of that name, whose fingerprint is in its `ModelInfo`."""
    from core.checkpoints import load_model

    return load_model(name)


@st.cache_resource(max_entries=64, show_spinner="Asking the model about the text with words left out …")
def explanation(
    name: str, fingerprint: str, text: str, label: str | None, samples: int, words: int, seed: int
) -> Explanation:
    """Why the model gives the text its probability of the class; of the most probable class for None."""
    from core.explanation import explain

    return explain(model(name, fingerprint), text, label, samples=samples, words=words, seed=seed)


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


@st.cache_resource(max_entries=8, show_spinner="Counting words …")
def word_counts(name: str, fingerprint: str, split: str) -> np.ndarray:
    """(n,) int64, words of each document of a split."""
    from pages.ui.tables import word_counts

    return word_counts(dataset(name).splits[split])


@st.cache_resource(show_spinner=False)
def jobs() -> Registry:
    """The training runs of this server; kept here, they outlive a reload of the code."""
    from core.jobs import REGISTRY

    return REGISTRY
