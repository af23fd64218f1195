"""What the stages of compiling tell: each tells what jax's own object of that stage does.

What `nnx.jit` and `nnx.jit_partial` trace, lower and compile are objects of Flax with an object of
jax inside.  They give "a common API for querying properties" (docstrings of `Lowered` and
`Compiled` in nnx/transforms/compilation.py), that of `jax.stages`.
"""

from collections.abc import Iterator
from typing import Any

from nnxfuzz.oracle.verdict import Difference

#: Where Flax's objects have jax's object of the same stage.
_OF_JAX = ("traced", "lowered", "compiled")

#: The methods of Flax's objects that make one of the next stage.
NEXT = ("lower", "compile")

#: What a stage of Flax has for itself.
_OTHERS = (*NEXT, *_OF_JAX, "call", "from_flat_info", "jit_wrapped")


def of_jax(stage: Any) -> Any:
    """jax's own object of the stage; None if it is none."""
    return next((getattr(stage, name) for name in _OF_JAX if hasattr(stage, name)), None)


def differences(traced: Any) -> Iterator[Difference]:
    """What the stages from this one on tell that jax's own do not.

    The first names the finding, so `compiled.args_info`, which no release tells, is the last.
    """
    stage = traced
    while stage is not None:
        jaxs = of_jax(stage)
        for name in _shared(stage, jaxs):
            expected, got = told(jaxs, name), told(stage, name)
            if not alike(expected, got):
                path = (f"{type(jaxs).__name__.lower()}.{name}",)
                yield Difference(path, "static", "static", shown(expected), shown(got))
        made = [getattr(stage, name) for name in NEXT if hasattr(stage, name)]
        stage = made[0]() if made else None


def _shared(stage: Any, jaxs: Any) -> list[str]:
    """The names that both have; none of a plain run, whose stages hold no object of jax."""
    if jaxs is None:
        return []
    names = [name for name in dir(type(stage)) if not name.startswith("_") and hasattr(jaxs, name)]
    return [name for name in reversed(names) if name not in _OTHERS]


def told(stage: Any, name: str) -> Any:
    """What a stage tells by this name, or the exception that it raises."""
    try:
        value = getattr(stage, name)
        return value() if callable(value) else value
    except Exception as error:
        return error


def alike(expected: Any, got: Any) -> bool:
    """Whether it is the same; of what has no equality of its own, whether it is of one class."""
    if type(expected) is not type(got):
        return False
    equality: Any = type(expected).__eq__
    has_none = equality is object.__eq__
    return has_none or bool(expected == got) or repr(expected) == repr(got)


def shown(value: Any) -> str:
    """A value in a few words."""
    words = repr(value) if isinstance(value, Exception) else str(value)
    return words if len(words) < 60 else f"{type(value).__name__} of {len(words)} characters"
