"""What Flax's transforms make of a function, and the options that keep a call in a mode."""

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from nnxfuzz import plain
from nnxfuzz.checker.around import LAYERS
from nnxfuzz.checker.calls import mode_in_use, mode_options

#: The options that ask for a mode.
OF_MODES = ("graph", "graph_updates")

#: Transforms that work at once if they are given these arguments, and else return a function.
AT_ONCE: Mapping[str, tuple[str, ...]] = {"vjp": ("primals",), "jvp": ("primals", "tangents")}

#: The methods of what `nnx.jit` returns that trace a call, and do not make it.
TRACING = ("eval_shape", "trace", "lower")

#: How the names of the classes end of what these and `compile` return.
_STAGES = ("Traced", "Lowered", "Compiled")


def returns_function(transform: Callable[..., Any]) -> bool:
    """Whether a transform returns a function: it can be a decorator (`nnx.jit`), makes a partial
    call (`nnx.jit_partial`), or is `nnx.checkify`.
    """
    while isinstance(transform, functools.partial):  # those of nnx.compat
        transform = transform.func
    if transform.__name__ in AT_ONCE:
        return False
    first = next(iter(inspect.signature(transform).parameters.values()))
    decorates = first.default is not inspect.Parameter.empty
    name = transform.__name__  # that of `nnx.cached_partial` is `_cached_partial`
    return decorates or name == "checkify" or name.endswith("_partial")


def made_classes() -> list[type]:
    """The classes of what transforms return in the installed release's modes, if it is no function,
    and of what the `trace`, `lower` and `compile` of these return.
    """
    from flax.nnx.transforms import autodiff, compilation

    kinds = [kind for m in (compilation, autodiff) for kind in vars(m).values()]
    return [
        kind
        for kind in kinds
        if isinstance(kind, type)
        and kind.__module__.startswith("flax.")
        and kind.__name__.endswith(("JitWrapped", "PartialWrapped", "CustomVjp", *_STAGES))
    ]


def is_stage(kind: type) -> bool:
    """Whether it is a class of what `trace`, `lower` or `compile` returns."""
    return kind.__name__.endswith(_STAGES)


def is_of_a_layer(function: Any) -> bool:
    """Whether a layer of Flax has defined the function as it ran, as `nnx.RNN` does; a layer, or a
    method of one, may be the program's choice.
    """
    module, name = (str(getattr(function, of, "")) for of in ("__module__", "__qualname__"))
    return module.startswith(LAYERS) and "<locals>" in name


def of_the_mode(real: Callable[..., Any], options: Mapping[str, Any]) -> Mapping[str, bool]:
    """The options that a transform of the body gets besides, where it does not ask for a mode: of
    one that asks for `graph=True` alone, whether it has graph updates is open.
    """
    mode = plain.unasked_mode()
    added = {} if mode is None else mode_options(real, mode) or {}
    return {name: value for name, value in added.items() if options.get(name) is None}


def configured(real: Callable[..., Any], options: Mapping[str, Any]) -> Mapping[str, bool]:
    """The options that keep a call of one of Flax's layers in the mode that Flax makes it in."""
    with plain.unasked(None):
        return mode_options(real, mode_in_use(options)) or {}
