"""The settings of a training: to be changed, checked before it starts, and told of one that runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.config import RANGES, Recipe
from core.errors import BadInput
from core.format import counted
from core.recipes import RECIPES, is_baseline
from core.search_space import SEARCHED, setting_of
from pages.ui.shared.widgets import literal
from pages.ui.train.form import Wanted

TRIES = (4, 8, 16, 32)
SEARCH_HELP = (
    "Trains with these settings and with others near them, each for a few epochs; the better half goes on, until one "
    "is left, which is trained to its end. With 8 settings it takes two to three times as long."
)
TRAINING = ("epochs", "batch", "seed")
OF_BASELINE = ("ngrams", "min_count", "vocabulary")
SIZES, WINDOWS, DROPOUTS = ("embed", "hidden"), ("kernel", "widths"), ("dropout", "word_dropout")
FAMILY_SETTINGS = {
    "bow": ("learning_rate", *SIZES, *DROPOUTS, "vocabulary"),
    "ngram": ("linear_rate", "ngrams", "min_count", "vocabulary"),
    "convnet": ("learning_rate", *SIZES, *WINDOWS, *DROPOUTS, "length", "vocabulary"),
    "transformer": ("learning_rate", *SIZES, "layers", "heads", *DROPOUTS, "length", "vocabulary"),
    "wide": ("learning_rate", "linear_rate", "ngrams", *SIZES, *WINDOWS, *DROPOUTS, "length"),
}
SETTINGS: dict[str, tuple[str, int | float, str]] = {
    "epochs": ("Epochs", 1, "Passes over the training documents, at most; it stops when validation gets no better."),
    "batch": ("Batch", 8, "Documents that the model looks at before each change of its weights."),
    "learning_rate": ("Learning rate", 0.0001, "How far the weights move in a step."),
    "seed": ("Seed", 1, "Of the first weights and of the order of the documents. The same seed, the same model."),
    "embed": ("Embedding size", 8, "Numbers that stand for a word (embedding)."),
    "hidden": ("Hidden size", 8, "Numbers that the layers behind it work with."),
    "kernel": ("Window", 1, "Tokens that the widest convolution sees at a time."),
    "widths": ("Window sizes", 1, "Convolutions of different widths: the window and the next smaller ones."),
    "layers": ("Layers", 1, "Blocks of attention, one on the other."),
    "heads": ("Heads", 1, "Things that a block of attention looks for at once; they divide the embedding size."),
    "ngrams": ("Longest phrase", 1, "Words of the longest phrase that has a weight of its own."),
    "min_count": ("Rarest phrase", 1, "Documents that a word or phrase must occur in to have a weight."),
    "linear_rate": ("Step of phrases", 0.1, "How far the weights of words and phrases move in a step."),
    "dropout": ("Dropout", 0.05, "Share of numbers left out in training, against overfitting."),
    "word_dropout": ("Word dropout", 0.05, "Share of words hidden in training, so that no word is leaned on."),
    "length": ("Length", 50, "Tokens read of each document; the rest is not seen."),
    "vocabulary": ("Vocabulary", 1000, "Different words or tokens that the model knows, at most."),
}
"""Label, step and help of each setting that the form offers."""


def recipe_settings(wanted: Wanted) -> dict[str, int | float]:
    """The main settings, to be changed; only the seed where several recipes are tried, each with its own."""
    recipe = wanted.recipe
    names = (*TRAINING, *FAMILY_SETTINGS[recipe.model.family]) if wanted.others is None else ("seed",)
    if is_baseline(recipe.name, recipe.data.dataset):
        names = OF_BASELINE
    with st.expander("Settings"), st.grid(4, min_column_width=180):
        return {name: _setting(recipe, name) for name in names}


def _setting(recipe: Recipe, name: str) -> int | float:
    # Without bounds of its own: a field with bounds keeps what is out of them to itself, and the last value is used.
    label, step, explanation = SETTINGS[name]
    low, high = RANGES[name]
    form = "%g" if isinstance(step, float) else None
    return st.number_input(
        label,
        value=setting_of(recipe, name),
        step=step,
        format=form,
        key=f"{recipe.name}.{name}",
        help=f"{explanation} From {low:,} to {high:,}.",
    )


def search_tries(wanted: Wanted) -> int | None:
    """How many settings are to be tried, where those of a network are searched and somebody asks for it; else None."""
    recipe = wanted.recipe
    if wanted.others is not None or recipe.model.family not in SEARCHED:
        return None
    if not st.checkbox("Search settings", key=f"train-search-{recipe.name}", help=SEARCH_HELP):
        return None
    return st.selectbox("Settings to try", TRIES, TRIES.index(8), key=f"train-tries-{recipe.name}", width=180)


def settings_sentence(changed: Mapping[str, Any]) -> str:
    """Settings that were tried, by their labels."""
    return " · ".join(f"{SETTINGS[name][0]} {value:,}" for name, value in changed.items()) or "The settings above"


def wrong_settings(wanted: Wanted, settings: dict[str, int | float]) -> str:
    """Why a training cannot be started with these settings, in sentences; "" when it can."""
    out = [
        f"{SETTINGS[name][0]} is {value:,}, and has to be from {RANGES[name][0]:,} to {RANGES[name][1]:,}."
        for name, value in settings.items()
        if not RANGES[name][0] <= value <= RANGES[name][1]
    ]
    try:
        wanted.with_settings(**settings)
    except BadInput as error:
        return " ".join(out) or str(error)
    return " ".join(out)


def may_start_with(wanted: Wanted, settings: dict[str, int | float]) -> bool:
    """Whether a training can be started with these settings; if not, says why."""
    reason = wrong_settings(wanted, settings)
    if reason:
        st.warning(literal(reason), icon=":material/tune:")
    return not reason


def used_sentence(recipe: Recipe, others: tuple[Recipe, ...] | None, search: int | None = None) -> str:
    """The settings that a training is made with, those that are not its recipe's first."""
    if others is not None:
        seed = f"{SETTINGS['seed'][0]} {recipe.train.seed}"
        return f"Tries {counted(len(others) + 2, 'model')}, each with its own settings · {seed}"
    is_own = is_baseline(recipe.name, recipe.data.dataset)
    names = OF_BASELINE if is_own else (*TRAINING, *FAMILY_SETTINGS[recipe.model.family])
    usual = RECIPES.get(recipe.name)
    shown = {name: f"{SETTINGS[name][0]} {setting_of(recipe, name):,}" for name in names}
    changed = [name for name in names if usual and setting_of(recipe, name) != setting_of(usual, name)]
    others_shown = [shown[name] for name in names if name not in changed]
    around = [f"Searches {counted(search, 'setting')}, these and others near them"] if search else []
    parts = [f"{shown[name]} instead of {setting_of(usual, name):,}" for name in changed if usual]
    return " · ".join([*around, f"Recipe {recipe.name}", *parts, *others_shown])
