"""What stands around the loop of an arm: another transform, or none, or a loop by hand."""

from collections.abc import Sequence
from typing import assert_never

from nnxfuzz.programs.case import Mode, NodeSlot, NoneSlot, TreePath, VariableSlot, trips
from nnxfuzz.programs.text import bare, indented, joined
from nnxfuzz.report.code.call_style import within_defaults
from nnxfuzz.report.code.carry import is_object_slot, written
from nnxfuzz.report.code.examples import ExamplesCode
from nnxfuzz.report.code.gradient import GradientCode
from nnxfuzz.report.code.helpers import Lines
from nnxfuzz.report.code.loops import Code
from nnxfuzz.report.code.names import spelled

#: What is said of a wrapper above the run.
AROUND = {
    "jit": " in nnx.jit, twice",
    "remat": " in nnx.remat",
    "cond": " in a branch of nnx.cond",
    "bound": " over a bound method",
    "lax": " by hand",
    "vmap": " in nnx.vmap, over two examples",
    "grad": " in nnx.grad",
    "eval_shape": " in nnx.eval_shape",
}

#: The calls of a program: definitions, and the lines that may raise.
Run = tuple[Lines, Lines]


class WrapperCode:
    """Writes the run of one arm, from the carry `carry` to `got`, `ys` and `counter`."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.case = code.case
        self.mode = f", {code.mode}" if code.mode else ""
        #: What writes a plain run that is more than one loop.
        self.own: ExamplesCode | GradientCode | None = None
        if code.arm.examples or code.arm.derives:
            self.own = ExamplesCode(code) if code.arm.examples else GradientCode(code)

    def run(self) -> Run:
        """The run inside of the arm's wrapper."""
        match self.code.arm.wrapper:
            case "plain" | "bound":
                return [], self.called("got", "counter")
            case "jit":
                return self._jit()
            case "remat":
                call = f"nnx.remat(loop{self.mode})({self._given('carry')})"
                return self._loop(), self._taken(call)
            case "cond":
                call = f"nnx.cond(jnp.array(True), loop, skip, {self._given('carry')}{self.mode})"
                return [*self._loop(), "", "", *self._skip()], self._taken(call)
            case "lax":
                return self._by_hand()
            case "vmap":
                return self._vmap()
            case "grad":
                return GradientCode(self.code).run()
            case "eval_shape":
                call = f"nnx.eval_shape(loop, {self._given('carry')}{self.mode})"
                return self._loop(), self._taken(f"zeros({call})" if self._names() else call)
            case other:
                assert_never(other)

    def called(self, carry: str, counter: str) -> Lines:
        """The call with nothing around it; of the same loop twice, if the case has it so."""
        given = ["carry", *[carry] * (self.code.call_style.earlier == "chained")]
        targets = self.code.targets(carry, "ys", counter)
        lines = [f"{targets} = {self.code.call(start)}" for start in given]
        return within_defaults(lines, self.code.arm.mode, self.code.call_style)

    def earlier(self) -> Lines:
        """A loop in another mode, over objects of its own, before there are those of this one."""
        if self.code.call_style.earlier != "mode":
            return []
        mode: Mode = "graph-frozen" if self.code.arm.mode == "graph" else "graph"
        inside = within_defaults([self.code.call(mode=mode)], mode, self.code.call_style)
        note = "# A loop in another mode with the same function, over objects of its own."
        ignored = ["except Exception:", "    pass  # it may refuse"]
        return [
            note,
            f"{', '.join(['carry', *self.code.outer])} = build()",
            "try:",
            *indented(inside),
            *ignored,
        ]

    # --- the loop as a function -------------------------------------------------------------

    def _loop(self, further: Sequence[str] = ()) -> Lines:
        """The loop as a function.  What it was given it changes in place, the rest it returns."""
        call = f"{self.code.targets('carry', 'ys', 'counter')} = {self.code.call()}"
        returned = [f"carry{text}" for text, _ in self._rest()] + self._further()
        if self.code.arm.wrapper == "cond" and "counter" in returned:
            returned[returned.index("counter")] = "jnp.asarray(counter, jnp.int32)"
        lines = [call, *([f"return {bare(joined(returned))}"] if returned else [])]
        return [f"def loop({', '.join([self._given('carry'), *further])}):", *indented(lines)]

    def _skip(self) -> Lines:
        """The branch that is not taken."""
        lower = "lower" if self.code.traced else self.case.loop.lower
        counter = [f"jnp.asarray({lower}, jnp.int32)"] * self.code.arm.counts
        returned = [f"carry{text}" for text, _ in self._rest()] + counter
        lines = [f"return {bare(joined(returned))}"] if returned else ["pass"]
        return [f"def skip({self._given('carry')}):", *indented(lines)]

    def _jit(self) -> Run:
        """Two calls of one function, the second on what the first returned."""
        first = self._taken(f"jitted({self._given('carry')})")
        second = self._taken(f"jitted({self._given('got')})")
        return self._loop(), [f"jitted = nnx.jit(loop{self.mode})", *first, *second]

    def _taken(self, call: str) -> Lines:
        """The call, and `got`: the objects that were given, and what came out for the rest."""
        names = self._names()
        target = f"{bare(joined(names))} = " if names else ""
        return [f"{target}{call}", f"got = {self._carry()}"]

    def _names(self) -> list[str]:
        """What the loop as a function returns."""
        return [name for _, name in self._rest()] + self._further()

    def _vmap(self) -> Run:
        examples = ExamplesCode(self.code)
        given = ["carry", *examples.bounds()]
        axes = examples.axes()
        call = f"nnx.vmap(loop{axes}{self.mode})({', '.join(given)})"
        return self._loop(["upper"] * (len(given) > 1)), self._taken(call)

    def plain_functions(self) -> Lines:
        """Definitions for a plain run that is more than one loop."""
        return self.own.functions() if self.own else []

    def plain(self) -> Lines:
        """A plain run that is more than one loop; nothing where it is that alone."""
        return self.own.plain() if self.own else []

    def given(self) -> Lines:
        """The lines that make the objects for the run."""
        if self.own:
            return self.own.given() if isinstance(self.own, ExamplesCode) else []
        return [*self.earlier(), f"{', '.join(['carry', *self.code.outer])} = build()"]

    def _given(self, carry: str) -> str:
        return ", ".join([carry, *self.code.outer[len(self.case.closure) :]])

    def _further(self) -> list[str]:
        return self.code.scan.emitted("ys") + ["counter"] * self.code.arm.counts

    def _rest(self) -> list[tuple[str, str]]:
        """What of the carry is no object: how it is reached, and its name."""
        names = self.code.names
        return [
            (spelled(self.case, 0, path[1:]), name)
            for path, name in names.slots.items()
            if not isinstance(self.case.carry[names.rows[path]], NodeSlot | VariableSlot | NoneSlot)
        ]

    def _carry(self) -> str:
        """The carry put together: objects from `carry`, the rest by name."""

        def leaf(steps: TreePath) -> str:
            if not is_object_slot(self.case, steps):
                return self.code.names.slots[("carry", *steps)]
            alone = self.code.arm.abstract  # which gives back no objects
            return "None" if alone else "carry" + spelled(self.case, 0, steps)

        return bare(written(self.case, leaf))

    # --- by hand ----------------------------------------------------------------------------

    def _by_hand(self) -> Run:
        """The same loop with `nnx.split`, `nnx.merge` and the loop of `jax.lax`."""
        split = "graphdef, state = nnx.split(carry)"
        targets, call = self._lax()
        merged = "merged = nnx.merge(graphdef, state)"
        calls = [split, f"{targets} = {call}", merged, *self._given_back()]
        return self._step(), [*calls, f"got = {self._carry()}"]

    def _given_back(self) -> Lines:
        """The final state given to the objects of the caller, and a name for each array."""
        names = self.code.names
        lines: Lines = []
        for path, row in names.rows.items():
            place = spelled(self.case, 0, path[1:])
            match self.case.carry[row]:
                case NodeSlot():
                    lines.append(f"nnx.update(carry{place}, nnx.state(merged{place}))")
                case VariableSlot():
                    lines.append(f"carry{place}.raw_value = merged{place}.raw_value")
                case NoneSlot():
                    pass
                case _:
                    lines.append(f"{names.slots[path]} = merged{place}")
        return lines

    def _step(self) -> Lines:
        """The function that the loop is given, over the state."""
        merged = "nnx.merge(graphdef, state)"
        if self.code.arm.scans:
            return self._scan_step(merged)
        if not self.code.arm.counts:
            lines = [f"return nnx.split(body(i, {merged}))[1]"]
            return ["def step(i, state):", *indented(lines)]
        val = "(val[0], nnx.merge(graphdef, val[1]))"
        step = [f"i, carry = body({val})", "return i, nnx.split(carry)[1]"]
        test = f"return cond({val}{', upper' * self.code.traced})"
        return ["def step(val):", *indented(step), "", "", "def goes_on(val):", *indented([test])]

    def _scan_step(self, merged: str) -> Lines:
        scan = self.code.scan
        slices = [*scan.names.inputs, *(["i"] * scan.indexed)]
        ys = scan.emitted("y")
        arguments = scan.arguments(merged, scan.names.inputs, "i")
        lines = [f"{bare(joined(slices))} = xs"] if slices else []
        lines.append(f"{bare(scan.results('carry', ys))} = body({', '.join(arguments)})")
        lines.append(f"return nnx.split(carry)[1], {joined(ys) if ys else None}")
        return ["def step(state, xs):", *indented(lines)]

    def _lax(self) -> tuple[str, str]:
        loop = self.case.loop
        lower, upper = ("lower", "upper") if self.code.traced else (loop.lower, loop.upper)
        if self.code.arm.counts:
            start = f"(jnp.asarray({lower}, jnp.int32), state)"
            return "counter, state", f"jax.lax.while_loop(goes_on, step, {start})"
        if not self.code.arm.scans:
            return "state", f"jax.lax.fori_loop({lower}, {upper}, step, state)"
        scan = self.code.scan
        xs = [*scan.outside(), *(["indices"] * scan.indexed)]
        over = joined(xs) if xs else f"None, length={trips(loop)}"
        reverse = ", reverse=True" * loop.reverse
        ys = joined(scan.emitted("ys")) if self.case.ys else "_"
        return f"state, {ys}", f"jax.lax.scan(step, state, {over}{reverse})"
