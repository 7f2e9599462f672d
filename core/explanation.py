"""Why a model gives a text its probability: LIME (Ribeiro et al. 2016, arXiv 1602.04938), by the `lime` package.

The text is cut at what the model reads before words are taken out: else text from behind the window would move into it.
Each occurrence of a word stands for itself, and a word is removed, not replaced by a mask that the model never saw.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from core.errors import BadInput, UnknownName
from core.prediction import Predictor
from core.schema import LEAST_FIT, LEAST_KEPT, Explanation, Reading, WordWeight

MOST_WORDS, MOST_CHARACTERS = 1_500, 15_000  # LIME holds samples x words as float64, and every perturbed text


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalModel:
    """The weighted ridge regression that LIME fits around a text.

    Attributes:
        weights: (words,) float64, change of the probability that each word's presence is worth.
        errors: (words,) float64, standard errors of the weights.
        intercept: its constant; it fits texts near this one, not the empty text.
        kept: median share of a word's effect that the ridge leaves in its weight, in [0, 1].
        fit_r2: weighted R2 on the samples, or None when the probability never moved.
    """

    weights: np.ndarray
    errors: np.ndarray
    intercept: float
    kept: float
    fit_r2: float | None


def explain(
    model: Predictor, text: str, label: str | None = None, samples: int = 5000, words: int = 15, seed: int = 0
) -> Explanation:
    """Weigh the words of a text for or against one class.

    Args:
        model: any Predictor.
        text: what to explain; positions in the result point into it.
        label: name of the class to explain; the most probable one by default.
        samples: perturbed texts to ask the model about, at least 50.
        words: how many of the strongest words to return.
        seed: decides which words are removed in which sample.

    Raises BadInput when the text has no word, or none that the model knows, and UnknownName for the label.
    """
    started = time.perf_counter()
    _check(model, text, label, samples, words, seed)
    reading = _window(model, text)
    read_text = text[: reading.end]
    spans = [match.span() for match in re.finditer(r"\w+", read_text)]
    probabilities = model.predict_proba([read_text])[0]
    target = int(probabilities.argmax()) if label is None else model.class_names.index(label)
    local = _local_model(model, read_text, target, samples, seed)
    return Explanation(
        model=model.name,
        text=text,
        class_name=model.class_names[target],
        probabilities=dict(zip(model.class_names, map(float, probabilities), strict=True)),
        words=_strongest(read_text, _known(spans, read_text, reading), local)[:words],
        intercept=local.intercept,
        fit_r2=local.fit_r2,
        samples=samples,
        seed=seed,
        seconds=time.perf_counter() - started,
        reading=reading,
        kept=local.kept,
        caveats=_caveats(local, reading, text),
    )


def _check(model: Predictor, text: str, label: str | None, samples: int, words: int, seed: int) -> None:
    if label is not None and label not in model.class_names:
        raise UnknownName("class", label, model.class_names)
    if not 50 <= samples <= 100_000:
        raise BadInput(f"samples lies between 50 and 100,000, not {samples:,}.")
    if not 0 <= seed < 2**32:
        raise BadInput(f"seed lies between 0 and {2**32 - 1:,}, not {seed:,}.")
    if words < 1:
        raise BadInput(f"words is at least 1, not {words}.")
    if not re.search(r"\w", text):
        raise BadInput("There is no word in this text; type a sentence or two.")


def _window(model: Predictor, text: str) -> Reading:
    """What the model reads of the text, or of as much of it as can be explained."""
    reading = model.read(text)
    end = _explained_end(text[: reading.end])
    if end < reading.end:
        reading = replace(model.read(text[:end]), end=end, tokens_total=reading.tokens_total)
    if reading.tokens_read == 0:
        raise BadInput("The model knows none of the words that it reads of this text; try another text.")
    if not re.search(r"\w", text[: reading.end]):
        raise BadInput("There is no word in the part of this text that the model reads; leave its beginning out.")
    return reading


def _explained_end(text: str) -> int:
    spans = [match.span() for match in islice(re.finditer(r"\w+", text[:MOST_CHARACTERS]), MOST_WORDS + 1)]
    if len(spans) > MOST_WORDS:
        return spans[MOST_WORDS][0]
    inside_a_word = len(text) > MOST_CHARACTERS and spans and spans[-1][1] == MOST_CHARACTERS and len(spans) > 1
    return spans[-1][0] if inside_a_word else min(len(text), MOST_CHARACTERS)


def _local_model(model: Predictor, text: str, target: int, samples: int, seed: int) -> LocalModel:
    # Imported here: it brings matplotlib and scikit-image, three seconds that only this function needs.
    from lime.lime_text import LimeTextExplainer

    # A fresh explainer for every text, since a used one continues its random stream; one label, since the score that
    # it reports belongs to the last; and all words, since up to six of them switch it to forward selection.
    explainer = LimeTextExplainer(bow=False, mask_string="", random_state=seed, feature_selection="none")
    explainer.base = _recording(explainer.base)
    lime = explainer.explain_instance(
        text, model.predict_proba, labels=[target], num_features=10**6, num_samples=samples
    )
    weights = np.zeros(len(lime.local_exp[target]))
    for position, weight in lime.local_exp[target]:
        weights[position] = weight
    intercept = float(lime.intercept[target])
    drawn = explainer.base.drawn
    moved = np.ptp(drawn.probabilities) > 0
    errors, kept = _precision(drawn, weights, intercept)
    return LocalModel(
        weights=weights,
        errors=errors,
        kept=kept,
        intercept=intercept,
        fit_r2=float(lime.score) if moved else None,
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Drawn:
    """What LIME drew: masks (samples, words), probabilities (samples,), proximities (samples,)."""

    masks: np.ndarray
    probabilities: np.ndarray
    proximities: np.ndarray


def _recording(base: Any) -> Any:
    """LIME's regression, keeping the samples that it was given; the package throws them away."""
    fit = base.explain_instance_with_data

    def fit_and_keep(
        data: np.ndarray, labels: np.ndarray, distances: np.ndarray, label: int, *args: Any, **how: Any
    ) -> Any:
        base.drawn = _Drawn(masks=data, probabilities=labels[:, label], proximities=base.kernel_fn(distances))
        return fit(data, labels, distances, label, *args, **how)

    base.explain_instance_with_data = fit_and_keep
    return base


