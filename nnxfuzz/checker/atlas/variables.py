"""The kinds of Variables, and the ways to write to one."""

from typing import Any

import jax
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.checker.atlas.base import Box, Counter, Program, construct, ones


class Unwell(Exception):
    """What a function of an own construct raises."""


def by_reference() -> nnx.Variable:
    """A Variable that holds a mutable array; older releases take `ref=True` for metadata."""
    made = nnx.Variable(ones(), ref=True)
    if not nnx_api.holds_reference(made):
        raise TypeError("this release has no Variables with ref=True")
    return made


@construct()
def a_variable_is_written() -> Program:
    """The function adds 1 to a Variable in place."""

    def body(m: Counter) -> Any:
        m.count[...] += 1
        return m.count[...] * 2

    return body, (Counter(),)


@construct()
def a_variable_is_only_read() -> Program:
    """The function reads a Param and writes nothing."""

    def body(m: Counter) -> Any:
        return m.w[...] * 2

    return body, (Counter(),)


@construct()
def a_value_is_assigned() -> Program:
    """The function assigns to `.value`."""

    def body(m: Counter) -> None:
        m.count.value = m.count.value + 1

    return body, (Counter(),)


@construct()
def a_state_is_written_back() -> Program:
    """The function computes a State from `nnx.state` and writes it with `nnx.update`."""

    def body(m: Counter) -> None:
        nnx.update(m, jax.tree.map(lambda x: x + 1, nnx.state(m)))

    return body, (Counter(),)


@construct()
def a_reference_is_written() -> Program:
    """The Variable holds a mutable array (`ref=True`), and the function writes to it."""

    def body(m: Box) -> None:
        m.count[...] += 1

    return body, (Box(count=by_reference(), w=nnx.Param(ones())),)


@construct()
def a_reference_is_an_argument() -> Program:
    """A Variable with `ref=True` is itself an argument, and the function writes to it."""

    def body(count: nnx.Variable, w: nnx.Param) -> None:
        count[...] += w[...]

    return body, (by_reference(), nnx.Param(ones()))


@construct()
def a_variable_of_an_own_type() -> Program:
    """The Variable is of a type that the program defines."""

    class Cache(nnx.Variable):  # type: ignore[misc]
        pass

    def body(m: Box) -> None:
        m.cache[...] += 1

    return body, (Box(cache=Cache(ones()), w=nnx.Param(ones())),)


@construct()
def metadata_is_changed() -> Program:
    """The function sets an entry of a Variable's metadata."""

    def body(m: Counter) -> None:
        m.count.set_metadata(tag="seen")

    return body, (Counter(),)


@construct()
def a_variable_with_a_partition_name() -> Program:
    """The Param has a partition name for its only axis, and the function writes to it."""

    def body(m: Box) -> None:
        m.w[...] += 1

    return body, (Box(w=nnx.Param(ones(), sharding=("data",), eager_sharding=False)),)


@construct()
def an_intermediate_is_sown() -> Program:
    """The function sows a value into a module that has none yet."""

    def body(m: Counter) -> None:
        m.sow(nnx.Intermediate, "seen", m.w[...])

    return body, (Counter(),)


@construct()
def a_value_is_sown_again() -> Program:
    """The function sows into a module that has sown before, with a sum as its reduction."""

    def body(m: Counter) -> None:
        add = {"init_fn": ones, "reduce_fn": lambda a, b: a + b}
        m.sow(nnx.Intermediate, "seen", m.w[...], **add)

    m = Counter()
    m.sow(nnx.Intermediate, "seen", ones(), init_fn=ones, reduce_fn=lambda a, b: a + b)
    return body, (m,)


@construct()
def the_function_raises() -> Program:
    """The function writes to its module and raises an exception of its own."""

    def body(m: Counter) -> None:
        m.count[...] += 1
        raise Unwell("not today")

    return body, (Counter(),)
