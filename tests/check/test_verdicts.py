"""What programs come to, in the mode in use and in the others."""

import contextlib
import functools
import threading
from collections.abc import Callable
from typing import Any

import defaults
import failing_and_stale
import idioms
import in_other_places
import inner_refusals
import jax
import jax.numpy as jnp
import names_of_a_script
import no_arrays
import no_pytrees
import numpy as np
import pytest
import settings_of_layers
import traced
import user_errors
import user_programs
from failing_and_stale import variable_read_by_a_loop
from flax import nnx
from flax.errors import TraceContextError
from live import held, write
from user_programs import Layer, broadcast_counter, params_made_in_scan

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker.report import Report
from nnxfuzz.checker.tracebacks import raised_by_flax
from nnxfuzz.programs.versions import version

Program = Callable[[], Any]

pytestmark = pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")

_FILES = (
    user_programs,
    idioms,
    inner_refusals,
    defaults,
    no_arrays,
    no_pytrees,
    names_of_a_script,
    traced,
    failing_and_stale,
    settings_of_layers,
    in_other_places,
    user_errors,
)
VERDICTS = {program: kinds for file in _FILES for program, kinds in file.VERDICTS.items()}
SENTENCES: Any = {program: told for file in _FILES for program, told in file.SENTENCES.items()}

#: 0.12.6 loses the carry of a scan without graph updates, and refuses writes to what is broadcast.
OTHERWISE_IN_0126 = (params_made_in_scan, broadcast_counter)


def skip_in_0126(program: Program) -> None:
    if nnx_api.release() <= version("0.12.6") and program in OTHERWISE_IN_0126:
        pytest.skip("this release does otherwise")
    if nnx_api.release() < version("0.12.11") and program is variable_read_by_a_loop:
        pytest.skip("this release traces the body anew at each call")
    if nnx_api.release() <= version("0.12.8") and program is idioms.sown_in_the_carry:
        pytest.skip("this release fails in `check_same` (corpus/), instead of refusing")


def report_on(program: Program, modes: Any = "all") -> Report:
    """The report on a program, whatever it raises."""
    with nnxfuzz.checking(modes, max_calls=None) as report:
        try:
            program()
        except Exception:
            assert report.calls
    assert report.failures == []
    return report


ONE = jnp.array(1.0)

report_in_all_modes = functools.cache(report_on)


@pytest.mark.parametrize("program", VERDICTS, ids=lambda program: program.__name__)
def test_each_mode_gets_its_verdict(program: Program) -> None:
    skip_in_0126(program)
    *_, row = report_in_all_modes(program).rows.values()
    found = {mode: row.worst(mode) for mode in nnx_api.modes()}
    kinds = tuple(verdict.kind for verdict in found.values() if verdict is not None)
    assert kinds == VERDICTS[program], [v.told for v in found.values() if v]


@pytest.mark.parametrize("program", SENTENCES, ids=lambda program: program.__name__)
def test_the_report_names_the_places(program: Program) -> None:
    skip_in_0126(program)
    mode, sentence = SENTENCES[program]
    *_, row = report_in_all_modes(program).rows.values()
    verdict = row.worst(mode)
    assert verdict is not None
    assert sentence in verdict.told


def test_the_mode_in_use_is_the_one_that_the_call_asks_for() -> None:
    with nnxfuzz.checking() as report:
        nnx.jit(lambda x: x, graph=False)(jnp.array(1))
    assert report.modes == ["tree"]


def test_the_configuration_is_asked_where_the_call_does_not() -> None:
    with nnxfuzz.checking() as report, nnx.set_graph_mode(False):
        nnx.fori_loop(0, 1, lambda i, x: x, jnp.array(1))
    assert report.modes == ["tree"]


