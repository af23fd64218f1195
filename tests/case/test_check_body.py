"""Rules W11 to W18 each have a case that breaks just it, and its whole sentence."""

from typing import Literal

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Attribute,
    Bind,
    Call,
    Case,
    DictSlot,
    Drop,
    Form,
    Input,
    Linear,
    LinearConfig,
    ListSlot,
    Loop,
    Make,
    Module,
    NodeSlot,
    NoneSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Operand,
    Output,
    Raise,
    Read,
    ScalarSlot,
    Sequence,
    Statement,
    Swap,
    TreePath,
    TupleSlot,
    Until,
    Update,
    Variable,
)

ONE_TRIP = Loop()
ATTRIBUTES: dict[str, Attribute] = {
    "p": OfVariable(0),
    "q": OfVariable(1),
    "raw": OfArray(Array("float32", (2, 3))),
    "flag": OfStatic(True),
    "child": OfNode(1),
    "items": OfNode(2),
}


def zoo(*body: Statement, ys: tuple[Output, ...] = (), loop: Loop = ONE_TRIP) -> Case:
    """A bit of everything, so that statements have something to name."""
    return Case(
        variables=(
            Variable(value=Array("float32", (3,))),
            *[Variable(value=Array("int32", (2, 3)))] * 2,
        ),
        nodes=(
            Module(ATTRIBUTES),
            Linear(LinearConfig(3, 2)),
            Sequence((OfVariable(0), OfNode(0))),
            Linear(LinearConfig(3, 2)),
        ),
        carry=(
            TupleSlot((1, 2, 3, 4)),
            NodeSlot(0),
            DictSlot({"x": 5, "on": 6}),
            ListSlot((7,)),
            NoneSlot(),
            ScalarSlot(1.5),
            ScalarSlot(True),
            ArraySlot(Array("float32", (2,))),
        ),
        closure=(OfNode(3), OfVariable(2)),
        loop=loop,
        body=body,
        ys=ys,
    )


M: TreePath = ("carry", 0)
P: TreePath = ("carry", 0, "p")
Q: TreePath = ("carry", 0, "q")
LAYER: TreePath = ("carry", 0, "child")
HERE = "name what the case starts with, or what an earlier 'make' adds"
ATTRIBUTE = "name a slot below the carry's root or an attribute"
ARRAY = "name a Variable, a raw array or a number"
LINEAR = "a linear layer with kernel, bias"
ZOO = "a module with p, q, raw, flag, child, items"

MISFITS: list[tuple[TreePath, Literal["set", "add", "mul"], Operand, list[int], list[int], str]] = [
    (P, "add", Read(Q), [2, 3], [3], "carry[0].p"),
    (P, "set", Read(("carry", 2, 0)), [2], [3], "carry[0].p"),
    (("carry", 1, "x"), "mul", Read(P), [3], [], "carry[1].x"),
    (P, "add", Call(LAYER, (*M, "raw")), [2, 2], [3], "carry[0].p"),
]
ROOTS: list[tuple[int, Statement, str, str]] = [
    (15, Swap(("closure", 1), P), "at", "closure[1]"),
    (15, Swap(P, ("closure",)), "other", "closure"),
    (15, Bind(P, ("closure", 0)), "source", "closure[0]"),
    (16, Make(("carry",), OfStatic()), "at", "carry"),
    (16, Make(("closure", 0), OfStatic()), "at", "closure[0]"),
]
NESTED: list[tuple[Statement, str]] = [
    (Swap(LAYER, (*LAYER, "kernel")), "$.body[0].other"),
    (Bind((*LAYER, "kernel"), LAYER), "$.body[0].source"),
]

