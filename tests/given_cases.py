"""Cases in which a transform inside of the body is given what its block reaches."""

from typing import Any

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Call,
    Case,
    Draw,
    Input,
    Layer,
    Linear,
    LinearConfig,
    Loop,
    Module,
    OfArray,
    OfNode,
    Read,
    Streams,
    TupleSlot,
    Update,
    Within,
)

LOOPS = ("fori_loop", "while_loop", "scan")
PAIR = Array(shape=(2,), fill=1)


def given(how: Any, times: int) -> Case:
    """A scan over stacked layers, an array and a module with a layer, with a transform inside that
    is given what its block reaches.
    """
    linear, norm = LinearConfig(2, 2), Layer("BatchNorm", 1, 3)
    at = ("carry", 0) if how in ("cond", "switch") else None
    call = Call(("inputs", 0, "layer"), ("carry", 0))
    normed = Call(("inputs", 1), ("carry", 0), total=True)
    return Case(
        nodes=(Module({"layer": OfNode(1)}), Linear(linear, 0, 3), norm, Streams({"params": 0})),
        carry=(TupleSlot((1,)), ArraySlot(PAIR)),
        loop=Loop(0, 3),
        inputs=(
            Input(OfNode(0)),
            Input(OfNode(2)),
            Input(OfArray(Array("float32", (3, 2), 1))),
            Input(OfNode(3), None),
        ),
        body=(
            Within(0, how, times, at, args=(("inputs", 0, "layer"), ("inputs", 1), ("inputs", 2))),
            Within(1, how, times, at, args=(("inputs", 3),)),
        ),
        blocks=(
            (
                Update(("carry", 0), "set", call),
                Update(("carry", 0), "add", Read(("inputs", 2))),
                Update(("carry", 0), "add", normed),
            ),
            (Update(("carry", 0), "add", Draw(("inputs", 3, "params"))),),
        ),
    )


GIVEN: dict[str, Case] = {
    f"inner {how} given a layer and its input": given(how, 2 if how in LOOPS else 1)
    for how in (*LOOPS, "jit", "remat", "cond", "switch")
}
