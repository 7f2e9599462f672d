"""Core results -> tables for the screen. Pure, no streamlit."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.schema import (
    Comparison,
    Decisions,
    Evaluation,
    Interval,
    IntervalReport,
    Neighbour,
    PickedDocument,
    Slice,
    Split,
)
from pages.ui.render import verdicts
from pages.ui.render.format import percent

# What may begin one, in the wide letters of Asian keyboards too, and behind signs that are not seen.
_FORMULA = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")

BEGINNING = 160  # characters of a document that a table shows
SUREST, UNSUREST, LONGEST, SHORTEST, AS_IT_IS = ORDERS = (
    "Most confident first",
    "Least confident first",
    "Longest first",
    "Shortest first",
    "As in the data",
)
BY_LENGTH = (LONGEST, SHORTEST)


def report_table(decisions: Decisions) -> pd.DataFrame:
    """Precision, recall and F1 in percent and the number of documents: a row a class, then the two averages."""
    averages = {"macro avg": "Mean", "weighted avg": "Weighted mean"}
    rows = [_report_row(*pair) for pair in zip(decisions.class_names, decisions.classes, strict=True)]
    return pd.DataFrame(rows + [_report_row(shown, decisions.report[name]) for name, shown in averages.items()])


def interval_table(report: IntervalReport) -> pd.DataFrame:
    """The report with each figure's 95% interval behind it, as texts: a row a class, then the two averages."""
    averages = [replace(report.macro, name="Mean"), replace(report.weighted, name="Weighted mean")]
    return pd.DataFrame(
        {
            "Class": row.name,
            "Precision": _interval(row.precision),
            "Recall": _interval(row.recall),
            "F1": _interval(row.f1),
            "Documents": row.documents,
        }
        for row in (*report.classes, *averages)
    )


def slice_table(parts: Sequence[Slice]) -> pd.DataFrame:
    """Slices with their accuracy, its interval and the difference to all others: a row each."""
    return pd.DataFrame(
        {
            "Part": part.name,
            "Documents": len(part),
            "Right": _interval(part.accuracy),
            "Compared with the rest": verdicts.sliced(part),
        }
        for part in parts
    )


def difference_table(comparison: Comparison) -> Any:
    """By how many points the second model is better than the first, in colour: a row a class, then the averages."""
    names = {"macro avg": "Mean", "weighted avg": "Weighted mean"}
    frame = pd.DataFrame(
        {"Class": names.get(name, name)} | {key.split("-")[0].capitalize(): _percent(row[key]) for key in row}
        for name, row in comparison.report.items()
    )
    figures = [column for column in frame.columns if column != "Class"]
    return frame.style.format("{:+.1f}", subset=figures, na_rep="").map(_better, subset=figures)


def confusion_difference(comparison: Comparison) -> Any:
    """How many more documents the second model has in each cell; coloured by whether that is better or worse."""
    names = list(comparison.first.class_names)
    frame = pd.DataFrame(comparison.confusion, columns=[f"called {name}" for name in names])
    frame.insert(0, "True class", names)
    signs = pd.DataFrame(2 * np.eye(len(names)) - 1, columns=frame.columns[1:]) * frame.iloc[:, 1:]
    looks = signs.map(_better)
    style = frame.style.format("{:+d}", subset=list(frame.columns[1:]))
    return style.apply(lambda _: looks.reindex(columns=frame.columns, fill_value=""), axis=None)


def _better(value: float) -> str:
    if not abs(value) > 0.05:
        return ""
    return f"background-color: rgba({'47,127,209' if value > 0 else '217,119,43'},.25)"


def neighbour_table(near: Sequence[Neighbour], train: Split) -> pd.DataFrame:
    """Training documents with how alike they are, for how many documents, and how they begin."""
    return pd.DataFrame(
        {
            "Alike": percent(each.similarity),
            "Near to": each.documents,
            "Words": len(train.texts[each.position].split()),
            "Text": beginning(train.texts[each.position]),
        }
        for each in near
    )


def pick_table(picks: Sequence[PickedDocument]) -> pd.DataFrame:
    """Representative documents: the true class, what the model says, and its strongest words."""
    return pd.DataFrame(
        {
            "True class": pick.true_class,
            "Called": pick.predicted_class,
            "Sure": percent(pick.probability),
            "Strongest words": ", ".join(word for word, _ in pick.words),
            "Covered so far": percent(pick.covered),
        }
        for pick in picks
    )


def mixups(evaluation: Evaluation, most: int = 5) -> pd.DataFrame:
    """The most frequent mistakes: true class, predicted class, documents; empty when there is none."""
    confusion = evaluation.confusion
    wrong = np.where(np.eye(len(confusion), dtype=bool), 0, confusion)
    order = np.argsort(wrong, axis=None, kind="stable")[::-1][:most]
    cells = [divmod(int(cell), len(confusion)) for cell in order]
    names = evaluation.class_names
    rows = [(names[i], names[j], wrong[i, j]) for i, j in cells if wrong[i, j]]
    return pd.DataFrame(rows, columns=["True class", "Called", "Documents"])


