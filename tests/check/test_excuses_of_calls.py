"""What explains a difference away at a call site explains that difference alone.

Each row of `HIDDEN` is a mistake of a transform, and a call to which an excuse would almost apply:
without the mistake there is no finding, and with it there is one.
"""

import collections
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import pytest
from excused_calls import (
    Fault,
    Net,
    Options,
    adds,
    another_reference,
    around,
    branches_by_number,
    captured_in_graph_mode,
    casts,
    counted,
    counter_of,
    custom_vjp_before_jvp,
    custom_vjp_forwards,
    donates_another,
    hands_on,
    inner_jvp,
    inner_mode,
    left_in_a_trace,
    loop_in_a_gradient,
    makes,
    number_traced,
    of_ones,
    of_reference,
    of_two,
    refusing,
    returns_another,
    shared_in_a_gradient,
    statics_ignored,
    steps_by_attribute,
    twice,
    writes_and_reads,
    writes_to_a_reference,
    writes_what_is_broadcast,
)
from flax import nnx
from flax.errors import TraceContextError

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker.verdicts import Verdict
from nnxfuzz.programs.versions import version

pytestmark = pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")

FROZEN = ("graph-frozen", "tree")


class Hidden(NamedTuple):
    """A call, the transform with a mistake, and the modes in which it shows."""

    program: Callable[[Options], Any]
    transform: str
    fault: Fault
    modes: tuple[str, ...] = ("graph", *FROZEN)


def duplicate(one: str, other: str, transform: str) -> str:
    """What Flax says of a Param at two places (`check_no_aliases`)."""
    places = f"found at paths:\n\n  - {one}\n  - {other}\n\n"
    return f"Duplicate Param(\n  value=1\n)\n{places}nnx.{transform} with graph_updates=False"


INCONSISTENT = refusing(
    ValueError,
    "Inconsistent aliasing detected. The following nodes have different prefixes:\n"
    "Node: Param\n  0/0/a: 0\n  0/1/a: 1",
)
BRANCHES = refusing(TypeError, "true_fun and false_fun output must have identical types")
DUPLICATE = refusing(ValueError, duplicate(".args[0].a", ".args[1].a", "jit"))
INNER = refusing(ValueError, duplicate(".args[0]", ".args[1]", "jit"))
BACKWARDS = refusing(ValueError, "Reverse-mode differentiation does not work for lax.while_loop")
METADATA = refusing(ValueError, "Variable metadata changed inside jit at path .args[0].b. Changing")
RETURNED = refusing(ValueError, "mutable array references cannot be returned")

