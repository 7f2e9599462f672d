"""Recipes by name: lab records of what to train on what, and what to expect of it."""

from dataclasses import replace
from typing import Any

from core.config import FAMILIES, DataConfig, ModelConfig, Recipe, TrainConfig
from core.errors import UnknownName
from core.suited import FEW_CLASSES, suited_columns, suited_settings
from core.traits import Traits

CONVNET = "Kim (2014), arXiv 1408.5882; it took the place of docs.jaxstack.ai's tutorial network, after F. Chollet"
BAG = (
    "https://coderzcolumn.com/tutorials/artificial-intelligence/"
    "lime-interpret-predictions-of-flax-jax-text-classification-networks"
)
NGRAM = "Wang and Manning (2012), aclanthology.org/P12-2018"
TRANSFORMER = "Xiong et al. (2020), arXiv 2002.04745"
SKLEARN = "https://scikit-learn.org/stable/modules/linear_model.html#logistic-regression"
WIDE = "Cheng et al. (2016), arXiv 1606.07792, over Wang and Manning (2012) and Kim (2014)"

# A table of one's own may be small: many passes are allowed, and validation ends them.
OWN_EPOCHS, OWN_PATIENCE = 40, 5


def _words(dataset: str, **settings: Any) -> DataConfig:
    return DataConfig(dataset=dataset, encoder="words", weighting="tfidf", **{"vocabulary": 60_000} | settings)


def _phrases(dataset: str, **settings: Any) -> DataConfig:
    usual: dict[str, Any] = {"ngrams": 2, "min_count": 2, "vocabulary": 1_000_000, "weighting": "tfidf"}
    return DataConfig(dataset=dataset, encoder="words", **usual | settings)


def _tokens(dataset: str, **settings: Any) -> DataConfig:
    return DataConfig(dataset=dataset, encoder="bpe", **{"vocabulary": 16_000, "length": 500} | settings)


LINEAR = ModelConfig(family="ngram", dropout=0.0)
CONVOLUTION = ModelConfig(family="convnet", embed=64, hidden=64, kernel=4, widths=3, dropout=0.3, word_dropout=0.2)
ATTENTION = ModelConfig(family="transformer", embed=64, hidden=128, layers=1, heads=4, dropout=0.3, word_dropout=0.3)
BAG_MLP = ModelConfig(family="bow", embed=128, hidden=64, dropout=0.8, word_dropout=0.5)


def _by_descent(**settings: Any) -> TrainConfig:
    return TrainConfig(**{"epochs": 5, "learning_rate": 1e-2, "linear_rate": 9.0, "patience": 0} | settings)


