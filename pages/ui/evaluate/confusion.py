"""From a cell of the confusion matrix to its documents, and from a document to its explanation."""

from __future__ import annotations

import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Evaluation
from pages.ui.evaluate.cell_words import autopsy
from pages.ui.render import helps, matrix
from pages.ui.shared import documents, widgets
from pages.ui.shared.clickable import Place, clickable_matrix
from pages.ui.shared.model_texts import data_of, texts_of

VIEW, TRUE, PREDICTED = "view", "true", "pred"
"""The state, in the address too: the view that is shown, and the names of the classes whose cell is chosen."""
NAME = "Mistakes"


@st.fragment
def show(info: ModelInfo, result: Evaluation) -> None:
    """The matrix beside the documents of the chosen cell, or all mistakes; below, the document to read."""
    with widgets.mistakes_shown():
        drawn, listed = st.columns(matrix.columns(result.class_names), gap="medium")
        with drawn:
            true, predicted = _pick_cell(result)
        with listed:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.subheader("Documents")
                nothing = (true, predicted) == (None, None)  # the button stays, so that nothing moves
                st.button(
                    "All mistakes", type="tertiary", icon=":material/undo:", on_click=choose_cell, disabled=nothing
                )
            st.caption(widgets.literal(matrix.cell_told(result, true, predicted)))
            rows = matrix.documents_in(result, true, predicted)
            split = texts_of(info, result) if len(rows) else None
            height = matrix.height(result.class_names)
            chosen = documents.pick_document(info, result, split, rows, _same(true, predicted), height)
        if chosen is not None and split is not None:
            documents.read_document(info, result, split, chosen)
        data = data_of(info) if split is not None and true is not None and predicted is not None else None
        if data is not None and true is not None and predicted is not None:
            autopsy(info, result, data, rows, (true, predicted))


def choose_cell(true: str | None = None, predicted: str | None = None) -> None:
    """Choose a cell by the names of its classes, a class's mistakes by one, all mistakes by none; in a callback."""
    st.session_state[TRUE], st.session_state[PREDICTED] = true, predicted


def open_cell(true: str | None, predicted: str | None) -> None:
    """The same, and show this view; in a callback of another one."""
    st.session_state[VIEW] = NAME
    choose_cell(true, predicted)


def _pick_cell(result: Evaluation) -> Place:
    names = result.class_names
    for key in (TRUE, PREDICTED):
        if st.session_state.get(key) not in (None, *names):  # chosen for a model with other classes
            st.session_state[key] = None
    st.subheader("Confusion matrix", help=helps.CONFUSION_HELP)
    above = st.container()  # for the matrix, which has to know what is chosen below it
    with st.container(horizontal=True):
        true = st.selectbox("True class", names, index=None, placeholder="Any", key=TRUE, bind="query-params")
        called = st.selectbox("Called", names, index=None, placeholder="Any other", key=PREDICTED, bind="query-params")
    place = _position(names, true), _position(names, called)
    with above:
        _matrix(result, place)
    return place


def _position(names: tuple[str, ...], name: str | None) -> int | None:
    return None if name is None else names.index(name)


def _matrix(result: Evaluation, chosen: Place) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        figures = widgets.choose(
            "Cells show", matrix.FIGURES, key="figures", label_visibility="collapsed", persist_state="session"
        )
        grouped = len(result.class_names) > 2 and st.toggle(
            "Group mix-ups", key="grouped", help=helps.GROUPED_HELP, persist_state="session"
        )
    order = matrix.order_by_confusion(result.confusion) if grouped else tuple(range(len(result.class_names)))
    row, column = (None if position is None else order.index(position) for position in chosen)

    def choose(place: Place) -> None:
        choose_cell(*(None if position is None else result.class_names[order[position]] for position in place))

    html = matrix.matrix_html(result, figures or matrix.DOCUMENTS, order)
    clickable_matrix(html, (row, column), "confusion", choose)


def _same(true: int | None, predicted: int | None) -> set[str]:
    # The columns of a list that would say the same in every row.
    told = {
        "true_class": true,
        "predicted_class": predicted,
        "true_probability": predicted if true == predicted else None,
    }
    return {column for column, position in told.items() if position is not None}
