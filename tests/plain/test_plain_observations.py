"""What a plain run sees of a program, with paths."""

import gc
import weakref
from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx

from nnxfuzz import nnx_api, plain
from nnxfuzz.programs.versions import version


class Cell(nnx.Module):  # type: ignore[misc]
    def __init__(self, value: float = 1.0) -> None:
        self.v = nnx.Param(jnp.array(value))


def bump(cell: Any) -> Any:
    nnx_api.assign(cell.v, nnx_api.read(cell.v) + 1)
    return cell


def one_trip(body: Any, carry: Any) -> plain.Observations:
    with plain.observing() as seen:
        plain.fori_loop(0, 1, body, carry)
    return seen


def told(seen: plain.Observations) -> set[tuple[str, tuple[str, ...]]]:
    return {(observation.kind, observation.paths) for observation in seen}


def test_a_body_that_only_updates_shows_nothing() -> None:
    assert told(one_trip(lambda i, c: bump(c), Cell())) == set()


def test_a_variable_at_two_paths_is_aliased() -> None:
    cell = Cell()
    seen = one_trip(lambda i, c: c, {"a": cell, "b": [cell.v]})
    assert ("aliased", ("carry['a'].v", "carry['b'][0]")) in told(seen)


def test_a_replaced_variable_and_node_have_their_paths() -> None:
    def body(i: Any, carry: Any) -> Any:
        a, _ = carry
        a.v = nnx.Param(jnp.array(5.0))
        return a, Cell()

    assert told(one_trip(body, (Cell(), Cell()))) == {
        ("variable-replaced", ("carry[0].v",)),
        ("variable-replaced", ("carry[1].v",)),
        ("node-replaced", ("carry[1]",)),
    }


def test_a_state_that_is_rebuilt_is_no_other_variable() -> None:
    """jax makes a State anew as it does a dict; but a Variable that stands elsewhere is another."""
    cell = Cell()
    state = nnx.state(cell)
    rebuilt = one_trip(lambda i, c: jax.tree.map(lambda a: a + 1, c), {"s": state})
    assert told(rebuilt) == {("state-rebuilt", ("carry['s']['v']",))}
    swapped = one_trip(lambda i, c: (c[1], c[0]), (state, nnx.state(Cell())))
    assert {kind for kind, _ in told(swapped)} == {"variable-replaced"}


@pytest.mark.skipif(nnx_api.release() < version("0.11.0"), reason="a State has copies")
def test_a_rebuilt_variable_that_stands_elsewhere_is_another_one() -> None:
    cell = Cell()
    carry = (cell, nnx.state(cell))
    seen = one_trip(lambda i, c: (c[0], jax.tree.map(lambda a: a + 1, c[1])), carry)
    assert ("variable-replaced", ("carry[1]['v']",)) in told(seen)


def test_a_new_attribute_is_a_change_of_structure() -> None:
    def body(i: Any, carry: Any) -> Any:
        carry.extra = nnx.Param(jnp.array(0.0))
        carry.label = "x"
        return carry

    seen = told(one_trip(body, Cell()))
    assert ("variable-made", ("carry.extra",)) in seen
    assert ("structure-changed", ("carry.label",)) in seen


def test_another_dtype_is_told_with_both() -> None:
    (seen,) = one_trip(lambda i, c: c.astype(jnp.int32), jnp.array(1.0)).of("aval-changed")
    assert seen.paths == ("carry",)
    assert "float32" in seen.detail and "int32" in seen.detail


def test_a_write_to_what_is_captured_has_its_name() -> None:
    cell = Cell()
    seen = one_trip(lambda i, c: c + nnx_api.read(bump(cell).v), jnp.array(1.0))
    assert seen.paths("captured") == ["cell"]
    assert ("captured-written", ("cell.v",)) in told(seen)


def test_a_captured_object_that_is_returned_is_told() -> None:
    cell = Cell()
    seen = one_trip(lambda i, c: cell, Cell())
    assert ("captured-returned", ("carry",)) in told(seen)
    assert ("node-replaced", ("carry",)) in told(seen)


@pytest.mark.parametrize("transform", ["jit", "vmap", "scan"])
def test_a_captured_object_that_is_attached_to_an_argument_is_told(transform: str) -> None:
    cell, own = Cell(), Cell()

    def attach(m: Cell, x: Any) -> Any:
        m.other = cell
        return x

    def reached(m: Cell, x: Any) -> Any:
        return nnx_api.read(cell.v) * x

    options: dict[str, Any] = {} if transform == "jit" else {"in_axes": (None, 0)}
    options |= {"out_axes": 0} if transform == "scan" else {}
    call = getattr(plain, transform)
    with plain.observing() as seen:
        call(attach, **options)(own, jnp.ones(1))
    root = "inputs" if transform == "scan" else "args"
    assert f"{root}[0].other.v" in seen.paths("captured-returned")
    with plain.observing() as seen:
        call(reached, **options)(cell, jnp.ones(1))
    assert not seen.of("captured-returned")


