"""Functions of jax, and `copy.deepcopy`, that hand back a module whose shared Variable is now two.

To jax a module is a tree: what stands at two places is two leaves, and comes back as two Variables
(docs_nnx/guides/pytree.md, "Reference Sharing").  A step of training then moves them apart.  While
a check is on, these functions are watched as the user's own code calls them; those that trace a
function, also for what that writes to a module and does not return (`rawwrites`).
"""

import copy
import functools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax

from nnxfuzz import nnx_api
from nnxfuzz.checker import rawwrites
from nnxfuzz.checker.around import WITHIN, called_by, is_traced
from nnxfuzz.checker.documented import listed
from nnxfuzz.checker.sites import Site, caller
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.checker.worlds import name_of, walk
from nnxfuzz.oracle.world import Walk
from nnxfuzz.plain.rebind import Rebound, of_users

#: Told of a call: where, which function, and what it does that the one of NNX does not.
Tell = Callable[[Site, str, Verdict], None]


class _Watched(NamedTuple):
    """A function that is watched: where it is, and what to use in its place."""

    holder: Any
    name: str
    shown: str
    instead: str
    #: Whether it returns a function, whose calls are meant.
    lifts: bool = False


_MERGE = "use nnx.split, and nnx.merge on the result"

WATCHED: tuple[_Watched, ...] = (
    _Watched(jax, "jit", "jax.jit", "use nnx.jit", lifts=True),
    _Watched(jax, "grad", "jax.grad", "use nnx.grad", lifts=True),
    _Watched(jax, "value_and_grad", "jax.value_and_grad", "use nnx.value_and_grad", lifts=True),
    _Watched(jax.tree, "map", "jax.tree.map", _MERGE),
    _Watched(jax.tree_util, "tree_map", "jax.tree_util.tree_map", _MERGE),
    _Watched(jax, "device_put", "jax.device_put", _MERGE),
    _Watched(jax.tree, "map_with_path", "jax.tree.map_with_path", _MERGE),
    _Watched(jax.tree_util, "tree_map_with_path", "jax.tree_util.tree_map_with_path", _MERGE),
    _Watched(jax.lax, "with_sharding_constraint", "jax.lax.with_sharding_constraint", _MERGE),
    _Watched(jax, "device_get", "jax.device_get", _MERGE),
    _Watched(jax, "vmap", "jax.vmap", "use nnx.vmap", lifts=True),
    _Watched(jax, "checkpoint", "jax.checkpoint", "use nnx.remat", lifts=True),
    _Watched(jax, "remat", "jax.remat", "use nnx.remat", lifts=True),
    _Watched(jax.lax, "switch", "jax.lax.switch", "use nnx.switch"),
    _Watched(jax.lax, "fori_loop", "jax.lax.fori_loop", "use nnx.fori_loop"),
    _Watched(jax.lax, "while_loop", "jax.lax.while_loop", "use nnx.while_loop"),
    _Watched(jax.lax, "scan", "jax.lax.scan", "use nnx.scan"),
    _Watched(jax.lax, "cond", "jax.lax.cond", "use nnx.cond"),
    _Watched(copy, "deepcopy", "copy.deepcopy", "use nnx.clone on all of them at once"),
)

#: What a compiled function of jax has besides being one.
_OF_JIT = ("lower", "trace", "eval_shape", "clear_cache", "_cache_size")