def test_a_second_call_of_a_compiled_function_is_judged() -> None:
    offset = nnx.Variable(jnp.array(1.0))
    add = nnx.jit(lambda x: x + offset[...])

    def program() -> None:
        add(jnp.array(1.0))
        offset[...] = jnp.array(5.0)

    report = nnxfuzz.check(program, modes="used")
    assert report.calls == 2
    ((_, verdict),) = report.findings
    assert verdict.told.startswith("the function was compiled before something that it reaches by")
    assert "changed (`offset` was 1.0 and is 5.0): result" in verdict.told


class _Experiment:
    """Holds what it trains, and a rate that its step reads by closure."""

    def __init__(self) -> None:
        self.model, self.rate = nnx.Param(jnp.array(2.0)), 1.0
        self.step = nnx.jit(lambda model, x: model[...] * x * self.rate)


def test_what_changed_since_a_function_was_compiled_is_named() -> None:
    experiment = _Experiment()
    with nnxfuzz.checking() as report:
        for rate in (1.0, 0.5):
            experiment.rate = rate
            experiment.step(experiment.model, jnp.array(3.0))
    ((_, verdict),) = report.findings
    assert "changed (`self.rate` was 1.0 and is 0.5): result is 3.0 in Python" in verdict.told
    assert "self.model" not in verdict.told


def test_a_call_under_a_trace_is_not_judged() -> None:
    with nnxfuzz.checking() as report:
        jax.jit(lambda x: nnx.fori_loop(0, 2, lambda i, x: x + 1, x))(jnp.array(1))
    (row,) = report.rows.values()
    verdict = row.worst("graph")
    assert verdict is not None
    assert (verdict.kind, verdict.told) == (
        "not judged",
        "it is made while jax traces a function",
    )


def test_a_call_in_a_thread_is_counted_and_not_judged() -> None:
    square = nnx.jit(lambda x: nnx.vmap(lambda x: x * x)(x))
    got: list[Any] = []
    with nnxfuzz.checking() as report:
        thread = threading.Thread(target=lambda: got.append(square(jnp.ones(2))))
        thread.start()
        thread.join()
    (row,) = report.rows.values()
    assert got[0].tolist() == [1.0, 1.0]
    ((_, verdict),) = row.used
    assert (report.calls, verdict.kind) == (1, "not judged")
    assert "in a thread" in verdict.told


def test_only_the_outermost_call_is_judged() -> None:
    with nnxfuzz.checking() as report:
        nnx.jit(lambda x: nnx.fori_loop(0, 2, lambda i, x: x + 1, x))(jnp.array(1))
    assert [row.transform for row in report.rows.values()] == ["jit"]


def test_a_decorator_a_method_and_compat_are_seen() -> None:
    class Model(nnx.Module):  # type: ignore[misc]
        @nnx.jit  # type: ignore[untyped-decorator]
        def before(self, x: Any) -> Any:
            return x + 1

    with nnxfuzz.checking() as report:

        class Other(nnx.Module):  # type: ignore[misc]
            @nnx.remat  # type: ignore[untyped-decorator]
            def method(self, x: Any) -> Any:
                return x + 1

        @nnx.vmap(in_axes=0)  # type: ignore[untyped-decorator]
        def lanes(x: Any) -> Any:
            return x + 1

        Model().before(jnp.array(1))
        Other().method(jnp.array(1))
        lanes(jnp.ones(2))
        nnx.compat.jit(lambda x: x)(jnp.array(1))
    assert [row.transform for row in report.rows.values()] == ["jit", "remat", "vmap", "jit"]
    assert report.ok
    assert report.counts() == {"same": 4}


@pytest.mark.skipif(not hasattr(nnx, "split_rngs"), reason="this release has no split_rngs")
def test_what_split_rngs_decorates_is_seen() -> None:
    """Flax's own code makes the call; a plain run of it calls plain transforms, too."""
    with nnxfuzz.checking() as report:

        @nnx.split_rngs(splits=2)  # type: ignore[untyped-decorator]
        @nnx.vmap  # type: ignore[untyped-decorator]
        def layers(rngs: Any) -> Any:
            return nnx.Linear(2, 2, rngs=rngs)

        nnx.jit(lambda rngs: layers(rngs))(nnx.Rngs(0))
        layers(nnx.Rngs(0))
    assert [row.transform for row in report.rows.values()] == ["jit", "vmap"]
    assert report.counts() == {"same": 2}


