"""Shardings that `jit` and `pmap` are asked for, and arrays that they do not fit.

In plain Python a sharding is no matter, so that only jax can refuse one.
"""

from collections.abc import Iterator
from typing import Any

import jax
from flax import nnx
from jax.sharding import PartitionSpec, Sharding

from nnxfuzz.checker.refusals.base import Evidence, Reason, axes_of_mesh, calls_of, words
from nnxfuzz.checker.worlds import name_of
from nnxfuzz.oracle.verdict import World
from nnxfuzz.programs.case import TreePath

_IN, _OUT = "in_shardings", "out_shardings"

_JIT = "docstring of `jax.jit` on `in_shardings` and `out_shardings`"


def _asked(e: Evidence, *options: str) -> Iterator[tuple[str, Any]]:
    """The shardings that are asked for by these options, of the call and of those in its body."""
    for where, _, given in calls_of(e):
        for option in options:
            yield from ((f"{option}{where}", leaf) for leaf in _leaves(given.get(option)))


def _leaves(value: Any) -> Iterator[Any]:
    for leaf in jax.tree.leaves(value, is_leaf=lambda v: isinstance(v, PartitionSpec)):
        yield from _leaves(leaf.shardings) if isinstance(leaf, nnx.StateSharding) else (leaf,)


def _arguments(e: Evidence) -> Iterator[tuple[TreePath, jax.Array]]:
    """The arrays of jax that the call is given."""
    for path, array in e.before.arrays.items():
        if path[0] == "caller" and isinstance(array, jax.Array):
            yield path, array


def sharded_otherwise(e: Evidence) -> tuple[str, ...] | None:
    """An argument that is committed to another sharding than the one that the message names and an
    option asks for.
    """
    text = str(e.error)
    named = [s for _, s in _asked(e, _IN) if isinstance(s, Sharding) and f"{s}" in text]
    for path, array in _arguments(e):
        is_named = getattr(array, "_committed", True) and f"{array.sharding}" in text
        if is_named and any(not s.is_equivalent_to(array.sharding, array.ndim) for s in named):
            return (name_of(path),)
    return None


def uneven(e: Evidence) -> tuple[str, ...] | None:
    """An argument that the sharding which the message names cannot split; the result, if that
    sharding is asked for it.
    """
    text = str(e.error)
    named = [(o, s) for o, s in _asked(e, _IN, _OUT) if isinstance(s, Sharding) and f"{s}" in text]
    for path, array in _arguments(e):
        is_named = f"{array.shape}" in text or f"rank {array.ndim}" in text
        unfit = (o.startswith(_IN) and not _fits(s, array.shape) for o, s in named)
        if is_named and any(unfit):
            return (name_of(path),)
    return ("result",) if any(option.startswith(_OUT) for option, _ in named) else None


def longer_than_rank(e: Evidence) -> tuple[str, ...] | None:
    """An array that has fewer axes than a spec of a `shard_map`: before the call, or after it,
    where the function gives a module one that it makes.
    """
    specs = [s for _, s in _asked(e, "in_specs", "out_specs") if isinstance(s, PartitionSpec)]
    longest = max(map(len, specs), default=0)
    held = [(path, array.ndim) for path, array in _arguments(e)]
    after = e.world.items()
    held += [(path, entry.array.ndim) for path, entry in after if entry.array is not None]
    return next(((name_of(path),) for path, rank in held if rank < longest), None)


def _fits(sharding: Sharding, shape: tuple[int, ...]) -> bool:
    if len(getattr(sharding, "spec", ())) > len(shape):
        return False
    try:
        sharding.shard_shape(shape)
    except (ValueError, IndexError):
        return False
    return True


def lanes_of_devices(e: Evidence) -> tuple[str, ...] | None:
    """An argument of a `pmap` with another number of lanes than there are devices."""
    if "pmap" not in e.seen.transforms:
        return None
    count = len(e.options.get("devices") or jax.local_devices())
    found = (
        name_of(path)
        for path, array in _arguments(e)
        if f"{array.shape}" in str(e.error) and any(size % count for size in array.shape)
    )
    return tuple(found)[:1] or None


