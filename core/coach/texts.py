"""Texts: near duplicates, characters of a wrong encoding, scripts, lengths."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import regex

from core.coach.documents import Documents
from core.datasets.garbled import are_garbled, mended
from core.datasets.near_duplicates import near_duplicates
from core.datasets.scripts import NAMES, NO_LETTERS, dominant_scripts, in_other_script
from core.format import counted, percent
from core.recipes import family_recipe
from core.schema.coaching import Remark, RemarkKind, Remedy, Weight
from core.schema.tables import Drop
from core.units import UNSPACED

MOST_COMPARED = 200_000  # texts, the first of a larger table
MOST_LOOKED_AT = 20_000  # texts, evenly spread over a larger table
MANY = 0.01  # of the texts, from which on something may cost accuracy
FEW = 3  # test texts, below which nothing is easier by them
FEWEST_OF_A_SCRIPT = 5  # texts
READERS = ("convnet", "transformer")  # families that read a text only so far
_UNSPACED = regex.compile(rf"[{UNSPACED}]", regex.V1)


def on_near_duplicates(documents: Documents) -> Iterator[Remark]:
    """Texts that are nearly the same as one above, and how many of them make the test easier than it should be."""
    looked_at = min(len(documents), MOST_COMPARED)
    leaders = near_duplicates(documents.texts[:looked_at])
    near = np.flatnonzero(leaders >= 0)
    if not len(near):
        return
    crossing = _with_one_to_learn_from(leaders, documents.is_test[:looked_at])
    tested = max(int(documents.is_test[:looked_at].sum()), 1)
    different = int((documents.labels[near] != documents.labels[leaders[near]]).sum())
    sentence = f"{_are(len(near))} nearly the same as one above{_of(looked_at, len(documents), 'the first ')}"
    is_easier = crossing >= max(MANY * tested, FEW)
    if crossing:
        sentence += (
            f"; {crossing:,} of {tested:,} test texts ({percent(crossing / tested)}) {_has(crossing)} one like "
            f"{'it' if crossing == 1 else 'them'} among those to learn from"
        )
        sentence += ", which makes the test easier than it should be" * is_easier
    if different:
        sentence += f"; {different:,} {_has(different)} another label than the one above"
    are_many = len(near) >= MANY * looked_at
    yield Remark(
        kind=RemarkKind.NEAR_DUPLICATES,
        weight=Weight.SPOILS if is_easier else Weight.LOOK if are_many else Weight.NOTE,
        sentence=f"{sentence}.",
        count=len(near),
        rows=documents.rows(near, lambda place: _like(documents, int(leaders[place]))),
        remedies=(_drop(Drop.NEAR, "Keep only the first of each"),),
    )


def on_garbled(documents: Documents) -> Iterator[Remark]:
    """Texts that were read in a wrong encoding before they were written to the table."""
    chosen = _some(len(documents))
    garbled = chosen[are_garbled([documents.texts[place] for place in chosen])]
    if not len(garbled):
        return
    mendable = [place for place in garbled.tolist() if mended(documents.texts[place]) != documents.texts[place]]
    mend = Remedy(
        title="Put the characters right",
        option="--mend-encoding",
        effect="puts them right",
        changes={"mend_encoding": True},
    )
    yield Remark(
        kind=RemarkKind.GARBLED,
        weight=Weight.LOOK if len(garbled) >= MANY * len(chosen) else Weight.NOTE,
        sentence=f"{_hold(len(garbled))} characters of a wrong encoding, or marks of lost ones"
        f"{_of(len(chosen), len(documents))}: {documents.where(int(garbled[0]))}{_more(len(garbled) - 1)}.",
        count=len(garbled),
        rows=documents.rows(garbled, lambda place: mended(documents.beginning(place)) if place in mendable else ""),
        remedies=(*([mend] if mendable else []), _drop(Drop.GARBLED, "Leave these rows out")),
    )


def on_scripts(documents: Documents) -> Iterator[Remark]:
    """Texts that are in another script than most."""
    chosen = _some(len(documents))
    scripts = dominant_scripts([documents.texts[place] for place in chosen])
    others = in_other_script(scripts)
    if others.sum() < max(FEWEST_OF_A_SCRIPT, MANY / 10 * len(chosen)):
        return
    counts = np.bincount(scripts[scripts != NO_LETTERS], minlength=len(NAMES))
    most, *rest = [place for place in np.argsort(-counts, kind="stable").tolist() if counts[place]]
    listed = ", ".join(f"{counts[place]:,} in {NAMES[place]}" for place in rest)
    yield Remark(
        kind=RemarkKind.SCRIPTS,
        weight=Weight.LOOK if others.sum() >= MANY * len(chosen) else Weight.NOTE,
        sentence=f"Most texts are in {NAMES[most]} letters, but {listed}{_of(len(chosen), len(documents))}.",
        count=int(others.sum()),
        rows=documents.rows(chosen[others]),
        remedies=(_drop(Drop.OTHER_SCRIPTS, "Leave these rows out"),),
    )


def on_lengths(documents: Documents) -> Iterator[Remark]:
    """Texts that are longer than what some families read of them."""
    window = {family: family_recipe(family, documents.name).data.length for family in READERS}
    chosen = _some(len(documents))
    words = np.array([_words(documents.texts[place]) for place in chosen.tolist()])
    longest = max(window.values())
    long = chosen[words > longest]
    if len(long) < MANY * len(chosen):
        return
    reads = " and ".join(f"a {family} reads {length} tokens" for family, length in window.items())
    yield Remark(
        kind=RemarkKind.LONG_TEXTS,
        weight=Weight.NOTE,
        sentence=f"{counted(len(long), 'text')} ({percent(len(long) / len(chosen))}) "
        f"{_has(len(long))} more than {longest} words{_of(len(chosen), len(documents))}. Of the start of each text "
        f"{reads}, unless the setting length is raised; auto, ngram and bow read all.",
        count=len(long),
        rows=documents.rows(long),
    )


def _words(text: str) -> int:
    # No fewer than a tokenizer finds; of a script without spaces each character.
    return len(text.split()) + (0 if text.isascii() else len(_UNSPACED.findall(text)))


def _with_one_to_learn_from(leaders: np.ndarray, is_test: np.ndarray) -> int:
    # Test texts that are alike with one outside of test.
    together = np.where(leaders >= 0, leaders, np.arange(len(leaders)))
    is_learned = np.zeros(len(leaders), bool)
    is_learned[together[~is_test]] = True
    return int((is_test & is_learned[together]).sum())


def _some(count: int) -> np.ndarray:
    # Evenly spread places, all of them where these are few.
    return np.unique(np.linspace(0, count - 1, min(count, MOST_LOOKED_AT)).astype(np.int64))


def _of(looked_at: int, count: int, which: str = "") -> str:
    return f" (of {which}{looked_at:,} that were looked at)" if looked_at < count else ""


def _has(count: int) -> str:
    return "has" if count == 1 else "have"


def _are(count: int) -> str:
    return "1 text is" if count == 1 else f"{count:,} texts are"


def _hold(count: int) -> str:
    return "1 text holds" if count == 1 else f"{count:,} texts hold"


def _more(count: int) -> str:
    return f" and {count:,} more" if count else ""


def _like(documents: Documents, leader: int) -> str:
    return f"{documents.where(leader)}: {documents.beginning(leader)}"


def _drop(kind: Drop, title: str) -> Remedy:
    effect = "keeps only the first of each" if kind is Drop.NEAR else "leaves these rows out"
    return Remedy(title=title, option=f"--drop {kind}", effect=effect, changes={"drop": (kind.value,)})
