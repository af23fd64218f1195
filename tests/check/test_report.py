"""The report of a check as text: what it tells once, and what its signs mean."""

import pytest

from nnxfuzz.checker import worlds
from nnxfuzz.checker.report import Report
from nnxfuzz.checker.sites import Site
from nnxfuzz.checker.verdicts import Judged, Verdict
from nnxfuzz.oracle.verdict import Difference


def told(*verdicts: Verdict) -> list[str]:
    """The lines of a report on calls of one line of a program that came to these, in graph mode."""
    report, site = Report(), Site("train.py", 3, "nnx.jit(f)(m)")
    report.row(site, "jit").calls = len(verdicts)
    for verdict in verdicts:
        report.add(Judged(site, "jit", "graph", {"graph": verdict, "tree": Verdict("same")}))
    return str(report).splitlines()


def deviates(value: float) -> Verdict:
    return Verdict(
        "deviates",
        "drops the update of `m.count`",
        lines=(f"value of m.count is {value} in Python, 0 with Flax",),
        record="new-nodes",
    )


def test_calls_that_come_to_the_same_are_told_once() -> None:
    lines = told(deviates(1.0), deviates(2.0), deviates(3.0))
    assert sum("drops the update" in line for line in lines) == 1


def test_findings_with_other_evidence_are_told_each() -> None:
    one = Verdict("different", "value of result is 1 in Python, 0 with Flax", lines=("", "1 and 0"))
    other = Verdict("different", "value of result is 1 in Python, 0 with Flax", lines=("", "2, 0"))
    lines = told(one, other, one)
    assert sum("value of result" in line for line in lines) == 2


def test_the_star_has_a_legend() -> None:
    different = Verdict("different", "value of result is 1 in Python, 0 with Flax")
    assert "* in the mode that the program uses" in told(different)
    assert not any("mode that the program uses" in line for line in told(deviates(1.0)))


def test_where_to_read_on_is_said_below_a_documented_reason_alone() -> None:
    where = "nnxfuzz contract RECORD says where a reason is documented, and what to do about it"
    assert told(deviates(1.0))[-1] == where
    assert where not in told(Verdict("different", "value of result is 1 in Python, 0 with Flax"))


def test_a_failure_of_the_checker_is_told_by_what_was_raised() -> None:
    """jax adds a note to the end of a traceback."""
    report = Report()
    note = (
        "For simplicity, JAX has removed its internal frames from the traceback of the following."
    )
    trace = f"Traceback\n  File 'a.py'\nValueError: broken\n{'-' * 20}\n{note}\n"
    report.failed(Site("train.py", 3), trace)
    assert str(report).endswith("report the first, at train.py:3: ValueError: broken")


def test_long_texts_are_shown_from_where_they_differ() -> None:
    usual = "('names', ('in', 'out')), ('sharding', ('model', 'data')), ('unit', 'metre')"
    expected, got = (f"[{usual}, ('zone', {zone})]" for zone in (1, 2))
    found = Difference(("caller", "m", "w"), "variable", "metadata", expected, got)
    line = "metadata of m.w is ...('zone', 1)] in Python, ...('zone', 2)] with Flax"
    assert worlds.told(found, {}, {}) == line


@pytest.mark.parametrize(
    ("difference", "sentence"),
    [
        (
            Difference(("caller", "m", "cfg"), "array", "tracer", "no tracer", "a leaked tracer"),
            "m.cfg is a leaked tracer with Flax: to use it is an UnexpectedTracerError",
        ),
        (
            Difference(("caller", "m"), "node", "metadata", "{'a': True}", "{'a': False}"),
            "m.a is data in Python, static with Flax",
        ),
        (
            Difference(("caller", "m"), "node", "metadata", "{'a': False}", "{'a': True}"),
            "m.a is static in Python, data with Flax",
        ),
    ],
)
def test_a_tracer_and_a_mark_are_told_in_words(difference: Difference, sentence: str) -> None:
    assert worlds.told(difference, {}, {}) == sentence
