"""`checkify` of a user's own module: Flax leaves what plain leaves, in each mode."""

from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx
from jax.experimental import checkify
from sides import MODES, differences

import nnxfuzz
from nnxfuzz import plain


class Counter(nnx.Module):  # type: ignore[misc]
    """Counts its calls, and checks what it is given."""

    def __init__(self) -> None:
        self.calls = nnx.Variable(jnp.array(0))

    def __call__(self, x: Any) -> Any:
        checkify.check(jnp.all(x > 0), "not above 0")
        self.calls.value = self.calls.value + 1
        return jnp.log(x)


def run(nnx: Any, model: Any, x: Any, errors: Any = checkify.user_checks) -> Any:
    error, out = nnx.checkify(lambda m, x: {"y": m(x)}, errors=errors)(model, x)
    return (error.get() or "").split("\n")[0], out


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("x", [1.0, -1.0])
def test_flax_leaves_what_plain_leaves(x: float, mode: plain.Mode) -> None:
    assert differences(run, lambda: (Counter(), jnp.array(x)), mode) == []


def test_a_check_that_fails_does_not_end_the_function() -> None:
    model = Counter()
    told, out = run(plain, model, jnp.array(-1.0))
    assert "`check` failed" in told and jnp.isnan(out["y"])
    assert model.calls.value == 1
    assert run(plain, model, jnp.array(-1.0), checkify.float_checks)[0].startswith("nan generated")
    assert run(plain, model, jnp.array(1.0))[0] == ""


@pytest.mark.skipif(not hasattr(nnx, "checkify"), reason="this release has no nnx.checkify")
def test_the_check_judges_it() -> None:
    with nnxfuzz.checking() as report:
        error, _ = nnx.checkify(lambda m, x: m(x))(Counter(), jnp.array(-1.0))
        assert error.get()
    assert report.counts() == {"same": 1}
