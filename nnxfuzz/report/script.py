"""A finding as a stand-alone program, such as a person would paste into an issue.

The program imports jax, numpy and flax and nothing of ours; it runs unchanged on every release
from 0.10.2 on.  It runs the loop in plain Python on one build of the objects and through Flax on
another, and compares what the finding is about and nothing else.  It prints one line and exits
with 0 (`OK`), 1 (`BUG: ...`) or 2 (this release lacks what the program needs).
"""

import re
from collections.abc import Sequence

from nnxfuzz.oracle.verdict import REFUSALS, Finding, dotted
from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import has_references, prefixed, trips
from nnxfuzz.report.code import Code, Lines, WrapperCode, indented, may_raise, transform_name
from nnxfuzz.report.code.call_style import NEEDED
from nnxfuzz.report.code.comparisons import Comparisons
from nnxfuzz.report.code.helpers import helpers_of
from nnxfuzz.report.code.imports import imports
from nnxfuzz.report.code.layout import laid_out
from nnxfuzz.report.code.reasons import gives_reason
from nnxfuzz.report.code.rows import statements
from nnxfuzz.report.code.scene import trip_may_raise
from nnxfuzz.report.code.short import closed
from nnxfuzz.report.code.wrappers import AROUND

BUG = ["def bug(how):", '    print("BUG:", how)', "    sys.exit(1)"]
WIDTH = 100

#: What a body may raise that is traced although the loop makes no trip.
TRIED = 'type(error).__name__ in ("BodyError", "AttributeError", "KeyError", "IndexError")'


def script(
    case: c.Case, arm: c.Arm, finding: Finding, title: str, notes: Sequence[str] = ()
) -> str:
    """The program; `notes` go into its header, below what is wrong."""
    body = "\n".join(laid_out(Script(case, arm, finding).lines()))
    return f"{_docstring(title, finding, notes)}\n{imports(body)}\n\n{_spaced(body)}\n"


