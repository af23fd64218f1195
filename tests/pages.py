"""A folder with everything that a page can show, some of it hostile, for the tests of `page`."""

from pathlib import Path

import msgspec
from entries import FIXED, INAPPLICABLE, LOST, REFUSED, TREE

from nnxfuzz.campaign import Counts, Found, Settings
from nnxfuzz.campaign.state import FOLDER, State, fresh
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.entries import Entry
from nnxfuzz.oracle.verdict import Cell, Signature
from nnxfuzz.programs.case import Arm, Module, OfStatic, OfVariable, Variable
from nnxfuzz.releases.table import RELEASES

HOSTILE = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"

CAUSES = """
[[cause]]
id = "split"
title = "Tree mode splits a shared Variable"
category = "defect"
guess = "`_simple_fori_loop` does not check"
upstream = "not known"
link = "https://github.com/google/flax/issues/1"
"""

#: What can be hostile in an entry is.
NASTY: Entry = msgspec.structs.replace(
    LOST,
    title=HOSTILE,
    note=HOSTILE,
    link="javascript:window.hacked=3",
    case=msgspec.structs.replace(
        LOST.case,
        variables=(Variable(tag=HOSTILE[:20]),),
        nodes=(Module({"a": OfVariable(0), "b": OfStatic("<b>'&")}),),
    ),
    arms=(
        Cell(TREE, str(LOST.signature)),
        Cell(Arm(), "agrees"),
        Cell(Arm("scan", "tree"), "refused: tree-aliasing"),
        Cell(Arm("scan"), "inconclusive: a rounded float decides"),
        Cell(Arm(wrapper="lax"), "agrees"),
    ),
    blame="flax",
    cause="split",
)

ENTRIES = (NASTY, REFUSED, INAPPLICABLE, FIXED)


def state() -> State:
    """A campaign that has found two bugs."""
    made = fresh(Settings(seed=7))
    made.runs, made.seconds, made.done, made.ended, made.restarts = 1, 100.0, 4, "budget", 2
    made.counts = Counts(
        programs=1000,
        arms=9000,
        agreed=8000,
        refused={"carry-structure": 900},
        seconds={"transform": 60.0, "drawing": 20.0},
        features={"slot:tuple": 900, "slot:list": 10},
        pairs={"slot:list + slot:tuple": 5, "dtype:int32 + slot:tuple": 7},
    )
    made.found = [
        Found(
            Signature("wrong-world", "scan", "tree", "ys array value"), "b.json", True, 400, 44.0
        ),
        Found(Signature("wrong-world", "scan", "graph-frozen", HOSTILE), "a.json", True, 100, 9.0),
    ]
    return made


def folder(where: Path) -> Path:
    """The folder: entries, causes, a campaign, and what other releases made of an entry."""
    finds = where / "finds"
    for entry in ENTRIES:
        corpus.save(entry, finds)
    (finds / "causes.toml").write_text(CAUSES)
    (finds / FOLDER).mkdir()
    (finds / FOLDER / "seed-7.state").write_bytes(msgspec.msgpack.encode(state()))
    name = corpus.file_name(NASTY)
    lines = [
        f'{{"flax": "0.12.4", "path": "x/{name}", "outcome": "passes", "detail": ""}}',
        f'{{"flax": "0.12.5", "path": "x/{name}", "outcome": "still fails", "detail": "as told"}}',
        f'{{"flax": "0.12.6", "path": "x/{name}", "outcome": "still fails", "detail": ""}}',
    ]
    newest = RELEASES[-1].flax
    lines.append(f'{{"flax": "{newest}", "path": "x/{name}", "outcome": "still fails"}}')
    (where / "releases.json").write_text("\n".join(lines))
    return finds
