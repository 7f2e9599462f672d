"""Why the documents of one cell of a confusion matrix lie in it: the words behind one kind of error."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.errors import BadInput
from core.explanation.catalogue import document_explainer
from core.explanation.question import class_index
from core.findings.word_effects import MOST, Tally, check_classes, document_words, documents_to_look_at, drawn
from core.predictor import Predictor, Question
from core.schema import Autopsy, Split

WORDS_PER_SIDE = 25
FEW_DOCUMENTS = 10  # documents, below which their words may be those of one of them


def autopsy(
    model: Predictor, split: Split, positions: Sequence[int] | np.ndarray, true: str, predicted: str, seed: int = 0
) -> Autopsy:
    """The words that push a cell's documents from their true class to the predicted one, over all its documents."""
    return list(autopsy_snapshots(model, split, positions, true, predicted, seed))[-1]


def autopsy_snapshots(
    model: Predictor,
    split: Split,
    positions: Sequence[int] | np.ndarray,
    true: str,
    predicted: str,
    seed: int = 0,
    *,
    words: int = WORDS_PER_SIDE,
) -> Iterator[Autopsy]:
    """The autopsy after every 128 documents (5 of a model that can only be asked); to stop is to ask for no more.

    Args:
        model: any Predictor.
        split: the documents that it was evaluated on.
        positions: of the cell's documents in the split; of more than 500, as many are drawn.
        true, predicted: names of the classes. For a cell of right answers they are the same: then the words are those
            that push to the class from the mean of the others.
        seed: of the draw.
        words: how many are told on each side.

    An empty cell has one autopsy, which says so. Raises UnknownName for a class, and BadInput for a split with other
    classes or without these positions.
    """
    started = time.perf_counter()
    cell = _cell_positions(model, split, positions)
    question = _question(model, true, predicted)
    chosen = drawn(cell, documents_to_look_at(model, MOST), seed)
    explainer = document_explainer(model)
    blank = Autopsy(
        model=model.name,
        dataset=split.dataset,
        split=split.name,
        true_class=true,
        predicted_class=predicted,
        cell=len(cell),
        documents=0,
        sample_size=len(chosen),
        method=explainer.title if chosen else "",
        exact=explainer.exact and bool(chosen),
        seed=seed,
    )
    tally = Tally()
    for batch in document_words(model, split, chosen, [question]):
        tally.add(batch)
        seconds = time.perf_counter() - started
        caveats = _caveats(model, len(cell), tally)
        yield replace(blank, **_findings(tally, words), caveats=caveats, seconds=seconds)
    if not chosen:
        nothing = f"recognised as {true}" if true == predicted else f"of {true} taken for {predicted}"
        yield replace(blank, caveats=(f"There is no document {nothing}, so there is nothing to look into.",))


def _findings(tally: Tally, words: int) -> dict[str, Any]:
    seen = tally.documents
    amounts = [each.amounts[0] for each in seen]
    return {
        "documents": len(seen),
        "pushing": tally.effects(amounts, 1, words),
        "holding": tally.effects(amounts, -1, words),
        "log_odds": float(np.mean([each.whole[0] for each in seen])),
        "base": _mean([each.base for each in seen]),
        "rest": _mean([each.rest for each in seen]),
    }


def _cell_positions(model: Predictor, split: Split, positions: Sequence[int] | np.ndarray) -> np.ndarray:
    check_classes(model, split)
    cell = np.asarray(positions, np.int64).reshape(-1)
    if len(cell) and not 0 <= cell.min() <= cell.max() < len(split):
        raise BadInput(f"The documents of {split.dataset}'s {split.name} split are numbered 0 to {len(split) - 1:,}.")
    return cell


def _question(model: Predictor, true: str, predicted: str) -> Question:
    from_class, to_class = class_index(model, true), class_index(model, predicted)
    return to_class, None if from_class == to_class else from_class


def _mean(figures: list[np.ndarray | None]) -> float | None:
    known = [float(each[0]) for each in figures if each is not None]
    return float(np.mean(known)) if known else None


def _caveats(model: Predictor, cell: int, tally: Tally) -> tuple[str, ...]:
    caveats, seen = [], len(tally.documents)
    if seen < cell:
        how = " This model can only be asked, which takes longer." if not model.has_contributions else ""
        caveats.append(f"These are the words of {seen:,} of the {cell:,} documents, drawn at random.{how}")
    elif seen < FEW_DOCUMENTS:
        caveats.append(f"So few documents ({seen}) may share words by chance: read them before you trust the list.")
    silent = sum(not each.amounts.any() for each in tally.documents)
    if silent:
        caveats.append(f"In {silent:,} of them no word moves the answer.")
    return tuple(caveats)
