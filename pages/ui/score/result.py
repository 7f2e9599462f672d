"""What became of a file: its classes, its first and its least certain rows, and the table to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.evaluation.intervals import share
from core.saved_models import ModelInfo
from core.scoring import FileScore
from pages.ui.render.charts import class_bars, label
from pages.ui.render.format import counted, percent, probability
from pages.ui.render.tables import beginning, first_rows, height_of, shown_as
from pages.ui.score.run_panel import ScoreRun
from pages.ui.shared.address import LONGEST_IN_A_LINK, TEXT, model_query
from pages.ui.shared.chart import show_chart
from pages.ui.shared.entry import PAGES
from pages.ui.shared.widgets import CHANGE_HEIGHT, METRIC_HEIGHT, literal, pick_rows

MOST_BARS = 20
GUESSES_HELP = "Texts without a word in them: the model can only guess their class."
FORMULAS_HELP = "Cells that a spreadsheet would have run as a formula have an apostrophe in front."
ACCURACY_HELP = (
    "Of the rows whose label is one of the model's classes; below it, its 95% interval. Compare it with the model's "
    "own test documents."
)
CERTAIN_HELP = "Where the model is least sure: the rows that are most worth a look."


def show(info: ModelInfo, run: ScoreRun) -> None:
    """Figures, the classes, the rows, and the download."""
    score = run.score
    if score is None:
        return
    _show_figures(score)
    target = run.task.target
    st.download_button(
        f"Download the table as {target.suffix.lstrip('.').upper()}",
        data=target.read_bytes,
        file_name=f"{run.task.stream.path.name.partition('.')[0]}-predicted{target.suffix}",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )
    bars, rows = st.columns(2, gap="medium")
    with bars:
        st.header("Predicted classes")
        figure = class_counts(score.predictions)
        show_chart(figure, "Rows of each predicted class", "score-classes")
    with rows:
        _show_uncertain(info, score)
    st.header("The first rows")
    first = scored_rows(score, run.task.added.names(run.task.class_names))
    st.dataframe(first, hide_index=True, height=height_of(first), alt="The first rows with what was added")


def class_counts(predictions: Mapping[str, int]) -> go.Figure:
    """Rows of each predicted class, the most frequent first; the rest of many classes together."""
    ordered = sorted(predictions.items(), key=lambda pair: -pair[1])
    shown, others = ordered[:MOST_BARS], ordered[MOST_BARS:]
    if others:
        shown.append((f"{len(others):,} others", sum(count for _, count in others)))
    names, counts = [label(name) for name, _ in shown], [count for _, count in shown]
    return class_bars(names, counts, "rows")


def scored_rows(score: FileScore, added: Sequence[str]) -> pd.DataFrame:
    """The first rows of the result, each cell's beginning, the columns that were added in front."""
    names = [*added, *(name for name in score.first if name not in added)]
    frame = pd.DataFrame({name: pd.Series(score.first[name], dtype=object) for name in names})
    for name in frame:
        frame[name] = frame[name].map(shown if name in added else rounded)
    return first_rows(frame.fillna(""), len(frame))


def shown(cell: Any) -> Any:
    """A probability of the result as a percentage; other cells as they are."""
    return probability(cell) if isinstance(cell, float) else cell


def rounded(cell: Any) -> Any:
    """A number of the table with three decimals; other cells as they are."""
    return round(cell, 3) if isinstance(cell, float) else cell


def uncertain_rows(score: FileScore) -> pd.DataFrame:
    """The least certain rows."""
    return pd.DataFrame(
        {
            "Row": [each.row for each in score.uncertain],
            "Predicted": [each.prediction for each in score.uncertain],
            "Confidence": [each.confidence for each in score.uncertain],
            "Text": [beginning(each.text) for each in score.uncertain],
        }
    )


def _show_figures(score: FileScore) -> None:
    found = share(score.right or 0, score.labelled) if score.labelled else None
    look: Any = {"border": True, "height": "stretch"}
    with st.grid(4, min_column_width=150, row_height=CHANGE_HEIGHT if found else METRIC_HEIGHT):
        st.metric("Rows", f"{score.rows:,}", **look)
        if found:
            value, between = percent(found.value), f"{percent(found.low)} to {percent(found.high)}"
            st.metric("Accuracy", value, between, help=ACCURACY_HELP, delta_color="off", delta_arrow="off", **look)
        st.metric("Guesses", f"{score.guesses:,}", help=GUESSES_HELP, **look)
        if score.formulas:
            st.metric("Formulas disarmed", f"{score.formulas:,}", help=FORMULAS_HELP, **look)
    if score.labelled is not None and score.labelled < score.rows:
        missing = score.rows - score.labelled
        st.caption(f"{counted(missing, 'row')} without a label among the model's classes.")


def _show_uncertain(info: ModelInfo, score: FileScore) -> None:
    st.header("Least certain", help=CERTAIN_HELP)
    rows = shown_as(uncertain_rows(score), ["Confidence"])
    columns = {"Row": st.column_config.NumberColumn(format="localized")}
    chosen = pick_rows(rows, "score-uncertain", "The least certain rows", columns=columns, height=300)
    for place in chosen[:1]:
        row = score.uncertain[place]
        st.page_link(
            PAGES / "explain.py",
            label=f"Explain row {row.row:,}",
            icon=":material/format_ink_highlighter:",
            query_params={**model_query(info.name), TEXT: row.text[:LONGEST_IN_A_LINK]},
        )
    st.page_link(
        PAGES / "evaluate.py",
        label=literal(f"How {info.name} does on its own test documents"),
        icon=":material/grid_on:",
        query_params=model_query(info.name),
    )
