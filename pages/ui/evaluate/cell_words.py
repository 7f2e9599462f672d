"""Why the documents of a cell lie in it: the words that push them there, and the training documents like them."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Autopsy, Evaluation, Neighbourhood, Split, TextDataset
from pages.ui.render import charts, figures, helps, tables, verdicts
from pages.ui.render.format import counted
from pages.ui.shared import cache, widgets
from pages.ui.shared.documents import text_shown
from pages.ui.shared.model_texts import document_link
from pages.ui.shared.snapshots import Snapshots

WIDTHS: dict[str, Any] = {"Alike": 60, "Near to": 60, "Words": 60, "Text": "large"}


@st.fragment
def autopsy(info: ModelInfo, result: Evaluation, data: TextDataset, rows: np.ndarray, cell: tuple[int, int]) -> None:
    """A button, and then what is found out about the documents `rows` of the cell."""
    true, predicted = (result.class_names[place] for place in cell)
    key = f"autopsy-{info.fingerprint}-{cell}"
    with widgets.mistakes_shown():
        st.subheader("What puts them there", help=helps.AUTOPSY_HELP)
        if key not in st.session_state:
            st.button("Look into these documents", icon=":material/biotech:", on_click=_remember, args=(key,))
            return
        split = data.splits[result.split]
        found = _watched(cache.autopsy(info.key, true, predicted, split, rows))
        st.caption(widgets.literal(verdicts.dissected(found)))
        for caveat in found.caveats:
            st.caption(f":material/info: {widgets.literal(caveat)}")
        if found.documents:
            _words(found)
            st.subheader("Training documents like them", help=helps.NEIGHBOURS_HELP)
            near = cache.neighbours(info.key, (true, predicted), data, rows)
            _neighbours(info, found, near, data)


def _remember(key: str) -> None:
    st.session_state[key] = True


def _watched(snapshots: Snapshots[Autopsy]) -> Autopsy:
    told = st.empty()
    for snapshot in snapshots:
        if snapshot.asked and not snapshots.ended:
            done = f"{snapshot.documents:,} of {counted(snapshot.asked, 'document')}"
            told.progress(snapshot.documents / snapshot.asked, done)
    told.empty()
    return snapshots.last


def _words(found: Autopsy) -> None:
    right = found.true_class == found.predicted_class
    sides: tuple[tuple[str, Any], ...] = (
        (f"Push to {found.predicted_class}", found.pushing),
        ("Speak against it" if right else f"Hold for {found.true_class}", found.holding),
    )
    for place, (title, effects) in zip(st.columns(2, gap="medium"), sides, strict=True):
        with place:
            st.markdown(f"**{widgets.literal(title)}**")
            if not effects:
                st.caption("No word does.")
                continue
            chart = figures.word_effects(effects, found.documents)
            st.plotly_chart(chart, config=charts.QUIET, key=title, alt=title)


def _neighbours(info: ModelInfo, found: Autopsy, near: Neighbourhood, data: TextDataset) -> None:
    st.caption(widgets.literal(verdicts.nearest(near)))
    for name, documents in near.nearest:
        st.markdown(f"**{widgets.literal(name)}**")
        if not documents:
            st.caption("None shares a word.")
            continue
        state: Any = st.dataframe(
            tables.neighbour_table(documents, data.train),
            hide_index=True,
            column_config={name: st.column_config.Column(width=width) for name, width in WIDTHS.items()},
            height="content",
            key=f"near-{info.fingerprint}-{found.true_class}-{found.predicted_class}-{name}",
            on_select="rerun",
            selection_mode="single-row",
            alt=f"Nearest training documents of {name}",
        )
        for row in state.selection.rows:
            _training_document(info, found, data.train, documents[row].position)


def _training_document(info: ModelInfo, found: Autopsy, train: Split, row: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Training document {row:,}")
        document_link(info, f"train:{row}", found.predicted_class, found.true_class, "Explain this document")
    text_shown(train, row)
