"""What a notebook shows of an explanation and of an evaluation: HTML without a style sheet, with all text escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.format import counted, percent
from core.schema.explanation_text import fidelity
from core.schema.highlight import AGAINST, FOR, highlighted, legend, verdict, visible

if TYPE_CHECKING:
    from core.schema.evaluation import Evaluation
    from core.schema.explanation import Explanation

MARKED = 25  # words of an explanation
MOST_CLASSES = 20  # of a matrix; of more, those with the most mistakes
_QUIET = "font-size:.875em;opacity:.75"
_HEAD = "text-align:left;padding:.2em .6em;font-weight:600;max-width:14em;overflow-wrap:anywhere"
_CELL = "text-align:right;padding:.2em .6em"


def explanation_html(why: Explanation) -> str:
    """The answer, the legend, the text with its words marked, and how far the marks can be trusted."""
    said = "".join(_note(sentence) for sentence in (fidelity(why), *(caveat.text for caveat in why.caveats)))
    return f"{verdict(why)}{legend(why, MARKED)}{highlighted(why, MARKED)}{said}"


def evaluation_html(result: Evaluation) -> str:
    """The figures, the confusion matrix and what has to be said beside them."""
    where = f"{result.model} on {counted(len(result), 'document')} of {result.dataset}, {result.split}"
    figures = (
        f"Accuracy {percent(result.accuracy)} · Macro F1 {percent(result.macro_f1)} · Loss {result.loss:.3f} · "
        f"Calibration error {percent(result.ece)}"
    )
    shown = _most_mistaken(result)
    left = len(result.class_names) - len(shown)
    notes = [*result.caveats, f"{left:,} classes with fewer mistakes are left out."] if left else [*result.caveats]
    said = "".join(map(_note, notes))
    return f"<div><b>{visible(where)}</b></div><div>{visible(figures)}</div>{_matrix(result, shown)}{said}"


def _note(sentence: str) -> str:
    return f'<div style="{_QUIET}">{visible(sentence)}</div>'


def _most_mistaken(result: Evaluation) -> list[int]:
    counts = result.confusion
    mistakes = (counts.sum(axis=0) + counts.sum(axis=1) - 2 * counts.diagonal()).tolist()
    most = sorted(range(len(mistakes)), key=lambda place: -mistakes[place])[:MOST_CLASSES]
    return sorted(most)


def _matrix(result: Evaluation, shown: list[int]) -> str:
    names = [visible(name) for name in result.class_names]
    heads = "".join(f'<th scope="col" style="{_HEAD}">{names[place]}</th>' for place in shown)
    rows = "".join(
        f'<tr><th scope="row" style="{_HEAD}">{names[i]}</th>{"".join(_cell(result, i, j) for j in shown)}</tr>'
        for i in shown
    )
    return (
        '<table aria-label="Confusion matrix" style="border-collapse:separate;border-spacing:2px;margin:.5em 0">'
        f'<tr><td style="{_HEAD};{_QUIET}">actual ↓ predicted →</td>{heads}</tr>{rows}</table>'
    )


def _cell(result: Evaluation, i: int, j: int) -> str:
    count = int(result.confusion[i, j])
    if not count:
        return f'<td style="{_CELL}"></td>'
    share = count / int(result.confusion[i].sum())
    colour, line = (FOR, "solid") if i == j else (AGAINST, "dashed")
    look = f"background:rgba({colour},{0.1 + 0.45 * share:.2f});border-bottom:2px {line} rgb({colour})"
    return f'<td style="{_CELL};{look}" title="{percent(share)} of the row">{count:,}</td>'
