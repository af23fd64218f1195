"""Classes without a body, made once for all runs of all call programs.

A class of a Module or a Variable is never freed: jax's registry of pytrees holds it, and Flax's of
nodes (see findings/module-classes-live-for-ever.sh).  Python moreover notes in each of their
classes, which are abstract base classes, each class that was ever held against it by `isinstance`.
So what a worker holds grew with the square of the programs that it had run, some 10 MB in 25
programs at first, and so did the time of each such question.
"""

import builtins
from types import FunctionType
from typing import Any

#: What the code of a class names if nothing stands in it.
_OF_EACH = frozenset(
    ["__name__", "__module__", "__qualname__", "__firstlineno__", "__static_attributes__"]
)

_MADE: dict[tuple[str, tuple[Any, ...]], Any] = {}


def build_class(body: FunctionType, name: str, *bases: Any, **keywords: Any) -> Any:
    """What a `class` statement calls: a class that has nothing but its name and its bases is that
    of an earlier run, and any other is a new one.
    """
    if keywords or not _OF_EACH.issuperset(body.__code__.co_names):
        return builtins.__build_class__(body, name, *bases, **keywords)
    if (name, bases) not in _MADE:
        _MADE[name, bases] = builtins.__build_class__(body, name, *bases)
    return _MADE[name, bases]


#: The builtins of a program's text.
BUILTINS = vars(builtins) | {"__build_class__": build_class}
