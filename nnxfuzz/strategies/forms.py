"""Random forms of a scan's call, and its outputs."""

from hypothesis import strategies as st

from nnxfuzz.programs.case import (
    Array,
    Attribute,
    CallStyle,
    Case,
    Feature,
    Form,
    Module,
    OfNode,
    OfVariable,
    Operand,
    Output,
    Part,
    Read,
    Statement,
    TupleSlot,
    Update,
    Variable,
    VariableType,
    Wrong,
    trips,
    uses_index,
)
from nnxfuzz.programs.case.check_inputs import prefixes
from nnxfuzz.programs.case.check_operands import View, shape_of
from nnxfuzz.programs.case.ill_formed import wrongs
from nnxfuzz.programs.case.places import Cut
from nnxfuzz.programs.case.wrappers import steady
from nnxfuzz.strategies.bodies import Author
from nnxfuzz.strategies.graphs import NAMES, SHAPES, Draft, fewest

#: Ill-formed axes that few programs can have.
_SELDOM: tuple[Wrong, ...] = ("carry twice out", "output part carried", "parts of an array")

_NEEDS: dict[str, Feature] = {"keyword": "keywords", "partition": "partition", "prefix": "prefix"}


def form(draft: Draft, case: Case) -> Form:
    """The default form, or one that differs in one respect."""
    inputs, ys, length = case.inputs, case.ys, trips(case.loop)
    kinds = ["plain", "plain", "length", *_without_carry(case)]
    told = any(isinstance(row.axis, int) and not isinstance(row.what, OfNode) for row in inputs)
    kinds += ["wrong length"] if told else []  # with nothing to scan over it would be the right one
    named = any(v.names is not None for v in draft.variables)
    parts = any(isinstance(row.axis, tuple) and len(row.axis) > 1 for row in inputs)
    kinds += ["partition"] * ((40 if parts else 12) if named else 1)
    kinds += ["packed", *["positions"] * 3] if inputs or ys else []
    kinds += ["decorator", *["ill-formed"] * 10]
    kinds += ["prefix"] * 50 if prefixes(case) else []
    kinds += ["keyword"] if inputs else []
    kinds += ["method"] * 2 if inputs and isinstance(inputs[0].what, OfNode) else []
    kinds = [kind for kind in kinds if kind not in _NEEDS or _NEEDS[kind] in draft.features]
    match draft.pick(*kinds):
        case "length":
            return Form(length=length)
        case "wrong length":
            return Form(length=length - 1 if length and draft.count(1) else length + 1)
        case "partition":
            return Form(partition="layers")
        case "prefix":
            return Form(parts="prefix")
        case "packed":
            first, last = (min(1, len(rows)) for rows in (inputs, ys))
            return Form(draft.count(first), draft.count(last), packed=True)
        case "positions":
            return _positions(draft, case)
        case "decorator":
            return Form(style="decorator")
        case "none":
            return Form(carry="none")
        case "ill-formed":
            kinds = [str(wrong) for wrong in wrongs(case)]
            seldom = [kind for kind in kinds if kind in _SELDOM] * 2
            return Form(wrong=draft.pick(*kinds, *seldom))  # type: ignore[arg-type]
        case "keyword":
            return Form(draft.count(len(inputs) - 1), style="keyword")
        case "method":
            return Form(1 + draft.count(len(inputs) - 1), style="method")
        case _:
            return Form()


def simple_form(draft: Draft, case: Case) -> Form:
    """How a scan over arrays is written."""
    kinds = ["plain", "plain", "plain", "length", "decorator"]
    kinds += ["alone"] * 2 if not case.inputs and not uses_index(case) else []
    # The carry behind an input that the body sows into was a path of its own (#5051).
    kinds += ["positions"] * (6 if draft.theme == "sow" else 1) if case.inputs else []
    match draft.pick(*kinds, *_without_carry(case)):
        case "length":
            return Form(length=trips(case.loop))
        case "decorator":
            return Form(style="decorator")
        case "alone":
            return Form(carry="alone")
        case "positions":
            return _positions(draft, case)
        case "none":
            return Form(carry="none")
        case _:
            return Form()


