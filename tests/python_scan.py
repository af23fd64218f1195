"""`nnx.scan` as a plain Python loop on live objects, in every form that a case may ask for."""

import inspect
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from flax import nnx

from nnxfuzz import compat
from nnxfuzz.case import Input, Mode, OfArray, OfNode, Part
from nnxfuzz.reference import seen_by_the_loop
from nnxfuzz.slices import Slices, emitted


class JaxSlicer:
    """jax arrays, traced ones too."""

    def take(self, leaf: Any, position: int, axis: int) -> Any:
        rows = jnp.moveaxis(jnp.asarray(leaf), axis, 0)
        return rows[position] if rows.shape[0] else jnp.zeros(rows.shape[1:], rows.dtype)

    def stack(self, leaves: list[Any], axis: int) -> Any:
        arrays = [jnp.asarray(leaf) for leaf in leaves]
        unlike = len({(array.shape, array.dtype) for array in arrays}) > 1
        return tuple(arrays) if unlike else jnp.stack(arrays, axis=axis)

    def none(self, like: Any, axis: int) -> Any:
        whole = jnp.stack([jnp.asarray(like)], axis=axis)
        return jnp.take(whole, jnp.zeros((0,), jnp.int32), axis=axis)


SLICER = JaxSlicer()


class Layout:
    """Arguments and results, taken apart by `in_axes` and `out_axes`.

    `at` and `out_at` are the places of the carry, None where there is none.  Raises ValueError, as
    Flax words it, if they may not be asked for.
    """

    def __init__(self, in_axes: Any, out_axes: Any) -> None:
        self.in_axes = in_axes if isinstance(in_axes, tuple) else (in_axes,)
        self.single = not isinstance(out_axes, tuple)
        self.out_axes = (out_axes,) if self.single else out_axes
        self.at, self.out_at = _carry(self.in_axes), _carry(self.out_axes)
        if (self.at is None) != (self.out_at is None):
            raise ValueError("If one of in_axes or out_axes has Carry, the other must")
        if any(_has(axis, None) for axis in self.out_axes):
            raise ValueError("Cannot broadcast output state")
        if any(_has(axis, nnx.Carry) for axis in self.out_axes if axis is not nnx.Carry):
            raise ValueError("Cannot carry output state")
        self.emits = self.out_axes != (nnx.Carry,)
        rest = [axis for axis in self.in_axes if axis is not nnx.Carry]
        self.packed = len(rest) == 1 and isinstance(rest[0], tuple)
        self.axes = list(rest[0]) if self.packed else rest

    def carry(self, arguments: tuple[Any, ...]) -> Any:
        return () if self.at is None else arguments[self.at]

    def inputs(self, arguments: tuple[Any, ...]) -> list[Any]:
        if self.in_axes == (nnx.Carry,) and len(arguments) > 1:
            raise ValueError("the function must take exactly one argument")
        rest = [a for k, a in enumerate(arguments) if k != self.at]
        inputs = list(rest[0]) if self.packed else rest
        for axis, value in zip(self.axes, inputs, strict=True):
            if isinstance(axis, nnx.StateAxes) and not _object(value):
                raise ValueError("Cannot use StateAxes on non-graph nodes")
        return inputs

    def arguments(self, carry: Any, inputs: list[Any]) -> tuple[Any, ...]:
        rest = [tuple(inputs)] if self.packed else inputs
        return tuple(rest) if self.at is None else (*rest[: self.at], carry, *rest[self.at :])

    def returned(self, out: Any) -> tuple[Any, tuple[Any, ...]]:
        """The carry, and what was emitted with the carry's place empty."""
        outs = (out,) if self.single else out
        at = self.out_at
        return ((), outs) if at is None else (outs[at], (*outs[:at], None, *outs[at + 1 :]))


def _carry(axes: tuple[Any, ...]) -> int | None:
    if any(axis is nnx.Carry for held in axes if isinstance(held, tuple) for axis in held):
        raise ValueError("Carry must be a top-level argument")
    places = [k for k, axis in enumerate(axes) if axis is nnx.Carry]
    if len(places) > 1:
        raise ValueError("Found multiple Carry definitions")
    return places[0] if places else None


def _has(axis: Any, what: Any) -> bool:
    """Whether an entry is `what`, or one of its parts is."""
    return axis is what or (isinstance(axis, nnx.StateAxes) and what in axis.axes)


def rows_of(axes: list[Any], values: list[Any]) -> list[Input]:
    """What `Slices` is told about the inputs: only their axes, and whether they are arrays."""
    return [
        Input(OfArray() if hasattr(value, "dtype") and not _object(value) else OfNode(0), _axis(a))
        for a, value in zip(axes, values, strict=True)
    ]


