"""Random carries: trees of slots over the objects of a draft."""

from collections.abc import Callable

from hypothesis import strategies as st

from nnxfuzz.programs.case import (
    Array,
    ArraySlot,
    Attribute,
    DictSlot,
    Linear,
    ListSlot,
    Mapping,
    Module,
    NodeSlot,
    NoneSlot,
    OfNode,
    OfStatic,
    OfVariable,
    RecordSlot,
    ScalarSlot,
    Slot,
    StateSlot,
    TupleSlot,
    Variable,
    VariableSlot,
)
from nnxfuzz.strategies.graphs import NAMES, Draft, Theme, arrays
from nnxfuzz.strategies.layers import linear_configs

_RECORDS = ("namedtuple", "dataclass")

scalars = st.sampled_from((0, 1, 2.0, 0.5, True))


def carry(draft: Draft) -> None:
    """A carry in which there is what the draft's theme is about."""
    special = _SPECIAL.get(draft.theme)
    if draft.about_scans and draft.count(3) == 3:  # for a scan that carries nothing
        draft.carry.append(TupleSlot())
    elif special is None:
        slot(draft)
    else:
        draft.carry.append(NoneSlot())
        others = [slot(draft, 1) for _ in range(draft.size(0, 1, 0, 2))]
        first = [_row(draft, each) for each in special(draft)]
        draft.carry[0] = TupleSlot((*first, *others))


def _row(draft: Draft, given: Slot) -> int:
    draft.carry.append(given)
    return len(draft.carry) - 1


def slot(draft: Draft, depth: int = 0) -> int:
    """A slot and what is below it; returns its row."""
    row = _row(draft, NoneSlot())
    draft.carry[row] = _slot(draft, depth)
    return row


def _slot(draft: Draft, depth: int) -> Slot:
    match draft.pick(*_slot_kinds(draft, depth)):
        case "module":
            return NodeSlot(draft.new_node(0))
        case "shared module":
            return NodeSlot(draft.some_node(0))
        case "variable":
            return VariableSlot(draft.new_variable())
        case "shared variable":
            return VariableSlot(draft.some_variable())
        case "array":
            return ArraySlot(draft.draw(arrays))
        case "scalar":
            return ScalarSlot(draft.draw(scalars))
        case "none":
            return NoneSlot()
        case "dict":
            size = draft.size(0, 1, 2, 2)
            return DictSlot({name: slot(draft, depth + 1) for name in NAMES[:size]})
        case "namedtuple" | "dataclass" as kind:
            names = NAMES[: draft.size(1, 2, 2)]
            return RecordSlot({name: slot(draft, depth + 1) for name in names}, kind)
        case kind:
            sizes = range(draft.size(0, 1, 2, 3, 2, 3, 2))
            items = tuple(slot(draft, depth + 1) for _ in sizes)
            return TupleSlot(items) if kind == "tuple" else ListSlot(items)


def _slot_kinds(draft: Draft, depth: int) -> tuple[str, ...]:
    """The kinds of slot at a depth: the root is mostly a container."""
    bare = "bare-variables" in draft.features
    variable = ("variable", *draft.shared("shared variable")) if bare else ()
    if depth == 0:
        return (*("tuple",) * 6, "module", "module", "list", "dict", *_RECORDS, "array", *variable)
    containers = ("tuple", "tuple", "list", "dict", *_RECORDS) if depth < 2 else ()
    shared = draft.shared("shared module")
    leaves = (*("module", "array") * 2, *shared, "scalar", "none", *("module",) * 4)
    return (*leaves, *variable, *variable, *containers)


def stopping(draft: Draft) -> None:
    """Into a carry that is a tuple, in most programs an integer by which the loop may stop."""
    root = draft.carry[0]
    if not isinstance(root, TupleSlot):
        return
    bare = ("variable",) if "bare-variables" in draft.features else ()
    kind = draft.pick("array", "module", *bare, "nested")
    given: Slot = ArraySlot(Array("int32"))
    if kind != "array":
        variable = draft.add_variable(Variable("Cache", Array("int32")))
        given = VariableSlot(variable)
        if kind != "variable":
            node = draft.add_node(Module({"n": OfVariable(variable)}))
            given = NodeSlot(node)
        if kind == "nested":
            given = NodeSlot(draft.add_node(Module({"inner": OfNode(node)})))
    draft.carry[0] = TupleSlot((*root.items, _row(draft, given)))


# --- what a theme is about ------------------------------------------------------------------


def _of_streams(draft: Draft) -> list[Slot]:
    """Rngs by themselves, as an attribute, or elsewhere than in the carry; a place to draw to."""
    counter: Slot = ArraySlot(Array("int32"))
    match draft.pick("slot", "attribute", "slot", "elsewhere"):
        case "slot":
            return [counter, NodeSlot(draft.new_streams())]
        case "attribute":
            rngs, variable = OfNode(draft.new_streams()), OfVariable(draft.new_variable())
            held: dict[str, Attribute] = {"rngs": rngs, "a": variable}
            return [counter, NodeSlot(draft.add_node(Module(held)))]
        case _:
            return [counter]


def _of_layers(draft: Draft) -> list[Slot]:
    counter: Slot = ArraySlot(Array())
    layer = draft.new_layer()
    if draft.count(2) == 2:
        layer = draft.add_node(Module({"a": OfNode(layer)}))
    return [counter, NodeSlot(layer)]


def _of_states(draft: Draft) -> list[Slot]:
    return [StateSlot(own_tree(draft))] if draft.count(3) < 3 else [NodeSlot(own_tree(draft))]


def own_tree(draft: Draft, depth: int = 0) -> int:
    """A tree of modules, mappings and layers that shares nothing with the rest."""
    mapping = ("mapping",) if "mapping" in draft.features else ()
    kind = draft.pick("module", "module", "linear", *mapping) if depth < 2 else "linear"
    if kind == "linear":
        row = draft.add_node(Linear(draft.draw(linear_configs()), draft.count(3)))
    else:
        held = [_own_attribute(draft, depth) for _ in range(draft.size(1, 2, 0, 2))]
        named = dict(zip(NAMES, held, strict=False))
        row = draft.add_node(Module(named) if kind == "module" else Mapping(named))
    draft.own_nodes.add(row)
    return row


def _own_attribute(draft: Draft, depth: int) -> Attribute:
    match draft.pick("variable", "variable", "variable", "static", "node"):
        case "variable":
            row = draft.new_variable()
            draft.own_variables.add(row)
            return OfVariable(row)
        case "static":
            return OfStatic(1)
        case _:
            return OfNode(own_tree(draft, depth + 1))


def _of_sowing(draft: Draft) -> list[Slot]:
    """A module; half of them have a total from before the loop, and half are inside of another."""
    held: dict[str, Attribute] = {"a": OfVariable(draft.new_variable())}
    if draft.count(1):
        total = draft.add_variable(Variable("Intermediate", Array(fill=draft.count(2))))
        held["total"] = OfVariable(total)
    row = draft.add_node(Module(held))
    return [NodeSlot(draft.add_node(Module({"b": OfNode(row)})) if draft.count(1) else row)]


def _of_blocks(draft: Draft) -> list[Slot]:
    """An array, so that there is something to do in a block."""
    return [ArraySlot(Array("int32", fill=draft.count(2)))]


_SPECIAL: dict[Theme, Callable[[Draft], list[Slot]]] = {
    "streams": _of_streams,
    "layers": _of_layers,
    "state": _of_states,
    "sow": _of_sowing,
    "inner": _of_blocks,
}