class RawJax:
    """Watches the functions while it is on."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self._rebound = Rebound()
        #: The calls under a trace of which was told what they lose; that is traced once a mode.
        self._told: set[tuple[Site, str]] = set()

    def on(self) -> None:
        """Watch from now on."""
        ours: dict[int, Any] = {}
        for watched in WATCHED:
            real = getattr(watched.holder, watched.name, None)
            if real is not None:
                wrap = self._lifted if watched.lifts else self._direct
                ours[id(real)] = wrap(watched, real)
                self._rebound.set(watched.holder, watched.name, ours[id(real)])
        self._rebound.in_modules(of_users(), lambda held: ours.get(id(held)))

    def off(self) -> None:
        """Watch no more."""
        self._rebound.undo()

    def _direct(self, watched: _Watched, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def direct(*args: Any, **kwargs: Any) -> Any:
            __tracebackhide__ = True
            if not self._is_users():
                return self._within(watched, real, args, kwargs)
            return self._watched(watched, real, args, kwargs)

        return direct

    def _lifted(self, watched: _Watched, real: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(real)
        def lifted(*args: Any, **kwargs: Any) -> Any:
            if called_by().partition(".")[0] in _LIBRARIES or WITHIN.get() == "plain":
                return real(*args, **kwargs)
            made = real(*map(rawwrites.watched, args[:1]), *args[1:], **kwargs)
            if not callable(made) or not args:
                return made
            called = self._direct(watched, made)
            for name in _OF_JIT:
                if hasattr(made, name):
                    setattr(called, name, getattr(made, name))
            return called

        return lifted

    def _is_users(self) -> bool:
        """Whether the user's own code calls, outside of transforms and of traces."""
        on = bool(self._rebound) and WITHIN.get() == "program"
        return on and called_by().partition(".")[0] not in _LIBRARIES and not is_traced()

    def _watched(self, watched: _Watched, real: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        __tracebackhide__ = True
        shared = list(_shared(args, kwargs))
        out, lost = self._losing(watched, real, args, kwargs)
        if lost:
            self._tell_lost(watched, lost)
        for root, one, other in shared:
            if _is_parted(out, root, one, other):
                paths = tuple(name_of((*root.path, *path)) for path in (one, other))
                places = " and ".join(f"`{path}`" for path in paths)
                what = f"makes two Variables of the one at {places}"
                verdict = Verdict("deviates", what, paths, (), "tree-nodes", watched.instead)
                self.tell(caller(), watched.shown, verdict)
                break
        return out

    def _losing(
        self, watched: _Watched, real: Callable[..., Any], args: Any, kwargs: Any
    ) -> tuple[Any, tuple[str, ...]]:
        """What a call returns, and the paths of what its function writes and does not return."""
        __tracebackhide__ = True
        if not watched.lifts:
            return real(*args, **kwargs), ()
        return rawwrites.calling(real, args, kwargs)

    def _within(self, watched: _Watched, real: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """A call in a function that is traced, or in a transform of NNX."""
        __tracebackhide__ = True
        inside = bool(self._rebound) and WITHIN.get() != "plain"
        if not inside or called_by().partition(".")[0] in _LIBRARIES:
            return real(*args, **kwargs)
        out, lost = self._losing(watched, real, args, kwargs)
        if lost and (caller(), watched.shown) not in self._told:
            self._told.add((caller(), watched.shown))
            self._tell_lost(watched, lost)
        return out

    def _tell_lost(self, watched: _Watched, lost: tuple[str, ...]) -> None:
        what = f"drops the update of {listed(lost)}"
        way_out = f"{watched.instead}, or return what is written, and use that"
        verdict = Verdict("deviates", what, lost, (), "copied-by-jax", way_out)
        self.tell(caller(), watched.shown, verdict)


_LIBRARIES = frozenset({"flax", "jax", "optax", "orbax", "chex", "copy", "nnxfuzz"})


class _Root(NamedTuple):
    """A node, or a whole argument, from which a Variable is reached by two paths."""

    value: Any
    path: tuple[str | int, ...]


def _shared(args: Any, kwargs: Any) -> Iterator[tuple[_Root, Any, Any]]:
    """Each Variable that is reached by two paths from one root; the two paths below that.

    The last root is all arguments together, since a function may return them as they came.
    """
    data = {f"args[{k}]": value for k, value in enumerate(args) if _holds_nodes(value)}
    whole = {"args": args} if len(data) > 1 else {}
    data |= {name: value for name, value in kwargs.items() if _holds_nodes(value)}
    for name, value in (data | whole).items():
        yield from _shared_below(_Root(value, ("caller", name)))


def _holds_nodes(value: Any) -> bool:
    return nnx_api.is_node(value) or (
        nnx_api.parts(value) is not None and nnx_api.below(value) != []
    )


def _shared_below(root: _Root) -> Iterator[tuple[_Root, Any, Any]]:
    places: dict[int, tuple[Any, ...]] = {}
    for path, value in _places(walk(None, caller=root.value)):
        if nnx_api.is_variable(value):
            if id(value) in places:
                yield root, places[id(value)], path
            places.setdefault(id(value), path)


def _places(walked: Walk) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every object by every path below the root, through nodes that are met again."""
    first = {id(v): p for p, v in reversed(list(walked.objects.items()))}
    for path, value in walked.objects.items():
        yield path[1:], value
        if path in walked.again:
            top = first[id(value)]
            for below, held in walked.objects.items():
                if len(below) > len(top) and below[: len(top)] == top:
                    yield (*path[1:], *below[len(top) :]), held


def _is_parted(out: Any, root: _Root, one: Any, other: Any) -> bool:
    """Whether some value in the result looks like the root and holds two Variables there."""
    candidates = [out, *nnx_api.nodes_below(out)]
    if type(out) is tuple:
        candidates += list(out)
    for value in candidates:
        if type(value) is type(root.value):
            found = dict(_places(walk(None, caller=value)))
            if one in found and other in found:
                return found[one] is not found[other]
    return False
