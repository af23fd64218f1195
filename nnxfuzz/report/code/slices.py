"""The loop of `nnx.scan` in plain Python: what is scanned over gets its slice in each trip.

A Variable that is scanned over holds slice k in trip k, and all slices again after the loop, so
objects stay the objects they are.
"""

from nnxfuzz.programs.case import Arm, Case, Input, OfArray, Part, Pop, Sow, TreePath, trips
from nnxfuzz.programs.text import bare, indented
from nnxfuzz.report.code.axes import below, kind_code, slice_code
from nnxfuzz.report.code.helpers import Lines
from nnxfuzz.report.code.names import is_prefix
from nnxfuzz.report.code.rows import statements, writes
from nnxfuzz.report.code.scan import INDICES, ScanCode


class SlicesCode:
    """Writes the plain loop of one scan."""

    def __init__(self, case: Case, arm: Arm, scan: ScanCode) -> None:
        self.case = case
        self.arm = arm
        self.scan = scan
        #: The inputs that are objects, with their names.
        self.objects = [
            (name, k, row)
            for k, (name, row) in enumerate(zip(scan.names.inputs, case.inputs, strict=True))
            if not isinstance(row.what, OfArray)
        ]
        self.scanned = [found for found in self.objects if _is_scanned(found[2])]
        self.dropped = [found for found in self.objects if self._is_dropped(*found[1:])]
        self.sown = self._sown()

    def functions(self) -> Lines:
        """For each `nnx.StateAxes` a function that says the axis of a Variable."""
        lines: Lines = []
        for name, _, row in self.objects:
            if isinstance(row.axis, tuple):
                lines += [*_axis_function(name, row.axis), "", ""]
        return lines

    def loop(self, body: str, bound: list[str]) -> Lines:
        """The loop from `want` to `want`, and what it emits as `want_ys`."""
        order = f"range({trips(self.case.loop)})"
        if self.case.loop.reverse:
            order = f"reversed({order})"
        inside = [*self._enter(), *self._step(body, bound), *self._leave()]
        used = "k" if any("k]" in line or "k," in line for line in inside) else "_"
        before, after = self._around()
        start = ["want_ys = []"] if self.case.ys else []
        if not trips(self.case.loop):
            return start
        return [*before, *start, f"for {used} in {order}:", *indented(inside), *after]

    def _step(self, body: str, bound: list[str]) -> Lines:
        given = [
            self._slice(*pair) for pair in zip(self.scan.outside(), self.case.inputs, strict=True)
        ]
        arguments = self.scan.arguments("want", given, f"{INDICES}[k]")
        call = f"{body}({', '.join([*bound, *arguments])})"
        ys = self.scan.emitted("y")
        if not ys:
            return [f"want = {call}"]
        if self.case.form.packed:
            target = "want, y" if self.case.form.carry_out == 0 else "y, want"
            return [f"{target} = {call}", f"want_ys.{self._keep('y')}"]
        kept = ys[0] if len(ys) == 1 else f"({', '.join(ys)})"
        return [f"{bare(self.scan.results('want', ys))} = {call}", f"want_ys.{self._keep(kept)}"]

    def _keep(self, text: str) -> str:
        return f"insert(0, {text})" if self.case.loop.reverse else f"append({text})"

    def _slice(self, name: str, row: Input) -> str:
        scanned = isinstance(row.what, OfArray) and isinstance(row.axis, int)
        return slice_code(name, row.axis) if scanned and isinstance(row.axis, int) else name

    # --- Variables --------------------------------------------------------------------------

    def _around(self) -> tuple[Lines, Lines]:
        """What is kept before the loop, and given back after it."""
        before: Lines = []
        after: Lines = []
        for name, _, row in self.scanned + [d for d in self.dropped if d not in self.scanned]:
            before.append(f"axes {'+=' if before else '='} {_axes(name, row)}")
        if self.scanned:
            before += ["# Each Variable that is scanned over, its axis, and all of its slices."]
            test = " if isinstance(axis, int)" * self._mixed()
            before += [f"whole = [(v, axis, v.raw_value) for v, axis in axes{test}]"]
            before += ["rows = [[] for _ in whole]"]
            after += ["for (v, axis, _), row in zip(whole, rows):"]
            after += ["    v.raw_value = jnp.stack(row, axis)"]
        if self.dropped:
            before += ["# What a trip writes to a broadcast Variable is dropped, Flax says."]
            before += ["fixed = [(v, v.raw_value) for v, axis in axes if axis is None]"]
        for name, place, axis in self.sown:
            before.append(f"{name} = []")
            after += [f"{place} = {name}[0]"]
            stack = f"lambda *xs: jnp.stack(xs, {axis})"
            values = f"*[v.raw_value for v in {name}]"
            after += [f"{place}.raw_value = jax.tree.map({stack}, {values})"]
        return before, after

    def _enter(self) -> Lines:
        if not self.scanned:
            return []
        if all(row.axis == 0 for _, _, row in self.scanned):
            value = "value[k]"
        else:
            value = "jnp.moveaxis(value, axis, 0)[k]"
        target = "v, _, value" if value == "value[k]" else "v, axis, value"
        return [f"for {target} in whole:", f"    v.raw_value = {value}"]

    def _leave(self) -> Lines:
        lines: Lines = []
        if self.scanned:
            lines += ["for (v, _, _), row in zip(whole, rows):"]
            lines += [f"    row.{self._keep('v.raw_value')}"]
        if self.dropped:
            lines += ["for v, value in fixed:", "    v.raw_value = value"]
        for name, place, _ in self.sown:
            lines += [f"{name}.{self._keep(place)}", f"del {place}"]
        return lines

    def _mixed(self) -> bool:
        """Whether some Variable among those of `axes` is not scanned over."""
        rows = [row for _, _, row in [*self.scanned, *self.dropped]]
        return not all(_all_scanned(row) for row in rows)

    def _is_dropped(self, k: int, row: Input) -> bool:
        """Whether a trip's writes are forgotten: those to broadcast Variables, in one mode."""
        written = [path for s in statements(self.case) for path in writes(s)]
        below_it = any(is_prefix(("inputs", k), path) for path in written)
        return self.arm.mode == "graph" and below_it and _some_broadcast(row)

    def _sown(self) -> list[tuple[str, str, int]]:
        """What the body sows into inputs and leaves there: a name, the place, its axis."""
        found: dict[TreePath, tuple[str, str, int]] = {}
        for statement in self.case.body:
            if isinstance(statement, Sow) and statement.at[0] == "inputs":
                path = (*statement.at, statement.name)
                row = self.case.inputs[int(statement.at[1])]
                axis = below(row.axis, path[2:], "Intermediate")
                if isinstance(axis, int):
                    name = f"sown{len(found) or ''}"
                    found.setdefault(path, (name, self.scan.names.place(path), axis))
            if isinstance(statement, Pop):
                gone = [path for path in found if is_prefix(statement.at, path)]
                found = {path: found[path] for path in found if path not in gone}
        return list(found.values())


