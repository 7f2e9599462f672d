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
from core.datasets.tables.mending import mended_texts
from core.datasets.tables.names import find_column, spelling
from core.datasets.tables.reading import read_rows
from core.datasets.tables.reasons import left_out, mark_small, reasons_of
from core.datasets.tables.rows_read import TableRows
from core.datasets.tables.splitting import check_ways, make_splits, split_of, tells_splits
from core.errors import BadInput
from core.schema import TextDataset
from core.schema.tables import SHOWN, Drop, Reason, TableChoices, TableOptions, TableReport

_GROUP_WORDS = "thread conversation dialogue session author user username sender speaker customer patient group product"
GROUP_NAMES = frozenset(_GROUP_WORDS.split(" "))
"""Columns called so, or so with "_id" behind it, are likely to put related rows together."""

OTHER = "other"
"""The class that small ones are merged into."""


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
    merge_small: int | None = None,
    drop: Sequence[str] = (),
    mend_encoding: bool = False,
    remove: Sequence[str] = (),
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
        merge_small: make classes with fewer different texts one class, "other".
        drop: kinds of rows to leave out too: "near-duplicates" (later texts that are nearly the same as one above),
            "contradicting" (all rows of a text with several labels), "garbled" (characters in a wrong encoding) and
            "other-scripts" (texts in another script than most).
        mend_encoding: put characters right that were read in a wrong encoding before the table was written.
        remove: what is taken out of every text, such as a marker that tells its class.
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
        merge_small=merge_small,
        drop=tuple(drop),
        mend_encoding=mend_encoding,
        remove=tuple(remove),
        options=options or TableOptions(),
    )
    return load_chosen(path, choices, name=name)


def load_chosen(path: str | Path, choices: TableChoices, *, name: str | None = None) -> TextDataset:
    """The same from choices that were kept."""
    check_choices(choices)
    wanted = [each for each in (choices.text, choices.label, choices.group, choices.split, choices.time) if each]
    return from_rows(read_rows(path, choices.options, wanted), choices, path, name=name)


def from_rows(rows: TableRows, choices: TableChoices, path: str | Path, *, name: str | None = None) -> TextDataset:
    """The same from rows that were read before, which stay as they are."""
    check_choices(choices)
    choices = _found(rows.frame, choices)
    if choices.text == choices.label:
        raise BadInput(f"The column {choices.text!r} cannot be text and label at once; name two columns.")
    rows = rows._replace(frame=rows.frame.copy(deep=False))
    return _dataset(rows, choices, Path(path), fit_name(name or _stem(Path(path))))


def check_choices(choices: TableChoices) -> None:
    """Raise BadInput for choices that no table can be read by."""
    if choices.min_rows is not None and choices.min_rows < FEWEST_TEXTS:
        raise BadInput(f"A class needs {FEWEST_TEXTS} texts, one for each split; give --min-rows at least that.")
    if choices.merge_small is not None and choices.merge_small < 2:
        raise BadInput("Every class has a text; give --merge-small at least 2.")
    unknown = [kind for kind in choices.drop if kind not in set(Drop)]
    if unknown:
        raise BadInput(f"There is no kind of rows {unknown[0]!r} to drop; there are: {', '.join(Drop)}.")
    if not all(token.strip() for token in choices.remove):
        raise BadInput("What is to be removed from the texts has to have a character.")
    check_ways(choices)


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
    reasons = reasons_of(pairs, choices)
    is_contradicting = (reasons == Reason.CONTRADICTING) | (reasons == Reason.AMBIGUOUS)
    contradicting = int(pairs["text"][is_contradicting].nunique())
    small, merged = _settle_small(pairs, reasons, choices)
    gone = tuple(left_out(pairs, reasons, rows))
    left = np.flatnonzero(reasons == "")
    texts, labels = pairs["text"].iloc[left].tolist(), pairs["label"].iloc[left].tolist()
    del pairs
    if len(texts) == 1 and contradicting:
        raise BadInput(f"All texts in the column {choices.text!r} are the same; choose the column that has the texts.")
    check_labels(choices.label, labels, choices.min_rows)
    frame = rows.frame if len(left) == count else rows.frame.iloc[left]
    columns = [column for column in (choices.group, choices.split, choices.time) if column]
    cells = {column: as_text(frame, column).tolist() for column in columns}
    noted = choices.group or likely_group(frame, choices.text, choices.label)
    groups = {noted: as_text(frame, noted).str.strip().tolist()} if noted else {}
    others = other_columns(frame, (choices.text, choices.label))
    hints = _hints(rows.frame, choices, texts)
    del frame, reasons
    rows = rows._replace(frame=rows.frame[[]])  # of millions of rows the others take much
    made = make_splits(texts, labels, choices, cells)
    class_names = tuple(sorted(set(labels), key=natural_order))
    data = as_dataset(name, made.rows._replace(groups=groups), class_names, others, rows.places[left])
    report = TableReport(
        source=path.name,
        format=rows.format,
        rows=count,
        choices=choices,
        notes=(*rows.notes, *notes, *merged, *hints),
        reading=rows.notes,
        left_out=gone,
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
    texts = mended_texts(as_text(rows.frame, choices.text), choices)
    pairs = pd.DataFrame({"text": texts, "label": labels})
    if choices.split:
        pairs["split"] = as_text(rows.frame, choices.split).map(split_of)
    return pairs, similar, notes


def _settle_small(pairs: pd.DataFrame, reasons: np.ndarray, choices: TableChoices) -> tuple[list[str], list[str]]:
    """The names of small classes, which are merged or left out as the choices say, and what is to be said of it."""
    small: set[str] = set()
    notes = []
    if choices.merge_small:
        labels = pairs["label"][reasons == ""]
        small = small_classes(labels.tolist(), choices.merge_small) - {OTHER}
        pairs.loc[pairs["label"].isin(small), "label"] = OTHER
        if small:
            notes.append(_merged_sentence(sorted(small, key=natural_order), choices.merge_small))
    if choices.min_rows:
        mark_small(pairs["label"], reasons, choices.min_rows)
        small |= set(pairs["label"][reasons == Reason.SMALL_CLASS])
    return sorted(small, key=natural_order), notes


def _merged_sentence(small: Sequence[str], least: int) -> str:
    classes = "1 class" if len(small) == 1 else f"{len(small):,} classes"
    more = f" and {len(small) - SHOWN:,} more" if len(small) > SHOWN else ""
    listed = ", ".join(repr(name[:60]) for name in small[:SHOWN]) + more
    return f"{classes} with fewer than {least:,} texts became the class {OTHER!r}: {listed}."


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
    return all(isinstance(cell, str) and split_of(cell) for cell in first) and tells_splits(cells.unique())


def _stem(path: Path) -> str:
    return Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem


def fit_name(name: str) -> str:
    """The name, fit for a folder and not that of a public corpus."""
    fit = re.sub(r"[^\w-]+", "-", name).strip("-")[:40] or "table"
    return f"{fit}-table" if fit in DATASETS else fit
