"""What a construct is, and the table of all of them."""

import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from flax import nnx

from nnxfuzz.checker.atlas.ways import WAYS
from nnxfuzz.programs.case import Data

#: What a construct's function returns: the function that a transform is given, and its arguments.
Program = tuple[Callable[..., Any], tuple[Any, ...]]

#: How many lanes, trips and numbers there are wherever a size is needed.
SIZE = 3


class Construct(Data, frozen=True):
    """One construct: its name, the topic it belongs to, and the ways that it goes.

    `make` makes new objects at each call.  With `calls` it makes the transform's call itself, and
    `ways` is the name of that transform alone.
    """

    name: str
    topic: str
    ways: tuple[str, ...]
    make: Callable[[], Any]
    calls: bool = False

    @property
    def told(self) -> str:
        """What the construct is, in a sentence."""
        return inspect.cleandoc(self.make.__doc__ or "").split("\n\n")[0].replace("\n", " ")

    @property
    def source(self) -> str:
        """The text of the function, without decorator and docstring."""
        text = textwrap.dedent(inspect.getsource(self.make))
        text = text[text.index("def ") :]
        head, _, rest = text.partition('"""')
        return f"{head.rstrip()}\n{rest.partition(chr(34) * 3)[2].lstrip(chr(10))}"


#: By name, in the order of their definition.
CONSTRUCTS: dict[str, Construct] = {}

Maker = Callable[[], Any]


def construct(*, ways: tuple[str, ...] = tuple(WAYS)) -> Callable[[Maker], Maker]:
    """Add a construct whose function is handed to each of `ways`."""
    return lambda make: _added(make, ways, calls=False)


def call_of(transform: str) -> Callable[[Maker], Maker]:
    """Add a construct that calls the transform itself."""
    return lambda make: _added(make, (transform,), calls=True)


def _added(make: Maker, ways: tuple[str, ...], calls: bool) -> Maker:
    topic = make.__module__.rpartition(".")[2]
    name = make.__name__.replace("_", "-")
    if name in CONSTRUCTS:
        raise ValueError(f"there are two constructs {name}")
    CONSTRUCTS[name] = Construct(name, topic, ways, make, calls)
    return make


def ones() -> Any:
    """Three numbers, so that every way finds an axis to map or to scan over."""
    return jnp.ones(SIZE)


class Counter(nnx.Module):  # type: ignore[misc]
    """A module with a parameter and a count."""

    def __init__(self) -> None:
        self.w = nnx.Param(ones())
        self.count = nnx.Variable(jnp.zeros(SIZE))


class Box(nnx.Module):  # type: ignore[misc]
    """A module with the attributes that it is given."""

    def __init__(self, **attributes: Any) -> None:
        for name, value in attributes.items():
            setattr(self, name, value)
