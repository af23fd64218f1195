"""What a case asks of a release: abilities that not every supported Flax release has."""

from typing import Literal

from nnxfuzz.case.types import (
    Case,
    Make,
    Module,
    NodeSlot,
    OfArray,
    OfNode,
    OfVariable,
    Sequence,
    Update,
    VariableSlot,
)

#: `bare-variables`: Variables in the carry outside of any module.  `raw-arrays`: module attributes
#: that are arrays.  `setitem`: `v[...] = x`.
Feature = Literal["bare-variables", "raw-arrays", "setitem"]
FEATURES: tuple[Feature, ...] = ("bare-variables", "raw-arrays", "setitem")


def needs(case: Case) -> frozenset[Feature]:
    """The features that `case` uses."""
    found: set[Feature] = set()
    if any(_bare(case, slot) for slot in case.carry):
        found.add("bare-variables")
    held = [a for n in case.nodes if isinstance(n, Module) for a in n.attributes.values()]
    held += [s.what for s in case.body if isinstance(s, Make)]
    if any(isinstance(attribute, OfArray) for attribute in held):
        found.add("raw-arrays")
    if any(isinstance(s, Update) and s.style == "setitem" for s in case.body):
        found.add("setitem")
    return frozenset(found)


def _bare(case: Case, slot: object) -> bool:
    """Whether a slot holds a Variable by itself or in a list (no object before `nnx.List`)."""
    match slot:
        case VariableSlot():
            return True
        case NodeSlot(row):
            return _list_of_variables(case, row)
        case _:
            return False


def _list_of_variables(case: Case, row: int) -> bool:
    node = case.nodes[row]
    if not isinstance(node, Sequence):
        return False
    inner = [item.node for item in node.items if isinstance(item, OfNode)]
    return any(isinstance(item, OfVariable) for item in node.items) or any(
        _list_of_variables(case, k) for k in inner
    )
