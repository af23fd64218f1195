"""Bugs of Flax that were fixed, each as the few lines that show it.

    python known_bugs.py gh5130          # exit code 1 if it shows, 0 if not, 2 if it does not apply

Runs on any release by itself: it imports jax, numpy and flax alone.
"""

import sys
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

BUGS: dict[str, Callable[[], bool]] = {}


def shows(f: Callable[[], bool]) -> Callable[[], bool]:
    """A function that returns or raises: the bug shows if it raises, or returns False."""
    BUGS[f.__name__] = f
    return f


class Cell(nnx.Module):  # type: ignore[misc]
    def __init__(self, value: float = 0.0) -> None:
        self.v = nnx.Variable(jnp.array(value))

    def __call__(self, x: Any) -> Any:
        self.v.value = self.v.value + jnp.sum(x)
        return x


def is_tracer(cell: Cell) -> bool:
    return isinstance(cell.v.value, jax.core.Tracer)


@shows
def gh4379() -> bool:
    """One submodule at two places of what a while_loop carries."""
    outer, cell = Cell(), Cell()
    outer.a = outer.b = cell
    nnx.while_loop(lambda c: c[1] < 1, lambda c: (c[0], c[1] + 1), (outer, 0))
    return True


@shows
def gh4436() -> bool:
    """Two modules in the carry of a fori_loop."""
    nnx.fori_loop(0, 1, lambda i, carry: carry, (Cell(), Cell()))
    return True


@shows
def gh4522() -> bool:
    """Two modules in the carry of a while_loop."""
    nnx.while_loop(lambda c: c[2] < 1, lambda c: (c[0], c[1], c[2] + 1), (Cell(), Cell(), 0))
    return True


@shows
def gh4606() -> bool:
    """A Variable outside of a module as the carry of a scan."""
    v = nnx.Variable(jnp.array(1.0))

    def body(v: Any, x: Any) -> Any:
        v.value = v.value * 2
        return v, x

    nnx.scan(body)(v, jnp.arange(3))
    return float(v.value) == 8


@shows
def gh4700() -> bool:
    """A while_loop whose trips differ between lanes, beside a broadcast module that is read."""

    def lane(cell: Any, n: Any) -> Any:
        def body(c: Any) -> Any:
            return c[0] + 1, c[1] + c[2].v.value, c[2]

        return nnx.while_loop(lambda c: c[0] < n, body, (0, 0.0, cell))[1]

    summed = nnx.vmap(lane, in_axes=(None, 0))(Cell(2.0), jnp.arange(3))
    return np.allclose(summed, [0, 2, 4])


@shows
def gh4760() -> bool:
    """A module is the function of a vmap, and writes to itself."""
    cell = Cell()
    try:
        nnx.vmap(cell)(jnp.arange(2.0))
    except Exception:
        return not is_tracer(cell)
    return not is_tracer(cell)


@shows
def gh4947() -> bool:
    """A gradient by a Variable that is no Param and in no module."""
    gradient = nnx.grad(lambda v: v.value**2)(nnx.Variable(jnp.array(3.0)))
    return [float(leaf) for leaf in jax.tree.leaves(gradient)] == [6.0]


@shows
def gh4989() -> bool:
    """A static argument beside in_shardings."""
    f = nnx.jit(lambda x, n: x * n, in_shardings=(None,), static_argnums=(1,))
    return float(f(jnp.array(2.0), 3)) == 6


@shows
def gh5044() -> bool:
    """A custom_vjp that jit is given."""
    f = nnx.custom_vjp(lambda x: x * 2)
    f.defvjp(lambda x: (f(x), None), lambda residual, g: (g,))
    return float(nnx.jit(f)(jnp.array(3.0))) == 6


@shows
def gh5051() -> bool:
    """A body sows into a scanned module, and another module behind it is carried."""

    def body(m: Any, carry: Any, x: Any) -> Any:
        m.sow(nnx.Intermediate, "out", x)
        return carry

    axes = nnx.StateAxes({nnx.Intermediate: 0, ...: nnx.Carry})
    scan = nnx.scan(body, in_axes=(axes, nnx.Carry, 0), out_axes=nnx.Carry)
    scan(Cell(), Cell(), jnp.ones(3))
    return True


@shows
def gh5053() -> bool:
    """A bound method writes to its module."""
    cell = Cell()
    try:
        nnx.scan(lambda carry, x: (carry, cell(x)))(0.0, jnp.arange(3.0))
    except Exception:
        return not is_tracer(cell)
    return not is_tracer(cell)


@shows
def gh5113() -> bool:
    """The body of a fori_loop rebuilds a State."""
    state = nnx.state(Cell())
    nnx.fori_loop(0, 2, lambda i, state: jax.tree.map(lambda a: a + 1, state), state)
    return True


def _sown_and_popped(m: Any, x: Any) -> Any:
    m.sow(nnx.Intermediate, "out", x)
    nnx.pop(m, nnx.Intermediate)
    return m


@shows
def gh5130_scan() -> bool:
    """A body sows into a module of the carry and pops."""
    scan = nnx.scan(_sown_and_popped, in_axes=(nnx.Carry, 0), out_axes=nnx.Carry)
    scan(Cell(), jnp.ones(2))
    return True


@shows
def gh5130() -> bool:
    """What cached_partial is given sows and pops."""
    f = nnx.cached_partial(nnx.jit(lambda m, x: _sown_and_popped(m, x) and None), Cell())
    f(jnp.ones(2))
    return True


@shows
def simple_scan_loses_arrays() -> bool:
    """The array beside a module in the carry of a scan without graph updates."""

    def body(carry: Any, x: Any) -> Any:
        return (carry[0], carry[1] + x), None

    scan = nnx.scan(body, graph=True, graph_updates=False)
    return float(scan((Cell(), jnp.array(1.0)), jnp.arange(4.0))[0][1]) == 7


#: What some bug needs, and a release may lack.
_NEEDS = {"gh5130": "cached_partial", "gh4436": "fori_loop", "gh5113": "fori_loop"}


def main(name: str) -> int:
    """The exit code."""
    if not hasattr(nnx, _NEEDS.get(name, "scan")):
        return 2
    try:
        right = BUGS[name]()
    except Exception as error:
        print(f"BUG {name}: {type(error).__name__}: {str(error).strip().splitlines()[:1]}")
        return 1
    print(f"{name}: {'right' if right else 'BUG'}")
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
