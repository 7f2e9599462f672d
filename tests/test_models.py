import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from core.config import FAMILIES, ModelConfig
from core.models import MODELS, LinearTable, build_model
from core.models.bags import EmbeddingBag
from core.models.convnet import MEAN, MaskedConv
from core.models.layers import masked_max, masked_mean
from core.models.transformer import positions
from core.models.wide import DEEP

TOKENS, PHRASES, CLASSES = 11, 17, 3
IDS = np.array([[1, 5, 2, 7, 9], [4, 4, 11, 11, 11]], np.int32)
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]], np.float32)
BAG_IDS = np.array([[3, 16, 8, 0, 12, 5, 9], [2, 14, 6, 17, 17, 17, 17]], np.int32)
BAG_VALUES = np.array([[1, 0.5, 2, 1, 3, 0.25, 1], [4, 1, 0.5, 0, 0, 0, 0]], np.float32)
IN_ORDER = ("convnet", "transformer", "wide")


def sizes(family):
    return {"wide": (TOKENS, PHRASES), "bow": (PHRASES,), "ngram": (PHRASES,)}.get(family, (TOKENS,))


def arrays(family):
    """A full document and a short one, as the family reads them."""
    tokens, bag = (IDS, MASK), (BAG_IDS, BAG_VALUES)
    return {"wide": (*tokens, *bag), "bow": bag, "ngram": bag}.get(family, tokens)


def fresh(family, seed=0, **changes):
    config = ModelConfig(family=family, embed=6, hidden=20, kernel=3, widths=2, layers=2, heads=2, **changes)
    return build_model(config, sizes(family), CLASSES, rngs=nnx.Rngs(seed))


def model(family, **changes):
    """A network whose phrases weigh something, as after training."""
    net = fresh(family, **changes)
    for _, node in nnx.iter_graph(net):
        if isinstance(node, LinearTable):
            node[...] = jax.random.normal(jax.random.key(5), node[...].shape)
    return net


def padded(family, extra):
    """The documents with padding behind them, not as much in each part."""
    found = []
    for part, size in enumerate(sizes(family)):
        ids, values = arrays(family)[2 * part : 2 * part + 2]
        width = ((0, 0), (0, extra + 3 * part))
        found += [np.pad(ids, width, constant_values=size), np.pad(values, width)]
    return found


def with_ids(family, change):
    """The documents with ids and values of each part changed by a function of both."""
    found = []
    for part in range(len(sizes(family))):
        found += change(*arrays(family)[2 * part : 2 * part + 2])
    return found


def test_there_is_a_network_for_every_family():
    assert set(MODELS) == set(FAMILIES)


@pytest.mark.parametrize("family", MODELS)
def test_logits_have_a_row_a_document_and_a_column_a_class(family):
    logits = model(family)(*arrays(family))
    assert (logits.shape, logits.dtype) == ((2, CLASSES), np.float32)


@pytest.mark.parametrize("family", MODELS)
@pytest.mark.parametrize("extra", [1, 2, 3, 8])
def test_padding_does_not_change_the_logits(family, extra):
    net = model(family)
    np.testing.assert_allclose(net(*padded(family, extra)), net(*arrays(family)), atol=1e-5)


@pytest.mark.parametrize("family", MODELS)
def test_what_stands_where_the_mask_is_nought_has_no_influence(family):
    net = model(family)
    changed = with_ids(family, lambda ids, values: (np.where(values > 0, ids, (ids + 3) % 10), values))
    np.testing.assert_allclose(net(*changed), net(*arrays(family)), atol=1e-5)


@pytest.mark.parametrize("family", MODELS)
def test_a_document_does_not_depend_on_its_neighbours(family):
    net = model(family)
    alone = np.concatenate([net(*(array[row : row + 1] for array in arrays(family))) for row in range(2)])
    np.testing.assert_allclose(net(*arrays(family)), alone, atol=1e-5)


@pytest.mark.parametrize("family", MODELS)
def test_an_empty_document_has_finite_logits_and_gradients(family):
    net = model(family)
    empty = with_ids(family, lambda ids, values: (np.full_like(ids, 10), np.zeros_like(values)))
    gradients = nnx.grad(lambda m: m(*empty).sum())(net)
    assert np.isfinite(net(*empty)).all()
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradients))


