"""Whether a program may give Flax a reason to refuse it, as far as that is seen without running it.

Where it may, a refusal is as good as the Python loop's answer.
"""

from nnxfuzz.programs import case as c
from nnxfuzz.report.code.names import Names, row_at
from nnxfuzz.report.code.rows import statements, writes


def gives_reason(case: c.Case, arm: c.Arm) -> bool:
    """Whether the program may give Flax a reason to refuse (it does more than update its carry)."""
    updates = [s for s in statements(case) if isinstance(s, c.Update)]
    structural = any(
        not isinstance(s, c.Update | c.Everywhere | c.Train | c.Within) for s in case.body
    )
    outside = any(s.dtype is not None for s in updates) or any(
        path[0] == "closure" for s in statements(case) for path in writes(s)
    )
    unrolled = case.loop.bounds == "traced" and case.loop.unroll is not None
    shared = (arm.mode == "tree" or bool(case.inputs)) and Names(case).live.shares()
    parts = any(isinstance(row.axis, tuple) for row in case.inputs)
    form = case.form != c.Form(case.form.carry_in, case.form.carry_out, case.form.packed)
    rebuilt = any(isinstance(s, c.Everywhere) and _is_state(case, s.at) for s in statements(case))
    method = arm.wrapper == "bound" and arm.scans
    return structural or outside or unrolled or shared or parts or form or rebuilt or method


def _is_state(case: c.Case, path: c.TreePath) -> bool:
    row = row_at(case, path)
    return row is not None and isinstance(case.carry[row], c.StateSlot)
