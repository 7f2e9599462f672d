"""Recipes by name: lab records of what to train on what, and what to expect of it."""

from dataclasses import replace

from core.config import FAMILIES, DataConfig, ModelConfig, Recipe, TrainConfig
from core.errors import UnknownName

CONVNET = "https://docs.jaxstack.ai/en/latest/JAX_basic_text_classification.html, after F. Chollet's Keras example"
BAG = (
    "https://coderzcolumn.com/tutorials/artificial-intelligence/"
    "lime-interpret-predictions-of-flax-jax-text-classification-networks"
)

# A table of one's own may be small: many passes are allowed, and validation ends them.
OWN_EPOCHS, OWN_PATIENCE = 40, 5

# Expected figures are of seed 0 on two cores of a shared server, from raw data to the saved model.
RECIPES: dict[str, Recipe] = {
    "imdb-convnet": Recipe(
        name="imdb-convnet",
        title="Film reviews, for or against: a convolutional network that reads 500 tokens in order",
        data=DataConfig(dataset="imdb", encoder="bpe", vocabulary=16_000, length=500),
        model=ModelConfig(family="convnet", dropout=0.4, word_dropout=0.2),
        train=TrainConfig(epochs=4, batch=64, learning_rate=2e-3),
        source=CONVNET,
        expected_accuracy=0.883,
        expected_seconds=150,
    ),
    "newsgroups-bow": Recipe(
        name="newsgroups-bow",
        title="Posts of four newsgroups, with their headers: a bag of words",
        data=DataConfig(dataset="newsgroups", encoder="words", vocabulary=60_000, weighting="tfidf"),
        model=ModelConfig(family="bow", embed=128, hidden=64, dropout=0.8, word_dropout=0.5),
        train=TrainConfig(epochs=12, batch=64, learning_rate=2e-3),
        source=BAG,
        expected_accuracy=0.978,
        expected_seconds=24,
    ),
    "newsgroups-stripped-bow": Recipe(
        name="newsgroups-stripped-bow",
        title="Posts of four newsgroups, text only: a bag of words without the headers to lean on",
        data=DataConfig(dataset="newsgroups-stripped", encoder="words", vocabulary=60_000, weighting="tfidf"),
        model=ModelConfig(family="bow", embed=128, hidden=64, dropout=0.8, word_dropout=0.5),
        train=TrainConfig(epochs=12, batch=64, learning_rate=2e-3),
        source=BAG,
        expected_accuracy=0.915,
        expected_seconds=22,
    ),
    "newsgroups20-bow": Recipe(
        name="newsgroups20-bow",
        title="Posts of all 20 newsgroups, with their headers: a bag of words",
        data=DataConfig(dataset="newsgroups20", encoder="words", vocabulary=60_000, min_count=2, weighting="tfidf"),
        model=ModelConfig(family="bow", embed=128, hidden=64, dropout=0.5, word_dropout=0.3),
        train=TrainConfig(epochs=12, batch=64, learning_rate=2e-3),
        source=BAG,
        expected_accuracy=0.845,
        expected_seconds=56,
    ),
    "docstrings-bow": Recipe(
        name="docstrings-bow",
        title="Docstrings of Python packages, which one is it from: a bag of words",
        data=DataConfig(dataset="docstrings", encoder="words", vocabulary=30_000, min_count=2, weighting="tfidf"),
        model=ModelConfig(family="bow", embed=128, hidden=64, dropout=0.8, word_dropout=0.5),
        train=TrainConfig(epochs=16, batch=64, learning_rate=2e-3),
        source=BAG,
        expected_accuracy=0.883,
        expected_seconds=33,
    ),
}


def recipe(name: str) -> Recipe:
    """The recipe of that name. Raises UnknownName."""
    if name not in RECIPES:
        raise UnknownName("recipe", name, RECIPES)
    return RECIPES[name]


def family_recipe(family: str, dataset: str) -> Recipe:
    """Sensible settings of a model family for the user's own data. Raises UnknownName."""
    models = {"bow": "newsgroups-bow", "convnet": "imdb-convnet"}
    if family not in models:
        raise UnknownName("model family", family, FAMILIES)
    like = RECIPES[models[family]].with_settings(dataset=dataset, epochs=OWN_EPOCHS, patience=OWN_PATIENCE)
    return replace(like, name=f"{dataset}-{family}", title=f"{dataset}: {family}")
