"""Wrappers are tried around wild programs and around arms that show something."""

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import pytest
from clean_loops import clean_loops
from flax import nnx

from nnxfuzz import nnx_api
from nnxfuzz.campaign import Explorer, Settings, Statistics
from nnxfuzz.campaign.known_bugs import KnownBugs, known_bug
from nnxfuzz.oracle.verdict import Agrees, Finding, Refused, Signature
from nnxfuzz.programs.case import (
    WRAPPERS,
    Arm,
    Array,
    ArraySlot,
    Bind,
    Case,
    Const,
    Drop,
    Make,
    Module,
    NodeSlot,
    OfVariable,
    Pop,
    Raise,
    Sow,
    Statement,
    Swap,
    TupleSlot,
    Update,
    Variable,
    Wrapper,
    fits,
)
from nnxfuzz.runners.arms import wrapped_arms
from nnxfuzz.runners.judge import examine
from nnxfuzz.runners.loops import Loops

P, Q = ("carry", 0, "p"), ("carry", 0, "q")


def program(*body: Statement) -> Case:
    return Case(
        variables=(Variable(), Variable(), Variable()),
        nodes=(Module({"p": OfVariable(0), "q": OfVariable(1)}), Module({"p": OfVariable(2)})),
        carry=(TupleSlot((1, 2)), NodeSlot(0), NodeSlot(1)),
        body=body,
    )


OBJECT: tuple[Wrapper, ...] = ("jit", "remat", "eval_shape")
WILD: dict[str, tuple[Statement, tuple[Wrapper, ...]]] = {
    "sow": (Sow(("carry", 0), "s", Const(1)), OBJECT),
    "pop": (Pop(("carry", 0)), OBJECT),
    "make": (Make(P, OfVariable(2)), OBJECT),
    "drop": (Drop(Q), OBJECT),
    "swap": (Swap(P, Q), OBJECT),
    "bind": (Bind(P, Q), OBJECT),
    "raise": (Raise(), (*OBJECT, "cond", "lax")),
    "dtype": (Update(P, "add", Const(1), dtype="int32"), (*OBJECT, "vmap")),
}


@pytest.mark.parametrize("name", WILD)
def test_a_wild_program_has_its_plain_meaning_inside_of_wrappers(name: str) -> None:
    """The loops are Python's own, so that only the wrapper is Flax's."""
    statement, wrappers = WILD[name]
    case, loops = program(statement), clean_loops()
    for wrapper in wrappers:
        arm = Arm("scan", "graph", wrapper)
        assert fits(case, arm), wrapper
        verdict = examine(case, arm, "trace", loops)
        if name == "raise" or (name, wrapper) == ("drop", "jit"):  # called once more: it is gone
            assert isinstance(verdict, Refused) and verdict.reason == "body-raised", wrapper
        else:
            assert isinstance(verdict, Agrees), (wrapper, verdict)


@pytest.mark.parametrize("wrapper", ["jit", "remat", "vmap", "eval_shape"])
def test_flax_refuses_another_dtype_inside_of_wrappers_as_it_does_outside(wrapper: Any) -> None:
    verdict = examine(program(WILD["dtype"][0]), Arm("fori_loop", "graph", wrapper), "trace")
    assert isinstance(verdict, Refused) and verdict.reason == "carry-types"


@pytest.mark.skipif("array-refs" not in nnx_api.features(), reason="no references here")
def test_a_program_with_references_stands_inside_of_wrappers() -> None:
    case = Case(
        variables=(Variable(ref=True),),
        closure=(OfVariable(0),),
        carry=(ArraySlot(Array()),),
    )
    for wrapper in ("jit", "remat", "eval_shape"):
        assert isinstance(examine(case, Arm("fori_loop", "graph", wrapper), "eager"), Agrees)


@pytest.mark.parametrize(
    ("statement", "wrapper"),
    [
        (Swap(("carry", 0), ("carry", 1)), "jit"),  # objects come back where they were given
        (Swap(P, Q), "cond"),  # its branches have to stay alike
    ],
)
def test_what_has_no_plain_meaning_there_does_not_fit(statement: Statement, wrapper: Any) -> None:
    assert not fits(program(statement), Arm("scan", "graph", wrapper))
    assert fits(program(), Arm("scan", "graph", wrapper))


