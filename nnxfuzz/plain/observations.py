"""What `plain` sees of a program while it runs: who changed what, with paths.

`with observing() as seen:` collects a list of observations.  Each says of one call of a transform
that something holds at certain paths (`carry[0].embed`); none says that something holds somewhere
in the program.  A contract decides by them what a transform of Flax may refuse, or does otherwise.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

import jax
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.nnx_api import Mode
from nnxfuzz.plain.closures import Code
from nnxfuzz.plain.keys import number_of, telling
from nnxfuzz.plain.objects import Place, entries, everything, is_array, is_data, is_object

Kind = Literal[
    "aliased",
    "inconsistent-axes",
    "inconsistent-node",
    "reaches-itself",
    "captured",
    "captured-alone",
    "captured-argument",
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
    "structure-changed",
    "aval-changed",
    "number-promoted",
    "variable-replaced",
    "node-replaced",
    "state-rebuilt",
    "variable-made",
    "condition-wrote",
    "condition-captured",
    "not-differentiable",
    "static-not-given",
    "static-unhashable",
    "static-module",
    "not-given-first",
    "no-array",
    "no-array-returned",
    "condition-no-bool",
    "container-written",
    "key-reuse",
    "raised",
]

#: What each kind says, of the paths that an observation has.
MEANINGS: dict[Kind, str] = {
    "aliased": "one Variable stands at these paths of the arguments",
    "inconsistent-axes": "one Variable stands at these paths, which have different axes",
    "inconsistent-node": "one node stands at these paths, which have different axes",
    "reaches-itself": "the node at this path can be reached from itself",
    "captured": "the function reaches this object besides its arguments",
    "captured-alone": "the function reaches this object, of whose class its arguments hold none",
    "captured-argument": "the function reaches this Variable of its arguments by closure, too",
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
    "structure-changed": "what stands at this path has another structure after the call or trip",
    "aval-changed": "the array at this path has another shape or dtype after the call or trip",
    "number-promoted": "a body that makes no trip gives this number of the carry another dtype",
    "variable-replaced": "another Variable stands at this path after the trip",
    "node-replaced": "another node stands at this path after the trip",
    "state-rebuilt": "a new Variable stands at this path of an `nnx.State` after the trip",
    "variable-made": "a Variable that the body made stands at these paths of the arguments",
    "condition-wrote": "the condition of a while_loop changes what stands at this path",
    "condition-captured": "the condition of a while_loop reaches by closure what the body changes",
    "not-differentiable": "a gradient is taken by this Variable, which holds no floats",
    "static-not-given": "this argument is static and not given by position",
    "static-unhashable": "this argument is static and has no hash",
    "static-module": "this argument is static and a module or a Variable",
    "not-given-first": "a function of jit_partial is given this Variable later than its first ones",
    "no-array": "this value stands in the arguments, and jax makes no array of it",
    "no-array-returned": "the function returns this value, and jax makes no array of it",
    "condition-no-bool": "the condition of a while_loop returns no boolean scalar",
    "container-written": "the function writes to this list or dictionary, and does not return it",
    "key-reuse": "this stream hands out a key that was handed out before",
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


class Observations(list[Observation]):
    """The observations of a run, in the order in which they were made, each once."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        #: The calls whose functions run now, the outermost first.
        self.inside: list[Any] = []
        #: The calls of which a function or a condition runs now, the outermost first.
        self.running: list[Any] = []
        #: The keys that streams handed out in them.
        self.keys: set[bytes] = set()
        #: The transforms that were called.
        self.transforms: set[str] = set()
        #: Where the code of the functions begins that ran in them.
        self.ran: frozenset[Code] = frozenset()
        #: The transforms that a body asked for: name, functions, and options.
        self.asked: list[tuple[str, tuple[Any, ...], Mapping[str, Any]]] = []
        #: By id, copies of Variables of hijax that are none themselves.
        self.hijax_copies: dict[int, Any] = {}
        #: If a list: each `cond` and `switch` tries all of its branches, and puts here what these
        #: showed and what they returned.  A transform traces all of them, and Python runs one.
        self.tried: Tried | None = None

    @property
    def depth(self) -> int:
        """How many calls' functions run now."""
        return len(self.inside)

    def handed(self, stream: Any, key: Any) -> None:
        """Take note of a key that a stream hands out in a function."""
        bits = number_of(key) if self.inside else None
        if bits in self.keys:
            self.inside[0].reused(stream)
        elif bits is not None:
            self.keys.add(bits)

    def plus(self, *others: "Observations") -> "Observations":
        """These, and those of other runs of the same program."""
        both = Observations()
        both.calls = max(self.calls, *(other.calls for other in others), self.calls)
        both.transforms = self.transforms.union(*(other.transforms for other in others))
        both.ran = self.ran.union(*(other.ran for other in others))
        both.asked = [one for seen in (self, *others) for one in seen.asked]
        both += [*self, *(one for other in others for one in other if one not in self)]
        return both

    def of(self, kind: Kind) -> list[Observation]:
        """Those of a kind."""
        return [observation for observation in self if observation.kind == kind]

    def paths(self, kind: Kind) -> list[str]:
        """The paths of those of a kind."""
        return [path for observation in self.of(kind) for path in observation.paths]