def _positions(draft: Draft, case: Case) -> Form:
    """The carry at any position among the inputs and the outputs."""
    return Form(draft.count(len(case.inputs)), draft.count(len(case.ys)))


def _without_carry(case: Case) -> list[str]:
    """`none`, if there is nothing in the carry and something else."""
    mapped = (case.inputs or uses_index(case)) and case.ys
    return ["none"] * 40 if mapped and case.carry == (TupleSlot(),) else []


#: How transforms are called: in most programs as simply as can be.
_MANNERS: dict[str, CallStyle] = {
    "plain": CallStyle(),
    "config": CallStyle("config"),
    "context": CallStyle("context"),
    "partial": CallStyle(body="partial"),
    "object": CallStyle(body="object"),
    "wrapper": CallStyle(body="wrapper"),
    "module": CallStyle(body="module"),
    "chained": CallStyle(earlier="chained"),
    "mode": CallStyle(earlier="mode"),
}


def call_style(draft: Draft, case: Case) -> CallStyle:
    """The default call style, or in one program of five one that differs in one respect."""
    kinds = ["config", "context"] if "mode-context" in draft.features else ["config"]
    if case.form.style != "keyword":
        kinds += ["partial", "object", "wrapper", "module"]
    if steady(case):
        kinds += ["chained", "chained", *["mode"] * (not case.closure)]
    return _MANNERS[draft.pick(*["plain"] * 30, *kinds)]


def simple_outputs(author: Author, body: tuple[Statement, ...]) -> tuple[Output, ...]:
    """Up to two numbers of each trip, stacked along axis 0."""
    count = author.draft.count(2)
    return tuple(Output(_number(author, body)) for _ in range(count))


#: The parts of what is emitted.
_PARTS: tuple[tuple[Part, ...], ...] = (
    (Part(0),),
    (Part(1),),
    (Part(1, "BatchStat"), Part(0)),
    (Part(0, "Param"), Part(-2)),
)


def _number(author: Author, body: tuple[Statement, ...]) -> Operand:
    """A number of a trip; in a reversed loop in half of the cases what the last update left."""
    last = body[-1] if body and author.sources.case.loop.reverse else None
    if isinstance(last, Update) and author.draft.count(1):
        return Read(last.at)
    return author.sources.operand(None)


def outputs(author: Author, body: tuple[Statement, ...]) -> tuple[Output, ...]:
    """Up to two outputs, objects among them, along any axis."""
    return tuple(_output(author, body) for _ in range(author.draft.size(0, 1, 2, 2)))


def _output(author: Author, body: tuple[Statement, ...]) -> Output:
    draft = author.draft
    axis = draft.size(0, 0, 0, -1, 1, -2, 2, -3)
    bare = ("variable",) if "bare-variables" in draft.features else ()
    match draft.pick("number", "number", "module", *bare):
        case "number":
            operand = _number(author, body)
            return Output(operand, axis if _has_axis(author, body, operand, axis) else 0)
        case "variable":
            return Output(OfVariable(_variable(draft, axis)), axis)
        case _:
            along = draft.draw(st.sampled_from((*((),) * len(_PARTS), *_PARTS))) or axis
            held: dict[str, Attribute] = {
                name: OfVariable(_variable(draft, along)) for name in NAMES[: draft.size(1, 2)]
            }
            return Output(OfNode(draft.add_node(Module(held))), along)


def _has_axis(author: Author, body: tuple[Statement, ...], operand: Operand, axis: int) -> bool:
    view, most = View(author.sources.case, body), fewest(axis)
    return not most or (not view.moved and len(shape_of(view, operand)) >= most)


def _variable(draft: Draft, axis: int | tuple[Part, ...]) -> int:
    kind: VariableType = "Param"
    if isinstance(axis, tuple) and draft.count(1):
        kind = "BatchStat"
    shapes = [shape for shape in SHAPES if len(shape) >= fewest(Cut(axis).of(kind))]
    value = Array(shape=shapes[draft.count(len(shapes) - 1)], fill=draft.count(3))
    return draft.add_variable(Variable(kind, value))
