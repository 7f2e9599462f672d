"""Data sets of one's own: what was read out of a table, kept on this machine under a name.

Each is a folder `WHYWORD_HOME/datasets/NAME` with its documents as Parquet, a copy of the file that they were read
from, and a note of what was chosen. The copy is never changed, so that other choices can be made later.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.datasets.notes import ORIGINAL, OwnDataset, notes, write_note
from core.datasets.rows import Rows, as_dataset
from core.errors import BadInput, UnknownName
from core.folders import atomic_write, datasets_folder
from core.format import counted
from core.limits import limits
from core.owners import marked, may_change
from core.schema import TextDataset
from core.schema.coaching import Remark

DOCUMENTS = "documents.parquet"
NAME = re.compile(r"\w[\w-]{0,44}")
LONGEST_NAME = 45
DELETED = ".deleted"  # the folder of the data set that somebody deleted last, until the next one is
_COLUMN, _GROUP = "column:", "group:"  # before the names of kept columns
_RESERVED = frozenset({"tables"})  # folders of another use


def own_datasets() -> tuple[OwnDataset, ...]:
    """The data sets of one's own, newest first; damaged ones are left out."""
    return tuple(sorted(notes(), key=lambda own: (own.created, own.name), reverse=True))


def own_dataset(name: str) -> OwnDataset:
    """The one of that name. Raises UnknownName."""
    known = {own.name: own for own in notes()}
    if name not in known:
        raise UnknownName("data set of your own", name, known)
    return known[name]


def keep_dataset(data: TextDataset, source: Path, remarks: Sequence[Remark] = ()) -> OwnDataset:
    """Keep a table that was read, under the name of the data set; the same table under its name is kept once.

    Args:
        data: what `load_table` gives, with its report.
        source: the file that it was read from, of which a copy is kept.
        remarks: what the coach noticed about it.

    Raises BadInput for a name that cannot be or that other data have, for more than may be kept, and where nothing can
    be written.
    """
    check_own_name(data.name)
    _check_rows(data)
    data = replace(data, name=marked(data.name, LONGEST_NAME))
    existing = next((own for own in notes() if own.name == data.name), None)
    if existing and existing.fingerprint == data.fingerprint:
        return existing
    if existing:
        raise BadInput(f"There is another data set called {data.name}; choose another name, or delete that one first.")
    _check_count()
    return _written(data, source, remarks, _digest(source))


def replace_own(own: OwnDataset, data: TextDataset, remarks: Sequence[Remark] = ()) -> OwnDataset:
    """Put what other choices have made of the same table in the place of a data set, under its name.

    Raises BadInput where nothing can be written, or the copy of the table is gone; then all stays as it was.
    """
    _own_to_change(own.name)
    _check_rows(data)
    return _written(data.named(own.name), original_of(own), remarks, own.source_sha256)


def original_of(own: OwnDataset) -> Path:
    """The kept copy of the table. Raises BadInput when there is none."""
    if own.original is None:
        raise BadInput(f"The table that {own.name} was read from was not kept; add it again to choose otherwise.")
    return own.original


def _written(data: TextDataset, source: Path, remarks: Sequence[Remark], digest: str) -> OwnDataset:
    report = data.report
    assert report is not None and report.choices is not None
    own = OwnDataset(
        name=data.name,
        source=source.name,
        source_sha256=digest,
        choices=asdict(report.choices),
        sentences=report.sentences,
        class_names=data.class_names,
        documents={name: len(split) for name, split in data.splits.items()},
        left_out=data.left_out,
        fingerprint=data.fingerprint,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        remarks=tuple(remarks),
    )
    with _explained(data.name, "kept on this machine", "make room and try again"):
        _write(data, own, source)
    return own


def load_own(name: str) -> TextDataset:
    """A data set of one's own, always with the same documents in the same order and splits.

    Raises UnknownName, and BadInput when its texts cannot be read or are not those that were kept.
    """
    own = own_dataset(name)
    try:
        data = _from_table(pq.read_table(datasets_folder() / name / DOCUMENTS), own)
    except (OSError, pa.ArrowException, LookupError, ValueError) as error:
        raise BadInput(f"The data set {name} is damaged; delete it and add its table again.") from error
    if data.fingerprint != own.fingerprint:
        raise BadInput(f"The data set {name} was changed on the disk; delete it and add its table again.")
    return data


def rename_own(name: str, new: str) -> OwnDataset:
    """Give a data set another name. Models that learned from it still find its texts.

    Raises UnknownName, and BadInput for a name that cannot be or is taken, and where nothing can be written.
    """
    own = _own_to_change(name)
    check_own_name(new)
    new = marked(new, LONGEST_NAME)
    renamed = replace(own, name=new)
    with _explained(name, "renamed", "look at the list anew, or try again"):
        folder = datasets_folder()
        if (folder / new).exists():
            raise BadInput(f"There is another data set called {new}; choose another name.")
        (folder / name).rename(folder / new)
        write_note(folder / new, renamed)
    return renamed


