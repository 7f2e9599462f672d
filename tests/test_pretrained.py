import pytest

from core import load_dataset, load_model
from core.checkpoints import list_models, stored_evaluation
from core.evaluation import evaluate
from core.folders import BUNDLED_MODELS
from core.recipes import RECIPES

SHIPPED = ("docstrings-bow", "imdb-best", "imdb-convnet", "newsgroups-bow", "newsgroups-ngram")


def accuracy(name):
    model = load_model(name)
    return evaluate(model, load_dataset(model.recipe.data.dataset).test).accuracy


def stored(name):
    return next(info.accuracy for info in list_models() if info.name == name and info.bundled)


def test_the_models_that_ship_are_there_and_together_under_40_mb():
    assert {folder.name for folder in BUNDLED_MODELS.iterdir() if folder.is_dir()} == set(SHIPPED)
    assert sum(file.stat().st_size for file in BUNDLED_MODELS.rglob("*") if file.is_file()) < 40e6


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_was_made_by_the_recipe_of_its_name(name):
    made, written = load_model(name).recipe, RECIPES[name]
    assert (made.data, made.model, made.train) == (written.data, written.model, written.train)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_stored_answers_of_a_shipped_model_have_its_stored_accuracy(name):
    assert stored_evaluation(name).accuracy == pytest.approx(stored(name), abs=1e-3)


@pytest.mark.parametrize("name", [name for name in SHIPPED if not name.startswith("docstrings")])
@pytest.mark.data
def test_a_shipped_model_reproduces_its_accuracy(name):
    assert accuracy(name) == pytest.approx(stored(name), abs=1e-3)


def test_the_docstring_model_reproduces_its_accuracy_on_the_packages_it_learned_from():
    # Other versions of the packages are other documents, about as easy.
    same = load_model("docstrings-bow").data_fingerprint == load_dataset("docstrings").fingerprint
    assert accuracy("docstrings-bow") == pytest.approx(stored("docstrings-bow"), abs=1e-3 if same else 0.03)


@pytest.mark.parametrize(
    ("name", "least"),
    [("imdb-convnet", 0.885), ("imdb-best", 0.918), ("newsgroups-bow", 0.974), ("newsgroups-ngram", 0.982)],
)
def test_a_shipped_model_is_as_good_as_it_is_said_to_be(name, least):
    assert stored(name) >= least