BROKEN: Broken = [
    # W11 paths
    (
        11,
        zoo(Update(())),
        "$.body[0].at: the path starts with nothing; start it with 'carry', 'inputs' or 'closure'",
    ),
    (
        11,
        zoo(Update(("result", 0))),
        "$.body[0].at: the path starts with 'result'; start it with 'carry', 'inputs' or 'closure'",
    ),
    (
        11,
        zoo(Update((*M, *("items", 1) * 7, "p"))),
        "$.body[0].at: the path has 17 steps; keep to 16",
    ),
    *(
        (11, zoo(Update(path)), f"$.body[0].at: nothing stands at {name} ({why}); {HERE}")
        for path, name, why in [
            ((*M, "z"), "carry[0].z", f"carry[0] is {ZOO}"),
            ((*M, 0), "carry[0][0]", f"carry[0] is {ZOO}"),
            ((*M, "z", "y"), "carry[0].z.y", f"carry[0] is {ZOO}"),
            (("carry", 4), "carry[4]", "carry is a tuple of length 4"),
            (("carry", -1), "carry[-1]", "carry is a tuple of length 4"),
            (("carry", "a b"), "carry['a b']", "carry is a tuple of length 4"),
            (("carry", 1, "z"), "carry[1].z", "carry[1] is a dict with x, on"),
            (("carry", 2, 1), "carry[2][1]", "carry[2] is a list of length 1"),
            (("carry", 3, 0), "carry[3][0]", "carry[3] is None"),
            (
                (*LAYER, "in_features"),
                "carry[0].child.in_features",
                f"carry[0].child is {LINEAR}",
            ),
            ((*P, "x"), "carry[0].p.x", "carry[0].p is a float32 variable of shape [3]"),
            ((*M, "flag", 0), "carry[0].flag[0]", "carry[0].flag is a static attribute"),
            (("carry", 1, "on", 0), "carry[1].on[0]", "carry[1].on is a bool"),
            (("closure", 2), "closure[2]", "closure is a list of length 2"),
        ]
    ),
    (
        11,
        zoo(Make((*M, "new"), OfVariable(0)), Update((*M, "old"))),
        f"$.body[1].at: nothing stands at carry[0].old (carry[0] is {ZOO}); {HERE}",
    ),
    (
        11,
        zoo(Update((*M, "new")), Make((*M, "new"), OfVariable(0))),  # made too late
        f"$.body[0].at: nothing stands at carry[0].new (carry[0] is {ZOO}); {HERE}",
    ),
    (
        11,
        zoo(Make((*LAYER, "new"), OfVariable(0))),
        f"$.body[0].at: nothing stands at carry[0].child.new (carry[0].child is {LINEAR}); {HERE}",
    ),
    (
        11,
        Case(
            nodes=(Linear(LinearConfig(use_bias=False)),),
            carry=(NodeSlot(0),),
            ys=(Output(Read(("carry", "bias"))),),
        ),
        "$.ys[0].value.at: nothing stands at carry.bias (carry is a linear layer with kernel); "
        f"{HERE}",
    ),
    # W12 what is named holds the right thing
    *(
        (
            12,
            zoo(Update(path)),
            f"$.body[0].at: {name} cannot be updated, it is {what}; "
            "name a Variable, a raw array or a number that is no bool",
        )
        for path, name, what in [
            (M, "carry[0]", ZOO),
            (("carry",), "carry", "a tuple of length 4"),
            (("carry", 1, "on"), "carry[1].on", "a bool"),
            (("carry", 3), "carry[3]", "None"),
            ((*M, "flag"), "carry[0].flag", "a static attribute"),
            ((*M, "items"), "carry[0].items", "a list of length 2"),
        ]
    ),
    *(
        (12, case, f"$.{where}: {name} holds no array, it is {what}; {ARRAY}")
        for case, where, name, what in [
            (zoo(Update(P, operand=Read(M))), "body[0].operand.at", "carry[0]", ZOO),
            (zoo(ys=(Output(Call(LAYER, ("carry", 3))),)), "ys[0].value.at", "carry[3]", "None"),
            (zoo(loop=Loop(until=Until(LAYER))), "loop.until.at", "carry[0].child", LINEAR),
        ]
    ),
    (
        12,
        zoo(Update(P, operand=Call(M, P))),
        f"$.body[0].operand.layer: carry[0] cannot be called, it is {ZOO}; name a layer",
    ),
    # W13 calls
    *(
        (
            13,
            zoo(ys=(Output(Call(LAYER, at)),)),
            "$.ys[0].value.at: the layer takes float32 with the last dimension 3 and "
            f"{name} is {what}; name another input or change the layer",
        )
        for at, name, what in [
            (("carry", 2, 0), "carry[2][0]", "a float32 array of shape [2]"),
            (Q, "carry[0].q", "a int32 variable of shape [2, 3]"),
            (("carry", 1, "x"), "carry[1].x", "a float32 number of shape []"),
        ]
    ),
    # W14 shapes
    *(
        (
            14,
            zoo(Update(at, op, operand)),
            f"$.body[0].operand: its shape {given} does not broadcast to the {target} of {name}; "
            "set 'total', or use another operand",
        )
        for at, op, operand, given, target, name in MISFITS
    ),
    (
        14,
        Case(
            carry=(ArraySlot(Array("float32", (3,))),),
            loop=Loop(0, 5),
            inputs=(Input(OfArray(Array("float32", (5, 2)))),),
            body=(Update(("carry",), operand=Read(("inputs", 0))),),
        ),
        "$.body[0].operand: its shape [2] does not broadcast to the [3] of carry; "
        "set 'total', or use another operand",
    ),
    # W15 places of swap and bind
    *(
        (
            15,
            zoo(statement),
            f"{where}: carry[0].child.kernel is inside of carry[0].child; "
            "name two places of which neither holds the other",
        )
        for statement, where in NESTED
    ),
    # W15 and W16 roots stay
    *(
        (
            rule,
            zoo(statement),
            f"$.body[0].{side}: {name} is a root of the program, which stays as it is; {ATTRIBUTE}",
        )
        for rule, statement, side, name in ROOTS
    ),
    # W16 what can be dropped
    *(
        (
            16,
            zoo(Drop(path)),
            f"$.body[0].at: {name} cannot be dropped; "
            "drop an attribute of a module, or an entry of a list or dict of the carry",
        )
        for path, name in [
            (M, "carry[0]"),
            (("carry",), "carry"),
            (("closure", 0), "closure[0]"),
            ((*LAYER, "kernel"), "carry[0].child.kernel"),
            ((*M, "items", 0), "carry[0].items[0]"),
        ]
    ),
    # W17 until is under the carry
    (
        17,
        zoo(loop=Loop(until=Until(("closure", 1)))),
        "$.loop.until.at: closure[1] is not in the carry; name a place under 'carry'",
    ),
    # W18 a transform for it
    *(
        (18, case, f"$.loop: no transform has {asked}; ask for fewer of them")
        for case, asked in [
            (
                Case(carry=(ScalarSlot(0),), loop=Loop(until=Until(("carry",)), unroll=2)),
                "until (while_loop) and unroll (fori_loop, scan)",
            ),
            (
                Case(loop=Loop(bounds="traced", reverse=True)),
                "traced bounds (fori_loop, while_loop) and reverse (scan)",
            ),
            (
                Case(
                    carry=(ScalarSlot(0),),
                    loop=Loop(until=Until(("carry",))),
                    inputs=(Input(OfArray(Array(shape=(1,)))),),
                    form=Form(length=1),
                    ys=(Output(),),
                ),
                "until (while_loop) and inputs (scan) and ys (scan) and form (scan)",
            ),
        ]
    ),
]

