"""The contract, whole or one record of it: what a reason rests on, and what can be done about it.

`oracle.contract` has the records of the loops that are drawn, `checker.refusals` and
`plain.deviations` those of a call of any transform, and the guide (docs/migrating.md) says more
of some.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from nnxfuzz.checker.documented import WAYS_OUT
from nnxfuzz.checker.refusals import REASONS
from nnxfuzz.checker.refusals.base import Reason
from nnxfuzz.oracle import contract
from nnxfuzz.plain.deviations import DEVIATIONS, Deviation
from nnxfuzz.programs.errors import Misuse

#: Where the guide is: pyproject.toml maps the file of the checkout to the one of the wheel.
_OF_WHEEL = Path(__file__).parent / "data" / "migrating.md"
_OF_CHECKOUT = Path(__file__).resolve().parents[2] / "docs" / "migrating.md"

_INTRODUCTION = """\

## Reasons to refuse a call

What `nnxfuzz check` and drawn programs of calls name after *documented*. A record may have several
sentences: the first that holds is told. `{}` stands for what it is about. A refusal in other words,
or one whose sentence does not hold for the call, is a finding.
"""

#: What is named so, and is no refusal of Flax's own.
_NOT_OF_FLAX = """\

### fails-in-python

- The call raises in plain Python, too.

### raised-in-this-mode

- Plain Python raises the same where it does what the mode documents.

### raised-when-traced

- A function raises it that Python does not call, and that Flax traces: a branch that is not taken,
  or the body of a loop without a trip.
- A function raises it that asks whether it is traced (`isinstance(..., jax.core.Tracer)`).

### copied-by-jax

- A function of jax (`jax.jit`, `jax.vmap`, `jax.grad`, `jax.value_and_grad`, `jax.checkpoint`)
  takes a module for a tree, and gives its function a copy. What the function writes to the copy and
  does not return is lost.
- Source: docs_nnx/guides/jax_and_nnx_transforms.rst, "Differences": functions of jax "must return
  an updated copy of them to maintain the purity of the transformed function".
- Way out: use the function of NNX of that name, or return what is written, and use that.

## Documented deviations of a call
"""


def page() -> str:
    """All of it as Markdown: what `nnxfuzz contract` prints, and what docs/contract.md holds."""
    return contract.page() + "\n".join(_of_calls()) + "\n"


def record(name: str) -> str:
    """What the contract and the guide say of one record, as Markdown.

    Raises Misuse if there is no such record.
    """
    found = [text for title, text in _sections(page(), "###") if title == name]
    if not found:
        raise Misuse(f"there is no record {name!r}; nnxfuzz contract prints all of them")
    found += [text for title, text in _sections(_guide(), "##") if title.startswith(f"{name}: ")]
    return "\n\n".join(found) + "\n"


def _guide() -> str:
    return (_OF_WHEEL if _OF_WHEEL.exists() else _OF_CHECKOUT).read_text()


def _sections(text: str, level: str) -> Iterator[tuple[str, str]]:
    """The sections under headings of a level, each with its title."""
    for part in re.split(rf"(?m)^(?={level} )", text)[1:]:
        section = re.split(rf"(?m)^(?=#{{1,{len(level) - 1}}} )", part)[0]
        yield part.partition("\n")[0].removeprefix(f"{level} "), section.strip()


def _of_calls() -> Iterator[str]:
    yield from _INTRODUCTION.splitlines()
    for name, reasons in groupby(sorted(REASONS, key=lambda reason: reason.id), lambda r: r.id):
        yield from ("", f"### {name}")
        for reason in reasons:
            yield from ("", *_reason_lines(reason))
    yield from _NOT_OF_FLAX.splitlines()
    for deviation in DEVIATIONS:
        yield from ("", f"### {deviation.id}", "", *_deviation_lines(deviation))


def _reason_lines(reason: Reason) -> Iterator[str]:
    yield f"- When: {reason.told}."
    yield f"- Holds for: {', '.join(reason.modes)}."
    yield "- Errors:"
    for wording in reason.wordings:
        yield f"  - `{wording.error}` matching ``{wording.pattern}``"
    yield f"- Source: {reason.source}"
    if reason.way_out:
        yield f"- Way out: {reason.way_out}."


def _deviation_lines(deviation: Deviation) -> Iterator[str]:
    yield f"- What: {deviation.what}."
    yield f"- Holds for: {', '.join(deviation.transforms)}; {', '.join(deviation.modes)}."
    yield f"- Source: {deviation.source}"
    if deviation.id in WAYS_OUT:
        yield f"- Way out: {WAYS_OUT[deviation.id]}."
