"""The atlas: each construct is a program of its own; its cells are what was measured by hand."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from commands import Run, assert_refused

from nnxfuzz import nnx_api
from nnxfuzz.checker.atlas import CONSTRUCTS, TOPICS, WAYS, Cell, cells, row
from nnxfuzz.checker.verdicts import FINDINGS
from nnxfuzz.cli.atlas import _elsewhere
from nnxfuzz.programs.case import Mode
from nnxfuzz.programs.versions import version
from nnxfuzz.releases import matrix
from nnxfuzz.releases.elsewhere import Installation
from nnxfuzz.releases.matrix import ChildEnded
from nnxfuzz.releases.table import RELEASES
from nnxfuzz.releases.targets import of_release
from nnxfuzz.report.atlas import SIGNS, changes, markdown

MODES = pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes")


def signs(name: str, way: str) -> str:
    """The signs of a construct by a way, a letter for each mode."""
    return "".join(SIGNS[cell.kind] for cell in row(CONSTRUCTS[name], way))


@pytest.mark.filterwarnings("ignore:'.value':DeprecationWarning")
@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_construct_says_what_it_is_and_runs_as_plain_python(name: str) -> None:
    construct = CONSTRUCTS[name]
    assert construct.told.endswith(".")
    assert construct.topic in {topic.__name__.rpartition(".")[2] for topic in TOPICS}
    assert '"""' not in construct.source and construct.source.startswith("def ")
    if not construct.calls:
        assert set(construct.ways) <= set(WAYS)
        body, args = construct.make()
        if name == "the-function-raises":
            with pytest.raises(Exception, match="not today"):
                body(*args)
        else:
            body(*args)


#: Measured by hand with programs of their own, before there was an atlas.
MEASURED = {
    ("one-module-is-two-arguments", "jit"): "==r",
    ("one-module-is-two-arguments", "cond"): "==r",
    ("one-module-is-two-arguments", "vmap, lanes"): "==r",
    ("one-module-is-two-arguments", "grad"): "rrr",
    ("two-distinct-modules", "fori_loop"): "===",
    ("two-distinct-modules", "while_loop"): "===",
    ("the-argument-is-returned", "jit"): "=rr",
    ("a-variable-is-made", "jit"): "=dd",
    ("a-variable-is-made", "cond"): "=dd",
    ("a-variable-is-made", "scan, slices"): "=dd",
    ("a-variable-is-written", "scan, broadcast"): "d==",
    ("a-stream-is-drawn-from", "scan, broadcast"): "d==",
    ("an-array-attribute-is-replaced", "fori_loop"): "=dd",
    ("a-captured-module-is-written", "scan, carry"): "rrr",
    ("a-reference-is-written", "cond"): "W==",
    ("a-reference-is-written", "jit"): "===",
    ("a-reference-is-written", "fori_loop"): "rrr",
    ("the-dtype-of-a-variable-changes", "scan, carry"): "rrr",
    ("the-dtype-of-a-variable-changes", "scan, broadcast"): "drr",
    ("two-argnums-of-one-module", "grad"): "==r",
    ("the-condition-writes", "while_loop"): "ddd",
    ("a-directional-derivative", "jvp"): "r==",
    ("a-pullback", "vjp"): "r==",
    ("a-state-is-returned", "eval_shape"): "=rr",
    ("the-function-raises", "scan, carry"): "ddd",
    ("the-function-raises", "vmap, lanes"): "ddd",
    ("metadata-is-changed", "value_and_grad"): "===",
    ("an-array-attribute-is-made", "cond"): "Udd",
    ("the-argument-is-returned", "scan, carry"): "rrr",
    ("a-submodule-becomes-shared", "eval_shape"): "=rr",
}


@MODES
@pytest.mark.parametrize(("name", "way"), MEASURED)
def test_a_cell_is_what_was_measured(name: str, way: str) -> None:
    assert signs(name, way) == MEASURED[name, way]


