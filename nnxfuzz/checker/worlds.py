"""The world of one call: what the caller holds, what the function reaches, what came back."""

import ast
import dataclasses
import re
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import msgspec
import numpy as np

from nnxfuzz import nnx_api
from nnxfuzz.checker.checked import is_error, says
from nnxfuzz.checker.tolerance import Tolerance, distance
from nnxfuzz.oracle import statics
from nnxfuzz.oracle.verdict import BY_REFERENCE, OF_A_TRACE, Difference, Entry, World, dotted
from nnxfuzz.oracle.world import Walk, filled
from nnxfuzz.programs.case import TreePath
from nnxfuzz.programs.numbers import is_key, widest
from nnxfuzz.runners.judge import compare, kept

_NUMBERS = (bool, int, float, complex)

#: How the walk names what the caller holds: `caller.model.w`, and `caller['args[1]'].w` where the
#: argument has no name of its own.
_HELD = re.compile(r"^(?:caller|closure)(?:\.|\['([^']*)'\])(.*)")

#: What a world says of a Variable whose array was donated.
DELETED = "holding an array that was deleted"

#: What it says of a tracer that an earlier call left.
LEAKED = "a tracer of a trace that is over"


class CallWalk(Walk):
    """A walk that also goes into dataclasses and the containers that a user registered with jax."""

    def __init__(self, earlier: "CallWalk | None" = None) -> None:
        super().__init__(earlier)
        #: The names of the arguments whose arrays the call may donate.
        self.donated: frozenset[str] = frozenset() if earlier is None else earlier.donated

    def deleted(self) -> tuple[TreePath, ...]:
        """Where arrays stood that are deleted by now, and that the call may not donate."""
        arrays = self.arrays.items()
        donated = {id(array) for path, array in arrays if self.may_go(path)}
        return tuple(p for p, array in arrays if _is_deleted(array) and id(array) not in donated)

    def may_go(self, path: TreePath) -> bool:
        """Whether a place is of an argument that may be donated."""
        return not self.donated.isdisjoint(path[1:2])

    def _visit(self, path: TreePath, value: Any, inside_node: bool) -> None:
        value = says(value) if is_error(value) else value
        items = None if nnx_api.parts(value) is not None else _registered(value)
        if items is None:
            super()._visit(path, value, inside_node)
            return
        detail = f"of {sorted(items)}{_further(value)}"
        self.entries[path] = Entry("container", type(value).__name__, detail=detail)
        for name, held in items.items():
            self._visit((*path, name), held, inside_node)

    def _is_container(self, raw: Any) -> bool:
        """What is registered and holds nothing is a static, such as the marks of Flax itself."""
        return super()._is_container(raw) or bool(_registered(raw))

    def _array(self, path: TreePath, value: Any) -> None:
        """An array that was donated can no longer be read, so that it has no numbers."""
        super()._array(path, value)
        self._leaked(path, value)
        self._gone(path, value)

    def _state(self, path: TreePath, state: Any) -> None:
        """What a State holds may have been donated, too."""
        super()._state(path, state)
        for place in [p for p in self.arrays if p[: len(path)] == path]:
            self._gone(place, self.arrays[place])

    def _gone(self, path: TreePath, value: Any) -> None:
        """Tell of an array that was deleted, unless the call may do so."""
        if _is_deleted(value):
            del self.arrays[path]
            if path[0] != "caller" or not self.may_go(path):
                self.entries[path] = Entry("array", "array", detail=DELETED)

    def _object(self, path: TreePath, value: Any) -> None:
        """A Python number that a Variable holds counts as an array: Flax makes one of it."""
        super()._object(path, value)
        self._reference(path, value)
        raw = nnx_api.get_raw(value) if nnx_api.is_variable(value) else None
        if _is_deleted(raw):
            del self.arrays[path]
            old = self.entries[path]
            detail = f"{old.detail} {DELETED}".strip()
            self.entries[path] = Entry(old.role, old.kind, old.identity, detail)
        self._leaked(path, raw)
        if isinstance(raw, _NUMBERS):
            old = self.entries[path]
            detail = old.detail.removesuffix(f" holding {statics.static_text(raw)}")
            self.entries[path] = Entry(old.role, old.kind, old.identity, detail)
            self.arrays[path] = raw

    def _leaked(self, path: TreePath, value: Any) -> None:
        """A tracer that stood somewhere before the call has no numbers, and is told by where it
        stood: what an earlier call left is no leak of this one.
        """
        if not isinstance(value, jax.core.Tracer):
            return
        if self.earlier is not None and id(value) not in self.earlier._names:
            return
        old, name = self.entries[path], self._named(path, value)
        detail = f"{old.detail} holding {LEAKED}, of {name}".strip()
        self.entries[path] = Entry(old.role, old.kind, old.identity, detail)
        del self.arrays[path]

    def _reference(self, path: TreePath, value: Any) -> None:
        """Tell of a reference that is not the Variable's own: another Variable has it, too, or it
        had another one before.
        """
        if not nnx_api.is_variable(value) or nnx_api.is_hijax(value):
            return
        if not nnx_api.holds_reference(value) or isinstance(value, jax.core.Tracer):
            return
        own = f"{self.entries[path].identity}{_REFERENCE}"
        name = self._named((own.removeprefix("new "),), nnx_api.stored(value))
        if name != own:
            old = self.entries[path]
            detail = f"{old.detail.removesuffix(BY_REFERENCE)} of {name}{BY_REFERENCE}"
            self.entries[path] = Entry(old.role, old.kind, old.identity, detail)


