"""Which object a refusal is about: what its message names, against what the plain run observed.

Flax names the class of an object, its places, and the transform that was handed it; jax names the
place of what a loop carries (`check_no_aliases` in flax/nnx/extract.py; `_check_carry_type` in
jax/_src/lax/control_flow/loops.py).  Where a message names no place, the observation is of a
function that was running when the exception was raised.
"""

import ast
import re
import traceback
from collections.abc import Iterator
from typing import NamedTuple

from nnxfuzz.oracle.contract.naming import WRITTEN_BY, Steps, meet, steps
from nnxfuzz.plain.closures import Code, code_at
from nnxfuzz.plain.libraries import is_library
from nnxfuzz.plain.observations import Observation

_KEYS = r"(?:\[\d+\]|\['[^']*'\]|\.\w+)*"

_CLASS = re.compile(
    r"^(?:Duplicate (?:\w*Tracer\((?:primal=)?)?(\w+)\(|Cannot mutate '?(\w+)|"
    r"Cannot return captured Variable of type (\w+)|"
    r"Cannot extract graph node from different trace level, got (\w+)\()"
)
_NODE = re.compile(r"^Node: (\w+)$", re.MULTILINE)
_TRANSFORM = re.compile(
    r"\bnnx\.(\w+) with graph_updates|from nnx\.(\w+)\.\n|^(\w+) Variable identity|tree-mode (jit) "
)
#: Two places, or one, of the arguments and results of a transform.
_PLACES = (
    re.compile(r"^  - (\S+)$", re.MULTILINE),
    re.compile(rf"^Found at path: ({_KEYS})$", re.MULTILINE),
    re.compile(rf"^Variable at ({_KEYS}) was already"),
    re.compile(rf"was already seen at ({_KEYS})\. "),
    re.compile(rf" at (carry{_KEYS})$", re.MULTILINE),
    re.compile(rf"mutated inside custom_vjp at ({_KEYS})\.$", re.MULTILINE),
)
_TUPLE = re.compile(r"^Duplicate Variable found at path (\(.*?\))\. ")
_COMPONENT = re.compile(rf"input carry component (\w+)({_KEYS})")
_KEY_PATH = re.compile(rf"key path\n\s+\w+ tree({_KEYS})")

#: What Flax calls the transform in messages, where that is not its own name.
_CALLED = {
    "cond": ("cond", "switch"),
    "jit_partial": ("jit", "jit_partial"),
}

#: The observations whose detail is the class of the object, or the classes at and below it.
_WITH_CLASSES = (
    *("aliased", "inconsistent-axes", "argument-returned", "returned-twice"),
    *("captured", "captured-given", "captured-written", "captured-returned", "of-another-trace"),
    "captured-alone",
)

#: The observations of one of the places of an object: the other is where it stood before.
_REPLACED = ("node-replaced", "variable-replaced", "state-rebuilt")

#: What Flax calls each Variable of hijax, where it names the type and not the class that it shows:
#: its own, or under a trace that of jax's tracer (`check_consistent_aliasing2` in nnx/extract.py).
_HIJAX = re.compile(r"HijaxVariable|\w+Tracer")


def is_about(observation: Observation, error: BaseException) -> bool:
    """Whether the exception, by all that its message names, is about what was observed."""
    message = str(error)
    called = _first(_TRANSFORM, message)
    if called and called not in _CALLED.get(observation.transform, (observation.transform,)):
        return False
    named, classes = _classes(message), set(observation.detail.split())
    if observation.kind in _WITH_CLASSES and named and classes and named.isdisjoint(classes):
        return False
    if message.startswith("Cannot mutate") and observation.kind != "of-another-trace":
        # what is of another trace is written by the call itself, once its function has run
        return not observation.codes or not observation.codes.isdisjoint(_running(error))
    paths = [_place(path) for path in observation.paths]
    places = list(_places(message))
    if places:
        if observation.kind in _REPLACED:
            (path,) = paths
            return any(p.root == path.root and meet(p.steps, path.steps) for p in places)
        partly = observation.transform == "jit_partial"
        return all(any(_is_at(place, path, partly) for path in paths) for place in places)
    carried = _carried(message)
    return not carried or any(
        _is_carried(*at, path, observation) for at in carried for path in paths
    )


def named_class(error: BaseException | None) -> str:
    """The class that a message names; "" if it names none."""
    return _first(_CLASS, str(error))


def _classes(message: str) -> set[str]:
    """The classes that a message names, one of which it is about; several if several differ."""
    kind = _first(_CLASS, message)
    if kind:
        return {kind, WRITTEN_BY.get(kind, kind)}
    return {name for name in named_nodes(message) if not _HIJAX.fullmatch(name)}


def named_nodes(message: str) -> list[str]:
    """The classes of what a message says to have several prefixes."""
    return _NODE.findall(message)


def _first(pattern: re.Pattern[str], message: str) -> str:
    found = pattern.search(message)
    return "" if found is None else next(filter(None, found.groups()))


