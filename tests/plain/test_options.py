"""Each option and form of each transform: Flax leaves what plain leaves, in each mode."""

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import pytest
from flax import nnx
from sides import MODES, Program, differences

from nnxfuzz import nnx_api, plain
from nnxfuzz.programs.versions import version


class Counter(nnx.Module):  # type: ignore[misc]
    """A weight and a counter."""

    def __init__(self, weight: Any = 2.0) -> None:
        self.w = nnx.Param(jnp.asarray(weight))
        self.n = nnx.BatchStat(jnp.zeros_like(self.w[...] if _new() else self.w.value))

    def __call__(self, x: Any) -> Any:
        nnx_api.assign(self.n, nnx_api.read(self.n) + 1)
        return x * nnx_api.read(self.w)


def _new() -> bool:
    return nnx_api.release() >= version("0.12")


ROWS: dict[str, tuple[Program, Callable[[], Any], tuple[str, ...]]] = {}
ALL = ("graph", "graph-frozen", "tree")
GRAPH = ("graph",)
NO_UPDATES = ("graph-frozen", "tree")


def row(
    make: Callable[[], Any] = lambda: (Counter(),), modes: tuple[str, ...] = ALL
) -> Callable[[Program], Program]:
    """Put a program into the table, with what makes its arguments and the modes that have it."""

    def put(program: Program) -> Program:
        ROWS[program.__name__] = program, make, modes
        return program

    return put


def stack_of_three() -> tuple[Any, ...]:
    return (Counter(jnp.arange(1.0, 4.0)),)


XS = jnp.arange(1.0, 7.0).reshape(3, 2)


# --- cached_partial -------------------------------------------------------------------------


@row(lambda: (nnx.Dropout(0.5, rngs=nnx.Rngs(0)), Counter()), GRAPH)
def a_flag_that_is_set_later_does_not_reach_what_is_cached(api: Any, *given: Any) -> Any:
    """`cached_partial` clones the modules, and the clones hold the same Variables."""
    dropout, counter = given

    def step(dropout: Any, counter: Any, x: Any) -> Any:
        return dropout(counter(x)), jnp.asarray(dropout.deterministic)

    cached = api.cached_partial(api.jit(step), dropout, counter)
    dropout.deterministic = True
    return cached(jnp.ones(4)), cached(jnp.ones(4))


# --- scan -----------------------------------------------------------------------------------


@row(stack_of_three, GRAPH)
def scan_over_layers_emits_the_param_that_it_gives_them(nnx: Any, layers: Any) -> Any:
    def body(x: Any, layer: Any) -> Any:
        layer.extra = nnx.Param(x * 10)
        return x + 1, layer.extra

    scan = nnx.scan(body, in_axes=(nnx.Carry, 0), out_axes=(nnx.Carry, 0))
    return scan(jnp.array(1.0), layers)


@row()
def scan_reversed(nnx: Any, m: Any) -> Any:
    f = lambda m, x: (m, m(x) + nnx_api.read(m.n))  # noqa: E731
    return nnx.scan(f, reverse=True)(m, XS)


@row()
def scan_as_a_decorator_with_the_carry_last(nnx: Any, m: Any) -> Any:
    @nnx.scan(in_axes=(1, nnx.Carry), out_axes=(-1, nnx.Carry), unroll=2)  # type: ignore[untyped-decorator]
    def f(x: Any, m: Any) -> Any:
        return m(x), m

    return f(XS, m)


@row()
def scan_of_a_carry_alone(nnx: Any, m: Any) -> Any:
    def f(m: Any) -> Any:
        m(1.0)
        return m

    return nnx.scan(f, in_axes=nnx.Carry, out_axes=nnx.Carry, length=3)(m)


@row(stack_of_three)
def scan_without_a_carry(nnx: Any, m: Any) -> Any:
    return nnx.scan(lambda m, x: m(x), in_axes=(0, None), out_axes=0)(m, jnp.array(3.0))


@row(stack_of_three)
def scan_over_all_arguments(nnx: Any, m: Any) -> Any:
    return nnx.scan(lambda m, x: (m(x), x), in_axes=0, out_axes=0)(m, XS)


@row(lambda: (Counter(XS),))
def scan_along_a_negative_axis(nnx: Any, m: Any) -> Any:
    axes = (nnx.Carry, -1)
    return nnx.scan(lambda c, m: (c + 1, m(c)), in_axes=axes, out_axes=axes)(jnp.array(1.0), m)


