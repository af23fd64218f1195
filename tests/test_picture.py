"""Drawings: one box an object, an arrow for each place it stands at, and the parts that differ."""

import sys
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import Run, assert_refused, runner
from entries import LOST, TREE
from hypothesis import given
from test_show import CASE

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.oracle.reference import run_python
from nnxfuzz.oracle.verdict import Difference, Entry, World
from nnxfuzz.programs.case import Arm, Case, Module, NodeSlot, OfStatic, Variable, VariableSlot
from nnxfuzz.report.picture import Naming, Picture, marks_of, of_case, of_world, png, svg
from nnxfuzz.report.picture.layout import LINE, WIDEST, layout
from nnxfuzz.report.picture.model import Row
from nnxfuzz.runners.judge import Oracle
from nnxfuzz.strategies import programs

needs_graphviz = pytest.mark.skipif(
    not find_spec("pygraphviz"),
    reason="pygraphviz is not installed: pip install 'nnxfuzz[report]'",
)
needs_resvg = pytest.mark.skipif(
    not find_spec("resvg_py"),
    reason="resvg-py is not installed: pip install 'nnxfuzz[report]'",
)

HOSTILE = '<script>alert("x")</script> & \']]>'


def arrows(picture: Picture) -> list[tuple[str, str, str]]:
    """Each arrow as the box it leaves, the name of its row, and the box it leads to."""
    titles = [box.title for box in picture.boxes]
    return [
        (titles[box], row.name, titles[row.target])
        for box, _, row in picture.arrows()
        if row.target is not None
    ]


# --- cases ----------------------------------------------------------------------------------


def test_an_object_is_one_box_with_an_arrow_for_each_place() -> None:
    picture = of_case(CASE, Arm("scan"), "objects")
    assert [(box.kind, box.title, box.note) for box in picture.boxes] == [
        ("root", "carry", "tuple of 3"),
        ("node", "#1 Block", ""),
        ("node", "#2 Layer", ""),
        ("variable", "#3 Param", "float32[2] 0 1"),
        ("container", "list of 2", ""),
        ("node", "#4 nnx.List", ""),
        ("variable", "#5 Custom", "int32[] 0, tag 'a'"),
        ("node", "#6 nnx.Linear", "(2, 3, use_bias=False), seed 4"),
        ("container", "dict of 3", ""),
        ("root", "inputs", ""),
        ("root", "closure", ""),
    ]
    assert arrows(picture) == [
        ("carry", "[0]", "#1 Block"),
        ("carry", "[1]", "list of 2"),
        ("carry", "[2]", "dict of 3"),
        ("#1 Block", "child", "#2 Layer"),
        ("#1 Block", "p", "#3 Param"),
        ("#2 Layer", "parent", "#1 Block"),
        ("#2 Layer", "p", "#3 Param"),
        ("list of 2", "[0]", "#2 Layer"),
        ("list of 2", "[1]", "#4 nnx.List"),
        ("#4 nnx.List", "[0]", "#5 Custom"),
        ("#4 nnx.List", "[1]", "#6 nnx.Linear"),
        ("inputs", "linear, broadcast", "#6 nnx.Linear"),
        ("closure", "v1", "#5 Custom"),
    ]


def test_what_has_no_identity_stands_in_its_holder() -> None:
    boxes = {box.title: box for box in of_case(CASE, Arm("scan"), "objects").boxes}
    assert boxes["#1 Block"].rows[2] == Row("name", "'x' (static)")
    assert boxes["#2 Layer"].rows[2] == Row("raw", "float32[3, 3] 0 1 2 3 4 5 ...")
    assert boxes["dict of 3"].rows == (
        Row('["left"]', "bfloat16[] all nan"),
        Row('["right"]', "0.5 (a Python float)"),
        Row('["none"]', "None"),
    )
    assert boxes["inputs"].rows[0] == Row("x, axis 0", "float32[3] 0 1 2")


def test_the_objects_with_several_arrows_are_shared() -> None:
    picture = of_case(CASE, Arm("scan"), "objects")
    shared = {picture.boxes[box].title: count for box, count in picture.shared().items()}
    assert shared == {
        "#1 Block": 2,
        "#2 Layer": 2,
        "#3 Param": 2,
        "#5 Custom": 2,
        "#6 nnx.Linear": 2,
    }


def test_a_carry_that_is_one_object_has_one_arrow() -> None:
    case = Case(variables=(Variable(),), carry=(VariableSlot(0),))
    assert arrows(of_case(case, Arm(), "objects")) == [("carry", "", "#1 Param")]


# --- worlds ---------------------------------------------------------------------------------


