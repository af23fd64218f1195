"""`strategies.rewired`: versions of a user's arguments, and the sharing that breaks a step."""

import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from hypothesis import HealthCheck, Phase, find, given, seed, settings
from live import bump, held

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.strategies import rewired

FEW = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


class Coder(nnx.Module):  # type: ignore[misc]
    """An embedding, with a layer of its own."""

    def __init__(self, seed: int) -> None:
        self.embed = nnx.Embed(3, 2, rngs=nnx.Rngs(seed))
        self.scale = nnx.Param(jnp.ones(2))
        self.count = nnx.Variable(jnp.array(0))


def coders() -> tuple[Coder, Coder]:
    return Coder(0), Coder(1)


def found(make: Callable[[], Any], holds: Callable[[Any], bool], **options: bool) -> Any:
    """The smallest version for which something holds."""
    return find(rewired(make, **options), holds, settings=FEW, random=random.Random(0))


def test_two_submodules_become_one_and_nothing_else_changes() -> None:
    one, other = found(coders, lambda args: args[0].embed is args[1].embed)
    assert one.embed is other.embed
    assert one is not other
    assert one.scale is not other.scale
    assert held(one.scale).tolist() == [1.0, 1.0]


def test_two_variables_of_one_type_become_one() -> None:
    one, other = found(coders, lambda args: args[0].scale is args[1].scale)
    assert one.embed is not other.embed


def test_only_what_is_alike_becomes_one() -> None:
    class Wide(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.a = nnx.Param(jnp.ones(2))
            self.b = nnx.Param(jnp.ones(3))
            self.c = nnx.BatchStat(jnp.ones(2))

    @settings(FEW)
    @given(rewired(Wide))
    def property_holds(wide: Wide) -> None:
        assert len({id(wide.a), id(wide.b), id(wide.c)}) == 3

    property_holds()


def test_what_is_shared_becomes_two_that_hold_the_same() -> None:
    def make() -> tuple[Coder, Coder]:
        coder = Coder(0)
        return coder, coder

    one, other = found(make, lambda args: args[0] is not args[1])
    assert one.embed is not other.embed
    assert np.array_equal(held(one.embed.embedding), held(other.embed.embedding))
    bump(one.count)
    assert int(held(other.count)) == 0


def test_containers_and_tuples_are_rewired() -> None:
    def make() -> Any:
        return {"a": [Coder(0)], "b": (Coder(1), 1)}

    got = found(make, lambda args: args["a"][0] is args["b"][0])
    assert got["b"][1] == 1


def test_sizes_go_together_and_what_a_variable_may_go_with_stays() -> None:
    def make() -> Any:
        return Coder(0), jnp.zeros((4, 5)), np.arange(4), jnp.zeros((3, 1)), jnp.zeros((2, 2))

    seen = set()

    @settings(FEW)
    @given(rewired(make))
    def property_holds(args: Any) -> None:
        _, xs, ys, rows, columns = args
        seen.add(xs.shape[0])
        assert xs.shape == (len(ys), 5)
        assert isinstance(ys, np.ndarray)
        assert (rows.shape, columns.shape) == ((3, 1), (2, 2)), "embeddings have 3 rows, scales 2"

    property_holds()
    assert seen == {0, 1, 2, 3, 4}


def test_trip_counts_are_drawn() -> None:
    seen = set()

    @settings(FEW)
    @given(rewired(lambda: (5, True, "relu")))
    def property_holds(args: Any) -> None:
        seen.add(args[0])
        assert args[1:] == (True, "relu")

    property_holds()
    assert seen == {0, 1, 2, 3, 5}


def test_numbers_are_small_integers_of_their_dtype() -> None:
    def make() -> Any:
        return (
            nnx.BatchNorm(3, dtype=jnp.bfloat16, rngs=nnx.Rngs(0)),
            jnp.array([2, 5]),
            jnp.ones(7),
        )

    norm, tokens, x = found(make, lambda args: args[2].tolist() != [1.0] * 7, sizes=False)
    assert set(x.tolist()) <= {-2.0, -1.0, 0.0, 1.0, 2.0}
    assert 2 <= int(tokens.min()) <= int(tokens.max()) <= 5
    assert set(np.asarray(held(norm.var)).tolist()) <= {0.0, 1.0, 2.0}


def test_streams_get_other_keys() -> None:
    class Noisy(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.rngs = nnx.Rngs(0)

    def key(noisy: Any) -> Any:
        return jax.random.key_data(nnx_api.get_raw(noisy.rngs.default.key)).tolist()

    usual = key(Noisy())
    noisy = found(Noisy, lambda noisy: key(noisy) != usual)
    assert int(held(noisy.rngs.default.count)) == 0


@pytest.mark.slow
@pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")
def test_the_sharing_under_which_a_step_breaks_is_found() -> None:
    def step(i: Any, carry: tuple[Coder, Coder]) -> tuple[Coder, Coder]:
        encoder, decoder = carry
        encoder.embed.embedding.set_value(encoder.embed.embedding[...] + 1)
        decoder.scale.set_value(decoder.scale[...] * 2)
        return carry

    broken: list[Any] = []

    @seed(0)
    @settings(FEW, phases=(Phase.generate, Phase.shrink))
    @given(rewired(coders))
    def property_holds(args: tuple[Coder, Coder]) -> None:
        broken[:] = [args]
        nnxfuzz.assert_same(nnx.fori_loop, 0, 1, step, args, graph=False)

    with pytest.raises(AssertionError) as caught:
        property_holds()
    told = "rewired: args[1].embed.embedding is args[0].embed.embedding"
    assert told in caught.value.__notes__
    ((encoder, decoder),) = broken
    assert encoder.embed.embedding is decoder.embed.embedding
    assert encoder.embed is not decoder.embed
    assert encoder.scale is not decoder.scale


# --- bad input ------------------------------------------------------------------------------


def _fails() -> Any:
    raise ValueError("no data\nmore")


SHARED = Coder(0)

BAD: dict[str, tuple[Any, str]] = {
    "no function": (
        (1, 2),
        "rewired needs a function that makes the arguments, not a tuple; write",
    ),
    "fails": (_fails, "the function given to rewired raised ValueError: no data; it has to return"),
    "nothing": (lambda: "relu", "the function given to rewired returns a str without a module, a"),
    "unprintable": (
        lambda: (nnx.Rngs(0), 1),
        "Hypothesis cannot print an Rngs that is an argument",
    ),
    "the same": (lambda: SHARED, "the function given to rewired returns the same Coder each time"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence(name: str) -> None:
    make, told = BAD[name]
    with pytest.raises(Misuse) as caught:
        found(make, lambda args: False)
    assert str(caught.value).startswith(told)
    assert "\n" not in str(caught.value)


def test_the_front_door_imports_nothing() -> None:
    code = (
        "import sys, nnxfuzz\n"
        "assert not {'jax', 'flax', 'hypothesis'} & sys.modules.keys()\n"
        "nnxfuzz.strategies.rewired(tuple)\n"
        "assert not {'jax', 'flax'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