class Script:
    """Puts one program together."""

    def __init__(self, case: c.Case, arm: c.Arm, finding: Finding) -> None:
        self.case = case
        self.arm = arm
        self.finding = finding
        self.code = Code(case, arm)
        self.kind = finding.signature.kind
        wrong = case.form.wrong is not None
        self.raising = (may_raise(case) or wrong) and self.kind != "poisoned-state"
        self.run = WrapperCode(self.code)
        self.outer = list(dict.fromkeys(self.code.names.closure))
        self.given = list(dict.fromkeys(self.code.outer))
        self.comparisons = Comparisons(case, arm, finding, self.code)

    def lines(self) -> Lines:
        """Everything below the imports."""
        rest = [
            *self.code.classes(),
            *self.code.build(),
            "",
            "",
            *self._spaced(self.code.inputs()),
            *self.code.functions(),
            "",
            "",
            *self.code.plain_functions(),
            *self.run.plain_functions(),
            *self._spaced(self._refusals()),
            *BUG,
            "",
            "",
            *self._python(),
            *self._flax(),
            'print("OK")',
        ]
        quiet = 'warnings.filterwarnings("ignore", category=DeprecationWarning)'
        return [quiet, *self._skips(), "", "", *helpers_of(rest), *rest]

    def _spaced(self, lines: Lines) -> Lines:
        return [*lines, "", ""] if lines else []

    def _refusals(self) -> Lines:
        names = ", ".join(f'"{name}"' for name in REFUSALS)
        note = "# How Flax and jax refuse a program on purpose."
        return [note, f"REFUSALS = ({names})"] if "REFUSALS" in self._right_exceptions() else []

    # --- what the release must have ---------------------------------------------------------

    def _skips(self) -> Lines:
        name = transform_name(self.arm.transform)
        lines: Lines = []
        argument = NEEDED[self.arm.mode]
        if argument:
            test = f'"{argument}" not in inspect.signature({name}).parameters'
            lines += _skip(test, f"{name} has no argument `{argument}=` in this release")
        if self.code.call_style.asked == "context":
            test = 'not hasattr(nnx, "set_graph_mode")'
            lines += _skip(test, "nnx.set_graph_mode is not in this release")
        if prefixed(self.case, self.arm.mode):
            lines += _skip('not hasattr(nnx, "prefix")', "nnx.prefix is not in this release")
        bare = any(isinstance(slot, c.VariableSlot) for slot in self.case.carry)
        if bare or any(isinstance(row.what, c.OfVariable) for row in self.case.inputs):
            lines += _needs("Variables outside of modules need", "0.10.5")
        if has_references(self.case):
            lines += _needs("references to arrays need", "0.12.3")
        if any(isinstance(s, c.Update) and s.style == "setitem" for s in statements(self.case)):
            why = "v[...] = x does not work in this release"
            lines += ["try:", "    nnx.Param(jnp.zeros(1))[...] = jnp.ones(1)"]
            lines += ["except TypeError:", *indented(_leave(why, 2))]
        return lines

    # --- the loop in Python -----------------------------------------------------------------

    def _python(self) -> Lines:
        if self.kind == "poisoned-state":
            return self._before() if self.finding.differences else []
        if self.case.form.wrong is not None:
            return ["# Axes as those below have to be refused.", "raised = ValueError()", ""]
        alone = not self.given and not self.comparisons.needs_start
        own = self.run.plain()
        if own:
            before = self._before() if self.comparisons.needs_before else []
            return ["# The loop in plain Python.", *own, "", *before]
        loop = self.code.plain("build()" if alone else "start")
        if self.raising:
            handler = ["except Exception as error:", "    raised = error"]
            loop = ["raised = None", "try:", *indented(loop), *handler]
        build = [] if alone else [self._build("start")]
        lines = ["# The loop in plain Python.", *build, *loop]
        if {"closure", "inputs"} & self.comparisons.roots:
            lines += [f"want_{name} = {name}" for name in self.given]
        if self.comparisons.needs_before:
            lines += ["", *self._before()]
        return [*lines, ""]

    def _before(self) -> Lines:
        note = "# The objects as they are before the loop."
        kept = [f"want_{name} = {name}" for name in self.given if self.kind == "poisoned-state"]
        if self.arm.examples:
            return [note, "befores = [example(0), example(1)]", ""]
        return [note, self._build("before"), *kept, ""]

    def _build(self, carry: str) -> str:
        return f"{', '.join([carry, *self.code.outer])} = build()"

    # --- the loop in Flax -------------------------------------------------------------------

    def _flax(self) -> Lines:
        name = transform_name(self.arm.transform)
        define, calls = self.run.run()
        define = ["", "", *define, "", ""] if define else []
        if self.code.traced:
            return self._traced(name, define, calls)
        facts, arrays = self.comparisons.facts(), self.comparisons.arrays()
        lines = [f"# The same loop as {name}{self._around()}.", *self.run.given()]
        lines += [*self.comparisons.kept(), *define]
        lines += ["try:", *indented(calls), *self._handler(name)]
        return [*lines, "", *facts, *arrays, *self._canary()]

    def _around(self) -> str:
        """What is around the loop, as the end of a sentence."""
        return AROUND.get(self.arm.wrapper, "")

    def _traced(self, name: str, define: Lines, calls: Lines) -> Lines:
        """With traced bounds all of it is inside one `jax.jit`, and only arrays come out."""
        shared = [f"global {', '.join(self.outer)}"] if self.outer else []
        loop = calls
        if self.kind == "poisoned-state":
            loop = ["try:", *indented(calls), *self._poison_handler()]
        seen, arrays = self.comparisons.traced_arrays()
        kept = self.comparisons.kept()
        inside = [*shared, *self.run.earlier(), self._build("carry"), *kept, *closed(define), *loop]
        inside += self.comparisons.facts()
        inside.append(f"return {seen}")
        lines = [f"# The same loop as {name}{self._around()}, with traced bounds.", "@jax.jit"]
        lines += ["def run(lower, upper):", *indented(inside), "", ""]
        bounds = f"{self.case.loop.lower}, {self.case.loop.upper}"
        lines += ["try:", f"    seen = run({bounds})", *self._handler(name)]
        return [*lines, "", *arrays, *self._canary()]

    def _handler(self, name: str) -> Lines:
        """What an exception of the call means."""
        if self.kind == "poisoned-state":
            if self.code.traced:
                return ["except Exception as error:", '    bug(f"afterwards {error!r:.150}")']
            return self._poison_handler()
        report = f'bug(f"{name} raised {{error!r:.150}}")'
        lines = ["except Exception as error:"]
        right = self._right_exceptions()
        if right:
            lines += [f"    if {right}:", '        print(f"OK: {error!r:.100}")']
            lines += ["        sys.exit(0)"]
        lines.append(f"    {report}")
        if self.raising:
            report = f'bug(f"{name} returned, plain Python raised {{raised!r}}")'
            lines += ["if raised:", f"    {report}"]
        return lines

    def _right_exceptions(self) -> str:
        """The test for an exception that is right: the body's own, or a refusal with a reason."""
        tests = ["type(error) is type(raised)"] if self.raising else []
        if not trips(self.case.loop) and trip_may_raise(self.case):
            tests.append(TRIED)
        failure = self.finding.failure
        recorded = failure is not None and failure.error in REFUSALS
        if self.kind != "spurious-refusal" and not recorded and gives_reason(self.case, self.arm):
            tests.append("type(error).__name__ in REFUSALS")
        return " or ".join(tests)

    def _poison_handler(self) -> Lines:
        lines = ["except Exception:", "    pass  # it may refuse, but must leave no damage"]
        if self.finding.differences:
            lines += ["else:", *indented(_leave("OK: it did not refuse", 0))]
        return lines

    def _canary(self) -> Lines:
        """For damage to the process: does a plain loop still work?"""
        if self.kind != "poisoned-state" or self.finding.differences:
            return []
        loop = "nnx.fori_loop(0, 2, lambda i, m: m, nnx.Linear(1, 1, rngs=nnx.Rngs(0)))"
        handler = ["except Exception as error:", '    bug(f"the next loop raised {error!r:.150}")']
        return ["try:", f"    {loop}", *handler]


