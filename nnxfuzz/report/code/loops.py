"""The loop around a body: the function that the transform takes, the call, and plain Python.

`Code` is what the other modules use: every part of a program as lines of source.
"""

import copy

from nnxfuzz.programs.case import Arm, CallStyle, Case, Mode, Read, Transform, Within
from nnxfuzz.programs.text import bare, indented
from nnxfuzz.report.code.body import BodyCode
from nnxfuzz.report.code.call_style import MODE_ARGUMENTS, made
from nnxfuzz.report.code.helpers import Lines
from nnxfuzz.report.code.names import Names
from nnxfuzz.report.code.objects import Objects, is_object
from nnxfuzz.report.code.operands import Operands
from nnxfuzz.report.code.scan import ScanCode
from nnxfuzz.report.code.scene import Scene
from nnxfuzz.report.code.slices import SlicesCode


class Code:
    """The source of one arm of a case, part by part."""

    def __init__(self, case: Case, arm: Arm) -> None:
        self.case = case
        self.arm = arm
        self.names = Names(case)
        self.objects = Objects(case, self.names)
        self.scan = ScanCode(case, self.names, arm.mode)
        self.slices = SlicesCode(case, arm, self.scan)
        self.traced = case.loop.bounds == "traced"
        self.mode = MODE_ARGUMENTS[arm.mode]
        #: How the transform is called; inside of a wrapper as simply as can be.
        self.call_style = case.call_style if arm.wrapper == "plain" else CallStyle()
        loop = case.loop
        #: Whether each example of `vmap` has an upper bound of its own.
        self.own_bounds = arm.examples and arm.counts and loop.lower < loop.upper
        #: Whether the upper bound is an argument.
        self.given_upper = self.traced or self.own_bounds
        #: Whether the body means the same in plain Python only if written in another way.
        self.nested = any(isinstance(statement, Within) for statement in case.body)

    def classes(self) -> Lines:
        """Class definitions, each followed by two empty lines."""
        return self.objects.classes()

    def build(self) -> Lines:
        """`def build()`."""
        return self.objects.build()

    def inputs(self) -> Lines:
        """The arrays that scan runs over or broadcasts."""
        return self.scan.arrays() if self.arm.scans else []

    @property
    def outer(self) -> list[str]:
        """The names of what `build()` returns beside the carry: the closure, then the inputs."""
        inputs = zip(self.names.inputs, self.case.inputs, strict=True)
        return [*self.names.closure, *(name for name, row in inputs if is_object(row.what))]

    # --- functions --------------------------------------------------------------------------

    def functions(self) -> Lines:
        """`body`, and for a while_loop `cond` before it."""
        body = [*self._body("body", self.mode), *made("body", self.body, self.call_style)]
        if self.arm.counts:
            return [*self._cond(), "", "", *body]
        return body

    def plain_functions(self) -> Lines:
        """What the plain loop needs beside, each followed by two empty lines."""
        lines = self.slices.functions() if self.arm.scans else []
        if self.nested:
            lines += self._body("plain_body", None)
            lines += [*made("plain_body", self.plain_body, self.call_style), "", ""]
        return lines

    @property
    def body(self) -> str:
        """The name of what the transform is given as its body."""
        return "body" if self.call_style.body == "function" else "step"

    @property
    def plain_body(self) -> str:
        """The name of what the plain loop calls."""
        return f"plain_{self.body}" if self.nested else self.body

    def _body(self, name: str, mode: str | None) -> Lines:
        names = self.names
        if self.arm.wrapper == "bound":
            names = copy.copy(names)
            names.closure = ["self", *names.closure[1:]]
        code = BodyCode(self.case, names, mode)
        parameters, lines = self._head(code)
        lines += code.lines()
        if not code.raises():
            lines += self._returned(code)
        if self.arm.wrapper == "bound":
            parameters.insert(0, "self")
        elif self.call_style.body != "function":
            parameters.insert(0, "tag" if self.call_style.body == "partial" else "step")
        return [f"def {name}({', '.join(parameters)}):", *indented(lines)]

    def _head(self, code: BodyCode) -> tuple[list[str], Lines]:
        """The parameters, and the lines that take the arguments apart."""
        if self.arm.counts:
            return ["val"], _taken_apart(code)
        carry, lines = code.carry.parameter()
        if not self.arm.scans:
            return ["i", carry], lines
        parameters, packed = self.scan.parameters(carry)
        return parameters, [*lines, *packed]

    def _returned(self, code: BodyCode) -> Lines:
        carry = code.carry.rebuilt()
        if self.arm.counts:
            return [f"return i + 1, {carry}"]
        lines, ys = code.ys() if self.arm.scans else ([], [])
        return [*lines, f"return {bare(self.scan.results(carry, ys))}"]

    def _cond(self) -> Lines:
        loop = self.case.loop
        upper = "upper" if self.given_upper else str(loop.upper)
        head = "def cond(val, upper):" if self.given_upper else "def cond(val):"
        if loop.until is None:
            return [head, *indented(["i, _ = val", f"return i < {upper}"])]
        code = BodyCode(self.case, self.names, self.mode)
        operands = Operands(self.case, self.names, Scene(self.case))
        total = operands.operand(Read(loop.until.at, total=True))
        test = f"return (i < {upper}) & ({total} < {loop.until.limit})"
        return [head, *indented([*_taken_apart(code), test])]

    # --- calls ------------------------------------------------------------------------------

    def call(self, carry: str = "carry", mode: Mode | None = None) -> str:
        """The call of the transform, in its own mode or in another."""
        loop = self.case.loop
        lower, upper = ("lower", "upper") if self.traced else (str(loop.lower), str(loop.upper))
        body, asked = self.bound(self.body), self._mode(mode)
        if self.arm.scans:
            return self.scan.call(body, carry, [*self._unroll(), *asked])
        if self.arm.counts:
            cond = "lambda val: cond(val, upper)" if self.given_upper else "cond"
            arguments = [cond, body, f"({lower}, {carry})", *asked]
        else:
            arguments = [lower, upper, body, carry, *self._unroll(), *asked]
        return f"{transform_name(self.arm.transform)}({', '.join(arguments)})"

    def bound(self, function: str) -> str:
        """The body as the transform is given it: a bound method where the arm asks for that."""
        if self.arm.wrapper != "bound":
            return function
        return f"types.MethodType({function}, {self.names.closure[0]})"

    def _unroll(self) -> list[str]:
        unroll = self.case.loop.unroll
        return [] if unroll is None else [f"unroll={unroll}"]

    def _mode(self, mode: Mode | None) -> list[str]:
        """The keyword arguments for the mode; none where they are left out."""
        text = self.mode if mode is None else MODE_ARGUMENTS[mode]
        return [text] if text and self.call_style.asked == "keyword" else []

    def targets(self, carry: str, ys: str, counter: str) -> str:
        """What the transform's result is assigned to."""
        if self.arm.counts:
            return f"{counter}, {carry}"
        return bare(self.scan.results(carry, self.scan.emitted(ys)))

    # --- plain Python -----------------------------------------------------------------------

    def plain(self, start: str, keeps_start: bool = False) -> Lines:
        """The same loop in plain Python, from the carry `start` to `want`."""
        if keeps_start:
            return [f"start = {start}", *self.plain("start")]
        again = self.arm.twice or self.call_style.earlier == "chained"
        loop = self._plain_loop(again)
        if again and loop:
            loop = ["for _ in range(2):", *indented(loop)]
        if self.arm.counts:
            return [f"want = ({self.case.loop.lower}, {start})", *loop]
        return [f"want = {start}", *loop]

    def _plain_loop(self, again: bool) -> Lines:
        loop, body = self.case.loop, self.plain_body
        bound = self.names.closure[:1] if self.arm.wrapper == "bound" else []
        if self.arm.scans:
            return self.slices.loop(body, bound)
        if not self.arm.counts:
            step = f"{body}({', '.join([*bound, 'i', 'want'])})"
            return [f"for i in range({loop.lower}, {loop.upper}):", f"    want = {step}"]
        upper = "upper" if self.own_bounds else loop.upper
        test = f"cond(want, {upper})" if self.given_upper else "cond(want)"
        step = f"{body}({', '.join([*bound, 'want'])})"
        head = [f"want = ({loop.lower}, want[1])"] if again else []
        return [*head, f"while {test}:", f"    want = {step}"]


def transform_name(transform: Transform) -> str:
    """The transform as the user writes it."""
    return f"nnx.{transform}"


def _taken_apart(code: BodyCode) -> Lines:
    """The lines that take a while_loop's `val` apart."""
    pattern, lines = code.carry.pattern("carry")
    return [f"i, {pattern} = val", *lines]
