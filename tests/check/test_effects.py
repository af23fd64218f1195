"""What a function does to objects that are none of Flax's, which happens while it is traced."""

import functools
import gc
import random
import weakref
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from inner_refusals import Scale
from live import held, write
from packaging.version import Version

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker.verdicts import Verdict

ONE = jnp.array(1.0)

COUNTS = {"calls": 0}


class Trainer:
    """An object of the user's that keeps the last loss, and counts."""

    def __init__(self) -> None:
        self.model, self.calls = Scale(jnp.array(2.0)), 0
        self.last: Any = None

    def loss(self, x: Any) -> Any:
        self.calls += 1
        self.last = self.model(x)
        return self.last


def a_list_of_losses() -> None:
    losses = []

    def body(total: Any, x: Any) -> Any:
        losses.append(x)
        return total + x

    nnx.scan(body, in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)(ONE, jnp.ones(3))


def a_static_argument() -> None:
    nnx.jit(Trainer.loss, static_argnums=0)(Trainer(), ONE)


def a_method_of_a_list() -> None:
    losses: list[Any] = []
    log = losses.append
    nnx.jit(lambda x: (log(x), x)[1])(ONE)
    assert len(losses) == 1


def a_list_as_a_default() -> None:
    def keeps(x: Any, kept: list[Any] = []) -> Any:  # noqa: B006
        kept.append(x)
        return x

    nnx.jit(keeps)(ONE)


def a_variable_of_the_function_around() -> None:
    calls = 0

    def body(i: Any, x: Any) -> Any:
        nonlocal calls
        calls += 1
        return x

    nnx.fori_loop(0, 5, body, ONE)


def a_global() -> None:
    def counted(x: Any) -> Any:
        COUNTS["calls"] += 1
        return x

    step = nnx.jit(counted)
    for _ in range(2):
        step(ONE)


class Noted(nnx.Param):  # type: ignore[misc]
    """A Variable with a hook, which no code of the user's names: Flax calls it."""

    def on_create_value(self, value: Any) -> Any:
        COUNTS["calls"] += 1
        return value


def a_hook() -> None:
    nnx.scan(lambda total, x: (total, total + Noted(x)[...]))(0.0, jnp.arange(5.0))


def an_attribute() -> None:
    nnx.jit(Trainer().loss)(ONE)


def an_attribute_in_a_gradient() -> None:
    trainer = Trainer()
    nnx.grad(lambda m: trainer.loss(held(m.w)))(Scale(ONE))


def an_array_of_numpy() -> None:
    calls = np.zeros(1)

    def lane(x: Any) -> Any:
        calls[0] += 1
        return x

    nnx.vmap(lane)(jnp.ones(3))


def a_constant_that_is_kept() -> None:
    made: dict[int, Any] = {}

    def step(x: Any) -> Any:
        if 3 not in made:
            made[3] = np.arange(3.0)
        return x * made[3].sum()

    compiled = nnx.jit(step)
    for _ in range(2):
        compiled(ONE)


def a_function_that_keeps_its_results() -> None:
    tables = functools.lru_cache(lambda size: np.arange(size))
    nnx.jit(lambda x: x * tables(3).sum())(ONE)


def an_array_of_jax() -> None:
    last = [jnp.zeros(2)]

    def step(x: Any) -> Any:
        last[0] = jnp.asarray(np.ones(2))
        return x

    nnx.grad(step)(ONE)


def a_module_that_is_replaced() -> None:
    """The average is a new module, with tracers where the function is traced."""
    trainer = Trainer()

    def step(model: Any) -> None:
        trainer.model = Scale(held(model.w) / 2)

    nnx.jit(step)(Scale(ONE))


def a_state_that_is_kept() -> None:
    kept: list[Any] = []
    nnx.jit(lambda model: kept.append(nnx.state(model)))(Scale(ONE))


