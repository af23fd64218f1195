"""One call program in one mode, run by Flax and as plain Python, as the judge asks for it."""

import copy
import dataclasses
import functools
import inspect
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from types import CodeType, MethodType
from typing import Any

import flax.nnx
import jax
import jax.numpy as jnp
import optax

from nnxfuzz import nnx_api, plain
from nnxfuzz.checker import worlds
from nnxfuzz.checker.apart import APART
from nnxfuzz.checker.derived import FILE, first_of_two, texts_of_each_function
from nnxfuzz.checker.empty_classes import BUILTINS
from nnxfuzz.checker.inputs import Inputs, Nudge, Widened
from nnxfuzz.checker.judge import Judge
from nnxfuzz.checker.quiet import quiet
from nnxfuzz.checker.shared import Shared
from nnxfuzz.checker.tolerance import Tolerance
from nnxfuzz.checker.trial import Side
from nnxfuzz.checker.unseen import differences
from nnxfuzz.checker.worlds import before_of, walk, world_of
from nnxfuzz.oracle.by_itself import called_by_itself
from nnxfuzz.oracle.verdict import Difference, World
from nnxfuzz.oracle.world import Walk
from nnxfuzz.plain.closures import codes_of
from nnxfuzz.plain.observations import Tried
from nnxfuzz.programs.calls import data as d
from nnxfuzz.programs.calls.places import shown
from nnxfuzz.programs.calls.walk import calls, names_in, names_inside, reads
from nnxfuzz.programs.calls.writer import BINDING, text
from nnxfuzz.programs.case import Mode, TreePath
from nnxfuzz.runners.judge import kept
from nnxfuzz.transforms import REGISTRY