#: How the name of the reference ends that a Variable holds.
_REFERENCE = "'s reference"


def _is_deleted(value: Any) -> bool:
    """Whether it is an array that was donated: nobody can read it any more."""
    is_array = isinstance(value, jax.Array) and not isinstance(value, jax.core.Tracer)
    return is_array and value.is_deleted()


def _registered(value: Any) -> dict[str, Any] | None:
    """What a container registered with jax holds, by name; None for anything else."""
    if value is None or nnx_api.is_variable(value) or nnx_api.is_node(value):
        return None
    if dataclasses.is_dataclass(value) and not isinstance(value, type) and _is_tree(value):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if not _is_tree(value):
        return None
    children, _ = jax.tree_util.default_registry.flatten_one_level(value)
    return {str(k): child for k, child in enumerate(children)}


def _further(value: Any) -> str:
    """What a container registered with jax keeps of itself besides what it holds."""
    if dataclasses.is_dataclass(value):
        return ""
    _, kept = jax.tree_util.default_registry.flatten_one_level(value)
    return "" if kept is None else f" and {statics.static_text(kept)}"


def _is_tree(value: Any) -> bool:
    if isinstance(value, jax.Array | np.ndarray):
        return False
    found = jax.tree_util.default_registry.flatten_one_level(value)
    return found is not None and not isinstance(value, tuple | list | dict)


def walk(earlier: CallWalk | None, /, **named: Any) -> CallWalk:
    """A walk over the named roots, in this order; `earlier` has named some objects already."""
    made = CallWalk(earlier)
    for name, value in named.items():
        made.root(name, value)
    made.held()
    return made


def world_of(walked: Walk, tolerance: Tolerance | None = None) -> World:
    """The walk's world with its numbers, and how far each may be off if a tolerance is given."""
    numbers = {path: _number(value) for path, value in walked.arrays.items()}
    return filled(walked, numbers) if tolerance is None else filled(walked, numbers, _of(tolerance))


def _number(value: Any) -> Any:
    """What jax makes of it: a float64 array of numpy that a module holds is one of float32 once
    graph mode has had it, and stays what it is in the other modes.
    """
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "iufc":
        return value.astype(jax.dtypes.canonicalize_dtype(value.dtype), copy=False)
    if isinstance(value, jax.core.Tracer):
        return value
    return jnp.asarray(value) if isinstance(value, _NUMBERS) else value


def _of(tolerance: Tolerance) -> Callable[[TreePath, Any], tuple[Any, Any]]:
    """What `filled` asks of an array: how far it may be off, and from where on it is wrong."""

    def measured(path: TreePath, array: Any) -> tuple[Any, Any]:
        if array is None or isinstance(array, jax.core.Tracer) or is_key(array):
            return 0.0, 0.0
        off = tolerance.of(array)
        return off, off

    return measured


def differences(expected: World, got: World) -> list[Difference]:
    """Every difference, but for Python numbers in attributes that Flax takes for arrays: some
    transforms make arrays of them (`jit`, `cond`), and some hand back the number that nothing has
    written (the loops, `grad`, `vmap`; 0.12.5 to 0.12.12).
    """
    found = compare(expected, got)
    numbers = {d.path for d in found if _is_number(d.path, expected, got)}
    marks = {path[:-1] for path in numbers}
    return [
        d
        for d in found
        if d.path not in numbers and not (d.aspect == "metadata" and d.path in marks)
    ]


def _is_number(path: TreePath, expected: World, got: World) -> bool:
    """Whether one is a number, in an attribute that no mark says to be static, and the other an
    array of the same number.
    """
    one, other = expected.get(path), got.get(path)
    if one is None or other is None or _is_static(path, expected):
        return False
    return _is_number_of(one, other) or _is_number_of(other, one)


def _is_number_of(one: Entry, other: Entry) -> bool:
    """Whether one is the number that the other is an array of."""
    if one.role != "static" or other.role != "array" or other.array is None:
        return False
    texts = (repr(other.array.item()), str(other.array)) if other.array.ndim == 0 else ()
    return one.detail in texts


def _is_static(path: TreePath, world: World) -> bool:
    """Whether the mark of the attribute that has this place says that it is static."""
    for end in range(len(path) - 1, 0, -1):
        entry = world.get(path[:end])
        if entry is not None and entry.role == "node":
            marks = ast.literal_eval(entry.detail or "{}")
            return marks.get(str(path[end])) is False
    return False


