"""The corpus that comes with nnxfuzz, from any folder: what knows it, adds to it, copies it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import uv
from commands import Run, assert_refused, python
from entries import LOST

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus import shipped

CHECKOUT = Path(__file__).parent.parent
SHIPPED = sorted(path.stem for path in (CHECKOUT / "corpus").glob("*.json"))


def test_the_list_names_each_entry(run: Run) -> None:
    code, out, err = run("corpus")
    assert (code, err) == (0, "")
    assert [line for line in out.splitlines()[:-1] if not line.startswith(" ")] == SHIPPED
    assert "A shared Variable loses an update; from " in out
    assert out.splitlines()[-1].startswith(f"{len(SHIPPED)} entries in ")


def test_a_copy_is_a_corpus_of_its_own(run: Run) -> None:
    assert run("corpus", "--copy", "mine")[0] == 0
    assert sorted(path.stem for path in Path("mine").glob("*.json")) == SHIPPED
    assert Path("mine/causes.toml").is_file()
    assert run("corpus", "--copy", "mine")[0] == 0
    changed = Path("mine", f"{SHIPPED[-1]}.json")
    changed.write_text("changed")
    sentence = f"{changed} exists and is another file; name another folder"
    assert_refused(run("corpus", "--copy", "mine"), sentence)
    assert changed.read_text() == "changed"


def test_a_folder_of_known_bugs_that_is_not_there_is_refused(run: Run) -> None:
    sentence = "bugs does not exist; name a folder of entries with --corpus, or none"
    assert_refused(run("fuzz", "--corpus", "bugs"), sentence)


def test_known_bugs_are_those_that_came_along_and_those_of_the_project(run: Run) -> None:
    assert shipped.known(None) == [shipped.shipped()]
    Path("corpus").mkdir()
    Path("corpus/texts.json").write_text('{"format": 1, "texts": []}')  # somebody else's corpus
    assert shipped.known(None) == [shipped.shipped()]
    assert shipped.default() == shipped.shipped()
    corpus.save(LOST, Path("corpus"))
    assert shipped.known(None) == [shipped.shipped(), Path("corpus")]
    assert shipped.default() == Path("corpus")
    corpus.save(LOST, Path("more"))
    assert shipped.known(Path("more")) == [shipped.shipped(), Path("more")]
    assert shipped.known(Path("none")) == []


def test_in_a_checkout_no_entry_is_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CHECKOUT)
    assert shipped.known(None) == [shipped.shipped()]


OTHERS = ("tests", "fuzz", "benchmarks", "corpus", "docs", "examples", "findings", "strategies")


def test_an_install_puts_nothing_but_nnxfuzz_on_the_import_path(tmp_path: Path) -> None:
    code = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"
    done = python("-c", code, "nnxfuzz", *OTHERS, cwd=tmp_path)
    assert done.stdout == "['nnxfuzz']\n"


@pytest.mark.slow
def test_a_wheel_brings_the_corpus_and_the_guide(tmp_path: Path) -> None:
    built = [uv.find_uv_bin(), "build", "-q", "--wheel", "-o", str(tmp_path), str(CHECKOUT)]
    subprocess.run(built, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"nnxfuzz"}
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r}); import runpy; "
    code += "sys.argv = ['nnxfuzz', 'corpus']; runpy.run_module('nnxfuzz', run_name='__main__')"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True)
    *listed, last = done.stdout.splitlines()
    assert [line for line in listed if not line.startswith(" ")] == SHIPPED
    assert last == f"{len(SHIPPED)} entries in {tmp_path / 'site' / 'nnxfuzz/corpus/data'}"
    guide = tmp_path / "site" / "nnxfuzz/report/data/migrating.md"
    assert guide.read_bytes() == (CHECKOUT / "docs/migrating.md").read_bytes()
