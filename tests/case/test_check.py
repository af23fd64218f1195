"""Rules W1 to W9 each have a case that breaks just it, and its whole sentence.

The other files named `test_check_*` have the other rules.
"""

import importlib
import re

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Attribute,
    Case,
    Const,
    DictSlot,
    Input,
    Linear,
    LinearConfig,
    Loop,
    Make,
    Module,
    NodeSlot,
    NoneSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Optimizer,
    Output,
    Raise,
    ScalarSlot,
    Sequence,
    StateSlot,
    TupleSlot,
    Until,
    Update,
    Variable,
    VariableSlot,
    Within,
    problems,
)

HUGE = 10**5000  # CPython refuses to print it
RANGE = "use -1000 to 1000"
NAME = (
    "use an ASCII identifier that is no keyword, does not start with '_' and has at most 32 "
    "characters"
)
TEXT = "use at most 32 printable characters"


def wide(n: int) -> Array:
    return Array("float32", (n,))


def module(attribute: Attribute) -> Case:
    """A module whose attribute `a` is the given one."""
    return Case(nodes=(Module({"a": attribute}),))


BROKEN: Broken = [
    # W1 table sizes
    (1, Case(variables=(Variable(),) * 33), "$.variables: it has 33 rows; keep to 32"),
    (1, Case(nodes=(Module(),) * 33), "$.nodes: it has 33 rows; keep to 32"),
    (1, Case(carry=(NoneSlot(),) * 65), "$.carry: it has 65 rows; keep to 64"),
    (1, Case(carry=()), "$.carry: it has no rows; give it at least the root, row 0"),
    (1, Case(closure=(OfNode(0),) * 17), "$.closure: it has 17 rows; keep to 16"),
    (1, Case(inputs=(Input(OfArray()),) * 9), "$.inputs: it has 9 rows; keep to 8"),
    (1, Case(blocks=((),) * 5), "$.blocks: it has 5 rows; keep to 4"),
    (1, Case(blocks=((), (Raise(),) * 17)), "$.blocks[1]: it has 17 rows; keep to 16"),
    (1, Case(body=(Raise(),) * 65), "$.body: it has 65 rows; keep to 64"),
    (1, Case(ys=(Output(),) * 9), "$.ys: it has 9 rows; keep to 8"),
    # W2 entries of a row
    (
        2,
        Case(nodes=(Module({f"a{k}": OfStatic() for k in range(17)}),)),
        "$.nodes[0].attributes: it has 17 entries; keep to 16",
    ),
    (
        2,
        Case(nodes=(Sequence((OfStatic(),) * 17),)),
        "$.nodes[0].items: it has 17 entries; keep to 16",
    ),
    (
        2,
        Case(carry=(TupleSlot(tuple(range(1, 18))), *(NoneSlot(),) * 17)),
        "$.carry[0].items: it has 17 entries; keep to 16",
    ),
    # W3 names
    *(
        (
            3,
            Case(nodes=(Module({name: OfStatic()}),)),
            f"$.nodes[0].attributes{at}: {name!a} is no name for an attribute or a key; {NAME}",
        )
        for name, at in [
            ("", "['']"),
            ("a b", "['a b']"),
            ("_a", "._a"),
            ("class", ".class"),
            ("x" * 33, "." + "x" * 33),
            ("\ufb01", "['\\ufb01']"),
        ]
    ),
    (
        3,
        Case(carry=(DictSlot({"sow": 1}), NoneSlot())),
        "$.carry[0].items.sow: the name 'sow' is a method of nnx.Module; use another",
    ),
    (
        3,
        Case(body=(Make(("carry", "eval"), OfStatic()),), nodes=(Module(),), carry=(NodeSlot(0),)),
        "$.body[0].at: the name 'eval' is a method of nnx.Module; use another",
    ),
    # W4 arrays
    (
        4,
        Case(inputs=(Input(OfArray(Array("float32", (1, 65)))),)),
        "$.inputs[0].what.array.shape[1]: 65 is no dimension; use 0 to 64",
    ),
    (
        4,
        Case(variables=(Variable(value=wide(-1)),)),
        "$.variables[0].value.shape[0]: -1 is no dimension; use 0 to 64",
    ),
    (
        4,
        Case(variables=(Variable(value=wide(HUGE)),)),
        f"$.variables[0].value.shape[0]: an integer of {HUGE.bit_length()} bits is no dimension; "
        "use 0 to 64",
    ),
    (
        4,
        module(OfArray(Array("float32", (1,) * 5))),
        "$.nodes[0].attributes.a.array.shape: it has 5 dimensions; keep to 4",
    ),
    (
        4,
        Case(carry=(ArraySlot(Array("float32", (64, 17))),)),
        "$.carry[0].array.shape: it asks for 1088 elements; keep to 1024",
    ),
    (
        4,
        Case(carry=(ArraySlot(Array(fill=1001)),)),
        f"$.carry[0].array.fill: 1001 is out of range; {RANGE}",
    ),
    (
        4,
        Case(carry=(ArraySlot(Array("int32", fill="nan")),)),
        "$.carry[0].array.fill: int32 has no 'nan'; use a float dtype or a number",
    ),
    # W5 numbers and texts
    (
        5,
        Case(variables=(Variable(tag="x" * 33),)),
        f"$.variables[0].tag: the text '{'x' * 33}' is not allowed; {TEXT}",
    ),
    (
        5,
        module(OfStatic("\ud800")),
        f"$.nodes[0].attributes.a.value: the text '\\ud800' is not allowed; {TEXT}",
    ),
    (
        5,
        module(OfStatic(-1001)),
        f"$.nodes[0].attributes.a.value: -1001 is out of range; {RANGE}",
    ),
    (
        5,
        Case(body=(Make(("carry", 0), OfStatic(HUGE)),)),
        f"$.body[0].what.value: an integer of {HUGE.bit_length()} bits is out of range; {RANGE}",
    ),
    *(
        (5, Case(carry=(ScalarSlot(value),)), f"$.carry[0].value: {value} is out of range; {RANGE}")
        for value in (1001, float("nan"), float("inf"), -float("inf"), 1e308)
    ),
    (
        5,
        Case(body=(Update(("carry", 0), operand=Const(1001)),)),
        f"$.body[0].operand.value: 1001 is out of range; {RANGE}",
    ),
    (5, Case(ys=(Output(Const(-1001)),)), f"$.ys[0].value.value: -1001 is out of range; {RANGE}"),
    (
        5,
        Case(nodes=(Linear(LinearConfig(0)),)),
        "$.nodes[0].config.in_features: 0 is out of range; use 1 to 8",
    ),
    (
        5,
        Case(nodes=(Linear(LinearConfig(1, 9)),)),
        "$.nodes[0].config.out_features: 9 is out of range; use 1 to 8",
    ),
    (
        5,
        Case(nodes=(Linear(seed=-1),)),
        "$.nodes[0].seed: -1 is out of range; use 0 to 2147483647",
    ),
    # W6 the loop
    (
        6,
        Case(loop=Loop(-10_001, -10_000)),
        "$.loop.lower: -10001 is out of range; use -10000 to 10000",
    ),
    (
        6,
        Case(loop=Loop(0, -HUGE)),
        f"$.loop.upper: an integer of {HUGE.bit_length()} bits is out of range; "
        "use -10000 to 10000",
    ),
    (
        6,
        Case(loop=Loop(-1, 64)),
        "$.loop: it makes 65 trips; bring lower and upper within 64 of each other",
    ),
    *(
        (
            6,
            Case(loop=Loop(unroll=n)),
            f"$.loop.unroll: {n} is out of range; use 1 to 64",
        )
        for n in (0, -1, 65)
    ),
    (
        6,
        Case(carry=(ScalarSlot(0),), loop=Loop(until=Until(("carry",), 10**7))),
        "$.loop.until.limit: 10000000 is out of range; use -1000000 to 1000000",
    ),
    # W7 indices
    *(
        (
            7,
            case,
            f"{where}: there is no row {row} in {table}; "
            f"{table} has {rows}, so name one of them or add one",
        )
        for case, where, row, table, rows in [
            (module(OfVariable(0)), "$.nodes[0].attributes.a.variable", 0, "variables", "no rows"),
            (
                Case(nodes=(Sequence((OfNode(-1),)),)),
                "$.nodes[0].items[0].node",
                -1,
                "nodes",
                "rows 0 to 0",
            ),
            (Case(closure=(OfNode(0),)), "$.closure[0].node", 0, "nodes", "no rows"),
            (Case(carry=(NodeSlot(0),)), "$.carry[0].node", 0, "nodes", "no rows"),
            (Case(carry=(VariableSlot(0),)), "$.carry[0].variable", 0, "variables", "no rows"),
            (Case(carry=(TupleSlot((1,)),)), "$.carry[0].items[0]", 1, "carry", "rows 0 to 0"),
            (Case(carry=(DictSlot({"a": 1}),)), "$.carry[0].items.a", 1, "carry", "rows 0 to 0"),
            (
                Case(body=(Make(("carry", 0), OfNode(9)),)),
                "$.body[0].what.node",
                9,
                "nodes",
                "no rows",
            ),
            (Case(inputs=(Input(OfNode(0)),)), "$.inputs[0].what.node", 0, "nodes", "no rows"),
            (
                Case(ys=(Output(OfVariable(0)),)),
                "$.ys[0].value.variable",
                0,
                "variables",
                "no rows",
            ),
            (Case(carry=(StateSlot(0),)), "$.carry[0].node", 0, "nodes", "no rows"),
            (Case(nodes=(Optimizer(3),)), "$.nodes[0].model", 3, "nodes", "rows 0 to 0"),
            (Case(body=(Within(0),)), "$.body[0].block", 0, "blocks", "no rows"),
            (
                Case(body=(Within(0, otherwise=1),), blocks=((),)),
                "$.body[0].otherwise",
                1,
                "blocks",
                "rows 0 to 0",
            ),
        ]
    ),
    (
        7,
        Case(ys=(Output(OfNode(HUGE)),)),
        f"$.ys[0].value.node: there is no row an integer of {HUGE.bit_length()} bits in nodes; "
        "nodes has no rows, so name one of them or add one",
    ),
    # W8 the carry is a tree
    (
        8,
        Case(carry=(TupleSlot((0,)),)),
        "$.carry[0].items[0]: row 0 does not come after its parent; name a row after row 0",
    ),
    (
        8,
        Case(carry=(TupleSlot((1, 1)), NoneSlot())),
        "$.carry[0].items[1]: row 1 already has a place; "
        "give each place a row of its own (node and variable rows may be shared)",
    ),
    (
        8,
        Case(carry=(TupleSlot(), NoneSlot())),
        "$.carry[1]: row 1 has no place in the carry; "
        "name it in the slot that holds it, or delete it",
    ),
    # W9 the whole
    (
        9,
        Case(
            variables=(Variable(value=Array("float32", (64, 16))),) * 32,
            nodes=tuple(
                Sequence((OfArray(Array("float32", (64, 16))),) * size) for size in (16, 16, 1)
            ),
        ),
        "$: its arrays have 66560 elements together; keep to 65536",
    ),
]

