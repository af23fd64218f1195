"""A case as a page of text: its objects, its program, and what is wrong with it.

For reading in a terminal; nothing here runs the case.  Objects are drawn as an indented tree in
which a numbered object stands in full where it is met first and as `-> #2 (same object)` after
that, so sharing and cycles are plain to see.
"""

from typing import assert_never

from nnxfuzz.case import (
    Arm,
    Array,
    ArraySlot,
    Attribute,
    Case,
    DictSlot,
    Linear,
    ListSlot,
    Module,
    NodeSlot,
    NoneSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    ScalarSlot,
    Sequence,
    TupleSlot,
    Variable,
    VariableSlot,
)
from nnxfuzz.code import Code, Lines, indented, shape_of, transform_name
from nnxfuzz.code.layout import laid_out
from nnxfuzz.verdict import Difference, Failure, Finding, dotted

ENTRIES = 6
MESSAGE_LINES = 4


def show(case: Case, arm: Arm, finding: Finding | None, title: str) -> str:
    """The page, without a final newline."""
    code = Code(case, arm)
    head = str(finding.signature) if finding else f"{transform_name(arm.transform)}, {arm.mode}"
    sections = [
        ("objects", Drawing(case, code).lines()),
        ("program", _program(code)),
        ("differences", _differences(finding.differences) if finding else []),
        ("failure", _failure(finding.failure) if finding and finding.failure else []),
    ]
    lines = [title, head]
    for name, section in sections:
        lines += ["", name, *indented(section)] if section else []
    return "\n".join(lines)


# --- objects --------------------------------------------------------------------------------


class Drawing:
    """Draws the carry, the closure and the inputs of one case."""

    def __init__(self, case: Case, code: Code) -> None:
        self.case = case
        self.classes = code.names.classes
        self.outer = code.names.closure
        self._numbers: dict[tuple[str, int], int] = {}

    def lines(self) -> Lines:
        """The whole drawing."""
        lines = self._slot("carry", 0)
        for name, held in zip(self.outer, self.case.closure, strict=True):
            lines += self._attribute(f"closure {name}", held)
        return lines + [f"xs[{k}]: {array_text(x)}" for k, x in enumerate(self.case.xs)]

    def _slot(self, label: str, row: int) -> Lines:
        slot = self.case.carry[row]
        match slot:
            case TupleSlot(items) | ListSlot(items):
                kind = "list" if isinstance(slot, ListSlot) else "tuple"
                below = [self._slot(f"[{k}]", item) for k, item in enumerate(items)]
                return [f"{label}: {kind} of {len(items)}", *indented(flattened(below))]
            case DictSlot(entries):
                below = [self._slot(f'["{key}"]', item) for key, item in entries.items()]
                return [f"{label}: dict of {len(entries)}", *indented(flattened(below))]
            case NoneSlot():
                return [f"{label}: None"]
            case NodeSlot(node):
                return self._attribute(label, OfNode(node))
            case VariableSlot(variable):
                return self._attribute(label, OfVariable(variable))
            case ArraySlot(array):
                return self._attribute(label, OfArray(array))
            case ScalarSlot(value):
                return [f"{label}: {value!r} (a Python {type(value).__name__})"]
            case other:
                assert_never(other)

    def _attribute(self, label: str, held: Attribute) -> Lines:
        match held:
            case OfVariable(row):
                text = variable_text(self.case.variables[row])
                return [f"{label}: {self._numbered('variable', row, text)[0]}"]
            case OfNode(row):
                return self._node(label, row)
            case OfArray(array):
                return [f"{label}: {array_text(array)}"]
            case OfStatic(value):
                return [f"{label}: {value!r} (static)"]
            case other:
                assert_never(other)

    def _numbered(self, table: str, row: int, text: str) -> tuple[str, bool]:
        """The object's text with its number, or a pointer to where it was met; if it is new."""
        known = self._numbers.get((table, row))
        if known is not None:
            return f"-> #{known} (same object)", False
        number = self._numbers[table, row] = len(self._numbers) + 1
        return f"#{number} {text}", True

    def _node(self, label: str, row: int) -> Lines:
        node = self.case.nodes[row]
        match node:
            case Module(attributes):
                kind, below = self.classes[shape_of(node)], list(attributes.items())
            case Sequence(items):
                kind, below = "nnx.List", [(f"[{k}]", held) for k, held in enumerate(items)]
            case Linear(config, seed):
                bias = "" if config.use_bias else ", use_bias=False"
                size = f"{config.in_features}, {config.out_features}"
                kind, below = f"nnx.Linear({size}{bias}), seed {seed}", []
            case other:
                assert_never(other)
        text, new = self._numbered("node", row, kind)
        held_lines = [self._attribute(name, held) for name, held in below] if new else []
        return [f"{label}: {text}", *indented(flattened(held_lines))]


def flattened(blocks: list[Lines]) -> Lines:
    """The blocks' lines, one after another."""
    return [line for block in blocks for line in block]


def variable_text(variable: Variable) -> str:
    """A Variable in one line."""
    tag = "" if variable.tag is None else f", tag {variable.tag!r}"
    return f"{variable.kind} {array_text(variable.value)}{tag}"


def array_text(array: Array) -> str:
    """An array in one line: dtype, shape and the first entries."""
    shape = ", ".join(map(str, array.shape))
    if isinstance(array.fill, str):
        return f"{array.dtype}[{shape}] all {array.fill}"
    size = 1
    for length in array.shape:
        size *= length
    shown = [str(array.fill + k) for k in range(min(size, ENTRIES))]
    more = ["..."] if size > ENTRIES else []
    return f"{array.dtype}[{shape}] {' '.join([*shown, *more]) or 'empty'}".rstrip()


# --- program --------------------------------------------------------------------------------


def _program(code: Code) -> Lines:
    """The body and the call, as Python."""
    returned = code.targets("carry", "ys", "i")
    inputs = [*code.inputs(), ""] if code.inputs() else []
    called = f"{returned} = {code.call()}"
    if not code.traced:
        return laid_out([*inputs, *code.functions(), "", called])
    loop = code.case.loop
    note = f"# In jax.jit, with lower, upper = {loop.lower}, {loop.upper} traced."
    return laid_out([*code.functions(), "", note, called])


# --- evidence -------------------------------------------------------------------------------


def _differences(differences: tuple[Difference, ...]) -> Lines:
    """A table of what was expected and what came."""
    if not differences:
        return []
    rows = [("where", "what", "expected", "got")]
    rows += [(dotted(d.path), d.aspect, d.expected, d.got) for d in differences]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        + f"  {row[3]}"
        for row in rows
    ]


def _failure(failure: Failure) -> Lines:
    """The exception: its type, where flax raised it, the first lines of its text."""
    where = f" in flax's {failure.function}" if failure.function else ""
    message = failure.message.splitlines()
    more = ["..."] if len(message) > MESSAGE_LINES else []
    return [f"{failure.error}{where}", *indented([*message[:MESSAGE_LINES], *more])]
