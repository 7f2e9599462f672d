"""Tables of one's own: CSV, TSV, Parquet and JSON lines, to learn from or to predict."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from core.datasets.catalogue import DATASETS
from core.datasets.columns import as_text, other_columns
from core.datasets.own import load_own, own_datasets
from core.datasets.rows import Rows, as_dataset, with_valid
from core.datasets.splits import held_out, held_out_groups
from core.errors import BadInput
from core.folders import datasets_folder
from core.schema import TextDataset

TEST_SHARE = 0.2
MIN_TEXTS_PER_CLASS = 10
MAX_CLASSES = 1_000
MAX_LABEL_LENGTH = 200  # characters
_GROUP_WORDS = "thread conversation dialogue session author user username sender speaker customer patient group product"
GROUP_NAMES = frozenset(_GROUP_WORDS.split(" "))
"""Columns called so, or so with "_id" behind it, are likely to put related rows together."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_TOO_MANY = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")  # as pandas says it
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}


def load_table(
    path: str | Path, text: str, label: str, *, name: str | None = None, group: str | None = None
) -> TextDataset:
    """A table as a data set: 20% of its rows become test and 10% of the others valid, stratified and seeded.

    Rows without a text or a label are left out, and so are repeated texts after the first, so that no text stands on
    both sides of a split. Labels may be numbers. Other columns stay beside the texts where they put documents together.

    Args:
        path: a .csv, .tsv, .parquet, .jsonl or .ndjson file.
        text, label: names of columns.
        name: of the data set, made fit for a folder; the file's name if not given.
        group: a column; rows with the same value in it stay in one split. A row without one is a group of its own.
            Where none is given, the splits are drawn by row, and the groups of a column that is called like one are
            only noted beside the texts.

    Raises BadInput for a file that cannot be read, a column that is not there, classes that stand in too few groups,
    and labels that are not classes: fewer than 2, more than 1,000, longer than 200 characters, with control characters
    such as line breaks, or with fewer than 10 texts.
    """
    frame = read_table(path).reset_index(drop=True)  # a Parquet file may bring an index with repeats
    pairs = pd.DataFrame({"text": as_text(frame, text), "label": as_text(frame, label).str.strip()})
    pairs = pairs[(pairs["text"].str.strip() != "") & (pairs["label"] != "")].drop_duplicates("text")
    texts, labels = pairs["text"].tolist(), pairs["label"].tolist()
    _check_labels(label, labels)
    class_names = tuple(sorted(set(labels), key=_natural))
    frame_used, name = frame.loc[pairs.index], _name(name or Path(path).stem)
    rows = _split_rows(texts, labels, _group_values(frame_used, group))
    noted = group or likely_group(frame_used, text, label)
    rows = rows._replace(groups=_group_values(frame_used, noted))
    data = as_dataset(name, rows, class_names, other_columns(frame_used, (text, label)))
    return replace(data, left_out=len(frame) - len(texts))


def likely_group(frame: pd.DataFrame, text: str, label: str) -> str | None:
    """The first column that is called like what puts related rows together, and does; None if there is none."""
    for column in frame.columns:
        called_so = re.sub(r"[ _-]?id$", "", column.strip().lower()) in GROUP_NAMES
        if called_so and column not in (text, label) and frame[column].astype(str).nunique() < len(frame):
            return str(column)
    return None


def _group_values(frame: pd.DataFrame, column: str | None) -> dict[str, list[str]]:
    return {} if column is None else {column: as_text(frame, column).str.strip().tolist()}


def _split_rows(texts: list[str], labels: list[str], groups: Mapping[str, list[str]]) -> Rows:
    splits = ["train"] * len(labels)
    values = next(iter(groups.values()), None)
    drawn = held_out(labels, TEST_SHARE) if values is None else held_out_groups(labels, values, TEST_SHARE, left=2)
    for row in drawn:
        splits[row] = "test"
    return with_valid(Rows(texts, labels, splits, groups))


def remember_table(data: TextDataset, path: str | Path, text: str, label: str, group: str | None = None) -> None:
    """Note where the table of a data set lies, so that `remembered_table` finds its texts again.

    A folder that cannot be written to is no error.
    """
    note = {"path": str(Path(path).resolve()), "text": text, "label": label, "name": data.name, "group": group}
    with suppress(OSError):
        place = _note(data.fingerprint)
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps(note), encoding="utf-8")


def remembered_table(fingerprint: str) -> TextDataset:
    """The table with that fingerprint: a data set that was kept, or the file where a model learned from it.

    Raises BadInput when it is no longer there, or is not the same any more.
    """
    for own in own_datasets():
        if own.fingerprint == fingerprint:
            return load_own(own.name)
    with suppress(OSError, ValueError, LookupError, TypeError, BadInput):
        note = json.loads(_note(fingerprint).read_text(encoding="utf-8"))
        data = load_table(note["path"], note["text"], note["label"], name=note["name"], group=note.get("group"))
        if data.fingerprint == fingerprint:
            return data
    raise BadInput(
        "The texts are in a table of your own, which has changed or is no longer where it was when the model learned "
        "from it; put it back, add it on the Data page, or train the model again."
    )


def read_texts(path: str | Path, text: str | None = None) -> tuple[pd.DataFrame, str]:
    """A table and the name of its column of texts, all strings; a missing text is an empty one, so that no row is lost.

    Where no column is named, it is the column "text" or the only one. Raises BadInput for a file that cannot be read
    and a column that is not there.
    """
    frame = read_table(path)
    column = text or (str(frame.columns[0]) if len(frame.columns) == 1 else "text")
    return frame.assign(**{column: as_text(frame, column)}), column


