"""The lines of a script that ask for what no world shows of a call (see `checker.unseen`)."""

import inspect
import re
from collections.abc import Callable
from typing import Any

from nnxfuzz.oracle.stages import alike, told
from nnxfuzz.oracle.verdict import Difference
from nnxfuzz.transforms import REGISTRY


def asked(d: Difference, transform: str) -> list[str]:
    """The lines that ask for what no world shows; none for another difference."""
    root, name = d.path[0], d.path[-1]
    if root == "function":
        which = f"__name__, __doc__ or __wrapped__ of what nnx.{transform} makes of a function"
        return [
            "def step(x):",
            '    """A docstring."""',
            "",
            f"made = nnx.{transform}(step, **mode)",
            "seen = getattr(made, '__name__', None), made.__doc__, inspect.unwrap(made)",
            'if seen != ("step", "A docstring.", step):',
            f'    bug("{which}")',
        ]
    stage, _, attribute = str(root).partition(".")
    if attribute:
        return [
            "step, x = jnp.negative, jnp.ones(2)",
            f"traced = {REGISTRY[transform].stages}",
            "lowered = traced.lower()",
            "compiled = lowered.compile()",
            f'expected, got = told({stage}.{stage}, "{attribute}"), told({stage}, "{attribute}")',
            "if not alike(expected, got):",
            f'    bug(f"{attribute} of what is {stage} is {{got!r}}, should be {{expected}}")',
        ]
    if root != "options":
        return []
    primitives = REGISTRY[transform].primitives
    expected = f"jax.checkpoint_policies.{d.expected[1:-1]}" if name == "policy" else d.expected
    return [
        "equations = jax.make_jaxpr(lambda: [program(**objects()), None][1])().eqns",
        f"seen = [e.params[{name!r}] for e in equations if e.primitive.name in {primitives!r}]",
        f"if seen and {expected} not in seen:",
        f'    bug(f"jax gets {name}={{seen}}, should get {d.expected}")',
    ]


def _source(function: Callable[..., Any]) -> str:
    """The source of a function, without its annotations."""
    return re.sub(r": (Any|str)\b| -> \w+", "", inspect.getsource(function))


#: What these lines use, by name.
HELPERS = {"alike": _source(alike), "told": _source(told)}
