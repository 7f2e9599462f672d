"""A table of one's own as a data set, with a report on what was left out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.datasets.catalogue import DATASETS
from core.datasets.columns import as_text, other_columns
from core.datasets.rows import as_dataset
from core.datasets.tables.labels import (
    FEWEST_TEXTS,
    check_labels,
    merged_labels,
    natural_order,
    read_labels,
    similar_labels,
    similar_sentence,
    small_classes,
)
from core.datasets.tables.names import find_column, spelling
from core.datasets.tables.reading import read_rows
from core.datasets.tables.rows_read import TableRows
from core.datasets.tables.splitting import check_ways, make_splits, split_of
from core.errors import BadInput
from core.schema import TextDataset
from core.schema.tables import LeftOut, Reason, TableChoices, TableOptions, TableReport

_GROUP_WORDS = "thread conversation dialogue session author user username sender speaker customer patient group product"
GROUP_NAMES = frozenset(_GROUP_WORDS.split(" "))
"""Columns called so, or so with "_id" behind it, are likely to put related rows together."""

MAX_PLACES = 100  # line numbers that are kept for each reason


def load_table(
    path: str | Path,
    text: str,
    label: str,
    *,
    name: str | None = None,
    group: str | None = None,
    split: str | None = None,
    time: str | None = None,
    merge_labels: bool = False,
    min_rows: int | None = None,
    options: TableOptions | None = None,
) -> TextDataset:
    """A table as a data set: 20% of its rows become test and 10% of the others valid, stratified and seeded.

    Rows without a text or a label are left out, and so are repeated texts after the first, so that no text stands on
    both sides of a split. Labels may be numbers. Other columns stay beside the texts where they put documents together.
    `report` of the data set tells what was read and what was left out. The same file with the same choices gives the
    same data set.

    Args:
        path: a .csv, .tsv, .xlsx, .parquet, .jsonl, .ndjson or .json file, also packed with gzip or in a zip; or a zip
            of .txt files in folders, whose columns are "text" and "label".
        text, label: names of columns.
        name: of the data set, made fit for a folder; the file's name if not given.
        group: a column; rows with the same value in it stay in one split. A row without one is a group of its own.
            Where none is given, the splits are drawn by row, and the groups of a column that is called like one are
            only noted beside the texts.
        split: a column that says "train", "valid" or "test".
        time: a column of times; the last 20% of the rows become test, and the last 10% of those before valid.
        merge_labels: whether labels that differ in case or spaces alone are one class.
        min_rows: leave classes with fewer different texts out; at least 3.
        options: how the file is to be read, where it is not to be found out.

    Raises BadInput for a file that cannot be read, a column that is not there, classes that stand in too few groups,
    and labels that are not classes: fewer than 2, more than 1,000, longer than 200 characters, with control characters
    such as line breaks, or with fewer than 10 texts unless `min_rows` is given.
    """
    choices = TableChoices(
        text=text,
        label=label,
        group=group,
        split=split,
        time=time,
        merge_labels=merge_labels,
        min_rows=min_rows,
        options=options or TableOptions(),
    )
    return load_chosen(path, choices, name=name)


def load_chosen(path: str | Path, choices: TableChoices, *, name: str | None = None) -> TextDataset:
    """The same from choices that were kept."""
    if choices.min_rows is not None and choices.min_rows < FEWEST_TEXTS:
        raise BadInput(f"A class needs {FEWEST_TEXTS} texts, one for each split; give --min-rows at least that.")
    check_ways(choices)
    wanted = [each for each in (choices.text, choices.label, choices.group, choices.split, choices.time) if each]
    rows = read_rows(path, choices.options, wanted)
    choices = _found(rows.frame, choices)
    if choices.text == choices.label:
        raise BadInput(f"The column {choices.text!r} cannot be text and label at once; name two columns.")
    return _dataset(rows, choices, Path(path), _name(name or _stem(Path(path))))


def likely_group(frame: pd.DataFrame, text: str, label: str) -> str | None:
    """The first column that is called like what puts related rows together, and does; None if there is none."""
    for column in frame.columns:
        called_so = re.sub(r"[ _-]?id$", "", column.strip().lower()) in GROUP_NAMES
        if called_so and column not in (text, label) and frame[column].astype(str).nunique() < len(frame):
            return str(column)
    return None


def _found(frame: pd.DataFrame, choices: TableChoices) -> TableChoices:
    """The choices with the columns called as the table calls them."""
    kinds = ("text", "label", "group", "split", "time")
    named = {kind: getattr(choices, kind) for kind in kinds if getattr(choices, kind) is not None}
    found: dict[str, Any] = {kind: find_column(frame, name) for kind, name in named.items()}
    return replace(choices, **found)


def _dataset(rows: TableRows, choices: TableChoices, path: Path, name: str) -> TextDataset:
    count = len(rows.frame)
    pairs, similar, notes = _pairs(rows, choices)
    if choices.text not in (choices.group, choices.split, choices.time):
        del rows.frame[choices.text]  # it is the largest, and not needed any more
    reasons = _reasons(pairs, choices)
    contradicting = int(pairs["text"][reasons == Reason.CONTRADICTING].nunique())
    small = sorted(set(pairs["label"][reasons == Reason.SMALL_CLASS]), key=natural_order)
    kept = np.flatnonzero(reasons == "")
    texts, labels = pairs["text"].iloc[kept].tolist(), pairs["label"].iloc[kept].tolist()
    del pairs
    if len(texts) == 1 and contradicting:
        raise BadInput(f"All texts in the column {choices.text!r} are the same; choose the column that has the texts.")
    check_labels(choices.label, labels, choices.min_rows)
    frame = rows.frame if len(kept) == count else rows.frame.iloc[kept]
    columns = [column for column in (choices.group, choices.split, choices.time) if column]
    made = make_splits(texts, labels, choices, {column: as_text(frame, column).tolist() for column in columns})
    noted = choices.group or likely_group(frame, choices.text, choices.label)
    groups = {noted: as_text(frame, noted).str.strip().tolist()} if noted else {}
    class_names = tuple(sorted(set(labels), key=natural_order))
    others = other_columns(frame, (choices.text, choices.label))
    data = as_dataset(name, made.rows._replace(groups=groups), class_names, others)
    report = TableReport(
        source=path.name,
        format=rows.format,
        rows=count,
        choices=choices,
        notes=(*rows.notes, *notes, *_hints(rows.frame, choices, texts)),
        left_out=tuple(_left_out(reasons, rows)),
        similar_labels=tuple(similar),
        small_classes=tuple(small),
        contradicting_texts=contradicting,
        split=made.sentence,
    )
    return replace(data, left_out=count - len(texts), report=report)


def _pairs(rows: TableRows, choices: TableChoices) -> tuple[pd.DataFrame, list[tuple[str, ...]], list[str]]:
    """Texts and labels of all rows, the labels that are alike, and what is to be said of them."""
    labels = read_labels(rows.frame, choices.label)
    present = labels[labels != ""].tolist()
    similar = similar_labels(present)
    notes = [similar_sentence(similar, labels.value_counts(), choices.merge_labels)] if similar else []
    if choices.merge_labels:
        labels = pd.Series(merged_labels(labels.tolist(), similar), index=labels.index, dtype=object)
    pairs = pd.DataFrame({"text": as_text(rows.frame, choices.text), "label": labels})
    if choices.split:
        pairs["split"] = as_text(rows.frame, choices.split).map(split_of)
    return pairs, similar, notes


def _reasons(pairs: pd.DataFrame, choices: TableChoices) -> np.ndarray:
    """Why each row is left out, (rows,) objects; "" for one that is kept."""
    reasons = np.full(len(pairs), "", dtype=object)
    reasons[(pairs["label"] == "").to_numpy()] = Reason.NO_LABEL
    reasons[(pairs["text"].str.strip() == "").to_numpy()] = Reason.NO_TEXT
    if choices.split:
        _check_splits(pairs["split"][reasons == ""], choices.split)
        reasons[((pairs["split"] == "") & (reasons == "")).to_numpy()] = Reason.NO_SPLIT
    left = pairs[reasons == ""]
    repeats = left[left.duplicated("text")]
    if len(repeats):
        firsts = left[left["text"].isin(set(repeats["text"]))].drop_duplicates("text").set_index("text")["label"]
        is_same = repeats["label"].to_numpy() == firsts.loc[repeats["text"]].to_numpy()
        reasons[repeats.index] = np.where(is_same, Reason.REPEATED, Reason.CONTRADICTING)
    if choices.min_rows:
        small = small_classes(pairs["label"][reasons == ""].tolist(), choices.min_rows)
        reasons[(pairs["label"].isin(small)).to_numpy() & (reasons == "")] = Reason.SMALL_CLASS
    return reasons


def _check_splits(splits: pd.Series, column: str) -> None:
    if (splits == "").all():
        raise BadInput(f"The column {column!r} names no splits; they are called train, valid and test.")


def _left_out(reasons: np.ndarray, rows: TableRows) -> list[LeftOut]:
    found = []
    for reason in Reason:
        places = rows.places[reasons == reason]
        if len(places):
            first = tuple(places[:MAX_PLACES].tolist())
            found.append(LeftOut(reason=reason, count=len(places), places=first, place=rows.format.place))
    return found


def _hints(frame: pd.DataFrame, choices: TableChoices, texts: Sequence[str]) -> list[str]:
    """What the choices may have overlooked."""
    hints = []
    if all(re.fullmatch(r"[-+.\d\s]+", text) for text in texts):
        hints.append(f"The column {choices.text!r} holds numbers only; --text names a column of texts.")
    for kind, column in (("text", choices.text), ("label", choices.label)):
        if f"{column}.1" in frame.columns and spelling(column) == spelling(f"{column}.1"[:-2]):
            hints.append(f"Several columns are called {column!r}; the first is the {kind}.")
    if not (choices.split or choices.group or choices.time):
        split_column = next((column for column in frame.columns if _tells_splits(frame[column])), None)
        if split_column is not None:
            hints.append(f"The column {split_column!r} names splits; --split {split_column!r} takes them.")
    return hints


def _tells_splits(cells: pd.Series) -> bool:
    first = cells.iloc[:1000]
    if not all(isinstance(cell, str) and split_of(cell) for cell in first):
        return False
    return {"train", "test"} <= {split_of(str(cell)) for cell in cells.unique()}


def _stem(path: Path) -> str:
    return Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem


def _name(name: str) -> str:
    """The name, fit for a folder and not that of a public corpus."""
    fit = re.sub(r"[^\w-]+", "-", name).strip("-")[:40] or "table"
    return f"{fit}-table" if fit in DATASETS else fit
