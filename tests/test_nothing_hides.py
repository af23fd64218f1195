"""No known bug hides another: bugs planted into the installed Flax are reported with the shipped
corpus loaded, in a mode by itself, within 40 programs.

`HIDDEN` is the table of them: to add one, add a row.
"""

import enum
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import Here, Run
from planted import update_lost
from planted_tools import Run as PlantedRun
from planted_tools import Wrap, around, instead, is_array, nodes_of

from nnxfuzz import nnx_api
from nnxfuzz.campaign import WorkerPool, workers
from nnxfuzz.programs.case import MODES, Data, Mode, Transform
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


# --- modes, marks, statics ------------------------------------------------------------------


def mode_ignored(
    real: Callable[..., Any], lower: Any, upper: Any, body: Any, init: Any, **options: Any
) -> Any:
    """The loop runs in the mode that is the default."""
    return real(lower, upper, body, init)


def marks_flipped(run: PlantedRun) -> Any:
    """The arrays of a node are marked static after the loop."""
    out = run.real(run.carry)
    for node in nodes_of(run.carry_of(out)):
        marked = [name for name, value in nnx_api.attributes(node).items() if is_array(value)]
        if marked:
            marks = node._pytree__nodes.update(dict.fromkeys(marked, False))
            object.__setattr__(node, "_pytree__nodes", marks)
    return out


def enum_changed(run: PlantedRun) -> Any:
    """A static attribute that is the member of an enum is another member after the loop."""
    out = run.real(run.carry)
    for node in nodes_of(run.carry_of(out)):
        for name, value in nnx_api.attributes(node).items():
            if isinstance(value, enum.Enum):
                other = next(member for member in type(value) if member is not value)
                object.__setattr__(node, name, other)
    return out


# --- the table ------------------------------------------------------------------------------

_LOST = ("wrong-world", "caller variable value")
_OTHER_NODES = ("wrong-world", "result node identity")

HIDDEN: dict[str, Hidden] = (
    {
        f"{transform} loses every update, {mode}": Hidden(
            only(transform, around(update_lost)), transform, mode, *_LOST
        )
        for transform in ("scan", "fori_loop", "while_loop")
        for mode in ("graph", "graph-frozen", "tree")
    }
    | {
        "#4436 is back": Hidden(
            instead("fori_loop", two_modules_refused),
            "fori_loop",
            "graph",
            "spurious-refusal",
            "ValueError in ForiLoopBodyFn.__call__",
        ),
        "fori_loop has no graph-frozen mode": Hidden(
            instead("fori_loop", mode_ignored),
            "fori_loop",
            "graph-frozen",
            "wrong-world",
            "result node identity",
        ),
        "fori_loop has no tree mode": Hidden(
            instead("fori_loop", mode_ignored),
            "fori_loop",
            "tree",
            "wrong-world",
            "result node identity",
        ),
        "scan flips marks": Hidden(
            only("scan", around(marks_flipped)),
            "scan",
            "graph",
            "wrong-world",
            "caller node metadata",
        ),
    }
    | {
        f"fori_loop changes an enum member, {mode}": Hidden(
            only("fori_loop", around(enum_changed)),
            "fori_loop",
            mode,
            "wrong-world",
            f"{'caller' if mode == 'graph' else 'result'} static static",
        )
        for mode in MODES
    }
)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(n, marks=pytest.mark.slow if h.mode != "graph" else ())
        for n, h in HIDDEN.items()
    ],
)
def test_a_planted_bug_is_reported(
    name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = HIDDEN[name]
    if hidden.mode not in nnx_api.modes() or hidden.transform not in nnx_api.transforms():
        pytest.skip("this flax has no such arm")
    loops = hidden.wrap(nnx_api.transforms())
    monkeypatch.setattr(nnx_api, "transforms", lambda: loops)
    monkeypatch.setattr(workers, "here", lambda count, seconds: WorkerPool(Here(), lambda: 1))
    search = ("--modes", hidden.mode, "--transforms", hidden.transform, "--seed", 5)
    code, out, _ = run(
        "fuzz", *search, "--programs", 40, "--time", "1h", "--corpus", CORPUS, "--json", "e.json"
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
