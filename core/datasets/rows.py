"""A labelled corpus as columns: kept on disk once it was read, and turned into a `TextDataset`."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.datasets.splits import VALID_SHARE, held_out, held_out_groups
from core.folders import atomic_write, datasets_folder
from core.schema import Split, TextDataset

_GROUP = "group:"  # in the name of a kept column


class Rows(NamedTuple):
    """Columns of equal length.

    Attributes:
        texts: n texts.
        labels: the name of the class of each.
        splits: "train", "valid" or "test".
        groups: what texts may have in common, by name, such as their thread; "" where it is not known. Validation is
            drawn by the first of them: texts of one group stay together.
    """

    texts: list[str]
    labels: list[str]
    splits: list[str]
    groups: Mapping[str, Sequence[str]] = MappingProxyType({})


def as_dataset(
    name: str,
    rows: Rows,
    class_names: tuple[str, ...] | None = None,
    columns: Mapping[str, np.ndarray] = MappingProxyType({}),
    places: np.ndarray | None = None,
) -> TextDataset:
    """The rows, which have "valid" ones, as a data set; the classes are sorted by name unless they are given.

    `columns` are what else is known of the rows, and `places` where they stood, (rows,) each.
    """
    class_names = class_names or tuple(sorted(set(rows.labels)))
    positions = {class_name: position for position, class_name in enumerate(class_names)}
    labels = np.array([positions[label] for label in rows.labels], dtype=np.int32)
    splits = np.array(rows.splits, dtype=object)
    groups = {group: np.array(values, dtype=object) for group, values in rows.groups.items()}

    def part(split: str) -> Split:
        chosen = np.flatnonzero(splits == split)
        texts = tuple(rows.texts[row] for row in chosen.tolist())
        return Split(
            dataset=name,
            name=split,
            texts=texts,
            labels=_fixed(labels[chosen]),
            class_names=class_names,
            columns={column: _fixed(values[chosen]) for column, values in columns.items()},
            groups={group: _fixed(values[chosen]) for group, values in groups.items()},
            places=None if places is None else _fixed(places[chosen]),
        )

    return TextDataset(name=name, train=part("train"), valid=part("valid"), test=part("test"))


def _fixed(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def with_valid(rows: Rows) -> Rows:
    """The rows, where 10% of the train rows are made "valid", stratified by class, unless some are already.

    Where the rows have groups, those of one group stay together. Raises BadInput when a class has a single train row,
    or stands in a single group.
    """
    if "valid" in rows.splits:
        return rows
    train = np.flatnonzero(np.array(rows.splits, dtype=object) == "train")  # an array, as there may be millions
    splits, labels = list(rows.splits), [rows.labels[row] for row in train.tolist()]
    name = next(iter(rows.groups), None)
    if name is None:
        chosen = held_out(labels, VALID_SHARE)
    else:
        chosen = held_out_groups(labels, [rows.groups[name][row] for row in train.tolist()], VALID_SHARE)
    for row in train[chosen].tolist():
        splits[row] = "valid"
    return rows._replace(splits=splits)


def cached_rows(name: str, key: object, reader: Path, read: Callable[[], Rows]) -> Rows:
    """What `read` returns, with "valid" rows; from the disk when it was read before with the same key and code.

    `reader` is the source file of `read`, so that a new version of it reads anew. One file is kept under a name, until
    there is another key. A folder that cannot be written to is no error.
    """
    try:
        folder = datasets_folder()
    except OSError:
        return with_valid(read())
    code = [file.read_text() for file in (reader, Path(__file__), Path(__file__).with_name("splits.py"))]
    digest = hashlib.sha256(repr((key, code)).encode()).hexdigest()
    path = folder / f"{name}-{digest[:12]}.parquet"
    with suppress(OSError, pa.ArrowException):
        return _stored(path)
    rows = with_valid(read())
    with suppress(OSError, UnicodeError):
        _store(path, rows)
        for other in folder.glob(f"{name}-{'?' * 12}.parquet"):
            if other != path:
                other.unlink()
    return rows


def _store(path: Path, rows: Rows) -> None:
    columns: dict[str, Sequence[str]] = {"texts": rows.texts, "labels": rows.labels, "splits": rows.splits}
    columns |= {_GROUP + name: values for name, values in rows.groups.items()}
    with atomic_write(path) as part:
        # Whoever trains waits for it, and packing takes four times as long as writing.
        pq.write_table(pa.table(columns), part, compression="none", use_dictionary=[*{*columns} - {"texts"}])


def _stored(path: Path) -> Rows:
    with pq.ParquetFile(path) as file:  # `read_table` loads a further part of Arrow, which nothing here needs
        columns = file.read().to_pydict()
    groups = {name.removeprefix(_GROUP): columns.pop(name) for name in [*columns] if name.startswith(_GROUP)}
    return Rows(**columns, groups=groups)
