"""The baseline: scikit-learn's logistic regression as a network, and whether another model beats it."""

import json
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse
from sklearn.linear_model import LogisticRegression
from streamlit.testing.v1 import AppTest

from core import load_model
from core.__main__ import main
from core.baseline import fit_baseline
from core.encoders.words import NORM
from core.errors import BadInput, UnknownName
from core.evaluation import evaluate, recommend
from core.explanation.leading import leading_snapshots
from core.linear_solver import LOGISTIC_STEPS, LOGISTIC_TOLERANCE, solve_logistic
from core.losses import cross_entropy_gradients
from core.recipes import BASELINE, family_recipe, is_baseline
from core.saved_models import baseline_pair, model_info, save_model
from core.traits import traits_of
from tests.answers import answered
from tests.toy import toy_data, toy_model, toy_table

TEXTS = ("The cat was there.", "Some very old bread and soup", "", "nothing of all this is known")


def baseline():
    recipe = family_recipe(BASELINE, "toy", traits_of(toy_data()))
    return list(fit_baseline(recipe, toy_data()))[-1]


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_the_weights_give_the_probabilities_of_scikit_learn(classes):
    rng = np.random.default_rng(5)
    rows, labels = scipy.sparse.random(157, 41, 0.2, "csr", rng=rng), rng.integers(0, classes, 157)
    weights = solve_logistic(rows, labels, classes, cost=3.0)
    theirs = LogisticRegression(C=3.0, tol=LOGISTIC_TOLERANCE, max_iter=LOGISTIC_STEPS).fit(rows, labels)
    logits = weights.logits(rows)
    ours = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(ours, theirs.predict_proba(rows), atol=1e-5)
    expected = -np.log(theirs.predict_proba(rows)[np.arange(157), labels]).mean()
    losses, _ = cross_entropy_gradients(logits, labels)
    assert losses.mean() == pytest.approx(expected, abs=1e-5)


def test_a_class_without_a_document_is_not_answered():
    rng = np.random.default_rng(6)
    rows = scipy.sparse.random(61, 23, 0.3, "csr", rng=rng)
    weights = solve_logistic(rows, np.arange(61) % 2 * 2, 4, cost=1.0)
    assert set(weights.logits(rows).argmax(axis=1)) <= {0, 2}
    assert set(solve_logistic(rows, np.full(61, 3), 4, cost=1.0).logits(rows).argmax(axis=1)) == {3}


def test_the_baseline_is_a_linear_model_that_is_explained_exactly_and_comes_back(fresh_home):
    progress = baseline()
    model, data = progress.predictor, toy_data()
    assert is_baseline(model.recipe.name, "toy") and model.is_linear and progress.phase == "done"
    test, valid = evaluate(model, data.test), evaluate(model, data.valid, progress.answers.valid)
    assert test.accuracy > 0.95
    assert all(explanation.exact for explanation in leading_snapshots(model, TEXTS[1]))
    rows = model.encoder.encode(data.train.texts).matrix(model.encoder.size) / NORM
    balanced = LogisticRegression(C=model.recipe.train.cost, tol=LOGISTIC_TOLERANCE, max_iter=LOGISTIC_STEPS)
    told = balanced.fit(rows, data.train.labels).predict(model.encoder.encode(TEXTS).matrix(model.encoder.size) / NORM)
    assert model.predict_proba(TEXTS).argmax(axis=1).tolist() == told.tolist()
    save_model(model, test, name="line", valid=valid)
    np.testing.assert_array_equal(load_model("line").predict_proba(TEXTS), model.predict_proba(TEXTS))


def test_two_runs_of_the_baseline_are_the_same():
    one, other = baseline().predictor, baseline().predictor
    np.testing.assert_array_equal(one.predict_proba(TEXTS), other.predict_proba(TEXTS))


def test_a_model_is_put_beside_the_baseline_of_the_same_documents_only(fresh_home):
    progress, data = baseline(), toy_data()
    line = progress.predictor
    test, valid = evaluate(line, data.test), evaluate(line, data.valid, progress.answers.valid)
    save_model(toy_model("bow"), test, name="other", valid=valid)
    assert baseline_pair(model_info("other")) is None
    save_model(line, test, name="line", valid=valid)
    assert baseline_pair(model_info("line")) is not None
    pair = baseline_pair(model_info("other"))
    assert (
        (pair.baseline.name, pair.model.name)
        == ("line", "other")
        == tuple(info.name for info in baseline_pair(model_info("line")))
    )
    foreign = replace(toy_model("bow"), data_fingerprint="0" * 12)
    save_model(foreign, test, name="foreign", valid=valid)
    assert baseline_pair(model_info("foreign")) is None
    save_model(toy_model("bow"), test, name="older")
    assert baseline_pair(model_info("older")) is None


def test_the_train_page_says_which_to_use_and_offers_the_baseline_where_there_is_none(fresh_home):
    progress, data = baseline(), toy_data()
    test, valid = evaluate(progress.predictor, data.test), evaluate(progress.predictor, data.valid)
    save_model(toy_model("bow"), test, name="other", valid=valid)
    page = AppTest.from_string("from pages.ui.train.advice import show_advice\nshow_advice('other', True)")
    assert "Train the baseline of the same data too" in page.run().caption[0].value
    save_model(progress.predictor, test, name="line", valid=valid)
    page.run()
    assert not page.exception and "Use the baseline, line" in page.info[0].value.replace("\\", "")
    assert "same documents" in page.caption[0].value


def answers(right, wrong, model):
    """Answers to documents of which the given places are wrong."""
    labels = np.arange(right + wrong) % 2
    predicted = np.where(np.arange(right + wrong) < right, labels, 1 - labels)
    return answered(labels, np.eye(2)[predicted], model=model, split="valid")


def test_what_beats_the_baseline_beyond_chance_is_advised_and_nothing_else():
    line, better, alike = answers(80, 20, "line"), answers(95, 5, "better"), answers(82, 18, "alike")
    advice = recommend(line, better)
    assert advice.use == "better" and "Use better: it beats the baseline." in advice.sentence
    assert "McNemar's exact test, p < 0.001" in advice.measured and "100 validation documents" in advice.measured
    assert recommend(line, alike).use == "line" and "beyond chance" in recommend(line, alike).sentence
    assert recommend(better, line).use == "better" and "line is right less often" in recommend(better, line).sentence
    assert recommend(line, answers(80, 20, "same")).use == "line"
    with pytest.raises(BadInput):
        recommend(line, answers(70, 20, "fewer"))


def test_the_baseline_is_trained_on_the_command_line_and_the_next_model_is_held_against_it(
    fresh_home, tmp_path, capsys
):
    data = ["--data", str(toy_table(tmp_path / "notes.csv", rows=311)), "--text", "note", "--label", "kind"]
    assert main(["train", "baseline", *data, "--name", "line", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["model"], told["recipe"], told["epochs"]) == ("line", "notes-baseline", 1)
    assert main(["train", "ngram", *data, "--name", "other", "--epochs", "1"]) == 0
    said = capsys.readouterr().err
    assert "McNemar" in said or "same documents" in said
    assert "Use the baseline, line" in said or "Use other" in said
    assert main(["train", "baseline", *data, "--resume"]) == 2
    assert "nothing to resume" in capsys.readouterr().err


def test_an_unknown_family_is_told_with_the_baseline_among_the_known():
    with pytest.raises(UnknownName, match="baseline"):
        family_recipe("basline", "toy")