def _running(error: BaseException) -> Iterator[Code]:
    """The functions that were running when it was raised, as observations name them."""
    return (code_at(frame.f_code) for frame, _ in traceback.walk_tb(error.__traceback__))


def is_of_another_run(error: BaseException, ran: frozenset[Code]) -> bool:
    """Whether it comes from a function that a library called and that Python has not run: Flax
    traces the body of a loop that makes no trip.
    """
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    libraries = [is_library(frame.f_globals.get("__name__")) for frame in frames]
    called = zip(frames[1:], libraries, libraries[1:], strict=False)
    return any(code_at(f.f_code) not in ran for f, by, library in called if by and not library)


# --- places ---------------------------------------------------------------------------------


class _Place(NamedTuple):
    """A place of the arguments or the results: which of them, and the steps from there.

    `above`: what Flax names stands somewhere below it.
    """

    root: str
    steps: Steps
    above: bool = False


def _place(text: str) -> _Place:
    """`.args[0].w` of Flax, `args[0].w` of an observation; `0/0/w`, which begins nowhere known."""
    text = text.replace(".__state__", "")  # of a node that Flax has taken apart
    if "/" in text:
        return _Place("", tuple(int(part) if part.isdigit() else part for part in text.split("/")))
    whole = _TAKEN_APART.split(text)[0]
    found = re.match(r"\.?([A-Za-z_]\w*)?(.*)$", whole)
    assert found is not None
    return _Place(_ROOTS.get(found[1], found[1] or ""), steps(found[2]), whole != text)


def _places(message: str) -> Iterator[_Place]:
    """The places that Flax names."""
    for pattern in _PLACES:
        yield from map(_place, pattern.findall(message))
    for text in _TUPLE.findall(message):
        yield _Place("", tuple(ast.literal_eval(text)))


def _is_at(named: _Place, observed: _Place, partly: bool) -> bool:
    """Whether a named place is that of an observation.

    What begins nowhere known is of all arguments, or of one.  The arguments and outputs of a `scan`
    are counted with the carry, and the observed ones without it, one that is alone too; what is
    given by name may have a position.
    If some arguments are given before (`partly`), those that were given first are one list, or the
    list of their leaves.
    """
    (root, place, above), (other, path, _) = named, observed
    if above and root in ("", other):
        return path[: len(place)] == place
    if not root:
        long, short = sorted((place, path), key=len, reverse=True)
        return long[len(long) - len(short) :] == short
    if root == other:
        leaf = root == "args" and len(place) == 2 and all(isinstance(k, int) for k in place)
        return place == path or (partly and (leaf or place[1:] in (path, path[1:])))
    if root in ("args", "out") and other == "carry":
        return path in (place, place[1:])
    if (root, other) in (("args", "inputs"), ("out", "ys")):
        number, below = path[:1], path[1:]
        later = tuple(step + 1 for step in number if isinstance(step, int))
        return place in (path, (*later, *below), below)
    return {root, other} == {"args", "kwargs"} and place[1:] == path[1:]


#: Where a node or a list of arguments stands, of which 0.12.6 counts the leaves.
_TAKEN_APART = re.compile(r"\.(?:leaves|states)\[\d+\]")

#: What Flax calls the arguments of some transforms.
_ROOTS = {"operands": "args", "primals": "args"}


def _carried(message: str) -> list[tuple[str, Steps]]:
    """The components of a carry that jax names, by the name of the parameter."""
    found = _COMPONENT.findall(message) + [("tree", keys) for keys in _KEY_PATH.findall(message)]
    return [
        ("" if k.endswith("._graphdef") or _REFERENCE in message else h, steps(k, by_jax=True))
        for h, k in found
    ]


#: What a component is that is another name of an object: it is told of where the object's first
#: place holds another one now.
_REFERENCE = "GraphDef(nodes=[NodeRef("


def _is_carried(head: str, named: Steps, observed: _Place, of: Observation) -> bool:
    """Whether a component is the place of an observation, or above it, or below it, unless what is
    below has a place of its own.

    A `fori_loop` carries the index, too, and so has the carry at 1; jax names the parameter of a
    user's own body, or one of Flax.  A `scan` has the carry at 0; behind it stands what is
    broadcast, and in graph mode stand the states of all objects, where only attributes tell one
    from the other.  What has no name here is a graph definition: these number all objects through,
    so that a change of one changes those after it; so does that of another name of an object.
    """
    if not head or observed.root == "inputs":
        return True
    path = observed.steps
    if of.transform == "scan" and named[:1] != (0,):
        named, path = _attributes(named), _attributes(path)
    counted = head == "loop_carry" or of.transform == "scan" or (head, *named[:1]) == ("tree", 1)
    places = [named[1:]] if counted or len(named) > 1 else []
    places += [named] if head != "loop_carry" else []
    deep = of.kind != "structure-changed"
    return any(meet(at, path) and (deep or len(at) <= len(path)) for at in places)


def _attributes(place: Steps) -> Steps:
    """The steps from the first attribute on."""
    first = next((k for k, step in enumerate(place) if isinstance(step, str)), len(place))
    return place[first:]
