import jax
import numpy as np
import optax
import pytest
from flax import nnx

from core.batching import Layout, compact, gather
from core.config import ModelConfig, TrainConfig
from core.losses import GRADIENTS, LOSSES
from core.models import build_model
from core.optimizers import optimizer, rates
from core.schema import Encoded
from core.training import TrainState, fit, random_key, train_step
from core.training.linear import LinearDescent
from tests.toy import toy_data, toy_recipe

IDS, CLASSES, DOCUMENTS, STEPS = 31, 3, 7, 5
RNG = np.random.default_rng(3)
LENGTHS = [4, 0, 9, 1, 6, 2, 5]
BAGS = Encoded(
    ids=np.concatenate([np.sort(RNG.permutation(IDS)[:length]) for length in LENGTHS]).astype(np.int32),
    values=RNG.uniform(0.5, 2.0, sum(LENGTHS)).astype(np.float32),
    offsets=np.cumsum([0, *LENGTHS]),
    ordered=False,
)
LABELS = np.array([0, 2, 1, 1, 0, 2, 2], np.int32)
WEIGHTS = np.array([1, 1, 3, 0.5, 1, 2, 1], np.float32)


def first_weights():
    config = ModelConfig(family="ngram", dropout=0.0)
    return nnx.split(build_model(config, (IDS,), CLASSES, rngs=nnx.Rngs(0)))


def descent(config, factors=None, word_dropout=0.0):
    return LinearDescent(
        config=config,
        documents=BAGS,
        labels=LABELS,
        weights=WEIGHTS,
        factors=factors,
        word_dropout=word_dropout,
        steps=STEPS,
    )


def compiled(config, factors):
    """The state after steps on all documents at once, as XLA takes them."""
    graph, params = first_weights()
    tx = optimizer(config, STEPS, 1.0 if factors is None else factors)
    state = TrainState(params, tx.init(params), *map(jax.numpy.asarray, (np.int32(0), np.float32(0), np.int32(0))))
    layout = Layout(DOCUMENTS, DOCUMENTS, (IDS,))
    batch = compact(gather(BAGS, LABELS, np.arange(DOCUMENTS), layout), layout)._replace(weights=WEIGHTS)
    for _ in range(STEPS - 1):
        state, _ = train_step(graph, tx, LOSSES[config.loss], state, batch, random_key(0))
    return state


@pytest.mark.parametrize("loss", GRADIENTS)
@pytest.mark.parametrize("is_scaled", [True, False])
def test_its_steps_are_those_that_xla_compiles(loss, is_scaled):
    config = TrainConfig(loss=loss, batch=DOCUMENTS, learning_rate=0.1, linear_rate=0.5, weight_decay=0.3, warmup=0.3)
    factors = RNG.uniform(0.1, 2.0, (IDS + 1, CLASSES)).astype(np.float32) if is_scaled else None
    ours = descent(config, factors)
    state = ours.first_state(first_weights()[1])
    for epoch in range(1, STEPS):
        (state,) = ours.epoch(state, epoch=epoch)
    theirs = compiled(config, factors)
    for name in ("table", "bias"):
        np.testing.assert_allclose(state.params[name][...], theirs.params[name][...], rtol=1e-4, atol=1e-6)
    assert np.abs(state.params["table"][...]).max() > 0.1
    assert float(state.loss_sum) == pytest.approx(float(theirs.loss_sum), rel=1e-5)
    assert (int(state.step), int(state.bad_step)) == (STEPS - 1, 0)


@pytest.mark.parametrize("loss", GRADIENTS)
def test_gradients_in_numpy_are_those_of_jax(loss):
    logits = RNG.normal(0, 2, (11, CLASSES)).astype(np.float32)
    logits[0] = (1e4, -1e4, 0)
    labels = RNG.integers(0, CLASSES, 11).astype(np.int32)
    losses, gradients = GRADIENTS[loss](logits, labels)
    np.testing.assert_allclose(losses, LOSSES[loss](logits, labels), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        gradients, jax.grad(lambda x: LOSSES[loss](x, labels).sum())(logits), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize(("warmup", "steps"), [(0.1, 43), (0.0, 9), (1.0, 12), (0.1, 1)])
def test_rates_are_those_of_optax(warmup, steps):
    config = TrainConfig(warmup=warmup)
    schedule = optax.warmup_cosine_decay_schedule(0.0, 0.7, min(int(warmup * steps), steps - 1), steps)
    np.testing.assert_allclose(rates(0.7, config, steps), [schedule(step) for step in range(steps)], atol=1e-6)


def test_what_is_dropped_differs_from_step_to_step_and_not_from_run_to_run():
    config = TrainConfig(batch=DOCUMENTS, linear_rate=0.5, warmup=0.0)
    ours = descent(config, word_dropout=0.5)

    def tables():
        state = ours.first_state(first_weights()[1])
        for epoch in (1, 2):
            (state,) = ours.epoch(state, epoch=epoch)
            yield np.array(state.params["table"][...])

    (first, second), again = tables(), list(tables())
    np.testing.assert_array_equal([first, second], again)
    moved = [(table != 0).any(axis=1) for table in (first, second - first)]
    assert 0 < moved[0].sum() < IDS and (moved[0] != moved[1]).any()


def test_the_first_weights_stay_as_they_are_and_so_do_those_of_the_best_epoch():
    data = toy_data()
    done = list(fit(toy_recipe("ngram", epochs=5, patience=0, linear_rate=40.0), data))[-1]
    best = done.history[done.best_epoch - 1]
    right = done.predictor.predict_proba(data.valid.texts).argmax(axis=1) == data.valid.labels
    assert right.mean() == best.valid_accuracy
    _, params = first_weights()
    ours = descent(TrainConfig(batch=2))
    list(ours.epoch(ours.first_state(params), epoch=1))
    assert not params["table"][...].any()


def test_a_run_in_the_middle_of_an_epoch_goes_on_with_the_documents_that_are_left():
    ours = descent(TrainConfig(batch=2, warmup=0.0))
    begun = ours.epoch(ours.first_state(first_weights()[1]), epoch=1)
    state = [next(begun), next(begun)][-1]
    kept = state._replace(params=jax.tree.map(np.array, state.params))
    *_, whole = begun
    *_, resumed = ours.epoch(kept, epoch=1, start=2)
    np.testing.assert_array_equal(resumed.params["table"][...], whole.params["table"][...])
    assert int(resumed.step) == int(whole.step) == 4
