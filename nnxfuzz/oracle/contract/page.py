"""The contract as Markdown, for people to correct."""

from collections.abc import Iterator

from nnxfuzz.oracle.contract.deviations import DEVIATIONS
from nnxfuzz.oracle.contract.records import Deviation, Refusal, Where
from nnxfuzz.oracle.contract.refusals import REFUSALS
from nnxfuzz.programs.case import WRAPPERS

_UNSEEN = """\
## What no world shows

Two things more are compared of call programs, which change no number. What differs is a
`wrong-world` at `options` or at `function`.

- Options for XLA: `unroll` and `_split_transpose` of `scan`, `unroll` of `fori_loop`, `prevent_cse`
  and `policy` of `remat` are parameters of the equation that jax makes of the call, where that jax
  has such a parameter (0.9.1 has `_split_transpose`, 0.10.2 takes it and does nothing with it). A
  `fori_loop` whose bounds are traced is a `while`, which has none. Source: the docstrings.
- The function: what `checkify`, `custom_vjp`, `jit`, `pmap`, `remat`, `scan` and `vmap` make of a
  function has its `__name__` and `__doc__`, and `inspect.unwrap` gives the function again. Source:
  `functools.wraps` in nnx/transforms, seen in every mode of Flax 0.10.1, 0.10.2, 0.11.2,
  0.12.5 to 0.12.8 and 0.12.12. `grad`, `value_and_grad`, `vjp` and `jvp` have no such decorator.

A refusal of a `while_loop` in which jax names a part of the carry names it by the parameter of the
user's function (seen in every mode of six releases, 0.10.2 to 0.12.12); under a name of Flax's own
it is not explained.

"""


def page() -> str:
    """The contract as Markdown: what `nnxfuzz contract` prints and `docs/contract.md` holds."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The contract"
    yield ""
    yield "Made by `nnxfuzz contract`; do not edit. Equal to the Python loop, or refused for one"
    yield "of these reasons with one of these errors: anything else is a finding. If a record is"
    yield "wrong, or one is missing, please say so with the place in Flax's documentation."
    yield ""
    yield "Modes: `graph` is `graph=True, graph_updates=True` (the default), `graph-frozen` is"
    yield "`graph=True, graph_updates=False`, `tree` is `graph=False`."
    yield ""
    yield "## Reasons to refuse"
    for record in REFUSALS:
        yield from _refusal_lines(record)
    yield ""
    yield from _UNSEEN.splitlines()
    yield "## Documented deviations"
    for deviation in DEVIATIONS:
        yield from _deviation_lines(deviation)


def _refusal_lines(record: Refusal) -> Iterator[str]:
    yield ""
    yield f"### {record.id}"
    yield ""
    yield f"- When: {record.when}."
    yield f"- Holds for: {_told(record.where)}."
    yield "- Errors:"
    for wording in record.wordings:
        yield f"  - `{wording.error}` matching ``{wording.pattern}``"
    yield f"- Source: {record.source}"


def _deviation_lines(deviation: Deviation) -> Iterator[str]:
    yield ""
    yield f"### {deviation.id}"
    yield ""
    yield f"- What: {deviation.what}."
    yield f"- Holds for: {_told(deviation.where)}."
    yield f"- Applied in {deviation.applied}."
    yield f"- Source: {deviation.source}"


def _told(where: Where) -> str:
    places = [", ".join(where.transforms), ", ".join(where.modes)]
    if where.wrappers != WRAPPERS:
        places.append("inside of " + ", ".join(where.wrappers))
    end = "and newer" if where.until is None else f"to {where.until}"
    return "; ".join([*places, f"Flax {where.since} {end}"])
