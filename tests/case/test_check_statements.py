"""Rules W11 to W18 and W24, for inputs, layers, streams, states, training, sow and blocks."""

import pytest
from sentences import Broken, passes, told

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Bind,
    Call,
    Case,
    Draw,
    Drop,
    Everywhere,
    Form,
    Input,
    Layer,
    Linear,
    LinearConfig,
    Loop,
    Make,
    Mapping,
    Module,
    NodeSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Optimizer,
    Path,
    Pop,
    Raise,
    Read,
    Sow,
    Statement,
    StateSlot,
    Streams,
    Swap,
    Train,
    TupleSlot,
    Update,
    Variable,
    Within,
)

TWO = Loop(0, 2)
INT = Array("int32")


def zoo(*body: Statement, blocks: tuple[tuple[Statement, ...], ...] = ()) -> Case:
    """A bit of everything that format 1 did not have."""
    return Case(
        variables=(
            Variable(value=Array(shape=(2, 3))),
            Variable("Intermediate", INT),
            Variable(),
            Variable(value=Array(shape=(2,))),
        ),
        nodes=(
            Module({"p": OfVariable(0), "h": OfVariable(1), "rngs": OfNode(2), "flag": OfStatic()}),
            Layer("BatchNorm"),
            Streams({"params": 0}),
            Linear(LinearConfig(3, 1)),
            Optimizer(3),
            Linear(LinearConfig(3, 1), stack=2),
            Streams({"params": 1}, splits=2),
            Module({"p": OfVariable(2)}),  # of the state
            Mapping({"v": OfVariable(3), "raw": OfArray(Array(shape=(2,)))}),
            Module({"raw": OfArray()}),
        ),
        carry=(
            TupleSlot((1, 2, 3, 4, 5, 6, 7)),
            NodeSlot(0),
            NodeSlot(1),
            NodeSlot(3),
            NodeSlot(4),
            StateSlot(7),
            ArraySlot(Array(shape=(3,))),
            NodeSlot(8),
        ),
        inputs=(
            Input(OfNode(5)),
            Input(OfNode(6)),
            Input(OfVariable(3)),
            Input(OfArray(Array(shape=(3, 2))), -1),
            Input(OfNode(9), None),
        ),
        loop=TWO,
        body=body,
        blocks=blocks,
    )


M: Path = ("carry", 0)
NORM: Path = ("carry", 1)
LINEAR: Path = ("carry", 2)
OPTIMIZER: Path = ("carry", 3)
STATE: Path = ("carry", 4)
DATA: Path = ("carry", 5)
MAPPING: Path = ("carry", 6)
RNGS: Path = (*M, "rngs")
STREAM: Path = (*RNGS, "params")
STACKED: Path = ("inputs", 0)
SLICE: Path = ("inputs", 2)

ZOO = "a module with p, h, rngs, flag"
KEY = "name a stream of Rngs that are whole, or scanned over"
KEEPS = "is an input or below one, which keeps its structure"
ALONE = "name a Variable, a state, or a node without raw arrays, layers, Rngs and optimizers"
ARRAY = "name a Variable, a raw array or a number"
CHANGES: list[tuple[int, Statement, str, Path]] = [
    (15, Swap(SLICE, DATA), "at", SLICE),
    (15, Bind(DATA, STACKED), "source", STACKED),
    (16, Make((*STACKED, "bias"), OfStatic()), "at", (*STACKED, "bias")),
    (16, Drop(("inputs", 4, "raw")), "at", ("inputs", 4, "raw")),
]
STREAM_CHANGES: list[tuple[int, Statement, str]] = [
    (15, Swap(DATA, STREAM), "other"),
    (16, Make(STREAM, OfStatic()), "at"),
]
NAMES = {SLICE: "inputs[2]", STACKED: "inputs[0]", ("inputs", 4): "inputs[4]"}
NAMES |= {(*STACKED, "bias"): "inputs[0].bias", ("inputs", 4, "raw"): "inputs[4].raw"}

