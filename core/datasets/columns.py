"""The columns of a table: as texts, and as what documents of one's own also have in common."""

from collections.abc import Callable, Collection
from contextlib import suppress
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from core.errors import BadInput

MAX_COLUMNS = 20
SAMPLE = 2_000  # rows that columns are guessed from
MAX_CELL = 10_000_000  # characters
MAX_DISTINCT_SHARE = 0.9  # of the rows that have a value; with more it is an id, an address or another text


LABEL_NAMES: tuple[str, ...] = (
    *("label", "labels", "class", "category", "target", "sentiment", "intent", "topic", "feedback", "rating"),
    *("kategorie", "klasse", "thema", "catégorie", "classe", "thème", "categoría", "clase", "etiqueta", "tema"),
    *("categoria", "categorie", "категория", "класс", "метка", "श्रेणी", "类别", "标签", "分类", "カテゴリ"),
    *("queue", "department", "emotion", "genre", "type"),
)
"""What columns of classes are often called, the likeliest first."""


def likely_columns(frame: pd.DataFrame) -> tuple[str, str | None]:
    """The column that probably holds the texts, and the one of the classes; None where no other could hold them.

    Texts are what is longest. Classes are called so, or have the fewest different values, at least two.
    """
    some = frame.head(SAMPLE)
    lengths = {name: some[name].map(_length, na_action="ignore").mean() for name in some.columns}
    text = max(lengths, key=lambda name: lengths[name])
    others = [name for name in some.columns if name != text]
    different = {name: len(set(map(str, some[name].dropna()))) for name in others}
    called = [name for wanted in LABEL_NAMES for name in others if name.strip().lower() == wanted]
    fit = [name for name in others if 2 <= different[name] <= max(2, len(some) // 2)]
    return text, next(iter([*called, *sorted(fit, key=lambda name: different[name])]), None)


def _length(cell: object) -> int:
    return len(str(cell))


def as_text(frame: pd.DataFrame, column: str) -> pd.Series:
    """The column as strings, "" where a cell is missing. Raises BadInput when it is not there or holds no texts."""
    if column not in frame.columns:
        raise BadInput(f"There is no column {column!r}; the columns are: {', '.join(frame.columns)}.")
    cells = frame[column]
    if isinstance(cells.dtype, pd.StringDtype):  # strings that Arrow holds, in UTF-8
        return _as_objects(cells.fillna(""))
    return cells.map(_cell(column)).astype(object)


def _as_objects(cells: pd.Series) -> pd.Series:
    # One object for each different string where there are few, rather than one for each row.
    if cells.head(SAMPLE).nunique() > SAMPLE // 10:
        return cells.astype(object)
    codes, different = pd.factorize(cells)
    return pd.Series(np.asarray(different, dtype=object)[codes], index=cells.index, name=cells.name, dtype=object)


def other_columns(frame: pd.DataFrame, taken: Collection[str]) -> dict[str, np.ndarray]:
    """The first 20 columns that are not taken and put rows together, (rows,) each.

    They are float64 where all values are numbers, datetime64 in UTC where all are dates (ISO 8601), otherwise strings
    in an object array. A missing value is NaN or NaT. Left out is a column with one value only, with lists or bytes,
    or with another value in nearly every row, unless these are dates or numbers with a fraction, which have ranges.
    """
    columns = ((name, _column(name, frame[name])) for name in frame.columns if name not in taken)
    return dict(islice(((name, column.to_numpy()) for name, column in columns if _puts_together(column)), MAX_COLUMNS))


def _column(name: str, cells: pd.Series) -> pd.Series:
    # Empty when its cells are no plain values, or ids. Each different value is read once.
    if isinstance(cells.dtype, pd.StringDtype) and _is_id(cells):
        return pd.Series(dtype=object)
    try:
        places, different = pd.factorize(cells.astype(object))
        written = pd.Series(different, dtype=object).map(_cell(name)).astype(object).str.strip()
    except (TypeError, BadInput):  # lists cannot be factorized
        return pd.Series(dtype=object)
    return _typed(written.mask(written == "")).reindex(places)


def _is_id(cells: pd.Series) -> bool:
    # Found out without a Python object for every cell. What has neither sign is no date and has no fraction.
    if cells.nunique() <= MAX_DISTINCT_SHARE * (cells != "").sum():
        return False
    return not cells.str.contains(r"[.\-]", regex=True).any()


def _typed(written: pd.Series) -> pd.Series:
    present = written.dropna()
    with suppress(ValueError):
        return pd.to_numeric(present).astype(float).reindex(written.index)
    if present.str.match(r"\d{4}-\d\d").all():  # pandas takes "now" for a date, too
        with suppress(ValueError):
            return pd.to_datetime(present, format="ISO8601", utc=True).dt.tz_localize(None).reindex(written.index)
    return written.astype(object)


def _puts_together(values: pd.Series) -> bool:
    if values.nunique(dropna=False) < 2:
        return False
    return _has_ranges(values) or values.nunique() <= MAX_DISTINCT_SHARE * values.notna().sum()


def _has_ranges(values: pd.Series) -> bool:
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return True
    return bool(pd.api.types.is_float_dtype(values.dtype) and (values % 1 > 0).any())


def _cell(column: str) -> Callable[[Any], str]:
    def text(value: Any) -> str:
        if not pd.api.types.is_scalar(value) or isinstance(value, bytes):
            raise BadInput(f"The column {column!r} holds {type(value).__name__} values; choose a column of texts.")
        if isinstance(value, str) and len(value) > MAX_CELL:
            raise BadInput(
                f"The column {column!r} has a cell of more than {MAX_CELL:,} characters; leave that row out."
            )
        return "" if pd.isna(value) else str(value).encode("utf-8", "replace").decode()  # no half characters

    return text