def test_a_write_to_a_broadcast_argument_is_told() -> None:
    with plain.observing() as seen:
        plain.vmap(lambda m, x: bump(m).v * x, in_axes=(None, 0))(Cell(), jnp.ones(2))
    assert set(seen.paths("broadcast-written")) == {"args[0].v"}


def test_a_write_to_an_argument_of_a_custom_vjp_is_told() -> None:
    with plain.observing() as seen:
        own = plain.custom_vjp(lambda m, other: bump(m).v[...])
        own.defvjp(lambda m, other: (own(m, other), None), lambda _, g: (g, g))
        own(Cell(), Cell())
    assert seen.paths("argument-written") == ["args[0].v"]


def test_one_variable_with_two_axes_is_told_and_refused() -> None:
    param = nnx.Param(jnp.ones((2, 2)))
    with plain.observing() as seen, pytest.raises(ValueError, match="Inconsistent aliasing"):
        plain.vmap(lambda a, b: a, in_axes=(0, 1))(param, param)
    assert ("inconsistent-axes", ("args[0]", "args[1]")) in told(seen)


@pytest.mark.parametrize("reached", [True, False])
def test_a_variable_with_two_axes_is_told_apart_if_the_closure_has_it(reached: bool) -> None:
    param = nnx.Param(jnp.ones((2, 2)))
    held = [param] if reached else []

    def inner(a: nnx.Param[Any], b: nnx.Param[Any]) -> None:
        plain.vmap(lambda a, b: None, in_axes=(0, 1))(a, *held or [b])

    with plain.observing() as seen, pytest.raises(ValueError, match="Inconsistent aliasing"):
        plain.jit(inner)(param, param)
    assert (("inconsistent-reached", ("args[0]", "args[1]")) in told(seen)) == reached


@pytest.mark.parametrize("twice", [True, False])
def test_a_variable_with_two_axes_is_told_apart_if_it_is_given_twice(twice: bool) -> None:
    cell = Cell()

    def inner(_: int, given: Any) -> Any:
        a, *others = given
        plain.vmap(lambda a, b: None, in_axes=(0, None))(a.v, (*others, a)[0].v)
        return given

    with plain.observing() as seen, pytest.raises(ValueError, match="Inconsistent aliasing"):
        plain.fori_loop(0, 1, inner, (cell, cell) if twice else (cell,))
    assert (("inconsistent-given", ("args[0]", "args[1]")) in told(seen)) == twice


def test_results_that_are_arguments_are_told() -> None:
    with plain.observing() as seen:
        plain.jit(lambda m, x: (m, m.v, x))(Cell(), 1)
    assert ("argument-returned", ("args[0].v", "out[0].v", "out[1]")) in told(seen)
    assert ("returned-twice", ("out[0].v", "out[1]")) in told(seen)


def test_a_condition_that_writes_is_told() -> None:
    def cond(carry: Any) -> Any:
        return nnx_api.read(bump(carry).v) < 3

    with plain.observing() as seen:
        plain.while_loop(cond, lambda c: c, Cell())
    assert ("condition-wrote", ("carry.v",)) in told(seen)


def test_what_the_condition_and_the_body_reach_is_told() -> None:
    cell, other = Cell(), Cell()

    def cond(count: Any) -> Any:
        return count < nnx_api.read(cell.v) + 1

    def body(count: Any) -> Any:
        return count + 1 + nnx_api.read(cell.v)

    with plain.observing() as seen:
        plain.while_loop(cond, body, jnp.array(0.0))
    assert seen.paths("captured-by-both") == ["cell.v"]
    with plain.observing() as seen:
        plain.while_loop(cond, lambda count: count + 1 + nnx_api.read(other.v), jnp.array(0.0))
    assert not seen.of("captured-by-both")


def test_a_condition_that_reaches_what_the_body_changes_is_told() -> None:
    cell, other = Cell(), Cell()

    def cond(carry: Any) -> Any:
        return nnx_api.read(cell.v) < 3

    with plain.observing() as seen:
        plain.while_loop(cond, bump, cell)
    assert ("condition-captured", ("cell.v",)) in told(seen)
    nnx_api.assign(cell.v, 3.0)
    with plain.observing() as seen:  # no trip, so no change
        plain.while_loop(cond, bump, cell)
    assert not seen.of("condition-captured")
    with plain.observing() as seen:  # no argument
        plain.while_loop(lambda c: bump(other) is None, bump, cell)
    assert not seen.of("condition-captured")


