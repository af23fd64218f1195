"""A finding as a test in the form of Flax's own `tests/nnx/transforms_test.py`, ready to paste.

One method, parametrised over `(graph, graph_updates)`, with all that it needs inside; around it
what makes a file that can be run.  It fails where the bug is, and passes where Flax is right.
With parameters it needs Flax 0.12.6, the first release that has both arguments.
"""

import re
from collections.abc import Iterable

from nnxfuzz.oracle.verdict import Cell, Finding
from nnxfuzz.programs.case import Arm, Case, Mode
from nnxfuzz.programs.text import indented
from nnxfuzz.report.code.helpers import Lines
from nnxfuzz.report.code.imports import imports
from nnxfuzz.report.code.layout import laid_out
from nnxfuzz.report.code.short import Short, closed

#: The keyword arguments that a method passes on, and their values in each mode.
ARGUMENTS = "graph=graph, graph_updates=graph_updates"
VALUES: dict[Mode, str] = {
    "graph": "(True, True)",
    "graph-frozen": "(True, False)",
    "tree": "(False, False)",
}

ABSL = ("from absl.testing import absltest", "from absl.testing import parameterized")


def absltest(
    case: Case, arm: Arm, finding: Finding, title: str, cells: Iterable[Cell], notes: Lines
) -> str | None:
    """The file; None if the finding is one that no single check shows.

    `cells` is what the case came to on each arm, `notes` what the method's comment says of it.
    """
    cells = tuple(cells)
    modes = parameters(case, arm, finding, cells)
    short = Short(case, arm, finding, "absltest", ARGUMENTS if modes else None)
    if not short.tells():
        return None
    body = laid_out([*(f"# {note}" for note in notes), *closed(short.lines(forgiving=True))])
    arguments = ", graph, graph_updates" if modes else ""
    method = [f"def {method_name(title)}(self{arguments}):", *indented(body)]
    if modes:
        rows = ", ".join(VALUES[mode] for mode in modes)
        method = ["@parameterized.parameters(", f"    {rows},", ")", *method]
    # The test case of Flax's file to which the method belongs.
    name = "TestScan" if arm.scans else "TestWhileLoop"
    lines = [f"class {name}(parameterized.TestCase):", *indented(method)]
    lines += ["", "", 'if __name__ == "__main__":', "    absltest.main()"]
    text = "\n".join(_narrow(line) for line in lines)
    return f"{imports(text, *ABSL)}\n\n\n{text}\n"


def parameters(case: Case, arm: Arm, finding: Finding, cells: tuple[Cell, ...]) -> tuple[Mode, ...]:
    """The modes in which the program should hold; none where the release had no modes.

    A mode in which the program is refused for a reason is left out, and one in which Flax
    documents that it comes to something else.
    """
    if {cell.arm.mode for cell in cells} <= {"graph"} and cells and arm.mode == "graph":
        return ()
    held = [
        cell.arm.mode
        for cell in cells
        if (cell.arm.transform, cell.arm.wrapper) == (arm.transform, arm.wrapper)
        and not cell.outcome.startswith(("refused", "inconclusive"))
        and _alike(case, arm, cell.arm, finding)
    ]
    return tuple(mode for mode in VALUES if mode in held or mode == arm.mode)


def _alike(case: Case, arm: Arm, other: Arm, finding: Finding) -> bool:
    """Whether the same is right on the other arm."""
    here, there = Short(case, arm, finding, "absltest"), Short(case, other, finding, "absltest")
    return all(here.stays(d) == there.stays(d) for d in finding.differences)


def method_name(title: str) -> str:
    """`test_two_distinct_modules_are_refused`."""
    return "test_" + re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")


def _narrow(line: str) -> str:
    """The line with Flax's indentation, which is two columns."""
    text = line.lstrip(" ")
    return " " * ((len(line) - len(text)) // 2) + text
