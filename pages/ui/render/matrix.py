"""A confusion matrix to read and to choose a cell of: its order, its documents, its HTML. Pure, no streamlit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.schema import Decisions, Evaluation
from pages.ui.render.format import counted, percent
from pages.ui.render.highlight import visible

DOCUMENTS, OF_ROW, OF_COLUMN = "Documents", "Row %", "Column %"
FIGURES = (DOCUMENTS, OF_ROW, OF_COLUMN)
"""What the cells can show."""

MOST = 40  # classes of a matrix that is shown whole; of more, the most confused ones
FEW = 8  # classes, up to which a cell has room for more than three signs
_SIZES = ((2, (110, 54, 16)), (4, (84, 46, 15)), (FEW, (58, 38, 13)), (12, (42, 32, 12)), (10_000, (22, 23, 10.5)))
"""For up to so many classes: the most width and the height of a cell, and its letters, all in pixels."""


def order_by_confusion(confusion: np.ndarray) -> tuple[int, ...]:
    """The classes in an order in which those that are mixed up stand together.

    Hierarchical clustering with the optimal order of leaves (Bar-Joseph et al. 2001); two classes are the closer, the
    larger the shares of their documents that are taken for the other. When nothing is mixed up, as they are.

    Args:
        confusion: (classes, classes) int64, rows true, columns predicted.
    """
    shares = _shares(confusion, 1)
    mixed = shares + shares.T
    np.fill_diagonal(mixed, 0)
    if len(mixed) < 3 or not mixed.any():
        return tuple(range(len(mixed)))
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    distances = squareform(1 - mixed / mixed.max(), checks=False)
    return tuple(leaves_list(linkage(distances, "average", optimal_ordering=True)).tolist())


def most_confused(confusion: np.ndarray, count: int = MOST, always: Sequence[int] = ()) -> tuple[int, ...]:
    """The classes with the most mistakes, of their own documents or predicted as them, in the order of the classes.

    Args:
        confusion: (classes, classes) int64, rows true, columns predicted.
        count: how many there are to be, at least; all of them when there are no more.
        always: classes that are among them, as those of a chosen cell.
    """
    mistakes = confusion.sum(axis=0) + confusion.sum(axis=1) - 2 * confusion.diagonal()
    mistakes[list(always)] = mistakes.sum() + 1
    return tuple(sorted(np.argsort(-mistakes, kind="stable")[:count].tolist()))


def order_among(confusion: np.ndarray, shown: Sequence[int]) -> tuple[int, ...]:
    """These classes in the order in which those that are mixed up stand together."""
    places = order_by_confusion(confusion[np.ix_(shown, shown)])
    return tuple(shown[place] for place in places)


def documents_in(evaluation: Evaluation, true: int | None, predicted: int | None) -> np.ndarray:
    """(rows,) int64 positions in the split of the documents of a cell, ascending.

    With one class alone they are the mistakes of its row or column; with none, all mistakes.
    """
    a_cell = true is not None and predicted is not None
    chosen = np.ones(len(evaluation), bool) if a_cell else evaluation.labels != evaluation.predictions
    if true is not None:
        chosen &= evaluation.labels == true
    if predicted is not None:
        chosen &= evaluation.predictions == predicted
    return np.flatnonzero(chosen)


def cell_documents(count: int, true: str, predicted: str, right: bool) -> str:
    """How many documents a cell holds, as "3 documents of a predicted as b"."""
    return f"{counted(int(count), 'document')} of {true} " + ("recognised" if right else f"predicted as {predicted}")


def matrix_html(decisions: Decisions, figures: str, order: Sequence[int]) -> str:
    """The matrix as a table: true classes down, predicted ones across, each cell that is not empty with its title.

    Args:
        figures: one of `FIGURES`; the colours follow the shares of the column for its own, else those of the row.
        order: the classes from top to bottom and from left to right; those that are left out are not shown, but shares
            are of all documents.
    """
    counts, names = decisions.confusion, [visible(name) for name in decisions.class_names]
    columns = "".join(_heading("col", names[j], "Mistakes predicted as", counts[:, j]) for j in order)
    cells = _cells(counts, names, figures, order)
    rows = "".join(
        f"<tr>{_heading('row', names[i], 'Mistakes among', counts[i])}{''.join(row)}</tr>"
        for i, row in zip(order, cells, strict=True)
    )
    return (
        f'<table role="grid" aria-label="Confusion matrix" {_look([decisions.class_names[i] for i in order])}>'
        f'<thead><tr><td class="corner">actual ↓<br>predicted →</td>{columns}</tr></thead><tbody>{rows}</tbody></table>'
    )


def columns(class_names: Sequence[str]) -> tuple[int, int]:
    """How to share a row between the matrix and what stands beside it."""
    return next(shares for most, shares in ((4, (2, 3)), (FEW, (1, 1)), (10_000, (4, 3))) if len(class_names) <= most)


def height(class_names: Sequence[str]) -> int:
    """About how many pixels the matrix is high."""
    _, cell, _ = _sizes(class_names)
    return min(200 + (cell + 2) * len(class_names), 600)


def _heading(scope: str, name: str, mistakes: str, documents: np.ndarray) -> str:
    if not documents.any():
        why = "No test document" if scope == "row" else "Never predicted"
        return f'<th scope="{scope}" class="none" title="{why}: {name}"><span>{name}</span></th>'
    return f'<th scope="{scope}" title="{mistakes} {name}"><span>{name}</span></th>'


def _cells(counts: np.ndarray, names: Sequence[str], figures: str, order: Sequence[int]) -> list[list[str]]:
    by_row, by_column = _shares(counts, 1), _shares(counts, 0)
    shares = by_column if figures == OF_COLUMN else by_row
    strengths = _strengths(shares)

    def cell(i: int, j: int) -> str:
        if not counts[i, j]:
            return "<td></td>"
        shares_of = f"{percent(by_row[i, j])} of the row, {percent(by_column[i, j])} of the column"
        title = f"{cell_documents(counts[i, j], names[i], names[j], i == j)}: {shares_of}"
        shown = f"{counts[i, j]:,}" if figures == DOCUMENTS else _share(shares[i, j], len(order))
        kind = "right" if i == j else "wrong"
        return f'<td class="{kind}" style="--s:{strengths[i, j]:.2f}" title="{title}">{shown}</td>'

    return [[cell(i, j) for j in order] for i in order]


def _shares(counts: np.ndarray, axis: int) -> np.ndarray:
    return counts / np.maximum(counts.sum(axis=axis, keepdims=True), 1)


def _strengths(shares: np.ndarray) -> np.ndarray:
    # Of a good model the mistakes are few: they have a scale of their own, whose top is the largest of them.
    wrong = np.where(np.eye(len(shares), dtype=bool), 0, shares)
    return np.where(np.eye(len(shares), dtype=bool), shares, np.sqrt(wrong / max(wrong.max(), 0.05)))


def _share(share: float, classes: int) -> str:
    if classes <= FEW:
        return percent(share).removesuffix("%")
    rounded = f"{100 * share:.0f}"
    return {"0": "<1", "100": "100" if share == 1 else ">99"}.get(rounded, rounded)


def _sizes(class_names: Sequence[str]) -> tuple[int, int, float]:
    return next(sizes for most, sizes in _SIZES if len(class_names) <= most)


def _look(class_names: Sequence[str]) -> str:
    width, height, letters = _sizes(class_names)
    turned = len(class_names) > 5 or 9 * max(map(len, class_names)) > width
    style = f'style="--n:{len(class_names)};--most:{width}px;--height:{height}px;--letters:{letters}px"'
    return f'class="turned" {style}' if turned else style