def a_state_in_the_place_of_another() -> None:
    trainer = Trainer()
    trainer.last = nnx.state(trainer.model)

    def step(model: Any) -> None:
        trainer.last = jax.tree.map(lambda mean, x: (mean + x) / 2, trainer.last, nnx.state(model))

    nnx.jit(step)(trainer.model)


def a_copy_that_is_kept() -> None:
    """The copy has the numbers that the model had when the function was traced."""
    trainer = Trainer()

    def step(x: Any) -> Any:
        trainer.last = nnx.clone(trainer.model)
        return x

    compiled = nnx.jit(step)
    for _ in range(2):
        compiled(ONE)
        write(trainer.model.w, held(trainer.model.w) + 1)


def a_module_that_is_kept_as_it_is() -> None:
    trainer = Trainer()
    other = Scale(ONE)

    def step(x: Any) -> Any:
        trainer.last, trainer.model = other, Scale(np.ones(()))
        return x

    compiled = nnx.jit(step)
    for _ in range(2):
        compiled(ONE)


class Configured(Scale):
    """A module with an object of the user's as an attribute, which is static."""

    def __init__(self) -> None:
        super().__init__(ONE)
        self.trainer = Trainer()


def an_object_of_a_module() -> None:
    def step(layer: Any, x: Any) -> Any:
        layer.trainer.calls += 1
        return x

    layer, compiled = Configured(), nnx.jit(step)
    for _ in range(2):
        compiled(layer, ONE)


def a_tracer_in_an_object_of_a_module() -> None:
    nnx.jit(lambda layer, x: layer.trainer.loss(x))(Configured(), ONE)


def a_static_dictionary_of_a_module() -> None:
    def step(layer: Any, x: Any) -> Any:
        layer.notes["last"] = x
        return x

    if not hasattr(nnx, "static"):
        pytest.skip("no attribute can be marked")
    layer = Scale(ONE)
    layer.notes = nnx.static({})
    nnx.jit(step)(layer, ONE)


def a_function_of_a_module() -> None:
    seen: list[Any] = []
    layer = Scale(ONE)
    layer.note = seen.append
    nnx.jit(lambda layer, x: (layer.note(x), x)[1])(layer, ONE)


def an_object_of_a_module_that_is_read() -> None:
    nnx.jit(lambda layer, x: x * layer.trainer.calls)(Configured(), ONE)


def a_list_that_is_read() -> None:
    factors = [2.0, 3.0]
    nnx.jit(lambda x: x * factors[0])(ONE)


def a_dictionary_that_is_given() -> None:
    def step(logs: Any, x: Any) -> None:
        logs["loss"] = x

    nnx.jit(step)({}, ONE)


def a_list_that_is_given_in_the_body() -> None:
    def body(x: Any) -> Any:
        seen: list[Any] = []
        nnx.remat(lambda seen, x: seen.append(x))(seen, x)
        return x

    nnx.jit(body)(ONE)


def a_dictionary_that_is_returned() -> None:
    def step(state: Any) -> Any:
        state["step"] = state["step"] + 1
        return {"state": state}

    nnx.jit(step)({"step": ONE})


def a_module() -> None:
    def counted(layer: Any) -> None:
        layer.w[...] = layer.w[...] + 1

    nnx.jit(counted)(Scale(ONE))