#: The words of cells that were worked out by hand.
WORDS = {
    ("the-function-raises", "vmap, lanes", "graph"): (
        "it raises Unwell, as Python does, and leaves `m.count` as before the call"
    ),
    ("an-argument-is-captured-too", "jit", "tree"): (
        "the function reads `m.count` by closure, which is as it was before the call; it is the "
        "argument's `given.count`: result is off by up to 3"
    ),
    ("an-argument-is-captured-too", "vmap, broadcast", "tree"): (
        "the function reads `body.m.count` by closure, which is as it was before the call; it is "
        "the argument's `args[1].count`: result is off by up to 3 from what is documented"
    ),
    ("two-distinct-modules", "scan, broadcast", "graph"): (
        "drops the update of `args[1].count`, `args[2].count`"
    ),
    ("a-list-grows", "grad", "tree"): "drops the new `args[0].layers[1]`",
    ("a-new-module-is-returned-twice", "jit", "tree"): (
        "`Duplicate` because the function returns `out[0].w` and `out[1].w`, which are one Variable"
    ),
}


@MODES
@pytest.mark.parametrize(
    ("name", "way", "mode", "words"), [(*at, told) for at, told in WORDS.items()]
)
def test_a_cell_says_what_was_worked_out(name: str, way: str, mode: Mode, words: str) -> None:
    told = {cell.mode: cell.told for cell in row(CONSTRUCTS[name], way)}
    assert told[mode] == words


#: The construct, way, mode and sign of each cell of the page docs/atlas_by_hand.md.
BY_HAND = re.findall(
    r"^- ([\w-]+), (.+), (graph|graph-frozen|tree) `(.)`$",
    (Path(__file__).parent.parent / "docs/atlas_by_hand.md").read_text(),
    re.MULTILINE,
)


def test_sixty_cells_were_found_by_hand() -> None:
    assert len(BY_HAND) == 60


@pytest.mark.skipif(nnx_api.release() < version("0.12.12"), reason="checked on flax 0.12.12")
@pytest.mark.parametrize(("name", "way", "mode", "sign"), BY_HAND)
def test_a_cell_is_what_was_found_by_hand(name: str, way: str, mode: Mode, sign: str) -> None:
    found = {cell.mode: SIGNS[cell.kind] for cell in row(CONSTRUCTS[name], way)}
    assert found[mode] == sign


@MODES
@pytest.mark.slow
def test_no_refusal_of_the_atlas_is_unexplained_but_the_known_ones() -> None:
    """A cell without a record is a false report of `nnxfuzz check`, or a finding.

    The known ones: graph mode's scan refuses a body that makes or drops something in a broadcast
    module ("Incorrect number of leaves", docs/findings.md), and in the other modes one that changes
    the metadata of what it carries on there; graph mode's while_loop refuses a State that the body
    rebuilds (the entry "a state that the body rebuilds is refused"); its cond and switch refuse an
    array that is assigned to a new attribute (docs/findings.md).
    """
    made = list(cells())
    assert {cell.construct for cell in made} == set(CONSTRUCTS)
    assert not [cell for cell in made if cell.kind == "inconclusive"]
    assert not [cell for cell in made if cell.kind == "not judged" and not cell.told]
    refused = [cell for cell in made if cell.kind == "unexplained refusal"]
    others = {(cell.construct, cell.way) for cell in refused if cell.way != "scan, broadcast"}
    array = "an-array-attribute-is-made"
    assert others <= {("a-state-is-the-argument", "while_loop"), (array, "cond"), (array, "switch")}
    frozen = [cell for cell in refused if cell.mode != "graph"]
    assert {cell.construct for cell in frozen} <= {"metadata-is-changed"}
    agreed = sum(cell.kind not in FINDINGS for cell in made)
    assert agreed > 0.9 * len(made)


CELL = Cell("two-distinct-modules", "jit", "graph", "same")


def test_changes_are_listed_a_cell_a_line() -> None:
    other = Cell("two-distinct-modules", "jit", "graph", "refused", "`Duplicate`")
    assert list(changes({"1": [CELL], "2": [other], "3": [other]})) == [
        "",
        "1 -> 2: 1 cells change",
        "  two-distinct-modules, graph: same -> refused: jit",
        "",
        "2 -> 3: 0 cells change",
    ]


def test_the_page_has_a_section_and_the_program_of_each_construct() -> None:
    page = markdown({nnx_api.FLAX: list(cells(["two-distinct-modules"]))})
    for construct in CONSTRUCTS.values():
        assert f"### {construct.name}\n\n{construct.told}\n\n```python\ndef " in page
    assert "| [two-distinct-modules](#two-distinct-modules) | `= " in page
    assert "| `broadcast-one-lane` | docs_nnx/guides/transforms.md, on vmap" in page
    assert "[atlas_by_hand.md](atlas_by_hand.md)" in page


