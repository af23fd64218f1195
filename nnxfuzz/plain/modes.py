"""The documented ways in which Flax differs from Python, by mode.

Under the meaning "python", which is the default, none of this is applied.  Under "asked" each call
is in the mode that its arguments `graph` and `graph_updates` and Flax's configuration ask for;
under the name of a mode, calls that do not ask are in that one.  `deviations` has what is applied
in each mode, with its source.  Here is what all transforms share:

- in the modes without graph updates the body gets new nodes that hold the caller's Variables (in
  tree mode one for each place), so that an attribute which it sets, or a Param which it makes, does
  not reach the caller (`seen_by_body`);
- in every mode the caller's objects are as before the call after an exception (`all_or_nothing`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal

import flax
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.nnx_api import Mode as Mode
from nnxfuzz.plain.closures import captured
from nnxfuzz.plain.hosts import current_host
from nnxfuzz.plain.objects import (
    Held,
    as_array,
    contains_data,
    holds_data,
    is_number,
    is_object,
    mapped,
    nodes,
    variables,
)

Meaning = Literal["python", "asked", "graph", "graph-frozen", "tree"]

#: What calls that mean Python's own may ask of their mode all the same.
Asked = Literal["updates", "mode"]

_MEANING: ContextVar[Meaning] = ContextVar("meaning", default="python")
_UNASKED: ContextVar[Mode | None] = ContextVar("unasked", default=None)
_ASKED: ContextVar[set[Asked] | None] = ContextVar("asked", default=None)
_KEEPS_NUMPY: ContextVar[bool] = ContextVar("keeps_numpy", default=False)


@contextmanager
def meaning(name: Meaning) -> Iterator[None]:
    """Give the transforms of `plain` this meaning for the code within."""
    token = _MEANING.set(name)
    try:
        yield
    finally:
        _MEANING.reset(token)


@contextmanager
def unasked(mode: Mode | None) -> Iterator[None]:
    """Have the calls within that do not ask for a mode in this one; None: in the configured one."""
    token = _UNASKED.set(mode)
    try:
        yield
    finally:
        _UNASKED.reset(token)


def unasked_mode() -> Mode | None:
    """The mode of calls that do not ask for one; None if it is the configured one."""
    return _UNASKED.get()


@contextmanager
def numpy_kept() -> Iterator[None]:
    """Leave arrays of numpy and Python numbers as they are for the code within.

    Otherwise they become arrays of jax where Flax makes them so: on their way into a transform and
    out of it.
    """
    token = _KEEPS_NUMPY.set(True)
    try:
        yield
    finally:
        _KEEPS_NUMPY.reset(token)


def keeps_numpy() -> bool:
    """Whether arrays of numpy stay such."""
    return _KEEPS_NUMPY.get() or current_host() is not None


def mode_of(graph: bool | None, graph_updates: bool | None) -> Mode | None:
    """The mode of a call with these arguments; None for Python's own meaning."""
    return None if _MEANING.get() == "python" else _asked(graph, graph_updates)


@contextmanager
def noting_what_is_asked() -> Iterator[set[Asked]]:
    """Tell what the calls within, which mean Python's own, ask of their mode all the same: whether
    it has graph updates, or which it is.  If nothing, the run is that of each mode.
    """
    asked: set[Asked] = set()
    token = _ASKED.set(asked)
    try:
        yield asked
    finally:
        _ASKED.reset(token)


def asked_mode(graph: bool | None, graph_updates: bool | None) -> Mode:
    """The mode that the arguments ask for, or what holds for calls that do not ask."""
    _note_asked("mode")
    return _asked(graph, graph_updates)


def asks_for_updates(graph: bool | None, graph_updates: bool | None) -> bool:
    """Whether that mode is the one with graph updates: arguments and results have other forms."""
    _note_asked("updates")
    return _asked(graph, graph_updates) == "graph"


def _note_asked(what: Asked) -> None:
    asked = _ASKED.get()
    if asked is not None:
        asked.add(what)


def _asked(graph: bool | None, graph_updates: bool | None) -> Mode:
    named = _MEANING.get()
    by_default = unasked_mode() if named in ("python", "asked") else named
    if by_default is None:
        graph = _default("graph_mode", "nnx_graph_mode") if graph is None else graph
        updates = _default("graph_updates", "nnx_graph_updates")
    else:
        graph = by_default != "tree" if graph is None else graph
        updates = by_default == "graph"
    updates = updates if graph_updates is None else graph_updates
    return "tree" if not graph else "graph" if updates else "graph-frozen"


def _default(setter: str, flag: str) -> bool:
    """What Flax does where a call does not ask; releases without modes have only the first."""
    now = getattr(nnx, f"set_{setter}", None)
    return bool(now.current_value() if now else getattr(flax.config, flag, True))


def frozen(mode: Mode | None) -> bool:
    """Whether the mode has no graph updates."""
    return mode in ("graph-frozen", "tree")


# --- what goes in and comes out -------------------------------------------------------------


