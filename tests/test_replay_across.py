"""`nnxfuzz replay --flax`: entries by releases, on environments that exist in a table only."""

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from commands import Run, assert_refused
from elsewhere_tools import Put, every
from entries import LOST, REFUSED, needs_tree
from histories import REAL
from rich.console import Console

from nnxfuzz import nnx_api
from nnxfuzz.cli.matrix import downwards, fitted, rendered, table
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.entries import Affected, Entry, FoundWith, Sighting
from nnxfuzz.oracle.verdict import Signature
from nnxfuzz.releases.elsewhere import Installation
from nnxfuzz.releases.matrix import column
from nnxfuzz.releases.table import RELEASES
from nnxfuzz.releases.targets import targets

TWO, THREE, NEWEST = Sighting("0.10.2", "0.4.35"), Sighting("0.10.3", "0.5.0"), RELEASES[-1]
PAIR = ("--flax", "0.10.2", "--flax", "0.10.3")
ENV_2, ENV_3 = "flax-0.10.2-jax-0.4.35", "flax-0.10.3-jax-0.5.0"
OTHER_JAX = "flax-0.10.2-jax-0.5.0"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The only entry of the corpus."""
    return corpus.save(REFUSED, tmp_path / "corpus").relative_to(tmp_path)


# --- the matrix -----------------------------------------------------------------------------


def test_a_matrix_has_a_sign_for_each_entry_and_release(
    run: Run, file: Path, elsewhere: Put
) -> None:
    lost = corpus.save(LOST, Path("corpus").absolute())
    elsewhere({ENV_2: {file.stem: "still fails", lost.stem: "not applicable"}, ENV_3: "passes"})
    code, out, err = run("replay", *PAIR)
    assert (code, err) == (0, "")
    wide = max(len(file.stem), len(lost.stem))
    assert out.splitlines() == [
        f"{'':<{wide}}  0  0",
        f"{'':<{wide}} 10 10",
        f"{'entry':<{wide}}  2  3",
        f"{lost.stem:<{wide}}  -  .",
        f"{file.stem:<{wide}}  F  .",
        "",
        "F still fails   . passes   - not applicable",
        "",
        "2 entries by 2 flax: passes 2, not applicable 1, still fails 1",
    ]


@pytest.mark.parametrize(
    ("outcome", "code", "shown"),
    [
        ("still fails", 0, False),
        ("passes", 0, False),
        ("not applicable", 0, False),
        ("fixed", 0, True),
        ("regressed", 1, True),
        ("fails differently", 1, True),
        ("unreadable", 2, True),
    ],
)
def test_what_the_record_does_not_say_is_told(
    outcome: str, code: int, shown: bool, run: Run, file: Path, elsewhere: Put
) -> None:
    elsewhere({ENV_2: "still fails", ENV_3: outcome})
    got, out, err = run("replay", *PAIR)
    assert (got, err) == (code, "")
    assert (f"\n{outcome}  0.10.3  {file}\n" in out) is shown
    assert "0.10.2  corpus" not in out


def test_the_matrix_as_json_is_one_object_a_cell(run: Run, file: Path, elsewhere: Put) -> None:
    elsewhere({ENV_2: "still fails", ENV_3: "regressed"})
    code, out, err = run("replay", *PAIR, "--json")
    assert (code, err) == (1, "")
    assert [json.loads(line) for line in out.splitlines()] == [
        {"flax": "0.10.2", "path": str(file), "outcome": "still fails"},
        {"flax": "0.10.3", "path": str(file), "outcome": "regressed"},
    ]


def test_a_narrow_terminal_shows_every_cell() -> None:
    path = Path("an-entry-with-a-name-that-is-far-too-long-for-it.json")
    labels = [row.flax for row in RELEASES]
    for width, name in ((80, "an-entry-wi…"), (200, path.stem), (30, "an-entry-wi…")):
        grid = table([path], labels, {(path, k): "passes" for k in range(len(labels))})
        console = Console(width=width, force_terminal=True, color_system=None)
        lines = rendered(fitted(grid, console), console).splitlines()
        assert lines[-1] == name + "  ." * len(labels)
        assert max(map(len, lines)) <= max(width, 12 + 3 * len(labels))


def test_labels_go_downwards() -> None:
    assert downwards("0.12.8") == "0\n12\n8"
    assert downwards("0.12.8 jax 0.12.0.1") == "0\n12\n8\njax\n0.12.0.1"
    assert downwards("my.flax") == "my.flax"


def test_another_jax_is_another_column(run: Run, file: Path, elsewhere: Put) -> None:
    made = elsewhere({OTHER_JAX: "passes"})
    code, _, err = run("replay", "--flax", "0.10.2", "--jax", "0.5.0")
    assert (code, err) == (0, "")
    assert [recipe.name for recipe in made.made] == [OTHER_JAX]


# --- what cannot be had ---------------------------------------------------------------------


def test_a_release_that_cannot_be_had_leaves_the_others(
    run: Run, file: Path, elsewhere: Put
) -> None:
    elsewhere({ENV_3: "passes"})
    code, out, err = run("replay", *PAIR, "--flax", "0.10.4")
    assert code == 2
    assert err == (
        "nnxfuzz: flax 0.10.2 with jax 0.4.35 cannot be installed (no index); use the cache "
        "(and 1 more)\n"
    )
    assert re.search(rf"^{file.stem} +\.$", out, re.MULTILINE)


def test_a_flax_that_does_not_run_there_is_told(run: Run, file: Path, elsewhere: Put) -> None:
    elsewhere({OTHER_JAX: "refuse: flax.nnx does not import (why); use another jax"})
    sentence = "flax 0.10.2 jax 0.5.0: flax.nnx does not import (why); use another jax"
    code, _, err = run("replay", "--flax", "0.10.2", "--jax", "0.5.0")
    assert (code, err) == (2, f"nnxfuzz: {sentence}\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--jax", "0.5.0"], "--jax 0.5.0 goes with --flax; name the flax that is to run with it"),
        (
            ["--flax", "0.10.2", "--jax", "0.5.0", "--update"],
            "--update records releases with their own jax; leave out --jax 0.5.0",
        ),
        (["--flax", "mine", "--update"], "--update records releases; leave out --flax mine"),
    ],
)
def test_options_that_do_not_go_together_are_told(
    words: list[str], sentence: str, run: Run, file: Path
) -> None:
    (Path("mine") / "flax").mkdir(parents=True)
    (Path("mine") / "flax" / "version.py").write_text("__version__ = '0.10.2'")
    (Path("mine") / "pyproject.toml").touch()
    assert_refused(run("replay", *words), sentence)


# --- a child that ends ----------------------------------------------------------------------


def crashing(kind: str) -> Entry:
    signature = Signature(kind, "fori_loop", "graph", "process")  # type: ignore[arg-type]
    return msgspec.structs.replace(REFUSED, title=f"A {kind}", signature=signature)


@pytest.mark.parametrize(
    ("entry", "how", "flax", "outcome", "detail"),
    [
        (REFUSED, "die", "0.10.2", "fails differently", "seen the process ended by SIGSEGV"),
        (REFUSED, "stand still", "0.10.2", "fails differently", "seen it ran past its time"),
        (crashing("crash"), "die", "0.10.2", "still fails", "crash fori_loop graph: process"),
        (crashing("crash"), "die", "0.10.3", "regressed", "crash fori_loop graph: process"),
        (crashing("hang"), "stand still", "0.10.2", "still fails", "hang fori_loop graph: process"),
        (crashing("hang"), "die", "0.10.2", "fails differently", "seen the process ended by"),
    ],
    ids=lambda value: value.title if isinstance(value, Entry) else str(value),
)
def test_a_child_that_ends_takes_one_entry_with_it(
    entry: Entry,
    how: str,
    flax: str,
    outcome: str,
    detail: str,
    elsewhere: Put,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "corpus"
    first, bad, last = (
        corpus.save(one, folder)
        for one in (msgspec.structs.replace(REFUSED, title="First"), entry, LOST)
    )
    made = elsewhere(every(lambda flax: {bad.stem: how}))
    (target,) = targets([flax])
    place = Installation(str(made.make(target.recipes[0], tmp_path)))
    results = list(column(target, place, [first, bad, last], tmp_path / "cache", seconds=2))
    assert [result.path for result in results] == [str(first), str(bad), str(last)]
    assert [result.outcome for result in results] == ["passes", outcome, "passes"]
    assert detail in results[1].detail


@pytest.mark.parametrize(
    ("how", "code", "said"),
    [("exit 3", 3, "why it ended"), ("exit 130", 130, "nnxfuzz: interrupted")],
)
def test_a_defect_or_an_interrupt_there_is_one_here(
    how: str, code: int, said: str, run: Run, file: Path, elsewhere: Put
) -> None:
    elsewhere({ENV_2: how})
    got, out, err = run("replay", "--flax", "0.10.2")
    assert (got, out) == (code, "")
    assert said in err


# --- the range ------------------------------------------------------------------------------


def test_update_writes_what_was_seen(run: Run, file: Path, elsewhere: Put) -> None:
    elsewhere(every(lambda flax: "regressed" if flax in ("0.10.3", "0.10.4") else "passes"))
    before = corpus.load(file)
    code, out, err = run("replay", "--flax", "0.10.*", "--update")
    assert (code, err) == (1, "")
    after = corpus.load(file)
    assert after.affected == Affected(THREE, Sighting("0.10.5", "0.5.3"))
    assert after == msgspec.structs.replace(before, affected=after.affected)
    assert out.endswith(
        f"recorded           {file}: from 0.10.3 (jax 0.5.0) to before 0.10.5 (jax 0.5.3)\n"
    )
    text = file.read_bytes()
    assert "recorded " not in run("replay", "--flax", "0.10.*", "--update")[1]
    assert file.read_bytes() == text


def test_an_entry_that_cannot_be_written_is_told(
    run: Run, file: Path, elsewhere: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(corpus, "write_whole", full)
    elsewhere({ENV_2: "passes"})
    code, _, err = run("replay", "--flax", "0.10.2", "--update")
    assert code == 2
    assert err == (
        f"nnxfuzz: cannot write {file}: No space left on device; "
        "make room there, or check that you may write\n"
    )


@needs_tree  # a release with tree mode has #4436 mended
def test_update_without_flax_records_the_installed_one(run: Run, tmp_path: Path) -> None:
    here = Sighting(nnx_api.FLAX, nnx_api.JAX)
    found = FoundWith("0.10.2", "0.4.35", "0.1.0", "3.11")
    entry = msgspec.structs.replace(REFUSED, affected=None, found_with=found)
    path = corpus.save(entry, tmp_path)  # of 0.10.2 only, and this one is newer
    code, out, _ = run("replay", path, "--update")
    assert code == 0
    assert corpus.load(path).affected == Affected(None, here)
    assert f"recorded           {path}: from an unknown release to before " in out


def test_without_update_nothing_is_written(run: Run, file: Path, elsewhere: Put) -> None:
    elsewhere(every(lambda flax: "regressed"))
    text = file.read_bytes()
    assert run("replay", "--flax", "*")[0] == 1
    assert file.read_bytes() == text


# --- really ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_bug_of_one_release_shows_there_only(tmp_path: Path) -> None:
    """Started in a folder that looks like a checkout of flax: it is not what is imported."""
    (tmp_path / "flax").mkdir()
    (tmp_path / "flax" / "__init__.py").write_text("raise ImportError('the wrong one')")
    command = [sys.executable, "-P", "-m", "nnxfuzz", "replay", str(REAL), *PAIR, "--json"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"JAX_PLATFORMS": "cpu"},
    )
    assert (done.returncode, done.stderr) == (0, "")
    cells = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(cell["flax"], cell["outcome"]) for cell in cells] == [
        ("0.10.2", "still fails"),
        ("0.10.3", "passes"),
    ]
