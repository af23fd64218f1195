"""Whose failure an exception is; and that a failure of nnxfuzz itself is never a finding, and never
silent.
"""

import functools
import importlib
import json
from pathlib import Path
from types import FunctionType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from commands import Here, Run, events, python
from entries import LOST
from flax import nnx
from flax.nnx.nn import linear

from nnxfuzz import nnx_api, plain
from nnxfuzz.campaign import KnownBugs, Settings, WorkerPool, boundary, workers
from nnxfuzz.campaign.carry_out import carry_out
from nnxfuzz.campaign.state import states
from nnxfuzz.campaign.work import Batch, Discovery, Shrink
from nnxfuzz.oracle import arithmetic, expectation, reference
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.failures import fault_name, is_own_fault, origin
from nnxfuzz.oracle.verdict import Finding, Refused
from nnxfuzz.oracle.world import roots
from nnxfuzz.plain import calls
from nnxfuzz.programs import user
from nnxfuzz.programs.case import (
    Arm,
    Array,
    ArraySlot,
    Call,
    Case,
    Const,
    Linear,
    LinearConfig,
    NodeSlot,
    Optimizer,
    Raise,
    Statement,
    Swap,
    Train,
    TupleSlot,
    Update,
    check,
    decode_case,
)
from nnxfuzz.programs.live import jax_backend
from nnxfuzz.runners.isolated import in_own_thread
from nnxfuzz.runners.judge import examine
from nnxfuzz.runners.loops import Loops
from nnxfuzz.runners.loops.call_style import Wrapped

#: What our own functions look up in vain: the failure is in their frames.
NOTHING: dict[Any, Any] = {}

SLOT = ArraySlot(Array("int32"))
ADD = Update(("carry",), "add", Const(2))
CAST = Update(("carry",), "add", Const(2), dtype="float32")
ARM = Arm("fori_loop", "graph")


def program(*body: Statement) -> Case:
    return Case(carry=(SLOT,), body=body)


# --- whose it is ----------------------------------------------------------------------------


def of_flax() -> None:
    nnx.fori_loop(0, 1, lambda i, x: x.astype(float), jnp.zeros((), int))


def of_flax_called_by_ours() -> None:
    jax_backend.JaxBackend("graph", {}).pop(3, None)


def of_ours_called_by_flax() -> None:
    call = jax_backend.JaxBackend("graph", {}).combine
    nnx.fori_loop(0, 1, lambda i, x: call("add", x, x, "no dtype"), jnp.zeros(()))


def of_numpy_called_by_ours() -> None:
    expectation._pair(_entry(np.zeros(1)), _entry(np.zeros(2)))


def of_jax_called_by_ours() -> None:
    jax_backend.JaxBackend("graph", {}).total("text")


def of_the_body_called_by_flax() -> None:
    nnx.fori_loop(0, 1, lambda i, x: user.pair((x, x, x)), jnp.zeros(()))


def of_other_code() -> None:
    raise KeyError("planted")


def of_a_body_that_lacks_its_object() -> None:
    from nnxfuzz.programs.case import CallStyle
    from nnxfuzz.runners.loops.call_style import given

    made = given(lambda i, x: x, CallStyle(body="wrapper"))
    assert isinstance(made, Wrapped)
    nnx.fori_loop(0, 1, made.f, jnp.zeros(()))


