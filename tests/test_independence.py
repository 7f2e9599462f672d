"""Relatives and copies of test documents, and the warning that validation is not like test."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from core.evaluation import independence, share_difference
from core.schema import Independence, Score, Split, TextDataset
from pages.ui.evaluate.independence import copies_sentence, relatives_sentence, unlike_validation_sentence
from tests.answers import answered

TRAIN = (("one", "t1", "ann"), ("two", "t2", ""), ("three", "", "bob"), ("", "t3", "cleo"))
VALID = (("four", "t4", "dan"), ("five", "t2", "ann"), ("  ", "", ""))
TEST = (
    # text, thread, sender, whether it is right
    ("one", "t9", "eve", True),  # a copy of a training document
    ("four", "t4", "eve", False),  # a copy of a validation document, and of its thread
    ("a", "t1", "eve", True),  # of a thread of training
    ("b", "t2", "", False),  # of a thread of both
    ("c", "t8", "bob", True),  # of a sender of training
    ("d", "", "", True),  # of nothing, although training has documents of nothing too
    ("", "t7", "fay", False),  # empty, as one of training
    ("  ", "t7", "fay", True),  # blank, as one of validation
    ("One", "t8", "t1", False),  # another letter; its sender is called like a thread
)


def split(name, rows, grouped=True):
    texts, threads, senders = ([row[place] for row in rows] for place in range(3))
    groups = {"thread": np.array(threads, object), "sender": np.array(senders, object)} if grouped else {}
    labels = np.zeros(len(rows), np.int32)
    return Split(dataset="toy", name=name, texts=tuple(texts), labels=labels, class_names=("a", "b"), groups=groups)


def planted(grouped=True):
    """A data set with known relatives and copies, and answers to its test documents."""
    parts = {name: split(name, rows, grouped) for name, rows in (("train", TRAIN), ("valid", VALID), ("test", TEST))}
    probabilities = [[0.9, 0.1] if right else [0.2, 0.8] for _, _, _, right in TEST]
    return TextDataset(name="toy", **parts), answered([0] * len(TEST), probabilities)


def found(everything=(40, 30), related=(10, 9), copied=(4, 4), groups=("thread", "sender")):
    related = None if related is None else Score(*related)
    return Independence(groups=groups, everything=Score(*everything), related=related, copied=Score(*copied))


def warned(valid, test):
    return bool(unlike_validation_sentence(Score(*valid), Score(*test)))


def warning_probability(shares, documents):
    """How often the warning appears, over all numbers of right answers by their exact probabilities."""
    first, second = (binom.pmf(np.arange(n + 1), n, share) for n, share in zip(documents, shares, strict=True))
    return sum(
        first[a] * second[b]
        for a in np.flatnonzero(first > 1e-7)
        for b in np.flatnonzero(second > 1e-7)
        if warned((documents[0], int(a)), (documents[1], int(b)))
    )


def test_relatives_and_copies_are_counted_with_their_right_answers():
    told = independence(*planted())
    assert told.groups == ("thread", "sender")
    assert told.everything == Score(9, 5)
    assert told.related == Score(4, 2)
    assert told.unrelated == Score(5, 3)
    assert told.copied == Score(2, 1)
    assert told.original == Score(7, 4)


def test_without_groups_the_copies_are_known_and_the_relatives_are_not():
    told = independence(*planted(grouped=False))
    assert (told.groups, told.related, told.unrelated) == ((), None, None)
    assert told.copied == Score(2, 1)
    assert relatives_sentence(told) == ""


@pytest.mark.parametrize("grouped", [True, False])
def test_what_is_stored_of_it_comes_back(grouped):
    told = independence(*planted(grouped))
    assert Independence.from_json(told.to_json()) == told


@pytest.mark.parametrize(
    "changed",
    [
        {"copied": [41, 3]},
        {"copied": [4, 5]},
        {"copied": [-1, 0]},
        {"related": [35, 9]},  # of the 5 others, 21 would be right
        {"related": [10, -2]},
        {"everything": [40, 41]},
        {"everything": [40.5, 30.5]},
        {"copied": [True, True]},
        {"related": [float("nan"), 1]},
        {"groups": "thread"},
        {"groups": [3]},
    ],
)
def test_stored_counts_that_cannot_be_are_refused(changed):
    with pytest.raises(ValueError, match="its independence"):
        Independence.from_json(found().to_json() | changed)


def test_the_sentence_on_relatives_has_both_accuracies_with_their_intervals():
    told = relatives_sentence(found())
    with_them, others = (binomtest(k, n).proportion_ci(method="wilson") for k, n in ((9, 10), (21, 30)))
    assert told == (
        "10 of 40 test documents share their thread or sender with a training or validation document, and "
        f"90.0% ({100 * with_them.low:.1f} to {100 * with_them.high:.1f}) of them are right; of the others "
        f"70.0% ({100 * others.low:.1f} to {100 * others.high:.1f})."
    )


def test_no_relatives_and_nothing_but_relatives_are_told():
    none = relatives_sentence(found(related=(0, 0), groups=("author",)))
    assert none == "No test document shares its author with a training or validation document."
    assert relatives_sentence(found(related=(40, 30))).endswith("of them are right; there are no others.")


def test_the_sentence_on_copies_has_the_accuracy_without_them():
    assert copies_sentence(found(copied=(0, 0))) == ""
    assert copies_sentence(found(copied=(1, 1))).startswith("1 test document is a copy of")
    assert copies_sentence(found()) == (
        "4 test documents are copies of training or validation documents, character for character; without them "
        "72.2% are right."
    )
    assert copies_sentence(found(copied=(40, 30))).endswith("; there are no others.")


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(first, second, low, high):
    # Newcombe 1998, table II, method 10.
    apart = share_difference(Score(first[1], first[0]), Score(second[1], second[0]))
    assert apart.value == pytest.approx(first[0] / first[1] - second[0] / second[1])
    assert (apart.low, apart.high) == pytest.approx((low, high), abs=6e-5)


def test_the_interval_of_a_difference_follows_from_the_wilson_intervals_of_scipy():
    rng = np.random.default_rng(4)
    for _ in range(200):
        documents = rng.integers(1, 3000, 2)
        right = rng.binomial(documents, rng.random(2))
        shares = right / documents
        (l1, h1), (l2, h2) = (
            binomtest(int(k), int(n)).proportion_ci(method="wilson") for k, n in zip(right, documents, strict=True)
        )
        apart = share_difference(*(Score(int(n), int(k)) for n, k in zip(documents, right, strict=True)))
        difference = shares[0] - shares[1]
        assert apart.low == pytest.approx(difference - np.hypot(shares[0] - l1, h2 - shares[1]), abs=1e-9)
        assert apart.high == pytest.approx(difference + np.hypot(h1 - shares[0], shares[1] - l2), abs=1e-9)


@pytest.mark.parametrize("documents", [(47, 92), (110, 250)])
def test_equal_accuracies_raise_the_warning_in_at_most_5_of_100_cases(documents):
    chances = [warning_probability((accuracy, accuracy), documents) for accuracy in (0.5, 0.65, 0.8, 0.9, 0.95, 0.98)]
    assert np.mean(chances) <= 0.05
    assert max(chances) <= 0.055  # counts are whole numbers, so that it is not the same for every accuracy


@pytest.mark.parametrize("shares", [(0.9, 0.8), (0.8, 0.9)])
def test_a_difference_of_10_points_raises_the_warning_mostly(shares):
    assert warning_probability(shares, (250, 310)) > 0.8


@pytest.mark.parametrize(
    ("valid", "test", "words"),
    [((500, 480), (1000, 860), ("more often", "much.")), ((500, 400), (1000, 900), ("less often", "little."))],
)
def test_the_warning_says_which_way_and_how_far(valid, test, words):
    told = unlike_validation_sentence(Score(*valid), Score(*test))
    apart = share_difference(Score(*valid), Score(*test))
    nearer, farther = sorted(abs(100 * end) for end in (apart.low, apart.high))
    assert f"right {words[0]} on validation" in told
    assert f"by {nearer:.1f} to {farther:.1f} points" in told
    assert told.endswith(words[1])
