"""Two examples at once, for `nnx.vmap`: numbers that differ by 1, and the loop for each."""

from nnxfuzz.programs.case import ArraySlot, TreePath, reads_objects_only
from nnxfuzz.programs.text import bare, indented
from nnxfuzz.report.code.carry import is_object_slot, written
from nnxfuzz.report.code.helpers import Lines
from nnxfuzz.report.code.loops import Code
from nnxfuzz.report.code.names import spelled
from nnxfuzz.report.code.scene import Scene, Thing


class ExamplesCode:
    """Writes what `nnx.vmap` maps over, and the plain loop for one example after the other.

    Where the body only reads objects, both examples share them, and `vmap` broadcasts them.
    """

    def __init__(self, code: Code) -> None:
        self.code = code
        self.case = code.case
        self.shared = reads_objects_only(code.case)

    def functions(self) -> Lines:
        """`def example(more)`."""
        lines = ["carry = build()"]
        if not self.shared:
            lines += ["for _, v in variables(carry):", "    v.raw_value = plus(v.raw_value, more)"]
            lines += [f"{place} = plus({place}, more)" for place in self._raw("carry")]
        carry = self._carry("plus({}, more)")
        return ["def example(more):", *indented([*lines, f"return {bare(carry)}"]), "", ""]

    def given(self) -> Lines:
        """The lines that stack the two examples as `carry`."""
        lines = ["carry, other = example(0), example(1)"]
        if not self.shared:
            lines += ["for (_, v), (_, w) in zip(variables(carry), variables(other)):"]
            lines += ["    v.raw_value = jnp.stack([v.raw_value, w.raw_value])"]
            places = zip(self._raw("carry"), self._raw("other"), strict=True)
            lines += [f"{one} = jnp.stack([{one}, {two}])" for one, two in places]
        carry = self._carry("jnp.stack([{}, {other}])")
        return lines if carry == self._carry("{}") else [*lines, f"carry = {bare(carry)}"]

    def bounds(self) -> Lines:
        """The examples' upper bounds, where they have their own or nothing else is mapped over."""
        alone = self.shared and not any(isinstance(s, ArraySlot) for s in self.case.carry)
        if not self.code.own_bounds and not alone:
            return []
        upper = self.case.loop.upper
        return [f"jnp.array([{upper}, {self.fewer()}])"]

    def fewer(self) -> int:
        """The upper bound of the second example."""
        loop = self.case.loop
        return max(loop.lower, loop.upper - 1) if self.code.own_bounds else loop.upper

    def axes(self) -> str:
        """`in_axes`, where that is not 0 alone."""
        if not self.shared:
            return ""
        tree = written(self.case, lambda p: "None" if is_object_slot(self.case, p) else "0")
        if "None" not in tree:
            return ""
        return f", in_axes=({', '.join([tree, '0' * bool(self.bounds())])})"

    def plain(self) -> Lines:
        """The plain loop for each example: `starts`, `wants`, and `all_ys`."""
        loop = self.code.plain("example(more)", keeps_start=True)
        kept = ["starts.append(start)", "wants.append(want)"]
        names = ["starts", "wants"]
        if self.case.ys:
            kept.append("all_ys.append(want_ys)")
            names.append("all_ys")
        empty = ", ".join(["[]"] * len(names))
        head = "for more in (0, 1):"
        if self.code.own_bounds:
            pairs = f"((0, {self.case.loop.upper}), (1, {self.fewer()}))"
            head = f"for more, upper in {pairs}:"
        return [f"{', '.join(names)} = {empty}", head, *indented([*loop, *kept])]

    # --- places -----------------------------------------------------------------------------

    def _carry(self, array: str) -> str:
        """The carry with `array` (a template) for each array, and its own objects."""

        def leaf(steps: TreePath) -> str:
            place = spelled(self.case, 0, steps)
            if is_object_slot(self.case, steps):
                return f"carry{place}"
            return array.format(f"carry{place}", other=f"other{place}")

        return written(self.case, leaf)

    def _raw(self, base: str) -> list[str]:
        """The raw array attributes of the carry's objects, each once."""
        met: set[int] = set()
        found: list[str] = []

        def visit(thing: Thing, steps: TreePath, inside: bool) -> None:
            if id(thing) in met:
                return
            met.add(id(thing))
            if thing.kind == "array" and inside:
                found.append(base + spelled(self.case, 0, steps))
            for step, part in thing.parts.items():
                visit(part, (*steps, step), inside or thing.kind == "node")

        visit(Scene(self.case).roots["carry"], (), False)
        return found
