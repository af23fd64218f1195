"""The comparisons of a script: a finding's differing paths as `if` statements.

What a path should hold is taken from the plain Python loop where that shows it, from the objects
before the loop where Flax documents that they stay as they are, and else from the finding.
"""

import re
from typing import Any

from nnxfuzz.oracle.verdict import BY_REFERENCE, Difference, Finding, dotted
from nnxfuzz.programs import case as c
from nnxfuzz.programs.case import held_by
from nnxfuzz.report.code.expressions import Expressions, Named, named
from nnxfuzz.report.code.helpers import Lines, trace_of
from nnxfuzz.report.code.loops import Code
from nnxfuzz.report.code.names import is_prefix, spelled
from nnxfuzz.report.code.rows import calls
from nnxfuzz.report.code.scene import Scene

#: A person reads the first few; the rest of a finding's differences follow from them.
MOST = 3

#: Two expressions as long as this stand on one line.
SHORT = 78

#: How far layers that normalise, and optimizers, may be off.
NOISE = "rtol=1e-3, atol=1e-3"

_MISSING = object()

TOLERANCES = {"float32": "rtol=1e-5, atol=1e-6", "bfloat16": "rtol=2e-2, atol=2e-2"}


class Comparisons:
    """The comparisons of one script.

    A fact is about Python objects (identity, type, presence), an array comparison about numbers:
    under `jax.jit` facts are looked at inside, numbers outside.
    """

    def __init__(self, case: c.Case, arm: c.Arm, finding: Finding, code: Code) -> None:
        self.case = case
        self.arm = arm
        self.code = code
        self.poisoned = finding.signature.kind == "poisoned-state"
        self.differences = [] if _only_failed(finding) else _first_few(finding.differences)
        self.unexplained = self.poisoned and not finding.differences
        self.scene = Scene(case)
        self.called = calls(case) or arm.derives
        self.at = Expressions(case, arm, code, self.poisoned)

    @property
    def roots(self) -> set[str]:
        """The roots that are compared."""
        return {str(d.path[0]) for d in self.differences}

    @property
    def needs_start(self) -> bool:
        """Whether something is compared with the objects that plain Python was given."""
        return any(d.path[0] == "caller" and not self.at.stays(d) for d in self.differences)

    @property
    def needs_before(self) -> bool:
        """Whether something is compared with the objects before the loop."""
        return any(self.at.stays(d) for d in self.differences) and not self.poisoned

    def facts(self) -> Lines:
        """Comparisons of objects."""
        lines = [line for d in self.differences if not is_number(d) for line in self._fact(d)]
        return lines + self._no_tracers()

    def arrays(self) -> Lines:
        """Comparisons of numbers."""
        numbers = [d for d in self.differences if is_number(d)]
        return [line for d in numbers for line in self._number(d, self.at.holding(d))]

    def traced_arrays(self) -> tuple[str, Lines]:
        """What the jitted function returns, and the comparisons of that."""
        numbers = [d for d in self.differences if is_number(d)]
        if not numbers:
            given = self.poisoned or self.arm.abstract  # which hands no objects back
            base = "carry" if given else "got"
            return _listed(self.at.all_arrays(base)), []
        compared = [self._number(d, f"seen[{k}]") for k, d in enumerate(numbers)]
        seen = [self.at.holding(d) for d in numbers]
        return _listed(seen), [line for lines in compared for line in lines]

    # --- one comparison ---------------------------------------------------------------------

    def _number(self, d: Difference, got: str) -> Lines:
        want, text = self.at.want(d), dotted(d.path)
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
        if self.called and not self.at.is_key(d):
            same, cast = f"np.allclose(x, y, {self.tolerance(d)}, equal_nan=True)", ", np.float32"
        x, y = f"np.asarray({got}{cast})", f"np.asarray({want}{cast})"
        pair = [f"x, y = {x}, {y}"] if len(x + y) < SHORT else [f"x = {x}", f"y = {y}"]
        report = f'    bug(f"{text} is {{x.tolist()}}, should be {{y.tolist()}}")'
        return [*pair, f"if not {same}:", report]

    def tolerance(self, d: Difference) -> str:
        """How far the numbers there may be off, as arguments of numpy's functions."""
        layers = any(isinstance(node, c.Layer | c.Optimizer) for node in self.case.nodes)
        if layers or self.arm.derives:
            return NOISE
        thing = self.scene.find(("carry", *d.path[1:]))
        return TOLERANCES.get(thing.dtype if thing else "", TOLERANCES["float32"])

    def _fact(self, d: Difference) -> Lines:
        if d.path == ("result",) and d.aspect == "missing":
            return []  # Python raised: the script says so itself
        text, got, want = dotted(d.path), self.at.got(d.path), self.at.want(d, held=False)
        match d.aspect:
            case "identity":
                return self._identity(d)
            case "missing" | "extra":
                return self._presence(d)
            case "tracer" if d.role == "node" and not self.code.traced:
                return _if(f"not {trace_of(got)}.is_valid()", f"{text} is of a trace that is over")
            case "tracer":
                test = f"isinstance({self.at.holding(d)}, jax.core.Tracer)"
                return [] if self.code.traced else _if(test, f"{text} holds a tracer")
            case "kind":
                return self._kind(d, got, want)
            case "metadata" if by_reference(d) is not None:
                got, want = f"isinstance({got}.get_raw_value(), jax.Ref)", str(by_reference(d))
            case "metadata" if d.role == "node":
                return [line for mark in marks(d, got) for line in _if_unequal(*mark)]
            case "metadata" if want is None:  # of an object that plain Python has elsewhere
                return self._metadata(d, got)
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

    def _metadata(self, d: Difference, got: str) -> Lines:
        """Each entry that differs; releases call the partition names differently."""
        text, lines = dotted(d.path), []
        for name, value in wrong_metadata(d):
            lines += [f"x, y = {got}.get_metadata(), {value!r}"]
            lines += ["if y not in x.values():" if name == "names" else f'if x.get("{name}") != y:']
            lines += [f'    bug(f"the metadata of {text} is {{x}}, should have {{y}}")']
        return lines

    def _identity(self, d: Difference) -> Lines:
        """Aliasing that should be there, or that should not."""
        text, (right, other) = dotted(d.path), self.identity(d)
        if other is None:
            return []
        there, is_it = self.object(other), f"{self.at.got(d.path)} is"
        if right:
            return _if(f"{is_it} not {there}", f"{text} is not the object that {other}")
        return _if(f"{is_it} {there}", f"{text} is the object that {other}, but should be another")

    def identity(self, d: Difference) -> tuple[bool, Named | None]:
        """Whether the place should hold the object of that name, or should not."""
        wanted = named(d.expected)
        if wanted is not None and (wanted.at_first or wanted.path != d.path):
            return True, wanted
        return False, named(d.got)

    def object(self, named: Named) -> str:
        """The object of that name: kept from before the loop if it was there."""
        return named.kept if named.at_first else self.at.got(named.path)

    def kept(self, used: str | None = None) -> Lines:
        """The objects that identities are about, kept before the loop may move them.

        `used` is the text that may name them: the comparisons, if it is not given.
        """
        identities = [d for d in self.differences if d.aspect == "identity"]
        texts = [text for d in identities for text in (d.expected, d.got)]
        texts += [str(d.path[1]) for d in self.differences if d.path[0] == "held"]
        objects = [n for text in texts if (n := named(text))]
        if used is None:
            used = "\n".join([*self.facts(), *self.arrays()])
        lines = [
            f"{n.kept} = {self.at.got(n.path)}"
            for n in objects
            if n.at_first and re.search(rf"\b{n.kept}\b", used)
        ]
        return list(dict.fromkeys(lines))

    def there(self, d: Difference) -> str:
        """The test for there being something."""
        holder, last = self.at.got(d.path[:-1]), d.path[-1]
        if isinstance(last, int):
            return f"len({holder}) > {last}"
        if spelled(self.case, 0, d.path[1:]).endswith("]"):
            return f'"{last}" in {holder}'
        return f'hasattr({holder}, "{last}")'

    def _presence(self, d: Difference) -> Lines:
        there = self.there(d)
        if d.aspect == "missing":
            return _if(f"not {there}" if " " not in there else f"not ({there})", _sentence(d))
        return _if(there, _sentence(d))

    def _no_tracers(self) -> Lines:
        """When damage is known only by its effect: no tracer may be left with the caller."""
        values = self.at.all_arrays("carry") if self.unexplained and not self.code.traced else []
        if not values:
            return []
        test = "    if isinstance(value, jax.core.Tracer):"
        return [f"for value in {_listed(values)}:", test, '        bug("a tracer is left behind")']


