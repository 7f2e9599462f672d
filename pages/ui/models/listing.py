"""The models that can be used, and what each of them learned from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.datasets import DATASETS, is_remembered
from core.saved_models import ModelInfo, list_models
from pages.ui.render.format import percent, size
from pages.ui.render.tables import height_of
from pages.ui.shared.address import MODEL, hold, model_query, value
from pages.ui.shared.entry import PAGES
from pages.ui.shared.reading import select
from pages.ui.shared.session import CHOSEN, DELETED_MODEL
from pages.ui.shared.widgets import literal

ACCURACY_HELP = "Share of the test documents that get the right class."
HEIGHT = 420  # pixels of the list, at most
TABLE_KEY = "all-models"


def models_table(models: Sequence[ModelInfo]) -> pd.DataFrame:
    """A row for each model: its name, what it learned from, how good it is, how large and since when."""
    return pd.DataFrame(
        {
            "Model": info.name,
            "Accuracy": percent(info.accuracy),
            "Learned from": info.dataset,
            "Classes": len(info.class_names),
            "Size": size(info.bytes),
            "Created": info.created[:10],
            "Whose": "ships with Whyword" if info.bundled else "yours",
        }
        for info in models
    )


def origin(info: ModelInfo) -> str:
    """What a model learned from, when, and whether those texts are still here."""
    made = f"{info.recipe}, trained on {info.created[:10]}, {size(info.bytes)} on the disk"
    if info.bundled:
        return f"{made}. It ships with Whyword, so it keeps its name and stays."
    if info.dataset in DATASETS or is_remembered(info.data_fingerprint):
        return f"{made}."
    return (
        f"{made}. Its data set, {info.dataset}, was deleted or is on another machine: the model answers and explains "
        "as before, and its test documents cannot be shown."
    )


def show_chosen() -> None:
    """Let the picker show the model that was renamed, brought or chosen in the list; after a deletion, another one."""
    if CHOSEN in st.session_state:
        hold(MODEL, st.session_state.pop(CHOSEN))
    names = [info.name for info in list_models()]
    if names and value(MODEL) not in names and value(MODEL) == st.session_state.get(DELETED_MODEL, ""):
        hold(MODEL, names[0])


def show_origin(info: ModelInfo) -> None:
    """What a model learned from."""
    st.caption(literal(origin(info)))


def show_links(info: ModelInfo) -> None:
    """The ways to what can be seen of a model."""
    links = (
        ("explain.py", "Explain a text with it", "format_ink_highlighter"),
        ("evaluate.py", "See what it mixes up", "grid_on"),
    )
    for page, label, icon in links:
        st.page_link(PAGES / page, label=label, icon=f":material/{icon}:", query_params=model_query(info.name))


def show_all(shown: ModelInfo) -> None:
    """The list of all models, with the one that is shown chosen; choosing another one shows that."""
    models = list_models()
    frame = models_table(models)
    place = next((place for place, info in enumerate(models) if info.name == shown.name), 0)
    select(TABLE_KEY, place)

    def choose() -> None:
        state: Any = st.session_state[TABLE_KEY]
        st.session_state[CHOSEN] = models[state.selection.rows[0]].name

    st.dataframe(
        frame,
        hide_index=True,
        height=height_of(frame, HEIGHT),
        column_config={"Accuracy": st.column_config.TextColumn(help=ACCURACY_HELP)},
        key=TABLE_KEY,
        on_select=choose,
        selection_mode="single-row-required",
        alt="All models",
    )
