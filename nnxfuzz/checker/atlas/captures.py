"""What the function reaches by its closure, and not as an argument."""

from typing import Any

from flax import nnx

from nnxfuzz.checker.atlas.base import Box, Counter, Program, call_of, construct, ones


@construct()
def a_captured_module_is_read() -> Program:
    """The function reads a module that it captures."""

    captured = Counter()

    def body(x: nnx.Param) -> Any:
        return x[...] * captured.w[...].sum()

    return body, (nnx.Param(ones()),)


@construct()
def a_captured_module_is_written() -> Program:
    """The function writes to a module that it captures."""

    captured = Counter()

    def body(x: nnx.Param) -> Any:
        captured.count[...] += 1
        return x[...] * 2

    return body, (nnx.Param(ones()),)


@construct()
def an_argument_is_captured_too() -> Program:
    """The function writes to its argument, and reads the same object by its closure."""

    m = Counter()

    def body(given: Counter) -> Any:
        given.count[...] += 1
        return given.w[...] * m.count[...].sum()

    return body, (m,)


@construct()
def a_captured_attribute_is_set() -> Program:
    """The function sets a static attribute of a module that it captures."""

    captured = Box(calls=0)

    def body(x: nnx.Param) -> Any:
        captured.calls = captured.calls + 1
        return x[...] * 2

    return body, (nnx.Param(ones()),)


@call_of("jit")
def a_captured_module_changes_between_two_calls() -> None:
    """A jitted function reads a captured module, which changes between two calls."""

    captured = Counter()
    f = nnx.jit(lambda x: x * captured.w[...])
    f(ones())
    captured.w[...] += 1
    f(ones())


@call_of("jit")
def a_static_attribute_changes_between_two_calls() -> None:
    """A jitted function reads an int of its module, which changes between two calls."""

    m = Box(factor=2, w=nnx.Param(ones()))
    f = nnx.jit(lambda m: m.w[...] * m.factor)
    f(m)
    m.factor = 3
    f(m)


@call_of("while_loop")
def the_condition_writes() -> None:
    """The condition of a while loop writes to the carried module."""

    def more(m: Counter) -> Any:
        m.count[...] += 1
        return m.w[0] < 3

    def trip(m: Counter) -> Counter:
        m.w[...] += 1
        return m

    nnx.while_loop(more, trip, Counter())
