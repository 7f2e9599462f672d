"""Why a model gives a text its probability: LIME, as a generator whose snapshot becomes surer while it runs."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from core.errors import BadInput
from core.explanation.local_model import LocalModel, draw_masks, fit_local, on_one_thread
from core.explanation.masked_text import MaskedText, class_index, masked_text
from core.predictor import Predictor
from core.schema import MIN_FIT, MIN_SHRINKAGE, SHORT_TEXT_WORDS, Explanation, WordWeight

FIRST_LOOK = 250  # samples of the first picture
LONGEST_STEP = 1_000  # samples from one snapshot to the next: who stops it does not wait for more
BLOCK = 250  # masks drawn at once
MIN_SAMPLES_TO_STOP = 1_000  # samples before a run may end by itself
CONVERGED = 0.95  # share of other draws with the same strongest words, that ends it
TOP = 5  # strongest words that ought to be the same in other draws
LEAST_SHARE = 0.05  # of the strongest word's weight, that a word among the strongest has
Z = 1.96  # standard errors on each side of a 95% interval
TINY = 1e-7  # probabilities are kept from 0 before their logarithm


def explain(
    model: Predictor,
    text: str,
    label: str | None = None,
    samples: int = 5000,
    words: int = 15,
    seed: int = 0,
    against: str | None = None,
) -> Explanation:
    """Weigh the words of a text for or against one class, with all the samples: what `explanation_snapshots` ends with.

    Args:
        model: any Predictor.
        text: what to explain; positions in the result point into it.
        label: name of the class to explain; the most probable one by default.
        samples: perturbed texts to ask the model about, at least 50.
        words: how many of the strongest words to return.
        seed: decides which words are removed in which sample.
        against: explain why the class rather than this one: weights are then of the difference of log-odds.

    Raises BadInput when the text has no word, or none that the model knows, and UnknownName for a class.
    """
    return next(explanation_snapshots(model, text, label, samples, words, seed, against, first_look=samples))


def explanation_snapshots(
    model: Predictor,
    text: str,
    label: str | None = None,
    samples: int = 5000,
    words: int = 15,
    seed: int = 0,
    against: str | None = None,
    *,
    first_look: int = FIRST_LOOK,
    stop_early: bool = True,
) -> Iterator[Explanation]:
    """The explanation after 250 samples, then after 500, 1,000, 2,000, 3,000, ...; to stop is to ask for no more.

    Args:
        model, text, label, samples, words, seed, against: as `explain` has them; `samples` are the most.
        first_look: samples of the first picture; each next one has twice as many, or 1,000 more.
        stop_early: end by itself once the strongest words and their order have not changed, and would not in 95% of
            other draws; the last explanation then says `converged`.

    Raises what `explain` raises.
    """
    started = time.perf_counter()
    _check(model, label, against, samples, words, seed)
    asked = masked_text(model, text)
    rng = np.random.default_rng(seed)
    masks = np.ones((1, len(asked.spans)), bool)  # the whole text comes first, as in the lime package
    probabilities = np.zeros((0, len(model.class_names)), np.float32)
    before: tuple[int, ...] = ()
    for look in _looks(first_look, samples):
        drawn = np.concatenate([draw_masks(rng, size, len(asked.spans)) for size in _blocks(len(masks), look)])
        masks = np.concatenate([masks, drawn])
        probabilities = np.concatenate([probabilities, asked.ask(masks[len(probabilities) :])])
        target, other = _question(model, probabilities[0], label, against)
        with on_one_thread():
            local = fit_local(masks, answers(probabilities, target, other))
            top = _top(asked, local)
            same_words, same_order = local.stability(asked.known, top) if top else (None, 0.0)
        converged = stop_early and look >= MIN_SAMPLES_TO_STOP and top == before and same_order >= CONVERGED
        before = top
        yield Explanation(
            model=model.name,
            text=text,
            class_name=model.class_names[target],
            against=against,
            probabilities=dict(zip(model.class_names, map(float, probabilities[0]), strict=True)),
            words=_strongest(asked, local, words),
            intercept=local.intercept,
            prediction=local.prediction,
            fit_r2=local.fit_r2,
            top=len(top),
            top_stability=same_words,
            converged=converged,
            samples=len(masks),
            seed=seed,
            seconds=time.perf_counter() - started,
            coverage=asked.coverage,
            shrinkage=local.shrinkage,
            caveats=_caveats(local, asked),
        )
        if converged:
            return


def _question(model: Predictor, shares: np.ndarray, label: str | None, against: str | None) -> tuple[int, int | None]:
    # The class, and the one to compare it with; by default the most probable class that is not that one.
    other = None if against is None else class_index(model, against)
    if label is not None:
        return class_index(model, label), other
    return next(i for i in np.argsort(-shares, kind="stable").tolist() if i != other), other


def answers(probabilities: np.ndarray, target: int, against: int | None) -> np.ndarray:
    """(n,) float64: the probability of a class, or its log-odds over another one, out of (n, classes)."""
    if against is None:
        return probabilities[:, target].astype(np.float64)
    logs = np.log(np.maximum(probabilities.astype(np.float64), TINY))
    return logs[:, target] - logs[:, against]


def _looks(first: int, samples: int) -> Iterator[int]:
    look = first
    while look < samples:
        yield look
        look += min(look, LONGEST_STEP)
    yield samples


def _blocks(done: int, look: int) -> list[int]:
    # The same sizes as far as looks are multiples of BLOCK: the masks of a seed do not depend on how often one looks.
    ends = [done, *range((done // BLOCK + 1) * BLOCK, look, BLOCK), look]
    return np.diff(ends).tolist()


def _check(model: Predictor, label: str | None, against: str | None, samples: int, words: int, seed: int) -> None:
    for name in (label, against):
        if name is not None:
            class_index(model, name)
    if label is not None and label == against:
        raise BadInput(f"A class cannot be explained against itself; choose another one than {label}.")
    if not 50 <= samples <= 100_000:
        raise BadInput(f"samples lies between 50 and 100,000, not {samples:,}.")
    if not 0 <= seed < 2**32:
        raise BadInput(f"seed lies between 0 and {2**32 - 1:,}, not {seed:,}.")
    if words < 1:
        raise BadInput(f"words is at least 1, not {words}.")


def _top(asked: MaskedText, local: LocalModel) -> tuple[int, ...]:
    # The strongest words of those whose sign is sure, in order; at most TOP.
    known, strength = asked.known, np.abs(local.weights)
    least = np.maximum(Z * local.errors, LEAST_SHARE * strength[known].max(initial=0.0))
    sure = known[strength[known] > least[known]]
    return tuple(sure[np.argsort(-strength[sure], kind="stable")[:TOP]].tolist())


def _strongest(asked: MaskedText, local: LocalModel, words: int) -> tuple[WordWeight, ...]:
    margins = Z * local.errors
    known = asked.known
    order = known[np.argsort(-np.abs(local.weights[known]), kind="stable")[:words]]
    return tuple(
        WordWeight(
            word=asked.text[slice(*asked.spans[i])],
            start=asked.spans[i][0],
            end=asked.spans[i][1],
            weight=float(local.weights[i]),
            low=float(local.weights[i] - margins[i]),
            high=float(local.weights[i] + margins[i]),
        )
        for i in order
    )


def _caveats(local: LocalModel, asked: MaskedText) -> tuple[str, ...]:
    found, reading = [], asked.coverage
    if local.fit_r2 is None:
        found.append("Removing words does not move this probability at all, so no word matters to it.")
    elif local.fit_r2 < MIN_FIT:
        found.append("The weights describe the model badly near this text; do not lean on single words.")
    if local.shrinkage < MIN_SHRINKAGE:
        few = "In so short a text" if len(asked.spans) <= SHORT_TEXT_WORDS else "With so few samples for so many words"
        found.append(f"{few} LIME draws the weights towards zero: trust their order, not their size.")
    if asked.cut:
        whole = dict(zip(asked.model.class_names, asked.model.predict_proba([asked.text])[0], strict=True))
        likely = max(whole, key=lambda name: whole[name])
        share = ">99.9%" if whole[likely] >= 0.9995 else f"{whole[likely]:.1%}"
        found.append(
            f"Only the first {len(asked.spans):,} words are explained, and all figures are of them alone; "
            f"of the whole text the model says: {likely}, {share}."
        )
    elif reading.end < len(asked.text.rstrip()):
        found.append(
            f"Only the first {reading.tokens_read:,} of {reading.tokens_total:,} tokens were read and explained."
        )
    return tuple(found)