HIDDEN: dict[str, Hidden] = {
    "a static argument is traced": Hidden(
        lambda mode: nnx.jit(branches_by_number, static_argnums=1, **mode)(Net(), 3),
        "jit",
        statics_ignored,
    ),
    "a static argument by name is traced": Hidden(
        lambda mode: nnx.jit(branches_by_number, static_argnames="k", **mode)(Net(), k=3),
        "jit",
        statics_ignored,
    ),
    "a static argument of remat is traced": Hidden(
        lambda mode: nnx.remat(branches_by_number, static_argnums=1, **mode)(Net(), 3),
        "remat",
        statics_ignored,
    ),
    "a static number of a module is traced": Hidden(
        lambda mode: nnx.jit(steps_by_attribute, **mode)(Net()), "jit", around(number_traced)
    ),
    "one number of an array is lost": Hidden(
        lambda mode: nnx.jit(adds(1.0), **mode)(counter_of(1e6, 1.0)),
        "jit",
        counted(lambda was, now: now.at[1].set(was[1])),
    ),
    "a half of a small step is lost": Hidden(
        lambda mode: nnx.jit(adds(4e-6), **mode)(Net()),
        "jit",
        counted(lambda was, now: (was + now) / 2),
    ),
    "a small step is lost beside an attribute that is dropped": Hidden(
        lambda mode: nnx.jit(adds(4e-6, also=True), **mode)(Net()),
        "jit",
        counted(lambda was, now: was),
        FROZEN,
    ),
    "a Variable is left in a trace": Hidden(
        lambda mode: nnx.jit(adds(1.0), **mode)(Net()), "jit", around(left_in_a_trace)
    ),
    "a Variable holds another reference": Hidden(
        writes_to_a_reference, "jit", around(another_reference)
    ),
    "a pullback does not look at its cotangent": Hidden(
        lambda mode: nnx.vjp(lambda x: x * x, jnp.arange(3.0), **mode),
        "vjp",
        around(of_ones),
        FROZEN,
    ),
    "another kind of dictionary comes back": Hidden(
        lambda mode: nnx.jit(lambda x: collections.OrderedDict(b=x, a=x), **mode)(jnp.ones(2)),
        "jit",
        around(lambda call, args, kwargs: dict(call(*args, **kwargs))),
    ),
    "what graph mode keeps shared is refused": Hidden(
        twice("jit"), "jit", DUPLICATE, ("graph-frozen",)
    ),
    "a call in graph mode in the body is refused": Hidden(inner_mode, "vmap", INNER, FROZEN),
    "a call without graph updates in the body is refused": Hidden(
        inner_jvp,
        "jit",
        refusing(NotImplementedError, "jvp with graph_updates is not supported for now"),
        ("graph",),
    ),
    "two places with one axis are refused": Hidden(
        twice("vmap", in_axes=(0, 0)), "vmap", INCONSISTENT
    ),
    "two places by which no gradient is taken are refused": Hidden(
        lambda mode: [
            nnx.grad(lambda x, p, q: x * of_two(p, q), **mode)(1.0, net, net) for net in [Net()]
        ],
        "grad",
        INCONSISTENT,
        ("graph", "graph-frozen"),
    ),
    "an argument that comes back along its axis is refused": Hidden(
        lambda mode: nnx.vmap(lambda p, x: p, in_axes=(0, None), **mode)(Net(), jnp.ones(1)),
        "vmap",
        INCONSISTENT,
        ("graph",),
    ),
    "branches that make alike are refused": Hidden(
        lambda mode: nnx.cond(True, makes(0.0), makes(1.0), Net(), **mode), "cond", BRANCHES
    ),
    "branches that cast alike are refused": Hidden(
        lambda mode: nnx.cond(True, casts, casts, Net(), **mode), "cond", BRANCHES
    ),
    "a reference that no loop carries is refused": Hidden(of_reference, "fori_loop", RETURNED),
    "a reference is refused where another object is returned": Hidden(
        returns_another, "jit", RETURNED, ("graph",)
    ),
    "a gradient by another argument than a reference is refused": Hidden(
        lambda mode: nnx.grad(lambda net, total: net.a[...].sum(), **mode)(
            Net(), nnx.Variable(jnp.zeros(2), ref=True)
        ),
        "grad",
        refusing(TypeError, "cannot differentiate with respect to a Ref-typed argument"),
    ),
    "what is captured is not what is donated": Hidden(
        donates_another,
        "jit",
        refusing(ValueError, "Attempt to use a buffer that was previously donated"),
    ),
    "what changes is no metadata": Hidden(
        lambda mode: nnx.jit(makes(0.0), **mode)(Net()), "jit", METADATA, FROZEN
    ),
    "a loop of three trips is refused backwards": Hidden(loop_in_a_gradient, "grad", BACKWARDS),
    "a custom_vjp that stands before a jvp is refused": Hidden(
        custom_vjp_before_jvp,
        "jit",
        refusing(TypeError, "can't apply forward-mode autodiff (jvp) to a custom_vjp function."),
    ),
    "what 0.12.6 refused of a broadcast argument": Hidden(
        writes_what_is_broadcast,
        "scan",
        refusing(ValueError, "Broadcast (None axis) Variable at [1] was mutated during scan."),
    ),
    "what 0.10.4 refused of an array": Hidden(
        lambda mode: nnx.jit(lambda x: x, **mode)(nnx.Dict(x=jnp.ones(2))),
        "jit",
        refusing(ValueError, "Arrays leaves are not supported, at 'x': 1"),
        ("graph",),
    ),
    "what is captured is handed on without graph updates": Hidden(
        hands_on,
        "jit",
        refusing(ValueError, "Cannot extract graph node from different trace level, got Param(1)"),
        FROZEN,
    ),
    "a parameter by name alone is refused by jit": Hidden(
        lambda mode: nnx.jit(lambda net, *, k=2: net.a[...] * k, **mode)(Net()),
        "jit",
        refusing(TypeError, "keyword arguments could not be resolved to positions"),
    ),
    "a write to an argument that is captured as well": Hidden(
        writes_and_reads,
        "jit",
        refusing(TraceContextError, "Cannot mutate Param from a different trace level"),
    ),
}


#: What is refused in every mode, for the mode of a call in the body.
REFUSED: dict[Callable[[Options], None], str] = {
    captured_in_graph_mode: "closure-nested",
    custom_vjp_forwards: "custom-vjp-forwards",
    shared_in_a_gradient: "inconsistent-aliasing",
}


def verdicts(hidden: Hidden, mode: Any) -> list[Verdict]:
    """What the call comes to."""
    options = nnx_api.mode_arguments(mode)
    with nnxfuzz.checking(max_calls=None) as report:
        try:
            hidden.program(options)
        except Exception:
            assert report.calls
    assert report.failures == []
    return [v for row in report.rows.values() for v in row.verdicts[mode]]


def is_told(hidden: Hidden, mode: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the mistake there is no finding, and with it there is one."""
    clean = verdicts(hidden, mode)
    assert clean and not any(v.is_finding for v in clean), clean
    monkeypatch.setattr(nnx, hidden.transform, hidden.fault(getattr(nnx, hidden.transform)))
    seen = verdicts(hidden, mode)
    assert any(v.is_finding for v in seen), seen


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("program", REFUSED, ids=lambda program: program.__name__)
def test_a_reason_of_a_call_in_the_body_is_told(
    program: Callable[[Options], None], mode: str
) -> None:
    seen = verdicts(Hidden(program, "", lambda real: real), mode)
    assert [(v.kind, v.record) for v in seen] == [("refused", REFUSED[program])], seen


@pytest.mark.parametrize("mode", nnx_api.modes())
@pytest.mark.parametrize("name", HIDDEN)
def test_a_mistake_to_which_an_excuse_almost_applies_is_found(
    name: str, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = HIDDEN[name]
    if mode not in hidden.modes:
        pytest.skip("the mistake is none there, or is refused for another reason")
    if nnx_api.release() <= version("0.12.6") and "0.12.6" in name:
        pytest.skip("this release refuses it")
    is_told(hidden, mode, monkeypatch)
