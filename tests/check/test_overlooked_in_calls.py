"""What a transform does wrong at a call site shows, also where every number is right, or almost.

Each row of `OVERLOOKED` is a mistake of a transform that a comparison was too narrow, or an excuse
too broad, to see.
"""

import jax
import jax.numpy as jnp
import overlooked_calls as o
import pytest
from excused_calls import Net, around, refusing
from flax import nnx
from test_excuses_of_calls import FROZEN, Hidden, is_told, verdicts

from nnxfuzz import nnx_api

pytestmark = pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")

BACKWARDS = refusing(ValueError, "Reverse-mode differentiation does not work for lax.while_loop")
UNBATCHED = refusing(
    Exception, "set/swap operation with vmapped value on an unbatched array reference of type Ref"
)

OVERLOOKED: dict[str, Hidden] = {
    "an OrderedDict comes back in another order": Hidden(
        o.of(o.backwards_by_order, 1.0),
        "jit",
        o.then(lambda out, x: type(out)(sorted(out.items()))),
    ),
    "a container comes back with another tag": Hidden(
        o.of(o.tagged, 1.0), "jit", o.then(lambda out, x: o.Tagged(out.held, "another"))
    ),
    "a list has more items than its length": Hidden(
        o.on_held(o.grows), "jit", o.then(o.shorter), ("graph",)
    ),
    "a struct in a Variable is as before": Hidden(
        o.on_held(o.quantizes), "jit", around(o.struct_kept)
    ),
    "a static object is copied": Hidden(o.on_held(o.counts), "jit", o.then(o.settings_copied)),
    "a static number is an array afterwards": Hidden(
        lambda mode: nnx.jit(o.counts, **mode)(Net()), "jit", o.then(o.number_becomes_an_array)
    ),
    "an array is static beside an attribute that is dropped": Hidden(
        o.on_held(o.sets_and_counts), "jit", o.then(o.array_becomes_static), FROZEN
    ),
    "an array of an argument is deleted": Hidden(
        o.of(jnp.sin, [1.0, 2.0]), "jit", o.then(lambda out, x: x.delete())
    ),
    "an array of a module is deleted": Hidden(
        o.on_held(o.counts), "jit", o.then(lambda out, net: net.x.delete())
    ),
    "an argument is donated beside the one that is to be": Hidden(
        o.donates_one, "jit", o.without("donate_argnums", donate_argnums=(0, 1))
    ),
    "a small number of a result is lost": Hidden(
        o.of(lambda x: x * 2, [1e6, 2.0]), "jit", o.then(lambda out, x: out.at[1].set(0))
    ),
    "a small result is lost": Hidden(
        o.of(lambda x: x * 2, [1e-7, 2e-7]), "jit", o.then(lambda out, x: out * 0)
    ),
    "a small number of a gradient is lost": Hidden(
        o.small_gradient, "grad", o.then(lambda out, x: out.at[1].set(0))
    ),
    "a number beside a mask is wrong": Hidden(
        o.of(o.masked, [1.0, 1.0, 1.0]), "jit", o.then(lambda out, x: out.at[1].set(7))
    ),
    "a pullback is right once": Hidden(
        lambda mode: nnx.vjp(jnp.sin, jnp.ones(2), **mode), "vjp", around(o.right_once), FROZEN
    ),
    "a length that contradicts is taken": Hidden(o.scans_too_long, "scan", o.without("length")),
    "two sizes are mapped": Hidden(o.maps_two_sizes, "vmap", around(o.cut_to_the_shortest)),
    "a static tuple is traced": Hidden(o.on_held(o.makes_zeros), "jit", around(o.shape_traced)),
    "a number of a partial is traced": Hidden(o.of_a_partial, "jit", o.partial_taken_apart),
    "a loop is refused backwards where nothing is differentiated": Hidden(
        o.loop_in_a_jit, "jit", BACKWARDS
    ),
    "a reference that is mapped is refused as one that is not": Hidden(
        o.maps_a_reference, "vmap", UNBATCHED, FROZEN
    ),
    "a write to what the function makes is refused": Hidden(
        o.writes_what_it_makes, "jit", around(o.made_in_a_trace)
    ),
}

PLACED = Hidden(o.placed, "jit", o.without("out_shardings"))


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("name", OVERLOOKED)
def test_a_mistake_that_leaves_almost_all_right_is_found(
    name: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = OVERLOOKED[name]
    if mode not in hidden.modes or not hasattr(nnx, hidden.transform):
        pytest.skip("the mistake is none there")
    is_told(hidden, mode, monkeypatch)


@pytest.mark.skipif(jax.device_count() < 2, reason="all is on the one device")
@pytest.mark.parametrize("mode", nnx_api.modes())
def test_a_result_on_another_device_is_found(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    is_told(PLACED, mode, monkeypatch)


@pytest.mark.parametrize("mode", nnx_api.modes())
def test_an_argument_that_is_asked_for_twice_is_no_finding(mode: str) -> None:
    twice = Hidden(
        lambda mode: nnx.grad(lambda x, y: (x * y).sum(), argnums=(0, 0), **mode)(1.0, 2.0),
        "grad",
        lambda real: real,
    )
    seen = verdicts(twice, mode)
    assert seen and not any(v.is_finding for v in seen), seen
