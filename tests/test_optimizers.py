import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from core.batching import Layout, compact, gather
from core.config import ModelConfig, TrainConfig
from core.losses import cross_entropy
from core.models import LinearTable, Table, build_model
from core.optimizers import log_count_ratios, optimizer
from core.schema import Encoded
from core.training import TrainState, random_key, train_step

FAMILIES = ("convnet", "bow", "ngram", "wide")
CLASSES, STEPS = 3, 9
CONFIG = TrainConfig(learning_rate=0.05, linear_rate=0.7, weight_decay=0.3, warmup=0.0)
KEY = random_key(0)


def sizes(family):
    return (31, 47) if family == "wide" else (31,)


def documents(rng, size, lengths, below=None):
    """Documents of different ids each, of those below a number."""
    ids = [rng.permutation(below or size)[:length] for length in lengths]
    return Encoded(
        ids=np.concatenate(ids).astype(np.int32),
        values=rng.uniform(0.5, 2.0, sum(lengths)).astype(np.float32),
        offsets=np.cumsum([0, *lengths], dtype=np.int64),
    )


def batches(family, seed, *, all_rows):
    """A batch with plain ids and the same one with the rows that it touches."""
    rng, layout = np.random.default_rng(seed), Layout(5, 6, sizes(family))
    parts = [
        documents(rng, size, [size, 3, 7, 2, 5] if all_rows else [4, 3, 6, 2, 5], below=size if all_rows else 11)
        for size in sizes(family)
    ]
    encoded = Encoded(ids=parts[0].ids, values=parts[0].values, offsets=parts[0].offsets, bag=(*parts, None)[1])
    plain = gather(encoded, rng.integers(0, CLASSES, 5).astype(np.int32), np.arange(5), layout)
    return plain, compact(plain, layout)


def network(family):
    config = ModelConfig(family=family, embed=6, hidden=7, kernel=3, widths=2, dropout=0.0)
    return nnx.split(build_model(config, sizes(family), CLASSES, rngs=nnx.Rngs(1)))


def transformation(family):
    ratios = np.random.default_rng(7).normal(size=(sizes(family)[-1] + 1, CLASSES)).astype(np.float32)
    return optimizer(CONFIG, STEPS, ratios**2 if family in ("ngram", "wide") else None)


def started(params, tx):
    copied = jax.tree.map(jnp.copy, params)
    return TrainState(copied, tx.init(copied), jnp.int32(0), jnp.float32(0), jnp.int32(0))


def dense_step(graph, tx, state, plain):
    """The step as a textbook has it, over all rows of all tables."""

    def loss(params):
        logits = nnx.merge(graph, params)(*plain.arrays, rngs=nnx.Rngs(0))
        heads = logits.reshape(len(logits), -1, CLASSES)
        losses = sum(cross_entropy(heads[:, h], plain.labels) for h in range(heads.shape[1])) / heads.shape[1]
        return (losses * plain.weights).sum() / plain.weights.sum()

    updates, moments = tx.update(jax.grad(loss)(state.params), state.optimizer, state.params)
    return state._replace(params=optax.apply_updates(state.params, updates), optimizer=moments)


def leaves(state):
    """Every weight, and everything that is remembered of it, with the part of the batch whose ids pick its rows."""
    found = jax.tree.leaves((state.params, state.optimizer), is_leaf=lambda leaf: isinstance(leaf, nnx.Variable))
    for leaf in found:
        part = None if not isinstance(leaf, Table) else -1 if isinstance(leaf, LinearTable) else 0
        yield np.asarray(leaf[...] if isinstance(leaf, nnx.Variable) else leaf), part


