import dataclasses
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from core.calibration import fitted_temperature
from core.config import FAMILIES, ModelConfig
from core.errors import TrainingFailed
from core.evaluation import evaluate
from core.losses import cross_entropy
from core.models import build_model
from core.optimizers import optimizer
from core.schema import Batch, TextDataset
from core.training import TrainState, fit, random_key, train_step
from tests.toy import CLASS_NAMES, toy_data, toy_recipe, toy_split


def last(progress):
    return list(progress)[-1]


def with_texts(split, texts, labels):
    return dataclasses.replace(split, texts=tuple(texts), labels=np.array(labels, np.int32))


def without_seconds(history):
    return [dataclasses.replace(record, seconds=0) for record in history]


def small(train_texts, train_labels):
    """The toy data with other documents to learn from."""
    data = toy_data()
    return dataclasses.replace(data, train=with_texts(data.train, train_texts, train_labels))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_network_learns_which_words_mean_what(family):
    data = toy_data()
    done = last(fit(toy_recipe(family, patience=0), data, seed=1))
    assert evaluate(done.predictor, data.test).accuracy > 0.95


@pytest.mark.parametrize("family", FAMILIES)
def test_fewer_documents_than_a_batch_train_be_they_of_one_token_or_of_none(family):
    texts = ["cat", "soup", "rain", "", "horse", "!", "storm"]
    done = last(fit(toy_recipe(family, batch=64, epochs=2), small(texts, [0, 1, 2, 0, 0, 1, 2])))
    assert (done.steps, len(done.history)) == (2, 2)
    assert np.isfinite([record.train_loss for record in done.history]).all()
    assert np.isfinite(done.predictor.predict_proba(["cat", ""])).all()


@pytest.mark.parametrize("family", ["bow", "transformer"])
def test_a_document_far_longer_than_the_others_trains(family):
    few = toy_split("train", 13, 8)
    texts = (*few.texts[:-1], "rain and " * 3000)
    done = last(fit(toy_recipe(family, batch=8, epochs=1), small(texts, few.labels)))
    assert np.isfinite(done.history[0].train_loss)


@pytest.mark.parametrize("family", ["ngram", "wide"])
def test_the_loss_of_a_margin_learns_as_well_and_ends_in_probabilities(family):
    data = toy_data()
    done = last(fit(toy_recipe(family, loss="squared_hinge", linear_rate=0.3, epochs=8, patience=0), data, seed=1))
    found = evaluate(done.predictor, data.test)
    assert found.accuracy > 0.95
    assert found.loss < 0.3


def test_a_predictor_is_as_sure_as_its_validation_split_allows():
    data = toy_data()
    model = last(fit(toy_recipe("ngram", epochs=3, patience=0), data)).predictor
    as_trained = np.log(dataclasses.replace(model, temperature=1.0).predict_proba(data.valid.texts))
    assert model.temperature == pytest.approx(fitted_temperature(as_trained, data.valid.labels), rel=1e-2)
    assert model.temperature != pytest.approx(1, abs=0.1)
    sure = model.predict_proba(data.valid.texts).max(axis=1)
    assert sure.mean() == pytest.approx(48 / 49, abs=0.02)  # all 47 are right


@pytest.mark.parametrize("family", ["convnet", "wide"])
def test_the_same_seed_gives_the_same_model_and_another_seed_another(family):
    data = toy_data()
    changes = {"epochs": 1, "dropout": 0.3, "word_dropout": 0.2}
    answers = [last(fit(toy_recipe(family, **changes), data, seed=s)).predictor for s in (1, 1, 2)]
    first, again, other = (model.predict_proba(data.test.texts) for model in answers)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_progress_climbs_from_nothing_to_done():
    told = list(fit(toy_recipe("bow", epochs=3, patience=0), toy_data()))
    assert told[0].phase == "encoding"
    assert told[-1].phase == "done"
    assert told[-1].fraction == 1.0
    assert [record.epoch for record in told[-1].history] == [1, 2, 3]
    assert all(a.step <= b.step for a, b in itertools.pairwise(told))
    assert [p for p in told if p.predictor is not None] == [told[-1]]


def test_the_predictor_has_the_weights_of_the_best_epoch_on_validation():
    data = toy_data()
    done = last(fit(toy_recipe("bow", epochs=6, patience=0, learning_rate=0.3, warmup=0.0), data))
    best = min(done.history, key=lambda record: (-record.valid_accuracy, record.valid_loss))
    assert done.best_epoch == best.epoch
    assert evaluate(done.predictor, data.valid).accuracy == best.valid_accuracy
    as_trained = dataclasses.replace(done.predictor, temperature=1.0)
    assert evaluate(as_trained, data.valid).loss == pytest.approx(best.valid_loss, abs=1e-4)


