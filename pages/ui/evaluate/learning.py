"""How a model learned, epoch by epoch, down to the documents that it learned, forgot or never got right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.evaluation import training_dynamics
from core.saved_models import ModelInfo
from core.schema import EpochRecord, Evaluation, TrainingDynamics
from pages.ui.render import charts, matrix
from pages.ui.render.format import counted, percent
from pages.ui.render.theme import GREY
from pages.ui.shared import cache, documents, widgets
from pages.ui.shared.address import EPOCH
from pages.ui.shared.chart import show_chart
from pages.ui.shared.clickable import show_matrix
from pages.ui.shared.model_texts import texts_of

HISTORY_HELP = (
    "An epoch is one pass over the training documents. The weights of the epoch that is right most often on "
    "validation are kept; where the validation loss rises while the training loss falls, the model overfits."
)
COURSE_HELP = (
    "What became of each test document up to the chosen epoch (Toneva et al. 2019 count forgetting so). Documents "
    "that are never right are hard, unusual or wrongly labelled. The test documents decided nothing in training."
)

LISTS = {
    "Learned": "learned",
    "Forgotten": "forgotten",
    "Never right": "never",
    "Right, wrong, right": "regained",
    "Always right": "always",
}
WAVERING = ("Forgotten", "Right, wrong, right")


def epoch_sentence(dynamics: TrainingDynamics, best: int) -> str:
    """Which epoch the answers are of."""
    if dynamics.epochs == best:
        return "These are the answers of the epoch whose weights were kept."
    return f"So it answered after epoch {dynamics.epochs}; the weights of epoch {best} were kept."


def course_sentence(name: str, rows: np.ndarray, dynamics: TrainingDynamics) -> str:
    """What became of the documents of a list."""
    meanings = {
        "Learned": "wrong after the first epoch, right now",
        "Forgotten": "right after some epoch, wrong now",
        "Never right": "wrong after every epoch so far",
        "Right, wrong, right": "right at first and now, wrong in between",
        "Always right": "right after every epoch so far",
    }
    counts = f"{counted(len(rows), 'document')} of {len(dynamics.decisions):,}"
    listed = " The list shows what the saved model answers to them." if len(rows) else ""
    return f"{counts}: {meanings[name]}.{listed}"


def with_epoch_line(figure: go.Figure, epoch: int) -> go.Figure:
    """A chart by epoch with a line at one of them."""
    return figure.add_vline(epoch, line={"color": GREY, "width": 2, "dash": "dot"})


@st.fragment
def show(info: ModelInfo, result: Evaluation) -> None:
    """An epoch to choose, the curves with a line at it, and what the model said of the test documents after it."""
    with widgets.mistakes_shown():
        history = cache.history(info.key)
        st.header("How it learned", help=HISTORY_HELP)
        dynamics = None
        with widgets.mistakes_shown():
            epochs = cache.epochs(info.key)
            epoch = _pick_epoch(len(epochs), epochs.best_epoch)
            dynamics = training_dynamics(epochs.labels, epochs.predictions, epochs.class_names, epoch)
        _show_curves(history, dynamics)
        if dynamics is not None:
            _show_epoch(info, result, dynamics, epochs.best_epoch)


def _show_curves(history: Sequence[EpochRecord], dynamics: TrainingDynamics | None) -> None:
    curves = {"losses": charts.losses(history), "accuracies": charts.accuracies(history)}
    for place, (key, chart) in zip(st.columns(2, gap="medium"), curves.items(), strict=True):
        figure = chart if dynamics is None else with_epoch_line(chart, dynamics.epochs)
        with place:
            show_chart(figure, f"{key.capitalize()} by epoch", key)


def _pick_epoch(epochs: int, best: int) -> int:
    if epochs == 1:
        st.caption("The model was trained for one epoch only.")
        return 1
    return st.slider("After epoch", 1, epochs, best, key=EPOCH, bind="query-params")


def _show_epoch(info: ModelInfo, result: Evaluation, dynamics: TrainingDynamics, best: int) -> None:
    decided, listed = st.columns(matrix.columns(result.class_names), gap="medium")
    with decided:
        st.metric("Right on the test documents", percent(dynamics.decisions.accuracy), border=True)
        shown = matrix.most_confused(dynamics.decisions.confusion)
        show_matrix(matrix.matrix_html(dynamics.decisions, matrix.DOCUMENTS, shown), "after")
        st.caption(epoch_sentence(dynamics, best))
    with listed:
        name = widgets.choose("Documents", list(LISTS), key="course", help=COURSE_HELP)
        rows = getattr(dynamics, LISTS[name])
        st.caption(widgets.literal(course_sentence(name, rows, dynamics)))
        split = texts_of(info, result) if len(rows) else None
        rows = rows[np.argsort(-dynamics.forgettings[rows], kind="stable")]
        order = "Most often forgotten first" if name in WAVERING else None
        row = documents.pick_document(info, result, split, rows, order=order)
    if row is not None and split is not None:
        documents.read_document(info, result, split, row)
