"""What raises before a call is made, and calls of what `lower` and `compile` came to."""

import contextlib
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx
from flax.nnx.transforms import compilation
from test_in_code import kinds, layer

import nnxfuzz
from nnxfuzz import nnx_api

NEEDS_TREE = pytest.mark.skipif("tree" not in nnx_api.modes(), reason="no tree mode")


def broken(*args: Any, **kwargs: Any) -> Any:
    raise RuntimeError("planted")


def add(cell: Any, x: Any) -> Any:
    cell.n[...] = cell.n[...] + x
    return x


class Cell(nnx.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        self.n = nnx.Variable(jnp.array(0.0))


class Bound(nnx.Module):  # type: ignore[misc]
    def call(self, x: Any) -> Any:
        return x


def test_a_transform_that_raises_as_it_is_given_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation, "JitWrapped", broken)
    with nnxfuzz.checking() as report, pytest.raises(RuntimeError, match="planted"):
        nnx.jit(add)
    assert kinds(report) == [{"graph": "internal error"}]
    assert "as it is given the function" in str(report)


def test_a_decorator_that_raises_as_it_is_given_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation, "JitWrapped", broken)
    with nnxfuzz.checking() as report, pytest.raises(RuntimeError, match="planted"):

        @nnx.jit(donate_argnums=0)  # type: ignore[untyped-decorator]
        def _step(x: Any) -> Any:
            return x

    assert kinds(report) == [{"graph": "internal error"}]


@pytest.mark.skipif("graph-frozen" not in nnx_api.modes(), reason="no mode without graph updates")
def test_options_that_a_mode_does_not_take_are_a_documented_reason() -> None:
    axes = nnx.StateAxes({...: 0})
    with nnxfuzz.checking() as report, pytest.raises(ValueError, match="StateAxes"):
        nnx.vmap(layer(), in_axes=(axes,), graph=True, graph_updates=False)
    assert kinds(report) == [{"graph-frozen": "refused"}]


@NEEDS_TREE
def test_a_variable_is_no_prefix() -> None:
    with nnxfuzz.checking() as report, pytest.raises(ValueError, match="prefixes"):
        nnx.vmap(layer(), in_axes=(nnx.Variable(0),), graph=False)
    assert kinds(report) == [{"tree": "refused"}]


@pytest.mark.skipif(not hasattr(nnx, "checkify"), reason="this flax has no checkify")
def test_checkify_that_takes_no_bound_method_is_refused_for_it() -> None:
    with nnxfuzz.checking() as report:
        try:
            nnx.checkify(Bound().call)
        except ValueError:
            assert kinds(report) == [{"graph": "refused"}]
    assert report.failures == []


def test_what_plain_python_does_not_take_either_is_the_same() -> None:
    with nnxfuzz.checking() as report, pytest.raises(TypeError):
        nnx.jit(add, no_such_option=1)
    assert report.ok


def test_an_option_of_another_release_is_no_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's mistake; `plain` has the options of all releases."""
    real = nnx.fori_loop
    older = lambda lower, upper, body_fun, init_val: real(lower, upper, body_fun, init_val)  # noqa: E731
    monkeypatch.setattr(nnx, "fori_loop", older)
    with nnxfuzz.checking() as report:
        with pytest.raises(TypeError, match="graph"):
            nnx.fori_loop(0, 1, lambda i, x: x, jnp.array(0), graph=False)
        with pytest.raises(TypeError, match="graph"):
            nnx.jit(lambda: nnx.fori_loop(0, 1, lambda i, x: x, 0, graph=False))()
        nnx.fori_loop(0, 1, lambda i, x: x, jnp.array(0))
    assert kinds(report) == [{"graph": "same"}] * 3
    assert "it raises TypeError, as Python does" in report.json()


def test_a_compiled_function_is_judged() -> None:
    cell = Cell()
    with nnxfuzz.checking() as report:
        nnx.jit(add).lower(cell, jnp.array(1.0)).compile()(cell, jnp.array(1.0))
    assert kinds(report) == [{"graph": "same"}]
    assert float(cell.n[...]) == 1


@NEEDS_TREE
def test_a_compiled_function_of_tree_mode_is_judged() -> None:
    cell, one = Cell(), jnp.array(1.0)
    with nnxfuzz.checking() as report:
        nnx.jit(add, graph=False).lower(cell, one).compile()(cell, one)
    assert kinds(report) == [{"tree": "same"}]


