import json

import pytest

from core.config import ENCODERS, FAMILIES, FITTING, DataConfig, ModelConfig, Recipe, TrainConfig, settings
from core.errors import BadInput, UnknownName
from core.recipes import RECIPES, family_recipe, recipe


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_survives_json(name):
    assert Recipe.from_json(RECIPES[name].to_json()) == RECIPES[name]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_filed_under_its_own_name_and_data_set(name):
    from core.datasets import DATASETS

    assert RECIPES[name].name == name
    assert RECIPES[name].data.dataset in DATASETS


def test_settings_are_changed_by_name_and_parsed_from_strings():
    changed = recipe("imdb-convnet").with_settings(**{"train.epochs": "3", "kernel": "5", "lowercase": "false"})
    assert (changed.train.epochs, changed.model.kernel, changed.data.lowercase) == (3, 5, False)


def test_changed_settings_make_no_promise_of_accuracy():
    promising = recipe("imdb-convnet")
    assert promising.with_settings(epochs=1).expected_accuracy is None
    assert promising.with_settings(epochs=promising.train.epochs) == promising


def test_an_unknown_setting_lists_the_known_ones():
    with pytest.raises(UnknownName, match="learning_rate"):
        recipe("imdb-convnet").with_settings(learning_rat="1")


def test_a_setting_of_the_wrong_part_is_unknown():
    with pytest.raises(UnknownName):
        recipe("imdb-convnet").with_settings(**{"model.epochs": "3"})


@pytest.mark.parametrize(
    "bad",
    [
        {"epochs": "many"},
        {"epochs": 0},
        {"dropout": 1.5},
        {"word_dropout": -0.1},
        {"lowercase": "maybe"},
        {"ngrams": 6},
        {"min_count": 0},
        {"linear_rate": 0},
        {"widths": 5},
        {"widths": 3, "kernel": 2},
        {"learning_rate": "nan"},
    ],
)
def test_a_value_that_cannot_be_is_refused_in_a_sentence(bad):
    with pytest.raises(BadInput, match=next(iter(bad))):
        recipe("imdb-convnet").with_settings(**bad)


def test_unknown_names_list_the_known_ones():
    with pytest.raises(UnknownName, match="Did you mean imdb-convnet"):
        recipe("imdb-convnt")
    with pytest.raises(UnknownName, match="bow"):
        family_recipe("svm", "mine")
    with pytest.raises(UnknownName, match="gpt2"):
        DataConfig(dataset="x", encoder="letters")
    with pytest.raises(UnknownName, match="tfidf"):
        DataConfig(dataset="x", encoder="words", weighting="idf")
    with pytest.raises(UnknownName, match="convnet"):
        ModelConfig(family="rnn")
    with pytest.raises(UnknownName, match="Did you mean squared_hinge"):
        TrainConfig(loss="square_hinge")
    with pytest.raises(UnknownName, match="naive_bayes"):
        TrainConfig(scaling="ratios")
    with pytest.raises(UnknownName, match="Did you mean balanced"):
        TrainConfig(class_weight="balance")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"name": "x"}', '{"data": {"dataset": "x", "sauce": 1}}'])
def test_a_recipe_of_another_version_is_refused_in_a_sentence(text):
    with pytest.raises(BadInput, match="another version of Whyword"):
        Recipe.from_json(text)


def test_no_setting_stands_in_two_parts():
    from dataclasses import fields

    names = [spec.name for kind in (DataConfig, ModelConfig, TrainConfig) for spec in fields(kind)]
    assert len(names) == len(set(names)) == len(settings())


@pytest.mark.parametrize("change", [{"family": "convnet"}, {"encoder": "bpe"}, {"encoder": "bpe+words"}])
def test_a_family_is_not_given_an_encoder_that_it_cannot_read(change):
    with pytest.raises(BadInput, match="needs the encoder"):
        recipe("newsgroups-bow").with_settings(**change)


def test_every_family_has_settings_for_data_of_ones_own():
    for family in FAMILIES:
        own = family_recipe(family, "mine")
        assert (own.name, own.model.family, own.data.dataset) == (f"mine-{family}", family, "mine")
        assert own.expected_accuracy is None
        assert own.train.patience < own.train.epochs


def test_what_is_newer_than_a_stored_recipe_changes_nothing_in_it():
    stored = json.loads(recipe("newsgroups-ngram").to_json())
    for part, names in (("data", ("characters",)), ("train", ("scaling", "class_weight"))):
        for name in names:
            del stored[part][name]
    assert Recipe.from_json(json.dumps(stored)) == recipe("newsgroups-ngram")


def test_every_encoder_fits_a_family_and_every_family_has_one():
    assert {encoder for fitting in FITTING.values() for encoder in fitting} == set(ENCODERS)
    assert all(FITTING.values())


def test_a_transformers_width_is_shared_by_its_heads():
    with pytest.raises(BadInput, match="multiple of heads, not 30 for 4 heads"):
        ModelConfig(family="transformer", embed=30, heads=4)
    assert ModelConfig(family="convnet", embed=30, heads=4).embed == 30


def test_no_seed_is_beyond_what_jax_can_take():
    with pytest.raises(BadInput, match="seed lies between 0 and"):
        TrainConfig(seed=2**31)