#: What is said of each; None where there is nothing to say.
EFFECTS: dict[Callable[[], None], str | None] = {
    a_list_of_losses: "changes `losses` while it is traced, and Python in each run: losses holds a",
    a_static_argument: "self.last holds a tracer",
    a_method_of_a_list: "log holds a tracer",
    a_list_as_a_default: "changes `kept` while it is traced",
    a_variable_of_the_function_around: "calls is 5 in Python",
    a_global: "COUNTS['calls'] is 2 in Python, 1 with Flax",
    a_hook: "COUNTS['calls'] is 5 in Python, 1 with Flax",
    an_attribute: "self.last holds a tracer",
    an_attribute_in_a_gradient: "trainer.last holds a tracer",
    an_array_of_numpy: "calls[0] is 3.0 in Python, 1.0 with Flax",
    a_dictionary_that_is_given: "writes to `logs`, of which the transform makes its own",
    a_list_that_is_given_in_the_body: "in the body, the function writes to `args[0]`",
    a_dictionary_that_is_returned: None,
    a_module_that_is_replaced: "trainer.model holds a tracer",
    a_state_that_is_kept: "kept holds a tracer",
    a_state_in_the_place_of_another: "trainer.last holds a tracer",
    a_copy_that_is_kept: "changes `trainer.last.w` while it is traced",
    a_module_that_is_kept_as_it_is: None,
    an_object_of_a_module: "layer.trainer.calls is 2 in Python, 1 with Flax",
    a_tracer_in_an_object_of_a_module: "layer.trainer.last holds a tracer",
    a_static_dictionary_of_a_module: "layer.notes holds a tracer",
    a_function_of_a_module: "layer.note holds a tracer",
    an_object_of_a_module_that_is_read: None,
    an_array_of_jax: None,
    a_constant_that_is_kept: None,
    a_function_that_keeps_its_results: None,
    a_list_that_is_read: None,
    a_module: None,
}


@pytest.mark.parametrize("program", EFFECTS, ids=lambda program: program.__name__)
def test_an_effect_of_tracing_is_told(program: Callable[[], None]) -> None:
    COUNTS["calls"] = 0
    report = nnxfuzz.check(program, modes="all", times=1)
    assert report.failures == []
    (row,) = report.rows.values()
    for verdict in filter(None, map(row.worst, nnx_api.modes())):
        _is_told(verdict, EFFECTS[program])
    assert report.ok


def _is_told(verdict: Verdict, told: str | None) -> None:
    if told is None:
        assert verdict.kind == "same", verdict.told
    else:
        assert verdict.kind == "deviates"
        assert verdict.record in ("effects-when-traced", "containers-copied")
        assert told in verdict.told
        assert verdict.way_out


def noise_of_numpy(rng: Any, total: Any, x: Any) -> Any:
    return total + x * rng.normal()


def noise_of_the_module(total: Any, x: Any) -> Any:
    return total + x * np.random.uniform()


def noise_of_python(rng: Any, total: Any, x: Any) -> Any:
    return total + x * rng.random()


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize(
    "body, named",
    [
        (functools.partial(noise_of_numpy, np.random.default_rng(0)), "rng"),
        (functools.partial(noise_of_numpy, np.random.RandomState(0)), "rng"),
        (noise_of_the_module, "np.random"),
        (functools.partial(noise_of_python, random.Random(0)), "rng"),
    ],
)
def test_numbers_that_are_drawn_while_it_is_traced_are_told(
    body: Callable[..., Any], named: str, mode: nnx_api.Mode
) -> None:
    if nnx_api.release() == Version("0.12.6") and mode != "graph":
        pytest.skip("its scan loses the arrays of a carry")
    axes = {"in_axes": (nnx.Carry, 0), "out_axes": nnx.Carry, **nnx_api.mode_arguments(mode)}
    with nnxfuzz.checking() as report:
        nnx.scan(body, **axes)(ONE, jnp.ones(3))
    ((_, verdict),) = report.findings
    assert verdict.told.startswith(
        f"the function draws from `{named}` while it is traced, and Python in each run: result is"
    )
    assert verdict.way_out == "draw before the call, or from an nnx.Rngs"


@pytest.mark.parametrize("rng", [np.random, np.random.default_rng(0)])
def test_other_threads_may_draw_from_the_global_generators(rng: Any) -> None:
    def body(total: Any, x: Any) -> Any:
        rng.uniform()
        return total + x

    with nnxfuzz.checking() as report:
        nnx.scan(body, in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)(ONE, jnp.ones(3))
    (row,) = report.rows.values()
    verdict = row.worst("graph")
    assert verdict is not None
    assert verdict.kind == ("same" if rng is np.random else "deviates"), verdict.told


