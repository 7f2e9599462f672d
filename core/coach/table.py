"""What was read of a table and what was left out."""

from __future__ import annotations

from collections.abc import Iterator

from core.coach.documents import Documents
from core.schema.coaching import Remark, RemarkKind, Weight
from core.schema.tables import Reason

MUCH = 0.05  # of the rows, from which on rows without a text, a label or a split are worth a look
ASKED_FOR = (Reason.NEAR, Reason.GARBLED, Reason.OTHER_SCRIPT, Reason.AMBIGUOUS)
ELSEWHERE = (Reason.SMALL_CLASS, Reason.CONTRADICTING)  # which remarks of their own tell


def on_left_out(documents: Documents) -> Iterator[Remark]:
    """A remark for each reason to leave rows out."""
    report = documents.report
    for gone in report.left_out if report else ():
        if gone.reason in ELSEWHERE:
            continue
        is_loss = gone.reason in (Reason.NO_TEXT, Reason.NO_LABEL, Reason.NO_SPLIT)
        is_much = is_loss and report is not None and gone.count >= MUCH * report.rows
        yield Remark(
            kind=RemarkKind.LEFT_OUT,
            weight=Weight.LOOK if is_much else Weight.NOTE,
            sentence=gone.sentence,
            count=gone.count,
            rows=gone.rows,
        )


def on_reading(documents: Documents) -> Iterator[Remark]:
    """How the file was read, where that is not plain: stray quotes, guesses of its encoding and heading."""
    for note in documents.report.reading if documents.report else ():
        yield Remark(kind=RemarkKind.READING, weight=Weight.NOTE, sentence=note)
