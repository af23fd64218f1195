"""One call of a transform, made by Flax and as plain Python, and the worlds that they leave.

Flax's own call comes first, on the program's objects, and the program gets its result.  Then the
objects are put back as they were before the call, the plain run is made on the same objects, and
they are put back as Flax left them.
"""

import functools
import math
import sys
import types
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from nnxfuzz import nnx_api, plain
from nnxfuzz.checker.around import within
from nnxfuzz.checker.as_traced import as_traced
from nnxfuzz.checker.calls import Call
from nnxfuzz.checker.checkpoint import Checkpoint
from nnxfuzz.checker.clocks import later
from nnxfuzz.checker.effects import Contents, changed, contents, told_of, with_tracers
from nnxfuzz.checker.generators import GLOBAL
from nnxfuzz.checker.imported import tracers_since
from nnxfuzz.checker.inputs import Drawn, Inputs, Nudge, Widened
from nnxfuzz.checker.intercept import INTERCEPTION
from nnxfuzz.checker.placing import misplaced
from nnxfuzz.checker.quiet import quiet, unguarded
from nnxfuzz.checker.rounding import rounded_otherwise
from nnxfuzz.checker.shown import shown
from nnxfuzz.checker.tolerance import Tolerance
from nnxfuzz.checker.worlds import before_of, walk, world_of
from nnxfuzz.oracle.verdict import World
from nnxfuzz.oracle.world import Walk
from nnxfuzz.plain.modes import Meaning
from nnxfuzz.plain.objects import everything
from nnxfuzz.plain.observations import Tried
from nnxfuzz.plain.picture import loops_of
from nnxfuzz.programs.case import TreePath


class Side(NamedTuple):
    """What one run of a call came to."""

    world: World
    walked: Walk
    raised: BaseException | None = None
    #: What a plain run saw.
    seen: Any = None
    #: What the program's own objects hold.
    contents: Contents = {}
    #: The names of the `functools.cache`s that keep a tracer, and of those that had none before.
    memoized: tuple[str, ...] = ()
    memoizes: tuple[str, ...] = ()
    #: Where modules that were imported meanwhile hold a tracer.
    imports: tuple[str, ...] = ()
    #: Where the caller held arrays that are deleted now, and were not to be.
    deleted: tuple[TreePath, ...] = ()
    #: Where the result has arrays that are placed otherwise than asked.
    misplaced: tuple[TreePath, ...] = ()