# --- around arms that show something --------------------------------------------------------


LOOP = Case(
    variables=(Variable(),),
    nodes=(Module({"p": OfVariable(0)}),),
    carry=(NodeSlot(0),),
    body=(Update(("carry", "p"), "add", Const(1)),),
)


def loses() -> Loops:
    """A scan that loses every update."""
    loops = clean_loops()

    def scan(f: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        def scanned(module: Any, *rest: Any) -> Any:
            out = loops["scan"](f, **options)(module, *rest)
            nnx_api.set_raw(module.p, jnp.zeros(()))
            return out

        return scanned

    return loops | {"scan": scan}


def explorer(loops: Loops, *wrappers: Wrapper, known: bool = True) -> Explorer:
    """Runs single programs; that the scan loses updates is known and has been checked."""
    options = Settings(0, transforms=("scan",), modes=("graph",), wrappers=("plain", *wrappers))
    bugs, seen = KnownBugs(), {}
    if known:
        finding = examine(LOOP, Arm("scan", "graph"), "trace", loses())
        assert isinstance(finding, Finding)
        bugs, seen = bugs.plus(known_bug(LOOP, finding)), {str(finding.signature): 1}
    return Explorer(options, Statistics(), bugs, None, loops=loops, met=seen, checked=seen)


def run(one: Explorer, case: Case) -> Signature | None:
    one._last_program = one.statistics.programs + 1
    return one._visit(case)


LOST = Signature("wrong-world", "scan", "graph", "caller variable value")


def test_what_the_plain_arm_shows_too_is_counted_with_it() -> None:
    one = explorer(loses(), "remat", "cond", "jit", "grad")
    assert run(one, LOOP) is None
    assert one.statistics.known == {str(LOST): 3}  # plain, remat, cond; not jit nor grad
    assert one.statistics.arms == 3


def test_what_only_the_wrapper_shows_is_a_finding_beside_a_known_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside: list[bool] = []
    real, loops = nnx.remat, loses()

    @functools.wraps(real)
    def remat(function: Any, **options: Any) -> Any:
        def noted(*given: Any) -> Any:
            inside.append(True)
            try:
                return function(*given)
            finally:
                inside.pop()

        return real(noted, **options)

    def scan(f: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        def scanned(module: Any, *rest: Any) -> Any:
            if inside:
                raise KeyError("only inside")
            return loops["scan"](f, **options)(module, *rest)

        return scanned

    monkeypatch.setattr(nnx, "remat", remat)
    one = explorer(loops | {"scan": scan}, "remat")
    found = run(one, LOOP)
    assert found is not None and (found.kind, found.wrapper) == ("internal-error", "remat")
    assert one.statistics.known == {str(LOST): 1}


def test_the_arms_around_a_wrong_one_leave_out_what_begins_with_its_outcome() -> None:
    plain = Arm("scan", "graph")
    shown = {plain: Finding(plain, LOST)}
    around = {arm.wrapper for arm in wrapped_arms(LOOP, [plain], WRAPPERS, shown)}
    assert {arm.wrapper for arm in wrapped_arms(LOOP, [plain], WRAPPERS)} - around == {
        "jit",
        "grad",
    }
    assert {"remat", "cond"} <= around


# --- what XLA does not show -----------------------------------------------------------------


def test_a_signature_that_is_not_confirmed_is_tried_again_at_each_tenth_hit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = explorer(loses(), known=False)
    asked = []
    monkeypatch.setattr(one, "confirmed", lambda case, arm: asked.append(arm))
    finding = Finding(Arm("scan", "graph"), LOST)
    tried = []
    for hit in range(31):
        before = len(asked)
        one._finding(LOOP, finding, "trace")
        tried += [hit + 1] * (len(asked) - before)
    assert tried == [1, 2, 3, 10, 20, 30]
    assert one.statistics.unconfirmed == 31
