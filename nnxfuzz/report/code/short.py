"""The shortest program of an arm: the objects, the body, the call, and what should hold after it.

For an issue and for a test case.  It has no plain Python loop and no provision for other releases;
`script` makes the program that has.
"""

import re

from nnxfuzz.oracle.verdict import REFUSALS, Difference, Finding
from nnxfuzz.programs.case import Arm, ArraySlot, Case, Raise
from nnxfuzz.programs.text import bare, indented, joined
from nnxfuzz.report.code.checks import Checks, Style
from nnxfuzz.report.code.comparisons import Comparisons
from nnxfuzz.report.code.examples import ExamplesCode
from nnxfuzz.report.code.gradient import GradientCode
from nnxfuzz.report.code.helpers import Lines, helpers_of
from nnxfuzz.report.code.loops import Code
from nnxfuzz.report.code.reasons import gives_reason
from nnxfuzz.report.code.rows import statements, writes
from nnxfuzz.report.code.scene import trip_may_raise
from nnxfuzz.report.code.wrappers import WrapperCode

#: An assignment to names alone, and a value that is a call.
ASSIGNMENT = re.compile(r"(?P<names>\(?\w+(?:, \w+)*,?\)?) = (?P<value>.*)")
CALL = re.compile(r"[\w.]+\(")

#: A release without the arguments of a mode raises a TypeError, too, and that is no refusal.
ARGUMENTS_KNOWN = 'self.assertNotIn("keyword argument", str(error))'


