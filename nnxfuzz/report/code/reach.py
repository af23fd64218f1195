"""Which objects of a case are reached from where, and in which order they can be made."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import held_by

#: The names of a Module's attributes: modules of equal shape share a class.
Shape = tuple[str, ...]


def shape_of(module: c.Module) -> Shape:
    """The shape of a module, in alphabetical order."""
    return tuple(sorted(module.attributes))


@dataclass
class Reach:
    """What is reached from some roots.

    `nodes` are in an order in which each comes after what it holds or is made from; `back` are the
    attributes for which that is impossible because they close a cycle.
    """

    nodes: list[int] = field(default_factory=list)
    uses: Counter[int] = field(default_factory=Counter)
    back: set[tuple[int, str | int]] = field(default_factory=set)
    met_again: set[int] = field(default_factory=set)

    def shares(self) -> bool:
        """Whether some node or Variable is reached in two ways."""
        return bool(self.met_again) or any(uses > 1 for uses in self.uses.values())


class _Visit:
    """Depth first, from one root after another."""

    def __init__(self, case: c.Case) -> None:
        self.case = case
        self.found = Reach()
        self.above: set[int] = set()
        #: Models that so far only an optimizer was made from, which does not hold them.
        self.models: set[int] = set()

    def attribute(self, held: c.Attribute) -> None:
        if isinstance(held, c.OfVariable):
            self.found.uses[held.variable] += 1
        if not isinstance(held, c.OfNode):
            return
        if held.node in self.models:
            self.models.remove(held.node)
        elif held.node in self.found.nodes or held.node in self.above:
            self.found.met_again.add(held.node)
        else:
            self.enter(held.node)

    def enter(self, row: int) -> None:
        node = self.case.nodes[row]
        self.above.add(row)
        if isinstance(node, c.Optimizer) and node.model not in self.found.nodes:
            self.enter(node.model)
            self.models.add(node.model)
        for key, below in held_by(node):
            if isinstance(below, c.OfNode) and below.node in self.above:
                self.found.back.add((row, key))
            else:
                self.attribute(below)
        self.above.remove(row)
        self.found.nodes.append(row)


def reach(case: c.Case, roots: Iterable[c.Attribute]) -> Reach:
    """Everything below `roots`."""
    visit = _Visit(case)
    for root in roots:
        visit.attribute(root)
    return visit.found
