"""Classes: their size, labels that are alike, and texts with several labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.coach.documents import Documents
from core.datasets.tables import FEWEST_TEXTS, MIN_TEXTS_PER_CLASS, OTHER
from core.format import counted, percent
from core.schema.coaching import Remark, RemarkKind, Remedy, Weight
from core.schema.tables import Drop, Reason

IMBALANCE = 10  # texts of the largest class for each of the smallest, from which on it is said
SHOWN = 5  # names that a sentence lists


def on_small_classes(documents: Documents) -> Iterator[Remark]:
    """Classes that were left out for having few texts, or are there with few."""
    report, choices = documents.report, documents.choices
    gone = [each for each in report.left_out if each.reason is Reason.SMALL_CLASS] if report else []
    if report and choices and gone:
        left_out = report.small_classes
        classes, were = ("1 class", "was") if len(left_out) == 1 else (f"{len(left_out):,} classes", "were")
        yield Remark(
            kind=RemarkKind.SMALL_CLASSES,
            weight=Weight.LOOK,
            sentence=f"{classes} with fewer than {choices.min_rows} texts, {counted(gone[0].count, 'row')} in all, "
            f"{were} left out: {_listed(left_out)}.",
            count=gone[0].count,
            rows=gone[0].rows,
            remedies=(_merge(), *((_keep(),) if choices.min_rows != FEWEST_TEXTS else ())),
        )
    counts = np.bincount(documents.labels, minlength=len(documents.class_names))
    small = np.flatnonzero(counts < MIN_TEXTS_PER_CLASS)
    if len(small):
        names = [documents.class_names[place] for place in small]
        have = "1 class has" if len(small) == 1 else f"{len(small):,} classes have"
        chosen = np.flatnonzero(np.isin(documents.labels, small))
        yield Remark(
            kind=RemarkKind.SMALL_CLASSES,
            weight=Weight.LOOK,
            sentence=f"{have} fewer than {MIN_TEXTS_PER_CLASS} texts, which can hardly be learned and say little when "
            f"tested: {_listed(names)}.",
            count=len(chosen),
            rows=documents.rows(chosen),
            remedies=(_leave_out(), _merge()),
        )


def on_imbalance(documents: Documents) -> Iterator[Remark]:
    """Classes of very different size."""
    counts = np.bincount(documents.labels, minlength=len(documents.class_names))
    largest, smallest = int(counts.argmax()), int(counts.argmin())
    if counts[largest] < IMBALANCE * counts[smallest]:
        return
    names = documents.class_names
    ratio = counts[largest] / max(counts[smallest], 1)
    yield Remark(
        kind=RemarkKind.IMBALANCE,
        weight=Weight.NOTE,
        sentence=f"The classes differ in size, 1 to {ratio:,.0f}: {names[largest]!r} has "
        f"{counted(int(counts[largest]), 'text')}, {names[smallest]!r} {counts[smallest]:,}. Calling everything "
        f"{names[largest]!r} would be right in {percent(counts[largest] / counts.sum())}, so that macro F1 tells more "
        "than accuracy.",
        count=int(counts[smallest]),
        rows=documents.rows(np.flatnonzero(documents.labels == smallest)),
    )


def on_contradictions(documents: Documents) -> Iterator[Remark]:
    """Texts that stand in the table with several labels, of which the first was kept."""
    report = documents.report
    for gone in report.left_out if report else ():
        if gone.reason is Reason.CONTRADICTING and report:
            stand = (
                "1 text stands" if report.contradicting_texts == 1 else f"{report.contradicting_texts:,} texts stand"
            )
            yield Remark(
                kind=RemarkKind.CONTRADICTING,
                weight=Weight.LOOK,
                sentence=f"{stand} in the table with several labels; the first was taken, and "
                f"{counted(gone.count, 'row')} with another left out.",
                count=gone.count,
                rows=gone.rows,
                remedies=(
                    Remedy(
                        title="Leave out all rows of these texts",
                        option=f"--drop {Drop.CONTRADICTING}",
                        effect="leaves all rows of these texts out",
                        changes={"drop": (Drop.CONTRADICTING.value,)},
                    ),
                ),
            )


def on_similar_labels(documents: Documents) -> Iterator[Remark]:
    """Labels that differ in case or spaces alone."""
    report, choices = documents.report, documents.choices
    if not report or not choices or choices.merge_labels or not report.similar_labels:
        return
    groups = report.similar_labels
    first = " and ".join(map(repr, groups[0]))
    more = f", and so do {counted(len(groups) - 1, 'more group')} of labels" if len(groups) > 1 else ""
    places = [documents.class_names.index(each) for group in groups for each in group if each in documents.class_names]
    chosen = np.flatnonzero(np.isin(documents.labels, places))
    yield Remark(
        kind=RemarkKind.SIMILAR_LABELS,
        weight=Weight.SPOILS,
        sentence=f"The labels {first} differ in case or spaces alone{more}, and are classes of their own.",
        count=len(chosen),
        rows=documents.rows(chosen),
        remedies=(
            Remedy(
                title="Make them one class",
                option="--merge-labels",
                effect="makes them one class",
                changes={"merge_labels": True},
            ),
        ),
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(repr(name[:60]) for name in names[:SHOWN]) + more


def _leave_out() -> Remedy:
    least = MIN_TEXTS_PER_CLASS
    changes = {"min_rows": least, "merge_small": None}
    return Remedy(title="Leave them out", option=f"--min-rows {least}", effect="leaves them out", changes=changes)


def _merge() -> Remedy:
    return Remedy(
        title=f"Merge them into “{OTHER}”",
        option=f"--merge-small {MIN_TEXTS_PER_CLASS}",
        effect=f"makes them the class {OTHER!r}",
        changes={"merge_small": MIN_TEXTS_PER_CLASS},
    )


def _keep() -> Remedy:
    return Remedy(
        title=f"Keep those with {FEWEST_TEXTS} texts or more",
        option=f"--min-rows {FEWEST_TEXTS}",
        effect=f"keeps those with {FEWEST_TEXTS} texts or more",
        changes={"min_rows": FEWEST_TEXTS},
    )
