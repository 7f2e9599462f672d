"""How the texts are split into those to learn from, to choose by and to test."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.datasets.tables import likely_group, tells_splits
from core.schema import TableChoices

AT_RANDOM = "at random, by class"
WAYS = {AT_RANDOM: None, "as a column says": "split", "by group": "group", "by time": "time"}
"""What is chosen, and which field of `TableChoices` names its column."""
WAY_HELP = (
    "At random, every class is in each split by its share (stratified), and the same rows are drawn every time "
    "(seeded). By group, rows with the same value, such as an author, stay in one split, so that a model is not tested "
    "on what it has half seen. By time, the last 20% are test."
)
_LIKELY_TIMES = ("date", "time", "created", "timestamp", "published", "year")


def pick_way(key: str, first: pd.DataFrame, text: str, label: str) -> dict[str, Any]:
    """The pickers of how to split, as fields of `TableChoices`."""
    columns = [str(name) for name in first.columns if name not in (text, label)]
    way_box, column_box = st.columns(2)
    ways = [way for way, field in WAYS.items() if field is None or columns]
    way = way_box.selectbox("Split", ways, key=f"way-{key}", help=WAY_HELP)
    field = WAYS[way]
    if field is None:
        return {}
    likely = likely_column(field, first, columns, text, label)
    column = column_box.selectbox("By the column", columns, columns.index(likely), key=f"way-{field}-{key}")
    return {field: column}


def set_way(key: str, choices: TableChoices) -> None:
    """Let the pickers show the way of these choices; before they are drawn."""
    way = next((way for way, field in WAYS.items() if field and getattr(choices, field)), AT_RANDOM)
    st.session_state[f"way-{key}"] = way
    field = WAYS[way]
    if field:
        st.session_state[f"way-{field}-{key}"] = getattr(choices, field)


def likely_column(field: str, first: pd.DataFrame, columns: Sequence[str], text: str, label: str) -> str:
    """The column that is the likeliest to say how to split in this way; the first where none is."""
    if field == "split":
        likely = next((name for name in columns if tells_splits(first[name])), None)
    elif field == "group":
        likely = likely_group(first, text, label)
    else:
        likely = next((name for name in columns if any(word in name.lower() for word in _LIKELY_TIMES)), None)
    return likely or columns[0]
