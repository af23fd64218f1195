"""What a file of the registry says of its transform.

A row is one object of a subclass of `Transform`, which `nnxfuzz.transforms` finds by itself.  What
it says is data and text only: what the transform *means* is the function of the same name in
`nnxfuzz.plain`, and what is judged is that of `flax.nnx`.
"""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal, Protocol, TypeVar

import msgspec

from nnxfuzz.programs.calls.places import CallText
from nnxfuzz.programs.calls.types import FLOATS, Array, Type, Unfit
from nnxfuzz.programs.case import MODES, Feature, Mode
from nnxfuzz.programs.case.base import Data

T = TypeVar("T")

#: What a block has to return.  `free`: anything.  `float`: first a float.  `loss`: the same, of
#: which the writer makes a scalar.  `carry`: what the first parameters were, of which it is the
#: next.  `alike`: what the first of the blocks returns.  `number`: one number, of which the writer
#: makes a float.
Returns = Literal["free", "float", "loss", "carry", "alike", "number"]


class Draws(Protocol):
    """Where random choices come from; simple ones come first."""

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices."""

    def chance(self, often: int) -> bool:
        """True once in so many times."""

    def number(self, low: int, high: int) -> int:
        """A number from `low` to `high`."""


class Fault(msgspec.Struct, frozen=True):
    """A planted bug: what stands in the place of `plain`'s function, made from that."""

    name: str
    make: Any


class NoOptions(Data, frozen=True):
    """No options."""


class Transform:
    """A transform: how to draw, check, write and shrink a call of it."""

    name: ClassVar[str]
    Options: ClassVar[type[Data]] = NoOptions
    returns: ClassVar[Returns] = "free"
    #: How many functions it takes, at least and at most.
    blocks: ClassVar[tuple[int, int]] = (1, 1)
    #: Whether a method, an instance or a partial may be the function.
    styles: ClassVar[bool] = True
    #: Whether it may decorate a method of a module, which is its first argument then.
    decorates: ClassVar[bool] = False
    #: Whether it makes a decorator where it is given its options alone.
    factory: ClassVar[bool] = False
    #: Parameters of a function that are no arguments of the call, such as a loop's index.
    leading: ClassVar[tuple[Type, ...]] = ()
    #: Whether it may be called with no arguments.
    needs_arguments: ClassVar[bool] = True
    #: Whether what its function is given, or reaches, may hold references.
    references: ClassVar[bool] = True
    #: Whether jax runs its function eagerly, on tracers of what is differentiated or mapped alone.
    eager: ClassVar[bool] = False
    #: Whether arguments may be given by name in every mode.
    named: ClassVar[bool] = False
    #: Whether a function that returns the next carry may return more behind it.
    emits: ClassVar[bool] = False
    #: A parameter of Flax's function without which no call of it is made.
    needs: ClassVar[str | None] = None
    #: Whether what it makes of a function has the name and docstring of that and unwraps to it, as
    #: `functools.wraps` does: seen on eight releases, 0.10.1 to 0.12.12, in every mode.
    wraps: ClassVar[bool] = False
    #: How it traces `step`, a function of an array `x`, as text, if it can be compiled ahead.
    stages: ClassVar[str] = ""
    #: The names that jax has for the equation that a call becomes.
    primitives: ClassVar[tuple[str, ...]] = ()
    #: Whether it takes `graph_updates`; what does not has the same meaning with them or without.
    takes_updates: ClassVar[bool] = True
    #: The modes that it works in; it refuses any call in another.
    modes: ClassVar[tuple[Mode, ...]] = MODES

    def returned(self, block: int) -> Returns:
        """What a block has to return."""
        return self.returns

    def read(self, options: dict[str, Any]) -> Any:
        """The options of a call; raises Unfit."""
        try:
            return msgspec.convert(options, self.Options)
        except msgspec.ValidationError as error:
            raise Unfit(f"{self.name}: {error}") from None

    def draw(self, draws: Draws, args: tuple[Type, ...], depth: int) -> Data:
        """Options for a call with these arguments; raises Unfit where there are none."""
        return self.Options()

    def check(self, options: Any, args: tuple[Type, ...], depth: int) -> None:
        """Raise Unfit if the call is not well formed.  `depth` is 0 for the outermost call."""

    def placed(self, options: Any, args: tuple[Type, ...]) -> int:
        """How many of the first arguments cannot be given by name, if any argument can."""
        return 0

    def enter(self, options: Any, args: tuple[Type, ...], block: int) -> tuple[Type, ...]:
        """The types of a function's parameters, but for the leading ones."""
        return args

    def carried(self, options: Any, args: tuple[Type, ...]) -> int:
        """How many of the parameters are a carry."""
        return len(args)

    def leave(self, options: Any, args: tuple[Type, ...], returned: tuple[Type, ...]) -> Any:
        """The type of the result, of what the first function returns."""
        return result(returned)

    def block(self, options: Any, block: int, names: Sequence[str], results: Sequence[str]) -> str:
        """What a function returns, as text: `results` are its parts, `names` its parameters."""
        return as_tuple(results)

    def parameters(self, options: Any, block: int, names: Sequence[str]) -> tuple[str, list[str]]:
        """The parameters of a function as text, and the lines that take them apart."""
        return ", ".join(names), []

    def keywords(self, options: Any, args: tuple[Type, ...]) -> dict[str, str]:
        """The options as keyword arguments, as text."""
        return {}

    def source(self, call: CallText) -> str:
        """The call as text."""
        return f"{self.made(call)}({listed(call.given)})"

    def made(self, call: CallText, given: Sequence[str] = ()) -> str:
        """What it makes of its functions, as text; `given`: what it is given together with them."""
        words = self._all(call.options, call.args)
        if call.style == "factory":
            later = f"({listed(given)})" if given else ""
            return f"nnx.{self.name}({listed(words)})({listed(call.functions)}){later}"
        return f"nnx.{self.name}({listed(call.functions, given, words)})"

    def lines(self, call: CallText) -> list[str]:
        """The call as lines, the last of which is what its name is bound to."""
        return [self.source(call)]

    def decorator(self, options: Any, args: tuple[Type, ...]) -> str:
        """What decorates a method, as text; raises Unfit."""
        if any(getattr(options, name, False) for name in ("static", "twice", "ahead")):
            raise Unfit("a method is called once, as it is, and has no static argument")
        return f"functools.partial(nnx.{self.name}, {listed(self._all(options, args))})"

    def _all(self, options: Any, args: tuple[Type, ...]) -> list[str]:
        """The keyword arguments as text, those of the mode last."""
        mode = "**mode" if self.takes_updates else 'graph=mode["graph"]'
        return [*(f"{k}={v}" for k, v in self.keywords(options, args).items()), mode]

    def features(self, options: Any) -> frozenset[Feature]:
        """What a release has to have for a call with these options, besides the transform."""
        return frozenset()

    def devices(self, options: Any) -> int:
        """How many devices a call needs."""
        return 1

    def lowered(self, options: Any) -> dict[str, Any]:
        """The parameters of that equation by which it would show that an option is dropped."""
        return {}

    def tried(self, options: Any, block: int) -> Any:
        """Options with which a function is called at least once, as Flax traces it."""
        return options

    def without(self, options: Any, arg: int) -> Any:
        """The options of a call that lacks an argument."""
        return options

    def smaller(self, options: Any) -> Iterator[Data]:
        """Simpler options; those that do not fit are left out by the check."""
        for name in options.__struct_fields__:
            default = getattr(self.Options(), name)
            if getattr(options, name) != default:
                yield msgspec.structs.replace(options, **{name: default})

    def faults(self) -> tuple[Fault, ...]:
        """Planted bugs, which the shared tests have to find."""
        return ()


