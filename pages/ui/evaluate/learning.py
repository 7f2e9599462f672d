"""How a model learned, epoch by epoch, down to the documents that it learned, forgot or never got right."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.evaluation import training_dynamics
from core.saved_models import ModelInfo
from core.schema import Evaluation, TrainingDynamics
from pages.ui.render import charts, helps, matrix, verdicts
from pages.ui.render.format import percent
from pages.ui.shared import cache, documents, widgets
from pages.ui.shared.clickable import shown_matrix
from pages.ui.shared.model_texts import texts_of

LISTS = {
    "Learned": "learned",
    "Forgotten": "forgotten",
    "Never right": "never",
    "Right, wrong, right": "regained",
    "Always right": "always",
}
WAVERING = ("Forgotten", "Right, wrong, right")


@st.fragment
def show(info: ModelInfo, result: Evaluation) -> None:
    """The curves with an epoch to choose, and below what the model said of the test documents after it."""
    with widgets.mistakes_shown():
        history = cache.history(info.key)
        st.subheader("How it learned", help=helps.HISTORY_HELP)
        above, epoch = st.container(), None
        with widgets.mistakes_shown():
            epochs = cache.epochs(info.key)
            epoch = _pick_epoch(len(epochs), epochs.best_epoch)
            found = training_dynamics(epochs.labels, epochs.predictions, epochs.class_names, epoch)
            _after(info, result, found, epochs.best_epoch)
        for place, key, chart in zip(
            above.columns(2, gap="medium"),
            ("losses", "accuracies"),
            (charts.losses(history), charts.accuracies(history)),
            strict=True,
        ):
            figure = chart if epoch is None else charts.at_epoch(chart, epoch)
            place.plotly_chart(figure, config=charts.QUIET, key=key, alt=f"{key.capitalize()} by epoch")


def _pick_epoch(epochs: int, best: int) -> int:
    if epochs == 1:
        st.caption("The model was trained for one epoch only.")
        return 1
    return st.slider("After epoch", 1, epochs, best, key="epoch", bind="query-params")


def _after(info: ModelInfo, result: Evaluation, found: TrainingDynamics, best: int) -> None:
    decided, listed = st.columns(matrix.columns(result.class_names), gap="medium")
    with decided:
        st.metric("Right on the test documents", percent(found.decisions.accuracy), border=True)
        shown_matrix(matrix.matrix_html(found.decisions, matrix.DOCUMENTS, range(len(result.class_names))), "after")
        st.caption(verdicts.after_epoch(found, best))
    with listed:
        name = widgets.choose("Documents", list(LISTS), key="course", help=helps.COURSE_HELP)
        rows = getattr(found, LISTS[name])
        st.caption(widgets.literal(verdicts.course(name, rows, found)))
        split = texts_of(info, result) if len(rows) else None
        rows = rows[np.argsort(-found.forgettings[rows], kind="stable")]
        order = "Most often forgotten first" if name in WAVERING else None
        row = documents.pick_document(info, result, split, rows, order=order)
    if row is not None and split is not None:
        documents.read_document(info, result, split, row)
