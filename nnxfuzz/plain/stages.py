"""What `nnx.jit` returns has besides its call: `eval_shape`, `trace` and `lower`.

In Python nothing is compiled: each stage is the function, and what only a compiled one can tell
(`as_text`, `cost_analysis`) is not there.
"""

from collections.abc import Callable
from typing import Any

from nnxfuzz.plain.arguments import without_static
from nnxfuzz.plain.objects import Unsupported
from nnxfuzz.plain.unwatched import Static


class Stage:
    """What `trace`, `lower` and `compile` return: a function of what is not static, as yet not
    called.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._function(*args, **kwargs)

    def lower(self, *, lowering_platforms: Any = None) -> "Stage":
        return self

    def compile(self, compiler_options: Any = None) -> "Stage":
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise Unsupported(f"plain compiles nothing, so that there is no {name}")


def with_stages(
    jitted: Any,
    f: Callable[..., Any],
    static: Static,
    shape_of: Callable[..., Any],
    first: tuple[Any, ...] = (),
) -> Callable[..., Any]:
    """`jitted`, a function that does as `f`, with the methods of what `nnx.jit` returns.

    `shape_of` is `eval_shape` in the mode of the call; `first` are arguments that `f` has got.
    """

    def eval_shape(*args: Any, **kwargs: Any) -> Any:
        function, args, kwargs = without_static(f, static, first + args, kwargs)
        return shape_of(function, *args, **kwargs)

    def lower(*args: Any, **kwargs: Any) -> Stage:
        places, names = static
        later = {place - len(first) for place in places}, names
        return Stage(without_static(jitted, later, args, kwargs)[0])

    jitted.eval_shape, jitted.trace, jitted.lower = eval_shape, lower, lower
    made: Callable[..., Any] = jitted
    return made
