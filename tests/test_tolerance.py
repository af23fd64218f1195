"""Rounding is forgiven, and a lost update is not: training, layers, gradients."""

from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from planted_tools import Run, around, variables_of
from strict_tools import planted, variable, verdict

from nnxfuzz import nnx_api
from nnxfuzz.oracle.arithmetic import Inconclusive, change
from nnxfuzz.oracle.reference import run_python
from nnxfuzz.oracle.verdict import Agrees, Finding
from nnxfuzz.programs.case import (
    MODES,
    TRANSFORMS,
    Arm,
    Array,
    ArraySlot,
    Call,
    Case,
    Const,
    Layer,
    Linear,
    Loop,
    Module,
    NodeSlot,
    OfVariable,
    Optimizer,
    Read,
    Train,
    TupleSlot,
    Update,
    trips,
)
from nnxfuzz.runners import observe
from nnxfuzz.runners.arms import plain_arms
from nnxfuzz.runners.judge import Oracle
from nnxfuzz.strategies.training import training_programs

RULES = ("sgd", "momentum", "adam")
MODEL, OPTIMIZER, DATA = (("carry", k) for k in range(3))


def training(rule: Any, count: int, fill: int = 1) -> Case:
    return Case(
        nodes=(Linear(), Optimizer(0, rule)),
        carry=(TupleSlot((1, 2, 3)), NodeSlot(0), NodeSlot(1), ArraySlot(Array(fill=fill))),
        loop=Loop(0, count),
        body=(Train(OPTIMIZER, MODEL, DATA),),
    )


def parameters_put_back(run: Run) -> Any:
    held = [v for v in variables_of(run.carry) if type(v).__name__ == "Param"]
    before = [(parameter, nnx_api.get_raw(parameter)) for parameter in held]
    out = run.real(run.carry)
    for parameter, raw in before:
        nnx_api.set_raw(parameter, raw)
    return out


def forgetful() -> Any:
    """Flax's loops, after which the parameters are what they were before."""
    return around(parameters_put_back)(nnx_api.transforms())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("count", [1, 3, 5])
@pytest.mark.parametrize("rule", RULES)
def test_parameters_that_are_not_written_back_are_seen(rule: Any, count: int, mode: Any) -> None:
    if mode not in nnx_api.modes():
        pytest.skip("this release has no such mode")
    case, loops = training(rule, count), forgetful()
    for transform in TRANSFORMS:
        arm = Arm(transform, mode)
        assert verdict(case, arm) == Agrees()
        assert isinstance(verdict(case, arm, loops), Finding), transform


@pytest.mark.parametrize("executor", ["eager", "jit"])
@pytest.mark.parametrize("rule", RULES)
def test_training_by_xla_is_within_the_tolerance(rule: Any, executor: Any) -> None:
    for fill in (0, 3, 7):
        case = training(rule, 3, fill)
        oracle, arm = Oracle(case), Arm("scan")
        assert oracle.verdict(arm, observe(case, arm, executor)) == Agrees()


def drawn_training(count: int) -> list[Case]:
    found: list[Case] = []

    @seed(5)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(training_programs(nnx_api.choices()))
    def keep(case: Case) -> None:
        found.append(case)

    keep()
    return found


@pytest.mark.slow
def test_a_drawn_training_program_shows_parameters_that_are_lost() -> None:
    loops, lost, drawn = forgetful(), 0, drawn_training(40)
    for case in drawn:
        lost += any(isinstance(verdict(case, arm, loops), Finding) for arm in plain_arms(case)[:1])
    assert lost >= 0.95 * sum(trips(case.loop) > 0 for case in drawn)
    assert lost >= 0.9 * len(drawn)


def test_the_tolerance_of_drawn_training_is_far_below_what_it_changes() -> None:
    for case in drawn_training(40):
        expected = run_python(case, "graph")
        assert expected.after is not None
        for path, entry in expected.after.items():
            if entry.array is not None and np.any(entry.reach):
                before = expected.before.get(path)
                moved = change(entry.array, None if before is None else before.array)
                assert float(np.max(entry.reach)) <= moved / 8, path


@pytest.mark.parametrize("trip", [1, 3])
def test_the_statistics_of_a_layer_that_are_lost_are_seen(trip: int) -> None:
    called = Call(("carry", 0), ("carry", 1), total=True)
    case = Case(
        nodes=(Layer("BatchNorm"),),
        carry=(TupleSlot((1, 2)), NodeSlot(0), ArraySlot()),
        loop=Loop(0, trip),
        body=(Update(("carry", 1), operand=called),),
    )

    def restore(given: Any, out: Any) -> None:
        for held in nnx_api.variables_below(given):
            if type(held).__name__ == "BatchStat":
                nnx_api.set_raw(held, nnx_api.get_raw(held) * 0 + 1)

    assert verdict(case, Arm()) == Agrees()
    assert isinstance(verdict(case, Arm(), planted("fori_loop", restore)), Finding)


def off_by(share: float) -> Any:
    """An identity whose gradient is larger by a share."""

    def steeper(primals: Any, tangents: Any) -> Any:
        (x,), (t,) = primals, tangents
        return x, (t.astype("float32") * (1 + share)).astype(t.dtype)

    same = jax.custom_jvp(lambda x: x)
    same.defjvp(steeper)

    def after(given: Any, out: Any) -> None:
        for held in nnx_api.variables_below(out):
            nnx_api.set_raw(held, same(nnx_api.get_raw(held)))

    return planted("fori_loop", after)


@pytest.mark.parametrize(("dtype", "share"), [("bfloat16", 0.05), ("float32", 1e-4)])
@pytest.mark.parametrize("factor", [3, 7, 11])
def test_a_gradient_that_is_a_little_off_is_seen(dtype: Any, share: float, factor: int) -> None:
    case = Case(
        nodes=(Module({"a": OfVariable(0)}),),
        variables=(variable(dtype, fill=2),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        loop=Loop(0, 3),
        body=(Update(("carry", 0, "a"), "mul", Const(factor)),),
    )
    arm = Arm("fori_loop", "graph", "grad")
    assert verdict(case, arm) == Agrees()
    assert isinstance(verdict(case, arm, off_by(share)), Finding)


def test_rounding_as_large_as_the_change_is_inconclusive() -> None:
    # 256 + 1 is 256 in bfloat16 after each of eight trips, and 264 where the excess is kept.
    case = Case(
        nodes=(Module({"a": OfVariable(0)}),),
        variables=(variable("bfloat16", fill=256),),
        carry=(TupleSlot((1,)), NodeSlot(0)),
        loop=Loop(0, 8),
        body=(Update(("carry", 0, "a")),),
    )

    def kept(given: Any, out: Any) -> None:
        for held in nnx_api.variables_below(out):
            nnx_api.set_raw(held, nnx_api.get_raw(held) * 0 + 264)

    assert verdict(case, Arm()) == Agrees()
    found = verdict(case, Arm(), planted("fori_loop", kept))
    assert isinstance(found, Inconclusive)
    assert found.cause == "the tolerance is as large as the change"


def test_a_rounded_float_that_is_far_from_the_limit_may_decide() -> None:
    x = ("carry", 1)
    case = Case(
        nodes=(Linear(),),
        carry=(
            TupleSlot((1, 2, 3)),
            NodeSlot(0),
            ArraySlot(Array(shape=(1,), fill=1)),
            ArraySlot(),
        ),
        body=(
            Update(x, "set", Call(("carry", 0), x)),
            Update(("carry", 2), "set", Read(x, total=True), dtype="int32"),
        ),
    )
    assert not isinstance(verdict(case, Arm()), Inconclusive)
