import jax.numpy as jnp
import numpy as np
import pytest

from core.errors import BadInput
from core.training.resume import RunFolder, forget_run


def state(rows=3):
    return {"weights": jnp.arange(rows * 2.0).reshape(rows, 2), "step": jnp.int32(7)}


@pytest.fixture
def kept(fresh_home):
    """A run called "toy" that has kept one state."""
    run = RunFolder("toy")
    run.interval = 0
    assert run.open("a", state()) is None
    run.keep(7, state(), {"epoch": 2})
    return fresh_home / "runs" / "toy"


def test_a_run_goes_on_from_the_state_that_it_has_kept(kept):
    arrays, record = RunFolder("toy").open("a", {"weights": jnp.zeros((3, 2)), "step": jnp.int32(0)})
    np.testing.assert_array_equal(arrays["weights"], state()["weights"])
    assert (int(arrays["step"]), record) == (7, {"epoch": 2})


def test_a_run_with_other_settings_starts_anew_beside_the_old_one(kept):
    assert RunFolder("toy").open("b", state()) is None
    assert RunFolder("toy").open("a", state()) is not None


def test_a_kept_state_of_another_shape_is_refused_with_the_way_out(kept):
    with pytest.raises(BadInput, match="delete that folder"):
        RunFolder("toy").open("a", state(rows=4))


def test_a_state_is_not_kept_at_every_step(kept):
    run = RunFolder("toy")
    run.open("a", state())
    run.keep(8, state(), {"epoch": 3})
    assert [path.name for path in kept.glob("*/[0-9]*")] == ["7"]


def test_a_run_that_has_ended_leaves_nothing(kept):
    forget_run("toy", "a")
    assert not kept.exists()


def test_a_run_that_has_ended_leaves_others_of_its_name(kept):
    forget_run("toy", "b")
    assert RunFolder("toy").open("a", state()) is not None
