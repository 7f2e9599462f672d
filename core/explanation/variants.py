"""The same text a little otherwise: what a model makes of typos, capitals, a missing "not", and of each sentence."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

import numpy as np
import regex

from core.explanation.lime import BLOCK
from core.explanation.local_model import draw_masks
from core.explanation.masked_text import masked_text
from core.explanation.question import class_index
from core.predictor import Predictor
from core.schema import PerturbedText, Variant
from core.units import UnitKind

NEGATION = re.compile(r"\b(?:not|never|no|nor|neither|hardly|barely|without|cannot)\b\s*|n['’]t\b", re.IGNORECASE)
MARKS = re.compile(r"[^\w\s]|_")
LONG_WORD = re.compile(r"[^\W\d_]{4,}")
# A full stop may stand inside a number or a name, so that white space has to follow; other scripts' ends need none.
SENTENCE = regex.compile(
    r"\S.*?(?:(?<![.!?…])[.!?…]++[\"'”’)\]]*(?=\s|$)|[\p{STerm}--[.!?…]]++[\"'”’»)\]」』）]*|\n\s*\n|$)",
    regex.DOTALL | regex.V1,
)
TYPO_EVERY = 5  # long words, on average
MOST_SENTENCES = 60


def variants(model: Predictor, text: str, label: str, seed: int = 0, units: UnitKind = "words") -> tuple[Variant, ...]:
    """The text as it is, then its variants with the probability of the class, without those that change nothing.

    Args:
        model: any Predictor.
        text: as typed; it is cut at what is explained of it in these units.
        label: the class.
        seed: decides where typos stand.
    """
    target = class_index(model, label)
    text = text[: masked_text(model, text, units).coverage.end]
    made = {name: change(text, random.Random(seed)) for name, change in CHANGES.items()}
    versions = {"As it is": text} | {name: other for name, other in made.items() if other != text}
    shares = model.predict_proba(list(versions.values()))[:, target]
    return tuple(
        Variant(name=name, text=other, probability=float(share), change=float(share - shares[0]))
        for (name, other), share in zip(versions.items(), shares, strict=True)
    )


def first_samples(model: Predictor, text: str, label: str, seed: int = 0, count: int = 3) -> tuple[PerturbedText, ...]:
    """The first of the perturbed texts that LIME asks the model about, with the probability of the class for each."""
    masked = masked_text(model, text)
    masks = draw_masks(np.random.default_rng(seed), BLOCK - 1, len(masked.spans))[:count]
    shares = masked.ask(masks)[:, class_index(model, label)]
    return tuple(
        PerturbedText(
            left_out=tuple(span for span, stays in zip(masked.spans, mask, strict=True) if not stays),
            probability=float(share),
        )
        for mask, share in zip(masks, shares, strict=True)
    )


def left_out(model: Predictor, text: str, starts: Sequence[int], units: UnitKind = "words") -> dict[str, float]:
    """The probability of each class without the units that start at these positions of the text."""
    masked = masked_text(model, text, units)
    gone = [i for i, (start, _) in enumerate(masked.spans) if start in set(starts)]
    (probabilities,) = masked.ask(masked.without(gone)[None])
    return dict(zip(model.class_names, map(float, probabilities), strict=True))


def timeline(model: Predictor, text: str, label: str, units: UnitKind = "words") -> tuple[Variant, ...]:
    """The probability of the class after each sentence of what is explained in these units, all asked about at once."""
    target = class_index(model, label)
    read = text[: masked_text(model, text, units).coverage.end]
    ends = [match.end() for match in SENTENCE.finditer(read)][:MOST_SENTENCES]
    ends[-1:] = [len(read)]
    shares = model.predict_proba([read[:end] for end in ends])[:, target]
    changes = np.diff(shares, prepend=model.predict_proba([""])[0, target])
    return tuple(
        Variant(name=str(number), text=read[start:end], probability=float(share), change=float(change))
        for number, (start, end, share, change) in enumerate(
            zip([0, *ends[:-1]], ends, shares, changes, strict=True), start=1
        )
    )


def _with_typos(text: str, rng: random.Random) -> str:
    # Two neighbouring letters inside a long word change places: the commonest slip of a hand.
    def slip(match: re.Match[str]) -> str:
        word = match[0]
        if rng.randrange(TYPO_EVERY):
            return word
        at = rng.randrange(1, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    return LONG_WORD.sub(slip, text)


CHANGES: dict[str, Callable[[str, random.Random], str]] = {
    "Negation dropped": lambda text, _: NEGATION.sub("", text),
    "Typos": _with_typos,
    "Upper case": lambda text, _: text.upper(),
    "Lower case": lambda text, _: text.lower(),
    "Without punctuation": lambda text, _: MARKS.sub("", text),
}
