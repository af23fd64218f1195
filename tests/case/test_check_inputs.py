"""Rules W10, W19 and W23: inputs, what they are cut along, and how the scan is called."""

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    Array,
    Attribute,
    Case,
    Form,
    Input,
    Layer,
    Linear,
    Loop,
    Mapping,
    Module,
    Node,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Optimizer,
    Output,
    Part,
    Read,
    Streams,
    Until,
    Update,
    Variable,
    VariableType,
    problems,
)

Axis = int | tuple[Part, ...] | None
THREE = Loop(1, 4)


def variable(*shape: int, kind: VariableType = "Param") -> Variable:
    return Variable(kind, Array(shape=shape))


def array(*shape: int, axis: int | None = 0) -> Case:
    """Three trips over an array."""
    return Case(loop=THREE, inputs=(Input(OfArray(Array(shape=shape)), axis),))


def module(axis: Axis, *variables: Variable, **more: Attribute) -> Case:
    """Three trips over a module of the given Variables, by the names a, b, and so on."""
    held = {name: OfVariable(k) for k, name in zip(range(len(variables)), "abcd", strict=False)}
    top = Module({**held, **more})
    return Case(variables, (top, Linear()), loop=THREE, inputs=(Input(OfNode(0), axis),))


def node(node: Node, axis: Axis, trips: int = 3) -> Case:
    """A loop over a node that a module holds."""
    nodes = (Module({"n": OfNode(1)}), node, Linear())
    return Case(nodes=nodes, loop=Loop(0, trips), inputs=(Input(OfNode(0), axis),))


def form(form: Form, *inputs: Input, ys: int = 0) -> Case:
    return Case(nodes=(Module(),), inputs=inputs, form=form, ys=(Output(),) * ys)


OBJECT, ONE = Input(OfNode(0)), Input(OfArray(Array(shape=(1,))))
FITS = "which does not fit a loop of 3 trips"
WHOLE = "scan over all of it along axis 0, or leave it unstacked"
CUT = "below an input that is scanned over or has parts"
LINEAR = "a linear layer with kernel, bias"
OTHERS = (Part(0, "Param"), Part("carry", under="b"), Part())

UNSTACKED: list[tuple[Node, str, int]] = [
    (Linear(), LINEAR, 1),
    (Layer("Conv", stack=2), "a layer of type Conv", 2),
    (Streams({"a": 1}), "Rngs with a", 1),
]
UNCUT: list[tuple[Node, Axis, str]] = [
    (Linear(stack=3), None, LINEAR),
    (Linear(stack=3), 1, LINEAR),
    (Linear(stack=3), (Part(None, "Param"), Part(0)), LINEAR),
    (Linear(stack=3), (Part(0, under="bias"), Part()), LINEAR),
    (Layer(stack=3), (Part("carry"),), "a layer of type LayerNorm"),
    (Streams(splits=3), None, "Rngs with no entries"),
]
SEVERAL: list[tuple[Node, str]] = [
    (Layer("BatchNorm"), "a layer of type BatchNorm"),
    (Streams({"a": 0, "b": 0}, splits=3), "Rngs with a, b"),
]