def read_table(path: str | Path) -> pd.DataFrame:
    """The rows of a CSV, TSV, Parquet or JSON lines file. Raises BadInput when it cannot be read or has no rows."""
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise BadInput(f"{path.name} has to be a table with one of the endings {', '.join(_READERS)}.")
    try:
        frame = reader(path)
        frame.columns = frame.columns.map(str)
    except FileNotFoundError as error:
        raise BadInput(f"There is no file {path}.") from error
    except UnicodeError as error:
        raise BadInput(f"{path.name} is not UTF-8 text; save it as UTF-8 and try again.") from error
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:200].rstrip(". ") if str(error) else type(error).__name__
        raise BadInput(f"{path.name} cannot be read as a table ({reason}); open it and save it again.") from error
    if frame.empty:
        raise BadInput(f"{path.name} has no rows; give a table with a heading and at least one row.")
    return frame.loc[:, ~frame.columns.duplicated()]


def _note(fingerprint: str) -> Path:
    return datasets_folder() / "tables" / f"{fingerprint}.json"


def _separated(separator: str) -> Callable[[Path], pd.DataFrame]:
    def read(path: Path) -> pd.DataFrame:
        blank, heading = _heading(path)
        by_semicolon = separator == "," and heading.count(";") > heading.count(",")  # as spreadsheets in Europe write
        how = {
            "sep": ";" if by_semicolon else separator,
            "dtype": str,
            "keep_default_na": False,  # "NA" and "null" are texts like others
            "encoding": "utf-8-sig",
        }
        columns = len(pd.read_csv(path, nrows=0, **how).columns)
        if columns == 1:  # a blank line is a row with an empty text
            how |= {"skip_blank_lines": False, "header": blank}
        return _read_separated(path, columns, how)

    return read


def _heading(path: Path) -> tuple[int, str]:
    """The number of blank lines above the heading, and its first line."""
    with path.open(encoding="utf-8-sig") as lines:
        return next(((number, line) for number, line in enumerate(lines) if line.strip()), (0, ""))


def _read_separated(path: Path, columns: int, how: dict[str, Any]) -> pd.DataFrame:
    """The rows. Raises BadInput when one has more fields than there are columns."""
    try:
        frame = pd.read_csv(path, **how)
    except pd.errors.ParserError as error:
        if match := _TOO_MANY.search(str(error)):
            raise _too_many_fields(path, how["sep"], f"line {match[2]}", int(match[3]), int(match[1])) from error
        raise
    extra = 0 if isinstance(frame.index, pd.RangeIndex) else frame.index.nlevels  # pandas takes the first for an index
    if extra == 1 and (frame.iloc[:, -1] == "").all():  # every row ends in a separator
        return pd.read_csv(path, usecols=range(columns), index_col=False, **how)
    if extra:
        raise _too_many_fields(path, how["sep"], "the first row", columns + extra, columns)
    return frame


def _too_many_fields(path: Path, separator: str, where: str, fields: int, expected: int) -> BadInput:
    return BadInput(
        f"{path.name} cannot be read as a table: {where} has {fields} fields instead of {expected}; "
        f"put texts with {_SEPARATORS[separator]} in double quotes."
    )


def _parquet(path: Path) -> pd.DataFrame:
    return pd.read_parquet(path, dtype_backend="pyarrow")  # whole numbers stay whole beside missing ones


def _json_lines(path: Path) -> pd.DataFrame:
    records = []
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                records.append(_record(number, line))
    return pd.DataFrame(records, dtype=object)


def _record(number: int, line: str) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except RecursionError as error:
        raise ValueError(f"line {number} is nested too deeply") from error
    if not isinstance(record, Mapping):
        raise ValueError(f"line {number} is not an object")
    return record


_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": _separated(","),
    ".tsv": _separated("\t"),
    ".parquet": _parquet,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
}

ENDINGS = tuple(_READERS)
"""What the name of a table's file may end in."""


def _check_labels(column: str, labels: list[str]) -> None:
    counts = Counter(labels)
    if not 2 <= len(counts) <= MAX_CLASSES:
        number = f"{len(counts):,} different label{'s' * (len(counts) != 1)}"
        raise BadInput(f"The column {column!r} has {number}; choose a column with 2 to {MAX_CLASSES:,}.")
    for label, count in sorted(counts.items()):
        if len(label) > MAX_LABEL_LENGTH or _CONTROL.search(label):
            allowed = f"1 to {MAX_LABEL_LENGTH} characters on one line"
            raise BadInput(f"The label {label[:60]!r} cannot name a class; rename it with {allowed}.")
        if count < MIN_TEXTS_PER_CLASS:
            raise BadInput(
                f"The class {label!r} has {count} different text{'s' * (count != 1)}; "
                f"give each class at least {MIN_TEXTS_PER_CLASS}, or leave it out."
            )


def _natural(label: str) -> tuple[bool, int, str]:
    return (False, int(label), label) if label.isdecimal() else (True, 0, label)


def _name(name: str) -> str:
    """The name, fit for a folder and not that of a public corpus."""
    fit = re.sub(r"[^\w-]+", "-", name).strip("-")[:40] or "table"
    return f"{fit}-table" if fit in DATASETS else fit