def as_arrays(value: Any) -> Any:
    """`value` with the numbers and numpy arrays of its containers and Variables as arrays of jax,
    as they are under a trace; also the numbers in attributes that Flax marks as data.
    """
    if keeps_numpy():
        return value
    for node in nodes(value):
        attributes_as_arrays(node)
    for variable in variables(value):
        raw = nnx_api.stored(variable)
        new = mapped(as_array, raw)
        if new is not raw:
            _set_quietly(variable, raw, new)
    return mapped(lambda leaf: leaf if is_object(leaf) else as_array(leaf), value)


def attributes_as_arrays(node: Any) -> None:
    """The same of the numbers in a node's own attributes that Flax marks as data, in releases in
    which such a number is a leaf.
    """
    if not nnx_api.MARKED_NUMBERS_ARE_LEAVES:
        return
    for name, data in nnx_api.marks(node).items():
        if data and is_number(held := nnx_api.attributes(node)[name]) and not keeps_numpy():
            nnx_api.set_copied(node, name, as_array(held))


def _set_quietly(variable: Any, raw: Any, new: Any) -> None:
    """Store an array in the place of a number; what holds arrays already is left alone."""
    if any(a is not b for a, b in zip(_leaves(raw), _leaves(new), strict=True)):
        nnx_api.set_raw(variable, new)


def _leaves(raw: Any) -> list[Any]:
    found: list[Any] = []
    mapped(found.append, raw)
    return found


@contextmanager
def numbers_unchanged(mode: Mode | None, *given: Any) -> Iterator[None]:
    """In a mode without graph updates: a Variable that holds a Python number still does, if the
    code within has not written to it.
    """
    before = [(v, nnx_api.stored(v)) for v in variables(given)] if frozen(mode) else []
    before = [(v, raw) for v, raw in before if any(is_number(leaf) for leaf in _leaves(raw))]
    arrays = []
    if before:
        as_arrays([v for v, _ in before])
        arrays = [nnx_api.stored(v) for v, _ in before]
    yield
    for (variable, raw), array in zip(before, arrays, strict=True):
        if nnx_api.stored(variable) is array:
            nnx_api.set_raw(variable, raw)


def seen_by_body(value: Any, mode: Mode | None) -> Any:
    """`value` as the body of a transform sees it, and as the transform hands it back.

    In Python and in graph mode itself; otherwise new nodes that hold the same Variables.
    """
    if not frozen(mode):
        return value
    made: dict[int, tuple[Any, Any]] = {}
    host = current_host()

    def copy(held: Any) -> Any:
        if not nnx_api.is_node(held):
            return held
        if mode == "tree" or id(held) not in made:
            new = nnx_api.shallow_copy(held)
            if host is not None:
                host.copied(held, new, again=id(held) in made)
            made[id(held)] = held, new
            for name, attribute in nnx_api.attributes(held).items():
                if nnx_api.is_node(attribute) or holds_data(attribute):
                    nnx_api.set_copied(new, name, mapped(copy, attribute))
            return new
        if host is not None:
            host.copied(held, made[id(held)][1], again=True)
        return made[id(held)][1]

    return mapped(copy, value)


def entered(value: Any, mode: Mode | None) -> Any:
    """`value` as the body of a transform sees it: numbers are arrays, nodes as the mode has it."""
    return as_arrays(seen_by_body(value, mode))


def entered_untraced(value: Any, mode: Mode | None) -> Any:
    """`value` as the body of a transform sees it that jax runs eagerly: a number is what it is."""
    given = seen_by_body(value, mode)
    as_arrays(given)  # those in Variables and attributes
    return given


class Statics:
    """The static attributes of the nodes below `value`, as a traced body sees them on each trip.

    In graph mode alone: in Python a body changes them again and again, and the other modes hand
    copies to it.
    """

    def __init__(self, value: Any, mode: Mode | None) -> None:
        held = nodes(value) if mode == "graph" else ()
        self._held = [(node, self._of(node)) for node in held]

    @staticmethod
    def _of(node: Any) -> dict[str, Any]:
        attributes = nnx_api.attributes(node).items()
        return {name: held for name, held in attributes if not contains_data(held)}

    def put_back(self, value: Any) -> None:
        """Set those of the nodes that are still below `value` to what they were; new ones go."""
        changed = [(node, then) for node, then in self._held if not _same(self._of(node), then)]
        here = {id(node) for node in nodes(value)} if changed else set()
        for node, then in changed:
            if id(node) not in here:
                continue
            for name in self._of(node).keys() - then.keys():
                vars(node).pop(name)
            for name, held in then.items():
                nnx_api.set_copied(node, name, held)


def _same(now: dict[str, Any], then: dict[str, Any]) -> bool:
    return now.keys() == then.keys() and all(now[name] is then[name] for name in now)


@contextmanager
def all_or_nothing(mode: Mode | None, f: Any, *given: Any) -> Iterator[None]:
    """In a mode: put back what the caller's objects held if an exception comes out.

    The caller's objects are those below `given` and those that `f` reaches besides.  In Python they
    stay as they were when it was raised.
    """
    held = None if mode is None else Held(given, [place.thing for place in captured(f)])
    try:
        yield
    except Exception:
        if held is not None:
            held.put_back()
        raise


@contextmanager
def undone(f: Any, *given: Any) -> Iterator[None]:
    """Put back what the objects held, whatever happens."""
    held = Held(given, [place.thing for place in captured(f)])
    try:
        yield
    finally:
        held.put_back()