def drawn(*differences: Difference, world: World | None = None) -> Picture:
    """A world after LOST, by default the one that is expected, with what differs."""
    naming = Naming()
    of_case(LOST.case, TREE, "before", naming)
    expected = Oracle(LOST.case).expected(TREE, "python").after
    after = expected if world is None else world
    assert after is not None
    return of_world(after, "after", naming, marks_of(differences))


def test_objects_keep_their_numbers_from_before_the_loop() -> None:
    expected = drawn()
    assert [(box.title, box.note) for box in expected.boxes] == [
        ("caller", "tuple of 2"),
        ("#1 Param", "float32[] 1"),
        ("#2 Block", ""),
        ("result", "tuple of 2"),
        ("counter", ""),
    ]
    assert arrows(expected)[-2:] == [("result", "[0]", "#1 Param"), ("result", "[1]", "#2 Block")]


def test_objects_keep_their_class_unless_they_change_it() -> None:
    naming = Naming()
    naming.learn(("caller", 0), "nnx.List")
    naming.learn(("caller", 1), "Layer")
    assert naming.title("caller[0]", "List") == "#1 nnx.List"
    assert naming.title("caller[1]", "Block") == "#2 Layer"
    assert naming.title("caller[0]", "Param") == "#1 Param"
    assert naming.title("new result", "Block") == "#3 Block, new"


def test_what_differs_is_marked_where_it_stands() -> None:
    value = Difference(("caller", 0), "variable", "value", "1.0", "0.0")
    place = Difference(("result", 1, "a"), "variable", "identity", "caller[0]", "new")
    expected = drawn(value, place)
    boxes = {box.title: box for box in expected.boxes}
    assert boxes["#1 Param"].marks == ("value",)
    assert [box.title for box in expected.boxes if box.marks] == ["#1 Param"]
    assert [row for box in expected.boxes for row in box.rows if row.marks] == []


def test_what_stands_elsewhere_is_marked_at_its_arrow() -> None:
    place = Difference(("result", 1), "node", "identity", "caller[1]", "new result[1]")
    expected = drawn(place)
    rows = [(box.title, row) for box in expected.boxes for row in box.rows]
    marked = [(title, row.name, row.marks) for title, row in rows if row.marks]
    assert marked == [("result", "[1]", ("identity",))]


def test_what_is_missing_is_told_by_its_holder() -> None:
    missing = Difference(("caller", 1, "b"), "variable", "extra", "nothing", "Param")
    expected = drawn(missing)
    boxes = {box.title: box for box in expected.boxes}
    assert boxes["#2 Block"].rows == (Row("a", target=1), Row("b", "nothing", marks=("extra",)))


def test_a_new_object_and_one_that_nothing_reaches_say_so() -> None:
    got: World = {
        ("result",): Entry("variable", "Param", "new result"),
        ("held", "caller[0]"): Entry("variable", "Param", "caller[0]", tracer=True),
    }
    picture = drawn(world=got)
    assert [(box.title, box.note) for box in picture.boxes] == [
        ("result", ""),
        ("#3 Param, new", ""),
        ("held elsewhere", ""),
        ("#1 Param", "a leaked tracer"),
    ]


@given(programs())
def test_a_world_has_one_box_for_each_object(case: Case) -> None:
    try:
        world = run_python(case, "python").after
    except Inconclusive:
        return
    naming = Naming()
    of_case(case, Arm(), "before", naming)
    picture = of_world(world or {}, "after", naming, {})
    entries = [e for e in (world or {}).values() if e.role in ("node", "variable")]
    objects = {entry.identity for entry in entries} - {None}
    drawn = [box for box in picture.boxes if box.kind in ("node", "variable")]
    assert len(drawn) == len(objects) == len({box.title.split()[0] for box in drawn})
    reached = {row.target for _, _, row in picture.arrows()}
    assert reached == {k for k, box in enumerate(picture.boxes) if box.kind != "root"}


# --- layout and files -----------------------------------------------------------------------


