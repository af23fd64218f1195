"""Transforms inside of a body: a function over the same carry, and the call of the transform."""

from nnxfuzz.case import Case, Within
from nnxfuzz.code.carry import CarryCode
from nnxfuzz.code.helpers import Lines
from nnxfuzz.code.objects import bare, indented, joined

LOOPS = ("fori_loop", "while_loop", "scan")


class WithinCode:
    """Writes the inner transforms of one body.

    A loop hands the whole carry on.  Any other transform is called once: its function changes
    objects in place and returns the rest, as all modes allow.  `mode` as in `BodyCode`.
    """

    def __init__(self, case: Case, carry: CarryCode, mode: str | None) -> None:
        self.case = case
        self.carry = carry
        self.mode = mode
        self._count = 0

    def lines(self, statement: Within, first: Lines, second: Lines | None, chosen: str) -> Lines:
        """The inner functions, which do `first` and `second`, and what calls them."""
        inner = self._name("inner")
        if statement.how in LOOPS:
            function = self._function(inner, first, self.carry.rebuilt())
            return ["", *function, "", *self._loop(statement, inner)]
        lines = self._function(inner, first, self._rest())
        branches = [inner]
        if statement.how in ("cond", "switch") and (second is not None or self.mode is not None):
            branches.append(self._name("otherwise"))
            lines += ["", *self._function(branches[1], second or [], self._rest())]
        return ["", *lines, "", *self._call(statement, branches, chosen)]

    def _name(self, stem: str) -> str:
        if stem == "inner":
            self._count += 1
        return stem + (str(self._count) if self._count > 1 else "")

    def _rest(self) -> str:
        """What is no object of the carry, as it is returned and assigned."""
        return bare(joined(arrays)) if (arrays := self.carry.arrays()) else ""

    def _function(self, name: str, body: Lines, returned: str) -> Lines:
        parameter, lines = self.carry.parameter()
        lines = [*lines, *body, *([f"return {bare(returned)}"] if returned else [])]
        return [f"def {name}({parameter}):", *indented(lines or ["pass"])]

    def _assigned(self, call: str) -> str:
        rest = self._rest()
        return f"{rest} = {call}" if rest else call

    # --- loops ------------------------------------------------------------------------------

    def _loop(self, statement: Within, inner: str) -> Lines:
        given = self.carry.rebuilt()
        pattern, later = self.carry.pattern("carry")
        name = pattern if pattern.isidentifier() else "carry"
        taken = [f"{bare(pattern)} = carry"] * (pattern not in ("carry", "_", name))
        if pattern == "_":
            name, taken, later = "_", [], []
        return [*self._run(statement, inner, name, given), *taken, *later]

    def _run(self, statement: Within, inner: str, carry: str, given: str) -> Lines:
        times = statement.times
        if self.mode is None:
            head = [] if given == carry else [f"{carry} = {given}"]
            return [*head, f"for _ in range({times}):", f"    {carry} = {inner}({carry})"]
        mode = f", {self.mode}" if self.mode else ""
        match statement.how:
            case "fori_loop":
                step = f"lambda _, carry: {inner}(carry)"
                return [f"{carry} = nnx.fori_loop(0, {times}, {step}, {given}{mode})"]
            case "while_loop":
                goes_on = f"lambda val: val[0] < {times}"
                step = f"lambda val: (val[0] + 1, {inner}(val[1]))"
                start = f"(jnp.array(0, jnp.int32), {given})"
                return [f"_, {carry} = nnx.while_loop({goes_on}, {step}, {start}{mode})"]
            case _:
                axes = f"in_axes=nnx.Carry, out_axes=nnx.Carry, length={times}"
                return [f"{carry} = nnx.scan({inner}, {axes}{mode})({given})"]

    # --- transforms that are called once ----------------------------------------------------

    def _call(self, statement: Within, branches: list[str], chosen: str) -> Lines:
        given, inner = self.carry.rebuilt(), branches[0]
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