#: Of each `cond` and `switch`: what each of its branches showed and returned.
Tried = list[list[tuple[Observations, Any]]]

_SEEN: ContextVar[Observations | None] = ContextVar("seen", default=None)


@contextmanager
def observing() -> Iterator[Observations]:
    """Collect what the calls of `plain` within show."""
    observations = Observations()
    token = _SEEN.set(observations)
    try:
        with telling(_handed):
            yield observations
    finally:
        _SEEN.reset(token)


def _handed() -> Any:
    seen = _SEEN.get()
    return None if seen is None else seen.handed


def current() -> Observations | None:
    """Where observations go now; None where nobody asks for them."""
    return _SEEN.get()


# --- what stands where ----------------------------------------------------------------------


def class_name(thing: Any) -> str:
    """The name of an object's class, as Flax's messages have it."""
    return str(nnx_api.class_of(thing).__name__)


class Picture:
    """What stands at and below named values at one moment, by path."""

    def __init__(self, **named: Any) -> None:
        #: What stands where: role, type, and what belongs to the structure of it.
        self.structure: dict[str, tuple[str, ...]] = {}
        #: Shapes and dtypes of arrays, and of Python numbers in containers.
        self.avals: dict[str, tuple[Any, Any]] = {}
        #: Each Variable and node by the paths that lead to it, kept alive.
        self.objects: dict[str, Any] = {}
        #: The paths at which an object is met again; what is below it stands where it was first.
        self.again: set[str] = set()
        #: The arrays themselves, to see whether one was replaced.
        self.arrays: dict[str, Any] = {}
        #: The numbers of what was read from a reference, which is another array each time.
        self.read: dict[str, bytes] = {}
        #: The paths of the Variables that stand in a State, which jax rebuilds as a container.
        self.in_states: set[str] = set()
        self._met: set[int] = set()
        for name, value in named.items():
            self.structure[name + " containers"] = (_containers(value),)
            self.in_states |= set(_in_states(value, name))
            for place in everything(value, name, again=True):
                self._note(place)

    def _note(self, place: Place) -> None:
        text, thing = place.text, place.thing
        if is_object(thing):
            if id(thing) in self._met:
                self.again.add(text)
            self._met.add(id(thing))
            self.objects[text] = thing
        if nnx_api.is_variable(thing):
            raw = nnx_api.get_raw(thing)
            told = str(sorted(nnx_api.metadata(thing).items(), key=lambda item: item[0]))
            containers = str(jax.tree.structure(raw))
            self.structure[text] = ("variable", type(thing).__qualname__, told, containers)
            for place in entries(raw, (), text):
                self._array(place.text, place.thing)
            if nnx_api.holds_reference(thing) and not isinstance(raw, jax.core.Tracer):
                self.read[text] = np.asarray(raw).tobytes()
        elif nnx_api.is_node(thing):
            held = {name: _containers(value) for name, value in _attributes(thing)}
            marks = str(nnx_api.marks(thing))
            self.structure[text] = ("node", type(thing).__qualname__, str(held), marks)
        elif is_array(thing) or (is_data(thing) and not place.inside):
            self._array(text, thing)
        else:
            self.structure[text] = ("static", type(thing).__qualname__, _plainly(thing))

    def _array(self, text: str, value: Any) -> None:
        self.arrays[text] = value
        if is_data(value):
            # jax hands numbers on as `TypedFloat`, which has a dtype and no shape
            self.avals[text] = np.shape(value), getattr(value, "dtype", type(value).__name__)

    def paths_by_object(self) -> dict[int, list[str]]:
        """The paths that lead to each Variable, also through a node that is met again."""
        first = {id(thing): path for path, thing in reversed(self.objects.items())}
        paths = {path: thing for path, thing in self.objects.items() if nnx_api.is_variable(thing)}
        for again in (path for path in self.objects if path in self.again):
            node, top = self.objects[again], first[id(self.objects[again])]
            if nnx_api.is_node(node) and not is_below(again, top):
                below = {
                    again + path[len(top) :]: v for path, v in paths.items() if is_below(path, top)
                }
                paths |= below
        found: dict[int, list[str]] = {}
        for path, variable in paths.items():
            found.setdefault(id(variable), []).append(path)
        return found

    def aliased(self) -> list[tuple[list[str], str]]:
        """The paths of each Variable that stands at several, and its class."""
        found = self.paths_by_object().items()
        return [(paths, self.classes[key]) for key, paths in found if len(paths) > 1]

    @property
    def classes(self) -> dict[int, str]:
        """The class of each object, by its id."""
        return {id(thing): class_name(thing) for thing in self.objects.values()}

    def written_at(self, path: str, later: "Picture") -> str:
        """The class of the object that was written at a path: of the one that stands there, or that
        holds what stands there, in both pictures.
        """
        above = [top for top in self.objects if path == top or is_below(path, top)]
        kept = [top for top in above if later.objects.get(top) is self.objects[top]]
        return class_name(self.objects[max(kept, key=len)]) if kept else ""

    def written(self, later: "Picture") -> list[str]:
        """The paths at which `later` has another array, attribute or structure."""
        arrays = [p for p, a in self.arrays.items() if later.arrays.get(p) is not a]
        read = {p for p in arrays if p in self.read and self.read[p] == later.read.get(p)}
        arrays = [p for p in arrays if p not in read]
        others = [p for p, s in self.structure.items() if later.structure.get(p) != s]
        paths = [*arrays, *others, *(later.structure.keys() - self.structure.keys())]
        return sorted({path.removesuffix(" containers") for path in paths})


