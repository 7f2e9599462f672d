import functools
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from flax import nnx
from sklearn.svm import LinearSVC

from core.__main__ import main
from core.auto import (
    BASELINE,
    FACTORS,
    FOLDS,
    baseline_recipe,
    chosen,
    cross_validated,
    encode,
    fit_best,
    folds,
    search,
    solution,
)
from core.batching import Layout, bucket, few_lengths
from core.datasets import load_table
from core.encoders.words import NORM
from core.errors import BadInput
from core.evaluation.intervals import wilson
from core.explanation import explain
from core.linear_solver import TOGETHER, solve
from core.losses import LOSSES, squared_hinge_gradients
from core.recipes import candidates, family_recipe
from core.schema import Encoded, Split, TextDataset, Trial
from core.training import fit
from core.training.run import class_weights
from core.traits import Traits, traits_of
from tests.toy import toy_data, toy_table

TRAITS = {"rows": 3000, "classes": 4, "words": 12, "unspaced": 0.0, "imbalance": 1.0}


def suited(family="ngram", **traits):
    return family_recipe(family, "mine", Traits(**TRAITS | traits))


def data_of(texts, labels):
    """The texts as every split."""
    names = tuple(f"class {i}" for i in range(max(labels) + 1))
    splits = {
        name: Split(dataset="x", name=name, texts=tuple(texts), labels=np.array(labels, np.int32), class_names=names)
        for name in ("train", "valid", "test")
    }
    return TextDataset(name="x", **splits)


@functools.cache
def toy_best():
    data = toy_data()
    return list(fit_best(candidates("toy", traits_of(data)), data, seed=3))


def test_auto_keeps_what_is_best_on_validation_and_tells_all_that_it_tried():
    last = toy_best()[-1]
    assert [trial.title for trial in last.trials][-1] == BASELINE and len(last.trials) == 3
    (best,) = [trial for trial in last.trials if trial.is_chosen]
    assert best.score == max(trial.score for trial in last.trials)
    found = last.answers.valid.argmax(axis=1) == toy_data().valid.labels
    assert found.mean() == pytest.approx(best.accuracy.value)
    assert best.accuracy.low <= best.accuracy.value <= best.accuracy.high


def test_only_the_last_progress_of_auto_carries_a_predictor():
    assert [progress.predictor is not None for progress in toy_best()].count(True) == 1
    assert toy_best()[-1].phase == "done" and toy_best()[-1].predictor.recipe.name == "toy-auto"


def test_a_small_validation_split_leaves_the_choice_to_cross_validation():
    trials = toy_best()[-1].trials
    assert all(trial.score == trial.cross_validated for trial in trials)
    data = toy_data()
    large = replace(data, valid=replace(data.valid, texts=data.valid.texts * 11, labels=np.tile(data.valid.labels, 11)))
    recipe = candidates("toy", traits_of(large))[0]
    trial = solution(recipe, encode(recipe.data, large)).trial
    assert trial.cross_validated is None and trial.score == (trial.accuracy.value + trial.macro_f1) / 2


def test_every_fold_has_its_share_of_every_class():
    labels = np.array([0] * 30 + [1] * 9 + [2] * 3)
    found = folds(labels, seed=4)
    counts = np.array([np.bincount(labels[found == fold], minlength=3) for fold in range(FOLDS)])
    np.testing.assert_array_equal(counts, [[10, 3, 1]] * FOLDS)
    assert (folds(labels, seed=5) != found).any()


def test_labels_by_chance_are_found_by_chance_in_cross_validation():
    data = toy_data()
    labels = np.random.default_rng(0).permutation(data.train.labels)
    data = replace(data, train=replace(data.train, labels=labels))
    recipe = candidates("toy", traits_of(data))[0]
    assert cross_validated(recipe, encode(recipe.data, data)) == pytest.approx(1 / 3, abs=0.1)


def test_the_strength_of_what_is_chosen_is_one_of_those_tried():
    data = toy_data()
    recipes = candidates("toy", traits_of(data))
    found = [search(recipe, encode(recipe.data, data)) for recipe in recipes]
    for recipe, best in zip(recipes, found, strict=True):
        costs = [recipe.train.cost * factor for factor in FACTORS]
        assert best.recipe.train.cost in costs
        tried = [solution(recipe.with_settings(cost=cost), best.bags).trial.score for cost in costs]
        assert best.trial.score == max(tried)


