"""Core results -> tables for the screen. Pure, no streamlit."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.format import no_formula, percent
from core.schema import Decisions, Split

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

BEGINNING = 160  # characters of a document that a table shows


def report_table(decisions: Decisions) -> pd.DataFrame:
    """Precision, recall and F1 in [0, 1] and the number of documents: a row a class, then the two averages."""
    averages = {"macro avg": "Mean", "weighted avg": "Weighted mean"}
    rows = [_report_row(*pair) for pair in zip(decisions.class_names, decisions.classes, strict=True)]
    return pd.DataFrame(rows + [_report_row(shown, decisions.report[name]) for name, shown in averages.items()])


def as_csv(frame: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8, with the mark by which Excel knows it.

    A text that a spreadsheet would run as a formula gets an apostrophe in front of it (OWASP, "CSV injection").
    """
    texts = frame.select_dtypes(object).columns
    safe = frame.assign(**{column: frame[column].map(no_formula) for column in texts})
    return b"\xef\xbb\xbf" + safe.to_csv(index=False).encode("utf-8", "replace")


def beginning(text: str) -> str:
    """The first characters of a text, on one line."""
    return " ".join(text[: 2 * BEGINNING].split())[:BEGINNING]


def shown_as(frame: pd.DataFrame, shares: Collection[str], **others: Callable[[Any], str]) -> Styler:
    """The table with columns of shares in [0, 1] written as every other percentage, and others by a function of theirs.

    What is shown is text; columns are still sorted by their numbers. A column must have no format of its own.
    """
    written = {name: percent for name in shares if name in frame} | others
    return frame.style.format(written, na_rep="")


def height_of(frame: pd.DataFrame | Styler, most: int | None = None) -> int:
    """How many pixels a table with all its rows is high, at most `most`.

    A table whose height is said has its room before a browser has loaded what draws it, so that nothing below it moves.
    """
    whole = 35 * (len(frame.index) + 1) + 3
    return whole if most is None else min(whole, most)


def first_rows(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """The first rows of a table, each cell's beginning; of a cell that is no text, as it is written."""
    return frame.head(most).map(lambda cell: beginning(str(cell)))


def word_counts(split: Split) -> np.ndarray:
    """(n,) int64, words of each document, as separated by white space."""
    return np.fromiter((len(text.split()) for text in split.texts), np.int64, len(split))


def _report_row(name: str, row: dict[str, Any]) -> dict[str, Any]:
    shares = {key.capitalize(): row[key] for key in ("precision", "recall")}
    return {"Class": name} | shares | {"F1": row["f1-score"], "Documents": int(row["support"])}