def of_recursion_in_flax() -> None:
    class Itself(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.me = nnx.data(self) if hasattr(nnx, "data") else self

    nnx.fori_loop(0, 1, lambda i, m: m, Itself(), **nnx_api.mode_arguments("tree"))


def _entry(array: np.ndarray) -> Any:
    from nnxfuzz.oracle.verdict import Entry

    return Entry("array", "array", array=array)


@pytest.mark.parametrize(
    ("work", "expected"),
    [
        (of_flax, {"flax", "jax"}),
        (of_flax_called_by_ours, {"flax"}),
        (of_ours_called_by_flax, {"ours"}),
        (of_numpy_called_by_ours, {"ours"}),
        (of_jax_called_by_ours, {"jax"}),
        (of_the_body_called_by_flax, {"body"}),
        (of_other_code, {"other"}),
        (of_a_body_that_lacks_its_object, {"body"}),
    ],
)
@pytest.mark.parametrize("filtering", ["off", "remove_frames"])
def test_the_innermost_frame_decides(work: Any, expected: set[str], filtering: str) -> None:
    before = jax.config.jax_traceback_filtering
    jax.config.update("jax_traceback_filtering", filtering)
    try:
        work()
    except Exception as error:
        assert origin(error) in expected, error
    else:
        raise AssertionError("it raised nothing")
    finally:
        jax.config.update("jax_traceback_filtering", before)


@pytest.mark.skipif("tree" not in nnx_api.modes(), reason="this Flax has no tree mode")
def test_the_frames_that_are_the_most_decide_on_a_recursion() -> None:
    with pytest.raises(RecursionError) as caught:
        in_own_thread(of_recursion_in_flax)  # the thread is of no use afterwards
    assert origin(caught.value) in ("flax", "jax")


def test_a_recursion_of_ours_is_a_fault_of_ours() -> None:
    deep: list[Any] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(RecursionError) as caught:
        roots(carry=deep)
    assert origin(caught.value) == "ours"


def test_the_exception_of_the_program_itself_is_no_fault() -> None:
    verdict = examine(program(Raise()), ARM, "trace")
    assert isinstance(verdict, Refused) and verdict.reason == "body-raised"


# --- on one arm -----------------------------------------------------------------------------


@pytest.mark.parametrize("executor", ["trace", "eager", "jit"])
def test_a_key_error_of_ours_under_the_trace_is_no_finding(
    executor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jax_backend, "DTYPES", NOTHING)
    with pytest.raises(KeyError) as caught:
        examine(program(CAST), ARM, executor)
    assert fault_name(caught.value) == "KeyError in JaxBackend.combine"


def test_a_key_error_of_a_transform_is_a_finding() -> None:
    def fori_loop(lower: int, upper: int, body: Any, init: Any, **options: Any) -> Any:
        raise KeyError("planted")

    loops: Loops = nnx_api.transforms() | {"fori_loop": fori_loop}
    verdict = examine(program(ADD), ARM, "trace", loops)
    assert isinstance(verdict, Finding) and verdict.signature.kind == "internal-error"


def test_a_transform_that_does_not_take_its_arguments_is_a_finding() -> None:
    loops: Loops = nnx_api.transforms() | {"fori_loop": lambda lower, upper: None}
    verdict = examine(program(ADD), ARM, "trace", loops)
    assert isinstance(verdict, Finding) and verdict.signature.kind == "spurious-refusal"
    assert verdict.failure is not None and verdict.failure.error == "TypeError"


def test_a_body_that_is_handed_something_else_is_a_finding() -> None:
    def while_loop(cond: Any, body: Any, init: Any, **options: Any) -> Any:
        return body((1, 2, 3))

    loops: Loops = nnx_api.transforms() | {"while_loop": while_loop}
    verdict = examine(program(ADD), Arm("while_loop", "graph"), "trace", loops)
    assert isinstance(verdict, Finding)


def fails(self: Any, *inputs: Any, **options: Any) -> Any:
    """Stands for a defect of Flax."""
    return inputs[7]


def refuses(self: Any, *inputs: Any, **options: Any) -> Any:
    """Stands for a check of Flax."""
    raise ValueError("not like this")


@pytest.mark.parametrize("name", ["__call__", "__init__"])
@pytest.mark.parametrize(("broken", "kind"), [(fails, "internal-error"), (refuses, "inconclusive")])
def test_a_plain_call_of_flax_that_fails_is_a_finding_and_one_that_refuses_is_none(
    broken: FunctionType, kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = {"__call__": 77, "__init__": 78}[name] + 10 * (
        kind == "inconclusive"
    )  # none is built yet
    monkeypatch.setattr(linear.Linear, name, FunctionType(broken.__code__, vars(linear), name))
    case = Case(
        nodes=(Linear(LinearConfig(2, 2), seed=seed),),
        carry=(TupleSlot((1, 2)), NodeSlot(0), ArraySlot(Array("float32", (2,)))),
        body=(Update(("carry", 1), operand=Call(("carry", 0), ("carry", 1))),),
    )
    check(case)
    try:
        verdict = examine(case, Arm("fori_loop"), "trace")
    except Inconclusive as inconclusive:
        assert kind == "inconclusive"
        assert inconclusive.cause == "Flax refuses the Python loop itself"
    else:
        assert isinstance(verdict, Finding)
        assert (verdict.signature.kind, verdict.signature.where) == (kind, "IndexError in fails")


@pytest.mark.parametrize("swaps", [False, True])
def test_a_step_that_flax_refuses_is_a_finding_where_the_program_does_nothing_else(
    swaps: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it also changes what the model holds, nothing says what Flax owes it then."""
    monkeypatch.setattr(
        nnx.Optimizer, "update", FunctionType(refuses.__code__, vars(linear), "update")
    )
    model, optimizer = ("carry", 0), ("carry", 1)
    swap = Swap((*model, "kernel"), (*model, "bias"))
    case = Case(
        nodes=(Linear(LinearConfig(2, 2, init="ones")), Optimizer(0)),
        carry=(TupleSlot((1, 2, 3)), NodeSlot(0), NodeSlot(1), ArraySlot(Array("float32", (2,)))),
        body=(*[swap] * (2 * swaps), Train(optimizer, model, ("carry", 2))),
    )
    check(case)
    if swaps:
        with pytest.raises(Inconclusive, match="Flax refuses the Python loop itself"):
            examine(case, Arm("fori_loop"), "trace")
        return
    verdict = examine(case, Arm("fori_loop"), "trace")
    assert isinstance(verdict, Finding)
    assert str(verdict.signature) == "internal-error fori_loop graph: ValueError in refuses"


def test_a_fault_of_ours_in_the_plain_loop_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arithmetic, "common_shape", NOTHING.__getitem__)
    with pytest.raises(TypeError) as caught:
        examine(program(ADD), ARM, "trace")
    assert fault_name(caught.value) == "TypeError in Arithmetic.combine"


# --- in a campaign --------------------------------------------------------------------------


@pytest.fixture
def fuzz(run: Run, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Fuzzes a few programs in this very process."""
    monkeypatch.setattr(workers, "here", lambda count, seconds: WorkerPool(Here(), lambda: 1))
    words = ("--modes", "graph", "--no-swarm", "--seed", "1", "--json", "e.jsonl")
    return functools.partial(run, "fuzz", *words)


def noted(name: str) -> list[Path]:
    return sorted(Path("finds").glob(f"nnxfuzz-failed-{name}-*.md"))


def assert_noted(out: str, name: str, slug: str) -> str:
    """The fault is in one file, which the last word names, and in the events; its text."""
    (path,) = noted(slug)
    assert f"nnxfuzz itself failed: {name}\n  {path}\n" in out
    assert "nnxfuzz itself failed, which is no finding; please report these files:\n" in out
    assert f"  {path}\n    {name}, " in out
    told = events(Path("e.jsonl"))
    assert [(e["name"], e["path"]) for e in told if e["is"] == "fault"] == [(name, str(path))]
    assert [e["path"] for e in told[-1]["faults"]] == [str(path)]
    assert told[-1]["statistics"]["faults"][name] >= 1
    assert [failed.name for failed in states(Path("finds"))[0][1].faults] == [name]
    return path.read_text()


@pytest.mark.parametrize(
    ("module", "function", "slug"),
    [
        (jax_backend, "JaxBackend.combine", "typeerror-in-jaxbackend-combine"),
        (arithmetic, "Arithmetic.combine", "typeerror-in-arithmetic-combine"),
    ],
)
def test_a_fault_of_ours_is_noted_and_the_campaign_goes_on(
    module: Any, function: str, slug: str, fuzz: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "common_shape", NOTHING.__getitem__)
    code, out, err = fuzz("--programs", 40, "--transforms", "fori_loop")
    assert (code, err) == (3, "")
    text = assert_noted(out, f"TypeError in {function}", slug)
    assert f"flax {nnx_api.FLAX}, jax {nnx_api.JAX}" in text
    assert f"in {function.partition('.')[2]}\n" in text
    case = decode_case(text.partition("```json\n")[2].partition("\n```")[0].encode())
    assert any(isinstance(statement, Update) for statement in case.body)
    end = events(Path("e.jsonl"))[-1]
    assert (end["reason"], end["statistics"]["programs"]) == ("budget", 40)
    assert end["statistics"]["failed"] >= 1


def test_a_fault_of_a_plain_transform_is_noted_with_its_program(
    fuzz: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What `plain` refuses, and what the program raises, leaves nothing to compare."""
    monkeypatch.setattr(calls, "entered", None)
    code, out, err = fuzz("--programs", 8, "--transforms", "remat")
    assert (code, err) == (3, "")
    text = assert_noted(out, "TypeError in run_once", "typeerror-in-run-once")
    assert '"is": "call"' in text


def test_what_a_plain_transform_refuses_is_no_fault() -> None:
    def error_of(call: Any) -> BaseException:
        with pytest.raises(Exception) as caught:
            call()
        return caught.value

    refused = error_of(lambda: plain.vmap(lambda x: x)(1.0))
    misused = error_of(lambda: plain.jit(lambda: None)(1))
    own = error_of(lambda: calls.run_once(len, None, None, (), {}))  # type: ignore[arg-type]
    assert [is_own_fault(error) for error in (refused, misused, own)] == [False, False, True]


@pytest.mark.slow
def test_examples_that_cannot_be_stacked_are_a_fault_of_ours(
    fuzz: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(array: np.ndarray, more: int) -> np.ndarray:
        return array if more == 0 else np.zeros((*array.shape, 2), array.dtype)

    monkeypatch.setattr(reference, "shifted", shifted)
    code, out, _ = fuzz("--programs", 60, "--transforms", "fori_loop", "--without", "breaking")
    assert code == 3
    assert "ValueError: all input arrays must have the same shape" in assert_noted(
        out, "ValueError in _pair", "valueerror-in-pair"
    )


def test_a_fault_in_drawing_costs_one_draw(fuzz: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module("nnxfuzz.strategies.programs")
    monkeypatch.setattr(module, "_closure", None)
    monkeypatch.setattr(boundary, "boundary", tuple)
    code, out, _ = fuzz("--programs", 4, "--transforms", "scan")
    assert code == 3
    assert "## Program" not in assert_noted(
        out, "TypeError in _before_the_body", "typeerror-in-before-the-body"
    )


def test_a_fault_in_shrinking_leaves_the_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnxfuzz.runners.kinds.reduced", NOTHING.__getitem__)
    first = Discovery(LOST.case, LOST.arm, LOST.evidence)
    outcome = carry_out(Shrink(first, ()), Settings(1), KnownBugs())
    assert outcome.discovery is None
    assert [fault.name for fault in outcome.faults] == ["TypeError in Kind.reduced"]


def test_a_batch_that_ends_with_a_fault_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnxfuzz.runners.kinds.exercised", None)
    features = tuple(sorted(nnx_api.choices()))
    outcome = carry_out(Batch(0, 3, features), Settings(1, modes=("graph",)), KnownBugs())
    assert outcome.counts.programs == 3
    assert outcome.counts.faults == {"TypeError in Kind.exercised": 3}
    assert [fault.case is None for fault in outcome.faults] == [False]


@pytest.mark.slow
@pytest.mark.parametrize("way", ["body", "reference", "drawing"])
def test_workers_that_fail_lose_nothing(way: str, tmp_path: Path) -> None:
    words = ("--seed", 1, "--programs", 80, "--workers", 2, "--json", "-")
    faulty = Path(__file__).parent / "faulty.py"
    result = python(faulty, way, "fuzz", *words, cwd=tmp_path)
    assert result.returncode == 3, result.stderr
    end = json.loads(result.stdout.splitlines()[-1])
    assert (end["reason"], end["statistics"]["programs"]) == ("budget", 80)
    assert all(Path(tmp_path / fault["path"]).exists() for fault in end["faults"])
    assert "please report these files" in result.stderr
