"""The report that the README shows is what the example comes to, and the docstrings run."""

import doctest
import re
import runpy
import sys
from pathlib import Path

import pytest

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker import api, report
from nnxfuzz.strategies import rewired

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow  # test_verdicts has a program like it
@pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")
def test_the_readme_shows_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with nnxfuzz.checking("all") as found:
        runpy.run_path("examples/tied_embedding.py", run_name="__main__")
    assert found.failures == []
    readme = (ROOT / "README.md").read_text()
    shown = readme.partition("--modes all examples/tied_embedding.py\n")[2].partition("\n```")[0]
    assert _without_digits(str(found)) == _without_digits(shown)


def _without_digits(text: str) -> str:
    """The text without what rounds otherwise on another machine."""
    return re.sub(r"off by up to \S+", "off by", text)


REWIRED = sys.modules[rewired.__module__]


@pytest.mark.parametrize("module", [api, report, REWIRED], ids=lambda module: module.__name__)
def test_the_docstrings_run(module: object) -> None:
    result = doctest.testmod(module)  # type: ignore[arg-type]
    assert result.failed == 0
    assert result.attempted