class Short:
    """Puts one program together; `mode` stands for the arm's keyword arguments if it is given."""

    def __init__(
        self, case: Case, arm: Arm, finding: Finding, style: Style, mode: str | None = None
    ) -> None:
        self.case = case
        self.arm = arm
        self.finding = finding
        self.code = Code(case, arm)
        self.given_mode = mode is not None
        if mode is not None:
            self.code.mode = mode
        self.run = WrapperCode(self.code)
        self.examples = ExamplesCode(self.code)
        self.checks = Checks(Comparisons(case, arm, finding, self.code), style)
        self.poisoned = finding.signature.kind == "poisoned-state"
        #: Python raises, and Flax does not.
        self.silent = any(
            d.path == ("result",) and d.aspect == "missing" for d in finding.differences
        )

    def lines(self, forgiving: bool) -> Lines:
        """Everything below the imports; `forgiving` accepts an exception that may be right."""
        before, called = self._parts()
        if self.code.traced:
            rest = self._traced(before, called, forgiving)
        else:
            checks = [*self.checks.facts(), *self.checks.arrays()]
            calls = self._guarded(_wanted(called, checks), checks, forgiving)
            rest = [*before, *self.checks.kept(), *calls, *self._canary()]
        return [*helpers_of(rest), *rest]

    def place(self, difference: Difference) -> str:
        """The place of a difference, after the call, as the program writes it."""
        return self.checks.at.got(difference.path)

    def stays(self, difference: Difference) -> bool:
        """Whether Flax documents that this is left as it was before the loop."""
        return self.checks.at.stays(difference)

    def tells(self) -> bool:
        """Whether something in the program shows the bug: an exception, or a check."""
        checks = [*self.checks.facts(), *self.checks.arrays(), *self.checks.traced_arrays()[0]]
        return self.finding.failure is not None or self.silent or bool(checks)

    # --- the parts --------------------------------------------------------------------------

    def _parts(self) -> tuple[Lines, Lines]:
        """What comes before the call, and the call."""
        define, calls = self.run.run()
        classes, functions = self.code.classes(), [*self.code.functions(), "", ""]
        build = [*self.code.build(), "", ""]
        if self.arm.derives:
            objects = [*build, *GradientCode(self.code).plain()[:-1]]
        elif self.arm.examples and not self._shares_all():
            objects = [*build, *self.examples.functions(), *self.run.given()]
        else:
            objects = self._inline()
        return [*classes, *functions, *define, "", "", *self.code.inputs(), *objects], calls

    def _shares_all(self) -> bool:
        """Whether both examples are one and the same."""
        return self.examples.shared and not any(isinstance(s, ArraySlot) for s in self.case.carry)

    def _inline(self) -> Lines:
        """The objects made where the program stands, and not in a function."""
        lines, carry, outer = self.code.objects.built()
        pairs = zip(self.code.outer, outer, strict=True)
        return [
            *lines,
            *(f"{name} = {text}" for name, text in pairs if name != text),
            f"carry = {bare(carry)}",
        ]

    def _traced(self, before: Lines, called: Lines, forgiving: bool) -> Lines:
        """With traced bounds all of it is inside one `jax.jit`, and only arrays come out."""
        seen, checks = self.checks.traced_arrays()
        facts = self.checks.facts()
        shown = [*facts, *seen]
        calls = [*self.checks.kept(), *_wanted(called, shown), *facts]
        returned = [f"return {seen[0] if len(seen) == 1 else joined(seen)}"] if seen else []
        run = [
            "@jax.jit",
            "def run(lower, upper):",
            *indented([*closed(before), *calls, *returned]),
        ]
        call = f"run({self.case.loop.lower}, {self.case.loop.upper})"
        call = f"seen = {call}" if seen else call
        return [*run, "", "", *self._guarded([call], checks, forgiving), *self._canary()]

    # --- exceptions -------------------------------------------------------------------------

    def _guarded(self, calls: Lines, checks: Lines, forgiving: bool) -> Lines:
        """The calls and their checks, with what may be raised and be right."""
        attempt = ["try:", *indented(calls)]
        if self.silent:
            told = ["else:", '    raise AssertionError("the body raises, and that is lost")']
            return [*attempt, "except Exception:", "    pass", *told]
        if self.poisoned:
            damage = indented(checks) if self.finding.differences else ["    pass"]
            after = [] if self.finding.differences else checks
            return [*attempt, "except Exception:  # it may refuse", *damage, *after]
        right = self._right() if forgiving else []
        if not right:
            return [*calls, *checks]
        caught = right[0] if len(right) == 1 else f"({', '.join(right)})"
        passed_on = self.given_mode and "TypeError" in right
        strict = [f"    {ARGUMENTS_KNOWN}"] * passed_on
        head = f"except {caught}{' as error' * passed_on}:"
        return [*attempt, head, *strict, "    return  # a refusal is right, too", *checks]

    def _right(self) -> list[str]:
        """The exceptions that are right: a refusal with a reason, or the body's own."""
        raising = trip_may_raise(self.case)
        own = any(isinstance(s, Raise) for s in self.case.body)
        right = ["BodyError"] if own else []
        if raising and not own:
            right += ["AttributeError", "KeyError", "IndexError"]
        failure = self.finding.failure
        recorded = failure is not None and failure.error in REFUSALS
        refusal = self.finding.signature.kind != "spurious-refusal" and not recorded
        if refusal and gives_reason(self.case, self.arm):
            right += ["ValueError", "TypeError"]
            caught = any(path[0] == "closure" for s in statements(self.case) for path in writes(s))
            right += ["flax.errors.TraceContextError"] * caught
        return [name for name in right if failure is None or name != failure.error]

    def _canary(self) -> Lines:
        """For damage to the process: does a plain loop still work?"""
        if not self.poisoned or self.finding.differences:
            return []
        return ["nnx.fori_loop(0, 2, lambda i, m: m, nnx.Linear(1, 1, rngs=nnx.Rngs(0)))"]


def closed(lines: Lines) -> Lines:
    """The lines with one empty line between definitions, as inside of a function."""
    return [line for k, line in enumerate(lines) if line or (k and lines[k - 1])]


def _wanted(calls: Lines, checks: Lines) -> Lines:
    """The calls without assignments that no later line asks for."""
    found: Lines = []
    for call in reversed(calls):
        assignment = ASSIGNMENT.match(call)
        later = "\n".join([*checks, *found])
        if assignment is None or _names(assignment["names"]) & _names(later):
            found.insert(0, call)
        elif CALL.match(assignment["value"]):  # for what it does
            found.insert(0, assignment["value"])
    return found


def _names(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))
