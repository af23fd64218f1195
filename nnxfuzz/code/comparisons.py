"""The comparisons of a script: a finding's differing paths as `if` statements.

What a path should hold is taken from the plain Python loop where that shows it, from the objects
before the loop where Flax documents that they stay as they are, and else from the finding.
"""

import re

from nnxfuzz.case import (
    Arm,
    Array,
    Bind,
    Case,
    Data,
    Drop,
    Layer,
    Make,
    OfArray,
    OfNode,
    OfVariable,
    Optimizer,
    Path,
    Pop,
    ScalarSlot,
    Sow,
    Swap,
    reads_objects_only,
    trips,
)
from nnxfuzz.code.carry import is_object_slot
from nnxfuzz.code.helpers import Lines
from nnxfuzz.code.loops import Code
from nnxfuzz.code.names import is_prefix, spelled
from nnxfuzz.code.objects import is_object
from nnxfuzz.code.reach import held_by
from nnxfuzz.code.rows import calls
from nnxfuzz.code.scene import Scene, Thing
from nnxfuzz.verdict import Difference, Finding, dotted

#: A person reads the first few; the rest of a finding's differences follow from them.
MOST = 3

#: Statements that change what is where, which without graph updates the caller does not see.
MOVING = (Swap, Bind, Make, Drop, Sow, Pop)

#: Two expressions as long as this stand on one line.
SHORT = 78

#: How far layers that normalise, and optimizers, may be off.
NOISE = "rtol=1e-3, atol=1e-3"

TOLERANCES = {"float32": "rtol=1e-5, atol=1e-6", "bfloat16": "rtol=2e-2, atol=2e-2"}


