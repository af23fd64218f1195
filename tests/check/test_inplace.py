"""Streams that a program splits in place: without graph updates its own object stays as it is."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from flax import nnx

import nnxfuzz

pytestmark = pytest.mark.skipif(
    "graph_updates" not in inspect.signature(nnx.split_rngs).parameters,
    reason="in this release split_rngs has no such mode",
)

PROGRAMS: dict[str, tuple[Callable[[Any], Any], int]] = {
    "in place": (lambda rngs: nnx.split_rngs(rngs, splits=2), 1),
    "a block": (lambda rngs: nnx.fork_rngs(rngs).__enter__(), 1),
    "in a function": (lambda rngs: nnx.jit(lambda r: nnx.fork_rngs(r) and None)(rngs), 1),
    "a decorator": (lambda rngs: nnx.split_rngs(splits=2)(lambda r: None)(rngs), 0),
    "asked": (lambda rngs: nnx.split_rngs(rngs, splits=2, graph_updates=True), 0),
    "a copy": (lambda rngs: nnx.split_rngs(rngs, splits=2, graph=False), 0),
}


def told(modes: Any, program: Callable[[Any], Any]) -> list[str]:
    """The functions of which something is said, by the mode."""
    with nnxfuzz.checking(modes) as report:
        program(nnx.Rngs(0))
    assert not report.failures
    return [
        f"{row.transform} {mode}"
        for row in report.rows.values()
        for mode, verdicts in row.verdicts.items()
        if any(verdict.record == "streams-in-place" for verdict in verdicts)
    ]


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_is_told_of_the_modes_that_hand_back_a_copy(name: str) -> None:
    program, times = PROGRAMS[name]
    assert [one.split()[1] for one in told("all", program)] == ["graph-frozen", "tree"] * times
    assert told("used", program) == []


def test_it_is_told_of_a_function_that_is_imported_by_name() -> None:
    from flax.nnx import split_rngs

    globals()["split"] = split_rngs
    try:
        seen = told("all", lambda rngs: globals()["split"](rngs, splits=2))
    finally:
        del globals()["split"]
    assert seen == ["split_rngs graph-frozen", "split_rngs tree"]


def test_nothing_is_told_where_the_program_has_set_the_mode() -> None:
    def program(rngs: Any) -> None:
        with nnx.set_graph_updates(False):
            nnx.split_rngs(rngs, splits=2)

    assert told("all", program) == []


def test_what_a_program_of_nnx_gets_is_flaxs_own() -> None:
    rngs = nnx.Rngs(0)
    with nnxfuzz.checking("all"):
        backups = nnx.split_rngs(rngs, splits=2)
        assert rngs.default.key.value.shape == (2,)
        nnx.restore_rngs(backups)
    assert rngs.default.key.value.shape == ()
    assert not hasattr(nnx.split_rngs, "__wrapped__")
