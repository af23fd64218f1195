"""Source code that makes a case's objects: arrays, Variables, classes, `build()`."""

from typing import assert_never

from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import entries_of, held_by
from nnxfuzz.programs.text import (
    array_code,
    bare,
    indented,
    literal,
    scalar_code,
    variable_code,
)
from nnxfuzz.report.code import layers
from nnxfuzz.report.code.helpers import Lines
from nnxfuzz.report.code.names import Names, container_code, record_name
from nnxfuzz.report.code.reach import Reach, Shape, reach, shape_of

# --- objects --------------------------------------------------------------------------------


def is_object(held: c.Attribute) -> bool:
    """Whether it is a reference object rather than a value."""
    return isinstance(held, c.OfNode | c.OfVariable)


class Objects:
    """Writes the definitions of a case's objects with the given names."""

    def __init__(self, case: c.Case, names: Names) -> None:
        self.case = case
        self.names = names

    def classes(self) -> Lines:
        """The module classes, the user's Variable type and `List`, as far as they are used."""
        lines: Lines = []
        if any(v.kind == "Custom" for v in self.case.variables):
            lines += ["class Custom(nnx.Variable):", "    pass", "", ""]
        for shape, name in self.names.classes.items():
            lines += [*self._class(shape, name), "", ""]
        lines += self._records()
        if any(isinstance(self.case.nodes[row], c.Sequence) for row in self.names.nodes):
            lines += ['List = getattr(nnx, "List", list)  # a plain list on older releases', "", ""]
        return lines

    def _records(self) -> Lines:
        """The classes of the carry's named tuples and dataclasses."""
        heads = {"namedtuple": ["class {}(typing.NamedTuple):"]}
        heads["dataclass"] = ["@flax.struct.dataclass", "class {}:"]
        lines: Lines = []
        for slot in self.case.carry:
            if isinstance(slot, c.RecordSlot):
                head = [line.format(record_name(self.case, slot)) for line in heads[slot.kind]]
                fields = [f"{name}: typing.Any" for name in slot.items] or ["pass"]
                if head[-1] not in lines:
                    lines += [*head, *indented(fields), "", ""]
        return lines

    def _class(self, shape: Shape, name: str) -> Lines:
        given = [a for a in shape if a not in self.names.deferred[shape]]
        head = f"class {name}(nnx.Module):"
        if not given:
            return [head, "    pass"]
        init = f"    def __init__(self, {', '.join(given)}):"
        return [head, init, *(f"        self.{a} = {a}" for a in given)]

    def build(self) -> Lines:
        """`def build()`, which returns the carry and the objects of the closure and the inputs."""
        lines, carry, outer = self.built()
        returned = bare(carry) if not outer else ", ".join([carry, *outer])
        return ["def build():", *indented([*lines, f"return {returned}"])]

    def built(self) -> tuple[Lines, str, list[str]]:
        """What `build` does, and what it returns: the carry, and the objects beside it."""
        naming = {row: self.names.nodes[row] for row in self.names.live.nodes}
        lines = [f"{name} = {self._variable(row)}" for row, name in self.names.variables.items()]
        lines += self._definitions(self.names.live, naming, self.names.variables)
        carry = self.slot(0)
        lines += self._splits(self.names.live, naming)
        further = [*self.case.closure, *(i.what for i in self.case.inputs if is_object(i.what))]
        return lines, carry, [self.attribute(h, naming, self.names.variables) for h in further]

    def slot(self, row: int) -> str:
        """The initial carry from `row` on."""
        slot = self.case.carry[row]
        match slot:
            case c.TupleSlot() | c.ListSlot() | c.DictSlot() | c.RecordSlot():
                parts = [self.slot(item) for _, item in entries_of(slot)]
                return container_code(self.case, slot, parts)
            case c.NoneSlot():
                return "None"
            case c.NodeSlot(node):
                return self.names.nodes[node]
            case c.StateSlot(node):
                return f"nnx.state({self.names.nodes[node]})"
            case c.VariableSlot(variable):
                return self.names.variables[variable]
            case c.ArraySlot(array):
                return array_code(array)
            case c.ScalarSlot(value):
                return scalar_code(value)
            case other:
                assert_never(other)

    def fresh(self, what: c.Attribute) -> tuple[Lines, str]:
        """Lines that prepare a newly built `what`, and the expression for it."""
        found = reach(self.case, [what])
        shared = sorted(row for row, uses in found.uses.items() if uses > 1)
        variables = {row: f"new_v{row}" for row in shared}
        naming = {row: f"new_{self.names.nodes[row]}" for row in found.nodes}
        lines = self._splits(found, naming)
        simple = len(found.nodes) == 1 and not shared and not found.back and not lines
        if isinstance(what, c.OfNode) and simple:
            return [], self._node(what.node, naming, variables)
        head = [f"{name} = {self._variable(row)}" for row, name in variables.items()]
        head += self._definitions(found, naming, variables)
        return [*head, *lines], self.held(what, naming, variables)

    def held(self, held: c.Attribute, nodes: dict[int, str], variables: dict[int, str]) -> str:
        """What is assigned to an attribute, marked where the row says so."""
        text = self.attribute(held, nodes, variables)
        match held:
            case c.OfArray(_, True):
                return f"data({text})"
            case c.OfStatic(_, True):
                return f"static({text})"
            case _:
                return text

    def attribute(self, held: c.Attribute, nodes: dict[int, str], variables: dict[int, str]) -> str:
        """What an attribute holds: a name if it has one."""
        match held:
            case c.OfVariable(row):
                return variables.get(row) or self._variable(row)
            case c.OfNode(row):
                return nodes[row]
            case c.OfArray(array):
                return array_code(array)
            case c.OfStatic(value):
                return literal(value)
            case other:
                assert_never(other)

    def _variable(self, row: int) -> str:
        return variable_code(self.case.variables[row])

    def _definitions(self, found: Reach, nodes: dict[int, str], variables: dict[int, str]) -> Lines:
        """One line per node, then the attributes that close cycles."""
        lines = [f"{nodes[row]} = {self._node(row, nodes, variables)}" for row in found.nodes]
        for row in found.nodes:
            for key, held in self._late(row):
                append = isinstance(key, int)
                value = (self.attribute if append else self.held)(held, nodes, variables)
                lines.append(
                    f"{nodes[row]}.append({value})" if append else f"{nodes[row]}.{key} = {value}"
                )
        return lines

    def _splits(self, found: Reach, nodes: dict[int, str]) -> Lines:
        """The lines that split streams, once nothing draws from them any more."""
        streams = [(row, self.case.nodes[row]) for row in found.nodes]
        return [
            f"nnx.split_rngs({nodes[row]}, splits={node.splits})"
            for row, node in streams
            if isinstance(node, c.Streams) and node.splits is not None
        ]

    def _late(self, row: int) -> list[tuple[str | int, c.Attribute]]:
        """What is not given on construction, because it closes a cycle."""
        node = self.case.nodes[row]
        match node:
            case c.Module():
                late = self.names.deferred[shape_of(node)]
                return [(name, held) for name, held in held_by(node) if name in late]
            case c.Sequence():
                return held_by(node)[self._early_items(row, node) :]
            case c.Mapping():
                return [(name, held) for name, held in held_by(node) if self._closes(row, name)]
            case c.Linear() | c.Layer() | c.Streams() | c.Optimizer():
                return []
            case other:
                assert_never(other)

    def _closes(self, row: int, name: str | int) -> bool:
        return (row, name) in self.names.closing

    def _early_items(self, row: int, sequence: c.Sequence) -> int:
        """How many items come before the first that closes a cycle."""
        keys = [key for owner, key in self.names.closing if owner == row]
        return min((key for key in keys if isinstance(key, int)), default=len(sequence.items))

    def _node(self, row: int, nodes: dict[int, str], variables: dict[int, str]) -> str:
        node = self.case.nodes[row]
        match node:
            case c.Module():
                return self._module(node, nodes, variables)
            case c.Sequence(items):
                early = items[: self._early_items(row, node)]
                inner = ", ".join(self.attribute(held, nodes, variables) for held in early)
                return f"List([{inner}])"
            case c.Mapping(named):
                pairs = [
                    f'"{name}": {self.held(held, nodes, variables)}'
                    for name, held in named.items()
                    if not self._closes(row, name)
                ]
                return f"nnx.Dict({{{', '.join(pairs)}}})"
            case c.Linear() | c.Layer():
                return layers.made(node)
            case c.Streams(seeds):
                return f"nnx.Rngs({', '.join(f'{name}={seed}' for name, seed in seeds.items())})"
            case c.Optimizer(model, rule):
                return f"nnx.Optimizer({nodes[model]}, {rule}, wrt=nnx.Param)"
            case other:
                assert_never(other)

    def _module(self, module: c.Module, nodes: dict[int, str], variables: dict[int, str]) -> str:
        shape = shape_of(module)
        late = self.names.deferred[shape]
        given = {
            name: self.held(held, nodes, variables)
            for name, held in module.attributes.items()
            if name not in late
        }
        if len(given) == 1:
            return f"{self.names.classes[shape]}({next(iter(given.values()))})"
        inner = ", ".join(f"{name}={value}" for name, value in given.items())
        return f"{self.names.classes[shape]}({inner})"
