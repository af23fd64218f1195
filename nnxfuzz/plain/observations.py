"""What `plain` sees of a program while it runs: who changed what, with paths.

`with observing() as seen:` collects a list of observations.  Each says of one call of a transform
that something holds at certain paths (`carry[0].embed`); none says that something holds somewhere
in the program.  A contract decides by them what a transform of Flax may refuse, or does otherwise.
"""

import math
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from nnxfuzz.nnx_api import Mode
from nnxfuzz.plain.closures import Code
from nnxfuzz.plain.keys import number_of, telling

Kind = Literal[
    "aliased",
    "inconsistent-axes",
    "inconsistent-reached",
    "inconsistent-given",
    "inconsistent-node",
    "partition-missing",
    "reaches-itself",
    "captured",
    "captured-alone",
    "captured-argument",
    "captured-module",
    "captured-array",
    "captured-traced",
    "of-another-trace",
    "captured-written",
    "captured-returned",
    "captured-given",
    "hijax-mapped",
    "argument-returned",
    "returned-twice",
    "broadcast-written",
    "argument-written",
    "structure-changed",
    "aval-changed",
    "number-promoted",
    "variable-replaced",
    "node-replaced",
    "state-rebuilt",
    "variable-made",
    "condition-wrote",
    "condition-captured",
    "captured-by-both",
    "not-differentiable",
    "static-not-given",
    "static-unhashable",
    "static-module",
    "not-given-first",
    "donated-twice",
    "no-array",
    "no-array-returned",
    "condition-no-bool",
    "container-written",
    "key-reuse",
    "key-drawn-again",
    "key-split-and-drawn",
    "raised",
]

#: What each kind says, of the paths that an observation has.
MEANINGS: dict[Kind, str] = {
    "aliased": "one Variable stands at these paths of the arguments",
    "inconsistent-axes": "one Variable stands at these paths, which have different axes",
    "inconsistent-reached": "one Variable stands at these paths, which have different axes, and "
    "the function around the call is given it, and reaches it by closure",
    "inconsistent-given": "one Variable stands at these paths, which have different axes, and the "
    "function around the call is given it twice",
    "inconsistent-node": "one node stands at these paths, which have different axes",
    "partition-missing": "a partition name is asked for, and this Variable has another at the axis",
    "reaches-itself": "the node at this path can be reached from itself",
    "captured": "the function reaches this object besides its arguments",
    "captured-alone": "the function reaches this object, of whose class its arguments hold none",
    "captured-argument": "the function reaches this Variable of its arguments by closure, too",
    "captured-module": "the function reaches this module of its arguments by closure, too",
    "captured-array": "the function reaches this array of an argument by closure, too",
    "captured-traced": "the function of a custom_vjp reaches by closure an array that jax traces",
    "of-another-trace": "this Variable was made outside of the trace of jax that the call is under",
    "captured-written": "the function changes what it reaches besides its arguments",
    "captured-returned": "the function returns an object that it reaches besides its arguments",
    "captured-given": "the function gives what it reaches besides its arguments to a transform",
    "hijax-mapped": "a function that is mapped is given, reaches or returns this Variable of hijax",
    "argument-returned": "the function returns a Variable that its arguments hold then",
    "returned-twice": "the function returns one Variable at these paths",
    "broadcast-written": "a trip changes a Variable or an array of an argument that has no axis",
    "argument-written": "the function of a custom_vjp changes this argument",
    "structure-changed": "what stands at this path has another structure after the call or trip",
    "aval-changed": "the array at this path has another shape or dtype after the call or trip",
    "number-promoted": "a body that makes no trip gives this number of the carry another dtype",
    "variable-replaced": "another Variable stands at this path after the trip",
    "node-replaced": "another node stands at this path after the trip",
    "state-rebuilt": "a new Variable stands at this path of an `nnx.State` after the trip",
    "variable-made": "a Variable that the body made stands at these paths of the arguments",
    "condition-wrote": "the condition of a while_loop changes what stands at this path",
    "condition-captured": "the condition of a while_loop reaches by closure what the body changes",
    "captured-by-both": "the condition and the body of a while_loop reach this Variable by closure",
    "not-differentiable": "a gradient is taken by this Variable or array, which holds no floats",
    "static-not-given": "this argument is static and not given by position",
    "static-unhashable": "this argument is static and has no hash",
    "static-module": "this argument is static and a module or a Variable",
    "not-given-first": "a function of jit_partial is given this Variable later than its first ones",
    "donated-twice": "one array stands at these paths of the arguments, one of which is donated",
    "no-array": "this value stands in the arguments, and jax makes no array of it",
    "no-array-returned": "the function returns this value, and jax makes no array of it",
    "condition-no-bool": "the condition of a while_loop returns no boolean scalar",
    "container-written": "the function writes to this list or dictionary, and does not return it",
    "key-reuse": "this stream hands out a key that was handed out before",
    "key-drawn-again": "the function draws here from a key that it has drawn from before",
    "key-split-and-drawn": "the function draws from a key that it splits, too, the later here",
    "raised": "the function raises",
}


