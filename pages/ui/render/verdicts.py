"""What follows from an evaluation -> plain words. Pure; names go in as they are, and are escaped by who shows them."""

from __future__ import annotations

import numpy as np

from core.schema import (
    Autopsy,
    Comparison,
    Costs,
    Evaluation,
    GlobalWords,
    LabelErrors,
    LabelSetCheck,
    LabelSetRule,
    Neighbourhood,
    ShortcutTest,
    Slice,
    TrainingDynamics,
)
from pages.ui.render.format import counted, percent

SURE = 0.05  # below, a difference is more than chance would give


def cheapest(valid: Costs, cost: float, class_names: tuple[str, ...]) -> str:
    """Which threshold costs least on the validation documents, and what it costs on those that are shown."""
    if valid.cheapest > 1:
        told = f"Never calling a document {class_names[1]}"
    else:
        told = f"A threshold of {percent(valid.cheapest)}"
    told = f"{told} costs least on the validation documents, and {cost:,.3f} a document on these."
    return f"{told} If the probabilities were exact, {percent(valid.expected)} would."


def calibrated(evaluation: Evaluation) -> str:
    """Whether a model is as sure as it should be."""
    sure, right = float(evaluation.confidence.mean()), evaluation.accuracy
    points, told = 100 * (sure - right), f"On average the model is {percent(sure)} sure and {percent(right)} right"
    if abs(points) < 1:
        return f"{told}: about as often as it says."
    return f"{told}: {abs(points):.1f} points {'less' if points > 0 else 'more'} often than it says."


def covered(rule: LabelSetRule, check: LabelSetCheck) -> str:
    """What label sets with the asked coverage are worth on the test documents."""
    held = f"{percent(check.coverage.value)} of the test documents have their true class in the set"
    sizes = f"{percent(check.single)} of the sets are a single class, the mean is {check.mean_size:.2f}"
    alone = check.single == 1 and check.coverage.value > rule.coverage
    more = " The likeliest class alone is right more often than that." if alone else ""
    return f"{held} (asked for {percent(rule.coverage)}); {sizes}.{more}"


def ruled(rule: LabelSetRule) -> str:
    """How the sets are made."""
    if not rule.least:
        return f"{counted(rule.documents, 'validation document')} are too few for that: every class is in the answer."
    found = f"found on {rule.documents:,} validation documents"
    return f"Every class with at least {percent(rule.least)} is in the answer ({found}), and always the likeliest one."


def sliced(part: Slice) -> str:
    """How a slice differs from the rest."""
    if part.difference is None or part.p_value is None:
        return "all documents"
    points = f"{100 * part.difference:+.1f} points"
    if part.few:
        return f"{points}, of few documents"
    return points if part.p_value < SURE else f"{points}, may be chance"


def suspected(errors: LabelErrors, documents: int) -> str:
    """How many labels are likely wrong."""
    if errors.reason:
        return errors.reason
    if not len(errors):
        return "No label of the test documents stands out as wrong."
    return (
        f"{counted(len(errors), 'label')} of {documents:,} may be wrong: the model, which never learned from these "
        "documents, is surer of another class than it usually is where that class is true. The likeliest come first; "
        "read them before you believe it."
    )


def compared(comparison: Comparison) -> str:
    """Which of two models is right more often, and whether that is more than chance."""
    first, second, difference = comparison.first, comparison.second, comparison.difference
    if not len(comparison.only_first) + len(comparison.only_second):
        return "Both models are right and wrong on the same documents."
    better, worse, sign = (second, first, 100) if difference.value > 0 else (first, second, -100)
    points = f"{sign * difference.value:.2f} points"
    low, high = sorted((sign * difference.low, sign * difference.high))
    if difference.value == 0:
        return "Both models are right equally often, on different documents."
    if comparison.p_value >= SURE:
        return (
            f"{better.model} is right {points} more often than {worse.model}, which may be chance "
            f"(McNemar's exact test, p = {comparison.p_value:.2f})."
        )
    chance = "p < 0.001" if comparison.p_value < 0.001 else f"p = {comparison.p_value:.3f}"
    return (
        f"{better.model} is right {points} more often than {worse.model} (95% interval {low:.2f} to {high:.2f}); "
        f"more than chance would give (McNemar's exact test, {chance})."
    )


def dissected(found: Autopsy) -> str:
    """What was looked at, and how."""
    if not found.documents:
        return "There is nothing to look into."
    all_of_them = f"{counted(found.cell, 'document')} looked into. " if found.documents == found.cell else ""
    how = f"{'exact' if found.exact else 'estimated'} ({found.method})"
    return f"{all_of_them}What a word does to the log-odds is {how}."


def nearest(near: Neighbourhood) -> str:
    """In which class the nearest training documents are."""
    counts = ", ".join(f"of {name} for {count:,}" for name, count in near.closest)
    return f"Of {counted(near.asked, 'document')} looked at, the nearest training document is {counts}."


def looked_at(words: GlobalWords) -> str:
    """What the bars are, and on what they were found."""
    return (
        f"A bar is what a word does to the log-odds in an average one of the {words.documents:,} documents looked at; "
        "beside it, in how many of them it pushes this way."
    )


def cut(found: ShortcutTest) -> str:
    """What was taken out, and where."""
    what = ", ".join(found.removed)
    return f"Taken out: {what}. {counted(found.changed, 'document')} of {found.total:,} had any of them."


def after_epoch(found: TrainingDynamics, best: int) -> str:
    """Which epoch the answers are of."""
    if found.epochs == best:
        return "These are the answers of the epoch whose weights were kept."
    return f"So it answered after epoch {found.epochs}; the weights of epoch {best} were kept."


def course(name: str, rows: np.ndarray, found: TrainingDynamics) -> str:
    """What became of the documents of a list."""
    told = {
        "Learned": "wrong after the first epoch, right now",
        "Forgotten": "right after some epoch, wrong now",
        "Never right": "wrong after every epoch so far",
        "Right, wrong, right": "right at first and now, wrong in between",
        "Always right": "right after every epoch so far",
    }
    counts = f"{counted(len(rows), 'document')} of {len(found.decisions):,}"
    listed = " The list shows what the kept model says of them." if len(rows) else ""
    return f"{counts}: {told[name]}.{listed}"
