"""`nnxfuzz shrink`: a find that was cut short, shrunk on."""

from pathlib import Path

import msgspec
from commands import Run, assert_refused
from entries import LOST, REFUSED, needs_tree

from nnxfuzz.campaign.finds import CUT_SHORT
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.installed import versions_text
from nnxfuzz.programs.case import Update, Variable, weight

#: `LOST` with rows and a statement that it does not need.
LARGE = msgspec.structs.replace(
    LOST,
    case=msgspec.structs.replace(
        LOST.case,
        variables=(*LOST.case.variables, Variable()),
        body=(*LOST.case.body, Update(("carry", 0))),
    ),
    note=f"Found at night. {CUT_SHORT}",
    link="https://example.org/1",
)


@needs_tree
def test_a_find_is_shrunk_on_and_keeps_what_people_wrote(run: Run) -> None:
    path = corpus.save(LARGE, Path("finds"))
    code, out, err = run("shrink", path)
    assert (code, err) == (0, "")
    (new,) = Path("finds").glob("*.json")
    assert out.splitlines()[0] == str(new)
    small = corpus.load(new)
    assert weight(small.case) < weight(LOST.case)
    assert small.signature.kind == "wrong-world"
    assert (small.title, small.note, small.link) == (LOST.title, "Found at night.", LARGE.link)
    assert small.arms
    assert run("shrink", new) == (0, f"no step makes {new} smaller\n", "")


@needs_tree
def test_tries_bound_it(run: Run) -> None:
    path = corpus.save(LARGE, Path("finds"))
    assert run("shrink", path, "--tries", 2)[0] == 0
    (new,) = Path("finds").glob("*.json")
    assert corpus.load(new).note == LARGE.note  # it is cut short again


def test_what_does_not_show_is_refused(run: Run) -> None:
    path = corpus.save(REFUSED, Path("finds"))
    sentence = (
        f"{path} does not show its bug on {versions_text()}; name a Flax that has it by --flax"
    )
    assert_refused(run("shrink", path), sentence)
