"""Recipes by name: lab records of what to train on what, and what to expect of it."""

from core.config import FAMILIES, DataConfig, ModelConfig, Recipe, TrainConfig
from core.errors import UnknownName

KERAS = "https://keras.io/examples/nlp/text_classification_from_scratch/"
JAX_STACK = "https://docs.jaxstack.ai/en/latest/JAX_for_LLM_pretraining.html"
CODERZ = "https://coderzcolumn.com/tutorials/artificial-intelligence"

RECIPES: dict[str, Recipe] = {
    "imdb-convnet": Recipe(
        name="imdb-convnet",
        title="Film reviews, convolutional network",
        data=DataConfig(dataset="imdb", encoder="bpe", vocabulary=16_000, length=500),
        model=ModelConfig(family="convnet"),
        train=TrainConfig(epochs=6, batch=64, learning_rate=1e-3, patience=2),
        source=KERAS,
    ),
    "newsgroups-bow": Recipe(
        name="newsgroups-bow",
        title="Four newsgroups, bag of words",
        data=DataConfig(dataset="newsgroups", encoder="words", vocabulary=60_000, weighting="tfidf"),
        model=ModelConfig(family="bow", embed=128, hidden=64, dropout=0.8, word_dropout=0.5),
        train=TrainConfig(epochs=12, batch=64, learning_rate=2e-3),
    ),
    "docstrings-bow": Recipe(
        name="docstrings-bow",
        title="Python docstrings, bag of words",
        data=DataConfig(dataset="docstrings", encoder="words", vocabulary=30_000, min_count=2, weighting="tfidf"),
        model=ModelConfig(family="bow", embed=64, hidden=64, dropout=0.5, word_dropout=0.5),
        train=TrainConfig(epochs=12, batch=64, learning_rate=2e-3),
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
    like = RECIPES[models[family]].with_settings(dataset=dataset)
    return Recipe(
        name=f"{dataset}-{family}", title=f"{dataset}, {family}", data=like.data, model=like.model, train=like.train
    )