@dataclass(frozen=True)
class Observation:
    """Something that one call of a transform showed.

    `call` counts the calls from 0 in the order in which they began; `depth` is 0 for a call that is
    in no other.  `detail` says what changed, or the class of the object, or the
    classes of what is at and below it.
    """

    kind: Kind
    transform: str
    call: int
    depth: int
    paths: tuple[str, ...]
    detail: str
    #: What the call's mode is; None where it has Python's own meaning.
    mode: Mode | None = None
    #: Where the code of the function begins whose run showed it.
    codes: frozenset[Code] = field(default=frozenset(), compare=False)

    @property
    def sentence(self) -> str:
        """All of it in a sentence."""
        where = ", ".join(self.paths)
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.transform}: {MEANINGS[self.kind]} ({where}){detail}."


class TooLong(Exception):
    """A run has taken longer than it may."""


class Observations(list[Observation]):
    """The observations of a run, in the order in which they were made, each once."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        #: When the run is given up, by `time.process_time`.
        self.deadline = math.inf
        #: The calls whose functions run now, the outermost first.
        self.inside: list[Any] = []
        #: The calls of which a function or a condition runs now, the outermost first.
        self.running: list[Any] = []
        #: The keys that streams handed out in them.
        self.keys: set[bytes] = set()
        #: The keys that numbers were drawn from in them, and those that were split.
        self.draws: set[tuple[str, bytes]] = set()
        #: Whether nobody gets what is computed now, as in `eval_shape`.
        self.unused = False
        #: The transforms that were called, each behind those in whose functions it was.
        self.nestings: set[tuple[str, ...]] = set()
        #: Where the code of the functions begins that ran in them.
        self.ran: frozenset[Code] = frozenset()
        #: The calls in which a while_loop was called, or a fori_loop whose bounds are no numbers of
        #: Python, by their transforms, the outermost first.
        self.loops: list[tuple[str, ...]] = []
        #: The transforms that a body asked for: name, functions, and options.
        self.asked: list[tuple[str, tuple[Any, ...], Mapping[str, Any]]] = []
        #: By id, copies of Variables of hijax that are none themselves.
        self.hijax_copies: dict[int, Any] = {}
        #: If a list: each `cond` and `switch` tries all of its branches, and puts here what these
        #: showed and what they returned.  A transform traces all of them, and Python runs one.
        self.tried: Tried | None = None
        #: Of a branch that was tried: what it left but for the numbers; None if it raised.
        self.left: list[Any] | None = None
        #: The transforms in whose functions that branch stands, the outermost first.
        self.around: tuple[str, ...] = ()

    @property
    def depth(self) -> int:
        """How many calls' functions run now."""
        return len(self.inside)

    @property
    def transforms(self) -> set[str]:
        """The transforms that were called."""
        return {nesting[-1] for nesting in self.nestings}

    def check_time(self) -> None:
        """Raise TooLong if the run is to be given up."""
        if time.process_time() > self.deadline:
            raise TooLong

    def unknown_trips(self) -> None:
        """Take note of a loop whose trips jax does not know."""
        self.loops.append(tuple(call.transform for call in self.inside))

    def handed(self, stream: Any, key: Any) -> None:
        """Take note of a key that a stream hands out in a function."""
        bits = number_of(key) if self.inside and not self.unused else None
        if bits in self.keys:
            self.inside[0].reused(stream)
        elif bits is not None:
            self.keys.add(bits)

    def drawn(self, key: Any, where: str) -> None:
        """Take note of a key that numbers are drawn from in a function, at this line."""
        self._used(key, where, "drawn", {"drawn": "key-drawn-again", "split": _BOTH})

    def split(self, key: Any, where: str) -> None:
        """Take note of a key that is split in a function, at this line."""
        self._used(key, where, "split", {"drawn": _BOTH})  # split twice, it may be for the same

    def _used(self, key: Any, where: str, how: str, after: Mapping[str, Kind]) -> None:
        """Take note of how a key is used, and of what that is `after` another use of it."""
        bits = number_of(key) if self.inside and not self.unused else None
        if bits is None:
            return
        found = [kind for use, kind in after.items() if (use, bits) in self.draws]
        self.draws.add((how, bits))
        if found:
            self.inside[0].note(found[0], where)

    def plus(self, *others: "Observations") -> "Observations":
        """These, and those of other runs of the same program."""
        both = Observations()
        both.calls = max(one.calls for one in (self, *others))
        both.nestings = self.nestings.union(*(other.nestings for other in others))
        both.ran = self.ran.union(*(other.ran for other in others))
        both.loops = [loop for one in (self, *others) for loop in one.loops]
        both.asked = [one for seen in (self, *others) for one in seen.asked]
        both += [*self, *(one for other in others for one in other if one not in self)]
        return both

    def with_tried(self) -> "Observations":
        """These, and those of all branches that were tried."""
        tried = [seen for branches in self.tried or () for seen, _ in branches]
        return self.plus(*(seen._in_place() for seen in tried))

    def _in_place(self) -> "Observations":
        """Those of a branch that was tried, as observations of the run in which it stands."""
        found = self.with_tried()
        found.nestings = {self.around + nesting for nesting in found.nestings}
        found.loops = [self.around + loop for loop in found.loops]
        found[:] = [replace(one, depth=one.depth + len(self.around)) for one in found]
        return found

    def in_modes(self, modes: Collection[Mode]) -> "Observations":
        """Those of calls in one of the modes."""
        return self.only(lambda observation: observation.mode in modes)

    def only(self, keep: Callable[[Observation], bool]) -> "Observations":
        """Those that are to be kept, and all else that is known."""
        found = self.plus()
        found[:] = filter(keep, self)
        return found

    def of(self, kind: Kind) -> list[Observation]:
        """Those of a kind."""
        return [observation for observation in self if observation.kind == kind]

    def paths(self, kind: Kind) -> list[str]:
        """The paths of those of a kind."""
        return [path for observation in self.of(kind) for path in observation.paths]


