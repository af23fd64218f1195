"""The body of a case as Python statements; the meaning is that of `nnxfuzz.programs.live.body`.

One trip takes the carry's containers apart into named places, lets the statements act on them, and
returns the same containers put together again.
"""

from typing import assert_never

from nnxfuzz.programs import case as c
from nnxfuzz.report.code.carry import CarryCode
from nnxfuzz.report.code.helpers import Lines
from nnxfuzz.report.code.names import Names
from nnxfuzz.report.code.objects import Objects
from nnxfuzz.report.code.operands import Operands
from nnxfuzz.report.code.scene import Scene
from nnxfuzz.report.code.within import WithinCode


class BodyCode:
    """Writes the body of one case.

    `mode` are the keyword arguments for the transforms inside of the body; None writes what they
    mean in plain Python.
    """

    def __init__(self, case: c.Case, names: Names, mode: str | None) -> None:
        self.case = case
        self.names = names
        self.objects = Objects(case, names)
        self.scene = Scene(case)
        self.operands = Operands(case, names, self.scene)
        self.carry = CarryCode(case, names)
        self.within = WithinCode(case, self.carry, mode)

    def lines(self) -> Lines:
        """The statements, without the taking apart and the return; ends at a `raise`."""
        found: Lines = []
        for statement in self.case.body:
            found += self.statement(statement)
            self.scene.play(statement)
            if isinstance(statement, c.Raise):
                break
        return found

    def raises(self) -> bool:
        """Whether every trip ends in a `raise`."""
        return any(isinstance(s, c.Raise) for s in self.case.body)

    def ys(self) -> tuple[Lines, list[str]]:
        """What a trip of scan emits, and the lines that prepare it."""
        lines: Lines = []
        found: list[str] = []
        for output in self.case.ys:
            before, text = self._emitted(output.value)
            lines += before
            found.append(text)
        return lines, found

    def _emitted(self, value: c.Operand | c.OfVariable | c.OfNode) -> tuple[Lines, str]:
        if isinstance(value, c.OfVariable | c.OfNode):
            return self.objects.fresh(value)
        # A Const has no target to take its dtype from, so here it is an array of its own.
        array = isinstance(value, c.Const)
        return [], self.operands.array(value) if array else self.operands.operand(value)

    # --- statements -------------------------------------------------------------------------

    def statement(self, statement: c.Statement) -> Lines:
        """One statement as lines."""
        place = self.names.place
        match statement:
            case c.Update():
                return [self.operands.update(statement)]
            case c.Swap(at, other):
                return [f"{place(at)}, {place(other)} = {place(other)}, {place(at)}"]
            case c.Bind(at, source):
                return [f"{place(at)} = {place(source)}"]
            case c.Make(at, what):
                lines, made = self.objects.fresh(what)
                return [*lines, f"{place(at)} = {made}"]
            case c.Drop(at):
                return [f"del {place(at)}"]
            case c.Raise():
                return ['raise BodyError("raised by the body")']
            case c.Everywhere():
                return self._everywhere(statement)
            case c.Sow():
                return [self._sow(statement)]
            case c.Pop(at, named):
                only = f"nnx.All(nnx.Intermediate, nnx.PathContains({named!r})), "
                return [f"nnx.pop({place(at)}, {only if named else ''}nnx.Intermediate)"]
            case c.Train(optimizer, model, at):
                x = self.operands.row(at, self._features(optimizer))
                return [f"train({place(optimizer)}, {place(model)}, {x})"]
            case c.Within():
                return self._within(statement)
            case other:
                assert_never(other)

    def _everywhere(self, statement: c.Everywhere) -> Lines:
        place, value = self.names.place(statement.at), statement.value
        more = f"lambda x: x {'-' if value < 0 else '+'} {abs(value)}"
        match self.scene.get(statement.at).kind:
            case "state":
                return [f"{place} = jax.tree.map({more}, {place})"]
            case "variable":
                return [f"{place}.value = {place}.value {more.removeprefix('lambda x: x ')}"]
            case _:
                pass
        if statement.via == "update":
            return [f"nnx.update({place}, jax.tree.map({more}, nnx.state({place})))"]
        return [
            f"graphdef, state = nnx.split({place})",
            f"merged = nnx.merge(graphdef, jax.tree.map({more}, state))",
            f"nnx.update({place}, nnx.state(merged))",
        ]

    def _sow(self, statement: c.Sow) -> str:
        value = self.operands.array(statement.operand)
        arguments = f'nnx.Intermediate, "{statement.name}", {value}'
        if statement.total:
            thing = self.scene.operand(statement.operand)
            zeros = f"jnp.zeros({thing.shape}, jnp.{thing.dtype})"
            arguments += f", init_fn=lambda: {zeros}, reduce_fn=lambda old, new: old + new"
        return f"{self.names.place(statement.at)}.sow({arguments})"

    def _features(self, optimizer: c.TreePath) -> int:
        """The input features of the model that the optimizer at this place is for."""
        row = self.scene.get(optimizer).model
        model = None if row is None else self.case.nodes[row]
        return model.config.in_features if isinstance(model, c.Linear) else 1

    # --- inner transforms -------------------------------------------------------------------

    def _within(self, statement: c.Within) -> Lines:
        given = {at: self.names.argument(at) for at in statement.args}
        first = self._block(statement.block, given)
        second = None if statement.otherwise is None else self._block(statement.otherwise, given)
        chosen = "" if statement.at is None else f"jnp.sum({self.operands.value(statement.at)}) > 0"
        arguments = {name: self.names.place(at) for at, name in given.items()}
        return self.within.lines(statement, [first, second], chosen, arguments)

    def _block(self, block: int, given: dict[c.TreePath, str]) -> Lines:
        """The statements of a block that has arguments of these names; what they change is not
        followed.
        """
        self.names.arguments = given
        lines = [line for inner in self.case.blocks[block] for line in self.statement(inner)]
        self.names.arguments = {}
        return lines