BROKEN: Broken = [
    # W10 the trip count as the length of the axis
    *(
        (
            10,
            array(*shape, axis=axis),
            f"$.inputs[0].what.array.shape: it has the shape {list(shape)}, {FITS}; "
            f"give axis {axis} the length 3, one for each trip",
        )
        for shape, axis in [((4,), 0), ((0, 3), 0), ((3, 2), 1), ((3, 2), -1)]
    ),
    *(
        (
            10,
            array(*shape, axis=axis),
            f"$.inputs[0].what.array.shape: it has the shape {list(shape)}, "
            f"which has no axis {axis}; name an axis that is there",
        )
        for shape, axis in [((), 0), ((3,), 1), ((3,), -2)]
    ),
    (
        10,
        Case((variable(2),), loop=THREE, inputs=(Input(OfVariable(0)),)),
        f"$.inputs[0]: inputs[0] has the shape [2], {FITS}; "
        "give axis 0 the length 3, one for each trip",
    ),
    (
        10,
        module(-1, variable(3), variable(3, 2)),
        f"$.inputs[0]: inputs[0].b has the shape [3, 2], {FITS}; "
        "give axis -1 the length 3, one for each trip",
    ),
    (
        10,
        module(OTHERS, variable(2, kind="Cache"), variable(2), variable(3)),  # b is a Param
        f"$.inputs[0]: inputs[0].b has the shape [2], {FITS}; "
        "give axis 0 the length 3, one for each trip",
    ),
    *(
        (
            10,
            node(each, 0),
            f"$.inputs[0]: inputs[0].n is {what} for {n} trips, in a loop of 3; stack 3 of them",
        )
        for each, what, n in UNSTACKED
    ),
    *(
        (
            10,
            node(each, axis),
            f"$.inputs[0]: inputs[0].n is {what}, stacked, and not scanned over along axis 0; "
            f"{WHOLE}",
        )
        for each, axis, what in UNCUT
    ),
    (
        10,
        node(Linear(), -1),
        f"$.inputs[0]: inputs[0].n is {LINEAR}, scanned over along an axis that is not 0; "
        "scan over all of it along axis 0, or pass it as it is",
    ),
    # W19 parts, and what is not cut
    *(
        (
            19,
            Case((Variable(),), (Module(),), inputs=(Input(what, (Part(),)),)),
            "$.inputs[0].axis: only a node has parts; give it an axis or null, or pass a node",
        )
        for what in (OfArray(), OfVariable(0))
    ),
    *(
        (
            19,
            module(parts),
            "$.inputs[0].axis: its parts do not say what becomes of the rest; "
            "end them with '...' that has no 'under'",
        )
        for parts in [(), (Part(0, "Param"),), (Part(0), Part(under="a"))]
    ),
    (
        19,
        module((Part(0, "Param"), Part(1, "Param"), Part(0))),
        "$.inputs[0].axis: two of its parts are of the same Variables; leave one of them out",
    ),
    (
        19,
        Case(inputs=(Input(OfArray(marked=True), None),)),
        "$.inputs[0].what: it marks an array that is no attribute; leave out 'marked'",
    ),
    *(
        (
            19,
            module(axis, a=OfArray(Array(shape=(3,)))),
            f"$.inputs[0]: inputs[0].a is a raw array {CUT}; "
            "make it a Variable, or pass the input as it is",
        )
        for axis in (0, (Part(),))
    ),
    *(
        (
            19,
            node(Optimizer(2), axis),
            f"$.inputs[0]: inputs[0].n is an optimizer {CUT}; "
            "pass the input as it is, or carry the optimizer",
        )
        for axis in (0, (Part(),))
    ),
    *(
        (
            19,
            node(each, (Part(0, "Param"), Part())),
            f"$.inputs[0]: inputs[0].n is {what} below an input of 2 parts; "
            "keep to one part, the rest",
        )
        for each, what in SEVERAL
    ),
    (
        19,
        module((Part(0, under="a"), Part()), variable(3), again=OfVariable(0)),
        "$.inputs[0]: inputs[0].again has another place, of which another part says 0; "
        "let one part say what becomes of it",
    ),
    # W23 the form
    (
        23,
        form(Form(length=5)),
        "$.form.length: a length of 5 contradicts the 1 trips of the loop; "
        "leave it out, or add an input to scan over",
    ),
    *(
        (23, case, f"$.form.{where}: {n} is no position of the carry; keep to 0 to {most}")
        for case, where, n, most in [
            (form(Form(carry_in=1)), "carry_in", 1, 0),
            (form(Form(carry_in=-1), ONE), "carry_in", -1, 1),
            (form(Form(2, packed=True), ONE, ONE), "carry_in", 2, 1),
            (form(Form(carry_out=1), ONE), "carry_out", 1, 0),
            (form(Form(carry_out=3), ys=2), "carry_out", 3, 2),
            (form(Form(carry_out=2, packed=True), ys=2), "carry_out", 2, 1),
        ]
    ),
    (
        23,
        form(Form(packed=True)),
        "$.form.packed: there is nothing to pack; leave it out, or add inputs or ys",
    ),
    *(
        (
            23,
            form(Form(1, packed=True, style=style), OBJECT),
            "$.form.style: packed inputs have no names; leave out 'packed'",
        )
        for style in ("keyword", "method")
    ),
    *(
        (
            23,
            case,
            "$.form.style: no input comes after the carry, to be passed by keyword; "
            "add an input, or let the carry come first",
        )
        for case in (form(Form(style="keyword")), form(Form(1, style="keyword"), ONE))
    ),
    *(
        (
            23,
            case,
            "$.form.style: no node comes first, for the method to bind to; "
            "let the first input be a node, and the carry come after it",
        )
        for case in (
            form(Form(style="method")),
            form(Form(style="method"), OBJECT),
            form(Form(1, style="method"), ONE, OBJECT),
        )
    ),
]

