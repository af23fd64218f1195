"""Rules W2, W3, W5 and W6, for layers, streams, metadata, parts, blocks and `length`."""

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    Array,
    Case,
    Everywhere,
    Form,
    Input,
    Layer,
    Linear,
    Loop,
    Mapping,
    Module,
    Node,
    NodeSlot,
    OfArray,
    OfNode,
    OfStatic,
    Part,
    Sow,
    Streams,
    Variable,
    Within,
    problems,
)

NAME = (
    "use an ASCII identifier that is no keyword, does not start with '_' and has at most 32 "
    "characters"
)
TEXT = "use at most 32 printable characters"
PARTS = (Part(),) * 5
OUT_OF_RANGE: list[tuple[Node, str, int, str]] = [
    (Layer(seed=-1), "seed", -1, "0 to 2147483647"),
    (Linear(stack=0), "stack", 0, "1 to 64"),
    (Layer(stack=65), "stack", 65, "1 to 64"),
    (Streams({"a": 2**31}), "seeds.a", 2**31, "0 to 2147483647"),
    (Streams(splits=0), "splits", 0, "1 to 64"),
]

BROKEN: Broken = [
    # W2 entries
    (
        2,
        Case(nodes=(Mapping({f"a{k}": OfStatic() for k in range(17)}),)),
        "$.nodes[0].items: it has 17 entries; keep to 16",
    ),
    (
        2,
        Case(nodes=(Streams({f"a{k}": 0 for k in range(17)}),)),
        "$.nodes[0].seeds: it has 17 entries; keep to 16",
    ),
    (
        2,
        Case(nodes=(Module(),), inputs=(Input(OfNode(0), PARTS),)),
        "$.inputs[0].axis: it has 5 parts; keep to 4",
    ),
    # W3 names
    (
        3,
        Case(nodes=(Mapping({"a b": OfStatic()}),)),
        f"$.nodes[0].items['a b']: 'a b' is no name for an attribute or a key; {NAME}",
    ),
    (
        3,
        Case(nodes=(Mapping({"update": OfStatic()}),)),
        "$.nodes[0].items.update: the name 'update' is a method of nnx.Dict; use another",
    ),
    (
        3,
        Case(nodes=(Streams({"uniform": 0}),)),
        "$.nodes[0].seeds.uniform: the name 'uniform' is a method of nnx.Rngs; use another",
    ),
    (
        3,
        Case(nodes=(Streams({"_key": 0}),)),
        f"$.nodes[0].seeds._key: '_key' is no name for an attribute or a key; {NAME}",
    ),
    (
        3,
        Case(nodes=(Module(),), carry=(NodeSlot(0),), body=(Sow(("carry",), "if"),)),
        f"$.body[0].name: 'if' is no name for an attribute or a key; {NAME}",
    ),
    (
        3,
        Case(nodes=(Module(),), inputs=(Input(OfNode(0), (Part(under=""), Part())),)),
        f"$.inputs[0].axis[0].under: '' is no name for an attribute or a key; {NAME}",
    ),
    # W5 numbers and texts
    (
        5,
        Case(variables=(Variable(value=Array(shape=(2, 3)), names=("a",)),)),
        "$.variables[0].names: it names 1 axes of an array that has 2; "
        "give each axis a name or null",
    ),
    (
        5,
        Case(variables=(Variable(value=Array(shape=(2,)), names=("\n",)),)),
        f"$.variables[0].names[0]: the text '\\n' is not allowed; {TEXT}",
    ),
    (
        5,
        Case(form=Form(partition="x" * 33)),
        f"$.form.partition: the text '{'x' * 33}' is not allowed; {TEXT}",
    ),
    *(
        (5, Case(nodes=(node,)), f"$.nodes[0].{where}: {value} is out of range; use {allowed}")
        for node, where, value, allowed in OUT_OF_RANGE
    ),
    (
        5,
        Case(body=(Within(0, times=9),), blocks=((),)),
        "$.body[0].times: 9 is out of range; use 0 to 8",
    ),
    (
        5,
        Case(body=(Within(0),), blocks=((Everywhere(("carry",), 1001),),)),
        "$.blocks[0][0].value: 1001 is out of range; use -1000 to 1000",
    ),
    # W6 length
    *(
        (6, Case(form=Form(length=n)), f"$.form.length: {n} is out of range; use 0 to 64")
        for n in (-1, 65)
    ),
]

WELL_FORMED: dict[str, Case] = {
    "names for each axis": Case(
        variables=(Variable(value=Array(shape=(2, 3)), names=("layers", None)), Variable(names=()))
    ),
    "a length that contradicts the trips": Case(
        loop=Loop(0, 3), form=Form(length=64), inputs=(Input(OfArray(Array(shape=(3,)))),)
    ),
    "a stack that nobody uses": Case(nodes=(Layer("BatchNorm", stack=64), Streams(splits=1))),
    "a marked array": Case(nodes=(Module({"a": OfArray(marked=True)}),)),
}


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN, ids=[f"W{b[0]}" for b in BROKEN])
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize("case", WELL_FORMED.values(), ids=WELL_FORMED.keys())
def test_a_well_formed_case_passes(case: Case) -> None:
    passes(case)


def test_the_rules_hold_in_blocks_too() -> None:
    case = Case(blocks=((Sow(("carry",), "if"),),))
    assert [problem.path for problem in problems(case)] == ["$.blocks[0][0].name"]