@pytest.mark.parametrize("family", MODELS)
def test_dropout_acts_only_when_given_randomness_and_only_by_its_key(family):
    net = model(family, dropout=0.5, word_dropout=0.4)
    dropped = [np.asarray(net(*arrays(family), rngs=nnx.Rngs(dropout=key))) for key in (1, 1, 2)]
    np.testing.assert_array_equal(dropped[0], dropped[1])
    assert not np.allclose(dropped[0], dropped[2])
    np.testing.assert_array_equal(net(*arrays(family)), net(*arrays(family)))


@pytest.mark.parametrize("family", MODELS)
@pytest.mark.parametrize("shares", [{"dropout": 0.5, "word_dropout": 0.0}, {"dropout": 0.0, "word_dropout": 0.4}])
def test_each_kind_of_dropout_acts_by_itself(family, shares):
    net = model(family, **shares)
    one, other = (np.asarray(net(*arrays(family), rngs=nnx.Rngs(dropout=key))) for key in (1, 2))
    # A linear bag has nothing to drop but words.
    assert np.allclose(one, other) == (family == "ngram" and not shares["word_dropout"])


@pytest.mark.parametrize("family", MODELS)
def test_training_without_dropout_computes_what_prediction_does(family):
    net = model(family, dropout=0.0)
    logits = net(*arrays(family), rngs=nnx.Rngs(0))
    mean = logits if family != "wide" else DEEP * logits[:, 0] + (1 - DEEP) * logits[:, 1]
    np.testing.assert_allclose(mean, net(*arrays(family)), atol=1e-6)


@pytest.mark.parametrize("family", [family for family in MODELS if family != "ngram"])
def test_weights_follow_the_seed(family):
    same = [np.asarray(fresh(family, seed)(*arrays(family))) for seed in (3, 3, 4)]
    np.testing.assert_array_equal(same[0], same[1])
    assert not np.allclose(same[0], same[2])


def test_phrases_weigh_nothing_at_first():
    assert not fresh("ngram")(*arrays("ngram")).any()


@pytest.mark.parametrize("family", MODELS)
def test_the_order_of_words_matters_to_those_that_read_in_order_only(family):
    net = model(family)
    ids, values = arrays(family)[:2]
    rest = arrays(family)[2:]
    logits, turned = net(ids, values, *rest), net(ids[:, ::-1], values[:, ::-1], *rest)
    # The second document is one word twice.
    assert np.allclose(logits[0], turned[0], atol=1e-5) == (family not in IN_ORDER)


def test_the_order_of_the_bag_beside_the_tokens_does_not_matter():
    net, (ids, values, bag_ids, bag_values) = model("wide"), arrays("wide")
    turned = net(ids, values, bag_ids[:, ::-1], bag_values[:, ::-1])
    np.testing.assert_allclose(turned, net(*arrays("wide")), atol=1e-5)


def test_where_a_word_stands_matters_to_a_transformer_and_not_to_a_convolution_of_one():
    ids = np.array([[1, 5, 2, 7], [5, 1, 2, 7]], np.int32)
    for family, alike in (("transformer", False), ("convnet", True)):
        config = ModelConfig(family=family, embed=6, hidden=20, kernel=1, widths=1, heads=2)
        net = build_model(config, (TOKENS,), CLASSES, rngs=nnx.Rngs(0))
        first, second = np.asarray(net(ids, np.ones((2, 4), np.float32)))
        assert np.allclose(first, second, atol=1e-5) == alike


def test_an_embedding_bag_is_a_dense_layer_over_counts():
    bag = EmbeddingBag(PHRASES, 7, rngs=nnx.Rngs(0))
    np.testing.assert_allclose(bag(BAG_IDS, BAG_VALUES), counts() @ bag.embedding.table[...] + bag.bias[...], atol=1e-5)


def test_a_linear_bag_adds_up_the_rows_of_what_is_there_and_the_bias():
    net = model("ngram")
    net.bias[...] = jnp.array([0.5, -1.0, 2.0])
    expected = np.zeros((2, CLASSES)) + np.array([0.5, -1.0, 2.0])
    for row in range(2):
        for id, value in zip(BAG_IDS[row], BAG_VALUES[row], strict=True):
            expected[row] += value * np.asarray(net.table[...])[id]
    np.testing.assert_allclose(net(BAG_IDS, BAG_VALUES), expected, rtol=1e-5)


def counts():
    """(2, ids + 1), what the bags hold as rows of a matrix."""
    found = np.zeros((2, PHRASES + 1), np.float32)
    for row in range(2):
        np.add.at(found[row], BAG_IDS[row], BAG_VALUES[row])
    return found