def delete_own(name: str) -> None:
    """Take a data set away; `restore_own` brings back the one that who asks has deleted last.

    Raises UnknownName, and BadInput where nothing can be written.
    """
    _own_to_change(name)
    with _explained(name, "deleted", "look at the list anew, or try again"):
        deleted = datasets_folder() / DELETED
        deleted.mkdir(exist_ok=True)
        for old in deleted.iterdir():
            if may_change(old.name):  # where strangers meet, each has an undo of their own
                shutil.rmtree(old, ignore_errors=True)
        (deleted.parent / name).rename(deleted / name)


def restore_own(name: str) -> None:
    """Bring back the data set that was deleted last.

    Raises BadInput when there is another one of its name by now, or it is gone for good.
    """
    try:
        folder = datasets_folder()
        if (folder / name).exists():
            raise BadInput(f"There is another data set called {name} by now; rename that one first.")
        (folder / DELETED / name).rename(folder / name)
    except OSError as error:
        raise BadInput(f"The data set {name} is gone; add its table again.") from error


@contextmanager
def _explained(name: str, done: str, way_out: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(f"{name} cannot be {done} ({reason}); {way_out}.") from error


def _own_to_change(name: str) -> OwnDataset:
    own = own_dataset(name)
    if not may_change(name):
        raise BadInput(f"{name} is not a data set of yours; only those that you have added can be changed here.")
    return own


def _check_rows(data: TextDataset) -> None:
    most, rows = limits().most_rows, sum(map(len, data.splits.values()))
    if rows > most > 0:
        raise BadInput(f"This table has {rows:,} documents; a data set may have {most:,} here, so add a part of it.")


def _check_count() -> None:
    # Where strangers meet, of those that who asks has added.
    most, there = limits().data_sets, sum(may_change(own.name) for own in notes())
    if there >= most > 0:
        raise BadInput(f"You have {counted(there, 'data set')} here, and no more may be; delete one of them first.")


def check_own_name(name: str) -> None:
    """Raise BadInput unless a data set of one's own may be called so, as far as its letters decide."""
    if not NAME.fullmatch(name) or name in _RESERVED:
        raise BadInput(
            f"{name[:60]!r} cannot be a data set's name; use up to 45 letters, digits, dashes and underscores."
        )


def _write(data: TextDataset, own: OwnDataset, source: Path) -> None:
    with atomic_write(datasets_folder() / data.name) as folder:
        (folder / ORIGINAL).mkdir(parents=True)
        if source.is_file():
            shutil.copyfile(source, folder / ORIGINAL / source.name)
        pq.write_table(_as_table(data), folder / DOCUMENTS, compression="zstd")
        write_note(folder, own)


def _digest(source: Path) -> str:
    try:
        with source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _as_table(data: TextDataset) -> pa.Table:
    splits = data.splits.values()
    columns: dict[str, Any] = {
        "texts": [text for split in splits for text in split.texts],
        "labels": np.concatenate([split.labels for split in splits]),
        "splits": np.repeat([split.name for split in splits], [len(split) for split in splits]),
    }
    if all(split.places is not None for split in splits):
        columns["places"] = np.concatenate([split.places for split in splits])
    for prefix, kind in ((_COLUMN, "columns"), (_GROUP, "groups")):
        for name in getattr(data.train, kind):
            parts = [getattr(split, kind)[name] for split in splits]
            columns[prefix + name] = pa.array(np.concatenate(parts), from_pandas=parts[0].dtype == object)
    return pa.table(columns)


def _from_table(table: pa.Table, own: OwnDataset) -> TextDataset:
    def named(prefix: str) -> dict[str, np.ndarray]:
        names = [name for name in table.column_names if name.startswith(prefix)]
        return {name.removeprefix(prefix): _values(table[name]) for name in names}

    labels = [own.class_names[label] for label in table["labels"].to_pylist()]
    groups = {name: values.tolist() for name, values in named(_GROUP).items()}
    rows = Rows(table["texts"].to_pylist(), labels, table["splits"].to_pylist(), groups)
    places = table["places"].to_numpy().copy() if "places" in table.column_names else None
    return as_dataset(own.name, rows, own.class_names, named(_COLUMN), places)


def _values(column: pa.ChunkedArray) -> np.ndarray:
    # A missing string is NaN, as pandas has it.
    values = column.to_numpy()
    return np.where(values == None, np.nan, values) if values.dtype == object else values  # noqa: E711