def is_below(path: str, top: str) -> bool:
    """Whether a path leads on from another."""
    return path.startswith(top) and path[len(top) : len(top) + 1] in (".", "[")


def _in_states(value: Any, text: str) -> Iterator[str]:
    """The paths of what stands in an `nnx.State` in the containers of `value`."""

    def ends(thing: Any) -> bool:
        return nnx_api.is_state(thing) or is_object(thing)

    for path, thing in jax.tree_util.tree_flatten_with_path(value, is_leaf=ends)[0]:
        if nnx_api.is_state(thing):
            yield from (p.text for p in entries(thing, (), text + jax.tree_util.keystr(path)))


def _attributes(node: Any) -> list[tuple[str, Any]]:
    """The attributes of a node by name, in order."""
    return sorted(nnx_api.attributes(node).items())


def _containers(value: Any) -> str:
    """The containers of a value, as text."""
    return str(jax.tree.structure(value, is_leaf=is_object))


def _plainly(value: Any) -> str:
    """A static value as text without memory addresses."""
    if value is None or isinstance(value, bool | int | float | str | tuple):
        return repr(value)
    return str(getattr(value, "__qualname__", type(value).__qualname__))


def loops_of(value: Any, text: str) -> list[str]:
    """The paths of nodes that can be reached from themselves."""
    found: list[str] = []
    done: set[int] = set()

    def visit(thing: Any, text: str, above: tuple[int, ...]) -> None:
        for place in entries(thing, (), text):
            if id(place.thing) in above:
                found.append(place.text)
            elif nnx_api.is_node(place.thing) and id(place.thing) not in done:
                for name, held in nnx_api.attributes(place.thing).items():
                    visit(held, f"{place.text}.{name}", (*above, id(place.thing)))
                done.add(id(place.thing))

    visit(value, text, ())
    return found
