"""What stands where at one moment, to see what a function does to it."""

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.plain.keys import number_of
from nnxfuzz.plain.objects import Place, entries, everything, is_array, is_data, is_object
from nnxfuzz.plain.stored import attribute_or


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
            numbers = number_of(raw) if nnx_api.holds_reference(thing) else None
            if numbers is not None:
                self.read[text] = numbers
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

    def outline(self, earlier: "Picture") -> list[tuple[Any, ...]]:
        """All but the numbers: what stands where, and which of the earlier objects it is.  A static
        value that is new and has no text of its own equals nothing.
        """
        known = {id(thing): path for path, thing in earlier.objects.items()}
        found: list[tuple[Any, ...]] = []
        for path in sorted({*self.structure, *self.avals}):
            held = self.structure.get(path, ())
            told = held == earlier.structure.get(path) or held[:1] != ("static",)
            alone = None if told or held[1] in _TOLD else object()
            place = known.get(id(self.objects.get(path)))
            found.append((path, held, str(self.avals.get(path)), place, alone))
        return found

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


#: The types of which `_plainly` has the value.
_TOLD = ("NoneType", "bool", "int", "float", "str")


def is_below(path: str, top: str) -> bool:
    """Whether a path leads on from another."""
    return path.startswith(top) and path[len(top) : len(top) + 1] in (".", "[")


def below_one(path: str, tops: set[str]) -> bool:
    """Whether a path leads on from one of others."""
    return any(is_below(path, top) for top in tops)


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
    return str(attribute_or(value, "__qualname__", type(value).__qualname__))


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