class Trial:
    """The runs of one call.  Raises TooMuch if it reaches too much to be kept."""

    def __init__(
        self,
        call: Call,
        tolerance: Tolerance,
        max_bytes: int,
        earlier: Contents | None = None,
    ) -> None:
        self.call = call
        self.tolerance = tolerance
        self.max_bytes = max_bytes
        self.start = Checkpoint(
            call.data,
            call.functions,
            max_bytes=max_bytes,
            donates=call.donates,
            static=call.static(),
        )
        self.closure = self.start.closure()
        self.first = walk(None, caller=dict(call.data), closure=self.closure)
        self.first.donated = call.donated()
        self._contents = self.start.contents()
        self._memoized = self.start.memoized()
        #: What the call is given is no longer as it was when that was taken apart, at these paths.
        self.outdated = call.outdated()
        #: Where the program's own objects hold a tracer: it left there what was traced before, or,
        #: as it was imported, in this call.
        self.leaked = with_tracers(self._contents)
        self._modules = frozenset(sys.modules)
        self._earlier = earlier
        self._after: Checkpoint | None = None
        self._returned = False
        #: When a run of the call in Python is given up, by `time.process_time`.
        self.deadline = math.inf

    @property
    def functions(self) -> tuple[Any, ...]:
        """The user's functions."""
        return self.call.functions

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of the transform."""
        return self.call.options

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of what the functions are given."""
        return tuple(n for n in self.call.data if n not in ("pred", "index", "lower", "upper"))

    @property
    def transform(self) -> str:
        """The name of the transform."""
        return self.call.transform

    @property
    def keywords(self) -> tuple[str, ...]:
        """The names of the arguments that are given by name."""
        return tuple(self.call.kwargs)

    @property
    def static(self) -> frozenset[str]:
        """The names of the arguments that are static."""
        return self.call.static()

    @property
    def given(self) -> Walk:
        """What was given and what is reached besides, before the call."""
        return self.first

    @property
    def live(self) -> bool:
        """True: each run is made on the program's own objects."""
        return True

    def flax(self, value: Any, raised: BaseException | None) -> Side:
        """Flax's own call, which was made just now; what follows is undone by `end`."""
        self._returned = raised is None
        data = {**self.call.data, "result": value}
        self._after = Checkpoint(
            data, self.call.functions, max_bytes=self.max_bytes, earlier=self.start
        )
        side = self._side(value, raised, None)
        new = tuple(name for name in side.memoized if name not in self._memoized)
        side = side._replace(memoizes=new, imports=tracers_since(self._modules))
        self.leaked += side.imports
        by_itself = self.transform in plain.UNTRACED  # what its function donates is gone
        return side if by_itself else side._replace(deleted=self.first.deleted())

    def end(self) -> None:
        """Put everything back as Flax left it."""
        if self._after is not None:
            self._after.restore()

    def loops(self) -> list[str]:
        """The paths of nodes that can be reached from themselves, before the call."""
        self.start.restore()
        held = {**self._data(), **self.closure}
        return [path for name, value in held.items() for path in loops_of(value, name)]

    def before(self) -> World:
        """What the caller held before the call."""
        self.start.restore()
        return before_of(self.first, caller=self._data(), closure=self.closure)

    def between(self, error: BaseException) -> World | None:
        """None: it is one call."""
        return None

    def plain(self, meaning: Any, added: Mapping[str, Any]) -> Side:
        """The call as Python; its transform is given further options."""
        return self._as_python(meaning, added)

    def later(self, meaning: Any, added: Mapping[str, Any]) -> Side:
        """The call as Python once more, with clocks that are ahead."""
        return self._as_python(meaning, added, around=later())

    def as_traced(self, added: Mapping[str, Any], numbers: bool = False) -> Side:
        """The call as the mode documents it, of functions that take themselves for traced; with
        `numbers` arrays have none, but for those that are reached by closure.
        """
        around = as_traced(numbers, self.start.constants() if numbers else ())
        return self._as_python("asked", added, around=around)

    def nudged(self, added: Mapping[str, Any], seed: int) -> Side:
        """The call as Python, each float that it starts from, and each that it computes, off by at
        most one rounding.
        """
        with rounded_otherwise(seed):
            return self._as_python("python", added, inputs=Nudge(seed))

    def drawn(self, meaning: Any, added: Mapping[str, Any]) -> Side:
        """The call as Python, with other numbers of the random generators that it reaches."""
        return self._as_python(meaning, added, inputs=Drawn(self.start))

    def shadow(self, added: Mapping[str, Any]) -> Side:
        """The call as Python, in float64 throughout if what it makes itself allows it."""
        with nnx_api.x64():
            return self._as_python("python", added, inputs=Widened())

    def _as_python(
        self, meaning: Meaning, added: Mapping[str, Any], *, tried: bool = False, **how: Any
    ) -> Side:
        transform = plain.TRANSFORMS[self.call.transform]
        with plain.meaning(meaning), plain.observing() as seen, within("plain"):
            if tried:
                seen.tried = Tried()
            return self._again(transform, added, seen, **how)

    def branches(self, added: Mapping[str, Any]) -> list[Side]:
        """The call as Python, once for each of its branches; none if it has no branches."""
        return self._branches(added, "python")

    def _branches(self, added: Mapping[str, Any], meaning: Meaning) -> list[Side]:
        if "pred" in self.call.data:
            choices: list[Any] = [True, False]
        elif "index" in self.call.data:
            choices = list(range(len(_items(self.call.functions[0]))))
        else:
            return []
        return [self._as_python(meaning, added, choose=choice) for choice in choices]

    def in_this_mode(self, added: Mapping[str, Any]) -> tuple[list[Side], Tried]:
        """The call as the mode documents it, also once for each of its branches."""
        return [self.plain("asked", added), *self._branches(added, "asked")], Tried()

    def inner_branches(self, added: Mapping[str, Any]) -> Tried:
        """Of each `cond` and `switch` in the body: what its branches show and return in Python."""
        found: Tried = self._as_python("python", added, tried=True).seen.tried
        return found

    def tried(self, added: Mapping[str, Any]) -> Side:
        """The call as Python, with a run of each function that Flax traces and Python does not
        call: the branch that is not taken, the body of a loop that makes no trip.
        """
        side = self._as_python("python", added, tried=True)
        return side._replace(seen=side.seen.with_tried())

    def other(self, transform: Callable[..., Any], added: Mapping[str, Any]) -> Side:
        """The call by Flax with further options."""
        with within("flax"):
            return self._again(transform, added, None)

    def afresh(self, added: Mapping[str, Any]) -> Side:
        """The call by Flax, of functions that jax has not seen, so that they are traced anew."""
        real = INTERCEPTION.real[self.call.transform]

        def anew(*args: Any, **kwargs: Any) -> Any:
            return real(*map(_new_function, args), **kwargs)

        return self.other(anew, added)

    def reached(self) -> Contents:
        """What the program's own objects, and the Variables and attributes of Flax's, that the
        functions reach by closure held before the call.
        """
        held = (
            (place.text, nnx_api.stored(thing) if nnx_api.is_variable(thing) else thing)
            for name, value in self.closure.items()
            for place in everything(value, name)
            for thing in [place.thing]
            if not nnx_api.is_node(thing)
        )
        return {**self._contents, **contents((), held)}

    def changed(self) -> dict[str, str]:
        """What the functions reach by closure and held otherwise in an earlier call, by path."""
        self.start.restore()
        return {} if self._earlier is None else changed(self._earlier, self.reached())

    def effects(
        self, python: Side, flax: Side, everywhere: bool = False, exactly: bool = False
    ) -> dict[str, str]:
        """What the function does to the program's own objects, where Flax leaves it otherwise.

        From the global random generators other threads may draw, so that they are told of only if
        it is asked for what is drawn `everywhere`.
        """
        found = told_of(self._contents, python.contents, flax.contents, exactly)
        others = () if everywhere else GLOBAL
        return {path: what for path, what in found.items() if path not in others}

    def _again(
        self,
        transform: Callable[..., Any],
        added: Mapping[str, Any],
        seen: Any,
        inputs: Inputs | None = None,
        choose: Any = None,
        around: AbstractContextManager[None] | None = None,
    ) -> Side:
        if seen is not None:
            seen.deadline = self.deadline
        self.start.restore()
        args = tuple(self.start.revived(value) for value in self.call.args)
        kwargs = {name: self.start.revived(v) for name, v in self.call.kwargs.items()}
        if choose is not None:
            args, kwargs = _chosen(args, kwargs, choose)
        if inputs is not None:
            inputs.variables((self._data(), self.closure))
            args, kwargs = inputs.arrays((args, kwargs))
        value, raised = None, None
        # `around` puts other things into names, and so it comes after these are put back
        with around or nullcontext(), quiet(), unguarded(transfers=self._returned):
            try:
                value = self.call.again(transform, (args, kwargs), added)
            except plain.TooLong:
                raise
            except Exception as error:
                raised = error
        return self._side(value, raised, seen)

    def _side(self, value: Any, raised: BaseException | None, seen: Any) -> Side:
        named = {"caller": self._data(), "closure": self.closure}
        if raised is None:
            named["result"] = shown(self.call.transform, value)
        walked = walk(self.first, **named)
        tolerance = None if seen is None else self.tolerance
        held = self.start.contents(), self.start.memoized()
        side = Side(world_of(walked, tolerance), walked, raised, seen, *held)
        if seen is not None or self.transform != "jit" or self.call.only_here:
            return side
        return side._replace(misplaced=misplaced(self.options.get("out_shardings"), value))

    def _data(self) -> dict[str, Any]:
        return {name: self.start.readable(value) for name, value in self.call.data.items()}


def _new_function(value: Any) -> Any:
    """Another function, and other ones in a list, that do the same; anything else as it is."""
    if isinstance(value, list | tuple):
        return type(value)(map(_new_function, value)) if type(value) in (list, tuple) else value
    if not isinstance(value, types.FunctionType):
        return value
    new = types.FunctionType(
        value.__code__, value.__globals__, value.__name__, value.__defaults__, value.__closure__
    )
    return functools.update_wrapper(new, value)


def _items(branches: Any) -> list[Any]:
    """What `nnx.switch` finds in its branches; nothing where it cannot go through them."""
    try:
        return list(branches)
    except TypeError:
        return []


def _chosen(args: tuple[Any, ...], kwargs: dict[str, Any], choice: Any) -> tuple[Any, Any]:
    """The arguments of `nnx.cond` or `nnx.switch` that choose another branch."""
    for name in ("pred", "index"):
        if name in kwargs:
            return args, {**kwargs, name: choice}
    return (choice, *args[1:]), kwargs
