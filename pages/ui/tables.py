"""Core results -> tables for the screen. Pure, no streamlit."""

from typing import Any

import numpy as np
import pandas as pd

from core.schema import Evaluation, Split

BEGINNING = 160  # characters of a document that a table shows


def report_table(evaluation: Evaluation) -> pd.DataFrame:
    """Precision, recall and F1 in percent and the number of documents: a row a class, then the two averages."""
    averages = {"macro avg": "Mean", "weighted avg": "Weighted mean"}
    rows = [_report_row(name, evaluation.report[name]) for name in evaluation.class_names]
    return pd.DataFrame(rows + [_report_row(shown, evaluation.report[name]) for name, shown in averages.items()])


def mixups(evaluation: Evaluation, most: int = 5) -> pd.DataFrame:
    """The most frequent mistakes: true class, predicted class, documents; empty when there is none."""
    confusion = evaluation.confusion
    wrong = np.where(np.eye(len(confusion), dtype=bool), 0, confusion)
    order = np.argsort(wrong, axis=None, kind="stable")[::-1][:most]
    cells = [divmod(int(cell), len(confusion)) for cell in order]
    names = evaluation.class_names
    rows = [(names[i], names[j], wrong[i, j]) for i, j in cells if wrong[i, j]]
    return pd.DataFrame(rows, columns=["True class", "Predicted", "Documents"])


def document_table(split: Split, class_name: str | None, search: str, lengths: np.ndarray) -> pd.DataFrame:
    """Documents of a class (None for all) that contain a text, in a random order: class, words, beginning.

    The index is the place in the split.

    Args:
        lengths: (n,) words of each document of the split.
    """
    chosen = np.ones(len(split), bool) if class_name is None else split.labels == split.class_names.index(class_name)
    wanted = search.strip().casefold()
    if wanted:
        chosen &= np.fromiter((wanted in text.casefold() for text in split.texts), bool, len(split))
    rows = np.random.default_rng(0).permutation(np.flatnonzero(chosen))
    beginnings = [" ".join(split.texts[row][: 2 * BEGINNING].split())[:BEGINNING] for row in rows]
    classes = pd.Categorical.from_codes(split.labels[rows], categories=list(split.class_names)).astype(str)
    return pd.DataFrame({"Class": classes, "Words": lengths[rows], "Text": beginnings}, index=rows)


def word_counts(split: Split) -> np.ndarray:
    """(n,) int64, words of each document, as separated by white space."""
    return np.fromiter((len(text.split()) for text in split.texts), np.int64, len(split))


def _report_row(name: str, row: dict[str, Any]) -> dict[str, Any]:
    shares = {key.capitalize(): _percent(row[key]) for key in ("precision", "recall")}
    return {"Class": name} | shares | {"F1": _percent(row["f1-score"]), "Documents": int(row["support"])}


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
