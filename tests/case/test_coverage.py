"""What a case exercises, what it needs of a release, and where it looks for the index.

That every feature occurs in drawn programs is for `test_strategies`.
"""

import pytest

from nnxfuzz.programs.case import (
    EXERCISABLE,
    Arm,
    Array,
    ArraySlot,
    Call,
    Case,
    Draw,
    Everywhere,
    Feature,
    Form,
    Index,
    Input,
    Layer,
    Linear,
    Loop,
    Mapping,
    Module,
    NodeSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Output,
    Part,
    Read,
    Sequence,
    Sow,
    Streams,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
    Within,
    check,
    exercised,
    fits,
    needs,
    uses_index,
)
from nnxfuzz.programs.case.queries import unfolded

ALWAYS = {"trips:one", "slot:tuple"}
SCAN = {"scan", "carry in:alone", "carry out:alone", "length:inferred"}
ONE = Array(shape=(1,))
AS_IT_IS = Form()


def scan(*inputs: Input, form: Form = AS_IT_IS, **more: object) -> Case:
    tables: dict[str, object] = {"variables": (Variable(value=ONE),), "nodes": (Module(),)}
    return Case(inputs=inputs, form=form, **(tables | more))  # type: ignore[arg-type]


EXERCISED: list[tuple[Case, set[str]]] = [
    (Case(), ALWAYS),
    (Case(loop=Loop(0, 0)), {"trips:none", "slot:tuple"}),
    (Case(loop=Loop(1, 3, unroll=7)), {"unroll:int", "unroll:beyond the trips", "trips:many"}),
    (Case(loop=Loop(unroll=True)), {"unroll:bool"}),
    (Case(loop=Loop(reverse=True)), {"reverse", *SCAN}),
    (scan(Input(OfArray(ONE), -1)), {"axis:negative", "input:array", "carry in:first"}),
    (scan(Input(OfArray(ONE)), form=Form(1, packed=True)), {"carry in:last", "prefix:nested"}),
    (
        scan(Input(OfNode(0), None), Input(OfNode(0)), form=Form(1)),
        {"carry in:between", "aliased:inputs, different axes", "axis:broadcast", "axis:0"},
    ),
    (
        scan(Input(OfVariable(0)), Input(OfVariable(0)), carry=(VariableSlot(0),)),
        {"aliased:inputs, equal axes", "aliased:input and carry", "input:variable"},
    ),
    (
        scan(Input(OfNode(0), (Part("carry", "Param"), Part(0, under="a"), Part()))),
        {
            "axis:parts",
            "parts:by type",
            "parts:by path",
            "parts:the rest",
            "parts:carry",
            "parts:int",
            "parts:broadcast",
        },
    ),
    (scan(form=Form(length=1)), {"length:given"}),
    (scan(Input(OfArray(ONE)), form=Form(length=0)), {"length:contradictory", "length:zero"}),
    (
        scan(Input(OfVariable(0)), body=(Update(("inputs", 0)),)),
        {"input:slice written"},
    ),
    (
        scan(Input(OfVariable(0), None), body=(Everywhere(("inputs", 0)),)),
        {"input:broadcast written", "everywhere:update"},
    ),
    (
        scan(
            Input(OfVariable(0)),
            form=Form(partition="layers"),
            variables=(Variable(value=ONE, names=("layers",)),),
        ),
        {"partition", "partition:of names", "metadata:names"},
    ),
    (scan(ys=(Output(OfVariable(0), 1),)), {"output:variable", "output axis:1 and up"}),
    (scan(ys=(Output(OfNode(0)), Output())), {"output:module", "output:number"}),
    (
        Case(
            nodes=(Layer("GRUCell"),),
            carry=(TupleSlot((1, 2)), NodeSlot(0), ArraySlot()),
            body=(Update(("carry", 1), operand=Call(("carry", 0), ("carry", 1), total=True)),),
        ),
        {"layer:GRUCell", "called:GRUCell", "operand:call", "node:layer"},
    ),
    (
        Case(
            nodes=(Streams({"a": 0}), Module({"r": OfNode(0)})),
            carry=(ArraySlot(),),
            closure=(OfNode(0), OfNode(1)),
            body=(Update(("carry",), operand=Draw(("closure", 0, "a"))),),
        ),
        {"streams:closure", "streams:attribute", "closure:written", "shared:node"},
    ),
    (
        Case(body=(Within(0, "scan", 2),), blocks=((),)),
        {"within:scan", "within:two deep", "statement:within"},
    ),
]