@needs_graphviz
@given(programs())
def test_no_box_lies_on_another_and_every_arrow_arrives(case: Case) -> None:
    picture = of_case(case, Arm(), "objects")
    placed = layout(picture)
    assert len(placed.boxes) == len(picture.boxes)
    assert len(placed.arrows) == len(list(picture.arrows()))
    for one, other in combinations(placed.boxes, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        below = one.y + one.height <= other.y or other.y + other.height <= one.y
        assert beside or below
    left_edges = [(box.x, box.y + LINE / 2) for box in placed.boxes]
    for arrow in placed.arrows:
        tip = [float(number) for number in arrow.head.split()[0].split(",")]
        assert any(abs(tip[0] - x) < 2 and abs(tip[1] - y) < 2 for x, y in left_edges)


@needs_graphviz
def test_a_drawing_is_told_in_words_too() -> None:
    root = ElementTree.fromstring(svg(of_case(LOST.case, TREE, "An update is lost")))
    title, told = root[0], root[1]
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {told.attrib['id']}"
    assert title.text == "An update is lost"
    assert told.text == (
        "carry, tuple of 2: [0] to #1 Param; [1] to #2 Block. #1 Param, float32[] 0. "
        "#2 Block: a to #1 Param."
    )


@needs_graphviz
def test_hostile_texts_are_shown_and_nothing_else() -> None:
    case = Case(
        variables=(Variable(tag=HOSTILE),),
        nodes=(Module({"a": OfStatic(HOSTILE)}),),
        carry=(NodeSlot(0),),
        closure=(),
    )
    root = ElementTree.fromstring(svg(of_case(case, Arm(), HOSTILE)))
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    shapes = {"g", "rect", "text", "path", "circle", "polygon"}
    assert tags <= {"svg", "title", "desc", "style"} | shapes
    assert root[0].text == HOSTILE
    assert any(HOSTILE[:20] in (element.text or "") for element in root.findall(".//{*}text"))


@needs_graphviz
@needs_resvg
def test_a_png_is_twice_as_large_as_the_drawing() -> None:
    picture = of_case(LOST.case, TREE, "objects")
    data, size = png(picture), layout(picture)
    assert data.startswith(b"\x89PNG\r\n")
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    assert (width, height) == (2 * round(size.width), 2 * round(size.height))


# --- the command line -----------------------------------------------------------------------


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    corpus.write_whole(Path("lost.json"), corpus.document(LOST))
    return runner(capsys)


@needs_graphviz
def test_show_writes_the_drawing_alone(run: Run) -> None:
    assert run("show", "lost.json", "--svg", "lost.svg") == (0, "", "nnxfuzz: wrote lost.svg\n")
    code, out, _ = run("show", "lost.json", "--svg", "-")
    assert code == 0
    assert out == Path("lost.svg").read_text()
    assert out.startswith("<svg ") and "An update is lost" in out


@needs_graphviz
@needs_resvg
def test_show_writes_a_png(run: Run) -> None:
    assert run("show", "lost.json", "--png", "lost.png") == (0, "", "nnxfuzz: wrote lost.png\n")
    assert Path("lost.png").read_bytes().startswith(b"\x89PNG")


@needs_graphviz
def test_a_drawing_that_cannot_be_written_is_refused(run: Run) -> None:
    assert_refused(
        run("show", "lost.json", "--svg", "none/lost.svg"),
        "cannot write none/lost.svg: No such file or directory; "
        "name a file in a folder that can be written",
    )


def test_without_graphviz_there_is_no_drawing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    assert_refused(
        run("show", "lost.json", "--svg", "-"),
        "a drawing needs Graphviz, as pygraphviz has it; run pip install 'nnxfuzz[report]'",
    )


def test_without_resvg_there_is_no_png(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    assert_refused(
        run("show", "lost.json", "--png", "-"),
        "a PNG needs resvg-py; run pip install 'nnxfuzz[report]'",
    )


@needs_graphviz
def test_a_graphviz_that_does_not_run_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import pygraphviz

    def draw(*_: object, **__: object) -> bytes:
        raise ValueError("Program dot not found in path.")

    monkeypatch.setattr(pygraphviz.AGraph, "draw", draw)
    assert_refused(
        run("show", "lost.json", "--svg", "-"),
        "Graphviz does not run (Program dot not found in path.); run pip install 'nnxfuzz[report]'",
    )


@needs_resvg
def test_a_machine_without_fonts_has_no_png(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import resvg_py

    monkeypatch.setattr(resvg_py, "svg_to_bytes", lambda *_, **__: b"nothing")
    assert_refused(
        run("show", "lost.json", "--png", "-"),
        "there is no font to draw a PNG with; install one, such as Debian's fonts-dejavu-core",
    )


@needs_graphviz
def test_what_no_document_may_have_is_replaced() -> None:
    case = Case(nodes=(Module({"a": OfStatic("x\0y\x1b")}),), carry=(NodeSlot(0),))
    root = ElementTree.fromstring(svg(of_case(case, Arm(), "a\0\ud800b\tc")))
    assert root[0].text == "a\ufffd\ufffdb\tc"


@needs_graphviz
def test_a_long_line_is_cut_and_told_in_full() -> None:
    case = Case(nodes=(Module({"a": OfStatic("x" * 60)}),), carry=(NodeSlot(0),))
    root = ElementTree.fromstring(svg(of_case(case, Arm(), "objects")))
    full = f"a: '{'x' * 60}' (static)"
    assert full[: WIDEST - 1] + "…" in [element.text for element in root.findall(".//{*}text")]
    assert any((element.text or "").endswith(full) for element in root.findall(".//{*}title"))