WELL_FORMED: dict[str, Case] = {
    "everything": zoo(),
    "a cycle": zoo(Update((*M, "items", 1, "items", 1, "p"))),
    "sixteen steps": zoo(Update((*M, *("items", 1) * 6, "p"))),
    "a layer's Variables": zoo(Update((*LAYER, "kernel")), Update((*LAYER, "bias"))),
    "a call that fits": zoo(Update(("carry", 2, 0), operand=Call(LAYER, P))),
    "a total": zoo(Update(("carry", 1, "x"), operand=Read(Q, total=True))),
    "a broadcast": zoo(Update(Q, "mul", Read(P)), Update((*M, "raw"), "set", Read(P))),
    "a bool that is read": zoo(Update(P, operand=Read(("carry", 1, "on")))),
    "a closure": zoo(Update(("closure", 1)), Update(("closure", 0, "kernel"))),
    "an attribute made first": zoo(Make((*M, "new"), OfVariable(0)), Update((*M, "new"))),
    "below what was made": zoo(
        Make((*M, "new"), OfNode(1)), Update(P, operand=Call((*M, "new"), P, total=True))
    ),
    "a static made an array": zoo(Make((*M, "flag"), OfArray()), Update((*M, "flag"))),
    "an output made in the body": zoo(
        Make((*M, "new"), OfVariable(0)), ys=(Output(Read((*M, "new"))),)
    ),
    "a made attribute dropped": zoo(Make((*M, "new"), OfStatic()), Drop((*M, "new"))),
    "shapes after a move": zoo(Swap(P, Q), Update(P, operand=Read(Q))),
    "one place with itself": zoo(Swap(P, P)),
    "places": zoo(Swap(("carry", 0), ("carry", 3)), Bind(P, Q), Make(("carry", 2, 0), OfNode(1))),
    "drops": zoo(Drop(P), Drop(("carry", 1, "x")), Drop(("carry", 2, 0)), Raise()),
    "until": zoo(loop=Loop(until=Until(("carry", 1, "on")))),
}


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN, ids=[f"W{b[0]}" for b in BROKEN])
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize("case", WELL_FORMED.values(), ids=WELL_FORMED.keys())
def test_a_well_formed_case_passes(case: Case) -> None:
    passes(case)


def test_every_rule_of_the_body_has_a_case_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} == set(range(11, 19))
