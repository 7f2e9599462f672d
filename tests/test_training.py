import dataclasses
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from core.config import ModelConfig
from core.errors import TrainingFailed
from core.evaluation import evaluate
from core.models import build_model
from core.schema import Batch, Split, TextDataset
from core.training import TrainState, fit, optimizer, train_step
from tests.toy import toy_data, toy_recipe


def last(progress):
    return list(progress)[-1]


@pytest.mark.parametrize("family", ["bow", "convnet"])
def test_a_network_learns_which_words_mean_what(family):
    data = toy_data()
    done = last(fit(toy_recipe(family, patience=0), data, seed=1))
    assert evaluate(done.predictor, data.test).accuracy > 0.95


def test_the_same_seed_gives_the_same_model_and_another_seed_another():
    data = toy_data()
    answers = [last(fit(toy_recipe("convnet", epochs=1), data, seed=s)).predictor for s in (1, 1, 2)]
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
    assert evaluate(done.predictor, data.valid).loss == pytest.approx(best.valid_loss, abs=1e-4)


def test_training_stops_when_patience_is_at_its_end():
    done = last(fit(toy_recipe("bow", epochs=60, patience=2, learning_rate=0.1), toy_data()))
    assert len(done.history) < 60
    assert len(done.history) == done.best_epoch + 2


def test_a_loss_that_is_not_finite_names_its_step(monkeypatch):
    import core.training

    def exploding(config, steps):
        import optax

        return optax.sgd(lambda step: jnp.where(step == 4, jnp.inf, 0.01))

    monkeypatch.setattr(core.training, "optimizer", exploding)
    with pytest.raises(TrainingFailed, match="at step 6"):
        last(fit(toy_recipe("bow"), toy_data()))


def test_a_class_without_documents_is_named_before_any_work():
    data = toy_data()
    names = (*data.class_names, "nobody")
    splits = {name: dataclasses.replace(split, class_names=names) for name, split in data.splits.items()}
    with pytest.raises(TrainingFailed, match="'nobody'"):
        last(fit(toy_recipe("bow"), TextDataset(name="toy", **splits)))


def test_the_test_split_is_never_looked_at():
    data = toy_data()
    poisoned = Split(dataset="toy", name="test", texts=(), labels=np.zeros(0, np.int32), class_names=data.class_names)
    done = last(fit(toy_recipe("bow", epochs=1), dataclasses.replace(data, test=poisoned)))
    assert done.predictor is not None


def test_fill_rows_have_no_influence_on_a_step():
    config = ModelConfig(family="bow", embed=5, hidden=4, dropout=0.0)
    graph, params = nnx.split(build_model(config, 9, 3, rngs=nnx.Rngs(0)))
    tx = optimizer(toy_recipe("bow").train, 10)

    def stepped(rows):
        copied = jax.tree.map(jnp.copy, params)
        state = TrainState(copied, tx.init(copied), jnp.int32(0), jnp.float32(0), jnp.int32(0))
        ids = np.array([[1, 2, 9], [3, 4, 5], [7, 7, 7]], np.int32)[:rows]
        values = np.array([[1, 1, 0], [1, 1, 1], [1, 1, 1]], np.float32)[:rows]
        batch = Batch(ids, values, np.array([0, 2, 1], np.int32)[:rows], np.array([1, 1, 0], np.float32)[:rows])
        return train_step(graph, tx, state, batch, jax.random.key(0))

    (with_fill, loss_with), (without, loss_without) = stepped(3), stepped(2)
    assert float(loss_with) == pytest.approx(float(loss_without), abs=1e-6)
    for a, b in zip(jax.tree.leaves(with_fill.params), jax.tree.leaves(without.params), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_the_first_step_is_at_the_foot_of_the_warm_up_and_the_last_at_zero():
    config = toy_recipe("bow").train
    tx = optimizer(config, 100)
    state = tx.init({"w": jnp.ones(2)})
    sizes = []
    for _ in range(100):
        update, state = tx.update({"w": jnp.ones(2)}, state, {"w": jnp.ones(2)})
        sizes.append(float(jnp.abs(update["w"]).max()))
    assert sizes[0] == 0.0
    assert max(sizes) == pytest.approx(config.learning_rate, rel=0.05)
    assert sizes[-1] < config.learning_rate / 100


def test_one_step_is_enough_of_a_schedule():
    done = last(fit(toy_recipe("bow", epochs=1, batch=512), toy_data()))
    assert done.steps == 1
    assert np.isfinite(done.history[0].valid_loss)
