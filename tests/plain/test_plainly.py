"""`plain` as a namespace, in the place of Flax's, and what it does where Python and Flax differ."""

import subprocess
import sys
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx
from flax.nnx import scan as scan_by_name

import nnxfuzz
from nnxfuzz import nnx_api, plain
from nnxfuzz.programs.versions import version


class Cell(nnx.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        self.v = nnx.Param(jnp.array(1.0))


def bump(cell: Any, by: float = 1.0) -> Any:
    nnx_api.assign(cell.v, nnx_api.read(cell.v) + by)
    return cell


def traced(x: Any) -> bool:
    return isinstance(x, jax.core.Tracer)


# --- the namespace --------------------------------------------------------------------------


def train(nnx: Any, steps: int = 4) -> tuple[list[float], bool]:
    """A training script as README's of Flax has it; its losses, and whether anything was traced."""

    class Model(nnx.Module):  # type: ignore[misc]
        def __init__(self, rngs: Any) -> None:
            self.hidden = nnx.Linear(2, 8, rngs=rngs)
            self.dropout = nnx.Dropout(0.2, rngs=rngs)
            self.norm = nnx.BatchNorm(8, rngs=rngs)
            self.out = nnx.Linear(8, 1, rngs=rngs)

        def __call__(self, x: Any) -> Any:
            return self.out(self.dropout(nnx.relu(self.norm(self.hidden(x)))))

    saw_tracers = []

    @nnx.jit  # type: ignore[untyped-decorator]
    def step(model: Any, optimizer: Any, x: Any, y: Any) -> Any:
        saw_tracers.append(traced(x))

        def loss(model: Any) -> Any:
            return jnp.mean((model(x) - y) ** 2)

        value, grads = nnx.value_and_grad(loss)(model)
        nnx_api.update_optimizer(optimizer, model, grads)
        return value

    model = Model(nnx.Rngs(0))
    wrt = {"wrt": nnx.Param} if nnx_api.release() >= version("0.10.5") else {}
    optimizer = nnx.Optimizer(model, optax.adam(0.01), **wrt)
    xs = jax.random.normal(jax.random.key(1), (16, 2))
    ys = xs[:, :1] * 2 - xs[:, 1:]
    return [float(step(model, optimizer, xs, ys)) for _ in range(steps)], any(saw_tracers)


def test_a_training_script_runs_with_plain_as_nnx() -> None:
    real, was_traced = train(nnx)
    losses, saw = train(plain)
    assert was_traced and not saw
    np.testing.assert_allclose(losses, real, rtol=1e-4)
    assert losses[-1] < losses[0]


def test_every_transform_has_the_parameters_of_flax() -> None:
    import inspect

    for name, transform in plain.TRANSFORMS.items():
        if hasattr(nnx, name):
            real = inspect.signature(getattr(nnx, name)).parameters
            own = inspect.signature(transform).parameters
            kinds = {parameter.kind for parameter in own.values()}
            missing = real.keys() - own.keys()
            assert not missing or inspect.Parameter.VAR_KEYWORD in kinds, (name, missing)


def test_importing_nnxfuzz_brings_in_neither_jax_nor_flax() -> None:
    code = "import sys, nnxfuzz; assert not {'jax', 'flax', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- in the place of Flax's -----------------------------------------------------------------


@nnx.jit  # type: ignore[untyped-decorator]
def jitted_before(cell: Any, times: int) -> Any:
    return traced(nnx_api.read(cell.v))


def test_plainly_reaches_what_is_looked_up_late() -> None:
    real = nnx.scan
    with nnxfuzz.plainly():
        assert nnx.scan is plain.scan
        saw = nnx.jit(lambda x: [traced(x)])(jnp.ones(2))
    assert saw == [False] or not bool(saw[0])
    assert nnx.scan is real


def test_plainly_reaches_the_layers_of_flax() -> None:
    cells = nnx.RNN(nnx.SimpleCell(2, 3, rngs=nnx.Rngs(0)))
    x = jnp.ones((1, 4, 2))
    with nnxfuzz.plainly(), plain.observing() as seen:
        out = cells(x)
    assert seen.calls > 0
    np.testing.assert_allclose(out, cells(x), rtol=1e-5)


@pytest.mark.skipif(nnx_api.release() < version("0.11"), reason="nnx.jit made a plain function")
def test_plainly_reaches_what_jit_made_before() -> None:
    assert bool(jitted_before(Cell(), 3))
    with nnxfuzz.plainly():
        assert not bool(jitted_before(Cell(), 3))
    assert bool(jitted_before(Cell(), 3))


@pytest.mark.skipif(nnx_api.release() < version("0.11"), reason="nnx.jit made a plain function")
def test_what_jit_made_before_keeps_its_static_arguments() -> None:
    def scaled(x: Any, times: int, by: Any) -> Any:
        assert isinstance(times, int)
        return x * times * by.astype(x.dtype)

    before = nnx.jit(scaled, static_argnums=1)
    with nnxfuzz.plainly():
        assert before(jnp.ones(2), 2, 3).tolist() == [6.0, 6.0]


@pytest.mark.skipif(nnx_api.release() < version("0.11"), reason="nnx.jit made a plain function")
def test_plainly_reaches_what_cached_partial_made_before() -> None:
    cell = Cell()
    before = nnx.cached_partial(nnx.jit(lambda cell: [traced(nnx_api.read(bump(cell).v))]), cell)
    with nnxfuzz.plainly():
        assert not bool(before()[0])
    assert float(nnx_api.read(cell.v)) == 2.0
    assert nnx.jit(lambda cell: nnx_api.read(cell.v))(cell) == 2.0  # nothing is left of the cache


@pytest.mark.skipif(not hasattr(nnx, "jit_partial"), reason="this release has no jit_partial")
def test_plainly_reaches_what_jit_partial_made_before() -> None:
    cell, saw = Cell(), []

    def step(cell: Any, by: Any, times: int) -> None:
        saw.append(traced(by))
        bump(cell, by * times)

    before = nnx.jit_partial(step, cell, static_argnums=2, graph=False)
    with nnxfuzz.plainly():
        before(jnp.array(2.0), 3)
    assert (saw, float(nnx_api.read(cell.v))) == ([False], 7.0)


def test_plainly_reaches_a_name_that_a_module_imported() -> None:
    real = scan_by_name
    with nnxfuzz.plainly():
        assert scan_by_name is plain.scan
    assert scan_by_name is real


def test_plainly_reaches_the_layers_of_flax_while_a_check_is_on() -> None:
    cells = nnx.RNN(nnx.SimpleCell(2, 3, rngs=nnx.Rngs(0)))
    with nnxfuzz.checking() as report, nnxfuzz.plainly(), plain.observing() as seen:
        cells(jnp.ones((1, 4, 2)))
    assert seen.calls > 0
    assert report.calls == 0


def test_plainly_lasts_until_the_last_who_asked_is_done() -> None:
    """As when two threads ask for it."""
    real = nnx.scan
    first, second = nnxfuzz.plainly(), nnxfuzz.plainly()
    with second:
        first.__enter__()
        first.__exit__(None, None, None)
        assert nnx.scan is plain.scan
        first = nnxfuzz.plainly()
        first.__enter__()
    assert nnx.scan is plain.scan
    first.__exit__(None, None, None)
    assert nnx.scan is real


def test_plainly_puts_everything_back_after_an_exception() -> None:
    before = {name: getattr(nnx, name) for name in plain.TRANSFORMS if hasattr(nnx, name)}
    with pytest.raises(ZeroDivisionError), nnxfuzz.plainly():
        raise ZeroDivisionError
    assert before == {name: getattr(nnx, name) for name in before}


# --- Python's meaning and a mode's ----------------------------------------------------------


def failing(i: Any, cell: Any) -> Any:
    bump(cell)
    cell.label = "changed"
    if i == 1:
        raise ValueError("the second trip fails")
    return cell


def test_python_leaves_what_the_body_left_when_it_raised() -> None:
    cell = Cell()
    with pytest.raises(ValueError, match="second trip"):
        plain.fori_loop(0, 3, failing, cell)
    assert float(nnx_api.read(cell.v)) == 3.0
    assert cell.label == "changed"


@pytest.mark.parametrize("mode", ["graph", "graph-frozen", "tree"])
def test_a_mode_leaves_the_callers_objects_as_before_an_exception(mode: plain.Mode) -> None:
    cell, other = Cell(), Cell()

    def body(i: Any, carry: Any) -> Any:
        bump(other)
        return failing(i, carry)

    with plain.meaning(mode), pytest.raises(ValueError, match="second trip"):
        plain.fori_loop(0, 3, body, cell)
    assert float(nnx_api.read(cell.v)) == float(nnx_api.read(other.v)) == 1.0
    assert not hasattr(cell, "label")


def test_a_gradient_writes_what_the_function_reaches_besides() -> None:
    """Flax refuses it; in Python the counter goes up."""
    counter = Cell()

    def loss(x: Any) -> Any:
        return x * nnx_api.read(bump(counter).v)

    assert float(plain.grad(loss)(jnp.array(3.0))) == 2.0
    assert float(nnx_api.read(counter.v)) == 2.0
    bump(counter)  # it is no object of the trace


NAMED_IN_A_NESTED_FUNCTION = Cell()


def test_a_gradient_in_a_gradient_reads_a_global() -> None:
    """Only the inner function names it."""

    def slope(x: Any) -> Any:
        return plain.grad(lambda y: nnx_api.read(NAMED_IN_A_NESTED_FUNCTION.v) * y**3)(x)

    assert float(plain.grad(slope)(jnp.array(2.0))) == 12.0


def test_a_gradient_in_a_gradient_writes_a_global() -> None:
    cell = NAMED_IN_A_NESTED_FUNCTION
    before = float(nnx_api.read(cell.v))

    def slope(x: Any) -> Any:
        return plain.grad(lambda y: nnx_api.read(bump(NAMED_IN_A_NESTED_FUNCTION).v) * y)(x) * x

    assert float(plain.grad(slope)(jnp.array(2.0))) == before + 1
    assert float(nnx_api.read(cell.v)) == before + 1
    bump(cell, -1.0)


def test_a_static_position_of_jit_partial_counts_what_is_given_as_one() -> None:
    """As Flax hands it to jax: 0 is the list of the arguments that are given."""
    kinds = plain.jit_partial(lambda a, b, x, n: [isinstance(n, int)], 1.0, 2.0, static_argnums=2)
    assert kinds(jnp.ones(2), 3) == [True]


def test_arguments_of_a_call_override_the_mode() -> None:
    cell = Cell()
    with plain.meaning("tree"):
        assert plain.jit(lambda m: m, graph=True, graph_updates=True)(cell) is cell
        assert plain.jit(lambda m: m)(cell) is not cell
    assert plain.jit(lambda m: m, graph=False)(cell) is cell


def test_a_shared_module_is_one_node_in_frozen_and_two_in_tree_mode() -> None:
    def same(pair: Any) -> Any:
        return [pair[0] is pair[1], pair[0].v is pair[1].v]

    cell = Cell()
    found = {}
    for mode in ("graph", "graph-frozen", "tree"):
        with plain.meaning(mode), plain.numpy_kept():
            found[mode] = plain.jit(same)((cell, cell))
    assert found == {"graph": [True, True], "graph-frozen": [True, True], "tree": [False, True]}


def test_numpy_arrays_stay_such_if_asked_to() -> None:
    kind = plain.jit(lambda x: [type(x).__module__.split(".")[0]])
    assert kind(np.ones(2)) == ["jaxlib"]
    with plain.numpy_kept():
        assert kind(np.ones(2)) == ["numpy"]


def test_pmap_on_one_device_is_a_lane() -> None:
    f = plain.pmap(lambda x, k, y: x * k + y, in_axes=(0, None, None), static_broadcasted_argnums=1)
    np.testing.assert_array_equal(f(jnp.ones((1, 2)), 3, jnp.array(1.0)), [[4.0, 4.0]])


#: Calls that have no meaning, with what is raised.
MEANINGLESS = {
    "two carries": (lambda: plain.scan(bump, in_axes=(nnx.Carry, nnx.Carry)), "multiple Carry"),
    "a carry that goes in alone": (
        lambda: plain.scan(bump, in_axes=(nnx.Carry, 0), out_axes=0),
        "the other must also have Carry",
    ),
    "a nested carry": (lambda: plain.scan(bump, in_axes=((nnx.Carry,), 0)), "cannot be nested"),
    "a broadcast result": (
        lambda: plain.scan(bump, out_axes=(nnx.Carry, None)),
        "Cannot broadcast",
    ),
    "two lengths": (
        lambda: plain.scan(lambda c, x: (c, x), length=2)(0, jnp.ones(3)),
        "length. argument of 2",
    ),
    "nothing to map over": (lambda: plain.vmap(bump, in_axes=None)(Cell()), "at least one"),
    "two sizes": (
        lambda: plain.vmap(lambda a, b: a)(jnp.ones(2), jnp.ones(3)),
        "inconsistent sizes",
    ),
    "an axis of a number": (lambda: plain.vmap(lambda a: a)(1.0), "rank 0|no array|out of bounds"),
    "one argument twice": (
        lambda: plain.grad(lambda a: a, argnums=(nnx.DiffState(0, ...), 0))(jnp.ones(())),
        "repeated",
    ),
}


@pytest.mark.parametrize("name", MEANINGLESS)
def test_what_has_no_meaning_is_a_value_error(name: str) -> None:
    call, words = MEANINGLESS[name]
    with pytest.raises(ValueError, match=words):
        call()  # type: ignore[no-untyped-call]


def test_what_plain_does_not_have_is_unsupported_in_one_sentence() -> None:
    with pytest.raises(plain.Unsupported, match=r"plain.cond takes no .*\['operand'\]"):
        plain.cond(True, lambda x: x, lambda x: x, operand=1.0)
    with pytest.raises(plain.Unsupported, match=r"plain\.jit has no abstracted_axes"):
        plain.jit(lambda x: x, abstracted_axes=("n",))
    with pytest.raises(plain.Unsupported, match="has not one structure"):
        plain.vmap(lambda x: [1] if x > 0 else [1, 2])(jnp.arange(2))


def test_what_jit_returns_can_be_lowered_and_asked_for_shapes() -> None:
    """Each stage is the function of what is not static; asking for shapes changes nothing."""

    def power(cell: Any, x: Any, n: int = 1, *, twice: bool = False) -> Any:
        assert type(n) is int
        bump(cell)
        return x ** (2 * n if twice else n)

    cell, x = Cell(), jnp.array(3.0)
    jitted = plain.jit(power, static_argnums=2, static_argnames="twice")
    assert jitted.eval_shape(cell, x, 2).shape == ()
    assert nnx_api.read(cell.v) == 1
    assert jitted.lower(cell, x, 2, twice=True).compile()(cell, x) == 81
    assert jitted.trace(cell, x=x, n=2).lower().compile()(cell, x=x) == 9
    assert nnx_api.read(cell.v) == 3
    with pytest.raises(plain.Unsupported, match="there is no as_text"):
        jitted.lower(cell, x, 2).as_text()


def test_stages_of_a_partial_call_get_the_other_arguments() -> None:
    cell = Cell()
    jitted: Any = plain.jit_partial(
        lambda cell, x, n: bump(cell).v[...] * x**n, cell, static_argnums=2
    )
    assert jitted.eval_shape(jnp.ones(2), 2).shape == (2,)
    assert jitted.lower(jnp.array(3.0), 2).compile()(jnp.array(3.0)) == 18
