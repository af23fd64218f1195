"""How a version of a user's arguments is drawn: the walks over them, and what is put in anew.

`rewired` is the front door, which brings in neither jax nor Flax before an example is drawn.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import strategies as st

from nnxfuzz import nnx_api
from nnxfuzz.oracle.verdict import dotted
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.numbers import is_key

#: Sizes and trip counts that are tried beside the one that is there.
_COUNTS = (1, 2, 0, 3)

#: The seeds of numbers and of streams; 0 stands for those that are there.
_SEEDS = 7

#: The largest magnitude of a drawn number: exact in every dtype, also after a few products.
_LARGEST = 2

TreePath = tuple[str | int, ...]


class _Place(NamedTuple):
    """A place that holds a node or a Variable; `first` if no earlier place holds the same one."""

    path: TreePath
    value: Any
    first: bool


def held_by_both(one: Any, other: Any) -> Any:
    """A node or a Variable that both hold; None if there is none."""
    known = {id(held) for held in nnx_api.below(one)}
    return next((held for held in nnx_api.below(other) if id(held) in known), None)


class Version:
    """One version; `told` says what is other than it was made."""

    def __init__(self, draw: st.DrawFn, made: Any, wanted: set[str]) -> None:
        self.draw = draw
        self.value = made
        self.told: list[str] = []
        variables = nnx_api.variables_below(made)
        leaves = list(_leaves(made, ("args",)))
        if not (variables or leaves):
            raise Misuse(
                f"the function given to rewired returns a {type(made).__name__} without a module, "
                "a Variable, an array or an int; return the arguments of the step"
            )
        _check_printable(made)
        if "sharing" in wanted:
            self._share()
        if "sizes" in wanted:
            self._resize(variables, leaves)
        if "trips" in wanted:
            self._recount(leaves)
        for name in ("seeds", "numbers"):
            if name in wanted:
                self._renumber(name)

    # --- sharing ----------------------------------------------------------------------------

    def _share(self) -> None:
        """Make one of some objects, and two of others.

        What is below an object that is replaced is drawn all the same, so that sharing a part is
        the smaller version to Hypothesis than sharing the whole.
        """
        earlier: dict[Any, list[_Place]] = {}
        new: dict[TreePath, Any] = {}
        for place in _places(self.value):
            gone = any(place.path[:end] in new for end in range(1, len(place.path)))
            like = earlier.setdefault(_signature(place.value), [])
            choices = [p for p in like if p.value is not place.value]
            count = len(choices) + (not place.first)
            chosen = self.draw(st.integers(0, count)) if count else 0
            if gone:
                continue
            if not chosen:
                if place.first:
                    like.append(place)
                continue
            if chosen > len(choices):
                new[place.path] = _copied(place.value)
                self.told.append(f"{dotted(place.path)} is one of its own")
            else:
                source = choices[chosen - 1]
                new[place.path] = source.value
                self.told.append(f"{dotted(place.path)} is {dotted(source.path)}")
        if new:
            self.value = _put(self.value, ("args",), new, set())

    # --- sizes and trips --------------------------------------------------------------------

    def _resize(self, variables: list[Any], leaves: list[tuple[TreePath, Any]]) -> None:
        """Give arrays of one leading size another one."""
        fixed = {_size(nnx_api.get_raw(v)) for v in variables}
        groups: dict[int, list[tuple[TreePath, Any]]] = {}
        for path, leaf in leaves:
            size = _size(leaf)
            if size is not None and size not in fixed:
                groups.setdefault(size, []).append((path, leaf))
        for size, arrays in groups.items():
            count = self.draw(st.sampled_from([size, *(n for n in _COUNTS if n != size)]))
            if count != size:
                rows = np.arange(count) % max(size, 1)
                new = {path: leaf[rows] if size else _rows(leaf, count) for path, leaf in arrays}
                self.value = _put(self.value, ("args",), new, set())
                names = ", ".join(dotted(path) for path in new)
                self.told.append(f"{names}: {count} rows")

    def _recount(self, leaves: list[tuple[TreePath, Any]]) -> None:
        for path, leaf in leaves:
            if type(leaf) is int:
                count = self.draw(st.sampled_from([leaf, *(n for n in _COUNTS if n != leaf)]))
                if count != leaf:
                    self.value = _put(self.value, ("args",), {path: count}, set())
                    self.told.append(f"{dotted(path)} is {count}")

    # --- numbers and streams ----------------------------------------------------------------

    def _renumber(self, what: str) -> None:
        """Give all Variables and arrays other numbers, or all streams other keys."""
        seed = self.draw(st.integers(0, _SEEDS))
        if not seed:
            return
        other = _keys(seed) if what == "seeds" else _numbers(seed)
        for variable in nnx_api.variables_below(self.value):
            if not nnx_api.holds_reference(variable):
                raw = nnx_api.get_raw(variable)
                signed = type(variable).__name__ in ("Param", "LoRAParam")
                nnx_api.set_raw(variable, other(raw, signed))
        new = {path: other(leaf, True) for path, leaf in _leaves(self.value, ("args",))}
        self.value = _put(self.value, ("args",), new, set())
        name = "other seeds" if what == "seeds" else "small integers as numbers"
        self.told.append(f"{name} ({seed})")


# --- walks ----------------------------------------------------------------------------------


def _is_open(value: Any) -> bool:
    """Whether what it holds can be put in anew: nodes, and the plain containers."""
    return nnx_api.is_node(value) or isinstance(value, tuple | list | dict)


def _parts(value: Any) -> dict[str | int, Any]:
    """What is directly below, by attribute, key or index."""
    if isinstance(value, dict):
        return dict(value)
    parts = nnx_api.parts(value) or {}
    return {int(name) if name.isdigit() else name: held for name, held in parts.items()}


def _places(value: Any) -> Iterator[_Place]:
    """Each place that holds a node or a Variable, in the order of a walk."""
    seen: set[int] = set()

    def visit(held: Any, path: TreePath) -> Iterator[_Place]:
        known = id(held) in seen
        if nnx_api.is_variable(held) or nnx_api.is_node(held):
            seen.add(id(held))
            yield _Place(path, held, not known)
        if not known and _is_open(held):
            for name, item in _parts(held).items():
                yield from visit(item, (*path, name))

    return visit(value, ("args",))


def _leaves(value: Any, path: TreePath) -> Iterator[tuple[TreePath, Any]]:
    """Each array and int outside of nodes."""
    if isinstance(value, jax.Array | np.ndarray) or type(value) is int:
        yield path, value
    elif _is_open(value) and not nnx_api.is_node(value):
        for name, item in _parts(value).items():
            yield from _leaves(item, (*path, name))


def _check_printable(value: Any) -> None:
    """Raises Misuse if Hypothesis cannot print it: `nnx.Rngs` has every attribute, also that by
    which Hypothesis asks an object to print itself.
    """
    if nnx_api.is_node(value):
        if callable(getattr(value, "_repr_pretty_", None)):
            raise Misuse(
                f"Hypothesis cannot print an {type(value).__name__} that is an argument itself; "
                "let the function given to rewired return a seed, and make it in the test"
            )
    elif _is_open(value):
        for held in _parts(value).values():
            _check_printable(held)


def _put(value: Any, path: TreePath, new: Mapping[TreePath, Any], seen: set[int]) -> Any:
    """`value` with what `new` has for each path in its place; nodes, lists and dicts stay."""
    if path in new:
        return new[path]
    if not _is_open(value) or id(value) in seen:
        return value
    seen.add(id(value))
    parts = _parts(value)
    items = {name: _put(held, (*path, name), new, seen) for name, held in parts.items()}
    changed = {name: held for name, held in items.items() if held is not parts[name]}
    if not changed:
        return value
    if nnx_api.is_node(value):
        for name, held in changed.items():
            nnx_api.set_copied(value, str(name), held)
    elif isinstance(value, tuple):
        return type(value)(*items.values()) if hasattr(value, "_fields") else tuple(items.values())
    else:
        holder: Any = value
        for name, held in changed.items():
            holder[name] = held
    return value


def _signature(value: Any, seen: tuple[int, ...] = ()) -> Any:
    """What objects have in common that may stand for each other: types, shapes, dtypes."""
    if id(value) in seen:
        return "itself"
    if nnx_api.is_variable(value):
        return type(value), _signature(nnx_api.get_raw(value))
    if isinstance(value, jax.Array | np.ndarray):
        return value.shape, str(value.dtype)
    parts = nnx_api.parts(value)
    if parts is None:
        return type(value)
    below = (*seen, id(value))
    return type(value), tuple((name, _signature(held, below)) for name, held in parts.items())


def _copied(value: Any) -> Any:
    """Another object that holds the same."""
    if nnx_api.is_variable(value):
        return nnx_api.variable_copied(value, nnx_api.stored(value))
    raws = [nnx_api.stored(variable) for variable in nnx_api.variables_below(value)]
    return nnx_api.rebuilt(value, iter(raws))


# --- arrays ---------------------------------------------------------------------------------


def _size(value: Any) -> int | None:
    """The leading size of an array; None for anything else."""
    shape = getattr(value, "shape", ())
    return shape[0] if isinstance(value, jax.Array | np.ndarray) and shape else None


def _rows(empty: Any, count: int) -> Any:
    """An array like one without rows, with some."""
    module = np if isinstance(empty, np.ndarray) else jnp
    return module.zeros((count, *empty.shape[1:]), empty.dtype)


#: Makes another array of one; the second says whether it may be negative.
_Other = Callable[[Any, bool], Any]


def _keys(seed: int) -> _Other:
    def other(value: Any, signed: bool) -> Any:
        if not isinstance(value, jax.Array) or not is_key(value):
            return value
        flat = jax.vmap(lambda key: jax.random.fold_in(key, seed))(value.reshape(-1))
        return flat.reshape(value.shape)

    return other


def _numbers(seed: int) -> _Other:
    random = np.random.default_rng(seed)

    def other(value: Any, signed: bool) -> Any:
        if not isinstance(value, jax.Array | np.ndarray) or is_key(value) or not value.size:
            return value
        dtype = jnp.dtype(value.dtype)
        if jnp.issubdtype(dtype, jnp.inexact):
            low, high = (-_LARGEST if signed else 0), _LARGEST
        elif jnp.issubdtype(dtype, jnp.integer):
            low, high = int(value.min()), int(value.max())
        else:
            return value
        drawn = random.integers(low, high, value.shape, endpoint=True).astype(dtype)
        return drawn if isinstance(value, np.ndarray) else jnp.asarray(drawn)

    return other
