"""The gradient of what a loop comes to: of the sum of all its floats, for those it starts with."""

from collections.abc import Iterator

from nnxfuzz.programs import case as c
from nnxfuzz.programs.case.places import Holder, reached, slot_thing
from nnxfuzz.programs.text import bare, indented, joined
from nnxfuzz.report.code.carry import is_object_slot, written
from nnxfuzz.report.code.helpers import Lines
from nnxfuzz.report.code.loops import Code
from nnxfuzz.report.code.names import spelled


class GradientCode:
    """Writes the two functions, and their gradients `grads` and `want_grads`."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.case = code.case
        self.mode = f", {code.mode}" if code.mode else ""

    def run(self) -> tuple[Lines, Lines]:
        """The function that goes through Flax, and its gradient."""
        call = f"{self.code.targets('got', 'ys', 'counter')} = {self.code.call()}"
        emitted = self.code.scan.emitted("ys")
        function = self._function("flax_total", [call], "got", emitted)
        return function, [f"grads = nnx.grad(flax_total{self.mode})(floats)"]

    def functions(self) -> Lines:
        """The same sum in plain Python."""
        emitted = ["*jax.tree.leaves(want_ys)"] if self.case.ys else []
        loop = self.code.plain("carry")
        return [*self._function("plain_total", loop, "want", emitted), "", ""]

    def plain(self) -> Lines:
        """What the loop starts with, and the gradient of the plain loop."""
        floats = joined([*self._places("start"), *self._inputs()], "list")
        return [
            "start = build()",
            f"floats = {floats}",
            "want_grads = jax.grad(plain_total)(floats)",
        ]

    def _function(self, name: str, loop: Lines, after: str, emitted: list[str]) -> Lines:
        loose = [
            f"{after}{spelled(self.case, 0, path)}"
            for path in self._slots()
            if not is_object_slot(self.case, path)
        ]
        values = ["*held", *loose, *emitted]
        held = "held = [v.raw_value for _, v in variables(given)]"
        lines = [*self._start(), "given = carry", *loop, held]
        lines.append(f"return summed({', '.join(values)})")
        return [f"def {name}(floats):", *indented(lines)]

    # --- what it starts with ----------------------------------------------------------------

    def _start(self) -> Lines:
        """The objects and arrays, with the given floats in their places."""
        lines = ["carry = build()"]
        arrays: dict[c.TreePath, int] = {}
        for k, path in enumerate(self._floats()):
            if self._is_slot(path):
                arrays[path] = k
            else:
                lines.append(f"carry{spelled(self.case, 0, path)}.raw_value = floats[{k}]")
        if arrays:

            def leaf(steps: c.TreePath) -> str:
                own = f"carry{spelled(self.case, 0, steps)}"
                return f"floats[{arrays[steps]}]" if steps in arrays else own

            lines.append(f"carry = {bare(written(self.case, leaf))}")
        first = len(list(self._floats()))
        return lines + [f"{name} = floats[{first + k}]" for k, name in enumerate(self._inputs())]

    def _places(self, base: str) -> list[str]:
        return [
            base + spelled(self.case, 0, path) + ("" if self._is_slot(path) else ".raw_value")
            for path in self._floats()
        ]

    def _inputs(self) -> list[str]:
        """The arrays of floats that scan runs over, by name."""
        return [
            name
            for name, row in zip(self.code.scan.outside(), self.case.inputs, strict=True)
            if isinstance(row.what, c.OfArray) and row.what.array.dtype != "int32"
        ]

    def _is_slot(self, path: c.TreePath) -> bool:
        return path in self._slots() and not is_object_slot(self.case, path)

    def _slots(self) -> list[c.TreePath]:
        """The steps to each slot of the carry that is no container, in order."""
        found: list[c.TreePath] = []

        def leaf(steps: c.TreePath) -> str:
            found.append(steps)
            return ""

        written(self.case, leaf)
        return found

    def _floats(self) -> Iterator[c.TreePath]:
        """The floats below the carry in the order in which they are built, each once."""
        met: set[int | None] = set()
        for path, thing in reached(self.case, (), slot_thing(self.case, 0)):
            if isinstance(thing, Holder) and thing.form in ("variable", "array"):
                if thing.dtype != "int32" and (thing.row is None or thing.row not in met):
                    yield path
                met.add(thing.row)