@pytest.mark.parametrize(("case", "names"), EXERCISED)
def test_a_case_exercises_what_it_has(case: Case, names: set[str]) -> None:
    check(case)
    assert names <= exercised(case) <= set(EXERCISABLE)


def test_an_empty_case_exercises_nothing_else() -> None:
    assert exercised(Case()) == ALWAYS


def test_rows_that_nothing_reaches_do_not_count() -> None:
    assert exercised(Case(nodes=(Layer(), Module({"a": OfNode(0)})))) == ALWAYS


# --- what a release needs -------------------------------------------------------------------

HELD = Module({"v": OfVariable(0)})
NEEDS: list[tuple[Case, set[Feature]]] = [
    (Case(), set()),
    (Case((Variable(),), carry=(VariableSlot(0),)), {"bare-variables"}),
    (Case((Variable(),), inputs=(Input(OfVariable(0), None),)), {"bare-variables"}),
    (Case((Variable(),), ys=(Output(OfVariable(0)),)), {"bare-variables"}),
    (
        Case((Variable(),), (Sequence((OfVariable(0),)),), inputs=(Input(OfNode(0), None),)),
        {"bare-variables"},
    ),
    (
        Case((Variable(),), (HELD,), (NodeSlot(0),), body=(Everywhere(("carry", "v")),)),
        {"bare-variables"},
    ),
    (Case((Variable(),), (HELD,), (NodeSlot(0),), body=(Everywhere(("carry",)),)), set()),
    (Case(nodes=(Mapping(),)), {"mapping"}),
    (Case(nodes=(Mapping({"a": OfArray()}),)), {"mapping", "raw-arrays"}),
    (Case(nodes=(Module({"a": OfStatic(1, marked=True)}),)), {"marks"}),
    (Case(nodes=(Streams(splits=1),)), {"rng-split"}),
    (Case(form=Form(partition="x")), {"partition"}),
    (Case(inputs=(Input(OfArray(ONE)),), form=Form(style="keyword")), {"keywords"}),
    (
        Case(
            nodes=(Streams({"a": 0}),),
            carry=(NodeSlot(0),),
            ys=(Output(Draw(("carry", "a"), fork=True)),),
        ),
        {"rng-fork"},
    ),
    (
        Case(
            carry=(ArraySlot(),),
            body=(Within(0),),
            blocks=((Update(("carry",), style="setitem"),),),
        ),
        {"setitem", "fori-loop"},
    ),
]


@pytest.mark.parametrize(("case", "features"), NEEDS)
def test_a_case_needs_what_not_every_release_has(case: Case, features: set[Feature]) -> None:
    check(case)
    assert needs(case) == features


# --- the index, and arms --------------------------------------------------------------------


@pytest.mark.parametrize(
    "case",
    [
        Case(ys=(Output(Index()),)),
        Case(carry=(ArraySlot(),), body=(Update(("carry",), operand=Index()),)),
        Case(carry=(ArraySlot(),), blocks=((Update(("carry",), operand=Index()),),)),
        Case(nodes=(Module(),), carry=(NodeSlot(0),), body=(Sow(("carry",), "x", Index()),)),
    ],
)
def test_the_index_is_found_wherever_it_is_used(case: Case) -> None:
    check(case)
    assert uses_index(case)


def test_the_index_is_not_found_where_it_is_not_used() -> None:
    case = Case(carry=(ArraySlot(),), ys=(Output(Read(("carry",))), Output()))
    assert not uses_index(case)


@pytest.mark.parametrize(
    "case",
    [
        Case(inputs=(Input(OfArray(ONE)),)),
        Case(ys=(Output(),)),
        Case(form=Form(length=1)),
        Case(loop=Loop(reverse=True)),
    ],
)
def test_what_only_scan_has_fits_scan_only(case: Case) -> None:
    check(case)
    assert [fits(case, Arm(name)) for name in ("fori_loop", "while_loop", "scan")] == [
        False,
        False,
        True,
    ]


def test_inputs_and_outputs_count_where_nothing_is_shared() -> None:
    twice = Module({"a": OfNode(1), "b": OfNode(1)})
    case = Case(
        nodes=(twice, Linear()),
        carry=(NodeSlot(0),),
        inputs=(Input(OfNode(0), None),),
        ys=(Output(OfNode(0)),),
    )
    assert unfolded(case) == 9
