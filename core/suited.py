"""Settings that follow from what kind of data a table holds, each with its reason."""

from typing import Any

from core.traits import Traits

FEW_CLASSES = 20
SMALL = 10_000  # documents
BALANCED_UP_TO = 1.5  # documents of the largest class for each of the smallest
MOST_COLUMNS, MOST_WEIGHTS = 1_000_000, 25_000_000  # of a bag; of a table with a column for each class
BATCH = 64  # documents of a step
UNEVEN = 5.0  # the same, from which on a bag is trained half as long: it soon knows the few by heart
BAG_STEPS, CONVNET_STEPS = 400, 700  # in which a network learns two classes
STEPS_OF_CLASS = 14  # more for each class
LEAST_EPOCHS, MOST_EPOCHS = 3, 25
BY_RATIOS = {"loss": "cross_entropy", "scaling": "naive_bayes", "linear_rate": 2.0, "epochs": 4}
BY_MARGIN = {"loss": "squared_hinge", "scaling": "none", "linear_rate": 0.2, "epochs": 5}
"""How a linear model descends; ratios are those of Naive Bayes."""


def suited_settings(family: str, traits: Traits) -> dict[str, Any]:
    """Settings of a model family for data with these traits; none where no rule is known."""
    rules = {"ngram": _suited_phrases, "bow": _suited_bag, "convnet": _suited_convnet}
    return rules[family](traits) if family in rules else {}


def suited_columns(traits: Traits) -> dict[str, Any]:
    """Which words, phrases and runs of characters a linear model weighs, and what the documents of a class count for.

    Where a script has no spaces, a character is a word, and phrases are runs of characters.
    """
    characters, phrases = (0, 3) if traits.is_unspaced else (4, 2)
    columns = {
        "characters": 0 if traits.is_large else characters,
        "ngrams": 2 if traits.is_large else phrases,
        "min_count": 2 if traits.is_large else 1,
        "vocabulary": min(MOST_COLUMNS, MOST_WEIGHTS // traits.classes),
    }
    return columns | _balance(traits)


def _suited_phrases(traits: Traits) -> dict[str, Any]:
    # Where classes are many, ratios of one class to all others drown what tells it from its neighbours.
    by_ratios = traits.classes <= FEW_CLASSES and not traits.is_unspaced
    return suited_columns(traits) | (BY_RATIOS if by_ratios else BY_MARGIN) | {"patience": 0}


def _balance(traits: Traits) -> dict[str, Any]:
    # Where classes differ in size, each class counts alike.
    return {"class_weight": "balanced" if traits.imbalance > BALANCED_UP_TO else "none"}


def _suited_bag(traits: Traits) -> dict[str, Any]:
    # A pair of words holds what their order says; of a script without spaces, pairs of characters are words.
    settings: dict[str, Any] = {"ngrams": 2, "min_count": 2 if traits.is_large else 1, "vocabulary": 200_000}
    settings |= _balance(traits) | _passes(traits, BAG_STEPS // 2 if traits.imbalance > UNEVEN else BAG_STEPS)
    if traits.classes > FEW_CLASSES or traits.rows < SMALL:
        # With four activations of five left out, a short text has nothing left that tells one of many classes.
        settings |= {"dropout": 0.5, "word_dropout": 0.3, "learning_rate": 2e-3, "embed": 128}
    return settings


def _suited_convnet(traits: Traits) -> dict[str, Any]:
    settings = _balance(traits) | _passes(traits, CONVNET_STEPS)
    if traits.rows < SMALL:  # few texts hold the rarer byte pairs too seldom to learn from
        settings["vocabulary"] = 8_000
    return settings


def _passes(traits: Traits, steps: int) -> dict[str, Any]:
    # The schedule ends where the learning does. Nothing ends it earlier: accuracy on a few validation documents stands
    # still while many classes are still unknown, and where one class is rare it is high before anything is learned.
    needed = steps + STEPS_OF_CLASS * traits.classes
    epochs = -(-needed * BATCH // max(traits.rows, 1))
    return {"epochs": min(max(epochs, LEAST_EPOCHS), MOST_EPOCHS), "patience": 0, "batch": BATCH}
