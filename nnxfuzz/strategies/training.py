"""Training loops, the commonest use of a loop there is: a model and its optimizer as the carry.

The model and the optimizer are slots of the carry or attributes of one module, a metric may come
along, and the data is a carried array, a batch of each trip, or the same in all of them.
"""

from hypothesis import strategies as st

from nnxfuzz.programs.case import (
    CHOICES,
    Array,
    ArraySlot,
    Attribute,
    Call,
    Case,
    Choice,
    Input,
    Layer,
    Linear,
    LinearConfig,
    Loop,
    Module,
    NodeSlot,
    OfArray,
    OfNode,
    Operand,
    Optimizer,
    Output,
    Read,
    Slot,
    Statement,
    Train,
    TreePath,
    TupleSlot,
    Update,
    trips,
)
from nnxfuzz.strategies.graphs import Draft, Draw

#: One program in so many and one makes no trip; it shows no update that is lost.
_RARELY = 39
_RULES = ("sgd", "momentum", "adam")
#: Those that `scan` can run first.
_LOOPS = (
    Loop(0, 1),
    Loop(0, 2),
    Loop(0, 3),
    Loop(0, 5),
    Loop(0, 2, "traced"),
    Loop(0, 3, unroll=2),
)


@st.composite
def training_programs(draw: Draw, features: frozenset[Choice] = frozenset(CHOICES)) -> Case:
    """Well-formed programs that train a model for a few steps."""
    draft = Draft(draw, features, "training")
    model, optimizer = _carry(draft)
    metric = draft.count(1) == 1
    if metric:
        _append(draft, NodeSlot(draft.add_node(Layer("MultiMetric"))), ArraySlot(Array()))
    scan = draft.count(1) == 1
    loop = draft.draw(st.sampled_from(_LOOPS[:4] if scan else _LOOPS))
    if draft.count(_RARELY) == _RARELY:
        loop = Loop(1, 1)
    given, data = _data(draft, scan, trips(loop))
    body: list[Statement] = [Train(optimizer, model, data)]
    last = len(draft.carry) - 2
    if metric:
        called = Call(("carry", last - 1), data, total=True)
        body.append(Update(("carry", last), "set", called))
    return Case(
        nodes=tuple(draft.nodes),
        carry=tuple(draft.carry),
        loop=loop,
        inputs=given,
        body=tuple(body),
        ys=_outputs(draft, model, data) if scan else (),
    )


def _carry(draft: Draft) -> tuple[TreePath, TreePath]:
    """The slots of a model, its optimizer and the data; where the first two are."""
    init = draft.pick("ones", "ones", "random")
    config = LinearConfig(draft.size(2, 1, 3), draft.size(1, 2), draft.count(1) == 0, init)  # type: ignore[arg-type]
    model = draft.add_node(Linear(config, draft.count(3)))
    rule = draft.pick(*_RULES)
    optimizer = draft.add_node(Optimizer(model, rule))  # type: ignore[arg-type]
    draft.carry.append(TupleSlot())
    data = ArraySlot(Array(shape=(2,), fill=draft.count(2)))
    if draft.count(3) == 3:
        held: dict[str, Attribute] = {"model": OfNode(model), "optimizer": OfNode(optimizer)}
        _append(draft, data, NodeSlot(draft.add_node(Module(held))))
        return ("carry", 1, "model"), ("carry", 1, "optimizer")
    _append(draft, data, NodeSlot(model), NodeSlot(optimizer))
    return ("carry", 1), ("carry", 2)


def _append(draft: Draft, *slots: Slot) -> None:
    """Put the slots at the end of the carry's tuple."""
    root = draft.carry[0]
    assert isinstance(root, TupleSlot)
    first = len(draft.carry)
    draft.carry += slots
    draft.carry[0] = TupleSlot((*root.items, *range(first, len(draft.carry))))


def _data(draft: Draft, scan: bool, length: int) -> tuple[tuple[Input, ...], TreePath]:
    """Where each step takes its data from."""
    match draft.pick("scanned", "scanned", "broadcast", "carried") if scan else "carried":
        case "scanned":
            return (Input(OfArray(Array(shape=(length, 2), fill=1))),), ("inputs", 0)
        case "broadcast":
            return (Input(OfArray(Array(shape=(2,), fill=1)), None),), ("inputs", 0)
        case _:
            return (), ("carry", 0)


def _outputs(draft: Draft, model: TreePath, data: TreePath) -> tuple[Output, ...]:
    """A number of each step, the sum of the kernel or of the data, or none."""
    source: Operand = Read((*model, "kernel"), total=True)
    match draft.pick("none", "kernel", "data"):
        case "kernel":
            return (Output(source),)
        case "data":
            return (Output(Read(data)),)
        case _:
            return ()