def test_a_static_argument_of_what_was_compiled_before_stays_what_it_is() -> None:
    wide = nnx.jit(
        lambda x, n, names: x.reshape(n, names["k"]), static_argnums=1, static_argnames="names"
    )
    with nnxfuzz.checking() as report:
        wide(jnp.arange(4), 2, names=_Names(k=2))
    assert report.counts() == {"same": 1}


class _Names(dict[str, int]):
    """Names that can be hashed, as a static argument has to be."""

    def __hash__(self) -> int:  # type: ignore[override]
        return 0


def test_the_first_calls_of_a_site_are_judged() -> None:
    with nnxfuzz.checking(max_calls=2) as report:
        for _ in range(5):
            nnx.fori_loop(0, 1, lambda i, x: x, jnp.array(1))
    (row,) = report.rows.values()
    assert (row.calls, row.judged, row.let_go) == (5, 2, 3)
    assert "3 more of the same sites were not judged (--max-calls)" in str(report)


def test_each_mode_and_each_function_has_its_first_calls() -> None:
    def loop(body: Any, graph: bool) -> None:
        nnx.fori_loop(0, 1, lambda i, x: body(x), jnp.array(1), graph=graph)

    with nnxfuzz.checking(max_calls=1) as report:
        for body in (lambda x: x + 1, lambda x: x + 2):
            for graph in (True, False, False):
                loop(body, graph)
    (row,) = report.rows.values()
    assert (row.calls, row.judged, row.let_go) == (6, 4, 2)
    assert report.modes == ["graph", "tree"]


def test_each_form_of_the_arguments_has_its_first_calls() -> None:
    step = nnx.jit(lambda pair, flag: pair[0][...] + pair[1][...])
    shared, param, stat = nnx.Param(ONE), nnx.Param(ONE), nnx.BatchStat(ONE)
    forms = ((shared, param), 1), ((stat, param), 1), ((shared, shared), 1), ((stat, param), True)
    with nnxfuzz.checking(max_calls=1) as report:
        for pair, flag in (*forms, *forms, ((stat, param), False)):
            step(pair, flag)
    (row,) = report.rows.values()
    assert (row.calls, row.judged, row.let_go) == (9, 4, 5)


def test_what_cannot_be_put_back_is_not_judged() -> None:
    batches = iter(range(3))
    with nnxfuzz.checking() as report:
        nnx.jit(lambda x: x + next(batches))(jnp.array(1))
    assert "it reaches range_iterator batches, which cannot be put back" in str(report)
    assert next(batches) == 1


def test_a_lost_update_within_the_tolerance_is_no_agreement() -> None:
    layer = nnx.Param(jnp.array(1.0))
    with nnxfuzz.checking(atol=10.0) as report:
        nnx.jit(lambda v: v.set_value(v[...] + 1))(layer)
    assert report.counts() == {"same": 1}, "it arrived, so that nothing is in doubt"


def test_no_lane_and_no_trip_are_judged() -> None:
    """jax traces the body all the same, to know what comes out of it."""

    def body(layer: Any, x: Any) -> Any:
        layer.n[...] = layer.n[...] + 1
        return x * layer.w[...]

    with nnxfuzz.checking("all") as report:
        layer = Layer(2.0)
        lanes = nnx.vmap(lambda layer, x: x * layer.w[...], in_axes=(None, 0))
        assert lanes(layer, jnp.ones((0, 3))).shape == (0, 3)
        axes = {"in_axes": (nnx.Carry, 0), "out_axes": (nnx.Carry, 0)}
        nnx.scan(lambda c, x: (c, body(c, x)), **axes)(layer, jnp.ones((0, 3)))
    assert report.failures == []
    assert report.counts() == {"same": 2}


