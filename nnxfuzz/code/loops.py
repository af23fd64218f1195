"""The loop around a body: the function that the transform takes, the call, and plain Python.

`Code` is what the other modules use: every part of a program as lines of source.
"""

from typing import assert_never

from nnxfuzz.case import Arm, Case, Mode, Read, Transform, trips, uses_index
from nnxfuzz.code.body import BODY_ERROR, BodyCode, input_names
from nnxfuzz.code.names import Names
from nnxfuzz.code.objects import Lines, Objects, array_code, bare, indented, joined

#: The keyword arguments that select a mode.
MODE_ARGUMENTS: dict[Mode, str] = {
    "graph": "",
    "gnu": "graph=True, graph_updates=False",
    "tree": "graph=False",
}


class Code:
    """The source of one arm of a case, part by part."""

    def __init__(self, case: Case, arm: Arm) -> None:
        self.case = case
        self.arm = arm
        self.names = Names(case)
        self.objects = Objects(case, self.names)
        self.traced = case.loop.bounds == "traced"

    def classes(self) -> Lines:
        """Class definitions, each followed by two empty lines."""
        raises = BodyCode(self.case, self.names).raises()
        return ([*BODY_ERROR, "", ""] if raises else []) + self.objects.classes()

    def build(self) -> Lines:
        """`def build()`."""
        return self.objects.build()

    def inputs(self) -> Lines:
        """`xs = ...`, what scan runs over; nothing if it runs over nothing."""
        parts = [array_code(array) for array in self.case.xs]
        if uses_index(self.case):
            loop = self.case.loop
            parts.insert(0, f"jnp.arange({loop.lower}, {max(loop.lower, loop.upper)})")
        scans = self.arm.transform == "scan" and parts
        return [f"xs = {joined(parts)}"] if scans else []

    # --- functions --------------------------------------------------------------------------

    def functions(self) -> Lines:
        """`body`, and for a while_loop `cond` before it."""
        body = self._body()
        if self.arm.transform == "while_loop":
            return [*self._cond(), "", "", *body]
        return body

    def _body(self) -> Lines:
        code = BodyCode(self.case, self.names)
        head, lines = self._head(code)
        lines += code.lines()
        if not code.raises():
            lines.append(f"return {self._returned(code)}")
        return [head, *indented(lines)]

    def _head(self, code: BodyCode) -> tuple[str, Lines]:
        """The `def` line, and the lines that take the arguments apart."""
        match self.arm.transform:
            case "fori_loop":
                carry, lines = _parameter(code)
                return f"def body(i, {carry}):", lines
            case "while_loop":
                return "def body(val):", _taken_apart(code)
            case "scan":
                carry, lines = _parameter(code)
                if not self.inputs():
                    return f"def body({carry}):", lines
                slices = ["i"] * uses_index(self.case) + input_names(self.case)
                lines.append(f"{bare(joined(slices))} = xs")
                return f"def body({carry}, xs):", lines
            case other:
                assert_never(other)

    def _returned(self, code: BodyCode) -> str:
        match self.arm.transform:
            case "fori_loop":
                return bare(code.rebuilt())
            case "while_loop":
                return f"i + 1, {code.rebuilt()}"
            case "scan":
                ys = code.ys() if self.case.ys else ""
                return f"{code.rebuilt()}, {ys}" if ys else bare(code.rebuilt())
            case other:
                assert_never(other)

    def _cond(self) -> Lines:
        loop = self.case.loop
        upper = "upper" if self.traced else str(loop.upper)
        head = "def cond(val, upper):" if self.traced else "def cond(val):"
        if loop.until is None:
            return [head, *indented(["i, _ = val", f"return i < {upper}"])]
        code = BodyCode(self.case, self.names)
        total = code.operand(Read(loop.until.at, total=True))
        test = f"return (i < {upper}) & ({total} < {loop.until.limit})"
        return [head, *indented([*_taken_apart(code), test])]

    # --- calls ------------------------------------------------------------------------------

    def call(self, carry: str = "carry") -> str:
        """The call of the transform."""
        loop = self.case.loop
        lower, upper = ("lower", "upper") if self.traced else (str(loop.lower), str(loop.upper))
        match self.arm.transform:
            case "fori_loop":
                arguments = [lower, upper, "body", carry, *self._unroll(), *self._mode()]
                return f"nnx.fori_loop({', '.join(arguments)})"
            case "while_loop":
                cond = "lambda val: cond(val, upper)" if self.traced else "cond"
                arguments = [cond, "body", f"({lower}, {carry})", *self._mode()]
                return f"nnx.while_loop({', '.join(arguments)})"
            case "scan":
                return self._scan(carry)
            case other:
                assert_never(other)

    def _scan(self, carry: str) -> str:
        xs = bool(self.inputs())
        arguments = [
            f"in_axes={'(nnx.Carry, 0)' if xs else '(nnx.Carry,)'}",
            f"out_axes={'(nnx.Carry, 0)' if self.case.ys else 'nnx.Carry'}",
            *([] if xs else [f"length={trips(self.case.loop)}"]),
            *(["reverse=True"] if self.case.loop.reverse else []),
            *self._unroll(),
            *self._mode(),
        ]
        return f"nnx.scan(body, {', '.join(arguments)})({carry}{', xs' * xs})"

    def _unroll(self) -> list[str]:
        unroll = self.case.loop.unroll
        return [] if unroll is None else [f"unroll={unroll}"]

    def _mode(self) -> list[str]:
        arguments = MODE_ARGUMENTS[self.arm.mode]
        return [arguments] if arguments else []

    def targets(self, carry: str, ys: str, counter: str) -> str:
        """What the transform's result is assigned to."""
        if self.arm.transform == "while_loop":
            return f"{counter}, {carry}"
        return f"{carry}, {ys}" if self.case.ys else carry

    def plain(self, start: str) -> Lines:
        """The same loop in plain Python, from the carry `start` to `want`."""
        loop = self.case.loop
        match self.arm.transform:
            case "fori_loop":
                lines = [f"want = {start}", f"for i in range({loop.lower}, {loop.upper}):"]
                return [*lines, "    want = body(i, want)"]
            case "while_loop":
                test = f"cond(want, {loop.upper})" if self.traced else "cond(want)"
                lines = [f"want = ({loop.lower}, {start})", f"while {test}:"]
                return [*lines, "    want = body(want)"]
            case "scan":
                return self._plain_scan(start)
            case other:
                assert_never(other)

    def _plain_scan(self, start: str) -> Lines:
        order = f"range({trips(self.case.loop)})"
        if self.case.loop.reverse:
            order = f"reversed({order})"
        used = "k" if self.inputs() else "_"
        step = "body(want, tuple(x[k] for x in xs))" if self.inputs() else "body(want)"
        if not self.case.ys:
            return [f"want = {start}", f"for {used} in {order}:", f"    want = {step}"]
        keep = "insert(0, y)" if self.case.loop.reverse else "append(y)"
        lines = [f"want, want_ys = {start}, []", f"for {used} in {order}:"]
        return [*lines, f"    want, y = {step}", f"    want_ys.{keep}"]


def transform_name(transform: Transform) -> str:
    """The transform as the user writes it."""
    return f"nnx.{transform}"


def _parameter(code: BodyCode) -> tuple[str, Lines]:
    """The name of the carry's parameter, and the lines that take it apart."""
    pattern, lines = code.pattern("carry")
    if pattern == "_":
        return "_", []
    if pattern.isidentifier():
        return pattern, lines
    return "carry", [f"{bare(pattern)} = carry", *lines]


def _taken_apart(code: BodyCode) -> Lines:
    """The lines that take a while_loop's `val` apart."""
    pattern, lines = code.pattern("carry")
    return [f"i, {pattern} = val", *lines]
