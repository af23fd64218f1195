"""What the scopes of known causes ask of a program and of what differs (see `scopes`)."""

import re
from collections.abc import Callable

from nnxfuzz.campaign import about
from nnxfuzz.campaign.about import only_carried_and_broadcast, only_shared
from nnxfuzz.oracle.verdict import Finding
from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import exercised

_STRUCTURE = (c.Make, c.Drop, c.Sow, c.Pop, c.Bind)
_REFERENCES = (*_STRUCTURE, c.Swap)


def exercises(*names: str) -> Callable[[c.Case, Finding], bool]:
    """The program exercises all of these features."""
    return lambda case, finding: exercised(case).issuperset(names)


def structure_changed(case: c.Case, finding: Finding) -> bool:
    return about.only_changed(case, finding, _STRUCTURE) or _gone_before(case, finding)


def _gone_before(case: c.Case, finding: Finding) -> bool:
    """The body should raise in a later trip, because it has replaced what it works on, or taken it
    away, in the one before.
    """
    found = [(d.path, d.expected) for d in finding.differences]
    should = [(("result",), "BodyRaised is raised")]
    return found == should and references_change(case, finding)


def rebound(case: c.Case, finding: Finding) -> bool:
    return about.only_changed(case, finding, (c.Swap, c.Bind))


def references_changed(case: c.Case, finding: Finding) -> bool:
    return about.only_changed(case, finding, _REFERENCES)


def references_change(case: c.Case, finding: Finding) -> bool:
    return any(about.changed_at(case, _REFERENCES))


def closure_written(case: c.Case, finding: Finding) -> bool:
    paths = about.paths_of(finding)
    left = about.aspects(finding, "tracer") and paths is not None
    return left and all(path[0] == "closure" for path in paths or ())


def bare_variables(case: c.Case, finding: Finding) -> bool:
    paths = about.paths_of(finding)
    return paths is not None and all(about.in_slots(case, p, c.VariableSlot) for p in paths)


def carry_given_back(case: c.Case, finding: Finding) -> bool:
    """All that differs is in the carry: an array, or what the body has put something else at; or
    what a second call has computed from such an array, in the inputs, too.
    """
    paths = about.paths_of(finding)
    second = about.aspects(finding, "value") and _is_called_twice(case, finding)
    roots = {"carry", "inputs"} if second else {"carry"}
    carried = paths is not None and {path[0] for path in paths} <= roots
    arrays = second or about.roles(finding, "array")
    return carried and (arrays or references_changed(case, finding))


def statics_equal(case: c.Case, finding: Finding) -> bool:
    """Each static that differs equals the one that is there instead (1, True and 1.0)."""
    told = [(d.expected, d.got) for d in finding.differences if d.aspect == "static"]
    numbers = {"True": "1", "False": "0"}
    return (
        about.roles(finding, "static")
        and about.only_changed(case, finding, (c.Make, c.Swap, c.Bind))
        and all(numbers.get(one, one) == numbers.get(other, other) for one, other in told)
    )


def slices_by_reference(case: c.Case, finding: Finding) -> bool:
    paths = about.paths_of(finding)
    values = about.aspects(finding, "value") and paths is not None
    return values and all(
        path[0] == "inputs"
        and any(variable.ref for variable in about.variables_at(case, path))
        and any(isinstance(axis, int) for axis in about.axes_at(case, path))
        for path in paths or ()
    )


_NAMES = re.compile(r"\('names', \(([^()]*)\)\)")


def _partition_names(text: str) -> list[str]:
    """The partition names in the metadata of a Variable, as they are told."""
    found = _NAMES.search(text)
    return [] if found is None else [n.strip() for n in found[1].split(",") if n.strip()]


def only_name_lost(case: c.Case, finding: Finding) -> bool:
    """Each Variable that differs has lost the only name that it had, that of the partition."""
    return about.aspects(finding, "metadata") and all(
        _partition_names(d.expected) == [repr(case.form.partition)] and not _partition_names(d.got)
        for d in finding.differences
    )


def _has_negative_axis(case: c.Case) -> bool:
    given = [*(row.axis for row in case.inputs), *(row.axis for row in case.ys)]
    axes = [part.axis for axis in given if isinstance(axis, tuple) for part in axis] + given
    return any(isinstance(axis, int) and axis < 0 for axis in axes)


def name_missed(case: c.Case, finding: Finding) -> bool:
    """The scan is called a second time, on names that the first call may have misplaced."""
    named = case.form.partition is not None
    return _is_called_twice(case, finding) and named and _has_negative_axis(case)


def _is_called_twice(case: c.Case, finding: Finding) -> bool:
    """Whether a second call works on what the first has left."""
    return case.call_style.earlier == "chained" or finding.arm.twice


def shares_variables(case: c.Case, finding: Finding) -> bool:
    """Some Variable of the carry stands at two places of it, by itself or in a module."""
    return bool(exercised(case) & {"shared:variable", "shared:node"})


def block_reaches_closure(case: c.Case, finding: Finding) -> bool:
    """Only attributes are missing, and an inner transform is in the program."""
    return about.aspects(finding, "missing", "metadata") and "statement:within" in exercised(case)


def name_misplaced(case: c.Case, finding: Finding) -> bool:
    """Each Variable that differs has its names in another order, and some axis is negative."""
    return (
        _has_negative_axis(case)
        and about.aspects(finding, "metadata")
        and all(
            sorted(_partition_names(d.expected)) == sorted(_partition_names(d.got))
            for d in finding.differences
        )
    )


__all__ = [
    "bare_variables",
    "block_reaches_closure",
    "carry_given_back",
    "closure_written",
    "exercises",
    "name_misplaced",
    "name_missed",
    "only_carried_and_broadcast",
    "only_name_lost",
    "only_shared",
    "rebound",
    "references_change",
    "references_changed",
    "shares_variables",
    "slices_by_reference",
    "statics_equal",
    "structure_changed",
]