def test_training_stops_when_patience_is_at_its_end():
    done = last(fit(toy_recipe("bow", epochs=60, patience=2, learning_rate=0.1), toy_data()))
    assert len(done.history) < 60
    assert len(done.history) == done.best_epoch + 2


def test_a_loss_that_is_not_finite_names_its_step(monkeypatch):
    import core.training.run

    def exploding(config, steps, ratios):
        import optax

        return optax.sgd(lambda step: jnp.where(step == 4, jnp.inf, 0.01))

    monkeypatch.setattr(core.training.run, "optimizer", exploding)
    with pytest.raises(TrainingFailed, match="at step 6"):
        last(fit(toy_recipe("bow"), toy_data()))


@pytest.mark.parametrize("part", ["train", "valid"])
def test_a_class_that_is_missing_from_a_split_is_named_before_any_work(part):
    data = toy_data()
    split = data.splits[part]
    without = with_texts(split, split.texts, np.where(split.labels == 1, 2, split.labels))
    sentence = f"The class '{CLASS_NAMES[1]}' has no document in the {part} split; add some or leave the class out."
    with pytest.raises(TrainingFailed) as told:
        next(fit(toy_recipe("bow"), dataclasses.replace(data, **{part: without})))
    assert str(told.value) == sentence


def test_a_class_without_documents_is_named_before_any_work():
    data = toy_data()
    names = (*data.class_names, "nobody")
    splits = {name: dataclasses.replace(split, class_names=names) for name, split in data.splits.items()}
    with pytest.raises(TrainingFailed, match="'nobody'"):
        last(fit(toy_recipe("bow"), TextDataset(name="toy", **splits)))


OTHER_TESTS = {
    "none": ((), ()),
    "of wrong labels": (toy_data().test.texts, np.roll(toy_data().test.labels, 1)),
    "of other words": (("zebra", "", "horse soup rain", "storm"), (2, 2, 2, 1)),
}


@pytest.mark.parametrize(("texts", "labels"), OTHER_TESTS.values(), ids=OTHER_TESTS)
def test_nothing_is_decided_by_the_test_split(texts, labels):
    data, recipe = toy_data(), toy_recipe("bow", epochs=4, patience=1, dropout=0.2)
    done = last(fit(recipe, data))
    other = last(fit(recipe, dataclasses.replace(data, test=with_texts(data.test, texts, labels))))
    assert without_seconds(other.history) == without_seconds(done.history)
    one, two = other.predictor, done.predictor
    np.testing.assert_array_equal(one.predict_proba(data.test.texts), two.predict_proba(data.test.texts))
    assert one.novelty("the cat") == two.novelty("the cat")
    assert (other.answers.test is None) == (other.answers.epochs is None) == (not len(texts))


@pytest.mark.parametrize("family", ["bow", "wide"])
def test_what_a_run_answered_is_what_its_model_answers(family):
    data = toy_data()
    done = last(fit(toy_recipe(family, epochs=5, patience=0, learning_rate=0.002), data))
    np.testing.assert_array_equal(done.answers.test, evaluate(done.predictor, data.test).probabilities)
    np.testing.assert_array_equal(done.answers.valid, evaluate(done.predictor, data.valid).probabilities)
    assert (done.answers.epochs.shape, done.answers.epochs.dtype) == ((5, 92), np.uint8)
    np.testing.assert_array_equal(done.answers.epochs[done.best_epoch - 1], done.answers.test.argmax(axis=1))


def test_the_answers_after_every_epoch_follow_the_learning():
    data = toy_data()
    done = last(fit(toy_recipe("bow", epochs=6, patience=0, learning_rate=0.002, warmup=0.0), data))
    right = (done.answers.epochs == data.test.labels).mean(axis=1)
    known = np.array([record.valid_accuracy for record in done.history])
    assert known[0] < 0.8 < known[-1]
    np.testing.assert_allclose(right, known, atol=0.15)


def test_a_run_that_stopped_early_has_answers_for_the_epochs_that_it_had():
    done = last(fit(toy_recipe("bow", epochs=60, patience=2, learning_rate=0.1), toy_data()))
    assert len(done.answers.epochs) == len(done.history) < 60