@pytest.mark.parametrize(("kernel", "widths"), [(1, 1), (3, 1), (4, 3), (5, 5)])
def test_a_convnet_is_a_convolution_written_out(kernel, widths):
    config = ModelConfig(family="convnet", embed=6, hidden=8, kernel=kernel, widths=widths)
    net = build_model(config, (TOKENS,), CLASSES, rngs=nnx.Rngs(0))
    net.embedding.table[...] *= 100  # so that regions differ
    table, expected = np.asarray(net.embedding.table[...], np.float64), []
    for ids, mask in zip(IDS, MASK, strict=True):
        x = table[ids[mask > 0]]
        pooled = []
        for width, region in zip(range(kernel - widths + 1, kernel + 1), net.regions, strict=True):
            weights = np.asarray(region.convolution.kernel[...], np.float64)
            assert weights.shape == (width, 6, 8)
            around = np.pad(x, (((width - 1) // 2, width // 2), (0, 0)))
            found = [
                sum(around[t + j] @ weights[j] for j in range(width)) + region.convolution.bias[...]
                for t in range(len(x))
            ]
            pooled.append(np.maximum(found, 0).max(axis=0))
        pooled.append(MEAN * x.mean(axis=0))
        expected.append(np.concatenate(pooled) @ net.output.kernel[...] + net.output.bias[...])
    np.testing.assert_allclose(net(IDS, MASK), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("width", "sums"), [(2, [1 + 2, 2 + 3, 3 + 4, 4 + 5, 5]), (3, [3, 6, 9, 12, 9])])
def test_a_convolutions_windows_are_centred_on_every_position(width, sums):
    conv = MaskedConv(1, 1, width, rngs=nnx.Rngs(0))
    conv.convolution.kernel[...] = jnp.ones((width, 1, 1))
    x = jnp.arange(1.0, 6.0)[None, :, None]
    np.testing.assert_allclose(conv(x, jnp.ones((1, 5)))[0, :, 0], sums)


def test_words_are_hidden_from_a_network_whole():
    # Two words that are alike: where one is hidden, so are all of its features.
    net = model("convnet", dropout=0.0, word_dropout=0.5)
    net.embedding.table[...] = jnp.ones((TOKENS + 1, 6))
    mean = np.zeros((len(net.regions) * 20 + 6, CLASSES), np.float32)
    mean[-6:] = np.eye(6, CLASSES)
    net.output.kernel[...] = jnp.asarray(mean)
    logits = net(IDS, MASK, rngs=nnx.Rngs(dropout=3))
    np.testing.assert_allclose(logits, np.repeat(np.asarray(logits)[:, :1], CLASSES, axis=1), rtol=1e-5)


def test_the_parts_of_a_wide_network_learn_each_by_itself():
    net = model("wide", dropout=0.0)
    heads = net(*arrays("wide"), rngs=nnx.Rngs(0))
    assert heads.shape == (2, 2, CLASSES)
    np.testing.assert_allclose(heads[:, 0], net.deep(IDS, MASK), atol=1e-6)
    np.testing.assert_allclose(heads[:, 1], net.wide(BAG_IDS, BAG_VALUES), atol=1e-6)


def test_words_are_hidden_from_the_deep_part_only():
    net = model("wide", dropout=0.5, word_dropout=0.5)
    one, other = (np.asarray(net(*arrays("wide"), rngs=nnx.Rngs(dropout=key))) for key in (1, 2))
    assert not np.allclose(one[:, 0], other[:, 0])
    np.testing.assert_allclose(one[:, 1], other[:, 1])


def test_the_maximum_is_over_real_positions_only():
    x = jnp.array([[[-3.0], [-1.0], [9.0]]])
    assert masked_max(x, jnp.array([[1.0, 1.0, 0.0]]))[0, 0] == -1.0


def test_the_mean_is_over_real_positions_only():
    x = jnp.array([[[-3.0], [-1.0], [9.0]]])
    assert masked_mean(x, jnp.array([[1.0, 1.0, 0.0]]))[0, 0] == -2.0


@pytest.mark.parametrize("embed", [6, 7])
def test_positions_are_sines_and_cosines_of_falling_rates(embed):
    told = np.asarray(positions(9, embed))
    assert told.shape == (9, embed)
    for t in range(9):
        for i in range(embed):
            angle = t / 10_000 ** (2 * (i // 2) / embed)
            assert told[t, i] == pytest.approx(np.cos(angle) if i % 2 else np.sin(angle), abs=1e-5)