def _precision(drawn: _Drawn, weights: np.ndarray, intercept: float) -> tuple[np.ndarray, float]:
    """(words,) float64 standard errors, and the median share of a weight that the ridge (alpha 1) does not shrink away.

    The errors are the heteroscedasticity-robust sandwich (White 1980) of the weighted ridge.
    """
    share = drawn.proximities / drawn.proximities.sum()
    centred = drawn.masks - share @ drawn.masks
    weighted = centred * drawn.proximities[:, None]
    gram = weighted.T @ centred
    inverse = np.linalg.inv(gram + np.eye(len(weights)))
    residuals = drawn.probabilities - (drawn.masks @ weights + intercept)
    meat = weighted * residuals[:, None]
    kept = np.einsum("ij,ji->i", inverse, gram)
    degrees = len(residuals) - kept.sum() - 1
    variance = inverse @ (meat.T @ meat) @ inverse * len(residuals) / max(degrees, 1.0)
    return np.sqrt(np.clip(np.diag(variance), 0.0, None)), float(np.median(kept))


def _known(spans: list[tuple[int, int]], text: str, reading: Reading) -> dict[int, tuple[int, int]]:
    # A word that the model has no weight for can only have one by the chance of the draw.
    unknown = set(reading.unknown_words)
    return {i: span for i, span in enumerate(spans) if not {text[slice(*span)], text[slice(*span)].lower()} & unknown}


def _strongest(text: str, spans: dict[int, tuple[int, int]], local: LocalModel) -> tuple[WordWeight, ...]:
    order = sorted(spans, key=lambda i: -abs(local.weights[i]))
    margins = 1.96 * local.errors
    return tuple(
        WordWeight(
            word=text[slice(*spans[i])],
            start=spans[i][0],
            end=spans[i][1],
            weight=float(local.weights[i]),
            low=float(local.weights[i] - margins[i]),
            high=float(local.weights[i] + margins[i]),
        )
        for i in order
    )


def _caveats(local: LocalModel, reading: Reading, text: str) -> tuple[str, ...]:
    found = []
    if local.fit_r2 is None:
        found.append("Removing words does not move this probability at all, so no word matters to it.")
    elif local.fit_r2 < LEAST_FIT:
        found.append("The weights describe the model badly near this text; do not lean on single words.")
    if local.kept < LEAST_KEPT:
        found.append("In so short a text LIME draws the weights towards zero: trust their order, not their size.")
    if reading.end < len(text.rstrip()):
        found.append(
            f"Only the first {reading.tokens_read:,} of {reading.tokens_total:,} tokens were read and explained."
        )
    return tuple(found)