def assert_close(one, other):
    for (a, _), (b, _) in zip(leaves(one), leaves(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-6)


def after_a_few_steps(family, graph, tx, params):
    state = started(params, tx)
    for seed in range(3):
        state = dense_step(graph, tx, state, batches(family, seed, all_rows=True)[0])
    return state


@pytest.mark.parametrize("family", FAMILIES)
def test_a_step_moves_the_rows_in_its_batch_as_a_dense_step_would_and_no_others(family):
    (graph, params), tx = network(family), transformation(family)
    before = after_a_few_steps(family, graph, tx, params)
    plain, batch = batches(family, 11, all_rows=False)
    dense = dense_step(graph, tx, before, plain)
    copied = jax.tree.map(jnp.copy, before)
    sparse, _ = train_step(graph, tx, cross_entropy, copied, batch, KEY)
    tables = 0
    for (old, part), (new, _), (wanted, _) in zip(leaves(before), leaves(sparse), leaves(dense), strict=True):
        if part is None:
            np.testing.assert_allclose(new, wanted, rtol=2e-4, atol=2e-6)
            continue
        touched = np.isin(np.arange(len(old)), batch.rows[part])
        assert 5 < touched.sum() < len(old) - 5
        np.testing.assert_allclose(new[touched], wanted[touched], rtol=2e-4, atol=2e-6)
        np.testing.assert_array_equal(new[~touched], old[~touched])
        tables += 1
    assert tables == {"convnet": 3, "bow": 3, "ngram": 2, "wide": 5}[family]  # with Adam's two moments, or the ratios


@pytest.mark.parametrize("family", FAMILIES)
def test_a_step_changes_every_table_of_its_batch(family):
    (graph, params), tx = network(family), transformation(family)
    _, batch = batches(family, 11, all_rows=False)
    state, loss = train_step(graph, tx, cross_entropy, started(params, tx), batch, KEY)
    assert np.isfinite(loss) and int(state.bad_step) == 0
    after, before = (
        jax.tree.leaves(tree, is_leaf=lambda leaf: isinstance(leaf, nnx.Variable)) for tree in (state.params, params)
    )
    for new, old in zip(after, before, strict=True):
        if isinstance(old, Table):
            used = batch.rows[-1 if isinstance(old, LinearTable) else 0][0]
            assert not np.allclose(new[...][used], old[...][used])


@pytest.mark.parametrize("family", FAMILIES)
def test_steps_that_touch_every_row_are_dense_steps(family):
    (graph, params), tx = network(family), transformation(family)
    dense, sparse = started(params, tx), started(params, tx)
    for seed in range(5):
        plain, batch = batches(family, seed, all_rows=True)
        dense = dense_step(graph, tx, dense, plain)
        sparse, _ = train_step(graph, tx, cross_entropy, sparse, batch, KEY)
    assert_close(sparse, dense)


BAG = Encoded(
    ids=np.array([0, 1, 2, 0, 3, 1, 3, 0, 4], np.int32),
    values=np.array([5, 1, 1, 2, 9, 1, 1, 1, 7], np.float32),
    offsets=np.array([0, 3, 5, 5, 7, 9]),
)
BAG_LABELS = np.array([0, 1, 2, 1, 2], np.int32)


def naive_ratios(size, classes):
    """Wang and Manning (2012), section 2.1, word by word: r = log((p / |p|) / (q / |q|))."""
    found = np.zeros((size, classes))
    for c in range(classes):
        counts = {True: [1] * size, False: [1] * size}
        for document, label in enumerate(BAG_LABELS):
            for word in BAG.ids[BAG.offsets[document] : BAG.offsets[document + 1]]:
                counts[bool(label == c)][word] += 1
        for word in range(size):
            p, q = (counts[side][word] / sum(counts[side]) for side in (True, False))
            found[word, c] = np.log(p / q)
    return found


def test_ratios_are_those_of_wang_and_manning():
    ratios = log_count_ratios(BAG, BAG_LABELS, 6, CLASSES)
    assert (ratios.shape, ratios.dtype) == ((6 + 1, CLASSES), np.float32)
    np.testing.assert_allclose(ratios[:6], naive_ratios(6, CLASSES), rtol=1e-5)


def test_a_phrase_that_leans_to_a_class_has_a_ratio_above_nought_there():
    ratios = log_count_ratios(BAG, BAG_LABELS, 6, CLASSES)
    assert ratios[4].argmax() == 2 and ratios[4, 2] > 0
    assert ratios[3, 1] > 0 > ratios[3, 0]


def test_scaled_steps_descend_along_weights_that_are_multiplied_by_the_ratios():
    (graph, params), rate = network("ngram"), 0.7
    ratios = np.random.default_rng(7).normal(size=(32, CLASSES)).astype(np.float32)
    tx = optimizer(CONFIG, STEPS, ratios**2)
    state = started(params, tx)
    u, bias = jnp.zeros((32, CLASSES)), jnp.zeros(CLASSES)
    schedule = optax.cosine_decay_schedule(rate, STEPS)
    adam = optax.adamw(optax.cosine_decay_schedule(0.05, STEPS), weight_decay=0.3)
    moments = adam.init(bias)

    def loss(u, bias, batch):
        bags = np.zeros((len(batch.labels), 32), np.float32)
        for row, (ids, values) in enumerate(zip(*batch.arrays, strict=True)):
            np.add.at(bags[row], ids, values)
        losses = cross_entropy(bags @ (u * ratios) + bias, batch.labels)
        return (losses * batch.weights).sum() / batch.weights.sum()

    for step in range(STEPS - 1):
        plain, batch = batches("ngram", step, all_rows=step % 2 == 0)
        state, _ = train_step(graph, tx, cross_entropy, state, batch, KEY)
        du, dbias = jax.grad(loss, argnums=(0, 1))(u, bias, plain)
        update, moments = adam.update(dbias, moments, bias)
        u, bias = u - schedule(step) * du, bias + update
        learned = nnx.merge(graph, state.params)
        np.testing.assert_allclose(learned.table[...], u * ratios, rtol=1e-3, atol=1e-5)
        np.testing.assert_allclose(learned.bias[...], bias, rtol=1e-3, atol=1e-5)
    assert np.abs(u).max() > 0.1


def test_a_network_without_phrases_goes_by_adamw():
    _, params = network("bow")
    ours = optimizer(CONFIG, STEPS)
    plain = optax.adamw(optax.cosine_decay_schedule(0.05, STEPS), weight_decay=0.3)
    states = [ours.init(params), plain.init(params)]
    for step in range(4):
        gradients = jax.tree.map(lambda leaf, step=step: jnp.sin(leaf * 100 + step), params)
        (one, states[0]), (other, states[1]) = (
            tx.update(gradients, state, params) for tx, state in zip((ours, plain), states, strict=True)
        )
        for a, b in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-6)


