"""What a finding is about as statements that hold where Flax is right, in one of two styles.

The right values are spelled out, as a person would write them, so that no plain Python loop has to
stand beside the call.  `comparisons` is for the script, which has one.
"""

import re
from typing import Literal

from nnxfuzz.oracle.verdict import Difference
from nnxfuzz.report.code.comparisons import (
    Comparisons,
    by_reference,
    is_number,
    marks,
    wrong_metadata,
)
from nnxfuzz.report.code.helpers import Lines, trace_of

#: `assert`: plain statements.  `absltest`: methods of a test case.
Style = Literal["assert", "absltest"]

#: How each style says what should hold of `a` and `b`.
STYLES: dict[Style, dict[str, str]] = {
    "assert": {
        "equal": "assert {a} == {b}, {a}",
        "is": "assert {a} is {b}",
        "is not": "assert {a} is not {b}",
        "true": "assert {a}",
        "false": "assert not {a}",
        "instance": "assert isinstance({a}, {b}), type({a})",
        "no instance": "assert not isinstance({a}, {b}), {a}",
        "in": "assert {a} in {b}, {b}",
    },
    "absltest": {
        "equal": "self.assertEqual({a}, {b})",
        "is": "self.assertIs({a}, {b})",
        "is not": "self.assertIsNot({a}, {b})",
        "true": "self.assertTrue({a})",
        "false": "self.assertFalse({a})",
        "instance": "self.assertIsInstance({a}, {b})",
        "no instance": "self.assertNotIsInstance({a}, {b})",
        "in": "self.assertIn({a}, {b})",
    },
}

#: Two show what is wrong; the rest follows from them.
MOST = 2


class Checks:
    """Writes the checks of one program."""

    def __init__(self, comparisons: Comparisons, style: Style) -> None:
        self.at = comparisons.at
        self.case = comparisons.case
        self.comparisons = comparisons
        self.style = STYLES[style]
        #: Under a trace everything is a tracer.
        self.traced = comparisons.code.traced
        shown = [d for d in comparisons.differences if d.path[0] != "held"]
        self.differences = (shown or comparisons.differences)[:MOST]

    def kept(self) -> Lines:
        """The objects that the checks name, kept before the loop may move them."""
        used = "\n".join([*self.facts(), *self.arrays()])
        return self.comparisons.kept(used)

    def facts(self) -> Lines:
        """What should hold of objects."""
        facts = [d for d in self.differences if not is_number(d)]
        return [line for d in facts for line in self._fact(d)] + self._no_tracers()

    def arrays(self) -> Lines:
        """What should hold of numbers."""
        numbers = [d for d in self.differences if is_number(d)]
        return [self._number(d, self.at.holding(d)) for d in numbers]

    def traced_arrays(self) -> tuple[Lines, Lines]:
        """What a traced run returns, and the checks of that, which is called `seen`.

        Where it leaves a tracer behind, that is all arrays, of which a tracer cannot be returned.
        """
        numbers = [d for d in self.differences if is_number(d)]
        if self.comparisons.unexplained or any(d.aspect == "tracer" for d in self.differences):
            return self.at.all_arrays("carry"), []
        alone = len(numbers) == 1
        places = ["seen" if alone else f"seen[{k}]" for k in range(len(numbers))]
        checks = [self._number(d, place) for d, place in zip(numbers, places, strict=True)]
        return [self.at.holding(d) for d in numbers], checks

    def _no_tracers(self) -> Lines:
        """When damage is known only by its effect: no tracer may be left with the caller."""
        unexplained = self.comparisons.unexplained and not self.traced
        values = self.at.all_arrays("carry") if unexplained else []
        check = self._says("no instance", "value", "jax.core.Tracer")
        return [f"for value in [{', '.join(values)}]:", f"    {check}"] if values else []

    # --- one check --------------------------------------------------------------------------

    def _says(self, how: str, a: str, b: str = "") -> str:
        return self.style[how].format(a=a, b=b)

    def _number(self, d: Difference, got: str) -> str:
        match d.aspect:
            case "dtype":
                dtype = "jnp.bool_" if d.expected == "bool" else f"jnp.{d.expected}"
                return self._says("equal", f"jnp.asarray({got}).dtype", dtype)
            case "shape":
                return self._says("equal", f"np.shape({got})", d.expected)
            case _:
                want = re.sub(r"\b(nan|inf)\b", r"np.\1", d.expected)
                if self.comparisons.called and not self.at.is_key(d):
                    bound = self.comparisons.tolerance(d)
                    got = f"np.asarray({got}, np.float32)"
                    return f"np.testing.assert_allclose({got}, {want}, {bound})"
                return f"np.testing.assert_array_equal({got}, {want})"

    def _fact(self, d: Difference) -> Lines:
        got = self.at.got(d.path)
        match d.aspect:
            case "identity":
                right, other = self.comparisons.identity(d)
                there = other and self.comparisons.object(other)
                return [self._says("is" if right else "is not", got, there)] if there else []
            case "missing" | "extra":
                how = "true" if d.aspect == "missing" else "false"
                raised = d.path == ("result",)  # Python raised: the program says so itself
                return [] if raised else [self._says(how, self.comparisons.there(d))]
            case "tracer" if self.traced:
                return []
            case "tracer" if d.role == "node":
                return [self._says("true", f"{trace_of(got)}.is_valid()")]
            case "tracer":
                return [self._says("no instance", self.at.holding(d), "jax.core.Tracer")]
            case "kind" if d.expected.startswith("array"):
                return [self._says("instance", got, "jax.Array")]
            case "kind":
                kind = d.expected.rpartition(" ")[2]
                return [self._says("equal", f"type({got}).__name__", f'"{kind}"')]
            case "metadata" if d.role == "node":
                return [self._says("equal", held, mark) for held, mark, _ in marks(d, got)]
            case "metadata":
                return self._metadata(d, got)
            case _:
                return self._static(d, got)

    def _metadata(self, d: Difference, got: str) -> Lines:
        """Each entry that differs; releases call the partition names differently."""
        reference = by_reference(d)
        if reference is not None:
            how = "instance" if reference else "no instance"
            return [self._says(how, f"{got}.get_raw_value()", "jax.Ref")]
        held = f"{got}.get_metadata()"
        return [
            self._says("in", repr(value), f"{held}.values()")
            if name == "names"
            else self._says("equal", f'{held}["{name}"]', repr(value))
            for name, value in wrong_metadata(d)
        ]

    def _static(self, d: Difference, got: str) -> Lines:
        if d.role != "container":
            return [self._says("equal", got, d.expected)]
        how = "sorted" if "[" in d.expected else "len"
        return [self._says("equal", f"{how}({got})", d.expected.removeprefix("of "))]
