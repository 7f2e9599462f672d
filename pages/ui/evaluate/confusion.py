"""From a cell of the confusion matrix to its documents, and from a document to its explanation."""

from __future__ import annotations

import streamlit as st

from core.saved_models import ModelInfo
from core.schema import Evaluation
from pages.ui.evaluate.cell_words import show_autopsy
from pages.ui.render import matrix
from pages.ui.render.format import counted, percent
from pages.ui.shared import documents, widgets
from pages.ui.shared.address import MISTAKES, PREDICTED, TRUE, VIEW, value
from pages.ui.shared.clickable import Place, clickable_matrix
from pages.ui.shared.model_texts import data_of, texts_of

CONFUSION_HELP = (
    "A row holds the documents of one class, a column those that the model predicts as it. Right answers stand on the "
    "diagonal, mistakes beside it, each the stronger the more. Choose a cell, by mouse or with the arrow keys and "
    "Enter, to see its documents; the name of a class shows all its mistakes. In percent of the row, the diagonal "
    "is the recall; in percent of the column, the precision."
)
SHOWN_HELP = (
    "How many classes the matrix shows: those with the most mistakes. The lists below it have all classes, and "
    "choosing one shows it in the matrix too."
)
OPENED_HEIGHT = 230  # pixels of the opened document, whatever its length, so that the list stays where it is
MOST_SHOWN = 200  # classes; more cells than that a browser draws too slowly
GROUPED_HELP = "Puts classes that are taken for each other side by side (hierarchical clustering)."


def cell_sentence(evaluation: Evaluation, true: int | None, predicted: int | None) -> str:
    """How many documents a cell, the mistakes of a row or a column, or all mistakes are."""
    names, confusion = evaluation.class_names, evaluation.confusion
    if true is not None and not confusion[true].any():
        return f"The {evaluation.split} split has no document of {names[true]}, so nothing is known about this class."
    if predicted is not None and not confusion[:, predicted].any():
        return f"No document of the {evaluation.split} split is predicted as {names[predicted]}."
    if true is None or predicted is None:
        return _mistakes_sentence(evaluation, true, predicted)
    count, share = int(confusion[true, predicted]), percent(confusion[true, predicted] / confusion[true].sum())
    if not count:
        return f"No document of {names[true]} is predicted as {names[predicted]}."
    return f"{matrix.cell_documents(count, names[true], names[predicted], true == predicted)}: {share} of the class."


def _mistakes_sentence(evaluation: Evaluation, true: int | None, predicted: int | None) -> str:
    names, mistakes = evaluation.class_names, len(matrix.documents_in(evaluation, true, predicted))
    if true is not None:
        whole, of, wrong = (evaluation.labels == true).sum(), f" of {names[true]}", "got another class"
    elif predicted is not None:
        whole, of, wrong = (
            (evaluation.predictions == predicted).sum(),
            f" predicted as {names[predicted]}",
            "are of another",
        )
    else:
        whole, of, wrong = len(evaluation), "", "got a wrong class"
    all_of_them = counted(int(whole), "document") + of
    return f"{mistakes:,} of {all_of_them} {wrong}." if mistakes else f"No mistake among {all_of_them}."


@st.fragment
def show(info: ModelInfo, result: Evaluation) -> None:
    """The matrix; beside it a document of the chosen cell, or of all mistakes, to read, above the list of them all."""
    with widgets.mistakes_shown():
        figure, listed = st.columns(matrix.columns(result.class_names), gap="medium")
        with figure:
            true, predicted = _pick_cell(result)
        with listed:
            st.header("Documents")
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(widgets.literal(cell_sentence(result, true, predicted)), width="stretch")
                nothing = (true, predicted) == (None, None)  # the button stays, so that nothing moves
                st.button(
                    "All mistakes", type="tertiary", icon=":material/undo:", on_click=choose_cell, disabled=nothing
                )
            rows = matrix.documents_in(result, true, predicted)
            split = texts_of(info, result) if len(rows) else None
            opened = st.container()  # beside what was clicked, above the list in which another one is chosen
            height = matrix.height(result.class_names)
            chosen = documents.pick_document(info, result, split, rows, _same_everywhere(true, predicted), height)
        if chosen is not None and split is not None:
            with opened:
                documents.read_document(info, result, split, chosen, OPENED_HEIGHT)
        data = data_of(info) if split is not None and true is not None and predicted is not None else None
        if data is not None and true is not None and predicted is not None:
            show_autopsy(info, result, data, rows, (true, predicted))


def choose_cell(true: str | None = None, predicted: str | None = None) -> None:
    """Choose a cell by the names of its classes, a class's mistakes by one, all mistakes by none; in a callback."""
    st.session_state[TRUE], st.session_state[PREDICTED] = true, predicted


def open_cell(true: str | None, predicted: str | None) -> None:
    """The same, and show this view; in a callback of another one."""
    st.session_state[VIEW] = MISTAKES
    choose_cell(true, predicted)


def _pick_cell(result: Evaluation) -> Place:
    names = result.class_names
    for key in (TRUE, PREDICTED):
        if key not in st.session_state:
            widgets.tell_unknown(value(key), names, "class", "so none is")
        if st.session_state.get(key) not in (None, *names):  # chosen for a model with other classes
            st.session_state[key] = None
    st.header("Confusion matrix", help=CONFUSION_HELP)
    above = st.container()  # for the matrix, which has to know what is chosen below it
    with st.container(horizontal=True):
        true = st.selectbox("True class", names, index=None, placeholder="Any", key=TRUE, bind="query-params")
        predicted = st.selectbox(
            "Predicted class", names, index=None, placeholder="Any other", key=PREDICTED, bind="query-params"
        )
    place = _position(names, true), _position(names, predicted)
    with above:
        _show_matrix(result, place)
    return place


def _position(names: tuple[str, ...], name: str | None) -> int | None:
    return None if name is None else names.index(name)


def _show_matrix(result: Evaluation, chosen: Place) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        figures = widgets.choose(
            "Cells show", matrix.FIGURES, key="figures", label_visibility="collapsed", persist_state="session"
        )
        grouped = len(result.class_names) > 2 and st.toggle(
            "Group mix-ups", key="grouped", help=GROUPED_HELP, persist_state="session"
        )
    shown = _shown_classes(result, chosen)
    order = matrix.order_among(result.confusion, shown) if grouped else shown
    row, column = (None if position is None else order.index(position) for position in chosen)

    def choose(place: Place) -> None:
        choose_cell(*(None if position is None else result.class_names[order[position]] for position in place))

    html = matrix.matrix_html(result, figures or matrix.DOCUMENTS, order)
    clickable_matrix(html, (row, column), "confusion", choose)


def _shown_classes(result: Evaluation, chosen: Place) -> tuple[int, ...]:
    # All of few classes; of many those with the most mistakes, and those of the chosen cell.
    classes = len(result.class_names)
    count = classes
    if classes > matrix.MOST:
        most = min(classes, MOST_SHOWN)
        label = f"Most confused of {classes:,} classes"
        count = st.slider(label, min(10, most), most, matrix.MOST, 10, key="shown-classes", help=SHOWN_HELP)
    return matrix.most_confused(result.confusion, count, [place for place in chosen if place is not None])


def _same_everywhere(true: int | None, predicted: int | None) -> set[str]:
    # The columns of a list that would say the same in every row.
    positions = {
        "true_class": true,
        "predicted_class": predicted,
        "true_probability": predicted if true == predicted else None,
    }
    return {column for column, position in positions.items() if position is not None}
