"""Why the documents of a cell lie in it: the words that push them there, and the training documents like them."""

from __future__ import annotations

from collections.abc import Sequence
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
from pages.ui.shared.documents import show_text
from pages.ui.shared.model_texts import document_link
from pages.ui.shared.snapshots import Snapshots

AUTOPSY_HELP = (
    "For each document of the cell, how much each of its words moves the model from the true class to the one it gave "
    "(in log-odds), added up over the documents. The number beside a bar is in how many documents the word pushes so."
)
NEIGHBOURS_HELP = (
    "The training documents of both classes with the most words in common (cosine of weighted words). The model may "
    "have learned from them what it says here; near-copies with another label hint at a wrong one."
)

WIDTHS: dict[str, Any] = {"Similarity": 75, "Near to": 60, "Words": 60, "Text": "large"}


def autopsy_sentence(found: Autopsy) -> str:
    """What was examined, and how."""
    if not found.documents:
        return "There is nothing to look into."
    all_of_them = f"{counted(found.cell, 'document')} looked into. " if found.documents == found.cell else ""
    how = f"{'exact' if found.exact else 'estimated'} ({found.method})"
    return f"{all_of_them}What a word does to the log-odds is {how}."


def nearest_sentence(near: Neighbourhood) -> str:
    """In which class the nearest training documents are."""
    counts = ", ".join(f"of {name} for {count:,}" for name, count in near.closest)
    return f"Of {counted(near.asked, 'document')} examined, the nearest training document is {counts}."


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
        found = _final_autopsy(cache.autopsy(info.key, true, predicted, split, rows))
        st.caption(widgets.literal(autopsy_sentence(found)))
        for caveat in found.caveats:
            st.caption(f":material/info: {widgets.literal(caveat)}")
        if found.documents:
            _show_words(found)
            st.header("Training documents like them", help=NEIGHBOURS_HELP)
            near = cache.neighbours(info.key, (true, predicted), data, rows)
            _show_neighbours(info, found, near, data)


def _remember(key: str) -> None:
    st.session_state[key] = True


def _final_autopsy(snapshots: Snapshots[Autopsy]) -> Autopsy:
    bar = st.empty()
    for snapshot in snapshots:
        if snapshot.asked and not snapshots.ended:
            done = f"{snapshot.documents:,} of {counted(snapshot.asked, 'document')}"
            bar.progress(snapshot.documents / snapshot.asked, done)
    bar.empty()
    return snapshots.last


def _show_words(found: Autopsy) -> None:
    right = found.true_class == found.predicted_class
    sides = (
        (f"Push to {found.predicted_class}", found.pushing),
        ("Speak against it" if right else f"Hold for {found.true_class}", found.holding),
    )
    show_effects(sides, found.documents)


def _show_neighbours(info: ModelInfo, found: Autopsy, near: Neighbourhood, data: TextDataset) -> None:
    st.caption(widgets.literal(nearest_sentence(near)))
    for name, documents in near.nearest:
        st.markdown(f"**{widgets.literal(name)}**")
        if not documents:
            st.caption("None shares a word.")
            continue
        state: Any = st.dataframe(
            neighbour_table(documents, data.train),
            hide_index=True,
            column_config={name: st.column_config.Column(width=width) for name, width in WIDTHS.items()},
            height="content",
            key=f"near-{info.fingerprint}-{found.true_class}-{found.predicted_class}-{name}",
            on_select="rerun",
            selection_mode="single-row",
            alt=f"Nearest training documents of {name}",
        )
        for row in state.selection.rows:
            _show_training_document(info, found, data.train, documents[row].position)


def _show_training_document(info: ModelInfo, found: Autopsy, train: Split, row: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Training document {row:,}")
        document_link(info, f"train:{row}", found.predicted_class, found.true_class, "Explain this document")
    show_text(train, row)