def without_mesh(e: Evidence) -> tuple[str, ...] | None:
    """The options that ask for a PartitionSpec where no mesh is set."""
    found = (option for option, s in _asked(e, _IN, _OUT) if isinstance(s, PartitionSpec))
    return None if axes_of_mesh() else tuple(dict.fromkeys(found)) or None


def no_prefix(e: Evidence) -> tuple[str, ...] | None:
    """The option of the call whose tuple has another length than what it is for."""
    given, asked = len(e.arguments) - len(e.keywords), e.options.get(_IN)
    if isinstance(asked, tuple | list) and len(asked) != given:
        return (_IN,)
    return None if _is_prefix(e.options.get(_OUT), e.world, ("result",)) else (_OUT,)


def _is_prefix(asked: Any, world: World, path: TreePath) -> bool:
    """Whether tuples and lists that are asked for are where the result has some as long."""
    if not isinstance(asked, tuple | list) or isinstance(asked, PartitionSpec):
        return True
    entry, places = world.get(path), [(*path, k) for k in range(len(asked))]
    if entry is None or entry.kind != type(asked).__name__ or (*path, len(asked)) in world:
        return False
    fits = (_is_prefix(one, world, at) for one, at in zip(asked, places, strict=True))
    return all(at in world for at in places) and all(fits)


REASONS: tuple[Reason, ...] = (
    Reason(
        "sharded-otherwise",
        "{} is sharded otherwise than in_shardings asks",
        (words("ValueError", "^Sharding passed to p?jit does not match the sharding on the"),),
        sharded_otherwise,
        "the error's own text (`_resolve_in_shardings` in jax/_src/pjit.py): jit moves no array "
        "that is committed to devices",
        "give it that sharding with jax.device_put, or leave it out of in_shardings",
    ),
    Reason(
        "sharding-uneven",
        "a sharding that is asked for does not fit the shape of {}",
        (
            words("IndivisibleError", "evenly divide the shape"),
            words("ValueError", "which implies that the global size of its dimension"),
            words("ValueError", "is only valid for values of rank at least"),
        ),
        uneven,
        "the error's own text (`pjit_check_aval_sharding` in jax/_src/pjit.py)",
        "shard an axis that it has, of a size that is a multiple of the devices",
    ),
    Reason(
        "sharding-uneven",
        "a spec of a shard_map names more axes than {} has",
        (words("ValueError", "which is too long to be compatible with the corresponding"),),
        longer_than_rank,
        "the error's own text (`_spec_rank_error` in jax/_src/shard_map.py)",
        "give it a spec of its own, or more axes",
    ),
    Reason(
        "lanes-of-devices",
        "each lane of a pmap has a device of its own, and {} has another number of lanes",
        (words("IndivisibleError", "_internal_pmap_axis_name"),),
        lanes_of_devices,
        "docstring of `jax.pmap`: the mapped axis must not be larger than the number of devices",
        "use as many lanes as there are devices, or nnx.vmap",
    ),
    Reason(
        "sharding-without-mesh",
        "{} has a PartitionSpec, and no mesh is set",
        (
            words("RuntimeError", "requires a non-empty mesh in context if you are passing"),
            words("RuntimeError", "^jax.jit only supports `Sharding`s being passed to"),
        ),
        without_mesh,
        f"the error's own text; {_JIT}",
        "set the mesh with jax.set_mesh, or ask for a NamedSharding",
    ),
    Reason(
        "sharding-no-prefix",
        "{} is no tree prefix of what it is for",
        (
            words(
                "ValueError", "pytree structure error|arity mismatch|^Expected (tuple|list), got"
            ),
            words("ValueError", "specification must be a tree prefix"),
        ),
        no_prefix,
        f'{_JIT}: "a tree prefix of the positional arguments tuple"',
        "give one sharding for all, or one for each",
    ),
)
