"""Random bodies over the places that a draft's objects and carry have.

Most programs keep the loop's rules; some have one statement that breaks one.
"""

from hypothesis import strategies as st

from nnxfuzz.case import (
    Bind,
    Call,
    Case,
    Const,
    Drop,
    Index,
    Input,
    Linear,
    LinearConfig,
    Make,
    OfArray,
    OfNode,
    OfStatic,
    OfVariable,
    Operand,
    Path,
    Raise,
    Read,
    Statement,
    Swap,
    Update,
)
from nnxfuzz.strategies.catalogue import Place, places
from nnxfuzz.strategies.graphs import Draft, arrays

Shape = tuple[int, ...]

#: Kinds of rule-breaking that few cases have a place for, so likelier where there is one.
_RARE = ("static", "static", "closure")

#: dtypes to change to, none of which is a no-op for every target.
_DTYPES = ("int32", "float32", "bfloat16")


class Author:
    """Writes statements for a case whose tables and carry are complete."""

    def __init__(self, draft: Draft, case: Case) -> None:
        self.draft = draft
        self.case = case
        self.styles = ("assign", "setitem") if "setitem" in draft.features else ("assign",)
        everything = list(places(case).values())
        self.places = [p for p in everything if p.path[0] == "carry"]
        self.readable = [p for p in everything if p.numeric]
        self.targets = [p for p in self.places if p.numeric]
        self.layers = [p for p in everything if p.holds == "layer"]

    def body(self) -> tuple[Statement, ...]:
        """Up to three updates, and in one program of four a statement that breaks a rule."""
        count = self.draft.size(0, 1, 2, 3, 1, 2) if self.targets else 0
        updates: list[Statement] = [self.update(self._one(self.targets)) for _ in range(count)]
        if self.draft.pick("keep", "keep", "keep", "break") == "break":
            at = self.draft.count(len(updates))
            updates.insert(at, self.breaking())
        return tuple(updates)

    def _one(self, options: list[Place]) -> Place:
        return options[self.draft.count(len(options) - 1)]

    # --- statements that keep the rules -----------------------------------------------------

    def update(self, target: Place) -> Update:
        """An update whose result has the target's dtype and shape."""
        op = self.draft.pick("add", "add", "mul", "set")
        operand = self.operand(target.shape)
        style = "assign"
        if target.holds == "variable":
            style = self.draft.pick(*self.styles)
        return Update(target.path, op, operand, style)  # type: ignore[arg-type]

    def operand(self, shape: Shape | None) -> Operand:
        """An operand that goes into `shape`, or of any shape."""
        kinds = ["const", "index"]
        kinds += ["read", "read"] if self.readable else []
        kinds += ["input", "input"] if self.case.xs else []
        callable_on = self._calls()
        kinds += ["call"] if callable_on else []
        match self.draft.pick(*kinds):
            case "const":
                return Const(self.draft.count(3))
            case "index":
                return Index()
            case "read":
                source = self._one(self.readable)
                return Read(source.path, total=_sums(source.shape, shape))
            case "input":
                x = self.draft.count(len(self.case.xs) - 1)
                return Input(x, total=_sums(self.case.xs[x].shape[1:], shape))
            case _:
                return self._call(shape, callable_on)

    def _calls(self) -> list[tuple[Place, Place]]:
        """Every layer with every place that has the right input for it."""
        return [
            (layer, place)
            for layer in self.layers
            for place in self.readable
            if place.dtype == "float32" and place.shape[-1:] == (self._linear(layer).in_features,)
        ]

    def _linear(self, layer: Place) -> LinearConfig:
        assert layer.row is not None
        node = self.case.nodes[layer.row]
        assert isinstance(node, Linear)
        return node.config

    def _call(self, shape: Shape | None, options: list[tuple[Place, Place]]) -> Call:
        layer, place = options[self.draft.count(len(options) - 1)]
        out = (*place.shape[:-1], self._linear(layer).out_features)
        return Call(layer.path, place.path, total=_sums(out, shape))

    # --- statements that break one ----------------------------------------------------------

    def breaking(self) -> Statement:
        """A statement that breaks a rule, of a kind that the case has a place for."""
        places = {kind: found for kind, found in self._breakable().items() if found}
        kind = self.draft.pick(*places, "raise", *(rare for rare in _RARE if rare in places))
        if kind == "raise":
            return Raise()
        place = self._one(places[kind])
        match kind:
            case "swap" | "bind":
                second = self._one(self._partners(place))
                return (Swap if kind == "swap" else Bind)(place.path, second.path)
            case "fresh variable" if place.row is not None:
                return Make(place.path, OfVariable(place.row))
            case "fresh node" if place.row is not None:
                return Make(place.path, OfNode(place.row))
            case "add":
                return self._add(place)
            case "drop":
                return Drop(place.path)
            case "static":
                return Make(place.path, OfStatic(7))
            case "dtype":
                return self._dtype(place)
            case _:
                return self.update(place)

    def _breakable(self) -> dict[str, list[Place]]:
        """The places at which each kind of rule can be broken.

        Nothing with raw arrays is made anew: made under a trace they are static (see
        `compat.as_data`).
        """
        movable = [p for p in self.places if p.holder not in ("root", "layer")]
        paired = [p for p in movable if self._partners(p)]
        rowed = [p for p in movable if p.row is not None and not self._has_arrays(p.path)]
        return {
            "swap": paired,
            "bind": paired,
            "fresh variable": [p for p in rowed if p.holds == "variable"],
            "fresh node": [p for p in rowed if p.holds != "variable"],
            "add": [p for p in self.places if p.holds == "node" and self._is_module(p)],
            "drop": [p for p in movable if p.holder in ("module", "list", "dict")],
            "static": [p for p in movable if p.holds == "static"],
            "dtype": self.targets,
            "closure": [p for p in self.readable if p.path[0] == "closure"],
        }

    def _partners(self, place: Place) -> list[Place]:
        """Places that hold things of the same kind, neither inside of the other."""
        return [
            p
            for p in self.places
            if p.holder not in ("root", "layer")
            and p.holds == place.holds != "none"
            and not _nested(p.path, place.path)
        ]

    def _has_arrays(self, path: Path) -> bool:
        """Whether a raw array stands below `path`."""
        return any(
            p.holds == "array" and p.holder == "module" and p.path[: len(path)] == path
            for p in self.places
        )

    def _is_module(self, place: Place) -> bool:
        return place.row is not None and hasattr(self.case.nodes[place.row], "attributes")

    def _add(self, module: Place) -> Statement:
        """Add an attribute that was not there."""
        path: Path = (*module.path, "z")
        array = ("array",) if "raw-arrays" in self.draft.features else ()
        match self.draft.pick("static", "variable", *array):
            case "variable" if self.case.variables:
                return Make(path, OfVariable(self.draft.count(len(self.case.variables) - 1)))
            case "array":
                return Make(path, OfArray(self.draft.draw(arrays)))
            case _:
                return Make(path, OfStatic(7))

    def _dtype(self, target: Place) -> Statement:
        """Give a place another dtype."""
        others = tuple(d for d in _DTYPES if d != target.dtype)
        dtype = self.draft.pick(*others)
        style = self.draft.pick(*self.styles) if target.holds == "variable" else "assign"
        return Update(target.path, "add", Const(1), style, dtype)  # type: ignore[arg-type]


def _sums(given: Shape, wanted: Shape | None) -> bool:
    """Whether an operand has to be summed to go into the wanted shape."""
    return wanted is not None and given not in (wanted, ())


def _nested(one: Path, other: Path) -> bool:
    short = min(len(one), len(other))
    return one[:short] == other[:short]


trip_counts = st.sampled_from((1, 2, 3, 0, 5, -1))
