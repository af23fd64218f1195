"""Which line a report names, and what a program that fails shows."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax.numpy as jnp
from flax import nnx
from test_command import check

import nnxfuzz
from nnxfuzz.checker.report import Report

Function = Callable[..., Any]


def timed(f: Function) -> Function:
    @functools.wraps(f)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return f(*args, **kwargs)

    return wrapper


def named(f: Function, times: int) -> Function:
    def repeated(x: Any) -> Any:
        for _ in range(times):
            x = f(x)
        return x

    return repeated


def lines_of(report: Report) -> list[str]:
    return [row.site.text for row in report.rows.values()]


def test_the_line_is_not_that_of_a_decorator() -> None:
    """All functions that it decorates would have one line."""
    doubled = timed(timed(nnx.jit(lambda x: x * 2)))
    halved = timed(nnx.jit(lambda x: x / 2))
    with nnxfuzz.checking() as report:
        doubled(jnp.ones(()))
        halved(jnp.ones(()))
    assert lines_of(report) == ["doubled(jnp.ones(()))", "halved(jnp.ones(()))"]


def test_the_line_is_that_of_a_function_with_arguments_of_its_own() -> None:
    with nnxfuzz.checking() as report:
        named(nnx.jit(lambda x: x * 2), times=2)(jnp.ones(()))
    assert lines_of(report) == ["x = f(x)"]


REFUSED = """\
import jax.numpy as jnp
from flax import nnx
n = nnx.Variable(jnp.array(0))

@nnx.jit
def step(x):
    n.value = n.value + 1
    return x

try:
    step(jnp.array(1.0))
except Exception as error:
    raise SystemError("no step") from error
"""


def test_a_traceback_has_no_lines_of_nnxfuzz(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(REFUSED)
    done = check(tmp_path, "--no-save", "train.py")
    assert done.returncode == 2
    assert "line 11, in <module>\n    step(jnp.array(1.0))" in done.stderr
    assert "line 13, in <module>\n" in done.stderr
    assert "in step\n    n.value = n.value + 1" in done.stderr
    assert str(Path(nnxfuzz.__file__).parent) not in done.stderr