BROKEN: Broken = [
    # W11 nothing below what has no places
    *(
        (
            11,
            zoo(Update(path)),
            f"$.body[0].at: nothing stands at {name} ({why}); "
            "name what the case starts with, or what an earlier 'make' adds",
        )
        for path, name, why in [
            ((*NORM, "scale"), "carry[1].scale", "carry[1] is a layer of type BatchNorm"),
            ((*OPTIMIZER, "step"), "carry[3].step", "carry[3] is an optimizer"),
            ((*STATE, "p"), "carry[4].p", "carry[4] is a state"),
            ((*STREAM, "count"), "carry[0].rngs.params.count", "carry[0].rngs.params is a stream"),
            (("inputs", 5), "inputs[5]", "inputs is a list of length 5"),
            ((*MAPPING, "w"), "carry[6].w", "carry[6] is a mapping with v, raw"),
        ]
    ),
    # W12 the right thing
    (
        12,
        zoo(Update(("inputs", 3))),
        "$.body[0].at: inputs[3] is an array that is passed in, which has no place; "
        "update a Variable or an attribute",
    ),
    (
        12,
        zoo(Update(DATA, operand=Call(OPTIMIZER, DATA))),
        "$.body[0].operand.layer: carry[3] cannot be called, it is an optimizer; name a layer",
    ),
    *(
        (
            12,
            zoo(Update(DATA, operand=Draw(path))),
            f"$.body[0].operand.stream: {name} gives no key, it is {what}; {KEY}",
        )
        for path, name, what in [
            (RNGS, "carry[0].rngs", "Rngs with params"),
            (DATA, "carry[5]", "a float32 array of shape [3]"),
        ]
    ),
    *(
        (
            12,
            zoo(Everywhere(path)),
            f"$.body[0].at: {name} is not made of Variables alone, it is {what}; {ALONE}",
        )
        for path, name, what in [
            (M, "carry[0]", ZOO),  # it holds Rngs
            (NORM, "carry[1]", "a layer of type BatchNorm"),
            (OPTIMIZER, "carry[3]", "an optimizer"),
            (DATA, "carry[5]", "a float32 array of shape [3]"),
            (MAPPING, "carry[6]", "a mapping with v, raw"),
            (("carry",), "carry", "a tuple of length 7"),
        ]
    ),
    *(
        (
            12,
            zoo(statement),
            "$.body[0].at: carry[6] neither sows nor pops, it is a mapping with v, raw; "
            "name a module",
        )
        for statement in (Sow(MAPPING, "x"), Pop(MAPPING))
    ),
    (
        12,
        zoo(Train(LINEAR, LINEAR, DATA)),
        "$.body[0].optimizer: carry[2] trains nothing, it is a linear layer with kernel, bias; "
        "name an optimizer",
    ),
    (
        12,
        zoo(Train(OPTIMIZER, STACKED, DATA)),
        "$.body[0].model: inputs[0] is not the optimizer's model, "
        "it is a linear layer with kernel, bias; name the layer that the optimizer is for",
    ),
    (
        12,
        zoo(Train(OPTIMIZER, LINEAR, STATE)),
        f"$.body[0].at: carry[4] holds no array, it is a state; {ARRAY}",
    ),
    (
        12,
        zoo(Within(0, "cond", at=NORM), blocks=((),)),
        f"$.body[0].at: carry[1] holds no array, it is a layer of type BatchNorm; {ARRAY}",
    ),
    # W13 calls
    (
        13,
        zoo(Update(DATA, operand=Call(NORM, DATA))),
        "$.body[0].operand: carry[1] is called for its shape, not for a total; set 'total'",
    ),
    (
        13,
        zoo(Update(DATA, operand=Call(STACKED, SLICE, total=True))),
        "$.body[0].operand.at: the layer takes float32 with the last dimension 3 and "
        "inputs[2] is a float32 variable of shape []; name another input or change the layer",
    ),
    # W14 a slice has one axis less
    (
        14,
        zoo(Update(SLICE, operand=Read(("inputs", 3)))),
        "$.body[0].operand: its shape [3] does not broadcast to the [] of inputs[2]; "
        "set 'total', or use another operand",
    ),
    # W15 and W16 inputs and Rngs keep their structure
    *(
        (
            rule,
            zoo(statement),
            f"$.body[0].{side}: {NAMES[path]} {KEEPS}; name a place under 'carry' or 'closure'",
        )
        for rule, statement, side, path in CHANGES
    ),
    *(
        (
            rule,
            zoo(statement),
            f"$.body[0].{side}: carry[0].rngs.params is a stream, which stays with its Rngs; "
            "name the Rngs",
        )
        for rule, statement, side in STREAM_CHANGES
    ),
    *(
        (
            16,
            zoo(Sow(M, name, total=total)),
            f"$.body[0].name: carry[0].{name} is there already; "
            "sow another name, or a 'total' into an Intermediate",
        )
        for name, total in [("p", False), ("p", True), ("h", False), ("flag", True)]
    ),
    # W18 a form is scan's
    (
        18,
        Case(loop=Loop(bounds="traced"), form=Form(length=1)),
        "$.loop: no transform has traced bounds (fori_loop, while_loop) and form (scan); "
        "ask for fewer of them",
    ),
    # W24 blocks
    *(
        (
            24,
            zoo(Within(0, how), blocks=((),)),
            f"$.body[0].at: {how} has nothing to decide by; "
            "name an array, of which it asks the sum",
        )
        for how in ("cond", "switch")
    ),
    *(
        (
            24,
            zoo(Within(0, how, at=at, otherwise=other), blocks=((),)),
            f"$.body[0].{where}: {how} has no branches; leave it out, or use 'cond' or 'switch'",
        )
        for how in ("fori_loop", "while_loop", "scan", "jit", "remat")
        for at, other, where in [(DATA, None, "at"), (None, 0, "otherwise")]
    ),
    *(
        (
            24,
            zoo(blocks=((), (statement,))),
            "$.blocks[1][0]: a block holds another statement than 'update' and 'everywhere'; "
            "move it to the body",
        )
        for statement in (Raise(), Within(0), Drop((*M, "p")), Sow(M, "x"))
    ),
    (
        12,
        zoo(Within(0), blocks=((Update(NORM),),)),
        "$.blocks[0][0].at: carry[1] cannot be updated, it is a layer of type BatchNorm; "
        "name a Variable, a raw array or a number that is no bool",
    ),
]

