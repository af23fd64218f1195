"""The call of `nnx.scan`, written in every form that a case may ask for."""

import inspect
from collections.abc import Callable
from typing import Any

from flax import nnx

from nnxfuzz.programs import user
from nnxfuzz.programs.case import Case, Mode, prefixed, scans_over, trips, uses_index
from nnxfuzz.programs.case.ill_formed import ill_formed
from nnxfuzz.programs.live.axes import entry, filter_of

#: One trip: the carry, this trip's slices, the index (None if the body does not read it).
Trip = Callable[[Any, list[Any], Any], tuple[Any, tuple[Any, ...]]]


def _prefixes(case: Case, mode: Mode, inputs: list[Any]) -> list[Any]:
    """The entries of the inputs, of which those that are objects are parts of one `nnx.prefix`."""
    paired = list(zip(case.inputs, inputs, strict=True))
    objects = tuple(value for row, value in paired if isinstance(row.axis, tuple))
    parts = next(row.axis for row in case.inputs if isinstance(row.axis, tuple))
    asked = {filter_of(part): part.axis for part in parts}
    made = iter(nnx.prefix(objects, asked, graph=mode == "graph-frozen"))
    return [next(made) if isinstance(row.axis, tuple) else row.axis for row in case.inputs]


class ScanCall:
    """One call: how arguments and results are laid out."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.form = case.form
        self.indexed = uses_index(case)
        self.packed = case.form.packed

    # --- layout -----------------------------------------------------------------------------

    def arguments(self, carry: Any, inputs: list[Any]) -> tuple[Any, ...]:
        """The arguments in their order, of values or of axes alike."""
        if self.form.carry == "none":
            return tuple(inputs)
        return _laid_out(carry, inputs, self.form.carry_in, self.packed)

    def results(self, carry: Any, ys: tuple[Any, ...]) -> Any:
        """What the function returns, or `out_axes`: the carry alone where nothing is emitted."""
        if not self.case.ys:
            return carry
        if self.form.carry == "none":
            return ys if len(ys) > 1 else ys[0]
        return _laid_out(carry, list(ys), self.form.carry_out, self.packed)

    def taken_apart(self, arguments: tuple[Any, ...]) -> tuple[Any, list[Any]]:
        """The carry and the inputs."""
        if self.form.carry == "none":
            return (), list(arguments)
        at = self.form.carry_in
        rest = [*arguments[:at], *arguments[at + 1 :]]
        packed = self.packed and bool(rest)
        return user.place(arguments, at), list(rest[0]) if packed else rest

    def returned(self, out: Any) -> tuple[Any, Any]:
        """The carry and what was emitted."""
        if not self.case.ys:
            return out, None
        if self.form.carry == "none":
            return (), out if len(self.case.ys) > 1 else (out,)
        at = self.form.carry_out
        carry = user.place(out, at)
        rest = (*out[:at], *out[at + 1 :])
        return carry, tuple(rest[0]) if self.packed else rest

    # --- the call ---------------------------------------------------------------------------

    def _axes(self, mode: Mode, inputs: list[Any]) -> tuple[Any, Any]:
        """`in_axes` and `out_axes`."""
        told = prefixed(self.case, mode)
        axes = _prefixes(self.case, mode, inputs) if told else self._entries()
        axes += [0] * self.indexed
        outs = [entry(y.axis) for y in self.case.ys]
        if self.form.wrong is not None:
            ins, outs = [nnx.Carry, *axes], [nnx.Carry, *outs]
            return ill_formed(self.form.wrong, ins, outs, _ENTRIES.__getitem__, tuple)
        alone = self.form.carry == "alone"
        in_axes = nnx.Carry if alone else self.arguments(nnx.Carry, axes)
        return in_axes, self.results(nnx.Carry, tuple(outs))

    def _entries(self) -> list[Any]:
        return [entry(row.axis) for row in self.case.inputs]

    def options(self, mode: Mode, inputs: list[Any]) -> dict[str, Any]:
        """The keyword arguments of `nnx.scan` that the case's form asks for."""
        in_axes, out_axes = self._axes(mode, inputs)
        options: dict[str, Any] = {"in_axes": in_axes, "out_axes": out_axes}
        if self.case.loop.reverse:
            options["reverse"] = True
        if self.form.length is not None:
            options["length"] = self.form.length
        elif not scans_over(self.case):
            options["length"] = trips(self.case.loop)
        if self.form.partition is not None:
            options["transform_metadata"] = {nnx.PARTITION_NAME: self.form.partition}
        return options


#: The entries of `ILL_FORMED`.
_ENTRIES: dict[str, Any] = {
    "0": 0,
    "None": None,
    "nnx.Carry": nnx.Carry,
    "(nnx.Carry,)": (nnx.Carry,),
    "nnx.StateAxes({...: 0})": nnx.StateAxes({...: 0}),
    "nnx.StateAxes({nnx.Param: None, ...: 0})": nnx.StateAxes({nnx.Param: None, ...: 0}),
    "nnx.StateAxes({nnx.Param: nnx.Carry, ...: 0})": nnx.StateAxes({nnx.Param: nnx.Carry, ...: 0}),
}


def _laid_out(carry: Any, rest: list[Any], at: int, packed: bool) -> tuple[Any, ...]:
    parts = [tuple(rest)] if packed and rest else rest
    return (*parts[:at], carry, *parts[at:])


def scan_call(
    case: Case, trip: Trip, bind: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Callable[..., tuple[Any, Any]]:
    """A function that calls a scan transform in the case's form: (carry, what was emitted).

    It takes the transform, the mode, the carry with the inputs and the index, and options more.
    `bind` makes of the body what the transform is given.
    """
    layout = ScanCall(case)

    def body(*arguments: Any) -> Any:
        carry, inputs = layout.taken_apart(arguments)
        index = inputs.pop() if layout.indexed else None
        return layout.results(*trip(carry, inputs, index))

    function = bind(body)
    if case.form.style == "keyword":
        function = _named(function, len(case.inputs) + layout.indexed + 1)

    def call(
        scan: Callable[..., Any],
        mode: Mode,
        arguments: tuple[Any, list[Any], Any],
        options: dict[str, Any],
    ) -> tuple[Any, Any]:
        carry, inputs, index = arguments
        given = layout.arguments(carry, [*inputs, index] if layout.indexed else inputs)
        options = layout.options(mode, inputs) | options
        decorated = case.form.style == "decorator"
        if decorated:
            scanned = user.call(user.call(scan, **options), function)
        else:
            scanned = user.call(scan, function, **options)
        return layout.returned(_called(scanned, given, case))

    return call


def _called(scanned: Callable[..., Any], given: tuple[Any, ...], case: Case) -> Any:
    at = case.form.carry_in
    match case.form.style:
        case "method":
            return user.call(scanned.__get__(given[0]), *given[1:])
        case "keyword":
            named = {f"x{k}": value for k, value in enumerate(given) if k > at}
            return user.call(scanned, *given[: at + 1], **named)
        case _:
            return user.call(scanned, *given)


def _named(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The function with parameters `x0`, `x1`, ... in its signature."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [inspect.Parameter(f"x{k}", kind) for k in range(count)]
    function.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    return function
