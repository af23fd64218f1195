"""Transforms inside of a body: a function over the carry and further arguments, and the call."""

from nnxfuzz.programs.case import BRANCHES, COUNTS, SCANS, TRANSFORMS, Case, Within
from nnxfuzz.programs.text import bare, indented, joined
from nnxfuzz.report.code.carry import CarryCode
from nnxfuzz.report.code.helpers import Lines

#: The expressions that an inner transform is given beside the carry, by the names of its
#: function's parameters.
Arguments = dict[str, str]


class WithinCode:
    """Writes the inner transforms of one body.

    A loop hands on the whole carry and what else it is given.  Any other transform is called once:
    its function changes objects in place and returns the rest, as all modes allow.  `mode` as in
    `BodyCode`.
    """

    def __init__(self, case: Case, carry: CarryCode, mode: str | None) -> None:
        self.case = case
        self.carry = carry
        self.mode = mode
        self._count = 0

    def lines(
        self, statement: Within, blocks: list[Lines | None], chosen: str, arguments: Arguments
    ) -> Lines:
        """The inner functions, which do the statements of `blocks`, and what calls them."""
        inner, (first, second) = self._name("inner"), blocks
        given = [self.carry.rebuilt(), *arguments.values()]
        if statement.how in TRANSFORMS:
            returned = ", ".join([self.carry.rebuilt(), *arguments])
            function = self._function(inner, first or [], returned, arguments)
            return ["", *function, "", *self._loop(statement, inner, given)]
        lines = self._function(inner, first or [], self._rest(), arguments)
        branches = [inner]
        if statement.how in BRANCHES and (second is not None or self.mode is not None):
            branches.append(self._name("otherwise"))
            lines += ["", *self._function(branches[1], second or [], self._rest(), arguments)]
        return ["", *lines, "", *self._call(statement, branches, chosen, ", ".join(given))]

    def _name(self, stem: str) -> str:
        if stem == "inner":
            self._count += 1
        return stem + (str(self._count) if self._count > 1 else "")

    def _rest(self) -> str:
        """What is no object of the carry, as it is returned and assigned."""
        return bare(joined(arrays)) if (arrays := self.carry.arrays()) else ""

    def _function(self, name: str, body: Lines, returned: str, arguments: Arguments) -> Lines:
        parameter, lines = self.carry.parameter()
        returned = returned if arguments else bare(returned)
        lines = [*lines, *body, *([f"return {returned}"] if returned else [])]
        head = f"def {name}({', '.join([parameter, *arguments])}):"
        return [head, *indented(lines or ["pass"])]

    def _assigned(self, call: str) -> str:
        rest = self._rest()
        return f"{rest} = {call}" if rest else call

    # --- loops ------------------------------------------------------------------------------

    def _loop(self, statement: Within, inner: str, given: list[str]) -> Lines:
        pattern, later = self.carry.pattern("carry")
        name = pattern if pattern.isidentifier() else "carry"
        taken = [f"{bare(pattern)} = carry"] * (pattern not in ("carry", "_", name))
        if pattern == "_":
            name, taken, later = "_", [], []
        if len(given) == 1:
            return [*self._run(statement, inner, name, given[0]), *taken, *later]
        # What the loop hands back of the arguments is what they are, written in place.
        target = ", ".join([name, "_" if len(given) == 2 else "*_"])
        return [*self._run_several(statement, inner, target, joined(given)), *taken, *later]

    def _run(self, statement: Within, inner: str, carry: str, given: str) -> Lines:
        times = statement.times
        if self.mode is None:
            head = [] if given == carry else [f"{carry} = {given}"]
            return [*head, f"for _ in range({times}):", f"    {carry} = {inner}({carry})"]
        return self._called(statement, inner, f"{inner}({{}})", (carry, given))

    def _run_several(self, statement: Within, inner: str, target: str, given: str) -> Lines:
        if self.mode is None:
            times = statement.times
            loop = [f"for _ in range({times}):", f"    val = {inner}(*val)"]
            return [f"val = {given}", *loop, f"{target} = val"]
        return self._called(
            statement, f"lambda val: {inner}(*val)", f"{inner}(*{{}})", (target, given)
        )

    def _called(self, statement: Within, whole: str, step: str, to: tuple[str, str]) -> Lines:
        """A loop of `whole`, a function of what is carried, of which `step` formats a call."""
        (target, given), times = to, statement.times
        mode = f", {self.mode}" if self.mode else ""
        if statement.how in SCANS:
            axes = f"in_axes=nnx.Carry, out_axes=nnx.Carry, length={times}"
            return [f"{target} = nnx.scan({whole}, {axes}{mode})({given})"]
        if statement.how not in COUNTS:
            stepped = f"lambda _, carry: {step.format('carry')}"
            return [f"{target} = nnx.fori_loop(0, {times}, {stepped}, {given}{mode})"]
        goes_on = f"lambda val: val[0] < {times}"
        stepped = f"lambda val: (val[0] + 1, {step.format('val[1]')})"
        start = f"(jnp.array(0, jnp.int32), {given})"
        nested = f"({target})" if "," in target else target
        return [f"_, {nested} = nnx.while_loop({goes_on}, {stepped}, {start}{mode})"]

    # --- transforms that are called once ----------------------------------------------------

    def _call(self, statement: Within, branches: list[str], chosen: str, given: str) -> Lines:
        inner = branches[0]
        if self.mode is None:
            return self._plain(branches, chosen, given)
        mode = f", {self.mode}" if self.mode else ""
        match statement.how:
            case "jit" | "remat":
                return [self._assigned(f"nnx.{statement.how}({inner}{mode})({given})")]
            case "cond":
                functions = ", ".join(branches)
                return [self._assigned(f"nnx.cond({chosen}, {functions}, {given}{mode})")]
            case _:
                functions = joined(branches[::-1])
                index = f"jnp.asarray({chosen}, jnp.int32)"
                return [self._assigned(f"nnx.switch({index}, {functions}, {given}{mode})")]

    def _plain(self, branches: list[str], chosen: str, given: str) -> Lines:
        lines = [self._assigned(f"{branches[0]}({given})")]
        if not chosen:
            return lines
        lines = [f"if {chosen}:", *indented(lines)]
        if len(branches) > 1:
            lines += ["else:", f"    {self._assigned(f'{branches[1]}({given})')}"]
        return lines
