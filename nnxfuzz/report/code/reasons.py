"""Whether a program may give Flax a reason to refuse it, as far as that is seen without running it.

Where it may, a refusal is as good as the Python loop's answer.
"""

from nnxfuzz.programs.case import (
    Arm,
    Case,
    Everywhere,
    Form,
    StateSlot,
    Train,
    TreePath,
    Update,
    Within,
)
from nnxfuzz.report.code.names import Names, row_at
from nnxfuzz.report.code.rows import statements, writes


def gives_reason(case: Case, arm: Arm) -> bool:
    """Whether the program may give Flax a reason to refuse (it does more than update its carry)."""
    updates = [s for s in statements(case) if isinstance(s, Update)]
    structural = any(not isinstance(s, Update | Everywhere | Train | Within) for s in case.body)
    outside = any(s.dtype is not None for s in updates) or any(
        path[0] == "closure" for s in statements(case) for path in writes(s)
    )
    unrolled = case.loop.bounds == "traced" and case.loop.unroll is not None
    shared = (arm.mode == "tree" or bool(case.inputs)) and Names(case).live.shares()
    parts = any(isinstance(row.axis, tuple) for row in case.inputs)
    form = case.form != Form(case.form.carry_in, case.form.carry_out, case.form.packed)
    rebuilt = any(isinstance(s, Everywhere) and _is_state(case, s.at) for s in statements(case))
    method = arm.wrapper == "bound" and arm.transform == "scan"
    return structural or outside or unrolled or shared or parts or form or rebuilt or method


def _is_state(case: Case, path: TreePath) -> bool:
    row = row_at(case, path)
    return row is not None and isinstance(case.carry[row], StateSlot)
