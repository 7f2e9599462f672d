import jax
import jax.numpy as jnp
import numpy as np
import pytest

from core.losses import LOSSES, cross_entropy, squared_hinge

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0, 2, (7, 4)).astype(np.float32)
LABELS = RNG.integers(0, 4, 7).astype(np.int32)


def naive_cross_entropy(logits, label):
    return np.log(sum(np.exp(logit) for logit in logits)) - logits[label]


def naive_squared_hinge(logits, label):
    sides = [1 if c == label else -1 for c in range(len(logits))]
    return sum(max(0.0, 1 - side * logit) ** 2 for side, logit in zip(sides, logits, strict=True))


NAIVE = {cross_entropy: naive_cross_entropy, squared_hinge: naive_squared_hinge}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_loss_is_what_its_formula_says(loss):
    expected = [NAIVE[loss](*document) for document in zip(LOGITS.astype(np.float64), LABELS, strict=True)]
    np.testing.assert_allclose(loss(LOGITS, LABELS), expected, rtol=1e-5)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_every_head_of_a_document_has_its_own_loss(loss):
    heads = RNG.normal(size=(7, 2, 4)).astype(np.float32)
    expected = np.stack([loss(heads[:, head], LABELS) for head in range(2)], axis=1)
    np.testing.assert_allclose(loss(heads, LABELS[:, None]), expected, rtol=1e-5)


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_huge_logits_have_a_finite_loss_and_gradient(loss):
    logits = jnp.array([[1e4, -1e4, 0.0]])
    value, gradient = jax.value_and_grad(lambda x: loss(x, jnp.array([1])).sum())(logits)
    assert np.isfinite(value) and np.isfinite(gradient).all()


def test_nothing_moves_for_a_document_that_is_right_by_the_margin():
    logits = jnp.array([[-1.0, 1.0, -3.0], [-1.0, 0.5, -0.9]])
    gradient = jax.grad(lambda x: squared_hinge(x, jnp.array([1, 1])).sum())(logits)
    assert not gradient[0].any()
    np.testing.assert_allclose(gradient[1], [0.0, -2 * 0.5, 2 * 0.1], atol=1e-6)


def test_hinge_is_that_of_scikit_learns_linear_support_vectors():
    from sklearn.svm import LinearSVC

    # Where LinearSVC stops, its own objective is least: that objective's loss is the one here.
    labels = np.arange(60) % 3
    x = np.random.default_rng(4).normal(0, 1, (60, 5)) + np.eye(5)[labels]
    machine = LinearSVC(loss="squared_hinge", C=0.7, tol=1e-10, max_iter=100_000, intercept_scaling=1e3).fit(x, labels)

    def objective(w, b):
        return (w**2).sum() / 2 + 0.7 * squared_hinge(x @ w + b, labels.astype(np.int32)).sum()

    w, b = jnp.array(machine.coef_.T), jnp.array(machine.intercept_)
    gradient = jax.grad(objective)(w, b)
    np.testing.assert_allclose(gradient, np.zeros_like(w), atol=5e-3)
