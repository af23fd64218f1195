"""Random bodies over the places that a draft's objects, carry and inputs have."""

from typing import Literal

from hypothesis import strategies as st

from nnxfuzz.case import (
    Case,
    Everywhere,
    Path,
    Pop,
    Sequence,
    Sow,
    Statement,
    Update,
    Within,
)
from nnxfuzz.case.places import Place, all_variables
from nnxfuzz.strategies.graphs import Draft
from nnxfuzz.strategies.sources import Sources, holds, shape_at

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
                return [Sow(module.path, "sown", operand), Pop(above)]
            case _:
                return [Pop(above)]

    def _sown(self) -> Place:
        """A module to sow into; in half of the programs that have one, a module in another."""
        inner = [p for p in self.sources.sown if self._above(p) != p.path]
        return self.sources.one(inner if inner and self.draft.count(1) else self.sources.sown)

    def _above(self, module: Place) -> Path:
        """The path of the module that holds it; its own, if there is none."""
        above = module.path[:-1]
        return above if any(p.path == above for p in self.sources.modules) else module.path

    # --- blocks -----------------------------------------------------------------------------

    def within(self) -> tuple[Statement, tuple[tuple[Statement, ...], ...]]:
        """An inner transform, with its block or two."""
        targets = [p for p in self.sources.targets if p.path[0] == "carry"]
        deciding = [p for p in self.sources.readable if p.path[0] == "carry"]

        def block() -> tuple[Statement, ...]:
            some = range(self.draft.size(1, 2))
            return tuple(self.in_a_block(targets) for _ in some)

        how = self.draft.pick("fori_loop", "while_loop", "scan", "jit", "remat", "cond", "switch")
        if how in ("cond", "switch"):
            at = self.sources.one(deciding).path
            if self.draft.count(1):
                return Within(0, how, at=at, otherwise=1), (block(), block())  # type: ignore[arg-type]
            return Within(0, how, at=at), (block(),)  # type: ignore[arg-type]
        times = self.draft.size(1, 2, 3, 0) if how in ("fori_loop", "while_loop", "scan") else 1
        return Within(0, how, times), (block(),)  # type: ignore[arg-type]

    def in_a_block(self, targets: list[Place]) -> Statement:
        mapped = [p for p in self.sources.carried if self._mapped(p)]
        if mapped and self.draft.count(4) == 4:
            return self.everywhere()
        return self.update(self.sources.one(targets))
