"""A labelled corpus as columns: kept on disk once it was read, and turned into a `TextDataset`."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from math import ceil
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import BadInput
from core.folders import atomic_write, datasets_folder
from core.schema import Split, TextDataset

VALID_SHARE = 0.1
SPLIT_SEED = 0
"""Of every split that is drawn; fixed, so that a data set is the same set in every session."""


class Rows(NamedTuple):
    """Columns of equal length: n texts, the name of the class of each, and "train", "valid" or "test"."""

    texts: list[str]
    labels: list[str]
    splits: list[str]


def as_dataset(
    name: str,
    rows: Rows,
    class_names: tuple[str, ...] | None = None,
    columns: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> TextDataset:
    """The rows, which have "valid" ones, as a data set; the classes are sorted by name unless they are given.

    `columns` are what else is known of the rows, (rows,) each.
    """
    class_names = class_names or tuple(sorted(set(rows.labels)))
    positions = {class_name: position for position, class_name in enumerate(class_names)}
    labels = np.array([positions[label] for label in rows.labels], dtype=np.int32)
    splits = np.array(rows.splits)

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
        )

    return TextDataset(name=name, train=part("train"), valid=part("valid"), test=part("test"))


def _fixed(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def with_valid(rows: Rows) -> Rows:
    """The rows, where 10% of the train rows are made "valid", stratified by class, unless some are already.

    Raises BadInput when a class has a single train row.
    """
    if "valid" in rows.splits:
        return rows
    train = [row for row, split in enumerate(rows.splits) if split == "train"]
    splits = list(rows.splits)
    for position in held_out([rows.labels[row] for row in train], VALID_SHARE):
        splits[train[position]] = "valid"
    return rows._replace(splits=splits)


def held_out(labels: Sequence[str], share: float) -> np.ndarray:
    """Positions of a share of the rows, (held out,) int64 ascending: seeded, stratified, at least one row a class.

    Raises BadInput when a class has a single row.
    """
    from sklearn.model_selection import train_test_split

    counts = Counter(labels)
    single = sorted(label for label, count in counts.items() if count < 2)
    if single:
        raise BadInput(f"The class {single[0]!r} has a single document to learn from; give it at least two.")
    size = max(ceil(share * len(labels)), len(counts))
    _, chosen = train_test_split(np.arange(len(labels)), test_size=size, stratify=labels, random_state=SPLIT_SEED)
    return np.sort(_with_every_class(chosen, labels))


def _with_every_class(chosen: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    # A draw by share alone can pass a small class over; it then gets a row in the place of one of the largest class.
    rng = np.random.default_rng(SPLIT_SEED)
    rows = rng.permutation(chosen).tolist()
    counts = Counter(labels[row] for row in rows)
    for label in sorted(set(labels) - set(counts)):
        largest = max(sorted(counts), key=counts.__getitem__)
        rows.remove(next(row for row in rows if labels[row] == largest))
        rows.append(int(rng.choice([row for row, other in enumerate(labels) if other == label])))
        counts.update({label: 1, largest: -1})
    return np.array(rows, dtype=np.int64)


def cached_rows(name: str, key: object, reader: Path, read: Callable[[], Rows]) -> Rows:
    """What `read` returns, with "valid" rows; from the disk when it was read before with the same key and code.

    `reader` is the source file of `read`, so that a new version of it reads anew. One file is kept under a name, until
    there is another key. A folder that cannot be written to is no error.
    """
    try:
        folder = datasets_folder()
    except OSError:
        return with_valid(read())
    digest = hashlib.sha256(repr((key, reader.read_text(), Path(__file__).read_text())).encode()).hexdigest()
    path = folder / f"{name}-{digest[:12]}.parquet"
    with suppress(OSError, pa.ArrowException):
        return Rows(*pq.read_table(path).to_pydict().values())
    rows = with_valid(read())
    with suppress(OSError, UnicodeError):
        _store(path, rows)
        for other in folder.glob(f"{name}-{'?' * 12}.parquet"):
            if other != path:
                other.unlink()
    return rows


def _store(path: Path, rows: Rows) -> None:
    with atomic_write(path) as part:
        pq.write_table(pa.table(rows._asdict()), part, compression="zstd")
