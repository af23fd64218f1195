"""Random bodies over the places that a draft's objects, carry and inputs have."""

from typing import Literal

from hypothesis import strategies as st

from nnxfuzz.programs.case import (
    BRANCHES,
    HOWS,
    TRANSFORMS,
    Call,
    Case,
    Const,
    Draw,
    Everywhere,
    Index,
    Pop,
    Read,
    Sequence,
    Sow,
    Statement,
    TreePath,
    Update,
    Within,
)
from nnxfuzz.programs.case.places import Holder, Place, Standing, Thing, all_variables, candidates
from nnxfuzz.strategies.graphs import Draft
from nnxfuzz.strategies.sources import Sources, holds, is_float, shape_at

Style = Literal["assign", "setitem"]

trip_counts = st.sampled_from((1, 2, 3, 0, 5, -1))
#: Where a loop of no trips would have nothing to stack.
some_trips = st.sampled_from((1, 2, 3, 5))


class Author:
    """Writes the statements that keep the loop's rules."""

    def __init__(self, draft: Draft, case: Case) -> None:
        self.draft = draft
        self.sources = Sources(draft, case)
        self.styles = ("assign", "setitem") if "setitem" in draft.features else ("assign",)

    def updates(self) -> list[Statement]:
        """Up to three updates, and what the theme is about."""
        targets = self.sources.targets
        count = self.draft.size(0, 1, 2, 3, 1, 2) if targets else 0
        found: list[Statement] = [self.update(self.sources.one(targets)) for _ in range(count)]
        if targets and self.sources.case.loop.reverse and self.draft.count(2):
            found.append(self.last_wins(self.sources.one(targets)))
        return found + self._special(targets)

    def _special(self, targets: list[Place]) -> list[Statement]:
        match self.draft.theme:
            case "state":
                return [self.everywhere() for _ in range(self.draft.size(1, 2))]
            case "sow":
                return self.sowing()
            case "layers" if targets:
                target = self.sources.one(targets)
                return [Update(target.path, "add", self.sources.call(shape_at(target)))]
            case _:
                return []

    def update(self, target: Place) -> Update:
        """An update whose result has the target's dtype and shape."""
        op = self.draft.pick("add", "add", "mul", "set")
        whole = target.array is not None and target.array.dtype == "int32"
        operand = self.sources.operand(shape_at(target), whole)
        return Update(target.path, op, operand, self.style(target))  # type: ignore[arg-type]

    def last_wins(self, target: Place) -> Update:
        """A statement whose result depends on which trip comes last."""
        return Update(
            target.path, "set", self.sources.varying(shape_at(target)), self.style(target)
        )

    def style(self, target: Place) -> Style:
        if holds(target) != "variable":
            return "assign"
        return self.draft.pick(*self.styles)  # type: ignore[return-value]

    # --- states -----------------------------------------------------------------------------

    def everywhere(self) -> Statement:
        """Functional code on one of the places for it; there is always one, since a state is."""
        options = [p for p in self.sources.carried if self._mapped(p)]
        place = self.sources.one(options)
        via = self.draft.pick("update", "merge")
        return Everywhere(place.path, self.draft.size(1, 2), via)  # type: ignore[arg-type]

    def _mapped(self, place: Place) -> bool:
        """Whether functional code can work on what stands at a place."""
        bare = "bare-variables" in self.draft.features
        needs_bare = isinstance(place.node, Sequence) or holds(place) == "variable"
        return all_variables(self.sources.case, place.thing) and (bare or not needs_bare)

    # --- sow and pop ------------------------------------------------------------------------

    def sowing(self) -> list[Statement]:
        """Sow into a new or an old place, and perhaps pop that, from the module above if any."""
        module = self._sown()
        above = self._above(module)
        operand = self.sources.operand(())
        match self.draft.pick("total", "total", "list", "list, popped", "list, popped", "pop"):
            case "total":
                return [Sow(module.path, "total", operand, total=True)]
            case "list":
                return [Sow(module.path, "sown", operand)]
            case "list, popped":
                return [Sow(module.path, "sown", operand), self._pop(above)]
            case _:
                return [self._pop(above)]

    def _pop(self, at: TreePath) -> Pop:
        """Pop by one filter, or by one for each of the two names that are sown."""
        return Pop(at, "sown" if self.draft.count(1) else None)

    def _sown(self) -> Place:
        """A module to sow into; in half of the programs that have one, a module in another."""
        inner = [p for p in self.sources.sown if self._above(p) != p.path]
        return self.sources.one(inner if inner and self.draft.count(1) else self.sources.sown)

    def _above(self, module: Place) -> TreePath:
        """The path of the module that holds it; its own, if there is none."""
        above = module.path[:-1]
        return above if any(p.path == above for p in self.sources.modules) else module.path

    # --- blocks -----------------------------------------------------------------------------

    def within(self) -> tuple[Statement, tuple[tuple[Statement, ...], ...]]:
        """An inner transform, with its block or two."""
        draft, sources = self.draft, self.sources
        deciding = [p for p in sources.readable if p.path[0] == "carry"] or sources.readable
        how = draft.pick(*(HOWS if "fori-loop" in draft.features else HOWS[1:]))
        branches = how in BRANCHES and bool(deciding)
        how = "remat" if how in BRANCHES and not branches else how
        blocks = [self._block()]
        at = sources.one(deciding).path if branches else None
        if branches and draft.count(1):
            blocks.append(self._block())
        times = draft.size(1, 2, 3, 0) if how in TRANSFORMS else 1
        otherwise = 1 if len(blocks) > 1 else None
        args = self._arguments([s for block in blocks for s in block])
        return Within(0, how, times, at, otherwise, args), tuple(blocks)  # type: ignore[arg-type]

    def _block(self) -> tuple[Statement, ...]:
        targets = self.sources.targets
        return tuple(
            self.in_a_block(targets) for _ in range(self.draft.size(1, 2) if targets else 0)
        )

    def _arguments(self, block: list[Statement]) -> tuple[TreePath, ...]:
        """What of the inputs the block names, and at times of the closure; now and then, if
        programs may break rules, the block reaches some of it by closure.
        """
        named = [path for statement in block for path in _named(statement)]
        found: list[TreePath] = []
        for top in dict.fromkeys(path[:2] for path in named if path[0] != "carry"):
            breaks = "breaking" in self.draft.features and self.draft.count(7) == 7
            if breaks != (top[0] == "closure"):
                continue
            below = [path for path in named if path[:2] == top]
            found.append(self._argument(top, below))
        return tuple(found)

    def _argument(self, top: TreePath, below: list[TreePath]) -> TreePath:
        """The input, or in one program of three the smallest object in it that has all of these."""
        case, first = self.sources.case, below[0]
        tops = [first[:end] for end in range(len(first), 2, -1)]
        common = [short for short in tops if all(path[: len(short)] == short for path in below)]
        bare = "bare-variables" in self.draft.features
        inner = [p for p in common if any(_fits(t, bare) for t in candidates(case, p, {}))]
        return inner[0] if inner and self.draft.count(2) == 2 else top

    def in_a_block(self, targets: list[Place]) -> Statement:
        mapped = [p for p in self.sources.carried if self._mapped(p)]
        if mapped and self.draft.count(4) == 4:
            return self.everywhere()
        floats = [p for p in targets if is_float(p)]
        target = self.sources.one(floats if floats and self.draft.count(2) else targets)
        operand = self.sources.passed(shape_at(target)) if is_float(target) else None
        if operand is None:
            return self.update(target)
        return Update(target.path, "add", operand, self.style(target))


def _named(statement: Statement) -> list[TreePath]:
    """The places that a statement of a block names."""
    if isinstance(statement, Everywhere):
        return [statement.at]
    assert isinstance(statement, Update)
    match statement.operand:
        case Read(at):
            return [statement.at, at]
        case Call(layer, at):
            return [statement.at, layer, at]
        case Draw(stream):
            return [statement.at, stream[:-1]]
        case Const() | Index():
            return [statement.at]


def _fits(thing: Thing, bare: bool) -> bool:
    """Whether it can be an argument: a node with attributes, or a Variable by itself if `bare`."""
    if isinstance(thing, Standing):
        return bare or not isinstance(thing.node, Sequence)
    return bare and isinstance(thing, Holder) and thing.form == "variable"
