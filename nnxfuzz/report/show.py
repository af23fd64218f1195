"""A case as a page of text: its objects, its program, and what is wrong with it.

For reading in a terminal; nothing here runs the case.  Objects are drawn as an indented tree in
which a numbered object stands in full where it is met first and as `-> #2 (same object)` after
that, so sharing and cycles are plain to see.
"""

from typing import assert_never

from nnxfuzz.oracle.verdict import Blame, Cell, Difference, Failure, Finding, dotted
from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import entries_of
from nnxfuzz.report.code import Code, Lines, WrapperCode, indented, shape_of, transform_name
from nnxfuzz.report.code.axes import axis_code
from nnxfuzz.report.code.call_style import body_note
from nnxfuzz.report.code.layout import laid_out
from nnxfuzz.report.code.names import step_code

ENTRIES = 6
MESSAGE_LINES = 4

#: Of a value in the table of differences.
LETTERS = 50


def show(
    case: c.Case,
    arm: c.Arm,
    finding: Finding | None,
    title: str,
    cells: tuple[Cell, ...] = (),
    blame: Blame | None = None,
) -> str:
    """The page, without a final newline; `cells` is what the case came to on each arm."""
    head = str(finding.signature) if finding else f"{transform_name(arm.transform)}, {arm.mode}"
    sections = [("objects", objects(case, arm)), ("program", program(case, arm))]
    return paged(title, head, sections, finding, cells, blame)


def paged(
    title: str,
    head: str,
    sections: list[tuple[str, Lines]],
    finding: Finding | None,
    cells: tuple[Cell, ...],
    blame: Blame | None,
) -> str:
    """A page of these sections, and of what was found."""
    sections += [
        ("differences", _differences(finding.differences) if finding else []),
        ("failure", _failure(finding.failure) if finding and finding.failure else []),
        ("arms", _arms(cells, blame)),
    ]
    lines = [title, head]
    for name, section in sections:
        lines += ["", name, *indented(section)] if section else []
    return "\n".join(lines)


# --- objects --------------------------------------------------------------------------------


def objects(case: c.Case, arm: c.Arm) -> Lines:
    """The objects before the loop, with what is one object marked."""
    return Drawing(case, Code(case, arm)).lines()


class Drawing:
    """Draws the carry, the closure and the inputs of one case."""

    def __init__(self, case: c.Case, code: Code) -> None:
        self.case = case
        self.classes = code.names.classes
        self.outer = code.names.closure
        self.inner = code.names.inputs
        self._numbers: dict[tuple[str, int], int] = {}

    def lines(self) -> Lines:
        """The whole drawing."""
        lines = self._slot("carry", 0)
        for name, held in zip(self.outer, self.case.closure, strict=True):
            lines += self._attribute(f"closure {name}", held)
        for name, row in zip(self.inner, self.case.inputs, strict=True):
            lines += self._attribute(f"input {name}, {axis_text(row)}", row.what)
        return lines

    def _slot(self, label: str, row: int) -> Lines:
        slot = self.case.carry[row]
        match slot:
            case c.TupleSlot() | c.ListSlot() | c.DictSlot() | c.RecordSlot():
                below = [self._slot(step_code(slot, k), item) for k, item in entries_of(slot)]
                return [f"{label}: {container_text(slot)}", *indented(flattened(below))]
            case c.NoneSlot():
                return [f"{label}: None"]
            case c.NodeSlot(node):
                return self._attribute(label, c.OfNode(node))
            case c.StateSlot(node):
                return self._attribute(f"{label}: the nnx.State of", c.OfNode(node))
            case c.VariableSlot(variable):
                return self._attribute(label, c.OfVariable(variable))
            case c.ArraySlot(array):
                return self._attribute(label, c.OfArray(array))
            case c.ScalarSlot(value):
                return [f"{label}: {value!r} (a Python {type(value).__name__})"]
            case other:
                assert_never(other)

    def _attribute(self, label: str, held: c.Attribute) -> Lines:
        match held:
            case c.OfVariable(row):
                text = variable_text(self.case.variables[row])
                return [f"{label}: {self._numbered('variable', row, text)[0]}"]
            case c.OfNode(row):
                return self._node(label, row)
            case c.OfArray(array, marked):
                return [f"{label}: {array_text(array)}{' (nnx.data)' if marked else ''}"]
            case c.OfStatic(value, marked):
                return [f"{label}: {value!r} ({'nnx.static' if marked else 'static'})"]
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
        kind, below = described(node, self.classes)
        text, new = self._numbered("node", row, kind)
        held_lines = [self._attribute(name, held) for name, held in below] if new else []
        return [f"{label}: {text}", *indented(flattened(held_lines))]


def described(
    node: c.Node, classes: dict[tuple[str, ...], str]
) -> tuple[str, list[tuple[str, c.Attribute]]]:
    """The kind of a node in words, and what it holds; `classes` are the names of modules."""
    match node:
        case c.Module(attributes):
            return classes[shape_of(node)], list(attributes.items())
        case c.Sequence(items):
            return "nnx.List", [(f"[{k}]", held) for k, held in enumerate(items)]
        case c.Mapping(named):
            return "nnx.Dict", list(named.items())
        case c.Linear(config, seed, stack):
            return f"{linear_text(config)}, {seeds_text(seed, stack)}", []
        case c.Layer(kind, seed, stack):
            return f"nnx.{kind}, {seeds_text(seed, stack)}", []
        case c.Streams(seeds, splits):
            given = ", ".join(f"{name}={seed}" for name, seed in seeds.items())
            return f"nnx.Rngs({given}){'' if splits is None else f', split in {splits}'}", []
        case c.Optimizer(model, rule):
            return f"nnx.Optimizer, {rule}", [("for", c.OfNode(model))]
        case other:
            assert_never(other)


