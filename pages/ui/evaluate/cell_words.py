"""Why the documents of a cell lie in it: the words that push them there, and the training documents like them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Autopsy, Evaluation, Neighbour, Neighbourhood, Split, TextDataset
from pages.ui.evaluate.effects import show_effects
from pages.ui.render.format import counted, percent
from pages.ui.render.tables import beginning
from pages.ui.shared import cache, widgets
from pages.ui.shared.background import made
from pages.ui.shared.documents import show_text
from pages.ui.shared.long_work import last_of
from pages.ui.shared.model_texts import document_link

AUTOPSY_HELP = (
    "For each document of the cell, how much each of its words moves the model from the true class to the one it gave "
    "(in log-odds), added up over the documents. The number beside a bar is in how many documents the word pushes so."
)
NEIGHBOURS_HELP = (
    "The training documents of both classes with the most words in common (cosine of weighted words). The model may "
    "have learned from them what it says here; near-copies with another label hint at a wrong one."
)

COLUMNS: dict[str, Any] = {
    "Similarity": st.column_config.Column(width=75),
    "Near to": st.column_config.NumberColumn(width=60, format="localized"),
    "Words": st.column_config.NumberColumn(width=60, format="localized"),
    "Text": st.column_config.Column(width="large"),
}


def autopsy_sentence(autopsy: Autopsy) -> str:
    """What was examined, and how."""
    if not autopsy.documents:
        return "There is nothing to look into."
    all_of_them = f"{counted(autopsy.cell, 'document')} looked into. " if autopsy.documents == autopsy.cell else ""
    how = f"{'exact' if autopsy.exact else 'estimated'} ({autopsy.method})"
    return f"{all_of_them}What a word does to the log-odds is {how}."


def nearest_sentence(near: Neighbourhood) -> str:
    """In which class the nearest training documents are."""
    counts = ", ".join(f"of {name} for {count:,}" for name, count in near.closest)
    return f"Of {counted(near.queries, 'document')} examined, the nearest training document is {counts}."


def neighbour_table(near: Sequence[Neighbour], train: Split) -> pd.DataFrame:
    """Training documents with how alike they are, for how many documents, and how they begin."""
    return pd.DataFrame(
        {
            "Similarity": percent(each.similarity),
            "Near to": each.documents,
            "Words": len(train.texts[each.position].split()),
            "Text": beginning(train.texts[each.position]),
        }
        for each in near
    )


@st.fragment
def show_autopsy(
    info: ModelInfo, result: Evaluation, data: TextDataset, rows: np.ndarray, cell: tuple[int, int]
) -> None:
    """A button, and then what is found out about the documents `rows` of the cell."""
    true, predicted = (result.class_names[place] for place in cell)
    key = f"autopsy-{info.fingerprint}-{cell}"
    with widgets.mistakes_shown():
        st.header("What puts them there", help=AUTOPSY_HELP)
        if key not in st.session_state:
            st.button("Look into these documents", icon=":material/biotech:", on_click=_remember, args=(key,))
            return
        split = data.splits[result.split]
        autopsy = last_of(cache.autopsy(info.key, true, predicted, split, rows), key, _examined)
        st.caption(widgets.literal(autopsy_sentence(autopsy)))
        widgets.caveats(autopsy.caveats)
        if autopsy.documents:
            _show_words(autopsy)
            st.header("Training documents like them", help=NEIGHBOURS_HELP)
            near = partial(cache.neighbours, info.key, (true, predicted), data, rows)
            found = made(f"near-{key}", info.key, near, "Looking for the nearest training documents …")
            if found is not None:
                _show_neighbours(info, autopsy, found.result(), data)


def _remember(key: str) -> None:
    st.session_state[key] = True


def _examined(autopsy: Autopsy) -> tuple[float, str]:
    # The share that is done, and what is said of it.
    done = f"{autopsy.documents:,} of {counted(autopsy.sample_size, 'document')}"
    return autopsy.documents / max(autopsy.sample_size, 1), done


def _show_words(autopsy: Autopsy) -> None:
    right = autopsy.true_class == autopsy.predicted_class
    sides = (
        (f"Push to {autopsy.predicted_class}", autopsy.pushing),
        ("Speak against it" if right else f"Hold for {autopsy.true_class}", autopsy.holding),
    )
    show_effects(sides, autopsy.documents)


def _show_neighbours(info: ModelInfo, autopsy: Autopsy, near: Neighbourhood, data: TextDataset) -> None:
    st.caption(widgets.literal(nearest_sentence(near)))
    for name, documents in near.nearest:
        st.markdown(f"**{widgets.literal(name)}**")
        if not documents:
            st.caption("None shares a word.")
            continue
        key = f"near-{info.fingerprint}-{autopsy.true_class}-{autopsy.predicted_class}-{name}"
        alt = f"Nearest training documents of {name}"
        for row in widgets.pick_rows(neighbour_table(documents, data.train), key, alt, columns=COLUMNS):
            _show_training_document(info, autopsy, data.train, documents[row].position)


def _show_training_document(info: ModelInfo, autopsy: Autopsy, train: Split, row: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Training document {row:,}")
        document_link(info, f"train:{row}", autopsy.predicted_class, autopsy.true_class, "Explain this document")
    show_text(train, row)