def document_table(split: Split, class_name: str | None, search: str, lengths: np.ndarray) -> pd.DataFrame:
    """Documents of a class (None for all) that contain a text, in a random order: class, words, beginning.

    The index is the place in the split.

    Args:
        lengths: (n,) words of each document of the split.
    """
    chosen = np.ones(len(split), bool) if class_name is None else split.labels == split.class_names.index(class_name)
    wanted = search.strip().casefold()
    if wanted:
        chosen &= np.fromiter((wanted in text.casefold() for text in split.texts), bool, len(split))
    rows = np.random.default_rng(0).permutation(np.flatnonzero(chosen))
    beginnings = [beginning(split.texts[row]) for row in rows]
    classes = pd.Categorical.from_codes(split.labels[rows], categories=list(split.class_names)).astype(str)
    return pd.DataFrame({"Class": classes, "Words": lengths[rows], "Text": beginnings}, index=rows)


def answers_table(evaluation: Evaluation, rows: np.ndarray, split: Split | None, whole: bool) -> pd.DataFrame:
    """The model's answers to some documents, in the order of `rows`: a row each.

    The columns are position (in the split, from 0), true_class, predicted_class, confidence and true_probability in
    [0, 1], and, where there are texts, words and text.

    Args:
        rows: (rows,) int64 positions of the documents.
        split: with the texts, or None.
        whole: whether texts are whole, or their beginnings on one line.
    """
    names = np.array(evaluation.class_names, dtype=object)
    predicted, true = evaluation.predictions[rows], evaluation.labels[rows]
    columns = {"position": rows, "true_class": names[true], "predicted_class": names[predicted]}
    columns |= {"confidence": evaluation.probabilities[rows, predicted]}
    columns |= {"true_probability": evaluation.probabilities[rows, true]}
    if split is not None:
        chosen = [split.texts[row] for row in rows]
        columns["words"] = np.fromiter((len(text.split()) for text in chosen), np.int64, len(chosen))
        columns["text"] = np.array(chosen if whole else [beginning(text) for text in chosen], dtype=object)
    return pd.DataFrame(columns)


def in_percent(frame: pd.DataFrame) -> pd.DataFrame:
    """The table of answers with its shares times 100, as a screen shows them."""
    shares = ["confidence", "true_probability"]
    return frame.assign(**{name: 100 * frame[name].astype(np.float64) for name in shares})


def in_order(evaluation: Evaluation, rows: np.ndarray, order: str, lengths: np.ndarray | None = None) -> np.ndarray:
    """(rows,) int64 the rows in one of `ORDERS`; equals stay as they are in the data.

    Args:
        lengths: (n,) words of each document of the split; needed for the orders `BY_LENGTH`.
    """
    rows = np.sort(rows)
    if order == AS_IT_IS:
        return rows
    by = evaluation.probabilities.max(axis=1) if lengths is None else lengths
    falling = order in (SUREST, LONGEST)
    return rows[np.argsort(-by[rows] if falling else by[rows], kind="stable")]


def as_csv(frame: pd.DataFrame) -> bytes:
    """A table as CSV in UTF-8, with the mark by which Excel knows it.

    A text that a spreadsheet would run as a formula gets an apostrophe in front of it (OWASP, "CSV injection").
    """
    texts = frame.select_dtypes(object).columns
    safe = frame.assign(**{column: frame[column].map(_no_formula) for column in texts})
    return b"\xef\xbb\xbf" + safe.to_csv(index=False).encode("utf-8", "replace")


def from_first_change(before: str, after: str) -> str:
    """What a narrow column shows of a version of a text: the place where it begins to differ."""
    same = next((i for i, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
    start = after.rfind(" ", 0, max(same - 20, 0)) + 1
    return ("… " if start else "") + after[start : start + 300]


def beginning(text: str) -> str:
    """The first characters of a text, on one line."""
    return " ".join(text[: 2 * BEGINNING].split())[:BEGINNING]


def word_counts(split: Split) -> np.ndarray:
    """(n,) int64, words of each document, as separated by white space."""
    return np.fromiter((len(text.split()) for text in split.texts), np.int64, len(split))


def _report_row(name: str, row: dict[str, Any]) -> dict[str, Any]:
    shares = {key.capitalize(): _percent(row[key]) for key in ("precision", "recall")}
    return {"Class": name} | shares | {"F1": _percent(row["f1-score"]), "Documents": int(row["support"])}


def _no_formula(value: Any) -> Any:
    risky = isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value)
    return f"'{value}" if risky else value


def _interval(figure: Interval | None) -> str | None:
    return None if figure is None else f"{100 * figure.value:.1f}% ({100 * figure.low:.1f} to {100 * figure.high:.1f})"


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
