"""What a model's score rests on: something is taken out of all documents, and the model is scored again.

A model that has learned what a text is about hardly misses a signature; one that has learned who writes to a group does
(Ribeiro et al. 2016, arXiv 1602.04938, section 5.4, on these newsgroups).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, zip_longest

import numpy as np
import regex

from core.datasets import load_dataset
from core.errors import BadInput
from core.explanation.documents import as_known
from core.findings.word_effects import check_classes, drawn
from core.predictor import Predictor
from core.schema import Evaluation, GlobalWords, ShortcutTest, Split
from core.units import composed, has_unit, whole_words

DOCUMENTS_PER_SNAPSHOT = 1_000  # from one snapshot to the next, so that a Stop is heard within two seconds
TEXT_ONLY = {"newsgroups": "newsgroups-stripped", "newsgroups20": "newsgroups20-stripped"}
STRIPPED = "headers, signatures and quotes"  # what the text-only versions are without
MAX_WORDS = 200


def without_words(
    model: Predictor, split: Split, words: Sequence[str], before: Evaluation | None = None
) -> ShortcutTest:
    """The score with and without these words in the documents: the end of `score_without_snapshots`."""
    return list(score_without_snapshots(model, split, words, before))[-1]


def score_without_snapshots(
    model: Predictor, split: Split, words: Sequence[str], before: Evaluation | None = None
) -> Iterator[ShortcutTest]:
    """The score with and without these words after every 1,000 documents, in a random order.

    A word is taken out as a whole, in any case where the model ignores case, and what stands around it stays. Only what
    the model reads is changed, so that nothing else moves into its window.

    Args:
        model: any Predictor.
        split: documents with labels.
        words: single words or phrases.
        before: the model's answers on the split, such as those stored with it; asked for when they are not given.

    Raises BadInput for no words, for more than 200, and for a split without documents, with other classes or of another
    size than the answers.
    """
    normalized = _normal_words(model, words)
    scissors = _Scissors(model, normalized, split.texts)
    for test in _testing(model, split, lambda position: scissors.cut(split.texts[position]), normalized, before):
        occurs = tuple(scissors.occurs.values())
        snapshot = replace(test, occurs=occurs)
        if len(snapshot.before) == snapshot.total:
            snapshot = replace(snapshot, caveats=(*_caveats(model, snapshot), *snapshot.caveats))
        yield snapshot


def score_other_snapshots(
    model: Predictor, split: Split, other: Split, removed: str, before: Evaluation | None = None
) -> Iterator[ShortcutTest]:
    """The score on two versions of the same documents, after every 1,000 of them.

    Args:
        model, split, before: as `score_without_snapshots` has them.
        other: the same documents in the same order, without something.
        removed: what they are without, in words.

    Raises what `score_without_snapshots` raises, and BadInput when the two are not versions of the same documents.
    """
    if split.class_names != other.class_names or not np.array_equal(split.labels, other.labels):
        raise BadInput(f"{other.dataset} does not have the documents of {split.dataset}; pick another version of them.")
    yield from _testing(model, split, other.texts.__getitem__, (removed,), before)


def text_only(split: Split) -> Split | None:
    """The same newsgroup posts without headers, signatures and quotes; None for what has no such version.

    Raises DatasetMissing when the posts are not on this machine.
    """
    name = TEXT_ONLY.get(split.dataset)
    return None if name is None else load_dataset(name, download=False).splits[split.name]


def suspicious(words: GlobalWords, count: int = 10) -> tuple[str, ...]:
    """Words to try first: of each class the one that does most in a document, then the second of each, and so on."""
    ranked = [sorted(each.speaking_for, key=lambda effect: -effect.mean) for each in words.classes]
    words_of = ((effect.word for effect in effects) for effects in ranked)
    return tuple(dict.fromkeys(word for word in chain.from_iterable(zip_longest(*words_of)) if word))[:count]


def _testing(
    model: Predictor,
    split: Split,
    change: Callable[[int], str],
    removed: tuple[str, ...],
    before: Evaluation | None,
) -> Iterator[ShortcutTest]:
    _check(model, split, before)
    order = np.array(drawn(np.arange(len(split)), len(split), seed=0))
    old, new = np.zeros((2, len(split), len(split.class_names)), np.float32)
    changed = emptied = 0
    for start in range(0, len(order), DOCUMENTS_PER_SNAPSHOT):
        part = order[start : start + DOCUMENTS_PER_SNAPSHOT]
        texts = [split.texts[position] for position in part]
        others = [change(position) for position in part]
        old[part] = new[part] = model.predict_proba(texts) if before is None else before.probabilities[part]
        touched = [i for i, text in enumerate(texts) if others[i] != text]
        if touched:
            new[part[touched]] = model.predict_proba([others[i] for i in touched])
        changed += len(touched)
        emptied += sum(has_unit(texts[i]) and not has_unit(others[i]) for i in touched)
        seen = np.sort(order[: start + DOCUMENTS_PER_SNAPSHOT])
        yield ShortcutTest(
            removed=removed,
            before=_evaluation(model, split, seen, old),
            after=_evaluation(model, split, seen, new),
            changed=changed,
            total=len(split),
            emptied=emptied,
            caveats=_told_empty(emptied),
        )


def _told_empty(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    empty = "1 document is empty" if count == 1 else f"{count:,} documents are empty"
    return (f"{empty} then; the model can only guess.",)


def _check(model: Predictor, split: Split, before: Evaluation | None) -> None:
    check_classes(model, split)
    if not len(split):
        raise BadInput(f"The {split.name} split of {split.dataset} has no documents to score the model on.")
    if before is not None and not np.array_equal(before.labels, split.labels):
        raise BadInput(f"These answers are not on the {split.name} split of {split.dataset}; evaluate the model on it.")


def _evaluation(model: Predictor, split: Split, seen: np.ndarray, probabilities: np.ndarray) -> Evaluation:
    return Evaluation(
        model=model.name,
        dataset=split.dataset,
        split=split.name,
        class_names=split.class_names,
        labels=split.labels[seen],
        probabilities=probabilities[seen],
    )


@dataclass
class _Scissors:
    """Cuts words out of texts, and counts the texts that each was in."""

    model: Predictor
    words: tuple[str, ...]
    texts: Sequence[str]
    occurs: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.occurs = dict.fromkeys(self.words, 0)
        self._pattern = whole_words(self.words, regex.IGNORECASE if self.model.ignores_case else 0)
        longest = max(self.texts, key=len, default="")
        self._windowed = self.model.read(longest).end < len(longest)  # who reads that one to the end reads all

    def cut(self, text: str) -> str:
        read = composed(text)
        matches = [*self._pattern.finditer(read)]
        if matches and self._windowed:
            read = read[: self.model.read(read).end]
            matches = [match for match in matches if match.end() <= len(read)]
        if not matches:
            return text
        for word in {_normal(self.model, match[0]) for match in matches} & self.occurs.keys():
            self.occurs[word] += 1
        edges = [0, *chain.from_iterable(match.span() for match in matches), len(read)]
        return "".join(read[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))


def _caveats(model: Predictor, test: ShortcutTest) -> tuple[str, ...]:
    if not test.changed:
        return ("The model reads none of these words in any document, so nothing changes.",)
    caveats = []
    missing = [word for word, count in zip(test.removed, test.occurs, strict=True) if not count]
    if missing:
        caveats.append(
            f"In no document does the model read {', '.join(missing)} (apart from longer phrases of the list)."
        )
    unknown = [word for word in model.read(" ".join(test.removed)).unknown_words if word not in missing]
    if unknown:
        caveats.append(f"The model does not know {', '.join(unknown)}; without them its answers stay the same.")
    return tuple(caveats)


def _normal_words(model: Predictor, words: Sequence[str]) -> tuple[str, ...]:
    normalized = tuple(dict.fromkeys(word for each in words if (word := _normal(model, each))))
    if not normalized:
        raise BadInput("There is no word to take out; name at least one.")
    if len(normalized) > MAX_WORDS:
        raise BadInput(f"At most {MAX_WORDS} words are taken out at once, not {len(normalized):,}; leave some out.")
    return normalized


def _normal(model: Predictor, word: str) -> str:
    return " ".join(composed(as_known(model, word)).split())