def some_bags():
    """(60, 17) sparse rows, and labels (60,) of three classes that two columns tell."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 3, 60)
    bags = rng.random((60, 17)) * (rng.random((60, 17)) < 0.4)
    bags[np.arange(60), labels] += 1.0
    return scipy.sparse.csr_matrix(bags), labels


def test_machines_are_those_of_scikit_learn_one_by_one_or_all_at_once(monkeypatch):
    bags, labels = some_bags()
    weights = np.linspace(0.5, 2.0, 60)
    together = solve(bags, labels, 3, cost=0.7, document_weights=weights, tolerance=1e-8)
    machine = LinearSVC(C=0.7, tol=1e-8, random_state=0).fit(bags, labels, sample_weight=weights)
    np.testing.assert_allclose(together.table, machine.coef_.T, atol=1e-4)
    np.testing.assert_allclose(together.logits(bags), machine.decision_function(bags), atol=1e-4)
    monkeypatch.setattr("core.linear_solver.TOGETHER", 0)
    apart = solve(bags, labels, 3, cost=0.7, document_weights=weights, tolerance=1e-8)
    np.testing.assert_allclose(apart.table, together.table, atol=1e-4)
    np.testing.assert_allclose(apart.bias, together.bias, atol=1e-4)
    assert TOGETHER > 1_000_000


def test_ratios_scale_the_columns_and_are_no_part_of_what_is_asked():
    bags, labels = some_bags()
    is_last = (labels == 2).astype(int)
    ratios = np.random.default_rng(1).normal(size=(17, 1)).astype(np.float32) * [-1, 1]
    found = solve(bags, is_last, 2, cost=0.7, ratios=ratios, tolerance=1e-8)
    scaled = bags @ scipy.sparse.diags(ratios[:, 1])
    machine = LinearSVC(C=0.7, tol=1e-8, random_state=0).fit(scaled, is_last)
    np.testing.assert_allclose(found.logits(bags)[:, 1], machine.decision_function(scaled), atol=1e-4)
    np.testing.assert_allclose(found.logits(bags).sum(axis=1), 0, atol=1e-5)


@pytest.mark.parametrize("together", [0, 10_000])
def test_a_class_without_documents_is_never_answered(together, monkeypatch):
    monkeypatch.setattr("core.linear_solver.TOGETHER", together)
    bags, labels = some_bags()
    for kept in ((0, 2), (1,)):
        rows = np.flatnonzero(np.isin(labels, kept))
        found = solve(bags[rows], labels[rows], 4, cost=1.0)
        assert set(found.logits(bags).argmax(axis=1)) == set(kept)


def test_the_hinge_loss_without_jax_is_that_of_training():
    logits = np.random.default_rng(2).normal(size=(11, 4)).astype(np.float32)
    labels = np.arange(11) % 4
    losses, _ = squared_hinge_gradients(logits, labels)
    assert losses.mean() == pytest.approx(float(LOSSES["squared_hinge"](logits, labels).mean()))


def test_of_equals_the_first_is_chosen():
    trials = [Trial(title=t, accuracy=wilson(9, 10), macro_f1=0.9, seconds=1.0, settings={}) for t in "ab"]
    assert [trial.is_chosen for trial in chosen(trials)] == [True, False]


@pytest.mark.parametrize("classes", [2, 3])
def test_the_baseline_answers_as_the_machine_does_whose_weights_it_has(classes):
    data = toy_data()
    if classes == 2:
        data = data_of(data.train.texts, [label % 2 for label in data.train.labels])
    recipe = baseline_recipe(candidates(data.name, traits_of(data))[0])
    found = search(recipe, encode(recipe.data, data), is_baseline=True)
    encoder = found.bags.encoder

    def matrix(texts):
        bag = encoder.encode(texts)
        return scipy.sparse.csr_matrix((bag.values / NORM, bag.ids, bag.offsets), (len(bag), encoder.size))

    machine = LinearSVC(random_state=0).fit(matrix(data.train.texts), data.train.labels)
    logits = found.weights.logits(encoder.encode(data.test.texts).matrix(encoder.size))
    np.testing.assert_array_equal(logits.argmax(1), machine.predict(matrix(data.test.texts)))


def test_what_auto_chose_is_explained_exactly():
    explanation = explain(toy_best()[-1].predictor, "the old cat was there again", samples=400, words=5)
    assert explanation.words[0].word == "cat"


def test_traits_tell_rows_classes_words_script_and_imbalance():
    found = traits_of(data_of(["one two three", "one", "one two", "three four"], [0, 0, 0, 1]))
    assert (found.rows, found.classes, found.words, found.unspaced, found.imbalance) == (4, 2, 2, 0.0, 3.0)
    assert traits_of(data_of(["这是一家很好的酒店", "不好 OK"], [0, 1])).unspaced > 0.8


def test_settings_of_phrases_follow_from_the_data():
    assert (suited().data.characters, suited().data.ngrams, suited().data.min_count) == (4, 2, 1)
    chinese = suited(unspaced=0.9)
    assert (chinese.data.characters, chinese.data.ngrams) == (0, 3)
    large = suited(rows=100_000, words=200)
    assert (large.data.characters, large.data.min_count) == (0, 2)
    assert suited(rows=720_000, words=3).data.characters == 0
    assert suited(classes=1000).data.vocabulary == 25_000
    losses = [suited(classes=classes).train.loss for classes in (2, 77)]
    assert losses == ["cross_entropy", "squared_hinge"]
    assert [suited(imbalance=ratio).train.class_weight for ratio in (1.0, 12.0)] == ["none", "balanced"]


def test_one_network_is_tried_beside_the_baseline_where_classes_are_many():
    assert [len(candidates("mine", Traits(**TRAITS | {"classes": classes}))) for classes in (2, 20, 77)] == [2, 2, 1]


def test_settings_of_a_bag_survive_many_classes():
    few, many = (suited("bow", classes=classes, rows=50_000) for classes in (4, 77))
    assert few.model == family_recipe("bow", "mine").model
    assert many.model.dropout < few.model.dropout and many.model.word_dropout < few.model.word_dropout


def test_classes_count_alike_when_they_are_balanced():
    labels = np.array([0] * 6 + [1] * 3 + [2] * 3)
    weights = class_weights("balanced", labels, 3)
    np.testing.assert_allclose(weights[labels].mean(), 1)
    np.testing.assert_allclose(np.bincount(labels) * weights, 4)
    np.testing.assert_array_equal(class_weights("none", labels, 3), 1)


def test_sums_without_jax_are_those_of_the_network():
    progress = toy_best()[-1].predictor
    network = nnx.merge(progress.graph, progress.state)
    bag = progress.encoder.encode(["the cat", "", "rain and soup today"])
    for row, found in enumerate(network.many_logits(bag)):
        here = slice(bag.offsets[row], bag.offsets[row + 1])
        np.testing.assert_allclose(network(bag.ids[None, here], bag.values[None, here])[0], found, atol=1e-5)


def test_bags_of_few_documents_have_two_lengths():
    lengths = [10] * 95 + [70] * 4 + [300]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    nothing = np.zeros(offsets[-1])
    bags = Encoded(ids=nothing.astype(np.int32), values=nothing.astype(np.float32), offsets=offsets, ordered=False)
    assert few_lengths(bags) == (128, 320)
    many = np.arange(20_001 + 1) * 70
    assert few_lengths(replace(bags, ids=np.zeros(0), values=np.zeros(0), offsets=many)) == (128,)
    layout = Layout(8, 8, (5,), lengths=(128, 320))
    assert [layout.padded(length, False) for length in (1, 128, 129, 400)] == [128, 128, 320, bucket(400, False)]


def test_a_table_without_a_family_is_given_to_auto(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("WHYWORD_HOME", str(tmp_path / "home"))
    table = str(toy_table(tmp_path / "toys.csv"))
    columns = ["--data", table, "--text", "note", "--label", "kind"]
    assert main(["train", *columns, "--json"]) == 0
    told = capsys.readouterr()
    answer = json.loads(told.out)
    assert answer["model"] == "toys-auto" and sum(trial["is_chosen"] for trial in answer["trials"]) == 1
    assert BASELINE in told.err and "chosen" in told.err
    assert main(["train", "auto", *columns, "--resume"]) == 2
    assert "name a model family" in capsys.readouterr().err
    assert main(["train", "auto", *columns, "--epochs", "3"]) == 2
    assert "has no epochs" in capsys.readouterr().err
    assert main(["train"]) == 2 and "--data FILE" in capsys.readouterr().err


BAD = {
    "texts that are numbers": [(str(i * 37 % 1000), "ab"[i % 2]) for i in range(300)],
    "texts of one character": [(chr(0x4E00 + i), "ab"[i % 2]) for i in range(300)],
    "one class with nearly all": [(f"word{i} again", "b" if i % 50 == 0 else "a") for i in range(600)],
    "one class with 99.9%": [(f"word{i % 700} {i} again", "b" if i % 1000 == 0 else "a") for i in range(10_000)],
    "the same words in all": [(f"all of it {'.' * i}", "ab"[i % 2]) for i in range(60)],
}


@pytest.mark.parametrize("rows", BAD.values(), ids=BAD)
def test_odd_tables_give_a_model(rows, tmp_path):
    path = tmp_path / "odd.csv"
    pd.DataFrame(rows, columns=["text", "label"]).to_csv(path, index=False)
    data = load_table(path, "text", "label")
    last = list(fit_best(candidates(data.name, traits_of(data)), data))[-1]
    assert np.isfinite(last.answers.test).all()
    np.testing.assert_allclose(last.answers.test.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    "rows", [[("the same", "ab"[i % 2]) for i in range(90)], [(f"text {i}", str(i // 2)) for i in range(90)]]
)
def test_tables_that_teach_nothing_are_refused_in_a_sentence(rows, tmp_path):
    path = tmp_path / "odd.csv"
    pd.DataFrame(rows, columns=["text", "label"]).to_csv(path, index=False)
    with pytest.raises(BadInput, match=r"different text|are the same"):
        load_table(path, "text", "label")


@pytest.mark.parametrize(("usual", "lengths"), [(13, (16,)), (48, (48,)), (49, ())])
def test_short_texts_in_order_have_a_length_below_the_smallest_bucket(usual, lengths):
    sizes = [usual] * 96 + [300] * 4
    nothing = np.zeros(sum(sizes))
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    texts = Encoded(ids=nothing.astype(np.int32), values=nothing.astype(np.float32), offsets=offsets)
    assert texts.ordered and few_lengths(texts) == lengths
    assert Layout(8, 8, (5,), lengths=lengths).padded(300, True) == 320


@pytest.mark.parametrize("family", ["bow", "convnet"])
def test_networks_get_as_many_steps_as_they_need_and_are_not_stopped_early(family):
    small, large = suited(family, rows=2000), suited(family, rows=20_000)
    assert small.train.epochs > large.train.epochs
    assert suited(family, classes=77).train.epochs > small.train.epochs * 2000 / 3000
    assert suited(family, rows=1_000_000).train.epochs == 3 and suited(family, rows=100).train.epochs == 25
    assert small.train.patience == large.train.patience == 0


@pytest.mark.parametrize("family", ["ngram", "bow", "convnet"])
def test_documents_of_rare_classes_count_more_in_every_family(family):
    assert [suited(family, imbalance=ratio).train.class_weight for ratio in (1.2, 12.0)] == ["none", "balanced"]


def test_bags_read_pairs_and_leave_rare_ones_out_of_large_tables():
    small, large = suited("bow"), suited("bow", rows=100_000, words=200)
    assert (small.data.ngrams, small.data.min_count) == (2, 1)
    assert (large.data.ngrams, large.data.min_count) == (2, 2)


def test_few_texts_have_a_smaller_vocabulary_of_byte_pairs():
    assert suited("convnet", rows=5000).data.vocabulary < suited("convnet", rows=50_000).data.vocabulary


def test_a_bag_with_settings_from_the_data_tells_many_classes_apart():
    words = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in "prst"][:40]
    rng = np.random.default_rng(0)
    labels = np.arange(1200) % 40
    texts = [f"{words[label]} {' '.join(rng.choice(words, 1))} now {i}" for i, label in enumerate(labels)]
    data = data_of(texts, labels)
    recipe = family_recipe("bow", data.name, traits_of(data))
    accuracies = [record.valid_accuracy for record in list(fit(recipe, data))[-1].history]
    assert max(accuracies) > 0.9
