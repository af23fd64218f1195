"""The page that shows a case: sharing and cycles are plain to see, and the evidence is there."""

from nnxfuzz.oracle.verdict import Difference, Failure, Finding, Signature
from nnxfuzz.programs.case import (
    Arm,
    Array,
    ArraySlot,
    Case,
    Const,
    DictSlot,
    Input,
    Linear,
    LinearConfig,
    ListSlot,
    Loop,
    Module,
    NodeSlot,
    NoneSlot,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Output,
    Read,
    ScalarSlot,
    Sequence,
    TupleSlot,
    Update,
    Variable,
    VariableSlot,
)
from nnxfuzz.report.show import show

CASE = Case(
    variables=(Variable(value=Array(shape=(2,))), Variable("Custom", Array("int32"), tag="a")),
    nodes=(
        Module({"child": OfNode(1), "p": OfVariable(0), "name": OfStatic("x")}),
        Module({"parent": OfNode(0), "p": OfVariable(0), "raw": OfArray(Array(shape=(3, 3)))}),
        Sequence((OfVariable(1), OfNode(3))),
        Linear(LinearConfig(2, 3, use_bias=False), seed=4),
    ),
    carry=(
        TupleSlot((1, 2, 3)),
        NodeSlot(0),
        ListSlot((4, 5)),
        DictSlot({"left": 6, "right": 7, "none": 8}),
        NodeSlot(1),
        NodeSlot(2),
        ArraySlot(Array("bfloat16", (), "nan")),
        ScalarSlot(0.5),
        NoneSlot(),
    ),
    closure=(OfVariable(1),),
    loop=Loop(0, 3),
    inputs=(Input(OfArray(Array(shape=(3,)))), Input(OfNode(3), None)),
    body=(Update(("carry", 0, "p"), "add", Const(1)),),
    ys=(Output(Read(("carry", 0, "p"))),),
)

FINDING = Finding(
    Arm("scan"),
    Signature("wrong-world", "scan", "graph", "caller variable value"),
    (
        Difference(("caller", 0, "p"), "variable", "value", "[3.0, 4.0]", "[0.0, 1.0]"),
        Difference(("ys", 0), "array", "shape", "(3, 2)", "(2,)"),
    ),
)

PAGE = """\
An update is lost
wrong-world scan graph: caller variable value

objects
    carry: tuple of 3
        [0]: #1 Block
            child: #2 Layer
                parent: -> #1 (same object)
                p: #3 Param float32[2] 0 1
                raw: float32[3, 3] 0 1 2 3 4 5 ...
            p: -> #3 (same object)
            name: 'x' (static)
        [1]: list of 2
            [0]: -> #2 (same object)
            [1]: #4 nnx.List
                [0]: #5 Custom int32[] 0, tag 'a'
                [1]: #6 nnx.Linear(2, 3, use_bias=False), seed 4
        [2]: dict of 3
            ["left"]: bfloat16[] all nan
            ["right"]: 0.5 (a Python float)
            ["none"]: None
    closure v1: -> #5 (same object)
    input x, axis 0: float32[3] 0 1 2
    input linear, broadcast: -> #6 (same object)

program
    xs = jnp.array([0.0, 1.0, 2.0])

    def body(carry, x, linear):
        m0, [m1, layers], part3 = carry
        a = part3["left"]
        b = part3["right"]
        m0.p.value = m0.p.value + 1
        return (m0, [m1, layers], {"left": a, "right": b, "none": None}), m0.p.value

    carry, ys = nnx.scan(
        body, in_axes=(nnx.Carry, 0, None), out_axes=(nnx.Carry, 0)
    )(carry, xs, linear)

differences
    where        what   expected    got
    caller[0].p  value  [3.0, 4.0]  [0.0, 1.0]
    ys[0]        shape  (3, 2)      (2,)"""


def test_a_page_has_objects_program_and_evidence() -> None:
    assert show(CASE, Arm("scan"), FINDING, "An update is lost") == PAGE


def test_of_long_values_the_part_is_shown_where_they_differ() -> None:
    zeros = ["0.0"] * 200
    one = [*zeros[:100], "1.5", *zeros[101:]]
    values = [f"[{', '.join(numbers)}]" for numbers in (zeros, one)]
    difference = Difference(("caller",), "variable", "value", *values)
    found = Finding(Arm(), FINDING.signature, (difference,))
    line = show(CASE, Arm(), found, "t").split("differences\n")[1].splitlines()[1]
    assert len(line) < 150
    expected, got = line.split("value")[1].strip().split("  ")
    assert (expected[:3], expected[-3:], got[:3], got[-3:]) == ("...",) * 4
    assert "1.5" in got and "1.5" not in expected


def test_a_failure_is_shown_by_its_first_lines() -> None:
    failure = Failure("KeyError", "\n".join("abcdef"), "graph.unflatten")
    found = Finding(Arm(), Signature("internal-error", "fori_loop", "graph", "x"), (), failure)
    page = show(Case(), Arm(), found, "t")
    assert page.endswith(
        "failure\n    KeyError in flax's graph.unflatten\n"
        "        a\n        b\n        c\n        d\n        ..."
    )


def test_without_a_finding_the_page_names_the_arm() -> None:
    case = Case(variables=(Variable(),), carry=(VariableSlot(0),), loop=Loop(bounds="traced"))
    assert show(case, Arm("while_loop", "tree"), None, "t") == TRACED_PAGE


TRACED_PAGE = """\
t
nnx.while_loop, tree

objects
    carry: #1 Param float32[] 0

program
    def cond(val, upper):
        i, _ = val
        return i < upper


    def body(val):
        i, v = val
        return i + 1, v

    # In jax.jit, with lower, upper = 0, 1 traced.
    i, carry = nnx.while_loop(
        lambda val: cond(val, upper), body, (lower, carry), graph=False
    )"""
