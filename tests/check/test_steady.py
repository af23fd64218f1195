"""What plain Python leaves otherwise each time, as what comes from a clock, is no difference."""

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from live import held, write

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker.clocks import later
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.programs.case import Mode

ONE = jnp.ones(())


class Stamped(nnx.Module):  # type: ignore[misc]
    """A module with a name of its own, and a count."""

    def __init__(self) -> None:
        self.name, self.n = uuid.uuid4().hex, nnx.Variable(jnp.array(0))


def a_name_that_is_made() -> Any:
    return nnx.jit(Stamped)()


def noise_without_a_seed() -> Any:
    return nnx.jit(lambda x: x + np.random.default_rng().normal(size=8))(ONE)


def keys_from_a_clock() -> Any:
    def drawn(x: Any) -> Any:
        key = jax.random.key(uuid.uuid4().int % 2**31)
        return x + jax.random.normal(key, (8,))

    return nnx.remat(drawn)(ONE)


def verdicts_on(program: Callable[[], Any], mode: Mode) -> list[Verdict]:
    with nnxfuzz.checking("all") as report:
        program()
    assert report.failures == []
    return [v for row in report.rows.values() for v in row.verdicts[mode].elements()]


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("program", [a_name_that_is_made, noise_without_a_seed, keys_from_a_clock])
def test_what_is_another_each_time_is_inconclusive(program: Callable[[], Any], mode: Mode) -> None:
    (verdict,) = verdicts_on(program, mode)
    assert verdict.kind == "inconclusive", verdict.told
    assert verdict.told.startswith("`result")
    assert "is another each time plain Python runs the function" in verdict.told


def test_a_clock_is_one_also_where_two_runs_of_python_come_within_a_second() -> None:
    """The function is traced for so long that Python runs it in the next second."""

    def stamps() -> Any:
        seconds = datetime.now().second, int(time.time()), int(time.strftime("%S"))
        return [jnp.array(n % 60) for n in (*seconds, time.localtime().tm_sec)]

    def stamped(x: Any) -> Any:
        seen = stamps()
        if isinstance(x, jax.core.Tracer):
            time.sleep(1.001 - time.time() % 1)
        return seen

    (verdict,) = verdicts_on(lambda: nnx.jit(stamped)(ONE), "graph")
    assert verdict.kind == "inconclusive", verdict.told
    assert verdict.paths == ("result[0]", "result[1]", "result[2]", "result[3]")


def test_clocks_go_ahead_in_one_thread_for_a_while() -> None:
    day = datetime(2026, 1, 1)
    with later():
        ahead, made = datetime.now(), datetime(2026, 1, 1)
        elsewhere = ThreadPoolExecutor(1).submit(time.monotonic).result()
        assert time.monotonic() - elsewhere > 80_000
        assert isinstance(day, datetime) and made == day
        assert abs(ahead.timestamp() - time.time()) < 60
    assert (ahead - datetime.now()).days == 1
    assert type(ahead) is type(made) is datetime


def test_what_differs_beside_it_is_told_alone() -> None:
    by = [1]

    def make() -> Stamped:
        m = Stamped()
        write(m.n, held(m.n) + by[0])
        return m

    def program() -> None:
        compiled = nnx.jit(make)
        compiled()
        by[0] = 2
        compiled()

    first, second = verdicts_on(program, "graph")
    assert (first.kind, first.paths) == ("inconclusive", ("result.name",))
    assert (second.kind, second.paths) == ("different", ("result.n",))


def test_what_a_compiled_function_does_not_look_at_again_is_told() -> None:
    def program() -> None:
        compiled = nnx.jit(lambda v: write(v, jnp.array(uuid.uuid4().int % 2**31)))
        v = nnx.Variable(jnp.array(0))
        compiled(v)
        compiled(v)

    first, second = verdicts_on(program, "graph")
    assert (first.kind, second.kind) == ("inconclusive", "different")
    assert second.told.startswith("the function was compiled before, and looks at a clock, or a")
    assert second.way_out == "take it before the call, and pass it as an argument"


def test_an_effect_that_is_another_each_time_is_none() -> None:
    stamps, calls = {"last": ""}, []

    def stamped(x: Any) -> Any:
        stamps["last"] = uuid.uuid4().hex
        return x

    def counted(x: Any) -> Any:
        calls.append(uuid.uuid4().hex)
        return stamped(x)

    def trips(f: Any) -> Any:
        return nnx.scan(f, in_axes=nnx.Carry, out_axes=nnx.Carry, length=2)(ONE)

    (verdict,) = verdicts_on(lambda: trips(stamped), "graph")
    assert verdict.kind == "same", verdict.told
    (verdict,) = verdicts_on(lambda: trips(counted), "graph")
    assert (verdict.kind, verdict.paths) == ("deviates", ("calls",))
