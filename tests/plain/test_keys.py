"""A key that is handed out twice: a warning where Python does so, too, and else a finding."""

import inspect
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flax.nnx
import jax
import jax.numpy as jnp
import pytest

import nnxfuzz
from nnxfuzz import nnx_api, plain
from nnxfuzz.campaign.statistics import Statistics
from nnxfuzz.checker.generated import examine
from nnxfuzz.cli import view
from nnxfuzz.oracle.verdict import Agrees, Finding, Verdict
from nnxfuzz.plain import keys
from nnxfuzz.programs import case as c
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.case import Arm

TWO = jnp.ones(2)


def stream() -> Any:
    return flax.nnx.Rngs(params=0)


def told(call: Callable[[], Any]) -> list[tuple[str, tuple[str, ...]]]:
    """The transform and the paths of each key reuse that plain sees."""
    with plain.observing() as seen:
        call()
    return [(one.transform, one.paths) for one in seen.of("key-reuse")]


def test_a_stream_that_goes_on_hands_out_no_key_twice() -> None:
    def draw(rngs: Any, x: Any) -> Any:
        return jax.random.uniform(rngs.params()) + x

    assert told(lambda: plain.vmap(draw, in_axes=(None, 0))(stream(), TWO)) == []
    assert told(lambda: [draw(stream(), 0.0), draw(stream(), 0.0)]) == []


def test_a_stream_that_starts_anew_in_each_lane_hands_out_a_key_twice() -> None:
    found = told(lambda: plain.vmap(lambda x: x + jax.random.uniform(stream().params()))(TWO))
    assert found == [("vmap", (keys.UNNAMED,))]


def test_a_stream_of_the_arguments_is_named() -> None:
    def body(one: Any, other: Any) -> Any:
        return jax.random.uniform(one.params()) + jax.random.uniform(other.params())

    found = told(lambda: plain.jit(body)(stream(), stream()))
    assert found == [("jit", ("args[1].params",))]


def test_an_inner_call_counts_with_the_outer_one() -> None:
    inner = lambda x: x + jax.random.uniform(stream().params())  # noqa: E731
    outer = lambda x: plain.jit(inner)(x) + plain.remat(inner)(x)  # noqa: E731
    assert told(lambda: plain.jit(outer)(TWO)) == [("jit", (keys.UNNAMED,))]


def test_flax_has_its_own_method_again_afterwards() -> None:
    real = flax.nnx.RngStream.__call__
    with plain.observing(), plain.observing():
        assert flax.nnx.RngStream.__call__ is not real
    assert flax.nnx.RngStream.__call__ is real


# --- call programs ----------------------------------------------------------------------------


def drawing(made: bool) -> d.CallProgram:
    """A scan of two trips that returns a number of a stream: of one that it makes in each trip, or
    of its carry.
    """
    rngs = d.Place("n" if made else "p")
    body: Any = (*([d.Make("n", c.Streams({"params": 0}))] if made else []), d.Random("r", rngs))
    block = d.Block(("p", "q"), body, (d.Read(d.Place("p")), d.Read(d.Place("r"))))
    args = (d.Read(d.Place("m")), d.Read(d.Place("x")))
    options = {"in_axes": [0]}
    return d.CallProgram(
        d.Call("scan", "y", options, args, (block,)),
        nodes=(c.Streams({"params": 0}),),
        objects={"m": c.OfNode(0), "x": c.OfArray(c.Array(shape=(2,)))},
    )


def verdict(program: d.CallProgram, mode: Any = "graph", **more: Any) -> Verdict:
    return examine(program, Arm("scan", mode), **more)


def test_a_program_that_reuses_a_key_agrees_with_a_warning() -> None:
    for mode in nnx_api.modes():
        assert verdict(drawing(made=True), mode) == Agrees(("key-reuse",))
        assert verdict(drawing(made=False), mode) == Agrees()


def test_a_transform_that_reuses_a_key_is_found() -> None:
    """Each trip begins with the count of the first, and the last one leaves what it should."""

    def scan(f: Any, **options: Any) -> Any:
        def body(carry: Any, x: Any) -> Any:
            count = nnx_api.get_raw(carry.params.count)
            nnx_api.set_raw(carry.params.count, jnp.zeros_like(count))
            carry, y = f(carry, x)
            nnx_api.set_raw(carry.params.count, count + 1)
            return carry, y

        return plain.scan(body, **options)

    broken = SimpleNamespace(**{**vars(flax.nnx), **plain.TRANSFORMS, "scan": scan})
    seen = verdict(drawing(made=False), nnx=broken)
    assert isinstance(seen, Finding) and seen.signature.where.startswith("result")


def test_a_campaign_counts_what_it_warns_of() -> None:
    counted = Statistics()
    counted.warnings.update(Agrees(("key-reuse",)).warnings)
    both = counted.counts().plus(counted.counts())
    nothing: dict[str, Any] = {"refused": {}, "inconclusive": {}, "seconds_by_stage": {}}
    nothing |= dict.fromkeys(("unconfirmed", "faults", "restarts", "skipped", "discarded"), 0)
    nothing |= dict.fromkeys(("pairs_reached", "pairs", "programs"), 1)
    lines = view.counts(nothing | {"warnings": both.warnings})
    assert "warnings: key-reuse 2" in lines
    assert "features: 1 of 1 pairs reached by loops; 0% of draws discarded" in lines
    calls = view.counts(nothing | {"warnings": {}, "pairs_reached": 0})
    assert "features: 0% of draws discarded" in calls