class TakesStatic(Transform):
    """A transform whose function may have a static argument behind the others, or before them, and
    returns it as `int`, which takes no tracer.
    """

    def placed(self, options: Any, args: tuple[Type, ...]) -> int:
        return len(args) if options.static in ("place", "end", "name-placed") else 0

    def parameters(self, options: Any, block: int, names: Sequence[str]) -> tuple[str, list[str]]:
        if options.static == "first":
            return listed(["static"], names), []
        return listed(names, ["static"] if options.static else []), []

    def block(self, options: Any, block: int, names: Sequence[str], results: Sequence[str]) -> str:
        return as_tuple([*results, "jnp.asarray(int(static))"] if options.static else results)

    def leave(self, options: Any, args: tuple[Type, ...], returned: tuple[Type, ...]) -> Any:
        return result((*returned, Array((), "int32")) if options.static else returned)


def result(types: tuple[Type, ...]) -> Any:
    """The type of what a function returns; None for nothing."""
    from nnxfuzz.programs.calls.types import Results

    return None if not types else types[0] if len(types) == 1 else Results(types)


def as_tuple(parts: Sequence[str]) -> str:
    """What `return` gives: nothing, one thing or several."""
    return ", ".join(parts) if parts else "None"


def listed(*parts: Sequence[str]) -> str:
    """Arguments, separated by commas."""
    return ", ".join(text for part in parts for text in part)


#: What a number that decides is compared with: no sum of small integers, nor of halves, is near it.
_BOUND = 1.7


def greater(argument: str) -> str:
    """Whether the sum of an array is greater than a bound, as text: no trace can tell, and lanes
    may differ.
    """
    return f"(jnp.sum({argument}) > {_BOUND})"


def deciding(draws: Draws, args: tuple[Type, ...]) -> int | None:
    """At times, the number of an argument that is an array, by which a call decides something."""
    arrays = [k for k, arg in enumerate(args) if _decides(arg)]
    return draws.pick(arrays) if arrays and draws.chance(2) else None


def check_deciding(by: int | None, args: tuple[Type, ...]) -> None:
    """Raise Unfit if a call cannot decide by this argument."""
    if by is not None and not (0 <= by < len(args) and _decides(args[by])):
        raise Unfit(f"argument {by} is no array of numbers")


def still_deciding(by: int | None, arg: int) -> int | None:
    """The argument by which a call decides that lacks the argument number `arg`."""
    if by is None or by == arg:
        return None
    return by - (by > arg)


def _decides(arg: Type) -> bool:
    return isinstance(arg, Array) and not arg.number and arg.dtype in (*FLOATS, "int32")


def scalar(type_: Type) -> bool:
    """Whether it is an array of shape ()."""
    return isinstance(type_, Array) and type_.shape == ()


__all__ = [
    "CallText",
    "Draws",
    "Fault",
    "NoOptions",
    "Returns",
    "TakesStatic",
    "Transform",
    "as_tuple",
    "check_deciding",
    "deciding",
    "greater",
    "listed",
    "result",
    "scalar",
    "still_deciding",
]
