"""Which rows of a table are in no split, and why."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from core.datasets.garbled import are_garbled
from core.datasets.near_duplicates import near_duplicates
from core.datasets.scripts import dominant_scripts, in_other_script
from core.datasets.tables.labels import small_classes
from core.datasets.tables.rows_read import TableRows
from core.errors import BadInput
from core.schema.tables import Drop, LeftOut, Reason, TableChoices, TableRow

MAX_PLACES = 100  # line numbers that are kept for each reason
MAX_ROWS = 20  # rows that are
BEGINNING = 300  # characters of a text that is shown


def reasons_of(pairs: pd.DataFrame, choices: TableChoices) -> np.ndarray:
    """Why each row is left out, (rows,) objects; "" for one that is kept.

    Args:
        pairs: the columns "text" and "label", and "split" where a column tells it.

    Raises BadInput where no row has a split although a column should tell it.
    """
    reasons = np.full(len(pairs), "", dtype=object)
    reasons[(pairs["label"] == "").to_numpy()] = Reason.NO_LABEL
    reasons[(pairs["text"].str.strip() == "").to_numpy()] = Reason.NO_TEXT
    if choices.split:
        _check_splits(pairs["split"][reasons == ""], choices.split)
        reasons[((pairs["split"] == "") & (reasons == "")).to_numpy()] = Reason.NO_SPLIT
    _mark_odd(pairs, reasons, choices)
    _mark_repeats(pairs, reasons, choices)
    if Drop.NEAR in choices.drop:
        left = np.flatnonzero(reasons == "")
        near = near_duplicates(pairs["text"].iloc[left].tolist()) >= 0
        reasons[left[near]] = Reason.NEAR
    return reasons


def mark_small(labels: pd.Series, reasons: np.ndarray, least: int) -> None:
    """Write into the reasons which of the kept rows are of a class with fewer different texts than that."""
    small = small_classes(labels[reasons == ""].tolist(), least)
    reasons[labels.isin(small).to_numpy() & (reasons == "")] = Reason.SMALL_CLASS


def left_out(pairs: pd.DataFrame, reasons: np.ndarray, rows: TableRows) -> Iterator[LeftOut]:
    """The rows in no split, by reason."""
    for reason in Reason:
        chosen = np.flatnonzero(reasons == reason)
        if len(chosen):
            places = rows.places[chosen]
            shown = [
                TableRow(text=text[:BEGINNING], label=label, place=place)
                for text, label, place in zip(
                    pairs["text"].iloc[chosen[:MAX_ROWS]],
                    pairs["label"].iloc[chosen[:MAX_ROWS]],
                    places[:MAX_ROWS].tolist(),
                    strict=True,
                )
            ]
            first = tuple(places[:MAX_PLACES].tolist())
            yield LeftOut(reason=reason, count=len(chosen), places=first, place=rows.format.place, rows=tuple(shown))


def _mark_odd(pairs: pd.DataFrame, reasons: np.ndarray, choices: TableChoices) -> None:
    left = np.flatnonzero(reasons == "")
    texts = pairs["text"].iloc[left].tolist() if choices.drop else []
    if Drop.OTHER_SCRIPTS in choices.drop:
        reasons[left[in_other_script(dominant_scripts(texts))]] = Reason.OTHER_SCRIPT
    if Drop.GARBLED in choices.drop:
        reasons[left[are_garbled(texts)]] = Reason.GARBLED


def _mark_repeats(pairs: pd.DataFrame, reasons: np.ndarray, choices: TableChoices) -> None:
    left = pairs[reasons == ""]
    repeats = left[left.duplicated("text")]
    if not len(repeats):
        return
    firsts = left[left["text"].isin(set(repeats["text"]))].drop_duplicates("text").set_index("text")["label"]
    is_same = repeats["label"].to_numpy() == firsts.loc[repeats["text"]].to_numpy()
    reasons[repeats.index] = np.where(is_same, Reason.REPEATED, Reason.CONTRADICTING)
    if Drop.CONTRADICTING in choices.drop:
        ambiguous = set(repeats["text"][~is_same])
        reasons[left.index[left["text"].isin(ambiguous)]] = Reason.AMBIGUOUS


def _check_splits(splits: pd.Series, column: str) -> None:
    if (splits == "").all():
        raise BadInput(f"The column {column!r} names no splits; they are called train, valid and test.")
