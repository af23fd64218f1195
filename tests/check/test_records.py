"""Each record that a report names is one that `nnxfuzz contract` prints."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import nnxfuzz.checker
from nnxfuzz.report.contract import record

SOURCES = sorted(Path(nnxfuzz.checker.__file__).parent.rglob("*.py"))

#: Where a `Verdict` has the record among its arguments.
PLACE = 4


def named() -> Iterator[str]:
    """The records that the checker gives a `Verdict` by their names."""
    for path in SOURCES:
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "Verdict":
                given = [*call.args[PLACE : PLACE + 1]]
                given += [word.value for word in call.keywords if word.arg == "record"]
                for value in given:
                    if isinstance(value, ast.Constant) and value.value:
                        yield str(value.value)


RECORDS = sorted(set(named()))


def test_there_are_some() -> None:
    assert {"copied-by-jax", "fails-in-python", "exception-undoes"} <= {*RECORDS}
    assert all(re.fullmatch("[a-z-]+", name) for name in RECORDS)


@pytest.mark.parametrize("name", RECORDS)
def test_the_contract_has_it(name: str) -> None:
    assert record(name).startswith(f"### {name}\n")