@row(lambda: (Counter(jnp.zeros((0,))),))
def scan_of_no_trips(nnx: Any, m: Any) -> Any:
    return nnx.scan(lambda c, m: (c + 1, m(c)))(jnp.array(1.0), m)


@row()
def scan_that_emits_containers_along_axes(nnx: Any, m: Any) -> Any:
    f = lambda m, x: (m, {"a": m(x["a"]), "b": (x["b"],)})  # noqa: E731
    axes = (nnx.Carry, {"a": 0, "b": 1})
    outs = (nnx.Carry, {"a": 1, "b": 0})
    return nnx.scan(f, in_axes=axes, out_axes=outs)(m, {"a": XS, "b": jnp.ones((2, 3))})


@row()
def scan_that_emits_modules(nnx: Any, m: Any) -> Any:
    return nnx.scan(lambda m, x: (m, Counter(m(x))))(m, XS)


@row(lambda: (Counter(), Counter(jnp.arange(1.0, 4.0))), GRAPH)
def scan_with_state_axes(nnx: Any, a: Any, b: Any) -> Any:
    axes = nnx.StateAxes({nnx.Param: 0, nnx.BatchStat: nnx.Carry})
    b.n = nnx.BatchStat(jnp.array(0.0))
    return nnx.scan(
        lambda c, b, x: b(c) + x.sum(), in_axes=(nnx.Carry, axes, 0), out_axes=nnx.Carry
    )(jnp.array(1.0), b, XS)


@row(lambda: (Counter(jnp.arange(1.0, 4.0)),), GRAPH)
def scan_with_broadcast_state_axes(nnx: Any, m: Any) -> Any:
    axes = nnx.StateAxes({nnx.BatchStat: None, ...: 0})
    nnx_api.assign(m.n, jnp.array(0.0))
    return nnx.scan(lambda c, m: (m(c), m(c)), in_axes=(nnx.Carry, axes))(jnp.array(1.0), m)


@row(stack_of_three, NO_UPDATES)
def scan_with_a_prefix(nnx: Any, m: Any) -> Any:
    nnx_api.assign(m.n, jnp.array(0.0))
    graph = {"graph": nnx._mode != "tree"}
    axes = nnx.prefix(m, {nnx.Param: 0, ...: None}, **graph)
    return nnx.scan(lambda c, m: (m(c), m(c)), in_axes=(nnx.Carry, axes))(jnp.array(1.0), m)


@row(stack_of_three, GRAPH)
def scan_of_named_arguments(nnx: Any, m: Any) -> Any:
    def f(c: Any, m: Any, k: Any = 2.0) -> Any:
        return m(c) * k

    axes = (nnx.Carry, 0, None)
    return nnx.scan(f, in_axes=axes, out_axes=nnx.Carry)(jnp.array(1.0), m=m)


@row(stack_of_three)
def scan_that_adds_a_param(nnx: Any, m: Any) -> Any:
    def f(c: Any, m: Any) -> Any:
        m.added = nnx.Param(m(c) * 10)
        return c + 1

    return nnx.scan(f, in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)(jnp.array(1.0), m)


# --- loops ----------------------------------------------------------------------------------


@row()
def fori_loop_from_above(nnx: Any, m: Any) -> Any:
    return nnx.fori_loop(5, 2, lambda i, c: (c[0], c[0](c[1])), (m, jnp.array(1.0)))


@row()
def fori_loop_over_traced_bounds(nnx: Any, m: Any) -> Any:
    f = lambda i, c: (c[0], c[0](c[1]) + i)  # noqa: E731
    return nnx.fori_loop(jnp.array(1), jnp.array(4), f, (m, 1.0))


@row()
def while_loop_with_a_counter_of_its_own(nnx: Any, m: Any) -> Any:
    cond = lambda c: nnx_api.read(c[0].n) < 3  # noqa: E731
    return nnx.while_loop(cond, lambda c: (c[0], c[0](c[1])), (m, jnp.array(1.0)))


@row()
def while_loop_whose_condition_writes(nnx: Any, m: Any) -> Any:
    def cond(carry: Any) -> Any:
        m, k = carry
        nnx_api.assign(m.n, nnx_api.read(m.n) + 100)
        return k < 3

    return nnx.while_loop(cond, lambda c: (c[0], c[1] + 1), (m, 0))


# --- one call -------------------------------------------------------------------------------


@row()
def jit_with_static_arguments(nnx: Any, m: Any) -> Any:
    @nnx.jit(static_argnums=(1,), static_argnames="word")  # type: ignore[untyped-decorator]
    def f(m: Any, times: int, *, word: str) -> Any:
        return [m(k) for k in range(times * len(word))][-1]

    return f(m, 2, word="ab")


