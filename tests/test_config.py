import pytest

from core.config import DataConfig, ModelConfig, Recipe, TrainConfig, settings
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


@pytest.mark.parametrize("bad", [{"epochs": "many"}, {"epochs": 0}, {"dropout": 1.5}, {"lowercase": "maybe"}])
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
    with pytest.raises(UnknownName, match="convnet"):
        ModelConfig(family="rnn")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"name": "x"}', '{"data": {"dataset": "x", "sauce": 1}}'])
def test_a_recipe_of_another_version_is_refused_in_a_sentence(text):
    with pytest.raises(BadInput, match="newer version"):
        Recipe.from_json(text)


def test_no_setting_stands_in_two_parts():
    from dataclasses import fields

    names = [spec.name for kind in (DataConfig, ModelConfig, TrainConfig) for spec in fields(kind)]
    assert len(names) == len(set(names)) == len(settings())


@pytest.mark.parametrize("change", [{"family": "convnet"}, {"encoder": "bpe"}])
def test_a_family_is_not_given_an_encoder_that_it_cannot_read(change):
    with pytest.raises(BadInput, match="needs the encoder"):
        recipe("newsgroups-bow").with_settings(**change)