_ALL = (
    Recipe(
        name="imdb-convnet",
        title="Film reviews, for or against: a convolutional network that reads 500 tokens in order",
        data=_tokens("imdb"),
        model=CONVOLUTION,
        train=TrainConfig(epochs=2, learning_rate=3e-3),
        source=CONVNET,
        expected_accuracy=0.891,
        expected_spread=0.0029,
        expected_seconds=65,
    ),
    Recipe(
        name="imdb-ngram",
        title="Film reviews, for or against: words and phrases of up to three words, in no order",
        data=_phrases("imdb", ngrams=3, min_count=3, weighting="binary"),
        model=LINEAR,
        train=_by_descent(epochs=2),
        source=NGRAM,
        expected_accuracy=0.920,
        expected_spread=0.0006,
        expected_seconds=18,
    ),
    Recipe(
        name="imdb-best",
        title="Film reviews, for or against: phrases and a convolutional network side by side",
        data=DataConfig(
            dataset="imdb", encoder="bpe+words", vocabulary=16_000, ngrams=3, min_count=3, weighting="binary"
        ),
        model=replace(CONVOLUTION, family="wide"),
        train=_by_descent(epochs=2, learning_rate=3e-3, linear_rate=18.0),
        source=WIDE,
        expected_accuracy=0.921,
        expected_spread=0.0014,
        expected_seconds=80,
    ),
    Recipe(
        name="imdb-transformer",
        title="Film reviews, for or against: a small transformer that reads 256 tokens",
        data=_tokens("imdb", length=256),
        model=ATTENTION,
        train=TrainConfig(epochs=2, learning_rate=1e-3),
        source=TRANSFORMER,
        expected_accuracy=0.858,
        expected_spread=0.0057,
        expected_seconds=249,
    ),
    Recipe(
        name="newsgroups-bow",
        title="Posts of four newsgroups, with their headers: a bag of words",
        data=_words("newsgroups"),
        model=replace(BAG_MLP, embed=32),
        train=TrainConfig(epochs=12, learning_rate=4e-3, patience=0),
        source=BAG,
        expected_accuracy=0.975,
        expected_spread=0.0021,
        expected_seconds=10,
    ),
    Recipe(
        name="newsgroups-ngram",
        title="Posts of four newsgroups, with their headers: words and pairs of words",
        data=_phrases("newsgroups"),
        model=LINEAR,
        train=_by_descent(),
        source=NGRAM,
        expected_accuracy=0.986,
        expected_spread=0.0021,
        expected_seconds=5,
    ),
    Recipe(
        name="newsgroups-transformer",
        title="Posts of four newsgroups, with their headers: a small transformer",
        data=_tokens("newsgroups", vocabulary=8_000, length=256),
        model=ATTENTION,
        train=TrainConfig(epochs=12, batch=32, learning_rate=2e-3),
        source=TRANSFORMER,
        expected_accuracy=0.948,
        expected_spread=0.0042,
        expected_seconds=112,
    ),
    Recipe(
        name="newsgroups-stripped-bow",
        title="Posts of four newsgroups, text only: a bag of words without the headers to lean on",
        data=_words("newsgroups-stripped", min_count=2),
        model=BAG_MLP,
        train=TrainConfig(epochs=12, learning_rate=2e-3, patience=0),
        source=BAG,
        expected_accuracy=0.910,
        expected_spread=0.0063,
        expected_seconds=14,
    ),
    Recipe(
        name="newsgroups-stripped-ngram",
        title="Posts of four newsgroups, text only: words and pairs of words",
        data=_phrases("newsgroups-stripped"),
        model=LINEAR,
        train=_by_descent(linear_rate=5.0),
        source=NGRAM,
        expected_accuracy=0.918,
        expected_spread=0.0007,
        expected_seconds=5,
    ),
    Recipe(
        name="newsgroups20-bow",
        title="Posts of all 20 newsgroups, with their headers: a bag of words",
        data=_words("newsgroups20", min_count=2),
        model=replace(BAG_MLP, dropout=0.5, word_dropout=0.3),
        train=TrainConfig(epochs=12, learning_rate=2e-3, patience=0),
        source=BAG,
        expected_accuracy=0.853,
        expected_spread=0.0021,
        expected_seconds=31,
    ),
    Recipe(
        name="newsgroups20-ngram",
        title="Posts of all 20 newsgroups, with their headers: words and pairs of words",
        data=_phrases("newsgroups20"),
        model=LINEAR,
        train=_by_descent(linear_rate=0.2, loss="squared_hinge"),
        source=NGRAM,
        expected_accuracy=0.879,
        expected_spread=0.0016,
        expected_seconds=15,
    ),
    Recipe(
        name="newsgroups20-stripped-ngram",
        title="Posts of all 20 newsgroups, text only: words and pairs of words",
        data=_phrases("newsgroups20-stripped"),
        model=LINEAR,
        train=_by_descent(linear_rate=0.2, loss="squared_hinge"),
        source=NGRAM,
        expected_accuracy=0.715,
        expected_spread=0.0064,
        expected_seconds=13,
    ),
    Recipe(
        name="docstrings-bow",
        title="Docstrings of Python packages, which one is it from: a bag of words",
        data=_words("docstrings", vocabulary=30_000, min_count=2),
        model=BAG_MLP,
        train=TrainConfig(epochs=16, learning_rate=2e-3, patience=0),
        source=BAG,
        expected_accuracy=0.884,
        expected_spread=0.0044,
        expected_seconds=21,
    ),
    Recipe(
        name="docstrings-ngram",
        title="Docstrings of Python packages, which one is it from: words and pairs of words",
        data=_phrases("docstrings"),
        model=LINEAR,
        train=_by_descent(linear_rate=0.2, loss="squared_hinge"),
        source=NGRAM,
        expected_accuracy=0.913,
        expected_spread=0.0066,
        expected_seconds=5,
    ),
    Recipe(
        name="docstrings-transformer",
        title="Docstrings of Python packages, which one is it from: a small transformer",
        data=_tokens("docstrings", vocabulary=8_000, length=256),
        model=ATTENTION,
        train=TrainConfig(epochs=6, batch=32, learning_rate=2e-3),
        source=TRANSFORMER,
        expected_accuracy=0.863,
        expected_spread=0.0175,
        expected_seconds=113,
    ),
)
RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _ALL}
AUTO = "auto"
"""Instead of a family: try what suits the data, and keep the best."""

