"""The places of a world as expressions of a script: after Flax's run, and as they should be."""

import re

from nnxfuzz.oracle.verdict import Difference, dotted
from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import held_by, path_named, reads_objects_only, trips
from nnxfuzz.report.code.axes import below
from nnxfuzz.report.code.carry import is_object_slot
from nnxfuzz.report.code.loops import Code
from nnxfuzz.report.code.names import spelled
from nnxfuzz.report.code.objects import is_object
from nnxfuzz.report.code.scene import Scene, Thing

#: Statements that change what is where, which without graph updates the caller does not see.
MOVING = (c.Swap, c.Bind, c.Make, c.Drop, c.Sow, c.Pop)


class Expressions:
    """Writes the places of one script; `poisoned`: what is right is what was before the loop."""

    def __init__(self, case: c.Case, arm: c.Arm, code: Code, poisoned: bool) -> None:
        self.case = case
        self.arm = arm
        self.code = code
        self.poisoned = poisoned
        self.scene = Scene(case)
        #: A hook changes what is read, so that only the raw values tell what is there.
        self.hooked = any(variable.hook is not None for variable in case.variables)

    def got(self, path: c.TreePath) -> str:
        """The place after Flax's run."""
        if path[0] == "held":
            found = named(str(path[1]))
            return found.kept if found else ""
        if path[0] == "ys":
            names = self.code.scan.emitted("ys")
            return names[int(path[1])] + spelled(self.case, None, path[2:])
        if path[0] == "grad":
            return "grads" + spelled(self.case, None, path[1:])
        base = {"caller": "carry", "result": "got", "counter": "counter"}
        return self._place(path, base)

    def holding(self, d: Difference) -> str:
        """What the differing place holds after Flax's run."""
        return self._held(self.got(d.path), d)

    def want(self, d: Difference, held: bool = True) -> str | None:
        """The same place in plain Python or before the loop; None if neither shows it."""
        base = {
            "caller": "before" if self.stays(d) else "start",
            "result": "want[1]" if self.arm.counts else "want",
            "counter": "want[0]",
            "closure": "want_",
            "inputs": "want_",
        }
        if d.path[0] == "held":
            return None
        if d.path[0] == "grad":
            return "want_grads" + spelled(self.case, None, d.path[1:])
        if d.path[0] == "ys":
            emitted = self._want_ys(d) if held else None
            shapes_only = emitted is not None and self.arm.abstract
            return f"np.zeros_like({emitted})" if shapes_only else emitted
        rebound = any(isinstance(s, MOVING) for s in self.case.body)
        given = d.path[0] in ("caller", "inputs")
        if given and self.arm.mode != "graph" and rebound and not self.stays(d):
            return None
        if d.path[0] == "inputs" and not is_object(self.case.inputs[int(d.path[1])].what):
            base["inputs"] = ""  # an array, which stays as it is
        place = self._place(d.path, base)
        if self.arm.examples:
            return self._both(place, d, held)
        if held and self.arm.abstract:
            return f"np.zeros_like({self._held(place, d)})"
        return self._held(place, d) if held else place

    def _both(self, place: str, d: Difference, held: bool) -> str:
        """What the place holds in both examples, stacked; or the place in the first.

        An object that the body only reads is there once, for both.
        """
        root = re.findall(r"^\w+", place)[0]
        ends = range(1, len(d.path) + 1)
        below = any(is_object_slot(self.case, d.path[1:end]) for end in ends)
        first = f"{root}s[0]{place.removeprefix(root)}"
        if not held:
            return first
        if below and reads_objects_only(self.case):
            return self._held(first, d)
        return f"np.stack([{self._held(place, d)} for {root} in {root}s])"

    def _held(self, place: str, d: Difference) -> str:
        """What a place holds."""
        if d.role == "variable":
            place += ".raw_value" if self.hooked else ".value"
        elif d.role == "array" and self._in_state(d.path):
            place += ".value"
        return f"jax.random.key_data({place})" if self.is_key(d) else place

    def is_key(self, d: Difference) -> bool:
        """Whether a random key stands there, which numpy does not know: no case names one."""
        last = str(d.path[1]).rpartition(".")[2] if d.path[0] == "held" else d.path[-1]
        path = ("carry" if d.path[0] in ("caller", "result") else d.path[0], *d.path[1:])
        named = path[0] in self.scene.roots and self.scene.find(path) is not None
        return last == "key" and d.role == "variable" and not named

    def _in_state(self, path: c.TreePath) -> bool:
        """Whether the path leads into an `nnx.State` of the carry."""
        row = path[0] in ("caller", "result")
        return row and any(
            self.scene.find(("carry", *path[1:end])) is not None
            and self.scene.get(("carry", *path[1:end])).kind == "state"
            for end in range(1, len(path))
        )

    def stays(self, d: Difference) -> bool:
        """Whether Flax documents that this stays as it is before the loop.

        Without graph updates only Variables are updated, attributes of the caller's nodes are not.
        """
        state = "opt_state" in d.path or self._in_state(d.path)
        kept = self.arm.mode != "graph" and d.role != "variable" and not state
        return d.path[0] == "caller" and (self.poisoned or kept)

    def _place(self, path: c.TreePath, base: dict[str, str]) -> str:
        if path[0] == "closure":
            name = base.get("closure", "") + self.code.names.closure[int(path[1])]
            return name + spelled(self.case, None, path[2:])
        if path[0] == "inputs":
            name = base.get("inputs", "") + self.code.scan.outside()[int(path[1])]
            return name + spelled(self.case, None, path[2:])
        row = 0 if path[0] in ("caller", "result") else None
        return base[str(path[0])] + spelled(self.case, row, path[1:])

    def _want_ys(self, d: Difference) -> str | None:
        """What plain Python emitted, stacked."""
        k = int(d.path[1])
        output = self.case.ys[k]
        if trips(self.case.loop) > 0:
            alone = len(self.case.ys) == 1 and not self.case.form.packed
            place = "y" * alone or f"y[{k}]"
            place = self._held(place + spelled(self.case, None, d.path[2:]), d)
            along = self._stacked_along(output, d.path[2:])
            axis = f", axis={along}" if along else ""
            rows = "want_ys" if place == "y" else f"[{place} for y in want_ys]"
            stacked = f"np.stack({rows}{axis})"
            both = self.arm.examples
            return f"np.stack([{stacked} for want_ys in all_ys])" if both else stacked
        if isinstance(output.value, c.OfNode | c.OfVariable) or output.axis:
            return None
        emitted = self.scene.operand(output.value)
        return f"jnp.zeros({(0, *emitted.shape)}, jnp.{emitted.dtype})"

    def _stacked_along(self, output: c.Output, steps: c.TreePath) -> int:
        """The axis along which an output is stacked, or a Variable of it."""
        held: object = output.value
        kind = "..."
        for step in steps:
            node = self.case.nodes[held.node] if isinstance(held, c.OfNode) else None
            held = None if node is None else dict(held_by(node)).get(step)
            kind = "Param" if isinstance(node, c.Linear) else "..."
        if isinstance(held, c.OfVariable):
            kind = self.case.variables[held.variable].kind
        along = below(output.axis, steps, kind)
        return along if isinstance(along, int) else 0

    def all_arrays(self, base: str) -> list[str]:
        """Every array and Variable of the initial carry, each object once, as expressions."""
        met: set[int] = set()
        found: list[str] = []

        def visit(thing: Thing, path: c.TreePath) -> None:
            if id(thing) in met:
                return
            met.add(id(thing))
            value = ".value" * (thing.kind == "variable")
            if thing.kind in ("variable", "array", "number"):
                found.append(base + spelled(self.case, 0, path) + value)
            for step, part in thing.parts.items():
                visit(part, (*path, step))

        visit(self.scene.roots["carry"], ())
        return found


class Named(c.Data, frozen=True):
    """An object by its name in a world: where it was before the loop, or is after it."""

    path: c.TreePath
    at_first: bool

    @property
    def kept(self) -> str:
        """The script's variable for it."""
        root = {"closure": "caught", "inputs": "given"}.get(str(self.path[0]), "first")
        return "_".join((root, *map(str, self.path[1:])))

    def __str__(self) -> str:
        return f"{dotted(self.path)} {'was' if self.at_first else 'is'}"


def named(text: str) -> Named | None:
    """The object that an identity names; None if the text is no name."""
    place = text.removeprefix("new ")
    if not re.fullmatch(r"[a-z]+(\[\d+\]|\.\w+)*", place):
        return None
    path = path_named(place)
    return Named(path, place == text and path[0] in ("caller", "closure", "inputs"))