def _object(value: Any) -> bool:
    return compat.is_node(value) or compat.is_variable(value)


def _axis(axis: Any) -> Any:
    if not isinstance(axis, nnx.StateAxes):
        return axis
    pairs = zip(axis.filters, axis.axes, strict=True)
    return tuple(_part(which, "carry" if a is nnx.Carry else a) for which, a in pairs)


def _part(which: Any, axis: Any) -> Part:
    """The part that an entry of an `nnx.StateAxes` was made of (see `transforms.scan`)."""
    if which is ...:
        return Part(axis)
    if isinstance(which, nnx.PathContains):
        return Part(axis, under=which.key)
    names = {kind: name for name, kind in compat.VARIABLE_TYPES.items()}
    if isinstance(which, type):
        return Part(axis, names[which])  # type: ignore[arg-type]
    only, under = which.predicates
    return Part(axis, names[only.type], under.key)  # type: ignore[arg-type]


def scan_loop(
    f: Callable[..., Any],
    layout: Layout,
    arguments: tuple[Any, ...],
    mode: Mode,
    undone: Callable[..., Any],
    **options: Any,
) -> Any:
    """Run the loop; what `nnx.scan` returns.  `undone` does work and takes it back."""
    inputs = layout.inputs(arguments)
    metadata = options.get("transform_metadata", {})
    partition = metadata.get(nnx.PARTITION_NAME) if mode == "graph" else None
    carry, rows = seen_by_the_loop(layout.carry(arguments), mode), {}
    told, drops = rows_of(layout.axes, inputs), mode == "graph"
    slices = Slices(told, inputs, SLICER, drops, partition, carry)
    carried = {id(v) for v in compat.variables_below(carry)}
    both = [v for v in compat.variables_below(inputs) if id(v) in carried]
    if slices.meaningless or any(drops or slices.scanned_over(v) for v in both):
        raise ValueError("Inconsistent aliasing")
    references = [
        (v, compat.stored(v)) for v in compat.variables_below(inputs) if compat.holds_reference(v)
    ]
    count = trip_count(layout, inputs, options.get("length"))
    order = range(count)
    for k in reversed(order) if options.get("reverse") else order:
        view = seen_by_the_loop(slices.enter(k), mode)
        carry, rows[k] = layout.returned(f(*layout.arguments(carry, view)))
        slices.leave(k)
        carry = seen_by_the_loop(carry, mode)
    slices.close()
    for variable, reference in references:
        reference[...] = compat.get_raw(variable)
        compat.set_raw(variable, reference)
    like = None
    if layout.emits and not count:  # only a trial of the body tells the shapes
        like = undone(arguments, f, lambda: tried(f, layout, arguments, slices))
    return put_together(layout, carry, [rows[k] for k in sorted(rows)], like, partition)


def trip_count(layout: Layout, inputs: list[Any], length: int | None) -> int:
    """How many trips there are, as jax finds out: by what is scanned over, which must agree."""
    sizes = [
        int(array.shape[axis])
        for axis, value in zip(layout.axes, inputs, strict=True)
        if isinstance(axis, int)
        for array in [compat.get_raw(v) for v in compat.variables_below(value)] or [value]
        if hasattr(array, "shape")
    ]
    if length is not None and any(size != length for size in sizes):
        raise ValueError(f"scan got `length` argument of {length} which disagrees with {sizes}")
    if length is None and not sizes:
        raise ValueError("scan got no values to scan over and `length` not provided.")
    return sizes[0] if length is None else length


def tried(f: Any, layout: Layout, arguments: tuple[Any, ...], slices: Slices) -> Any:
    """What a trip emits."""
    carry = seen_by_the_loop(layout.carry(arguments), "graph")
    return layout.returned(f(*layout.arguments(carry, slices.enter(0))))[1]


def put_together(
    layout: Layout, carry: Any, rows: list[Any], like: Any, partition: str | None
) -> Any:
    """The results in their places, stacked along their axes."""

    def one(axis: Any, column: list[Any], tried: Any) -> Any:
        if isinstance(axis, tuple):
            columns = list(zip(*column, strict=True)) or [()] * len(axis)
            likes = tried or [None] * len(axis)
            return tuple(one(a, list(c), t) for a, c, t in zip(axis, columns, likes, strict=True))
        return emitted(column, tried, _axis(axis), partition, SLICER)

    outs = tuple(
        carry
        if axis is nnx.Carry
        else one(axis, [row[k] for row in rows], None if like is None else like[k])
        for k, axis in enumerate(layout.out_axes)
    )
    return outs[0] if layout.single else outs


def positional(f: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """The arguments in the order of the function's parameters."""
    return inspect.signature(f).bind(*arguments, **named).args
