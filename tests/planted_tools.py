"""What planted bugs are made with: wrappers of the loop transforms, and helpers on live objects."""

import functools
from collections.abc import Callable
from typing import Any

from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.oracle.world import roots
from nnxfuzz.programs.containers import entries, is_record, remade
from nnxfuzz.runners.loops import Loops

#: Breaks one promise of the transforms.
Wrap = Callable[[Loops], Loops]


class Run:
    """One call of a transform: the carry that goes in, and the real call on any carry.

    What comes out of the three differs; `carry_of` and `with_carry` hide that.
    """

    def __init__(
        self, name: str, carry: Any, real: Callable[[Any], Any], at: int | None = None
    ) -> None:
        #: `at` is the place of the carry among what a scan returns, if that is more than the carry.
        self.name, self.carry, self.real, self.at = name, carry, real, at

    def carry_of(self, out: Any) -> Any:
        """The carry among what came out."""
        match self.name:
            case "while_loop":
                return out[1]
            case "scan" if self.at is not None:
                return out[self.at]
            case _:
                return out

    def with_carry(self, out: Any, carry: Any) -> Any:
        """What came out, with another carry."""
        match self.name:
            case "while_loop":
                return out[0], carry
            case "scan" if self.at is not None:
                return (*out[: self.at], carry, *out[self.at + 1 :])
            case _:
                return carry


def carry_position(axes: Any) -> int | None:
    """Where `nnx.Carry` stands among axes; None if it is all there is."""
    return axes.index(nnx.Carry) if isinstance(axes, tuple) and nnx.Carry in axes else None


#: A bug in what is done around the real call.
Around = Callable[[Run], Any]


def around(bug: Around) -> Wrap:
    """Every transform with `bug` around it."""

    def wrap(loops: Loops) -> Loops:
        def fori_loop(lower: Any, upper: Any, body: Any, init: Any, **options: Any) -> Any:
            def real(carry: Any) -> Any:
                return loops["fori_loop"](lower, upper, body, carry, **options)

            return bug(Run("fori_loop", init, real))

        def while_loop(cond: Any, body: Any, init: Any, **options: Any) -> Any:
            def real(carry: Any) -> Any:
                return loops["while_loop"](cond, body, (init[0], carry), **options)

            return bug(Run("while_loop", init[1], real))

        def scan(f: Any = None, **options: Any) -> Any:
            if f is None:
                return functools.partial(scan, **options)
            at, out_at = carry_position(options["in_axes"]), carry_position(options["out_axes"])
            if at is None and options["in_axes"] is not nnx.Carry:  # there is no carry
                return loops["scan"](f, **options)

            def scanned(*given: Any, **named: Any) -> Any:
                def real(carry: Any) -> Any:
                    rest = (*given[: at or 0], carry, *given[(at or 0) + 1 :])
                    return loops["scan"](f, **options)(*rest, **named)

                return bug(Run("scan", given[at or 0], real, out_at))

            return scanned

        return loops | {"fori_loop": fori_loop, "while_loop": while_loop, "scan": scan}

    return wrap


def instead(name: str, bug: Callable[..., Any]) -> Wrap:
    """The transform `name` replaced by `bug`, which gets the real one first."""

    def wrap(loops: Loops) -> Loops:
        def replaced(*given: Any, **options: Any) -> Any:
            if not given:  # a scan as decorator
                return functools.partial(replaced, **options)
            return bug(loops[name], *given, **options)

        return loops | {name: replaced}

    return wrap


# --- what the wrappers do to live objects ---------------------------------------------------


def objects_of(value: Any) -> list[Any]:
    """The distinct objects below `value`, in the order of a walk."""
    return list({id(o): o for o in roots(r=value).objects.values()}.values())


def variables_of(value: Any) -> list[Any]:
    """The distinct Variables below `value`."""
    return [o for o in objects_of(value) if nnx_api.is_variable(o)]


def nodes_of(value: Any) -> list[Any]:
    """The distinct nodes below `value`."""
    return [o for o in objects_of(value) if nnx_api.is_node(o)]


def slots(value: Any, change: Callable[[Any], Any]) -> Any:
    """A carry with `change` applied to everything in it that is no container."""
    if isinstance(value, tuple | list | dict) or is_record(value):
        items = {name: slots(item, change) for name, item in named(value).items()}
        return remade(type(value), items)
    return change(value)


def named(container: Any) -> dict[Any, Any]:
    """The entries of a container, by name or place."""
    if is_record(container):
        return entries(container)
    return container if isinstance(container, dict) else dict(enumerate(container))


def clone(value: Any) -> Any:
    """Another object that holds the same."""
    if nnx_api.is_node(value):
        return nnx_api.shallow_copy(value)
    if nnx_api.is_variable(value):
        return type(value)(nnx_api.get_raw(value), **nnx_api.metadata(value))
    return value


def is_array(value: Any) -> bool:
    held = nnx_api.is_variable(value) or nnx_api.is_node(value)
    return hasattr(value, "dtype") and not held