def _needs(what: str, release: str) -> Lines:
    return _skip(f'np.lib.NumpyVersion(flax.__version__) < "{release}"', f"{what} flax {release}")


def _skip(test: str, why: str) -> Lines:
    return [f"if {test}:", *indented(_leave(why, 2))]


def _leave(line: str, code: int) -> Lines:
    return [f'print("{line}")', f"sys.exit({code})"]


# --- the text -------------------------------------------------------------------------------


def evidence(finding: Finding) -> str:
    """What is wrong, in one line."""
    name = transform_name(finding.arm.transform)
    if finding.failure is not None and finding.signature.kind != "poisoned-state":
        message = next(iter(finding.failure.message.splitlines()), "")
        return f"{name} raises {finding.failure.error}: {message}"
    if finding.differences:
        first = finding.differences[0]
        return f"{dotted(first.path)}: {first.aspect} is {first.got}, should be {first.expected}"
    return f"{name}: {finding.signature.kind}"


def _docstring(title: str, finding: Finding, notes: Sequence[str]) -> str:
    text = "\n".join([title, "", _cut(evidence(finding)), *([""] if notes else []), *notes])
    # The text goes into a string literal, and a message may hold anything.
    return '"""' + text.replace("\\", "\\\\").replace('"""', "'''").rstrip('"') + '\n"""\n'


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 3] + "..."


def _spaced(body: str) -> str:
    """At most two empty lines in a row."""
    return re.sub(r"\n{4,}", "\n\n\n", body)


__all__ = ["evidence", "script"]
