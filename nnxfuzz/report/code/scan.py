"""The call of `nnx.scan` in every form that a case may ask for."""

from nnxfuzz.programs.case import Case, Mode, OfArray, prefixed, scans_over, trips, uses_index
from nnxfuzz.programs.case.ill_formed import ill_formed
from nnxfuzz.programs.text import array_code, bare, joined
from nnxfuzz.report.code.axes import axis_code, parts_code
from nnxfuzz.report.code.helpers import Lines
from nnxfuzz.report.code.names import Names

#: What scan runs over where the body reads the index.
INDICES = "indices"


class ScanCode:
    """How arguments and results of one scan are laid out, and its call."""

    def __init__(self, case: Case, names: Names, mode: Mode) -> None:
        self.case = case
        self.mode = mode
        self.form = case.form
        self.names = names
        self.indexed = uses_index(case)

    def outside(self) -> list[str]:
        """The inputs' names outside of the body."""
        return [
            f"xs{name[1:]}" if isinstance(row.what, OfArray) else name
            for name, row in zip(self.names.inputs, self.case.inputs, strict=True)
        ]

    def arrays(self) -> Lines:
        """The inputs that are arrays, as definitions."""
        lines = [
            f"{name} = {array_code(row.what.array)}"
            for name, row in zip(self.outside(), self.case.inputs, strict=True)
            if isinstance(row.what, OfArray)
        ]
        loop = self.case.loop
        first, last = loop.lower, max(loop.lower, loop.upper)
        bounds = f"{first}, {last}" if first else str(last)
        return lines + [f"{INDICES} = jnp.arange({bounds})"] * self.indexed

    # --- layout -----------------------------------------------------------------------------

    def arguments(self, carry: str, inputs: list[str], index: str) -> list[str]:
        """The arguments in their order, of values or of axes alike."""
        rest = inputs + [index] * self.indexed
        if self.form.carry == "none":
            return rest
        return self._laid_out(carry, rest, self.form.carry_in)

    def results(self, carry: str, ys: list[str]) -> str:
        """What the function returns or `out_axes`: the carry alone where nothing is emitted."""
        if self.form.carry == "none":
            return joined(ys) if len(ys) > 1 else ys[0]
        return joined(self._laid_out(carry, ys, self.form.carry_out)) if ys else carry

    def _laid_out(self, carry: str, rest: list[str], at: int) -> list[str]:
        parts = [joined(rest)] if self.form.packed and rest else rest
        return [*parts[:at], carry, *parts[at:]]

    def parameters(self, carry: str) -> tuple[list[str], Lines]:
        """The parameters of the body, and the line that takes packed inputs apart."""
        arguments = self.arguments(carry, self.names.inputs, "i")
        if not self.form.packed or len(arguments) == 1:
            return arguments, []
        at = 1 - self.form.carry_in
        packed, arguments[at] = arguments[at], "inputs"
        return arguments, [f"{bare(packed)} = inputs"]

    def emitted(self, stem: str) -> list[str]:
        """A name for each thing that is emitted."""
        count = len(self.case.ys)
        return [stem] * count if count <= 1 else [f"{stem}{k}" for k in range(count)]

    # --- the call ---------------------------------------------------------------------------

    def call(self, function: str, carry: str, options: list[str]) -> str:
        """The whole expression."""
        decorated = self.form.style == "decorator"
        arguments = [*([] if decorated else [function]), *self._options(), *options]
        scanned = f"nnx.scan({', '.join(arguments)})" + f"({function})" * decorated
        given = self.arguments(carry, self.outside(), INDICES)
        match self.form.style:
            case "method":
                return f"{scanned}.__get__({given[0]})({', '.join(given[1:])})"
            case "keyword":
                return f"{scanned}({', '.join(self._named(given))})"
            case "call" | "decorator":
                return f"{scanned}({', '.join(given)})"

    def _named(self, given: list[str]) -> list[str]:
        """The arguments, those after the carry by keyword."""
        at = self.form.carry_in + 1
        names, _ = self.parameters("carry")
        named = [f"{n}={g}" for n, g in zip(names[at:], given[at:], strict=True)]
        return [*given[:at], *named]

    def _axes(self) -> tuple[str, str]:
        """`in_axes` and `out_axes`."""
        axes = self._entries()
        outs = [axis_code(y.axis) for y in self.case.ys]
        if self.form.wrong is not None:
            ins = ["nnx.Carry", *axes, *["0"] * self.indexed]
            return ill_formed(self.form.wrong, ins, ["nnx.Carry", *outs], str, joined)
        alone = self.form.carry == "alone"
        in_axes = "nnx.Carry" if alone else joined(self.arguments("nnx.Carry", axes, "0"))
        return in_axes, self.results("nnx.Carry", outs)

    def _entries(self) -> list[str]:
        """The entries of the inputs; parts may be those of one `nnx.prefix`."""
        if not prefixed(self.case, self.mode):
            return [axis_code(row.axis) for row in self.case.inputs]
        named = zip(self.outside(), self.case.inputs, strict=True)
        objects = [name for name, row in named if isinstance(row.axis, tuple)]
        given = objects[0] if len(objects) == 1 else joined(objects)
        places = iter([""] if len(objects) == 1 else [f"[{k}]" for k in range(len(objects))])
        graph = self.mode == "graph-frozen"
        return [
            f"nnx.prefix({given}, {parts_code(row.axis)}, graph={graph}){next(places)}"
            if isinstance(row.axis, tuple)
            else axis_code(row.axis)
            for row in self.case.inputs
        ]

    def _options(self) -> list[str]:
        in_axes, out_axes = self._axes()
        options = [f"in_axes={in_axes}", f"out_axes={out_axes}"]
        if self.form.length is not None:
            options.append(f"length={self.form.length}")
        elif not scans_over(self.case):
            options.append(f"length={trips(self.case.loop)}")
        if self.case.loop.reverse:
            options.append("reverse=True")
        if self.form.partition is not None:
            metadata = f'{{nnx.PARTITION_NAME: "{self.form.partition}"}}'
            options.append(f"transform_metadata={metadata}")
        return options
