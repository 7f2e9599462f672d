"""What tells the class although it is not what a model should learn from: markers in the texts, other columns."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd
import regex

from core.coach.documents import Documents
from core.format import percent
from core.schema.coaching import Remark, RemarkKind, Remedy, Weight

MOST_LOOKED_AT = 20_000  # texts, evenly spread
FEWEST = 20  # texts of a class, below which a word may stand in all of them by chance
IN_CLASS, ELSEWHERE = 0.95, 0.01  # shares of texts with the token, at least and at most
FREED = 0.9  # of the errors that the largest class makes, which a column has to save
FEWEST_OF_A_VALUE = 5  # rows
BINS = 20  # of a column of numbers
_TOKEN = regex.compile(r"[^\w\s]*\w+[^\w\s]*")
_EDGES = ".,;!?'\"…。，！？"


def on_telling_tokens(documents: Documents) -> Iterator[Remark]:
    """Tokens that stand in nearly all texts of one class and in hardly any other."""
    step = -(-len(documents) // MOST_LOOKED_AT)
    chosen = np.arange(0, len(documents), step)
    tokens = [_tokens(documents.texts[place]) for place in chosen.tolist()]
    labels = documents.labels[chosen]
    everywhere = Counter(token for found in tokens for token in found)
    for label in np.unique(labels).tolist():
        of_class = [tokens[place] for place in np.flatnonzero(labels == label)]
        if len(of_class) >= FEWEST:
            token = _telling(of_class, everywhere, len(tokens))
            if token:
                yield _on_token(documents, label, token)


def on_telling_columns(documents: Documents) -> Iterator[Remark]:
    """Columns that tell the class alone, far better than chance."""
    labels = documents.labels
    chance = np.bincount(labels).max() / len(labels)
    for column, values in documents.columns.items():
        right = _right_by(values, labels, documents.is_test)
        if right is not None and (right - chance) >= FREED * (1 - chance):
            yield Remark(
                kind=RemarkKind.TELLING_COLUMN,
                weight=Weight.NOTE,
                sentence=f"The column {column!r} alone tells the class of {percent(right)} of the test rows, where "
                f"the largest class is {percent(chance)}. No model reads it; but if it is known, no model is needed, "
                "and if the labels were made from it, they are no better than it.",
                count=len(documents),
                rows=documents.rows(np.arange(len(documents)), lambda place, values=values: str(values[place])),  # type: ignore[misc]
            )


def _tokens(text: str) -> set[str]:
    return {found.strip(_EDGES) for found in _TOKEN.findall(text.casefold())}


def _telling(of_class: list[set[str]], everywhere: Counter[str], count: int) -> str:
    inside = Counter(token for found in of_class for token in found)
    outside = count - len(of_class)
    for token, number in inside.most_common(3):
        is_nowhere_else = everywhere[token] - number <= ELSEWHERE * outside
        if token and number >= IN_CLASS * len(of_class) and is_nowhere_else:
            return token
    return ""


def _on_token(documents: Documents, label: int, token: str) -> Remark:
    name = documents.class_names[label]
    of_class = np.flatnonzero(documents.labels == label)
    having = np.array([token in documents.texts[place].casefold() for place in of_class.tolist()])
    return Remark(
        kind=RemarkKind.TELLING_TOKEN,
        weight=Weight.SPOILS,
        sentence=f"{token!r} stands in {percent(having.mean())} of the texts of the class {name!r} and in hardly any "
        "other, so that a model needs to learn nothing else.",
        count=int(having.sum()),
        rows=documents.rows(of_class[having]),
        remedies=(
            Remedy(
                title=f"Take {token!r} out of the texts",
                option=f"--remove {shlex.quote(token)}",
                effect="takes it out of the texts",
                changes={"remove": (token,)},
            ),
        ),
    )


def _right_by(values: np.ndarray, labels: np.ndarray, is_test: np.ndarray) -> float | None:
    # Share of the test rows whose class the most frequent one of their value is, among rows outside of test; None
    # where a value seldom stands twice.
    codes = _codes(values)
    outside = pd.DataFrame({"code": codes, "label": labels})[~is_test & (codes >= 0)]
    if not len(outside) or not is_test.any() or outside["code"].nunique() * FEWEST_OF_A_VALUE > len(outside):
        return None
    commonest = outside.groupby("code")["label"].agg(lambda found: found.value_counts().index[0])
    guesses = pd.Series(codes[is_test]).map(commonest)
    return float((guesses.to_numpy() == labels[is_test]).mean())


def _codes(values: np.ndarray) -> np.ndarray:
    codes, different = pd.factorize(pd.Series(values))
    if len(different) > BINS and values.dtype.kind == "f":
        return pd.qcut(pd.Series(values), BINS, labels=False, duplicates="drop").fillna(-1).to_numpy().astype(int)
    return np.asarray(codes)