BASELINE = "baseline"
"""Instead of a family: TF-IDF and logistic regression by scikit-learn, the line that a network must beat."""
BASELINE_SETTINGS: dict[str, Any] = {"ngrams": 2, "min_count": 1, "loss": "cross_entropy", "scaling": "none"}
BASELINE_SETTINGS |= {"cost": 10.0, "epochs": 1, "patience": 0}

SOLVED = {"loss": "squared_hinge", "scaling": "none", "cost": 1.0, "epochs": 1, "patience": 0}
SOLVED_BY_RATIOS = {"scaling": "naive_bayes", "cost": 0.3}
"""What `auto` begins with."""

OF_FAMILY = {
    "bow": "newsgroups-bow",
    "ngram": "newsgroups-ngram",
    "convnet": "imdb-convnet",
    "transformer": "imdb-transformer",
    "wide": "imdb-best",
}


def recipe(name: str) -> Recipe:
    """The recipe of that name. Raises UnknownName."""
    if name not in RECIPES:
        raise UnknownName("recipe", name, RECIPES)
    return RECIPES[name]


def family_recipe(family: str, dataset: str, traits: Traits | None = None) -> Recipe:
    """Sensible settings of a model family for the user's own data. Raises UnknownName.

    Args:
        family: a name of `FAMILIES`, or `BASELINE`.
        dataset: the data's name.
        traits: of the data, from which the settings follow; else they are those of a recipe for other data.
    """
    if family == BASELINE:
        return _baseline_recipe(dataset, traits)
    if family not in OF_FAMILY:
        raise UnknownName("model family", family, (*FAMILIES, BASELINE))
    like = RECIPES[OF_FAMILY[family]].with_settings(dataset=dataset, epochs=OWN_EPOCHS, patience=OWN_PATIENCE)
    suited = like.with_settings(**suited_settings(family, traits)) if traits else like
    return replace(suited, name=f"{dataset}-{family}", title=f"{dataset}: {family}")


def _baseline_recipe(dataset: str, traits: Traits | None) -> Recipe:
    like = family_recipe("ngram", dataset).with_settings(**BASELINE_SETTINGS)
    suited = like.with_settings(**suited_columns(traits) | {"characters": 0}) if traits else like
    return replace(
        suited, name=f"{dataset}-{BASELINE}", title=f"{dataset}: TF-IDF and logistic regression", source=SKLEARN
    )


def is_baseline(recipe: str, dataset: str) -> bool:
    """Whether a recipe of that name for that data set is the baseline."""
    return recipe == f"{dataset}-{BASELINE}"


def candidates(dataset: str, traits: Traits) -> tuple[Recipe, ...]:
    """What `auto` tries on data with these traits, the first preferred among equals; all have one name.

    A linear support vector machine and, where classes are few, an NB-SVM: which of the two is ahead differs from table
    to table by up to two points, and they take seconds.
    """
    suited = family_recipe("ngram", dataset).with_settings(**suited_columns(traits), **SOLVED)
    machine = replace(suited, title="linear support vector machine")
    by_ratios = replace(suited.with_settings(**SOLVED_BY_RATIOS), title="the same by Naive-Bayes ratios (NB-SVM)")
    tried = (machine, by_ratios) if traits.classes <= FEW_CLASSES else (machine,)
    return tuple(replace(recipe, name=f"{dataset}-auto") for recipe in tried)


def suited_recipes(family: str, dataset: str, traits: Traits) -> tuple[Recipe, ...]:
    """What to train on data of one's own: the recipe of a family, or all that `auto` tries. Raises UnknownName."""
    return candidates(dataset, traits) if family == AUTO else (family_recipe(family, dataset, traits),)