def test_assert_same_says_what_differs() -> None:
    with pytest.raises(AssertionError, match="drops the update of `n`"):
        nnxfuzz.assert_same(
            nnx.scan,
            lambda x, n: (n.set_value(n[...] + 1), x)[1],
            jnp.array(1.0),
            nnx.Variable(jnp.array(0)),
            in_axes=(nnx.Carry, None),
            out_axes=nnx.Carry,
            length=2,
        )


def test_assert_same_takes_transforms_that_work_at_once() -> None:
    got = nnxfuzz.assert_same(nnx.cond, True, lambda x: x + 1, lambda x: x, jnp.array(1))
    assert int(got) == 2


def test_assert_same_knows_what_is_no_transform() -> None:
    with pytest.raises(TypeError, match="is no transform that can be checked; give one of cached"):
        nnxfuzz.assert_same(nnx.split, lambda x: x)


@pytest.mark.parametrize("through_state", [False, True])
def test_what_a_lane_makes_in_its_argument_has_the_axis_of_that(through_state: bool) -> None:
    """An output with another axis is refused, as one of an argument's own Variables is."""

    def makes(cell: Any) -> Any:
        cell.made = nnx.Param(jnp.sum(nnx_api.read(cell.w)))
        return nnx.merge(*nnx.split(cell)).made if through_state else cell.made

    class Wide(nnx.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.w = nnx.Param(jnp.ones((2, 3)))

    with nnxfuzz.checking() as report:
        try:
            nnx.vmap(makes, in_axes=-1, out_axes=0)(Wide())
        except ValueError as error:
            assert str(error).startswith("Inconsistent aliasing")
    (row,) = report.rows.values()
    verdict = row.worst("graph")
    assert verdict is not None
    assert (verdict.kind, verdict.record) in (("refused", "inconsistent-aliasing"), ("same", ""))


def ruled(v: Any) -> Any:
    """A custom_vjp one of whose arguments has no derivative."""
    f = nnx.custom_vjp(
        lambda a, b: a[...] + b[...], nondiff_argnums=(1,), graph=True, graph_updates=False
    )
    f.defvjp(lambda a, b: (f(a, b), ()), lambda b, kept, g: (nnx.clone(b),))
    return f(v, v)


@pytest.mark.parametrize(
    "call",
    [
        lambda v: nnx.jit_partial(lambda a, b: a[...] + b[...], v, v, graph=False),
        lambda v: nnx.remat(lambda a, b: a, static_argnums=1, graph=False)(v, v),
        lambda v: nnx.jvp(lambda a, b: a[...], (nnx.clone(v), v), (v, v), graph=False),
        ruled,
    ],
)
def test_one_variable_in_two_arguments_is_why_it_is_refused(call: Callable[[Any], Any]) -> None:
    """Also where it is refused before any call, or where one argument is not traced."""
    with nnxfuzz.checking() as report, pytest.raises(ValueError, match=r"^Duplicate"):
        call(nnx.Param(jnp.array(1.0)))
    (row,) = report.rows.values()
    verdict = row.worst("tree") or row.worst("graph-frozen")
    assert verdict is not None
    assert (verdict.kind, verdict.record) == ("refused", "shared-argument")


def test_what_jax_raises_again_as_a_wider_class_is_the_users_own() -> None:
    """So does jax 0.4.35 in `jax.checkpoint`."""

    class Again(ArithmeticError):
        """Stands for jax's ConcretizationTypeError."""

    class First(Again):
        """Stands for its TracerBoolConversionError."""

    def users() -> None:
        raise First("a number is needed")

    code = "def call(f, kind):\n    try:\n        f()\n    except kind as e:\n"
    code += "        raise kind(str(e) + '; make it static') from None\n"
    flax: dict[str, Any] = {"__name__": "flax.nnx"}
    exec(code, flax)
    with pytest.raises(Again) as raised:
        flax["call"](users, Again)
    assert not raised_by_flax(raised.value)
    with pytest.raises(Again) as raised:
        flax["call"](users, First)
    assert not raised_by_flax(raised.value)


def gradient_of(layer: Layer) -> Any:
    """A step whose plain run has tracers in Variables, and moves numbers to a device."""
    return nnx.grad(lambda layer: (layer(jnp.ones(2)) * 2.0).sum())(layer)


@pytest.mark.parametrize("everywhere", [False, True])
def test_the_plain_run_is_not_searched_for_leaked_tracers(everywhere: bool) -> None:
    jax.config.update("jax_check_tracer_leaks", everywhere)
    try:
        searched = contextlib.nullcontext() if everywhere else jax.checking_leaks()
        with nnxfuzz.checking() as report, searched:
            nnx.jit(gradient_of)(Layer(jnp.ones(2)))
            assert jax.config.jax_check_tracer_leaks
    finally:
        jax.config.update("jax_check_tracer_leaks", False)
    assert report.counts() == {"same": 1}


def test_the_plain_run_may_move_numbers_where_flax_moves_none() -> None:
    layer, step = Layer(jnp.ones(2)), nnx.jit(gradient_of)
    step(layer)
    with nnxfuzz.checking("all") as report, jax.transfer_guard("disallow"):
        step(layer)
    assert report.counts() == {"same": 1}
    with nnxfuzz.checking() as report, jax.transfer_guard("disallow"), pytest.raises(RuntimeError):
        nnx.jit(lambda x: x)(np.ones(2))
    assert report.ok and report.failures == []


def test_a_plain_run_that_takes_too_long_is_given_up() -> None:
    with nnxfuzz.checking("all", max_seconds=0.2) as report:
        total = nnx.fori_loop(0, 10**5, lambda i, total: total + 1, jnp.array(0))
    assert int(total) == 10**5
    assert report.counts() == {"not judged": 1}
    assert "as plain Python it takes more than 0.2 s of processor time; see --max-seconds" in str(
        report
    )


def test_what_python_cannot_do_with_what_is_shared_is_told() -> None:
    shared = nnx.Param(jnp.ones(2))

    def body(i: Any, carry: Any) -> Any:
        write(carry[0], held(carry[0]) * 2)
        jnp.zeros(3) + (jnp.ones(2) if carry[0] is carry[1] else jnp.ones(3))
        return carry

    with nnxfuzz.checking() as report:
        nnx.fori_loop(0, 1, body, (shared, shared), graph=False)
    told = "`carry[0]` and `carry[1]` are one Param, which tree mode takes for two: the plain run"
    assert report.counts() == {"not judged": 1}
    assert told in str(report)


class Scale(nnx.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        self.w = nnx.Param(jnp.ones(2))

    def __call__(self, x: Any) -> Any:
        return x * held(self.w)


def test_what_a_module_that_is_the_function_holds_otherwise_is_named() -> None:
    layer = Scale()
    jitted = nnx.jit(layer)
    with nnxfuzz.checking() as report:
        for _ in range(2):
            jitted(jnp.ones(2))
            write(layer.w, 2 * held(layer.w))
    (row,) = report.rows.values()
    (told,) = [v.told for _, v in row.used if v.kind == "different"]
    assert "closure changed (`Scale.w` is another float32[2] now)" in told


@pytest.mark.skipif(
    not version("0.12.1") <= nnx_api.release() <= version("0.12.12"),
    reason="findings/refused-call-empties-the-model.sh is of these releases",
)
def test_what_a_refused_call_takes_away_is_missing() -> None:
    model = nnx.Linear(2, 2, rngs=nnx.Rngs(0))
    inner = nnx.remat(lambda m, x: m(x))
    with nnxfuzz.checking() as report, pytest.raises(TraceContextError):
        nnx.jit(lambda x: inner(model, x))(jnp.ones(2))
    ((_, verdict),) = report.findings
    assert verdict.told.endswith(", and leaves model.bias missing")