class Comparisons:
    """The comparisons of one script.

    A fact is about Python objects (identity, type, presence), an array comparison about numbers:
    under `jax.jit` facts are looked at inside, numbers outside.
    """

    def __init__(self, case: Case, arm: Arm, finding: Finding, code: Code) -> None:
        self.case = case
        self.arm = arm
        self.code = code
        self.poisoned = finding.signature.kind == "poisoned-state"
        self.differences = [] if _only_failed(finding) else _first_few(finding.differences)
        self.unexplained = self.poisoned and not finding.differences
        self.scene = Scene(case)
        self.called = calls(case) or arm.wrapper == "grad"
        #: A hook changes what is read, so that only the raw values tell what is there.
        self.hooked = any(variable.hook is not None for variable in case.variables)

    @property
    def roots(self) -> set[str]:
        """The roots that are compared."""
        return {str(d.path[0]) for d in self.differences}

    @property
    def needs_start(self) -> bool:
        """Whether something is compared with the objects that plain Python was given."""
        return any(d.path[0] == "caller" and not self._stays(d) for d in self.differences)

    @property
    def needs_before(self) -> bool:
        """Whether something is compared with the objects before the loop."""
        return any(self._stays(d) for d in self.differences) and not self.poisoned

    def facts(self) -> Lines:
        """Comparisons of objects."""
        lines = [line for d in self.differences if not _is_number(d) for line in self._fact(d)]
        return lines + self._no_tracers()

    def arrays(self) -> Lines:
        """Comparisons of numbers."""
        numbers = [d for d in self.differences if _is_number(d)]
        return [line for d in numbers for line in self._number(d, self.holding(d))]

    def traced_arrays(self) -> tuple[str, Lines]:
        """What the jitted function returns, and the comparisons of that."""
        numbers = [d for d in self.differences if _is_number(d)]
        if not numbers:
            given = self.poisoned or self.arm.wrapper == "eval_shape"  # which hands no objects back
            base = "carry" if given else "got"
            return _listed(self._all_arrays(base)), []
        compared = [self._number(d, f"seen[{k}]") for k, d in enumerate(numbers)]
        seen = [self.holding(d) for d in numbers]
        return _listed(seen), [line for lines in compared for line in lines]

    # --- one comparison ---------------------------------------------------------------------

    def _number(self, d: Difference, got: str) -> Lines:
        want, text = self.want(d), dotted(d.path)
        match d.aspect:
            case "dtype":
                wanted = f"jnp.asarray({want}).dtype" if want else f'"{d.expected}"'
                return _if_unequal(f"jnp.asarray({got}).dtype", wanted, f"the dtype of {text}")
            case "shape":
                wanted = f"np.shape({want})" if want else d.expected
                return _if_unequal(f"np.shape({got})", wanted, f"the shape of {text}")
            case _:
                return self._value(d, got, want)

    def _value(self, d: Difference, got: str, want: str | None) -> Lines:
        text = dotted(d.path)
        special = has_non_finite(self.case)
        if want is None and not re.search(r"\w", d.expected):
            # As text, since a list shows nothing of the shape of an empty array.
            return _if_unequal(f"str(np.asarray({got}).tolist())", f'"{d.expected}"', text)
        if want is None:
            want = re.sub(r"\b(nan|inf)\b", r"np.\1", d.expected)
            special |= want != d.expected
        same, cast = f"np.array_equal(x, y{', equal_nan=True' * special})", ""
        if self.called and not self._is_key(d):
            same, cast = f"np.allclose(x, y, {self._tolerance(d)}, equal_nan=True)", ", np.float32"
        x, y = f"np.asarray({got}{cast})", f"np.asarray({want}{cast})"
        pair = [f"x, y = {x}, {y}"] if len(x + y) < SHORT else [f"x = {x}", f"y = {y}"]
        report = f'    bug(f"{text} is {{x.tolist()}}, should be {{y.tolist()}}")'
        return [*pair, f"if not {same}:", report]

    def _tolerance(self, d: Difference) -> str:
        layers = any(isinstance(node, Layer | Optimizer) for node in self.case.nodes)
        if layers or self.arm.wrapper == "grad":
            return NOISE
        thing = self.scene.find(("carry", *d.path[1:]))
        return TOLERANCES.get(thing.dtype if thing else "", TOLERANCES["float32"])

    def _fact(self, d: Difference) -> Lines:
        if d.path == ("result",) and d.aspect == "missing":
            return []  # Python raised: the script says so itself
        text, got, want = dotted(d.path), self.got(d.path), self.want(d, held=False)
        match d.aspect:
            case "identity":
                return self._identity(d)
            case "missing" | "extra":
                return self._presence(d)
            case "tracer":
                test = f"isinstance({self.holding(d)}, jax.core.Tracer)"
                return [] if self.code.traced else _if(test, f"{text} holds a tracer")
            case "kind":
                return self._kind(d, got, want)
            case "metadata" if "tag" in d.expected + d.got:
                got, want = f'getattr({got}, "tag", None)', f'getattr({want}, "tag", None)'
            case "metadata":
                got, want = f"{got}.get_metadata()", f"{want}.get_metadata()"
            case "static" if d.role == "container":
                size = "sorted" if "[" in d.expected else "len"
                got, want = f"{size}({got})", f"{size}({want})"
            case _:
                pass
        return _if_unequal(got, f"{want}", f"the {d.aspect} of {text}")

    def _kind(self, d: Difference, got: str, want: str | None) -> Lines:
        text = dotted(d.path)
        if d.expected.startswith("array"):
            # The plain loop may still hold a Python number where Flax has made an array of it.
            test = f"not isinstance({got}, (jax.Array, int, float))"
            return _if(test, f"{text} is a {d.got}, should be an array")
        x, y = f"type({got}).__name__", f"type({want}).__name__"
        return _if_unequal(x, y, f"the type of {text}")

    def _identity(self, d: Difference) -> Lines:
        """Aliasing that should be there, or that should not."""
        here, wanted, met = self.got(d.path), _named(d.expected), _named(d.got)
        text = dotted(d.path)
        if wanted is not None and (wanted.at_first or wanted.path != d.path):
            report = f"{text} is not the object that {wanted}"
            return _if(f"{here} is not {self._object(wanted)}", report)
        if met is None:
            return []
        report = f"{text} is the object that {met}, but should be another"
        return _if(f"{here} is {self._object(met)}", report)

    def _object(self, named: "_Named") -> str:
        """The object of that name: kept from before the loop if it was there."""
        return named.kept if named.at_first else self.got(named.path)

    def kept(self) -> Lines:
        """The objects that identities are about, kept before the loop may move them."""
        identities = [d for d in self.differences if d.aspect == "identity"]
        texts = [text for d in identities for text in (d.expected, d.got)]
        texts += [str(d.path[1]) for d in self.differences if d.path[0] == "held"]
        named = [n for text in texts if (n := _named(text))]
        used = "\n".join([*self.facts(), *self.arrays()])
        lines = [
            f"{n.kept} = {self.got(n.path)}"
            for n in named
            if n.at_first and re.search(rf"\b{n.kept}\b", used)
        ]
        return list(dict.fromkeys(lines))

    def _presence(self, d: Difference) -> Lines:
        holder, last = self.got(d.path[:-1]), d.path[-1]
        there = f'hasattr({holder}, "{last}")'
        if isinstance(last, int):
            there = f"len({holder}) > {last}"
        elif spelled(self.case, 0, d.path[1:]).endswith("]"):
            there = f'"{last}" in {holder}'
        if d.aspect == "missing":
            return _if(f"not {there}" if " " not in there else f"not ({there})", _sentence(d))
        return _if(there, _sentence(d))

    def _no_tracers(self) -> Lines:
        """When damage is known only by its effect: no tracer may be left with the caller."""
        values = self._all_arrays("carry") if self.unexplained and not self.code.traced else []
        if not values:
            return []
        test = "    if isinstance(value, jax.core.Tracer):"
        return [f"for value in {_listed(values)}:", test, '        bug("a tracer is left behind")']

    # --- expressions ------------------------------------------------------------------------

    def got(self, path: Path) -> str:
        """The place after Flax's run."""
        if path[0] == "held":
            named = _named(str(path[1]))
            return named.kept if named else ""
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
        while_loop = self.arm.transform == "while_loop"
        base = {
            "caller": "before" if self._stays(d) else "start",
            "result": "want[1]" if while_loop else "want",
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
            shapes_only = emitted is not None and self.arm.wrapper == "eval_shape"
            return f"np.zeros_like({emitted})" if shapes_only else emitted
        rebound = any(isinstance(s, MOVING) for s in self.case.body)
        given = d.path[0] in ("caller", "inputs")
        if given and self.arm.mode != "graph" and rebound and not self._stays(d):
            return None
        if d.path[0] == "inputs" and not is_object(self.case.inputs[int(d.path[1])].what):
            base["inputs"] = ""  # an array, which stays as it is
        place = self._place(d.path, base)
        if self.arm.wrapper == "vmap":
            return self._both(place, d, held)
        if held and self.arm.wrapper == "eval_shape":
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
        return f"jax.random.key_data({place})" if self._is_key(d) else place

    def _is_key(self, d: Difference) -> bool:
        """Whether a random key stands there, which numpy does not know: no case names one."""
        last = str(d.path[1]).rpartition(".")[2] if d.path[0] == "held" else d.path[-1]
        path = ("carry" if d.path[0] in ("caller", "result") else d.path[0], *d.path[1:])
        named = path[0] in self.scene.roots and self.scene.find(path) is not None
        return last == "key" and d.role == "variable" and not named

    def _in_state(self, path: Path) -> bool:
        """Whether the path leads into an `nnx.State` of the carry."""
        row = path[0] in ("caller", "result")
        return row and any(
            self.scene.find(("carry", *path[1:end])) is not None
            and self.scene.get(("carry", *path[1:end])).kind == "state"
            for end in range(1, len(path))
        )

    def _stays(self, d: Difference) -> bool:
        """Whether Flax documents that this stays as it is before the loop.

        Without graph updates only Variables are updated, attributes of the caller's nodes are not.
        """
        state = "opt_state" in d.path or self._in_state(d.path)
        kept = self.arm.mode != "graph" and d.role != "variable" and not state
        return d.path[0] == "caller" and (self.poisoned or kept)

    def _place(self, path: Path, base: dict[str, str]) -> str:
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
            axis = f", axis={output.axis}" if output.axis else ""
            rows = "want_ys" if place == "y" else f"[{place} for y in want_ys]"
            stacked = f"np.stack({rows}{axis})"
            both = self.arm.wrapper == "vmap"
            return f"np.stack([{stacked} for want_ys in all_ys])" if both else stacked
        if isinstance(output.value, OfNode | OfVariable) or output.axis:
            return None
        emitted = self.scene.operand(output.value)
        return f"jnp.zeros({(0, *emitted.shape)}, jnp.{emitted.dtype})"

    def _all_arrays(self, base: str) -> list[str]:
        """Every array and Variable of the initial carry, each object once, as expressions."""
        met: set[int] = set()
        found: list[str] = []

        def visit(thing: Thing, path: Path) -> None:
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


class _Named(Data, frozen=True):
    """An object by its name in a world: where it was before the loop, or is after it."""

    path: Path
    at_first: bool

    @property
    def kept(self) -> str:
        """The script's variable for it."""
        root = {"closure": "caught", "inputs": "given"}.get(str(self.path[0]), "first")
        return "_".join((root, *map(str, self.path[1:])))

    def __str__(self) -> str:
        return f"{dotted(self.path)} {'was' if self.at_first else 'is'}"


def _named(text: str) -> _Named | None:
    """The object that an identity names; None if the text is no name."""
    place = text.removeprefix("new ")
    if not re.fullmatch(r"[a-z]+(\[\d+\]|\.\w+)*", place):
        return None
    head, rest = re.findall(r"^[a-z]+", place)[0], re.findall(r"\[(\d+)\]|\.(\w+)", place)
    path = (head, *(int(index) if index else name for index, name in rest))
    return _Named(path, place == text and head in ("caller", "closure", "inputs"))


def has_non_finite(case: Case) -> bool:
    """Whether some number of the case is infinite or NaN."""
    held = [a for n in case.nodes for _, a in held_by(n)]
    made = [getattr(s, "what", None) for s in case.body]
    given = [row.what for row in case.inputs]
    raw = [a.array for a in [*held, *made, *given] if isinstance(a, OfArray)]
    slots = [s.array for s in case.carry if hasattr(s, "array")]
    arrays: list[Array] = [*raw, *slots, *(v.value for v in case.variables)]
    numbers = [s.value for s in case.carry if isinstance(s, ScalarSlot)]
    return any(isinstance(a.fill, str) for a in arrays) or any(n - n != 0 for n in numbers)


def _only_failed(finding: Finding) -> bool:
    """Whether the exception is the finding, so that nothing is left to compare."""
    return finding.failure is not None and finding.signature.kind != "poisoned-state"


def _first_few(differences: tuple[Difference, ...]) -> list[Difference]:
    """The first differences; what is below a missing or an extra path says nothing more."""
    kept: list[Difference] = []
    for d in differences:
        gone = [k.path for k in kept if k.aspect in ("missing", "extra")]
        if not any(is_prefix(path, d.path) for path in gone):
            kept.append(d)
    return kept[:MOST]


def _is_number(d: Difference) -> bool:
    return d.aspect in ("value", "dtype", "shape")


def _sentence(d: Difference) -> str:
    verb = "is missing" if d.aspect == "missing" else "should not be there"
    return f"{dotted(d.path)} {verb}"


def _if(test: str, report: str) -> Lines:
    return [f"if {test}:", f'    bug("{report}")']


def _if_unequal(got: str, want: str, what: str) -> Lines:
    report = f'    bug(f"{what} is {{x}}, should be {{y}}")'
    return [f"x, y = {got}, {want}", "if x != y:", report]


def _listed(parts: list[str]) -> str:
    return f"[{', '.join(parts)}]"