def test_fill_rows_have_no_influence_on_a_step():
    config = ModelConfig(family="bow", embed=5, hidden=4, dropout=0.0)
    graph, params = nnx.split(build_model(config, (9,), 3, rngs=nnx.Rngs(0)))
    tx = optimizer(toy_recipe("bow").train, 10)

    def stepped(rows):
        copied = jax.tree.map(jnp.copy, params)
        state = TrainState(copied, tx.init(copied), jnp.int32(0), jnp.float32(0), jnp.int32(0))
        ids = np.array([[1, 2, 9], [3, 4, 5], [7, 7, 7]], np.int32)[:rows]
        values = np.array([[1, 1, 0], [1, 1, 1], [1, 1, 1]], np.float32)[:rows]
        labels, weights = np.array([0, 2, 1], np.int32), np.array([1, 1, 0], np.float32)
        batch = Batch((ids, values), labels[:rows], weights[:rows], (np.arange(10, dtype=np.int32),))
        return train_step(graph, tx, cross_entropy, state, batch, random_key(0))

    (with_fill, loss_with), (without, loss_without) = stepped(3), stepped(2)
    assert float(loss_with) == pytest.approx(float(loss_without), abs=1e-6)
    for a, b in zip(jax.tree.leaves(with_fill.params), jax.tree.leaves(without.params), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_each_head_of_a_network_learns_by_itself():
    # The mean loss of both heads is not that of their mean: each has a gradient of its own.
    config = ModelConfig(family="wide", embed=5, hidden=4, kernel=2, widths=1, dropout=0.0)
    graph, params = nnx.split(build_model(config, (9, 13), 3, rngs=nnx.Rngs(0)))
    tx = optimizer(toy_recipe("wide").train, 10, np.ones((14, 3), np.float32))
    state = TrainState(params, tx.init(params), jnp.int32(0), jnp.float32(0), jnp.int32(0))
    ids, bags = np.array([[1, 2, 9], [3, 4, 5]], np.int32), np.array([[0, 12, 5, 13], [7, 1, 2, 3]], np.int32)
    values, weights = (ids < 9).astype(np.float32), (bags < 13).astype(np.float32)
    labels = np.array([2, 0], np.int32)
    heads = nnx.merge(graph, params)(ids, values, bags, weights, rngs=nnx.Rngs(0))
    expected = np.mean([cross_entropy(heads[:, head], labels).mean() for head in range(2)])
    rows = (np.arange(10, dtype=np.int32), np.arange(14, dtype=np.int32))
    batch = Batch((ids, values, bags, weights), labels, np.ones(2, np.float32), rows)
    _, loss = train_step(graph, tx, cross_entropy, state, batch, random_key(0))
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize(("family", "stop"), [("bow", 20), ("bow", 33), ("ngram", 20), ("wide", 45)])
def test_an_interrupted_run_goes_on_as_if_nothing_had_happened(fresh_home, monkeypatch, family, stop):
    import core.training.resume

    recipe, data = toy_recipe(family, epochs=3, patience=0, dropout=0.3), toy_data()
    whole = last(fit(recipe, data))
    monkeypatch.setattr(core.training.resume, "KEEP_INTERVAL_SECONDS", -1.0)
    for progress in fit(recipe, data, keep="mine"):
        if progress.step >= stop:
            break
    resumed = list(fit(recipe, data, keep="mine"))
    first = next(progress for progress in resumed if progress.train_loss is not None)
    assert stop <= first.step <= stop + 2
    assert without_seconds(resumed[-1].history) == without_seconds(whole.history)
    texts = data.test.texts
    np.testing.assert_array_equal(resumed[-1].predictor.predict_proba(texts), whole.predictor.predict_proba(texts))
    for name in ("valid", "test", "epochs"):
        np.testing.assert_array_equal(getattr(resumed[-1].answers, name), getattr(whole.answers, name))


def test_a_run_with_other_settings_starts_anew(fresh_home, monkeypatch):
    import core.training.resume

    monkeypatch.setattr(core.training.resume, "KEEP_INTERVAL_SECONDS", -1.0)
    told = fit(toy_recipe("bow", epochs=4), toy_data(), keep="mine")
    while next(told).step < 20:
        pass
    told.close()
    steps = [progress.step for progress in fit(toy_recipe("bow", epochs=3), toy_data(), keep="mine")]
    assert steps[:2] == [0, 0] and steps[2] < 5


def test_one_step_is_enough_of_a_schedule():
    done = last(fit(toy_recipe("bow", epochs=1, batch=512), toy_data()))
    assert done.steps == 1
    assert np.isfinite(done.history[0].valid_loss)