def test_an_exception_of_the_body_is_told() -> None:
    with plain.observing() as seen, pytest.raises(ZeroDivisionError):
        plain.jit(lambda m: 1 / 0)(Cell())
    assert [o.detail.split(":")[0] for o in seen.of("raised")] == ["ZeroDivisionError"]


def test_a_module_that_reaches_itself_is_told() -> None:
    cell = Cell()
    cell.me = cell
    assert ("reaches-itself", ("carry.me",)) in told(one_trip(lambda i, c: c, cell))


def test_a_call_in_a_call_has_its_depth() -> None:
    outer = plain.jit(lambda m: plain.jit(lambda a, b: a)(m, m))
    with plain.observing() as seen:
        outer(Cell())
    (aliased,) = seen.of("aliased")
    assert (aliased.transform, aliased.call, aliased.depth) == ("jit", 1, 1)
    assert aliased.sentence == (
        "jit: one Variable stands at these paths of the arguments (args[0].v, args[1].v): Param."
    )


def test_nothing_is_collected_unless_asked_for() -> None:
    with plain.observing() as seen:
        pass
    plain.jit(lambda a, b: a)(*[Cell()] * 2)
    assert seen == []


@pytest.mark.skipif(nnx_api.release() < version("0.12.3"), reason="it has no references")
@pytest.mark.parametrize("writes", [False, True])
def test_a_captured_reference_is_written_where_its_numbers_change(writes: bool) -> None:
    """Each read of a reference gives another array."""
    v = nnx.Param(jnp.array(1.0), ref=True)

    def f(x: Any) -> Any:
        if writes:
            v[...] = v[...] + x
        return v[...] * x

    with plain.observing() as seen:
        plain.jit(f)(jnp.array(2.0))
    assert bool(seen.of("captured-written")) == writes


class Callable:
    """An object that is called: its function reads a global Variable."""

    def __call__(self, carry: Any, _: Any) -> Any:
        nnx_api.assign(COUNT, nnx_api.read(COUNT) + 1)
        return carry, None


class Called(Callable, nnx.Module):  # type: ignore[misc]
    """A module that is called so."""


class Static(nnx.Module):  # type: ignore[misc]
    """A module that calls a function that it has for an attribute."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, carry: Any, x: Any) -> Any:
        return self.function(carry, x)


COUNT = nnx.Param(jnp.array(0.0))


@pytest.mark.parametrize(
    "body",
    [Callable(), Called(), Static(Callable().__call__)],
    ids=["object", "module", "attribute"],
)
def test_a_trial_undoes_what_the_function_of_a_callable_object_writes(body: Any) -> None:
    """A scan without trips tries its body to learn the shapes of its rows."""
    before = nnx_api.read(COUNT)
    plain.scan(body)(jnp.array(0.0), jnp.zeros((0,)))
    assert nnx_api.read(COUNT) == before
    with plain.observing() as seen:
        plain.jit(body)(jnp.array(0.0), None)
    assert [paths for kind, paths in told(seen) if kind == "captured-written"]


def test_a_static_argument_is_reached_as_by_closure() -> None:
    """No transform takes it apart; a function of `pmap` reaches no other argument so."""

    class Holder:
        def __init__(self) -> None:
            self.cell = Cell()

    def write(held: Holder, x: Any) -> Any:
        bump(held.cell)
        return x

    with plain.observing() as seen:
        plain.jit(write, static_argnums=0)(Holder(), jnp.array(1.0))
        plain.pmap(lambda cell, x: cell.v[...] + x, in_axes=(None, 0))(Cell(), jnp.ones(1))
    assert seen.paths("captured-written") == ["held.cell.v"]
    assert seen.paths("captured-argument") == []


def test_a_cache_that_a_function_reaches_may_grow_while_it_is_looked_into() -> None:
    cache: dict[Any, Any] = {}

    class Looked:
        @property  # type: ignore[misc]
        def __class__(self) -> Any:
            cache[len(cache)] = None
            return object

    cache["first"], cache["second"] = Looked(), Cell()
    with plain.observing() as seen:
        plain.jit(lambda x: x * len(cache) * 0)(1.0)
    assert "cache['second']" in seen.paths("captured")
    assert len(cache) > 2


def test_what_lives_no_more_reaches_nothing() -> None:
    held = [weakref.proxy(Cell()), Cell()]
    gc.collect()
    with plain.observing() as seen:
        plain.jit(lambda x: x * len(held))(1.0)
    assert seen.paths("captured") == ["held[1]"]