def test_what_is_drawn_and_changes_nothing_is_not_the_reason() -> None:
    rng, trips = np.random.default_rng(0), [0.0]

    def body(total: Any, x: Any) -> Any:
        trips[0] += 1.0 + 0.0 * rng.normal()
        return total + x * trips[0]

    with nnxfuzz.checking() as report:
        nnx.scan(body, in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)(ONE, jnp.ones(3))
    ((_, verdict),) = report.findings
    assert verdict.told.startswith("result is 7.0 in Python")
    assert any(line.startswith("trips[0] is 3.0 in Python") for line in verdict.lines)


@pytest.mark.parametrize("alone", [True, False])
def test_a_generator_of_an_old_trace_is_not_to_be_passed(alone: bool) -> None:
    rng, offset = np.random.default_rng(0), nnx.Variable(jnp.zeros(2))
    noisy = nnx.jit(lambda x: x + rng.random() + offset[...])

    def program() -> None:
        noisy(jnp.array(1.0))
        if not alone:
            offset[...] = jnp.ones(2)

    ((_, verdict),) = nnxfuzz.check(program, modes="used").findings
    assert "`rng` is at another place of its random numbers" in verdict.told
    if alone:
        assert verdict.way_out == "draw before the call, or from an nnx.Rngs"
    else:
        assert "`offset` is another float32[2] now" in verdict.told
        assert verdict.way_out.startswith("pass what changes as an argument, and draw before")


def test_no_module_lives_longer_because_it_was_looked_at() -> None:
    """What a function reached in its first call is remembered; the module is not held for that."""
    trainer = Trainer()
    compiled = nnx.jit(lambda x: x * held(trainer.model.w))
    with nnxfuzz.checking() as report:
        compiled(ONE)
        old = weakref.ref(trainer.model)
        trainer.model = Scale(ONE)
        gc.collect()
        assert old() is None
        compiled(ONE)
    ((_, verdict),) = report.findings
    assert "changed (`trainer.model.w` was 2.0 and is 1.0)" in verdict.told


@pytest.mark.skipif(not hasattr(nnx, "static"), reason="no attribute can be marked")
def test_a_time_in_a_static_dictionary_is_an_effect() -> None:
    """Two times are near each other, and the comparison of a static attribute is exact."""
    ticks = [0.0]

    def step(m: Any, x: Any) -> Any:
        m.times["step"] = 1e-4 * ticks[0]
        return x

    m = Scale(ONE)
    m.times = nnx.static({"step": 0.0})
    compiled = nnx.jit(step)
    with nnxfuzz.checking() as report:
        for ticks[0] in (1.0, 2.0):
            compiled(m, ONE)
    assert not report.failures
    ((_, verdict),) = [[v for _, v in row.used] for row in report.rows.values()]
    assert (verdict.kind, verdict.record) == ("deviates", "effects-when-traced")
    assert verdict.paths == ("m.times['step']",)


@pytest.mark.skipif(not hasattr(nnx, "static"), reason="no attribute can be marked")
def test_what_is_wrong_is_told_before_what_tracing_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of a module is longer in Python, too, which is no mistake."""
    jit = nnx.jit

    @functools.wraps(jit)
    def forgetful(f: Any, **options: Any) -> Any:
        def call(m: Any) -> None:
            compiled(m)
            m.w.set_value(ONE)

        compiled = jit(f, **options)
        return call

    def step(m: Any) -> None:
        m.log.append(1)
        m.w.set_value(held(m.w) + 1)

    m = Scale(ONE)
    m.log = nnx.static([])
    monkeypatch.setattr(nnx, "jit", forgetful)
    with nnxfuzz.checking() as report:
        compiled = nnx.jit(step)
        for _ in range(2):
            compiled(m)
    assert not report.failures
    told = [v.told for row in report.rows.values() for _, v in row.used]
    assert told == ["m.w is 2.0 in Python, 1.0 with Flax"] * 2
