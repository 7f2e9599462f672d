"""What decides a model's answers as a whole: the words that matter most to each class, and documents that show them.

Contributions of single documents are added up over a sample (van der Linden et al. 2019, arXiv 1907.03039); the
documents are chosen by SP-LIME (Ribeiro et al. 2016, arXiv 1602.04938, algorithm 2) from the same contributions.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import scipy.sparse

from core.errors import BadInput
from core.explanation.catalogue import document_explainer
from core.findings.word_effects import MOST, Tally, check_classes, document_words, documents_to_look_at, drawn
from core.jax_predictor import softmax
from core.predictor import Predictor, Question
from core.schema import ClassWords, GlobalWords, PickedDocument, Split

WORDS_PER_SIDE = 30  # of each class and side
DOCUMENTS_PER_PUSH = 200  # a word has to push in one of so many: one document alone tells nothing global
WORDS_PER_PICK = 10  # words of an explanation that a pick is made by, as in the paper's experiments
MAX_PICKS = 8


def global_words(model: Predictor, split: Split, seed: int = 0, documents: int = MOST) -> Iterator[GlobalWords]:
    """What is known after every 128 documents of a sample (5 of a model that can only be asked).

    Args:
        model: any Predictor.
        split: the documents to draw from; their labels are only told along with the picks.
        seed: of the draw.
        documents: how many are drawn; at most 50 of a model that can only be asked.

    Raises BadInput for a split without documents or with other classes, and for a sample of none.
    """
    started = time.perf_counter()
    check_classes(model, split)
    if not len(split):
        raise BadInput(f"The {split.name} split of {split.dataset} has no documents to look into.")
    if documents < 1:
        raise BadInput(f"documents is at least 1, not {documents}.")
    chosen = drawn(np.arange(len(split)), documents_to_look_at(model, documents), seed)
    tally = Tally()
    for batch in document_words(model, split, chosen, _questions(model)):
        tally.add(batch)
        yield GlobalWords(
            model=model.name,
            dataset=split.dataset,
            split=split.name,
            total=len(split),
            documents=len(tally.documents),
            sample_size=len(chosen),
            seed=seed,
            seconds=round(time.perf_counter() - started, 3),
            **_findings(model, split, tally),
        )


def submodular_pick(weights: scipy.sparse.csr_matrix, budget: int) -> list[tuple[int, float]]:
    """The documents that together show most of what matters, greedily, and the share that is shown with each more.

    Args:
        weights: (documents, words) float64, what each word does in the explanation of each document; 0 if not shown.
        budget: most documents to pick; it ends earlier when there is nothing more to show.
    """
    strength = abs(weights).tocsr()
    importance = np.sqrt(np.asarray(strength.sum(axis=0)).ravel())
    shown = (strength > 0).astype(np.float64)
    uncovered, picked = importance.copy(), []
    for _ in range(min(budget, strength.shape[0])):
        gains = shown @ uncovered
        best = int(gains.argmax())
        if gains[best] <= 0:
            break
        uncovered[shown[best].indices] = 0.0
        picked.append((best, float(1 - uncovered.sum() / importance.sum())))
    return picked


def _questions(model: Predictor) -> list[Question]:
    # Of two classes, what speaks for the second speaks against the first.
    classes = len(model.class_names)
    return [(1, 0)] if classes == 2 else [(target, None) for target in range(classes)]


def _of_classes(answers: np.ndarray) -> np.ndarray:
    # (questions, n) to (classes, n).
    return np.concatenate([-answers, answers]) if len(answers) == 1 else answers


def _findings(model: Predictor, split: Split, tally: Tally) -> dict[str, Any]:
    explainer = document_explainer(model)
    amounts = [_of_classes(each.amounts) for each in tally.documents]
    return {
        "classes": tuple(
            _words(tally, name, [each[i] for each in amounts]) for i, name in enumerate(model.class_names)
        ),
        "picks": _picks(model, split, tally, amounts),
        "method": explainer.title,
        "exact": explainer.exact,
        "caveats": _caveats(model, split, tally),
    }


def _words(tally: Tally, name: str, amounts: list[np.ndarray]) -> ClassWords:
    least = -(-len(tally.documents) // DOCUMENTS_PER_PUSH)
    speaking_for, speaking_against = (tally.effects(amounts, side, WORDS_PER_SIDE, least) for side in (1, -1))
    return ClassWords(class_name=name, speaking_for=speaking_for, speaking_against=speaking_against)


def _picks(model: Predictor, split: Split, tally: Tally, amounts: list[np.ndarray]) -> tuple[PickedDocument, ...]:
    shares = np.array([_probabilities(each.whole) for each in tally.documents])
    predicted = shares.argmax(axis=1)
    strongest = [_strongest(each[target]) for each, target in zip(amounts, predicted, strict=True)]
    document, word, amount = tally.entries(strongest)
    weights = scipy.sparse.csr_matrix((amount, (document, word)), (len(strongest), len(tally.words)))
    weights.eliminate_zeros()
    return tuple(
        PickedDocument(
            position=tally.documents[row].position,
            true_class=split.class_names[split.labels[tally.documents[row].position]],
            predicted_class=model.class_names[predicted[row]],
            probability=float(shares[row].max()),
            words=_strongest_words(tally.documents[row].words, strongest[row]),
            covered=round(covered, 4),
        )
        for row, covered in submodular_pick(weights, MAX_PICKS)
    )


def _strongest(amounts: np.ndarray) -> np.ndarray:
    # The same with all but the strongest set to 0.
    shown_only = np.zeros_like(amounts)
    order = np.argsort(-np.abs(amounts), kind="stable")[:WORDS_PER_PICK]
    shown_only[order] = amounts[order]
    return shown_only


def _strongest_words(words: tuple[str, ...], amounts: np.ndarray) -> tuple[tuple[str, float], ...]:
    order = np.argsort(-np.abs(amounts), kind="stable")[:WORDS_PER_PICK]
    return tuple((words[i], round(float(amounts[i]), 4)) for i in order.tolist() if amounts[i])


def _probabilities(whole: np.ndarray) -> np.ndarray:
    # (classes,). A class's log-odds over the mean of the others are its logit, scaled, and a constant.
    odds = _of_classes(whole[:, None])[:, 0]
    return softmax(odds * (len(odds) - 1) / len(odds))


def _caveats(model: Predictor, split: Split, tally: Tally) -> tuple[str, ...]:
    caveats, seen = [], len(tally.documents)
    if seen < len(split):
        how = " This model can only be asked, which takes longer." if not model.has_contributions else ""
        caveats.append(f"These are the words of {seen:,} of the {len(split):,} documents, drawn at random.{how}")
    if not tally.words:
        caveats.append("There is no word in these documents.")
    return tuple(caveats)