def test_a_compiled_function_that_loses_an_update_is_different(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = compilation.Compiled.__call__
    monkeypatch.setattr(
        compilation.Compiled, "__call__", lambda made, cell, x: real(made, nnx.clone(cell), x)
    )
    cell = Cell()
    with nnxfuzz.checking() as report:
        nnx.jit(add).lower(cell, jnp.array(1.0)).compile()(cell, jnp.array(1.0))
    assert kinds(report) == [{"graph": "different"}]
    assert "cell.n" in str(report)
    assert "was compiled before" not in str(report)


@NEEDS_TREE
def test_what_a_compiled_function_gives_to_another_argument_is_different(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As Flax up to 0.12.12 does by itself, where a static argument stands before the modules."""
    real = compilation.SimpleCompiled.__call__
    monkeypatch.setattr(
        compilation.SimpleCompiled,
        "__call__",
        lambda made, first, second: real(made, second, first),
    )
    one, other = Cell(), Cell()
    with nnxfuzz.checking() as report:
        step = nnx.jit(lambda first, second, n: add(first, n), static_argnames="n", graph=False)
        step.lower(one, other, n=1).compile()(one, other)
    assert kinds(report) == [{"tree": "different"}]
    assert "was compiled before" not in str(report)


def scaled(by: int, cell: Cell, x: Any, *, kind: str, start: int = 0) -> Any:
    """A function of a Cell, with static arguments on both sides of it."""
    add(cell, x)
    return (cell.n[...] + start) * by if kind == "times" else x


STATIC: Any = {"static_argnums": 0, "static_argnames": ("kind", "start")}


@pytest.mark.parametrize("mode", ["graph", pytest.param("tree", marks=NEEDS_TREE)])
def test_a_compiled_function_with_static_arguments_is_judged(mode: str) -> None:
    cell, one = Cell(), jnp.array(1.0)
    options = STATIC if mode == "graph" else STATIC | {"static_argnums": (), "graph": False}
    by = 3 if mode == "graph" else jnp.array(3)
    with nnxfuzz.checking() as report:
        lowered = nnx.jit(scaled, **options).trace(by, cell, one, kind="times").lower()
        given = (cell, one) if mode == "graph" else (by, cell, one)
        assert float(lowered.compile()(*given)) == 3
    assert kinds(report) == [{mode: "same"}]


def test_a_compiled_function_is_told_to_be_older_than_what_it_reaches() -> None:
    factor = {"of": 1.0}
    power = nnx.jit(lambda x, n: factor["of"] * x**n, static_argnames="n")
    with nnxfuzz.checking() as report:
        compiled = power.lower(jnp.array(2.0), n=2).compile()
        for factor["of"] in (1.0, 2.0):
            compiled(jnp.array(3.0))
    assert kinds(report) == [{"graph": "different"}]
    assert "(`factor['of']` was 1.0 and is 2.0)" in str(report)


@pytest.mark.parametrize("place", [0, 1])
def test_what_was_lowered_with_static_arguments_before_the_check_is_not_judged(place: int) -> None:
    args = (2, jnp.array(2.0)) if place == 0 else (jnp.array(2.0), 2)
    power = nnx.jit(lambda a, b: a**b, static_argnums=place).lower(*args).compile()
    with nnxfuzz.checking() as report:
        power(jnp.array(3.0))
    assert kinds(report) == [{"graph": "not judged"}]
    assert "it was lowered before the check began" in str(report)


def test_lowering_that_raises_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compilation.JitWrapped, "lower", broken)
    with nnxfuzz.checking() as report, pytest.raises(RuntimeError, match="planted"):
        nnx.jit(add).lower(Cell(), jnp.array(1.0))
    assert kinds(report) == [{"graph": "internal error"}]


def test_lowering_for_a_reason_that_python_has_too_is_the_same() -> None:
    def fails(cell: Any) -> None:
        raise KeyError("the program's")

    with nnxfuzz.checking() as report, pytest.raises(KeyError):
        nnx.jit(fails).lower(Cell())
    assert kinds(report) == [{"graph": "same"}]


def test_what_is_called_while_a_function_is_lowered_is_no_call() -> None:
    """Neither a function that is compiled itself, nor a transform of the body."""
    inner = nnx.jit(add)

    def body(cell: Any, x: Any) -> Any:
        return nnx.remat(inner)(cell, x)

    with nnxfuzz.checking() as report:
        nnx.jit(inner).lower(Cell(), jnp.array(1.0))
        nnx.jit(body).eval_shape(Cell(), jnp.array(1.0))
    assert kinds(report) == []


@pytest.mark.parametrize("made_before", [True, False])
def test_a_body_may_ask_for_the_shapes_of_what_is_compiled(made_before: bool) -> None:
    """The plain run asks plain, and the count that it takes for that is no other."""
    before = nnx.jit(add)

    def body(cell: Any, x: Any) -> Any:
        inner = before if made_before else nnx.jit(add)
        return jnp.zeros(inner.eval_shape(cell, x).shape) + x

    with nnxfuzz.checking() as report:
        nnx.jit(body)(Cell(), jnp.array(1.0))
    assert report.failures == []
    assert kinds(report) == [{"graph": "same"}]


def _reads(linear: Any, x: Any) -> Any:
    return linear(x)


@pytest.mark.parametrize("options", [{"donate_argnums": 0}, {"donate_argnames": "linear"}], ids=str)
def test_a_donated_module_that_is_only_read(options: dict[str, Any]) -> None:
    """Without graph updates, what is donated by name is deleted in the caller's module (0.12.12):
    Flax knows of the numbers only.
    """
    others = (mode for mode in nnx_api.modes() if mode != "graph")
    added: dict[str, Any] = {"graph-frozen": {"graph_updates": False}, "tree": {"graph": False}}
    wanted = {"graph": "same"}
    for mode in others:
        linear = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
        nnx.jit(_reads, **options, **added[mode])(linear, jnp.ones((1, 2)))
        wanted[mode] = "different" if nnx_api.get_raw(linear.bias).is_deleted() else "same"
    with nnxfuzz.checking("all") as report:
        linear = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
        nnx.jit(_reads, **options)(linear, jnp.ones((1, 2)))
    assert report.failures == []
    assert kinds(report) == [wanted]
    told = "holding an array that was deleted"
    assert (told in str(report)) == ("different" in wanted.values())
    assert options != {"donate_argnums": 0} or set(wanted.values()) == {"same"}


def test_the_loop_of_a_layer_of_flax_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """`nnx.RNN` calls `nnx.scan` itself, as its docstring says: what is wrong with that shows."""
    rnn, x = nnx.RNN(nnx.SimpleCell(2, 3, rngs=nnx.Rngs(0))), jnp.arange(8.0).reshape(1, 4, 2)
    with nnxfuzz.checking() as report:
        rnn(x)
        nnx.jit(lambda rnn, x: rnn(x))(rnn, x)
    assert kinds(report) == [{"graph": "same"}, {"graph": "same"}]
    real = jax.lax.scan

    def turned(*args: Any, reverse: bool = False, **kwargs: Any) -> Any:
        return real(*args, reverse=not reverse, **kwargs)

    monkeypatch.setattr(jax.lax, "scan", turned)
    with nnxfuzz.checking() as report:
        rnn(x)
    assert kinds(report) == [{"graph": "different"}]


@NEEDS_TREE
def test_a_layer_of_flax_stays_in_its_mode() -> None:
    rnn, x = nnx.RNN(nnx.SimpleCell(2, 3, rngs=nnx.Rngs(0))), jnp.ones((1, 4, 2))
    with nnxfuzz.checking(modes="all") as report:
        rnn(x)
        nnx.jit(lambda rnn, x: rnn(x))(rnn, x)
    assert [row["tree"] for row in kinds(report)] == ["not judged", "same"]


def _target(model: Any) -> Any:
    """A target network as `nnx.clone` makes it: other Variables, and the same arrays."""
    return nnx.clone(model)


def _weights(model: Any) -> Any:
    """The weights as a dictionary of arrays."""
    return {"kernel": model.kernel.get_value()}


@pytest.mark.parametrize(
    ("beside", "donates", "places"),
    [
        (_target, (0, 1), ("model.bias", "beside.bias")),
        (_target, (0,), ("model.bias", "beside.bias")),
        (_weights, (1,), ("model.kernel", "beside.kernel")),
    ],
)
def test_an_array_that_is_donated_and_given_twice_is_named(
    beside: Any, donates: tuple[int, ...], places: tuple[str, ...]
) -> None:
    def step(model: Any, beside: Any) -> None:
        kernel = beside["kernel"] if isinstance(beside, dict) else beside.kernel[...]
        model.kernel[...] += kernel

    model = nnx.Linear(2, 3, rngs=nnx.Rngs(0))
    with nnxfuzz.checking() as report, contextlib.suppress(ValueError, RuntimeError):
        nnx.jit(step, donate_argnums=donates)(model, beside(model))
    (row,) = report.rows.values()
    found = row.worst("graph")
    assert found is not None
    assert found.kind == "refused", found.told
    assert found.record == "donated-twice"
    assert set(found.paths) == set(places)


@pytest.mark.parametrize("used", [True, False])
def test_an_array_that_an_earlier_call_donated_is_named(used: bool) -> None:
    """A copy of the model shares its arrays, which a training step donates."""
    model = nnx.Linear(2, 3, rngs=nnx.Rngs(0))
    target = nnx.clone(model)
    step = nnx.jit(lambda model: nnx.update(model, nnx.state(model)), donate_argnums=0)
    compare = nnx.jit(lambda target, x: target(x) if used else x)
    with nnxfuzz.checking() as report, contextlib.suppress(ValueError, RuntimeError):
        step(model)
        compare(target, jnp.ones((1, 2)))
    *_, row = report.rows.values()
    found = row.worst("graph")
    assert found is not None
    assert (found.kind, found.record) == ("refused", "deleted-before"), found.told
    assert found.paths == ("target.bias",)