WELL_FORMED: dict[str, Case] = {
    "nothing at all": Case(),
    "sixty-four trips": Case(loop=Loop(-32, 32, unroll=64)),
    "no trips": Case(loop=Loop(10_000, -10_000)),
    "a boolean unroll": Case(loop=Loop(unroll=False)),
    "an input of no trips": Case(loop=Loop(5, 0), inputs=(Input(OfArray(wide(0))),)),
    "non-finite floats": Case(carry=(ArraySlot(Array("bfloat16", fill="-inf")),)),
}


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN, ids=[f"W{b[0]}" for b in BROKEN])
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize("case", WELL_FORMED.values(), ids=WELL_FORMED.keys())
def test_a_well_formed_case_passes(case: Case) -> None:
    passes(case)


def test_every_rule_of_the_box_has_a_case_that_breaks_it() -> None:
    box = importlib.import_module("nnxfuzz.programs.case.check").__doc__
    stated = [int(n) for n in re.findall(r"^\| W(\d+) ", str(box), re.MULTILINE)]
    assert stated == list(range(29))  # W0 is the codec's, the others have files of their own
    assert {rule for rule, _, _ in BROKEN} == set(range(1, 10))


def test_all_problems_of_a_stage_are_told_and_none_that_rests_on_them() -> None:
    case = Case(nodes=(Sequence((OfNode(5), OfVariable(5))),), body=(Update(("carry", "no")),))
    assert [p.path for p in problems(case)] == [
        "$.nodes[0].items[0].node",
        "$.nodes[0].items[1].variable",
    ]
