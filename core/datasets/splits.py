"""Which documents are held out: seeded draws, stratified by class, of single documents or of whole groups."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import ceil

import numpy as np

from core.errors import BadInput

VALID_SHARE = 0.1
SPLIT_SEED = 0
"""Of every split that is drawn; fixed, so that a data set is the same set in every session."""


def held_out(labels: Sequence[str], share: float) -> np.ndarray:
    """Positions of a share of the rows, (held out,) int64 ascending: seeded, stratified, at least one row a class.

    Raises BadInput when a class has a single row.
    """
    counts = Counter(labels)
    single = sorted(label for label, count in counts.items() if count < 2)
    if single:
        raise BadInput(f"The class {single[0]!r} has a single document to learn from; give it at least two.")
    size = max(ceil(share * len(labels)), len(counts))
    number = {label: place for place, label in enumerate(sorted(counts))}
    places = np.fromiter(map(number.__getitem__, labels), np.int64, len(labels))  # rather than wide strings
    return np.sort(_with_every_class(_stratified(places, size), labels))


def _stratified(places: np.ndarray, size: int) -> np.ndarray:
    # The rows, in order, that scikit-learn's `train_test_split` holds out: data sets keep the splits that it once gave
    # them, and loading it takes longer than reading most of them. `places` are the classes of the rows, from 0.
    rng = np.random.RandomState(SPLIT_SEED)
    counts = np.bincount(places)
    left = _likeliest_draw(counts, len(places) - size, rng)
    drawn = _likeliest_draw(counts - left, size, rng)
    rows = np.split(np.argsort(places, kind="stable"), np.cumsum(counts)[:-1])
    mixed = [of_class[rng.permutation(len(of_class))] for of_class in rows]
    rng.permutation(len(places) - size)  # it mixes the others first
    return rng.permutation(
        np.concatenate([of_class[n : n + m] for of_class, n, m in zip(mixed, left, drawn, strict=True)])
    )


def _likeliest_draw(counts: np.ndarray, size: int, rng: np.random.RandomState) -> np.ndarray:
    # How many rows of each class a draw of so many most likely has; what is left over goes by the largest remainders,
    # of equal ones by lot.
    shares = counts / counts.sum() * size
    drawn, remainders = np.floor(shares), shares - np.floor(shares)
    for remainder in np.unique(remainders)[::-1]:
        missing = int(size - drawn.sum())
        if not missing:
            break
        (equal,) = np.nonzero(remainders == remainder)
        drawn[rng.choice(equal, size=min(len(equal), missing), replace=False)] += 1
    return drawn.astype(int)


def _with_every_class(chosen: np.ndarray, labels: Sequence[str]) -> np.ndarray:
    # A draw by share alone can pass a small class over; it then gets a row in the place of one of the largest class.
    rng = np.random.default_rng(SPLIT_SEED)
    drawn = rng.permutation(chosen).tolist()
    counts = Counter(labels[row] for row in drawn)
    for label in sorted(set(labels) - set(counts)):
        largest = max(sorted(counts), key=counts.__getitem__)
        drawn.remove(next(row for row in drawn if labels[row] == largest))
        drawn.append(int(rng.choice([row for row, other in enumerate(labels) if other == label])))
        counts.update({label: 1, largest: -1})
    return np.array(drawn, dtype=np.int64)


def held_out_groups(labels: Sequence[str], groups: Sequence[str], share: float, *, left: int = 1) -> np.ndarray:
    """Positions of a share of the rows, (held out,) int64 ascending, so that no group stands on both sides.

    Groups are gone through in a seeded order; one is held out when that brings the documents of each class nearer to
    the share. Every class gets a row, while it stays in at least `left` groups.

    Args:
        labels: the class of each row.
        groups: the group of each row; rows of the group "" belong to nothing and are groups of their own.
        share: of the rows that are wanted, in (0, 1).
        left: groups of each class that are not held out, for further splits and to learn from.

    Raises BadInput when a class stands in too few groups.
    """
    members = _members(groups)
    counts, names = _class_counts(labels, members)  # (groups, classes)
    wanted = np.maximum(share * counts.sum(axis=0), 1.0)
    spare = (counts > 0).sum(axis=0) - left
    if (spare < 1).any():
        raise _too_few_groups(names[int(spare.argmin())], left)
    chosen = _nearest_groups(counts, wanted, spare)
    missing = np.flatnonzero(counts[chosen].sum(axis=0) == 0)
    if len(missing):
        raise _too_few_groups(names[int(missing[0])], left)
    return np.sort(np.concatenate([members[group] for group in chosen]))


def _members(groups: Sequence[str]) -> list[np.ndarray]:
    rows_of: dict[object, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        rows_of[group or row].append(row)  # a number is no name of a group
    return [np.array(rows, dtype=np.int64) for rows in rows_of.values()]


def _class_counts(labels: Sequence[str], members: list[np.ndarray]) -> tuple[np.ndarray, list[str]]:
    names, places = np.unique(np.array(labels, dtype=object).astype(str), return_inverse=True)
    counts = np.stack([np.bincount(places[rows], minlength=len(names)) for rows in members])
    return counts, names.tolist()


def _nearest_groups(counts: np.ndarray, wanted: np.ndarray, spare: np.ndarray) -> list[int]:
    # Classes that have no group yet come before the sizes, the class with the fewest groups first.
    order = np.random.default_rng(SPLIT_SEED).permutation(len(counts))
    sizes = counts[order].sum(axis=1)
    have, spare, chosen = np.zeros(len(wanted)), spare.copy(), []

    def take(group: int) -> None:
        nonlocal have, spare
        have, spare = have + counts[group], spare - (counts[group] > 0)
        chosen.append(group)

    def fits(group: int) -> bool:
        return bool((spare[counts[group] > 0] > 0).all())

    for group in order.tolist():
        here = counts[group] > 0
        gain = ((2 * (wanted - have) - counts[group]) * counts[group] / wanted)[here].sum()
        if gain > 0 and fits(group):
            take(group)
    for place in np.argsort(spare):
        if not have[place]:
            smallest = order[np.argsort(sizes, kind="stable")].tolist()
            group = next((each for each in smallest if counts[each, place] and fits(each)), None)
            if group is not None:
                take(group)
    return chosen


def _too_few_groups(label: str, left: int) -> BadInput:
    return BadInput(
        f"The class {label!r} stands in too few groups; each class needs at least {left + 1} groups to be in every "
        "split, or leave the groups out."
    )
