"""No known bug hides another: bugs planted into the installed Flax are reported with the shipped
corpus loaded, in a mode by itself, within 100 programs.

`HIDDEN` is the table of them: to add one, add a row.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import Here, Run
from planted import update_lost
from planted_tools import Wrap, around, instead, nodes_of

from nnxfuzz import nnx_api
from nnxfuzz.campaign import Crew, workers
from nnxfuzz.programs.case import Data, Mode, Transform
from nnxfuzz.runners.loops import Loops

CORPUS = Path(__file__).parent.parent / "corpus"


class Hidden(Data, frozen=True):
    """A planted bug: the search that has to report it, and what a finding of it is.

    `kind` and `where` are those of a finding; `where` may be the beginning of it.
    """

    wrap: Wrap
    transform: Transform
    mode: Mode
    kind: str
    where: str


def only(transform: Transform, wrap: Wrap) -> Wrap:
    """A planted bug in one transform alone."""

    def wrapped(loops: Loops) -> Loops:
        return loops | {transform: wrap(loops)[transform]}

    return wrapped


# --- google/flax #4436 ----------------------------------------------------------------------

#: Raises as `ForiLoopBodyFn.__call__` of Flax did, from a module that is taken for Flax's own.
_RAISES = """
class ForiLoopBodyFn:
    def __call__(self):
        raise ValueError(
            "nnx.fori_loop requires body function's input and output to have the same reference "
            "and pytree structure, but they differ. If the mismatch comes from `index_mapping` "
            "field, you might have modified reference structure within the body function, which "
            "is not allowed. Detail of the mismatch: Mismatch custom node data"
        )
"""


def refused_in_flax() -> None:
    names: dict[str, Any] = {"__name__": "flax.nnx.transforms.iteration"}
    exec(compile(_RAISES, "site-packages/flax/nnx/transforms/iteration.py", "exec"), names)
    names["ForiLoopBodyFn"]()()


def two_modules_refused(
    real: Callable[..., Any], lower: Any, upper: Any, body: Any, init: Any, **options: Any
) -> Any:
    """What google/flax #4436 reports: a carry of two distinct modules is refused."""
    if len(nodes_of(init)) > 1:
        refused_in_flax()
    return real(lower, upper, body, init, **options)


# --- the table ------------------------------------------------------------------------------

_LOST = ("wrong-world", "caller variable value")

HIDDEN: dict[str, Hidden] = {
    f"{transform} loses every update, {mode}": Hidden(
        only(transform, around(update_lost)), transform, mode, *_LOST
    )
    for transform in ("scan", "fori_loop", "while_loop")
    for mode in ("graph", "gnu", "tree")
} | {
    "#4436 is back": Hidden(
        instead("fori_loop", two_modules_refused),
        "fori_loop",
        "graph",
        "spurious-refusal",
        "ValueError in ForiLoopBodyFn.__call__",
    ),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_planted_bug_is_reported(
    name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = HIDDEN[name]
    if hidden.mode not in nnx_api.modes() or hidden.transform not in nnx_api.transforms():
        pytest.skip("this flax has no such arm")
    loops = hidden.wrap(nnx_api.transforms())
    monkeypatch.setattr(nnx_api, "transforms", lambda: loops)
    monkeypatch.setattr(workers, "here", lambda count, seconds: Crew(Here(), lambda: 1))
    search = ("--modes", hidden.mode, "--transforms", hidden.transform, "--seed", 5)
    code, out, _ = run(
        "fuzz", *search, "--programs", 100, "--time", "1h", "--corpus", CORPUS, "--json", "e.json"
    )
    *_, end = map(json.loads, Path("e.json").read_text().splitlines())
    plain = [found["signature"] for found in end["findings"] if "wrapper" not in found["signature"]]
    assert any(
        (found["kind"], found["transform"], found["mode"])
        == (hidden.kind, hidden.transform, hidden.mode)
        and found["where"].startswith(hidden.where)
        for found in plain
    ), out
    assert code == 1
