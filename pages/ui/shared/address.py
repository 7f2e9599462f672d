"""What the address of the Evaluate page is made of; links that people have kept name the same things."""

from __future__ import annotations

from pages.ui.shared.widgets import MODEL

VIEW, TRUE, PREDICTED = "view", "true", "pred"
"""The state, in the address too: the view that is shown, and the names of the classes whose cell is chosen."""
MISTAKES = "Mistakes"
"""The view of the confusion matrix and the documents of its cells."""


def cell_query(model: str, true: str | None, predicted: str | None) -> dict[str, str]:
    """The address of a cell of a model's matrix; with one class, of its mistakes."""
    query = {MODEL: model, TRUE: true, PREDICTED: predicted}
    return {key: value for key, value in query.items() if value is not None}
