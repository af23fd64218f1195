"""The check of a pytest run: `--nnx-check` and `--nnx-check=all`.

Each test has a report of its own, and fails if that has a finding.  The terminal summary counts
what all calls came to.  With pytest-xdist each worker counts, and the summary has the sums.
"""

from collections import Counter
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from nnxfuzz.checker.lazily import when_flax_is_imported
from nnxfuzz.checker.report import Report, ending

#: How many calls of one call site are judged in one test.
MAX_CALLS = 5


class Session:
    """The check of one pytest run, as a plugin."""

    def __init__(self, config: pytest.Config, modes: Any) -> None:
        self.config = config
        self.modes = modes
        self.counts: Counter[str] = Counter()
        #: Why calls were not judged, and how the checker itself failed.
        self.reasons: Counter[str] = Counter()
        self.report = Report()
        #: How many findings there were when the test ended, before its fixtures did.
        self._findings = 0
        self.checker: Any = None
        when_flax_is_imported(self._start)

    def _start(self) -> None:
        from nnxfuzz.checker.watch import Checker

        self.checker = Checker(self.report, self.modes, max_calls=MAX_CALLS)
        self.checker.__enter__()

    def _begin(self) -> None:
        self._count()
        self._findings = 0
        self.report = Report()
        if self.checker is not None:
            self.checker.take(self.report)

    def _count(self) -> None:
        """Add the report of a test that is over to the sums."""
        report = self.report
        self.counts.update(report.counts())
        self.counts["calls"] += report.calls
        self.counts["let go"] += sum(row.let_go for row in report.rows.values())
        self.counts["failed"] += len(report.failures)
        for row in report.rows.values():
            for (_, verdict), number in row.used.items():
                if verdict.kind == "not judged":
                    self.reasons[verdict.told] += number
        for site, trace in report.failures:
            self.reasons[f"nnxfuzz failed at {site}: {ending(trace)}"] += 1
        self.report = Report()

    # --- pytest's hooks ---------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        """A test, with its fixtures."""
        self._begin()
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        """Fail the test if it passes and one of its calls does not do as Python."""
        try:
            result = yield
        finally:
            self._findings = len(self.report.findings)
        if not self.report.ok:
            pytest.fail(_told(self.report), pytrace=False)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """The same of the calls that fixtures make after the test."""
        result = yield
        if len(self.report.findings) > self._findings:
            pytest.fail(_told(self.report), pytrace=False)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Show in the modes that are not in use what would change there, and what differs where the
        test fails by itself.
        """
        made = yield
        report = str(self.report)
        told = report in str(made.longrepr)  # the failure has it already
        if made.when == "call" and self.report.calls and not told:
            if self.modes != "used":
                made.sections.append(("NNX transforms in each mode", report))
            elif not self.report.ok:
                made.sections.append(("NNX transforms against plain Python", report))
        return made

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand a worker's counts to the main process."""
        self._count()
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["nnx_check"] = [dict(self.counts), dict(self.reasons)]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take a worker's counts up."""
        counts, reasons = getattr(node, "workeroutput", {}).get("nnx_check", ({}, {}))
        self.counts.update(counts)
        self.reasons.update(reasons)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what the calls came to."""
        terminalreporter.section("NNX transforms against plain Python")
        for line in self._summary():
            terminalreporter.write_line(line)

    def _summary(self) -> Iterator[str]:
        calls = self.counts["calls"]
        if not calls:
            yield "no call of an NNX transform was seen"
            return
        told = [f"{n} {kind}" for kind, n in self.counts.most_common() if kind != "calls" and n]
        yield f"{calls} call{'s' * (calls != 1)}: {', '.join(told)}"
        for reason, number in self.reasons.most_common(10):
            yield f"  {number} not judged: {reason}"


def _told(report: Report) -> str:
    return f"a call of an NNX transform does not do as plain Python\n{report}"
