"""Rule W23 for the carry, for ill-formed axes, and for parts that are a prefix."""

from typing import Any, get_args

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Case,
    Form,
    Index,
    Input,
    Module,
    OfArray,
    OfNode,
    Output,
    Part,
    TupleSlot,
    Update,
    Wrong,
)

ONE = Input(OfArray(Array(shape=(1,))))


def mapping(form: Form, **changes: Any) -> Case:
    """A scan that carries nothing."""
    given: dict[str, Any] = {"carry": (TupleSlot(),), "inputs": (ONE,), "ys": (Output(),)}
    return Case(form=form, **(given | changes))


ALONE, NONE = Form(carry="alone"), Form(carry="none")
MORE = (
    "$.form.carry: the function takes more than the carry; "
    "use 'placed', or leave out inputs and index"
)
NOTHING = (
    "$.form.carry: without a carry a trip has nothing to map, or nothing to map it to; "
    "add inputs and ys"
)

BROKEN: Broken = [
    (23, Case(inputs=(ONE,), form=ALONE), MORE),
    (23, Case(ys=(Output(Index()),), form=ALONE), MORE),
    (
        23,
        mapping(NONE, carry=(ArraySlot(),)),
        "$.form.carry: there is a carry; let it be an empty tuple",
    ),
    (23, mapping(NONE, inputs=()), NOTHING),
    (23, mapping(NONE, ys=()), NOTHING),
    (
        23,
        mapping(Form(packed=True, carry="none")),
        "$.form.carry: without a carry nothing is packed, a method or passed by keyword; "
        "leave that out",
    ),
    (
        23,
        mapping(Form(style="keyword", carry="none")),
        "$.form.carry: without a carry nothing is packed, a method or passed by keyword; "
        "leave that out",
    ),
    (
        23,
        mapping(Form(1, carry="none")),
        "$.form.carry: what is not there has no position; leave out the position",
    ),
]

BROKEN += [
    (
        23,
        case,
        f"$.form.wrong: there is nothing for '{case.form.wrong}', or the form is not the simplest "
        "one; leave out the rest of the form, and add an array first in inputs, or ys",
    )
    for case in (
        Case(form=Form(wrong="carry twice")),
        Case(form=Form(wrong="carry twice out"), inputs=(ONE,)),
        Case(form=Form(wrong="carry of several")),
        Case(form=Form(wrong="output part carried")),
        Case(form=Form(wrong="output broadcast")),
        Case(form=Form(wrong="output part broadcast")),
        Case(form=Form(wrong="parts of an array"), nodes=(Module(),), inputs=(Input(OfNode(0)),)),
        Case(form=Form(length=1, wrong="carry nested"), inputs=(ONE,)),
    )
]

AXES, OTHERS = (Part(0),), (Part(None),)


def in_parts(*axes: Any, ys: tuple[Output, ...] = ()) -> Case:
    """A scan over modules, written with `nnx.prefix`."""
    inputs = tuple(Input(OfNode(k), each) for k, each in enumerate(axes))
    nodes = tuple(Module() for _ in range(len(axes) + len(ys)))
    return Case(nodes=nodes, inputs=inputs, ys=ys, form=Form(parts="prefix"))


BROKEN += [
    (
        23,
        case,
        "$.form.parts: not all of its objects have the same parts, or a part is carried, or an "
        "output's; use 'state axes', or give all inputs that are objects the same parts",
    )
    for case in (
        in_parts(),
        in_parts(0),
        in_parts(AXES, OTHERS),
        in_parts(AXES, 0),
        in_parts((Part("carry"),)),
        in_parts(AXES, ys=(Output(OfNode(1), AXES),)),
    )
]

SOUND: dict[str, Case] = {
    "parts as a prefix": in_parts(AXES),
    "the same parts of two objects": in_parts(AXES, AXES, ys=(Output(OfNode(2)),)),
    "the carry alone": Case(
        carry=(ArraySlot(),), body=(Update(("carry",)),), ys=(Output(),), form=ALONE
    ),
    **{
        f"ill-formed axes: {wrong}": Case(inputs=(ONE,), ys=(Output(),), form=Form(wrong=wrong))
        for wrong in get_args(Wrong)
    },
    "a map": mapping(NONE),
    "a map of the index": mapping(NONE, inputs=(), ys=(Output(Index()),)),
    "a map as a decorator": mapping(Form(style="decorator", carry="none")),
}


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN)
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize("name", SOUND)
def test_a_case_that_keeps_the_rule_passes(name: str) -> None:
    passes(SOUND[name])
