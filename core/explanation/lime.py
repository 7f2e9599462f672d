"""Why a model gives a text its probability: LIME, as a generator whose snapshot becomes surer while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.config import DEFAULT_SAMPLES
from core.errors import BadInput
from core.explanation.caveats import coverage_caveats, fit_caveats, unmarked_caveats
from core.explanation.explainer import USUAL, Explainer, ExplainerSettings, Span
from core.explanation.local_model import LocalModel, draw_masks, fit_local, on_one_thread
from core.explanation.masked_text import MOST_WORDS, MaskedText, masked_text
from core.explanation.question import answers, check_question, classes_in_question
from core.predictor import Predictor, Question
from core.schema import CONVERGED, MIN_SAMPLES_PER_WORD, SMALLEST_SHARE, Explanation, Scale, WordWeight
from core.units import UnitKind

FIRST_LOOK = 250  # samples of the first picture
LONGEST_STEP = 1_000  # samples from one snapshot to the next: who stops it does not wait for more
BLOCK = 250  # masks drawn at once
MIN_SAMPLES_TO_STOP = 1_000  # samples before a run may end by itself
TOP = 5  # strongest words that ought to be the same in other draws
SATURATED = 0.01  # of a probability: as near to 0 or 1, it hides the reasons
Z = 1.96  # standard errors on each side of a 95% interval


def explain(
    model: Predictor,
    text: str,
    label: str | None = None,
    samples: int | None = None,
    words: int = 15,
    seed: int = 0,
    against: str | None = None,
    *,
    units: UnitKind = "words",
    log_odds: bool = False,
) -> Explanation:
    """Weigh the words of a text for or against one class, with all the samples: what `explanation_snapshots` ends with.

    Args:
        model: any Predictor.
        text: what to explain; positions in the result point into it.
        label: name of the class to explain; the most probable one by default.
        samples: perturbed texts to ask the model about, at least 50; None for `DEFAULT_SAMPLES`, or five for each word
            of a text that is so long that this is more.
        words: how many of the strongest words to return.
        seed: decides which words are removed in which sample.
        against: explain why the class rather than this one: weights are then of the difference of log-odds.
        units: what is weighed: words (and emoji, and runs of "!" and "?"), all other signs too, or lines.
        log_odds: weigh in log-odds of the class rather than in its probability, which hardly moves near 0 and 1.

    Raises BadInput when the text has no word, or none that the model knows, and UnknownName for a class.
    """
    if words < 1:
        raise BadInput(f"words is at least 1, not {words}.")
    (last,) = explanation_snapshots(
        model, text, label, samples, seed, against, first_look=None, units=units, log_odds=log_odds
    )
    return last.strongest(words)


def explanation_snapshots(
    model: Predictor,
    text: str,
    label: str | None = None,
    samples: int | None = None,
    seed: int = 0,
    against: str | None = None,
    *,
    first_look: int | None = FIRST_LOOK,
    stop_early: bool = True,
    units: UnitKind = "words",
    log_odds: bool | None = False,
    is_awaited: Callable[[], bool] | None = None,
) -> Iterator[Explanation]:
    """The explanation after 250 samples, then after 500, 1,000, 2,000, 3,000, ...; to stop is to ask for no more.

    The first picture of a long text has as many as its words need to be marked. Each has all words that the model
    knows; `Explanation.strongest` and `marked` choose among them.

    Args:
        model, text, label, samples, seed, against, units: as `explain` has them; `samples` are the most.
        first_look: samples of the first picture of a short text; each next one has twice as many, or 1,000 more. None
            for one picture with all samples.
        log_odds: None for log-odds where the probability is so near to 0 or 1 that it hardly moves.
        stop_early: end by itself once the strongest words have not changed since the picture before, and would not in
            95% of other draws; the last explanation then says `converged`.
        is_awaited: whether somebody else waits for the processor. Where it says so, an explanation that could be the
            last one says `paused`: who asks for no more has all that belongs to it, and who asks goes on.

    Raises what `explain` raises.
    """
    started = time.perf_counter()
    check_question(model, label, against)
    check_settings(samples, seed)
    drawn = _Samples.of(masked_text(model, text, units), seed)
    partly = coverage_caveats(drawn.masked)  # once, since it may ask the model
    top_before: tuple[int, ...] = ()
    enough = MIN_SAMPLES_PER_WORD * len(drawn.masked.known)
    samples = samples or max(DEFAULT_SAMPLES, enough)
    first = max(first_look or samples, -(-enough // BLOCK) * BLOCK)
    if is_awaited is not None and is_awaited():
        first = max(first, MIN_SAMPLES_TO_STOP)  # the first picture could be the last: none is drawn in vain
    for look in _looks(first, samples):
        drawn.draw_up_to(look)
        question = classes_in_question(model, drawn.probabilities[0], label, against)
        scale = _scale(drawn.probabilities[0, question[0]], against, log_odds)
        fit = _fit(drawn, question, scale)
        settled = set(fit.top) == set(top_before) and (fit.top_stability or 0.0) >= CONVERGED
        converged = stop_early and look >= MIN_SAMPLES_TO_STOP and settled
        paused = not converged and MIN_SAMPLES_TO_STOP <= look < samples and is_awaited is not None and is_awaited()
        top_before = fit.top
        explanation = _explanation(drawn, question, scale, fit)
        caveats = (*explanation.caveats, *partly)
        if converged or paused or look == samples:
            caveats += unmarked_caveats(drawn.masked, drawn.probabilities[0], question, explanation)
        seconds = time.perf_counter() - started
        yield replace(explanation, converged=converged, paused=paused, caveats=caveats, seconds=seconds)
        if converged:
            return


class Lime(Explainer):
    """LIME (Ribeiro et al. 2016): a local linear model of the answers to many versions of the text."""

    name = "lime"
    title = "LIME"
    scale = Scale.PROBABILITY

    def attribute(
        self,
        model: Predictor,
        text: str,
        label: str | None = None,
        against: str | None = None,
        *,
        settings: ExplainerSettings = USUAL,
        among: Sequence[Span] | None = None,
    ) -> Explanation:
        """What `explain` gives, with all words that the model knows or those of them that are wanted."""
        explanation = explain(
            model,
            text,
            label,
            settings.samples,
            MOST_WORDS,
            settings.seed,
            against,
            units=settings.units,
            log_odds=settings.log_odds,
        )
        wanted = [word for word in explanation.words if among is None or (word.start, word.end) in among]
        return replace(explanation, words=tuple(wanted))


@dataclass(eq=False)
class _Samples:
    """Versions of a text that were asked about so far.

    Attributes:
        masked: the text.
        seed: of the masks.
        rng: draws them.
        masks: (n, words) bool.
        probabilities: (n, classes) float32, the answers.
    """

    masked: MaskedText
    seed: int
    rng: np.random.Generator
    masks: np.ndarray
    probabilities: np.ndarray

    @staticmethod
    def of(masked: MaskedText, seed: int) -> _Samples:
        """None but the whole text, which comes first as in the lime package, and is not asked about yet."""
        nothing = np.zeros((0, len(masked.model.class_names)), np.float32)
        return _Samples(masked, seed, np.random.default_rng(seed), np.ones((1, len(masked.spans)), bool), nothing)

    def draw_up_to(self, look: int) -> None:
        """Draw masks until there are so many, and ask about those that are new."""
        sizes = _blocks(len(self.masks), look)
        drawn = np.concatenate([draw_masks(self.rng, size, len(self.masked.spans)) for size in sizes])
        self.masks = np.concatenate([self.masks, drawn])
        new = self.masked.ask(self.masks[len(self.probabilities) :])
        self.probabilities = np.concatenate([self.probabilities, new])


@dataclass(frozen=True, eq=False)
class _Fit:
    """The local model of some samples.

    Attributes:
        local: the model.
        top: the strongest words whose sign is sure, strongest first.
        top_stability: share of other draws with the same strongest words; None without any.
    """

    local: LocalModel
    top: tuple[int, ...]
    top_stability: float | None


def _fit(drawn: _Samples, question: Question, scale: Scale) -> _Fit:
    with on_one_thread():
        local = fit_local(drawn.masks, answers(drawn.probabilities, question, scale))
        top = _top(drawn.masked, local)
        return _Fit(local, top, local.stability(drawn.masked.known, top) if top else None)


def _explanation(drawn: _Samples, question: Question, scale: Scale, fit: _Fit) -> Explanation:
    masked, local, (target, against) = drawn.masked, fit.local, question
    names = masked.model.class_names
    words = _weights(masked, local)
    return Explanation(
        model=masked.model.name,
        text=masked.text,
        units=masked.units,
        scale=scale,
        class_name=names[target],
        against=None if against is None else names[against],
        probabilities=dict(zip(names, map(float, drawn.probabilities[0]), strict=True)),
        words=words,
        intercept=local.intercept,
        prediction=local.prediction,
        fit_r2=local.fit_r2,
        top=len(fit.top),
        top_stability=fit.top_stability,
        samples=len(drawn.masks),
        seed=drawn.seed,
        coverage=masked.coverage,
        shrinkage=local.shrinkage,
        candidates=len(words),
        caveats=fit_caveats(local, masked, len(drawn.masks)),
    )


def _scale(share: float, against: str | None, log_odds: bool | None) -> Scale:
    saturated = not SATURATED < share < 1 - SATURATED
    return Scale.LOG_ODDS if against is not None or (saturated if log_odds is None else log_odds) else Scale.PROBABILITY


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


def check_settings(samples: int | None, seed: int) -> None:
    """Raises BadInput for a number of samples or a seed that cannot be."""
    if samples is not None and not 50 <= samples <= 100_000:
        raise BadInput(f"samples lies between 50 and 100,000, not {samples:,}.")
    if not 0 <= seed < 2**32:
        raise BadInput(f"seed lies between 0 and {2**32 - 1:,}, not {seed:,}.")


def _top(masked: MaskedText, local: LocalModel) -> tuple[int, ...]:
    # The strongest words of those whose sign is sure, in order; at most TOP.
    known, strength = masked.known, np.abs(local.weights)
    least = np.maximum(Z * local.errors, SMALLEST_SHARE * strength[known].max(initial=0.0))
    sure = known[strength[known] > least[known]]
    return tuple(sure[np.argsort(-strength[sure], kind="stable")[:TOP]].tolist())


def _weights(masked: MaskedText, local: LocalModel) -> tuple[WordWeight, ...]:
    # All words that the model knows, strongest first.
    known = masked.known
    order = known[np.argsort(-np.abs(local.weights[known]), kind="stable")]
    return tuple(
        WordWeight(
            word=masked.text[slice(*masked.spans[i])],
            start=masked.spans[i][0],
            end=masked.spans[i][1],
            weight=float(local.weights[i]),
            low=float(local.weights[i] - Z * local.errors[i]),
            high=float(local.weights[i] + Z * local.errors[i]),
            error=float(local.errors[i]),
        )
        for i in order
    )
