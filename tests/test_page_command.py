"""`nnxfuzz report --html` as a command, and what it refuses."""

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from commands import Run, assert_refused, python, runner
from entries import LOST

from nnxfuzz import nnx_api
from nnxfuzz.corpus import entries as corpus

pytestmark = pytest.mark.skipif(
    find_spec("pygraphviz") is None,
    reason="pygraphviz is not installed: pip install 'nnxfuzz[report]'",
)

LOST_FILE = corpus.file_name(LOST)
HERE = f"flax {nnx_api.FLAX}, jax {nnx_api.JAX}"


# --- the command line -----------------------------------------------------------------------


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    corpus.save(LOST, Path("corpus"))
    return runner(capsys)


def test_report_writes_a_page(run: Run) -> None:
    told = "nnxfuzz: wrote page.html\n"
    assert run("report", "--html", "page.html", "--no-run") == (0, "", told)
    written = Path("page.html").read_text()
    assert written.startswith("<!DOCTYPE html>")
    assert run("report", "--html", "-", "--no-run")[1] == written


def test_without_graphviz_the_page_has_no_drawings(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    code, _, err = run("report", "--html", "page.html")
    why = "a drawing needs Graphviz, as pygraphviz has it; run pip install 'nnxfuzz[report]'"
    told = f"nnxfuzz: wrote page.html\nnnxfuzz: the page has no drawings: {why}\n"
    assert (code, err) == (0, told)
    written = Path("page.html").read_text()
    assert "<svg" not in written
    assert "-&gt; #1 (same object)" in written


@pytest.mark.parametrize("name", ["jinja2", "pygments"])
def test_without_templates_there_is_no_page(
    name: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    why = f"needs {name}; run pip install 'nnxfuzz[report]'"
    assert_refused(run("report", "--html", "-"), f"a page {why}")
    Path("x.py").touch()
    assert_refused(run("check", "--html", "x.html", "x.py"), f"a page {why}")
    assert_refused(run("show", "--svg", "-", Path("corpus") / LOST_FILE), f"a drawing {why}")


#: Runs a command where these cannot be imported.
BARE = """
import sys
for name in ("jinja2", "markupsafe", "pygraphviz", "resvg_py"):
    sys.modules[name] = None
from nnxfuzz.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    "words", [["show"], ["script"], ["report"], ["replay"], ["corpus"], ["status", "finds"]]
)
def test_what_writes_no_page_needs_none_of_it(words: list[str], run: Run) -> None:
    paths = ["corpus/" + LOST_FILE] if words[0] not in ("corpus", "status") else []
    done = python("-c", BARE, *words, *paths)
    told = "nnxfuzz: finds holds no campaign; name the folder given to fuzz --finds\n"
    expected = (2, told) if words[0] == "status" else (0, "")
    assert (done.returncode, done.stderr) == expected


def test_a_page_that_cannot_be_written_is_refused(run: Run) -> None:
    assert_refused(
        run("report", "--html", "none/page.html", "--no-run"),
        "cannot write none/page.html: No such file or directory; "
        "name a file in a folder that can be written",
    )


def test_a_folder_that_is_not_there_has_no_page(run: Run) -> None:
    assert_refused(
        run("report", "none", "--html", "-"),
        "none does not exist; name a corpus entry or a folder of them",
    )


def test_a_folder_with_nothing_in_it_has_no_page(run: Run) -> None:
    Path("empty").mkdir()
    assert_refused(
        run("report", "empty", "--html", "-"),
        "empty holds no entry and no campaign; name a file or another folder",
    )


def test_an_entry_that_cannot_be_read_has_no_page(run: Run) -> None:
    Path("corpus/a.json").write_text("{")
    code, out, err = run("report", "--html", "-", "corpus/a.json")
    assert (code, out) == (2, "")
    assert err.startswith("nnxfuzz: corpus/a.json is no corpus entry: at $: ")


INVALID = "Invalid enum value 'bad' - at `$.outcome`"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "Input data was truncated"),
        (
            '{"flax": "1", "path": "a", "outcome": "bad"}',
            INVALID,
        ),
        ('{"path": "a", "outcome": "passes"}', "Object missing required field `flax`"),
    ],
)
def test_a_file_that_is_no_list_of_releases_is_refused(line: str, why: str, run: Run) -> None:
    Path("r.json").write_text('{"flax": "1", "path": "a", "outcome": "passes"}\n' + line)
    assert_refused(
        run("report", "--html", "-", "--releases", "r.json"),
        f"r.json is no list of releases: line 2: {why}; "
        "make it with nnxfuzz replay --flax '*' --json",
    )


def test_a_list_of_releases_that_cannot_be_read_is_refused(run: Run) -> None:
    assert_refused(
        run("report", "--html", "-", "--releases", "none.json"),
        "cannot read none.json: No such file or directory; name a file of releases",
    )
    Path("binary.json").write_bytes(b"\xff")
    code, _, err = run("report", "--html", "-", "--releases", "binary.json")
    assert code == 2
    assert err.startswith("nnxfuzz: binary.json is no list of releases: line 1: 'utf-8' codec")


def test_a_file_of_a_folder_that_cannot_be_read_is_told_beside_the_page(run: Run) -> None:
    corpus.save(LOST, Path("finds"))
    Path("finds", "cut-0123abcd.json").write_text("{")
    code, out, err = run("report", "--html", "page.html", "--no-run", "finds")
    assert (code, out) == (0, "")
    assert "nnxfuzz: wrote page.html\nnnxfuzz: not read: finds/cut-0123abcd.json " in err