def test_a_release_that_dies_at_a_construct_goes_on_with_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = "two-distinct-modules", "one-module-is-two-arguments"
    died = ChildEnded(-11, False, "")
    told: list[list[Cell | ChildEnded]] = [
        [Cell(first, "jit", "graph", "same"), Cell(first, "jit", "tree", "same"), died],
        [Cell(second, way, "graph", "same") for way in WAYS],
    ]
    asked = []

    def answers(
        place: object, words: tuple[str, ...], *rest: object
    ) -> Iterator[Cell | ChildEnded]:
        asked.append(words[3:])
        yield from told.pop(0)

    monkeypatch.setattr(matrix, "answers", answers)
    target = of_release(RELEASES[-1])
    cells = list(_elsewhere(target, Installation("python"), [first, second], Path()))
    assert asked == [(first, second), (second,)]
    assert [cell.way for cell in cells if cell.construct == first] == ["jit", "jit", "remat"]
    assert (cells[2].kind, cells[2].told) == ("internal error", "the process ended by SIGSEGV")
    assert [cell.way for cell in cells if cell.construct == second] == list(WAYS)


# --- the command ----------------------------------------------------------------------------


def test_the_command_shows_a_table(run: Run) -> None:
    code, out, err = run("atlas", "two-distinct-modules")
    assert (code, err) == (0, "")
    assert "two-distinct-modules: Two distinct modules of one class are arguments." in out
    line = next(line for line in out.splitlines() if line.startswith("  fori_loop"))
    assert line.split()[1:] == ["="] * len(nnx_api.modes()) + ["-"] * (3 - len(nnx_api.modes()))


def test_the_command_writes_json_a_cell_a_line(run: Run) -> None:
    code, out, _ = run("atlas", "--json", "two-distinct-modules")
    read = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert len(read) == len(WAYS) * len(nnx_api.modes())
    assert read[0]["construct"] == "two-distinct-modules"


def test_the_command_writes_a_page(run: Run, tmp_path: Path) -> None:
    assert run("atlas", "two-distinct-modules", "--page", tmp_path / "x.md")[0] == 0
    assert (tmp_path / "x.md").read_text().startswith("# The atlas")


def test_the_command_writes_pages_from_cells_that_were_measured(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    name = "two-distinct-modules"
    cells = [CELL, Cell(name, "jit", "tree", "refused", "`<b>` twice", "shared-argument")]
    lines = [
        json.dumps({"flax": flax, **msgspec.to_builtins(cell)})
        for flax in ("0.12.8", "0.12.12")
        for cell in (cells if flax == "0.12.12" else cells[:1])
    ]
    (tmp_path / "cells.jsonl").write_text("\n".join(lines))
    pages = ("--html", tmp_path / "x.html", "--page", tmp_path / "x.md")
    told = "".join(f"nnxfuzz: wrote {tmp_path / name}\n" for name in ("x.md", "x.html"))
    assert run("atlas", "--cells", tmp_path / "cells.jsonl", *pages) == (0, "", told)
    html, markdown_ = (tmp_path / "x.html").read_text(), (tmp_path / "x.md").read_text()
    assert 'data-case="two-distinct-modules-case" data-transform="jit" data-mode="tree"' in html
    assert 'data-kind="not judged|refused" data-changes="no"' in html
    source = "(documented: <code>shared-argument</code>)"
    assert f"<code>&lt;b&gt;</code> twice {source}. jit (tree)" in html
    assert "- refused: `<b>` twice (`shared-argument`). jit (tree)" in markdown_
    assert "0.12.8 -&gt; 0.12.12: 0 cells change" in html


@pytest.mark.parametrize("text", ["{", "", '{"construct": "nonsense"}'])
def test_a_file_without_cells_is_a_misuse(text: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "cells.jsonl").write_text(text)
    code, _, err = run("atlas", "--cells", tmp_path / "cells.jsonl")
    assert code == 2
    assert " holds no cells" in err
    assert err.endswith("; make it with nnxfuzz atlas --json\n")


def test_cells_that_were_measured_are_not_run(run: Run) -> None:
    sentence = "--cells runs nothing; leave out --flax and --json"
    assert_refused(run("atlas", "--cells", "x", "--json"), sentence)


def test_an_unknown_construct_is_a_misuse(run: Run) -> None:
    assert_refused(
        run("atlas", "nonsense"), "there is no construct 'nonsense'; nnxfuzz atlas lists them all"
    )
