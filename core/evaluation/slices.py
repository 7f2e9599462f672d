"""Where a model is worse than elsewhere: accuracy for documents that have something in common.

All functions give their slices the worst first, by the upper end of the interval: a slice leads where even the best
that it may be is bad, and not because it is small. Slices without a document are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import BadInput
from core.evaluation.intervals import wilson
from core.schema import Evaluation, Slice
from core.units import composed, whole_words

if TYPE_CHECKING:
    import pandas as pd

QUANTILE_SLICES = 5  # of a column of numbers, with equally many documents as far as equal values allow
MAX_VALUE_SLICES = 10  # values of a column that have a slice each


def worst_first(slices: Iterable[Slice]) -> tuple[Slice, ...]:
    """Slices of any kinds in one order: first those whose accuracy is low even at the upper end of its interval."""
    return tuple(sorted(slices, key=lambda part: (part.accuracy.high, part.accuracy.value)))


def by_class(evaluation: Evaluation) -> tuple[Slice, ...]:
    """A slice for each true class; its accuracy is the recall of the class."""
    return _slices(evaluation, "class", evaluation.labels, evaluation.class_names)


def by_confidence(evaluation: Evaluation) -> tuple[Slice, ...]:
    """A slice for every ten points of confidence."""
    tens = np.minimum((evaluation.confidence * 10).astype(int), 9)
    return _slices(evaluation, "confidence", tens, [f"{low}% to {low + 10}%" for low in range(0, 100, 10)])


def by_length(evaluation: Evaluation, lengths: np.ndarray) -> tuple[Slice, ...]:
    """Up to five slices with about equally many documents, by their (n,) numbers of words."""
    import pandas as pd

    _check_count(evaluation, lengths, "lengths")
    codes, names = _quantiles(pd.Series(lengths))
    return _slices(evaluation, "length", codes, [f"{name} {'word' if name == '1' else 'words'}" for name in names])


def by_word(evaluation: Evaluation, texts: Sequence[str], word: str) -> tuple[Slice, ...]:
    """The documents that contain a word (or a phrase) as a whole, in any case, and those that do not.

    Raises BadInput when there is no word, or not one text for each document.
    """
    _check_count(evaluation, texts, "texts")
    wanted = " ".join(word.split())
    if not wanted:
        raise BadInput("There is no word to look for; type one.")
    return _slices(evaluation, "word", _containing(texts, wanted), [f"without “{wanted}”", f"with “{wanted}”"])


def by_column(evaluation: Evaluation, values: pd.Series) -> tuple[Slice, ...]:
    """Slices by another column of the documents, in their order; its name is the kind.

    Numbers and dates fall into up to five slices with about equally many documents. Other values, and numbers that take
    no more than ten, have a slice for each of the ten most frequent and one for the rest. So have missing values.

    Raises BadInput when there is not one value for each document.
    """
    _check_count(evaluation, values, "values")
    present = values.reset_index(drop=True).dropna()
    inside, names = _quantiles(present) if _has_order(present) else _frequent(present)
    codes = np.full(len(values), len(names))
    codes[present.index] = inside
    return _slices(evaluation, str(values.name), codes, [*names, "no value"])


def _slices(evaluation: Evaluation, kind: str, codes: np.ndarray, names: Sequence[str]) -> tuple[Slice, ...]:
    # Codes are (n,) integers, places in the names.
    sizes = np.bincount(codes, minlength=len(names))
    right = np.bincount(codes, weights=evaluation.correct, minlength=len(names)).astype(int)
    places = np.flatnonzero(sizes).tolist()
    p_values = _p_values(right[places], sizes[places])
    rest = [(right.sum() - right[place]) / max(len(codes) - sizes[place], 1) for place in places]
    slices = (
        Slice(
            kind=kind,
            name=names[place],
            rows=np.flatnonzero(codes == place),
            accuracy=wilson(int(right[place]), int(sizes[place])),
            rest=None if p_value is None else float(other),
            p_value=p_value,
        )
        for place, other, p_value in zip(places, rest, p_values, strict=True)
    )
    return worst_first(slices)


def _p_values(right: np.ndarray, sizes: np.ndarray) -> list[float] | list[None]:
    from scipy.stats import false_discovery_control, fisher_exact

    if len(sizes) == 1:
        return [None]
    inside = np.stack([right, sizes - right], axis=1)
    outside = inside.sum(axis=0) - inside
    tables = np.stack([inside, outside], axis=1)
    return false_discovery_control([fisher_exact(table).pvalue for table in tables]).tolist()


def _quantiles(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    # By rank, so that equal values stay together and dates and infinite numbers need no care.
    codes = ((values.rank() - 1) * QUANTILE_SLICES // max(len(values), 1)).to_numpy(int)
    _, codes = np.unique(codes, return_inverse=True)
    groups = values.groupby(codes)
    return codes, [_span(low, high) for low, high in zip(groups.min(), groups.max(), strict=True)]


def _frequent(values: pd.Series) -> tuple[np.ndarray, list[str]]:
    import pandas as pd

    written = pd.Series([_written(value) for value in values], dtype=object)
    names = written.value_counts().index.tolist()
    places = {name: min(place, MAX_VALUE_SLICES) for place, name in enumerate(names)}
    others = [f"{len(names) - MAX_VALUE_SLICES} other values"] if len(names) > MAX_VALUE_SLICES else []
    return written.map(places).to_numpy(int), names[:MAX_VALUE_SLICES] + others


def _has_order(values: pd.Series) -> bool:
    from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

    ordered = is_numeric_dtype(values.dtype) or is_datetime64_any_dtype(values.dtype)
    return bool(ordered and values.nunique() > MAX_VALUE_SLICES)


def _span(low: Any, high: Any) -> str:
    return _written(low) if low == high else f"{_written(low)} to {_written(high)}"


def _written(value: Any) -> str:
    if hasattr(value, "date"):
        return value.date().isoformat()
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.4g}"


def _containing(texts: Sequence[str], wanted: str) -> np.ndarray:
    # Most texts are sorted out by the plain search, which is many times as fast.
    plain = composed(wanted).casefold()
    whole = whole_words([plain])
    folded = (composed(text).casefold() for text in texts)
    return np.fromiter((plain in text and bool(whole.search(text)) for text in folded), int, len(texts))


def _check_count(evaluation: Evaluation, values: Sequence[Any] | np.ndarray | pd.Series, what: str) -> None:
    if len(values) != len(evaluation):
        raise BadInput(
            f"There are {len(values)} {what} for the {len(evaluation)} documents that {evaluation.model} was scored "
            "on; give one for each."
        )