WELL_FORMED: dict[str, Case] = {
    "everything": zoo(),
    "a call of a layer": zoo(Update(DATA, operand=Call(NORM, (*M, "p"), total=True))),
    "a slice of a stacked layer": zoo(
        Update((*STACKED, "kernel"), operand=Read((*LINEAR, "kernel"))),
        Update(DATA, operand=Call(STACKED, ("inputs", 3), total=True)),
    ),
    "draws": zoo(
        Update(DATA, operand=Draw(STREAM, fork=True)),
        Update(SLICE, operand=Draw(("inputs", 1, "params"))),
    ),
    "everywhere": zoo(
        Everywhere(STATE), Everywhere(LINEAR, 2, "merge"), Everywhere((*M, "p")), Everywhere(SLICE)
    ),
    "training": zoo(Train(OPTIMIZER, LINEAR, ("inputs", 3))),
    "sow and pop": zoo(Sow(M, "x", Read(SLICE)), Sow(M, "h", total=True), Pop(M), Pop(M, "h")),
    "a name sown twice": zoo(Sow(M, "x"), Sow(M, "x")),
    "a mapping's item": zoo(Update((*MAPPING, "v")), Make((*MAPPING, "v"), OfVariable(0))),
    "a raw array of an input": zoo(Update(("inputs", 4, "raw"))),
    "states in another order": zoo(Swap(STATE, DATA)),
    "Rngs made anew": zoo(Make(RNGS, OfNode(2)), Update(DATA, operand=Draw(STREAM))),
    "blocks": zoo(
        Within(0, "cond", at=DATA, otherwise=1),
        Within(1, "while_loop", 8),
        blocks=((Update(DATA), Everywhere(STATE)), (), (Update(SLICE),)),
    ),
    "a block after a make": zoo(
        Make((*M, "new"), OfVariable(0)), Within(0), blocks=((Update((*M, "new")),),)
    ),
}


@pytest.mark.parametrize(("rule", "case", "sentence"), BROKEN, ids=[f"W{b[0]}" for b in BROKEN])
def test_a_broken_rule_is_told_in_one_sentence(rule: int, case: Case, sentence: str) -> None:
    told(rule, case, sentence)


@pytest.mark.parametrize("case", WELL_FORMED.values(), ids=WELL_FORMED.keys())
def test_a_well_formed_case_passes(case: Case) -> None:
    passes(case)


def test_every_rule_of_statements_has_a_case_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BROKEN} == {*range(11, 17), 18, 24}