def has_non_finite(case: c.Case) -> bool:
    """Whether some number of the case is infinite or NaN."""
    held = [a for n in case.nodes for _, a in held_by(n)]
    made = [getattr(s, "what", None) for s in case.body]
    given = [row.what for row in case.inputs]
    raw = [a.array for a in [*held, *made, *given] if isinstance(a, c.OfArray)]
    slots = [s.array for s in case.carry if hasattr(s, "array")]
    arrays: list[c.Array] = [*raw, *slots, *(v.value for v in case.variables)]
    numbers = [s.value for s in case.carry if isinstance(s, c.ScalarSlot)]
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


def by_reference(d: Difference) -> bool | None:
    """Whether a Variable should hold a reference, where that is what is wrong with it."""
    wanted = d.expected.endswith(BY_REFERENCE)
    return wanted if wanted != d.got.endswith(BY_REFERENCE) else None


def wrong_metadata(d: Difference) -> list[tuple[str, Any]]:
    """The entries of a Variable's metadata that are not what they should be, and that."""
    want, seen = d.metadata
    return [(name, want[name]) for name in want if seen.get(name, _MISSING) != want[name]]


def marks(d: Difference, got: str) -> list[tuple[str, str, str]]:
    """The attributes of a node that are data and should not be, or the other way round: the
    expression that tells, what it should be, and what that is about.
    """
    return [
        (
            f'{got}._pytree__nodes.get("{name}", False)',
            str(value),
            f"the data mark of {dotted(d.path)}.{name}",
        )
        for name, value in wrong_metadata(d)
    ]


def is_number(d: Difference) -> bool:
    """Whether it is about numbers, and not about objects."""
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