def before_of(earlier: CallWalk, **named: Any) -> World:
    """What the caller holds before a call, by the names that a world after it has."""
    return kept(world_of(walk(earlier, **named)))


def name_of(path: TreePath) -> str:
    """A path as the program writes it: `model.embed` for `caller.model.embed`."""
    root, *rest = path
    if root in ("caller", "closure") and rest:
        return dotted(tuple(rest))
    if root == "held" and rest:
        return _HELD.sub(r"\1\2", str(rest[0]))
    return dotted(path)


def told(
    d: Difference, expected: World, got: World, limit: int = 60, documented: bool = False
) -> str:
    """A difference in one line; of many numbers, by how much they are off.  With `documented` what
    is expected is what the mode documents, and no Python.
    """
    name = name_of(d.path)
    if d.aspect == "value" and d.path in expected and d.path in got:
        off = _off(expected[d.path], got[d.path])
        if isinstance(off, float):
            than = " from what is documented" if documented else ""
            return f"{name} is off by up to {off:.3g}{than}"
        if off is not None:
            name += str([int(at) for at in off])
            d = msgspec.structs.replace(
                d, expected=_at(expected[d.path], off), got=_at(got[d.path], off)
            )
    if (d.role, d.aspect) == ("node", "tracer"):
        return f"{name} is {d.got} with Flax: to set an attribute of it is a TraceContextError"
    if d.aspect == "tracer":
        return f"{name} is {d.got} with Flax: to use it is an UnexpectedTracerError"
    marked = _marked_otherwise(d) if (d.role, d.aspect) == ("node", "metadata") else {}
    if marked:
        attribute, is_data = next(iter(marked.items()))
        kinds = ("data in Python, static", "static in Python, data")
        return f"{name}.{attribute} is {kinds[not is_data]} with Flax"
    if d.aspect == "metadata" and d.got == d.expected + OF_A_TRACE:
        return f"{name} is left in a trace with Flax: to write to it is a TraceContextError"
    texts = _from_where_they_differ(d.expected, d.got, limit)
    want, seen = (_short(text, limit) or "nothing" for text in texts)
    what = name if d.aspect == "value" else f"{d.aspect} of {name}"
    return f"{what} is {want} {'as documented' if documented else 'in Python'}, {seen} with Flax"


def _marked_otherwise(d: Difference) -> dict[str, bool]:
    """The attributes of a node that are data to jax on one side, and static on the other: whether
    they are to be data.
    """
    want, seen = d.metadata
    return {name: mark for name, mark in want.items() if seen.get(name, mark) is not mark}


def _off(one: Entry, other: Entry) -> float | tuple[Any, ...] | None:
    """The largest difference between two arrays of some numbers; or the first place where only one
    of them is a number, or they are other infinities.
    """
    if one.array is None or other.array is None or one.array.size < 2:
        return None
    if one.array.shape != other.array.shape or one.array.dtype.kind == "b":
        return None
    off = distance(widest(one.array), widest(other.array))
    return float(off.max()) if np.isfinite(off).all() else tuple(np.argwhere(~np.isfinite(off))[0])


def _at(entry: Entry, place: tuple[Any, ...]) -> str:
    return "" if entry.array is None else f"{entry.array[place].item():.3g}"


def distinct(found: list[Difference], expected: World, got: World) -> list[Difference]:
    """The differences, each once where one object stands at several paths."""
    seen: set[tuple[str, str]] = set()
    left = []
    for d in found:
        entry = expected.get(d.path) or got.get(d.path)
        key = (entry.identity if entry and entry.identity else name_of(d.path), d.aspect)
        if key not in seen:
            left.append(d)
        seen.add(key)
    return left


def of_these(found: list[Difference], others: list[Difference]) -> list[Difference]:
    """Those of the others that are at a place of one that was found."""
    off = {d.path for d in found}
    return [d for d in others if d.path in off]


def _from_where_they_differ(one: str, other: str, limit: int) -> tuple[str, str]:
    """Two texts without the entries that begin both, if these are too long to be shown."""
    pairs = enumerate(zip(one, other, strict=False))
    differ = next((at for at, (a, b) in pairs if a != b), len(min(one, other, key=len)))
    start = one.rfind("(", 0, differ)
    if max(len(one), len(other)) <= limit or start <= 0:
        return one, other
    return f"...{one[start:]}", f"...{other[start:]}"


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."


def aspects_of(found: list[Difference], want: World, got: World) -> tuple[str, ...]:
    """What differs; a number that should be one and is NaN or infinite is an aspect of its own."""
    return tuple(dict.fromkeys(_aspect(d, want, got) for d in found))


def _aspect(d: Difference, want: World, got: World) -> str:
    if d.aspect != "value" or d.path not in want or d.path not in got:
        return d.aspect
    return "value" if _is_finite(got[d.path]) or not _is_finite(want[d.path]) else "not finite"


def _is_finite(entry: Entry) -> bool:
    array = entry.array
    return array is None or array.dtype.kind in "biuO" or bool(np.isfinite(array).all())