@row()
def jit_through_a_partial(nnx: Any, m: Any) -> Any:
    @functools.partial(nnx.jit, donate_argnums=(), inline=True)
    def f(m: Any, x: Any) -> Any:
        return {"y": m(x), "n": 3}

    return f(m, x=2)


@row()
def jit_that_sets_attributes(nnx: Any, m: Any) -> Any:
    @nnx.jit  # type: ignore[untyped-decorator]
    def f(m: Any) -> Any:
        m.added = nnx.Param(nnx_api.read(m.w) * 3)
        m.label = "set"
        m.w, m.n = nnx.Param(nnx_api.read(m.n)), m.n
        return m(1.0)

    return f(m)


@row(lambda: (Counter(1.0), Counter(2.0)), GRAPH)
def jit_that_swaps_and_deletes(nnx: Any, a: Any, b: Any) -> Any:
    @nnx.jit  # type: ignore[untyped-decorator]
    def f(a: Any, b: Any) -> Any:
        a.w, b.w = b.w, a.w
        del a.n
        b.other = a
        return a, b

    return f(a, b)


@row()
def jit_of_a_method(nnx: Any, m: Any) -> Any:
    return nnx.jit(Counter.__call__)(m, jnp.array(2.0))


@row()
def remat_with_a_policy(nnx: Any, m: Any) -> Any:
    @nnx.remat(static_argnums=(2,), policy=None)  # type: ignore[untyped-decorator]
    def f(m: Any, x: Any, twice: bool) -> Any:
        return m(m(x)) if twice else m(x)

    return f(m, jnp.array(2.0), True)


@row()
def cond_of_a_number(nnx: Any, m: Any) -> Any:
    return nnx.cond(0, lambda m: m(1.0), lambda m: m(m(1.0)), m)


@row()
def switch_below_its_range(nnx: Any, m: Any) -> Any:
    return nnx.switch(-3, [lambda m, x: m(x), lambda m, x: x], m, 2.0)


@row()
def eval_shape_of_a_maker(nnx: Any, m: Any) -> Any:
    return nnx.eval_shape(lambda: Counter())


@row()
def eval_shape_leaves_all_as_it_is(nnx: Any, m: Any) -> Any:
    return nnx.eval_shape(lambda m, x: {"y": m(x)}, m, jnp.ones((2, 3)))


# --- lanes ----------------------------------------------------------------------------------


@row(stack_of_three)
def vmap_to_the_last_axis(nnx: Any, m: Any) -> Any:
    return nnx.vmap(lambda m, x: m(x), in_axes=(0, None), out_axes=-1)(m, XS)


@row(stack_of_three)
def vmap_as_a_decorator(nnx: Any, m: Any) -> Any:
    @nnx.vmap(in_axes=(0, 0), out_axes=(0, 1))  # type: ignore[untyped-decorator]
    def f(m: Any, x: Any) -> Any:
        return m(x), x

    return f(m, XS)


@row()
def vmap_of_a_size(nnx: Any, m: Any) -> Any:
    f = lambda m: (Counter(), nnx_api.read(m.w))  # noqa: E731
    return nnx.vmap(f, in_axes=None, out_axes=(0, None), axis_size=4)(m)


@row(stack_of_three, NO_UPDATES)
def vmap_of_named_arguments(nnx: Any, m: Any) -> Any:
    return nnx.vmap(lambda m, x: m(x), in_axes=(0,))(m, x=XS)


@row(stack_of_three, GRAPH)
def vmap_with_state_axes(nnx: Any, m: Any) -> Any:
    nnx_api.assign(m.n, jnp.array(0.0))
    axes = nnx.StateAxes({nnx.PathContains("w"): 0, ...: None})
    return nnx.vmap(lambda m, x: m(x), in_axes=(axes, None))(m, jnp.array(2.0))


@row(stack_of_three, NO_UPDATES)
def vmap_with_a_prefix(nnx: Any, m: Any) -> Any:
    nnx_api.assign(m.n, jnp.array(0.0))
    axes = nnx.prefix(m, {nnx.Param: 0, ...: None}, graph=nnx._mode != "tree")
    return nnx.vmap(lambda m, x: m(x), in_axes=(axes, None))(m, jnp.array(2.0))


@row(stack_of_three, GRAPH)
def vmap_that_adds_a_module(nnx: Any, m: Any) -> Any:
    def f(m: Any, x: Any) -> Any:
        m.inner = Counter(m(x))
        m.tag = "filled"

    return nnx.vmap(f)(m, XS)