def _parts(row: Input) -> tuple[Part, ...]:
    return row.axis if isinstance(row.axis, tuple) else (Part(axis=row.axis),)


def _covers(row: Input) -> bool:
    """Whether some part matches every Variable."""
    return any(part.only == "..." and part.under is None for part in _parts(row))


def _is_scanned(row: Input) -> bool:
    return any(isinstance(part.axis, int) for part in _parts(row))


def _all_scanned(row: Input) -> bool:
    return _covers(row) and all(isinstance(part.axis, int) for part in _parts(row))


def _some_broadcast(row: Input) -> bool:
    return not _covers(row) or any(part.axis is None for part in _parts(row))


def _axes(name: str, row: Input) -> str:
    """Every Variable of an input with its axis."""
    if isinstance(row.axis, tuple):
        return f"[(v, axis_in_{name}(path, v)) for path, v in variables({name})]"
    return f"[(v, {row.axis}) for _, v in variables({name})]"


def _axis_function(name: str, parts: tuple[Part, ...]) -> Lines:
    """The axis of a Variable by its path, as the `nnx.StateAxes` has it."""
    lines = [f"def axis_in_{name}(path, v):"]
    for part in parts:
        axis = "nnx.Carry" if part.axis == "carry" else str(part.axis)
        tests = [] if part.only == "..." else [f"isinstance(v, {kind_code(part.only)})"]
        tests += [] if part.under is None else [f'"{part.under}" in path']
        if not tests:
            return [*lines, f"    return {axis}"]
        lines += [f"    if {' and '.join(tests)}:", f"        return {axis}"]
    return [*lines, "    return None"]