WELL_FORMED: dict[str, Case] = {
    "the first axis": array(3, 2),
    "the last axis": array(2, 3, axis=-1),
    "no axis": array(2, axis=None),
    "a Variable in the middle": Case(
        (variable(2, 3, 4),), loop=THREE, inputs=(Input(OfVariable(0), 1),)
    ),
    "parts": module(OTHERS, variable(3), variable(2, kind="Cache"), variable(3, 2)),
    "a part by path reaches what is below": Case(
        (variable(3), variable(2)),
        (Module({"a": OfNode(1), "b": OfVariable(1)}), Mapping({"c": OfVariable(0)})),
        loop=THREE,
        inputs=(Input(OfNode(0), (Part(0, under="a"), Part("carry"))),),
    ),
    "one Variable twice in one part": module(0, variable(3), again=OfVariable(0)),
    "one Variable in two inputs": Case(
        (variable(3),), loop=THREE, inputs=(Input(OfVariable(0)), Input(OfVariable(0), None))
    ),
    "a static": module(0, a=OfStatic(1)),
    "a raw array that is passed as it is": module(None, a=OfArray()),
    "an optimizer that is passed as it is": node(Optimizer(2), None),
    "a cycle": module(0, variable(3), me=OfNode(0)),
    **{
        f"stacked: {type(each).__name__} {axis}": node(each, axis)
        for each in (Linear(stack=3), Layer("Dropout", stack=3), Streams({"a": 1}, splits=3))
        for axis in (0, (Part(0),))
    },
    "one layer for one trip": node(Layer(stack=1), 0, trips=1),
    "a layer that is passed as it is": node(Layer(), None),
    "a linear layer in parts": node(Linear(stack=3), (Part(0, "Param"), Part("carry"))),
    "a slice is read and written": Case(
        (variable(3, 2), variable(2)),
        inputs=(Input(OfVariable(0)), Input(OfArray(Array(shape=(2, 3))), -1)),
        loop=THREE,
        body=(Update(("inputs", 0), operand=Read(("inputs", 1))),),
    ),
    "the carry between": form(Form(1, 1), ONE, ONE, ys=2),
    "the carry last": form(Form(2, 2), ONE, ONE, ys=2),
    "the carry after what is packed": form(Form(1, 1, packed=True), ONE, ONE, ys=2),
    "keywords": form(Form(1, style="keyword"), ONE, ONE),
    "a method": form(Form(1, style="method"), OBJECT, ONE),
}


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN, ids=[f"W{b[0]}" for b in BROKEN])
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize("case", WELL_FORMED.values(), ids=WELL_FORMED.keys())
def test_a_well_formed_case_passes(case: Case) -> None:
    passes(case)


def test_an_input_does_not_stop_the_loop() -> None:
    # No transform has both, so that rule 18 is always broken too.
    until = Until(("inputs", 0))
    found = problems(Case(inputs=(Input(OfArray(), None),), loop=Loop(until=until)))
    assert [(p.rule, p.reason) for p in found if p.rule != 18] == [
        (17, "inputs[0] is not in the carry")
    ]


def test_every_rule_of_inputs_has_a_case_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} == {10, 19, 23}