@row(lambda: (Counter(XS),))
def vmap_of_vmap(nnx: Any, m: Any) -> Any:
    inner = lambda m: nnx.vmap(lambda m: m(3.0))(m)  # noqa: E731
    return nnx.vmap(inner)(m)


# --- gradients ------------------------------------------------------------------------------


@row(lambda: (Counter(2.0), Counter(3.0)))
def grad_by_two_arguments(nnx: Any, a: Any, b: Any) -> Any:
    f = lambda a, x, b: a(x) * b(x)  # noqa: E731
    return nnx.grad(f, argnums=(2, 0))(a, jnp.array(3.0), b)


@row()
def grad_by_an_array(nnx: Any, m: Any) -> Any:
    f = lambda m, x: m(x["a"]) * x["b"] ** 2  # noqa: E731
    return nnx.value_and_grad(f, argnums=1)(m, {"a": jnp.array(3.0), "b": jnp.array(2.0)})


@row()
def grad_with_a_second_result(nnx: Any, m: Any) -> Any:
    @nnx.grad(has_aux=True)  # type: ignore[untyped-decorator]
    def f(m: Any, x: Any) -> Any:
        y = m(x) ** 2
        return y, {"y": y, "made": Counter(y)}

    return f(m, jnp.array(3.0))


@row(modes=GRAPH)
def grad_by_a_selection(nnx: Any, m: Any) -> Any:
    wanted = nnx.DiffState(0, nnx.BatchStat)
    return nnx.value_and_grad(lambda m, x: (m(x) + nnx_api.read(m.n)) ** 2, argnums=wanted)(
        m, jnp.array(3.0)
    )


@row(modes=GRAPH)
def grad_of_named_arguments(nnx: Any, m: Any) -> Any:
    return nnx.grad(lambda m, x, k=2.0: m(x) * k)(m, x=jnp.array(3.0))


@row(modes=GRAPH)
def grad_that_sets_attributes(nnx: Any, m: Any) -> Any:
    def f(m: Any) -> Any:
        m.added = nnx.Variable(m(2.0))
        m.label = "set"
        return m(3.0)

    return nnx.grad(f)(m)


@row(lambda: ((lambda m: (m, m))(Counter()),))
def grad_of_a_shared_module(nnx: Any, pair: Any) -> Any:
    return nnx.grad(lambda pair: pair[0](2.0) * pair[1](3.0))(pair)


@row()
def grad_of_a_complex_number(nnx: Any, m: Any) -> Any:
    f = lambda z, m: z * z * m(1.0)  # noqa: E731
    return nnx.grad(f, holomorphic=True)(jnp.array(1.0 + 2.0j), m)


@row()
def grad_of_grad(nnx: Any, m: Any) -> Any:
    inner = nnx.grad(lambda x, m: m(x**3))
    return nnx.grad(lambda x, m: inner(x, m))(jnp.array(2.0), m)


def kinds(*arguments: Any) -> Any:
    """What the arguments are: a number of Python, or an array."""
    return [isinstance(argument, bool | float) for argument in arguments]


@row()
def numbers_that_grad_does_not_differentiate_by(nnx: Any, m: Any) -> Any:
    f = lambda m, flag, k=2.0: (m(2.0), kinds(flag, k))  # noqa: E731
    return nnx.grad(f, has_aux=True)(m, True)[1], nnx.value_and_grad(f, has_aux=True)(m, 1.0)[0][1]


@row()
def numbers_that_checkify_hands_on(nnx: Any, m: Any) -> Any:
    told: list[Any] = []

    def f(m: Any, flag: Any) -> None:
        m(2.0)
        told.append(kinds(flag))

    nnx.checkify(f)(m, True)
    return told


# --- the tests ------------------------------------------------------------------------------

#: What Flax refuses by its documentation, by program and mode, with its words.
REFUSED = {("grad_of_a_shared_module", "tree"): "Duplicate BatchStat"}

#: What Flax gets wrong, with its words: here `from_tree2` merges gradients and the second result,
#: which were split apart, with one index.
WRONG = {("grad_with_a_second_result", "graph-frozen"): "GraphDef index 0 already used"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ROWS)
def test_flax_leaves_what_plain_leaves(name: str, mode: plain.Mode) -> None:
    program, make, modes = ROWS[name]
    if mode not in modes:
        pytest.skip(f"{mode} mode does not have it")
    words = (REFUSED | WRONG).get((name, mode))
    if words is None:
        assert differences(program, make, mode) == []
        return
    with pytest.raises((ValueError, RuntimeError), match=words):
        differences(program, make, mode)
