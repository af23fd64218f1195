"""`split_rngs`, `fork_rngs` and `with_rngs` as decorators: a function of arguments with other
random streams.

None runs its function under a trace, so an exception undoes nothing.
"""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.plain.frame import watch
from nnxfuzz.plain.modes import Mode, frozen, mode_of, seen_by_body
from nnxfuzz.plain.objects import Keys, everything

_NOT_GIVEN: Any = object()

#: What a stream's next key becomes; None: the stream stays as it is.
Change = Callable[[Any], Any] | None


def split_rngs(
    node: Any = _NOT_GIVEN,
    /,
    *,
    splits: int | tuple[int, ...],
    only: Any = ...,
    squeeze: bool = False,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Any:
    """As the decorator `nnx.split_rngs`: in the function each selected stream of the arguments has
    so many keys, made of its next one, and counts from 0; afterwards it is as it was after that.

    With a node it is Flax's own.
    """
    modes = _modes(graph, graph_updates)
    if node is not _NOT_GIVEN:
        return nnx.split_rngs(node, splits=splits, only=only, squeeze=squeeze, **modes)
    if squeeze and splits != 1:
        raise ValueError("squeeze=True is only supported for splits=1")
    matches = nnx.filterlib.to_predicate(only)

    def split(key: Any) -> Any:
        keys = jax.random.split(key, splits)
        return keys[0] if squeeze else keys

    def change(keys: Keys, stream: Any) -> Change:
        return split if _selects(matches, keys, stream) else None

    return functools.partial(_decorated, "split_rngs", change, graph, graph_updates)


def fork_rngs(
    node: Any = _NOT_GIVEN,
    /,
    *,
    split: Mapping[Any, Any] | int | tuple[int, ...] | None = None,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Any:
    """As the decorator `nnx.fork_rngs`: in the function each stream of the arguments goes on from
    its next key, which is split first if `split` says so, by filter the first that matches.

    With a node it is Flax's own.
    """
    if node is not _NOT_GIVEN:
        return nnx.fork_rngs(node, split=split, **_modes(graph, graph_updates))
    known = _by_filter(split)

    def change(keys: Keys, stream: Any) -> Change:
        for _, matches, k in known:
            if _selects(matches, keys, stream):
                return lambda key: key if k is None else jax.random.split(key, k)
        return None

    return functools.partial(_decorated, "fork_rngs", change, graph, graph_updates)


def with_rngs(
    node: Any = _NOT_GIVEN,
    /,
    *,
    split: Mapping[Any, Any] | int | tuple[int, ...] | None = None,
    fork: Any = None,
    broadcast: Mapping[Any, Any] | int | tuple[int, ...] | None = None,
    only: Any = True,
    graph: bool | None = None,
    graph_updates: bool | None = None,
) -> Any:
    """As the decorator `nnx.with_rngs`: in the function each selected stream of the arguments has
    keys made of its next one, by the first rule that a filter of it matches: so many keys that
    differ (`split`), one key so many times (`broadcast`), or that key (`fork`).

    Raises ValueError where filters of several rules match a stream, none of which matches all.
    With a node it is Flax's own.
    """
    if node is not _NOT_GIVEN:
        asked = {"split": split, "fork": fork, "broadcast": broadcast, "only": only}
        return nnx.with_rngs(node, **asked, **_modes(graph, graph_updates))
    selected = nnx.filterlib.to_predicate(only)
    forks = fork if isinstance(fork, Sequence) and not isinstance(fork, str) else [fork]
    rules = {
        "split": [] if split is None else _by_filter(split),
        "broadcast": [] if broadcast is None else _by_filter(broadcast),
        "fork": [] if fork is None else _predicates((one, None) for one in forks),
    }

    def change(keys: Keys, stream: Any) -> Change:
        met = _met(rules, keys, stream) if selected(keys, stream) else {}
        return next((functools.partial(_RULES[rule], k) for rule, (_, k) in met.items()), None)

    return functools.partial(_decorated, "with_rngs", change, graph, graph_updates)


#: What a filter is, whether it matches, and how many keys it gives.
Filter = tuple[Any, Callable[[Keys, Any], bool], Any]


def _by_filter(rule: Any) -> list[Filter]:
    """The filters of a rule in their order; a number is for all streams."""
    return _predicates(rule.items() if isinstance(rule, Mapping) else [(..., rule)])


def _predicates(pairs: Iterable[tuple[Any, Any]]) -> list[Filter]:
    return [(wanted, nnx.filterlib.to_predicate(wanted), k) for wanted, k in pairs]


def _met(rules: Mapping[str, list[Filter]], keys: Keys, stream: Any) -> dict[str, tuple[Any, Any]]:
    """By rule, the first filter of it that matches the stream, and how many keys that gives."""
    met: dict[str, tuple[Any, Any]] = {}
    for rule, filters in rules.items():
        for wanted, matches, k in filters:
            if rule not in met and matches(keys, stream):
                met[rule] = wanted, k
    if sum(wanted not in (..., True) for wanted, _ in met.values()) > 1:
        told = (f"  - {rule} matches filter {wanted!r}" for rule, (wanted, _) in met.items())
        lines = "\n".join(told)
        raise ValueError(f"RngStream at path {keys} matches multiple rules:\n{lines}")
    return met


def _broadcast(k: int | tuple[int, ...], key: Any) -> Any:
    return jnp.broadcast_to(key, ((k,) if isinstance(k, int) else k) + key.shape)


#: What each rule of `with_rngs` makes of a stream's next key.
_RULES: dict[str, Callable[[Any, Any], Any]] = {
    "split": lambda k, key: jax.random.split(key, k),
    "broadcast": _broadcast,
    "fork": lambda k, key: key,
}


def _modes(graph: bool | None, graph_updates: bool | None) -> dict[str, bool]:
    given = {"graph": graph, "graph_updates": graph_updates}
    return {name: value for name, value in given.items() if value is not None}


def _selects(matches: Any, keys: Keys, stream: Any) -> bool:
    """Whether a filter matches both Variables of a stream."""
    both = matches((*keys, "key"), stream.key) and matches((*keys, "count"), stream.count)
    return bool(both)


def _decorated(
    name: str,
    change: Callable[[Keys, Any], Change],
    graph: bool | None,
    graph_updates: bool | None,
    f: Callable[..., Any],
) -> Callable[..., Any]:
    """The function of arguments whose streams are changed meanwhile."""

    @functools.wraps(f)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        mode = mode_of(graph, graph_updates)
        seen = watch(name, mode, f, args=args, kwargs=kwargs)
        args, kwargs = seen_by_body((args, kwargs), mode)
        with ExitStack() as afterwards, seen.trip(args=args, kwargs=kwargs) as trip:
            for place in everything((args, kwargs)):
                new = change(place.keys, place.thing) if _is_stream(place.thing) else None
                if new is not None:
                    _change(place.thing, new, mode, afterwards)
            out = f(*args, **kwargs)
            trip.returned(args=args, kwargs=kwargs, out=out)
        return out

    return wrapped


def _is_stream(thing: Any) -> bool:
    return isinstance(thing, nnx.RngStream)


def _change(stream: Any, new: Callable[[Any], Any], mode: Mode | None, after: ExitStack) -> None:
    """Give a stream other keys: its own Variables for now, or, in the modes without graph updates,
    in which it is a new node, Variables of its own.
    """
    key, count = stream.key, stream.count
    then, drawn = nnx_api.get_raw(key), nnx_api.get_raw(count)
    keys = new(jax.random.fold_in(then, drawn))
    none = jnp.zeros(keys.shape, drawn.dtype)
    nnx_api.set_raw(count, drawn + 1)
    if frozen(mode):
        nnx_api.set_copied(stream, "key", nnx_api.variable_copied(key, keys))
        nnx_api.set_copied(stream, "count", nnx_api.variable_copied(count, none))
        return
    for variable, held, raw in ((key, keys, then), (count, none, drawn + 1)):
        nnx_api.set_raw(variable, held)
        after.callback(nnx_api.set_raw, variable, raw)