class Run:
    """One program in one mode, as the judge asks for it."""

    def __init__(self, program: d.CallProgram, code: CodeType, mode: Mode, shared: Shared) -> None:
        self.program = program
        self.code = code
        self.mode = nnx_api.mode_arguments(mode)
        self._shared = functools.partial(shared.run, mode)
        self.tolerance = Tolerance()
        call = program.call
        self._given = names_in(call)
        self._captured = names_inside(call) & set(program.objects)
        bound = [c for c in calls(call) if c.style in ("method", "instance")]
        self.functions: tuple[Any, ...] = (MethodType(_step, flax.nnx.Module()),) if bound else ()
        first = int(call.style in BINDING)
        #: What is static: nothing that a refusal of it is about.
        self.static: frozenset[str] = frozenset()
        self.arguments = call.blocks[0].params[first + len(REGISTRY[call.transform].leading) :]
        #: Whether it has a layer whose own loop has to run as plain Python, too.
        self._loops = "nnx.RNN(" in text(program, REGISTRY)

    # --- one run ----------------------------------------------------------------------------

    def side(self, nnx: Any) -> Side:
        """The program with the transforms of `nnx`; exceptions are part of what it comes to.

        Where these are plain's, they mean what the mode documents, so that all or nothing is done.
        """
        with plain.meaning("asked"):
            return self._ran(nnx, None)

    def _ran(
        self, nnx: Any, seen: Any, nudge: Inputs | None = None, code: CodeType | None = None
    ) -> Side:
        with called_by_itself():  # also what decorates a method as a transform does
            names = self._names(nnx, code or self.code)
        if seen is not None:
            seen.ran |= codes_of(names["program"])
        # what makes the objects is no part of the program
        with plain.observing(), called_by_itself():
            held: dict[str, Any] = names["objects"]()
        if nudge is not None:
            nudge.variables(held)
            held = {name: nudge.arrays(value) for name, value in held.items()}
        first = walk(None, **self._roots(held))
        value, raised = None, None
        with quiet(), plain.plainly() if nnx is plain and self._loops else nullcontext():
            try:
                value = names["program"](**held)
            except Exception as error:
                raised = error
        roots = self._roots(held) | ({} if raised is not None else {"result": value})
        walked = walk(first, **roots)
        tolerance = None if seen is None else self.tolerance
        return Side(world_of(walked, tolerance), walked, raised, seen)

    def unseen(self, nnx: Any) -> Iterator[Difference]:
        """What differs that no world shows."""

        def program() -> None:
            names = self._names(nnx, self.code)
            with quiet():
                names["program"](**names["objects"]())

        row = REGISTRY[self.transform]
        options = row.read(self.program.call.options)
        return differences(program, row, options, nnx, self.mode)

    def _names(self, nnx: Any, code: CodeType) -> dict[str, Any]:
        """The globals of the program's text, once it has run.

        With `plain` it always runs: Flax may refuse what decorates a method.
        """
        names: dict[str, Any] = {
            "__name__": "call_program",
            "__builtins__": BUILTINS,
            "nnx": nnx,
            "jax": jax,
            "jnp": jnp,
            "optax": optax,
            "dataclasses": dataclasses,
            "functools": functools,
            "inspect": inspect,
            "mode": self.mode,
        }
        exec(code, names)
        if nnx is plain and "related" in names:  # see `programs.calls.relations`
            names["related"] = lambda x, this, that: that(x)
        return names

    def _roots(self, held: Mapping[str, Any]) -> dict[str, Any]:
        """What the call is given, and what its functions reach besides."""
        given = {name: value for name, value in held.items() if name in self._given}
        closure = {name: held[name] for name in sorted(self._captured - self._given)}
        return {"caller": given, "closure": closure}

    @functools.cached_property
    def given(self) -> Walk:
        """A walk over the very arguments, so that what stands at two of them shows."""
        held = self._names(plain, self.code)["objects"]()
        read = [(f"{k}{at}", p) for k, o in enumerate(self.program.call.args) for at, p in reads(o)]
        given = {f"{shown(p)} (argument {k})": _at(held[p.name], p.path) for k, p in read}
        closure = {name: held[name] for name in sorted(self._captured)}
        return walk(None, caller=given, closure=closure)

    @property
    def leaked(self) -> tuple[str, ...]:
        """None: a program has no objects but Flax's."""
        return ()

    @property
    def outdated(self) -> tuple[str, ...]:
        """None: nothing comes between what is given and the call."""
        return ()

    @property
    def live(self) -> bool:
        """False: each run makes its objects."""
        return False

    # --- what the judge asks for ------------------------------------------------------------

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of the outermost call, as data and as Flax gets them."""
        return self._options(self.program.call, self._names(plain, self.code))

    def _asked(self) -> list[tuple[str, tuple[Any, ...], Mapping[str, Any]]]:
        """What the calls in it ask for: the transform, no functions, and the options."""
        names = self._names(plain, self.code)
        _, *inner = calls(self.program.call)
        return [(call.transform, (), {**self._options(call, names), **self.mode}) for call in inner]

    def _options(self, call: d.Call, names: dict[str, Any]) -> Mapping[str, Any]:
        row = REGISTRY[call.transform]
        options = row.read(call.options)
        own = {name: getattr(options, name) for name in options.__struct_fields__}
        every: Any = call.args  # their number is what counts
        words = row.keywords(options, every)
        return own | {name: eval(text, names) for name, text in words.items()}

    def before(self) -> World:
        """What the caller holds before the call."""
        return self._shared("before", self._before)

    def _before(self) -> World:
        held = self._names(plain, self.code)["objects"]()
        first = walk(None, **self._roots(held))
        return before_of(first, **self._roots(held))

    def between(self, error: BaseException) -> World | None:
        """What the first call leaves where the program makes two and the second raises `error`."""
        once = first_of_two(self.program, error)
        if once is None:
            return None
        with plain.meaning("asked"):
            side = self._ran(plain, None, code=compile(text(once, REGISTRY), FILE, "exec"))
        return kept(side.world) if side.raised is None else None

    def plain(self, meaning: Any, added: Mapping[str, Any]) -> Side:
        """The program as Python."""
        ran = functools.partial(self._observed, plain, meaning)
        side: Side = self._shared("plain", ran) if meaning == "python" else ran()
        seen = copy.copy(side.seen)
        seen.asked = self._asked()
        return side._replace(seen=seen)

    def _observed(
        self,
        nnx: Any,
        meaning: Any = "python",
        nudge: Inputs | None = None,
        code: CodeType | None = None,
        tried: Tried | None = None,
    ) -> Side:
        """A run of which is known what it shows; `tried` gets what each branch shows."""
        with plain.meaning(meaning), plain.observing() as seen:
            seen.tried = tried
            return self._ran(nnx, seen, nudge, code)

    def of_either_view(
        self, found: Iterable[Difference], judge: Judge, nnx: Any, got: World | None = None
    ) -> Iterator[Difference]:
        """The differences that show whichever of two a function, or what calls it, works on: what
        it is given, or what it reaches of it by closure (`nnx` is of the latter, see `apart`).

        Where one call of one function is all, and it writes to none by closure, it works on the one
        or on the other: a number in what was `got` that neither has is wrong, too.
        """
        side = self._observed(nnx, "asked")
        if side.raised is None:
            off = {d.path for d in worlds.differences(judge.wanted.world, side.world)}
            alone = side.seen.calls == 1 and _works_on_what_it_is_given(self.program)
            neither = worlds.differences(side.world, got) if alone and got is not None else []
            wrong = {d.path for d in neither if d.aspect == "value"}
            yield from (
                d
                for d in found
                if not any(_meet(d.path, path) for path in off)
                or (d.aspect == "value" and d.path in wrong)
            )

    def later(self, meaning: Any, added: Mapping[str, Any]) -> Side:
        """The program as Python once more: it looks at no clock."""
        return self.plain(meaning, added)

    def as_traced(self, added: Mapping[str, Any], numbers: bool = False) -> Side | None:
        """None: no program asks whether it is traced."""
        return None

    def nudged(self, added: Mapping[str, Any], seed: int) -> Side:
        """The program as Python, each float that it starts from off by at most one rounding."""
        return self._shared(("nudged", seed), lambda: self._observed(plain, nudge=Nudge(seed)))

    def shadow(self, added: Mapping[str, Any]) -> Side:
        """The program as Python, in float64 as far as its statements keep that."""

        def ran() -> Side:
            with nnx_api.x64():
                return self._observed(plain, nudge=Widened())

        return self._shared("shadow", ran)

    def afresh(self, added: Mapping[str, Any]) -> Side | None:
        """None: a program calls what it compiles once."""
        return None

    def drawn(self, meaning: Any, added: Mapping[str, Any]) -> Side:
        """None is needed: nothing is drawn but from streams."""
        raise NotImplementedError

    def changed(self) -> dict[str, str]:
        """Nothing: a program calls what it compiles once."""
        return {}

    def effects(
        self, python: Side, flax: Side, everywhere: bool = False, exactly: bool = False
    ) -> dict[str, str]:
        """Nothing: a program has no objects of its own."""
        return {}

    @property
    def transform(self) -> str:
        """The outermost transform."""
        return self.program.call.transform

    @property
    def differentiates(self) -> bool:
        """Whether it takes a gradient."""
        found = {REGISTRY[c.transform].returns for c in calls(self.program.call)}
        return not found.isdisjoint(("float", "loss"))

    @property
    def keywords(self) -> tuple[str, ...]:
        """The arguments that are given by name."""
        count = self.program.call.keywords
        return self.arguments[-count:] if count else ()

    def inner_branches(self, added: Mapping[str, Any]) -> Tried:
        """Of each `cond` and `switch` in the program, also in branches that are not taken: what its
        branches show and return.
        """

        def tried() -> Tried:
            found = Tried()
            for code in [self.code, *self._tried_codes]:
                self._observed(plain, code=code, tried=found)
            return found

        return self._shared("inner branches", tried)

    def tried(self, added: Mapping[str, Any]) -> Side | None:
        """None: `branches` has what Python does not call."""
        return None

    def branches(self, added: Mapping[str, Any]) -> list[Side]:
        """The program as Python, with options by which all functions are called: Flax traces the
        branch that is not taken, and the body of a loop that makes no trip.
        """
        codes = self._tried_codes
        return self._shared(
            "branches", lambda: [self._observed(plain, code=code) for code in codes]
        )

    def in_this_mode(self, added: Mapping[str, Any]) -> tuple[list[Side], Tried]:
        """The program as the mode documents it, with all of its functions called.

        No documentation says whether a function that reaches its argument by closure as well sees
        one object there or two (`apart`), so it may be either.
        """
        tried, codes = Tried(), [self.code, *self._tried_codes]
        sides = [
            self._observed(nnx, "asked", code=code, tried=tried)
            for nnx in (plain, APART)
            for code in codes
        ]
        return sides, tried

    @functools.cached_property
    def _tried_codes(self) -> list[CodeType]:
        texts = texts_of_each_function(self.program)
        return [compile(code, FILE, "exec") for code in texts]


def _works_on_what_it_is_given(program: d.CallProgram) -> bool:
    """Whether the functions of a program that makes its call once do nothing but read what they
    reach by closure.
    """
    call = program.call
    places = [getattr(s, "place", None) for block in call.blocks for s in block.body]
    reached = any(place is not None and place.name in program.objects for place in places)
    return not reached and not call.options.get("twice")


def _step(module: Any) -> None:
    """Stands for the methods of a program's modules."""


def _meet(one: TreePath, other: TreePath) -> bool:
    """Whether a place is the other, or stands below or above it."""
    return all(a == b for a, b in zip(one, other, strict=False))


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        value = value[step] if isinstance(step, int) else getattr(value, step)
    return value