# --- a user's program -------------------------------------------------------------------------

SCRIPT = """
import jax, jax.numpy as jnp
from flax import nnx

@nnx.vmap
def noisy(x):
    return x + jax.random.uniform(nnx.Rngs(params=0).params())

noisy(jnp.ones(2))
"""


def test_the_check_warns_and_ends_well(tmp_path: Path) -> None:
    (tmp_path / "noisy.py").write_text(SCRIPT)
    command = [sys.executable, "-m", "nnxfuzz", "check", "--no-save", "noisy.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert "key-reuse" in done.stdout


def test_a_report_for_programs_warns(tmp_path: Path) -> None:
    (tmp_path / "noisy.py").write_text(SCRIPT)
    with nnxfuzz.checking() as report:
        runpy.run_path(str(tmp_path / "noisy.py"))
    assert report.ok
    assert "key-reuse" in report.json()


def test_a_key_on_several_devices_has_the_bits_of_the_key() -> None:
    devices = jax.devices()
    assert len(devices) > 1
    mesh = jax.sharding.Mesh(devices, ("d",))
    everywhere = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    key = jax.random.key(3)
    assert keys.number_of(jax.device_put(key, everywhere)) == keys.number_of(key)


# --- keys that numbers are drawn from -------------------------------------------------------

KEY = jax.random.key(0)
X = jnp.zeros(3)


def normal(x: Any, key: Any) -> Any:
    return x + jax.random.normal(key, jnp.shape(x))


def draws_twice(x: Any, key: Any) -> Any:
    return normal(x, key) + jax.random.uniform(key, jnp.shape(x))


def splits_and_draws(x: Any, key: Any) -> Any:
    return normal(x, key) + normal(x, jax.random.split(key)[0])


def draws_from_the_parts(x: Any, key: Any) -> Any:
    key, one = jax.random.split(key)
    _, other = jax.random.split(key)
    return normal(x, one) + normal(x, other) + normal(x, jax.random.split(key, 3)[2])


def asks_for_shapes(x: Any, key: Any) -> Any:
    flax.nnx.eval_shape(normal, x, key)
    return normal(x, key)


#: Calls that draw from one key twice, and calls that do not.
TWICE: dict[str, Callable[[], Any]] = {
    "two draws": lambda: flax.nnx.jit(draws_twice)(X, KEY),
    "two draws from an old key": lambda: flax.nnx.jit(draws_twice)(X, jax.random.PRNGKey(0)),
    "each trip": lambda: flax.nnx.fori_loop(0, 2, lambda i, x: normal(x, KEY), X),
    "twice in a lane": lambda: flax.nnx.vmap(draws_twice, in_axes=(0, None))(X, KEY),
}
SPLIT: dict[str, Callable[[], Any]] = {
    "drawn from and split": lambda: flax.nnx.jit(splits_and_draws)(X, KEY),
    "split and drawn from": lambda: flax.nnx.jit(
        lambda x, key: normal(normal(x, jax.random.split(key)[1]), key)
    )(X, KEY),
}
ONCE: dict[str, Callable[[], Any]] = {
    "parts of a key": lambda: flax.nnx.jit(draws_from_the_parts)(X, KEY),
    "a split in each lane": lambda: flax.nnx.vmap(draws_from_the_parts, in_axes=(0, None))(X, KEY),
    "streams that are split": lambda: flax.nnx.split_rngs(splits=2)(
        flax.nnx.vmap(lambda rngs, x: normal(x, rngs.params()))
    )(flax.nnx.Rngs(0), jnp.zeros((2, 3))),
    "a folded key": lambda: flax.nnx.fori_loop(
        0, 2, lambda i, x: normal(x, jax.random.fold_in(KEY, i)), X
    ),
    "one for all lanes": lambda: flax.nnx.vmap(normal, in_axes=(0, None))(X, KEY),
    "lanes that run at once": lambda: flax.nnx.vmap(
        lambda x, key: jax.lax.psum(normal(x, key), "lanes"), in_axes=(0, None), axis_name="lanes"
    )(X, KEY),
    "a draw that draws": lambda: flax.nnx.jit(lambda x, key: jax.random.categorical(key, x))(
        X, KEY
    ),
    "a gradient": lambda: flax.nnx.grad(lambda x, key: normal(x, key).sum())(X, KEY),
    "shapes": lambda: flax.nnx.jit(asks_for_shapes)(X, KEY),
    "layers": lambda: flax.nnx.jit(lambda rngs: flax.nnx.LSTMCell(2, 3, rngs=rngs))(
        flax.nnx.Rngs(0)
    ),
}


@pytest.mark.parametrize("name", [*TWICE, *SPLIT, *ONCE])
def test_a_key_that_is_used_twice_is_warned_of(name: str) -> None:
    with nnxfuzz.checking() as report:
        (TWICE | SPLIT | ONCE)[name]()
    assert report.failures == []
    told = [text for row in report.rows.values() for text in row.warnings().values()]
    assert len(told) == (name not in ONCE), told
    assert all(text.startswith("at `test_keys.py:") for text in told)
    used = "draws from a key that it has drawn from before"
    assert all((used if name in TWICE else "both splits and draws from") in text for text in told)


def test_what_jax_asks_a_key_for_is_its_own_afterwards() -> None:
    module = inspect.getmodule(inspect.unwrap(jax.random.normal))
    before = vars(module)["_check_prng_key"]
    with plain.observing():
        assert vars(module)["_check_prng_key"] is not before
    assert vars(module)["_check_prng_key"] is before