#: A key that is split, and that numbers are drawn from.
_BOTH: Kind = "key-split-and-drawn"

#: Of each `cond` and `switch`: what each of its branches showed and returned.
Tried = list[list[tuple[Observations, Any]]]

_SEEN: ContextVar[Observations | None] = ContextVar("seen", default=None)


@contextmanager
def observing() -> Iterator[Observations]:
    """Collect what the calls of `plain` within show."""
    observations = Observations()
    token = _SEEN.set(observations)
    try:
        with telling(current):
            yield observations
    finally:
        _SEEN.reset(token)


def current() -> Observations | None:
    """Where observations go now; None where nobody asks for them."""
    return _SEEN.get()


def drawing_alike(lanes: Iterable[int]) -> Iterator[int]:
    """The lanes, each of which may draw from a key that another one draws from: what is broadcast
    is to be the same in all of them.
    """
    seen = current()
    before, every = (set(), set()) if seen is None else (seen.draws, set(seen.draws))
    for lane in lanes:
        if seen is not None:
            seen.draws = set(before)
        yield lane
        every |= seen.draws if seen is not None else set()
    if seen is not None:
        seen.draws = every


@contextmanager
def unused() -> Iterator[None]:
    """Nobody gets the numbers that are computed within, so that a key may be used once more."""
    seen = current()
    before = seen is not None and seen.unused
    if seen is not None:
        seen.unused = True
    try:
        yield
    finally:
        if seen is not None:
            seen.unused = before


def keys_to_forget() -> Callable[[], None]:
    """What makes those keys count as not used that are used from now on: a run that is given up,
    and made in another way.
    """
    seen = current()
    keys, draws = (set(), set()) if seen is None else (set(seen.keys), set(seen.draws))

    def forget() -> None:
        if seen is not None:
            seen.keys, seen.draws = set(keys), set(draws)

    return forget
