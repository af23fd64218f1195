"""`nnx.vmap`: the function of each lane of the arguments."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Literal

import msgspec

from nnxfuzz.programs.calls import types as t
from nnxfuzz.programs.case import Feature
from nnxfuzz.programs.case.base import Data
from nnxfuzz.transforms.base import Draws, Fault, Transform, result

#: Axes of arguments to try, and those of results: few of these fit but the first.
AXES = (0, 1, -1)
OUT = (0, 0, 0, 0, 1, -1)

#: The names by which parts of a module are told, where it has some.
NAMES = ("a", "b", "c")


#: What the axis is called among the partition names of Variables, if anything.
Partition = Literal["", "x"]


class Axes(Data, frozen=True):
    """The axis of each argument (None: broadcast), that of all results, the number of lanes where
    no argument tells it, and the modules whose Params alone have the axis, by a `StateAxes`; or
    that part alone which stands at a path with this name.  `partition`: the name of the axis among
    the partition names of Variables.
    """

    in_axes: tuple[int | None, ...] = ()
    out_axes: int = 0
    axis_size: int | None = None
    params_of: tuple[int, ...] = ()
    at: str = ""
    partition: Partition = ""


class Vmap(Transform):
    """The row of `vmap`."""

    name = "vmap"
    Options = Axes
    wraps = True
    decorates = True
    factory = True
    eager = True
    #: The axes of arguments and of results to try.
    axes: ClassVar[tuple[int, ...]] = AXES
    out: ClassVar[tuple[int, ...]] = OUT

    def draw(self, draws: Draws, args: tuple[t.Type, ...], depth: int) -> Axes:
        axes = [draws.pick(axes_of(arg, self.axes)) for arg in args]
        at = name_of_parts(draws, args)
        parts = with_params(draws, axes, args, at)
        out, named = draws.pick(self.out), partition(draws)
        if all(axis is None for axis in axes):
            return Axes(tuple(axes), out, draws.number(1, 2), partition=named)
        return Axes(tuple(axes), out, None, parts, at if parts else "", named)

    def check(self, options: Axes, args: tuple[t.Type, ...], depth: int) -> None:
        if len(options.in_axes) != len(args):
            raise t.Unfit("each argument has an axis")
        check_params(options, options.in_axes)
        self._lanes(options, args)
        t.no_references(*(arg for arg, axis in zip(args, options.in_axes, strict=True) if axis))

    def _lanes(self, options: Axes, args: tuple[t.Type, ...]) -> int:
        return lanes(parts_of(options, args), options.in_axes, options.axis_size)

    def enter(self, options: Axes, args: tuple[t.Type, ...], block: int) -> tuple[t.Type, ...]:
        return one_lane(options, args, options.in_axes)

    def leave(self, options: Axes, args: tuple[t.Type, ...], returned: tuple[t.Type, ...]) -> Any:
        size = self._lanes(options, args)
        return result(tuple(t.stacked(one, options.out_axes, size) for one in returned))

    def keywords(self, options: Axes, args: tuple[t.Type, ...]) -> dict[str, str]:
        axes = axes_text(options, options.in_axes)
        words = {"in_axes": f"({', '.join(axes)},)", "out_axes": str(options.out_axes)}
        words |= {} if options.axis_size is None else {"axis_size": str(options.axis_size)}
        return words | partition_text(options)

    def features(self, options: Axes) -> frozenset[Feature]:
        return partition_needs(options)

    def without(self, options: Axes, arg: int) -> Axes:
        axes = options.in_axes[:arg] + options.in_axes[arg + 1 :]
        parts = tuple(k - (k > arg) for k in options.params_of if k != arg)
        at = options.at if parts else ""
        return msgspec.structs.replace(options, in_axes=axes, params_of=parts, at=at)

    def smaller(self, options: Axes) -> Iterator[Axes]:
        yield from nearer(options)
        if (options.axis_size or 0) > 1:
            yield msgspec.structs.replace(options, axis_size=1)
        yield from fewer_parts(options)
        for k, axis in enumerate(options.in_axes):
            if axis:
                axes = (*options.in_axes[:k], 0, *options.in_axes[k + 1 :])
                yield msgspec.structs.replace(options, in_axes=axes)

    def faults(self) -> tuple[Fault, ...]:
        def backwards(real: Any) -> Any:
            """The results of the lanes are in reverse order."""
            import jax

            def flipped(leaf: Any) -> Any:
                return leaf[::-1] if isinstance(leaf, jax.Array) and leaf.ndim else leaf

            def vmap(f: Any, **options: Any) -> Any:
                mapped = real(f, **options)

                @functools.wraps(mapped)
                def called(*args: Any, **kwargs: Any) -> Any:
                    return jax.tree.map(flipped, mapped(*args, **kwargs))

                return called

            return vmap

        return (Fault("the lanes' results are in reverse order", backwards),)


def partition(draws: Draws) -> Partition:
    """Seldom, a name of the axis."""
    return "x" if draws.chance(5) else ""


def partition_text(options: Any) -> dict[str, str]:
    """The keyword argument that names the axis."""
    name = options.partition
    return {"transform_metadata": f'{{nnx.PARTITION_NAME: "{name}"}}'} if name else {}


def partition_needs(options: Any) -> frozenset[Feature]:
    """What a release has to have for it."""
    return frozenset({"partition"} if options.partition else ())


def nearer(options: Any) -> Iterator[Any]:
    """The options with an axis of results that is easier to read, or that has no name."""
    if options.partition:
        yield msgspec.structs.replace(options, partition="")
    if options.out_axes:
        yield msgspec.structs.replace(options, out_axes=0)
    if options.out_axes < 0:
        yield msgspec.structs.replace(options, out_axes=1)


def fewer_parts(options: Any) -> Iterator[Any]:
    """The options with fewer `StateAxes`, or with those that are told by type."""
    if options.params_of:
        left = options.params_of[1:]
        at = options.at if left else ""
        yield msgspec.structs.replace(options, params_of=left, at=at)
    if options.at:
        yield msgspec.structs.replace(options, at="")


def name_of_parts(draws: Draws, args: tuple[t.Type, ...]) -> str:
    """What tells the part of a module that has an axis: a name that fits some, or its type ("")."""
    fit = [name for name in NAMES if any(axes_of(params(arg, name))[0] is not None for arg in args)]
    return draws.pick(("", *fit))


def with_params(
    draws: Draws, axes: list[int | None], args: tuple[t.Type, ...], at: str = ""
) -> tuple[int, ...]:
    """The modules of which Params alone, or what is at a name, are to have an axis, which is put
    into `axes`.
    """
    firsts = [axes_of(params(arg, at))[0] for arg in args]
    parts = [
        k for k, axis in enumerate(firsts) if axis is not None and draws.chance(2 if at else 4)
    ]
    for k in parts:
        axes[k] = firsts[k]
    return tuple(parts)


def check_params(options: Any, axes: tuple[int | None, ...]) -> None:
    """Raise Unfit if an argument of which a part has an axis has none, or if no part is named."""
    if any(axes[k : k + 1] in ((), (None,)) for k in options.params_of):
        raise t.Unfit("the Params of an argument have an axis")
    if options.at and (not options.params_of or not options.at.isidentifier()):
        raise t.Unfit("no part has this name")


def parts_of(options: Any, args: tuple[t.Type, ...]) -> tuple[t.Type, ...]:
    """What is mapped of each argument, if anything is."""
    parts, at = options.params_of, options.at
    return tuple(params(arg, at) if k in parts else arg for k, arg in enumerate(args))


def one_lane(
    options: Any, args: tuple[t.Type, ...], axes: Sequence[int | None]
) -> tuple[t.Type, ...]:
    """The types of the arguments as one lane sees them."""

    def one(k: int, arg: t.Type, axis: int | None) -> t.Type:
        if axis is None:
            return arg
        if k in options.params_of:
            return _sliced(arg, axis, options.at, not options.at)
        return t.sliced(arg, axis)

    return tuple(one(k, arg, axis) for k, (arg, axis) in enumerate(zip(args, axes, strict=True)))


def axes_text(options: Any, axes: Sequence[int | None]) -> list[str]:
    """The axes as text."""
    part = f"nnx.PathContains({options.at!r})" if options.at else "nnx.Param"
    parts = options.params_of
    text = f"nnx.StateAxes({{{{{part}: {{}}, ...: None}}}})"
    return [text.format(axis) if k in parts else str(axis) for k, axis in enumerate(axes)]


def params(arg: t.Type, at: str = "") -> t.Type:
    """The arrays of a module's Params, or all that stand at a name; none where some of these have
    no name here.
    """
    held = list(t.places(arg)) if isinstance(arg, t.Node) else []
    if at:
        held = [(path, one) for path, one in held if at in path]
        if any(isinstance(one, _UNNAMED) for _, one in held):
            return t.Results(())
        found = [one for _, one in held if isinstance(one, t.Array)]
    else:
        held = [(path, one) for path, one in held if getattr(one, "kind", "") == "Param"]
        found = []
    found += [one.array for _, one in held if isinstance(one, t.Variable)]
    return t.Results(tuple(found))


def _sliced(arg: t.Type, axis: int, at: str, inside: bool) -> t.Type:
    """The type of one lane along an axis that the Params alone have, or, where a name is given,
    what stands at it; `inside`: it does.
    """
    if at and inside and isinstance(arg, _UNNAMED):
        raise t.Unfit("what stands at the name has arrays without names")
    if isinstance(arg, t.Variable | t.Array):
        whole = bool(at) or getattr(arg, "kind", "") == "Param"
        return t.sliced(arg, axis) if inside and whole else arg
    if not isinstance(arg, t.Node):
        return arg
    held = tuple(
        (name, _sliced(below, axis, at, inside or name == at)) for name, below in arg.attributes
    )
    return replace(arg, attributes=held, layer=False)


#: What holds arrays of which types know no names.
_UNNAMED = (t.Streams, t.Optimizer, t.Whole, t.Sown)


def axes_of(arg: t.Type, tried: Sequence[int] = (0, 1)) -> Sequence[int | None]:
    """Those of the axes that an argument may be mapped along: the first, none at all, others."""
    found: list[int | None] = []
    for axis in tried:
        try:
            if len(t.sizes(arg, axis)) == 1:
                found.append(axis)
        except t.Unfit:
            continue
    return [*found[:1], None, *found[1:]]


def lanes(args: tuple[t.Type, ...], axes: Sequence[int | None], size: int | None) -> int:
    """How many lanes there are; raises Unfit if the arguments disagree."""
    found = set() if size is None else {size}
    for arg, axis in zip(args, axes, strict=True):
        if axis is not None:
            found |= t.sizes(arg, axis)
    if len(found) != 1:
        raise t.Unfit(f"there are {sorted(found)} lanes")
    return found.pop()