def container_text(slot: c.Container) -> str:
    """A container of the carry in words."""
    kind = slot.kind if isinstance(slot, c.RecordSlot) else slot.__struct_config__.tag
    return f"{kind} of {len(slot.items)}"


def linear_text(config: c.LinearConfig) -> str:
    """A Linear's arguments in one line."""
    bias = "" if config.use_bias else ", use_bias=False"
    ones = ", all ones" if config.init == "ones" else ""
    return f"nnx.Linear({config.in_features}, {config.out_features}{bias}){ones}"


def seeds_text(seed: int, stack: int | None) -> str:
    """The seed of a layer, or those of a stack of layers."""
    return f"seed {seed}" if stack is None else f"{stack} stacked from seed {seed} on"


def axis_text(row: c.Input) -> str:
    """What becomes of an input, in words."""
    match row.axis:
        case None:
            return "broadcast"
        case int(axis):
            return f"axis {axis}"
        case _:
            return axis_code(row.axis)


def flattened(blocks: list[Lines]) -> Lines:
    """The blocks' lines, one after another."""
    return [line for block in blocks for line in block]


def variable_text(variable: c.Variable) -> str:
    """A Variable in one line."""
    tag = "" if variable.tag is None else f", tag {variable.tag!r}"
    names = "" if variable.names is None else f", axes named {', '.join(map(str, variable.names))}"
    hook = "" if variable.hook is None else f", on_{variable.hook}_value"
    ref = ", by reference" * variable.ref
    return f"{variable.kind} {array_text(variable.value)}{tag}{names}{hook}{ref}"


def array_text(array: c.Array) -> str:
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


def program(case: c.Case, arm: c.Arm) -> Lines:
    """The body and the call, as Python."""
    code = Code(case, arm)
    inputs = [*code.inputs(), ""] if code.inputs() else []
    wrapped = WrapperCode(code)
    define, calls = wrapped.run()
    if code.arm.wrapper == "plain":
        calls = [*wrapped.earlier(), *wrapped.called("carry", "i")]
    called = [*define, "", *calls] if define else calls
    functions = [*body_note(case.call_style), *code.functions()]
    if not code.traced:
        return laid_out([*inputs, *functions, "", *called])
    loop = code.case.loop
    note = f"# In jax.jit, with lower, upper = {loop.lower}, {loop.upper} traced."
    return laid_out([*functions, "", note, *called])


# --- evidence -------------------------------------------------------------------------------


def _differences(differences: tuple[Difference, ...]) -> Lines:
    """A table of what was expected and what came."""
    if not differences:
        return []
    rows = [("where", "what", "expected", "got")]
    rows += [(dotted(d.path), d.aspect, *_where_unlike(d.expected, d.got)) for d in differences]
    widths = [max(len(row[k]) for row in rows) for k in range(3)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        + f"  {row[3]}"
        for row in rows
    ]


def _where_unlike(expected: str, got: str) -> tuple[str, str]:
    """Two texts, of long ones the part around the first character that differs."""
    if max(len(expected), len(got)) <= LETTERS:
        return expected, got
    pairs = enumerate(zip(expected, got, strict=False))
    unlike = next((at for at, (one, other) in pairs if one != other), min(len(expected), len(got)))
    start = max(unlike - LETTERS // 2, 0)
    return _part(expected, start), _part(got, start)


def _part(text: str, start: int) -> str:
    end = start + LETTERS
    return "..." * (start > 0) + text[start:end] + "..." * (end < len(text))


def _failure(failure: Failure) -> Lines:
    """The exception: its type, where flax raised it, the first lines of its text."""
    where = f" in flax's {failure.function}" if failure.function else ""
    message = failure.message.splitlines()
    more = ["..."] if len(message) > MESSAGE_LINES else []
    return [f"{failure.error}{where}", *indented([*message[:MESSAGE_LINES], *more])]


def _arms(cells: tuple[Cell, ...], blame: Blame | None) -> Lines:
    """Where it shows and where not, and whose fault that makes it."""
    if not cells:
        return []
    names = [arm_text(cell.arm) for cell in cells]
    width = max(map(len, names))
    lines = [
        f"{name.ljust(width)}  {cell.outcome}" for name, cell in zip(names, cells, strict=True)
    ]
    return lines if blame is None else [*lines, "", BLAMES[blame]]


#: What a blame means.
BLAMES: dict[Blame, str] = {
    "flax": "blame: flax (the same loop written by hand over jax.lax is right)",
    "jax": "blame: jax (the same loop written by hand over jax.lax is wrong too)",
}


def arm_text(arm: c.Arm) -> str:
    """An arm in words: `fori_loop graph in jit`."""
    around = "" if arm.wrapper == "plain" else f" in {arm.wrapper}"
    return f"{arm.transform} {arm.mode}{around}"
