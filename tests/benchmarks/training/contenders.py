"""Who is measured: each contender's name, its data set, the function that runs it, and what that function is given."""

import sys
import time
from dataclasses import dataclass, field
from typing import NamedTuple

RECIPES = ("imdb-convnet", "imdb-ngram", "imdb-best", "newsgroups-bow", "newsgroups-ngram")
"""Our recipes, each a contender on the data set that its name begins with."""

BASELINES = {"imdb": "tutorial convnet", "newsgroups": "tutorial bag of words"}
"""The contender of each data set that the times of the others are divided by."""

THRESHOLDS = {"imdb": 0.87}
"""The accuracy that a contender of a data set is timed to."""


class Contender(NamedTuple):
    """A way to learn a data set.

    Attributes:
        dataset: "imdb" or "newsgroups".
        work: module beside this one and function in it, from a Task to a Score.
        package: what must be installed besides the requirements of the tests, and what that is called on PyPI.
    """

    name: str
    dataset: str
    work: str
    package: tuple[str, str] | None = None

    @property
    def is_recipe(self):
        return self.name in RECIPES


class Score(NamedTuple):
    """Test accuracy, and seconds until the threshold was reached or None."""

    accuracy: float
    reached: float | None


@dataclass(frozen=True, kw_only=True)
class Task:
    """One run of a contender. Its clock starts when it is made.

    Attributes:
        documents: most documents of each split, or None for all.
        epochs: instead of the contender's own, where it has any.
        until_threshold: whether a contender that looks at the test split after each epoch ends when it can.
    """

    name: str
    dataset: str
    seed: int
    documents: int | None = None
    epochs: int | None = None
    until_threshold: bool = False
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self):
        return time.perf_counter() - self.started

    def scored(self, accuracy):
        """The Score of a test that has ended just now; the threshold is reached with it or not at all."""
        return Score(accuracy, self.seconds if self.reaches(accuracy) else None)

    def reaches(self, accuracy):
        return accuracy >= THRESHOLDS.get(self.dataset, float("inf"))

    def some(self, documents):
        """As many of the documents as the task allows, evenly spread, so that every class is among them."""
        every = max(1, len(documents) // self.documents) if self.documents else 1
        return documents[::every][: self.documents]


def tell(sentence):
    """Progress, for whoever waits."""
    print(sentence, file=sys.stderr, flush=True)


CONTENDERS = (
    Contender("tutorial convnet", "imdb", "tutorial_convnet:learn"),
    Contender("TF-IDF bigrams + logistic regression", "imdb", "linear:tfidf_bigrams"),
    Contender("NB-SVM trigrams", "imdb", "linear:nbsvm_trigrams"),
    Contender("fastText bigrams", "imdb", "fast_text:bigrams", package=("fasttext", "fasttext-wheel")),
    Contender("tutorial bag of words", "newsgroups", "tutorial_bag:learn"),
    Contender("TF-IDF + linear SVM", "newsgroups", "linear:tfidf_words"),
    *(Contender(recipe, recipe.split("-")[0], "ours:learn") for recipe in RECIPES),
)
