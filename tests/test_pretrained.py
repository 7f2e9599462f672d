import numpy as np
import pytest

from core import load_dataset, load_model
from core.evaluation import check_label_sets, evaluate, label_set_rule
from core.findings import stored_global_words
from core.folders import BUNDLED_MODELS
from core.recipes import RECIPES
from core.saved_models import list_models, stored_epochs, stored_evaluation, stored_history

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
    answers = stored_evaluation(name)
    assert answers.accuracy == pytest.approx(stored(name), abs=1e-3)
    assert 0 < answers.probabilities.min() < answers.probabilities.max() < 1  # rounding alone makes nothing certain


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


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_has_its_answers_to_validation_and_after_every_epoch(name):
    epochs, test, valid = stored_epochs(name), stored_evaluation(name), stored_evaluation(name, "valid")
    best = stored_history(name)[epochs.best_epoch - 1]
    assert valid.accuracy == pytest.approx(best.valid_accuracy, abs=1e-3)
    assert epochs.predictions.shape == (len(stored_history(name)), len(test))
    np.testing.assert_array_equal(epochs.labels, test.labels)
    np.testing.assert_array_equal(epochs.predictions[epochs.best_epoch - 1], test.predictions)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_a_shipped_model_keeps_to_tell_unlike_texts_is_small(name):
    assert (BUNDLED_MODELS / name / "reference.npz").stat().st_size < 100_000


def share_unlike(name, texts):
    """Share of the texts that the model takes for unlike those that it learned from."""
    model = load_model(name)
    return np.mean([model.novelty(text).is_novel for text in texts])


def some_of(dataset, split="test", most=400):
    """Documents of a data set, evenly spread over it."""
    texts = load_dataset(dataset).splits[split].texts
    return texts[:: -(-len(texts) // most)]


GERMAN = (
    "Der Film erzählt von zwei Brüdern, die nach dem Krieg auf den Hof ihrer Eltern zurückkehren und dort nichts mehr "
    "so vorfinden, wie sie es verlassen haben. Die Bilder sind schön, die Musik ist es nicht immer.",
    "Wer einen gebrauchten Wagen kauft, sollte sich die Papiere genau ansehen und eine längere Strecke fahren, am "
    "besten auch über die Autobahn, bevor er sich entscheidet.",
    "In der letzten Minute schoss der Verteidiger den Ausgleich, und die Halle bebte, bis der Schiedsrichter das Spiel "
    "wegen des Rauchs unterbrechen musste.",
)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_text_in_a_language_that_a_shipped_model_never_read_is_unlike(name):
    assert share_unlike(name, GERMAN) == 1


@pytest.mark.parametrize("name", [name for name in SHIPPED if not name.startswith("docstrings")])
@pytest.mark.data
def test_about_one_test_document_in_twenty_is_unlike(name):
    assert 0.02 < share_unlike(name, some_of(load_model(name).recipe.data.dataset)) < 0.1


@pytest.mark.parametrize(
    ("name", "dataset", "least"),
    [
        ("imdb-convnet", "docstrings", 0.9),
        ("imdb-best", "docstrings", 0.9),
        ("imdb-convnet", "newsgroups", 0.8),
        ("imdb-best", "newsgroups", 0.8),
        ("docstrings-bow", "imdb", 0.9),
        ("docstrings-bow", "newsgroups", 0.85),
    ],
)
@pytest.mark.data
def test_documents_of_another_data_set_are_mostly_unlike(name, dataset, least):
    assert share_unlike(name, some_of(dataset)) > least


@pytest.mark.parametrize(("name", "least"), [("newsgroups-ngram", 0.33), ("newsgroups-bow", 0.2)])
@pytest.mark.data
def test_posts_are_about_so_much_that_a_review_is_often_like_one(name, least):
    assert least < share_unlike(name, some_of("imdb")) < 0.7


@pytest.mark.parametrize("name", SHIPPED)
def test_label_sets_of_a_shipped_model_hold_the_true_class_about_as_often_as_asked(name):
    rule = label_set_rule(stored_evaluation(name, "valid"), 0.98)
    assert check_label_sets(rule, stored_evaluation(name)).coverage.value == pytest.approx(0.98, abs=0.015)


def test_the_convnets_probabilities_are_right_about_as_often_as_they_say():
    assert stored_evaluation("imdb-convnet").ece < 0.03


@pytest.mark.parametrize("name", SHIPPED)
def test_the_words_of_a_shipped_model_are_kept_with_it(name):
    words = stored_global_words(name)
    assert [each.class_name for each in words.classes] == list(load_model(name).class_names)
    assert all(each.speaking_for and each.speaking_against for each in words.classes) and words.picks