def test_only_the_phrases_of_a_wide_network_go_by_their_ratios():
    (_, params), ratios = network("wide"), np.linspace(-2, 3, 48 * CLASSES, dtype=np.float32).reshape(48, CLASSES)
    ours = optimizer(CONFIG, STEPS, ratios**2)
    plain = optax.adamw(optax.cosine_decay_schedule(0.05, STEPS), weight_decay=0.3)
    gradients = jax.tree.map(lambda leaf: jnp.cos(leaf * 100), params)
    update, _ = ours.update(gradients, ours.init(params), params)
    wanted, _ = plain.update(gradients, plain.init(params), params)
    wanted["wide"]["table"] = LinearTable(-0.7 * ratios**2 * gradients["wide"]["table"][...])
    for a, b in zip(jax.tree.leaves(update), jax.tree.leaves(wanted), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_the_first_step_is_at_the_foot_of_the_warm_up_and_the_last_at_zero():
    config = TrainConfig(learning_rate=0.02)
    tx = optimizer(config, 100)
    state = tx.init({"w": jnp.ones(2)})
    sizes = []
    for _ in range(100):
        update, state = tx.update({"w": jnp.ones(2)}, state, {"w": jnp.ones(2)})
        sizes.append(float(jnp.abs(update["w"]).max()))
    assert sizes[0] == 0.0
    assert max(sizes) == pytest.approx(config.learning_rate, rel=0.05)
    assert sizes[-1] < config.learning_rate / 100
