import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from core.config import ModelConfig
from core.models import MODELS, EmbeddingBag, MaskedConv, build_model, masked_max

VOCABULARY, CLASSES = 11, 3
IDS = np.array([[1, 5, 2, 7, 9], [4, 4, 11, 11, 11]], np.int32)
VALUES = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]], np.float32)


def model(family, seed=0, **changes):
    config = ModelConfig(family=family, embed=6, hidden=20, kernel=3, stride=2, **changes)
    return build_model(config, VOCABULARY, CLASSES, rngs=nnx.Rngs(seed))


def padded(extra):
    ids = np.pad(IDS, ((0, 0), (0, extra)), constant_values=VOCABULARY)
    return ids, np.pad(VALUES, ((0, 0), (0, extra)))


@pytest.mark.parametrize("family", MODELS)
def test_logits_have_a_row_a_document_and_a_column_a_class(family):
    assert model(family)(IDS, VALUES).shape == (2, CLASSES)


@pytest.mark.parametrize("family", MODELS)
@pytest.mark.parametrize("extra", [1, 2, 3, 8])
def test_padding_does_not_change_the_logits(family, extra):
    net = model(family)
    np.testing.assert_allclose(net(*padded(extra)), net(IDS, VALUES), atol=1e-5)


@pytest.mark.parametrize("family", MODELS)
def test_an_empty_document_has_finite_logits_and_gradients(family):
    net = model(family)
    empty = np.full((1, 5), VOCABULARY, np.int32), np.zeros((1, 5), np.float32)
    gradients = nnx.grad(lambda m: m(*empty).sum())(net)
    assert np.isfinite(net(*empty)).all()
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(gradients))


@pytest.mark.parametrize("family", MODELS)
def test_dropout_acts_only_when_given_randomness_and_only_by_its_key(family):
    net = model(family, dropout=0.5)
    dropped = [np.asarray(net(IDS, VALUES, nnx.Rngs(dropout=key))) for key in (1, 1, 2)]
    np.testing.assert_array_equal(dropped[0], dropped[1])
    assert not np.allclose(dropped[0], dropped[2])
    np.testing.assert_array_equal(net(IDS, VALUES), net(IDS, VALUES))


@pytest.mark.parametrize("family", MODELS)
def test_weights_follow_the_seed(family):
    same = [np.asarray(model(family, seed)(IDS, VALUES)) for seed in (3, 3, 4)]
    np.testing.assert_array_equal(same[0], same[1])
    assert not np.allclose(same[0], same[2])


def test_an_embedding_bag_is_a_dense_layer_over_counts():
    bag = EmbeddingBag(VOCABULARY, 7, rngs=nnx.Rngs(0))
    counts = np.zeros((2, VOCABULARY + 1), np.float32)
    for i, (ids, values) in enumerate(zip(IDS, VALUES, strict=True)):
        np.add.at(counts[i], ids, values)
    dense = counts @ bag.embedding.embedding[...] + bag.bias[...]
    np.testing.assert_allclose(bag(IDS, VALUES), dense, atol=1e-5)


def test_a_convolutions_windows_are_centred_on_every_stride():
    conv = MaskedConv(1, 1, 3, 2, rngs=nnx.Rngs(0))
    conv.convolution.kernel[...] = jnp.ones((3, 1, 1))
    x = jnp.arange(1.0, 6.0)[None, :, None]
    y, mask = conv(x, jnp.ones((1, 5)))
    np.testing.assert_allclose(y[0, :, 0], [1 + 2, 2 + 3 + 4, 4 + 5])
    assert mask.shape == (1, 3)


def test_the_maximum_is_over_real_positions_only():
    x = jnp.array([[[-3.0], [-1.0], [9.0]]])
    assert masked_max(x, jnp.array([[1.0, 1.0, 0.0]]))[0, 0] == -1.0
