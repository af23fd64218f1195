"""What no world shows of a call: the options that XLA gets, the function that it is made of, and
what is told of it as it is compiled.

A transform that drops `unroll` comes to the same numbers, only slower; one that hands back a
function of another name comes to the same numbers, too.  So these are looked at by themselves: the
equation of jax that the call becomes, what the transform makes of a function, and the stages of
compiling that.

What Flax does with options is in the docstrings of its transforms: `unroll` of `nnx.scan` and
`nnx.fori_loop`, `policy` and `prevent_cse` of `nnx.remat` are handed to jax's own function.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import jax
import jax.numpy as jnp

from nnxfuzz.oracle.stages import differences as of_stages
from nnxfuzz.oracle.verdict import Difference
from nnxfuzz.plain.objects import Unsupported
from nnxfuzz.transforms.base import Transform


def differences(
    program: Callable[[], object],
    transform: Transform,
    options: Any,
    nnx: Any,
    mode: Mapping[str, bool],
) -> Iterator[Difference]:
    """What differs from what was asked; `program` makes its objects and calls the transform.

    Raises what Flax raises.
    """
    if transform.wraps:
        yield from _of_function(getattr(nnx, transform.name), mode)
    if transform.stages and options.told:
        names = {"nnx": nnx, "step": jnp.negative, "x": jnp.ones(2), "mode": mode}
        with suppress(Unsupported):  # plain Python compiles nothing
            yield from of_stages(eval(transform.stages, names))
    if asked := transform.lowered(options):
        yield from _of_equation(program, transform.primitives, asked)


def _of_function(transform: Callable[..., Any], mode: Mapping[str, bool]) -> Iterator[Difference]:
    """The name and docstring of what a transform makes of a function, and what it unwraps to."""

    def step(x: Any) -> Any:
        """A docstring."""
        return x

    made = transform(step, **mode)
    told = {
        "__name__": (step.__name__, getattr(made, "__name__", None)),
        "__doc__": (step.__doc__, made.__doc__),
        "__wrapped__": ("step", "step" if inspect.unwrap(made) is step else "another function"),
    }
    for name, (expected, got) in told.items():
        if expected != got:
            yield Difference(("function", name), "static", "static", repr(expected), repr(got))


def _of_equation(
    program: Callable[[], object], primitives: tuple[str, ...], asked: Mapping[str, Any]
) -> Iterator[Difference]:
    """The parameters of the equation, where there is one: plain Python makes none, nor does a loop
    that becomes another primitive; and a release of jax may lack one of the parameters.
    """

    def traced() -> None:
        program()

    try:
        equations = jax.make_jaxpr(traced)().eqns
    except Exception:
        return  # under one more trace it may ask for a number, or Flax for the level of a trace
    seen = [_seen(e.params, asked) for e in equations if e.primitive.name in primitives]
    if seen and all(any(asked[name] != got for name, got in each.items()) for each in seen):
        for name, got in seen[-1].items():
            if asked[name] != got:
                told = repr(asked[name]), repr(got)
                yield Difference(("options", name), "static", "static", *told)


def _seen(params: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that were asked for; a policy by its name in jax."""
    seen = {name: params[name] for name in asked if name in params}
    if "policy" in seen:
        policies = jax.checkpoint_policies
        names = (n for n in dir(policies) if getattr(policies, n) == seen["policy"])
        seen["policy"] = asked["policy"] if asked["policy"] in names else str(seen["policy"])
    return seen
