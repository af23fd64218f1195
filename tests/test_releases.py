"""The table of Flax releases, what `--flax` stands for, and `nnxfuzz releases`."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from commands import Run, assert_refused, runner
from elsewhere_tools import Put, every

import nnxfuzz
from nnxfuzz.corpus.entries import Sighting
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.programs.versions import OLDEST, version
from nnxfuzz.releases import environments
from nnxfuzz.releases import table as releases
from nnxfuzz.releases.elsewhere import Installation, environ, prepare
from nnxfuzz.releases.table import RELEASES, environment, release
from nnxfuzz.releases.targets import Target, targets

KNOWN = ", ".join(row.flax for row in RELEASES)
ONE_OF = f"name a range such as '0.12.*', or one of {KNOWN}"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return runner(capsys)


# --- the table ------------------------------------------------------------------------------


def test_each_release_has_one_row_in_order() -> None:
    flax = [version(row.flax) for row in RELEASES]
    assert flax == sorted(set(flax))


def test_jax_never_goes_back() -> None:
    jax = [version(row.jax) for row in RELEASES]
    assert jax == sorted(jax)


def test_the_table_begins_with_the_oldest_release_that_is_supported() -> None:
    assert RELEASES[0].flax == OLDEST


@pytest.mark.parametrize("row", RELEASES, ids=lambda row: row.flax)
def test_a_row_names_versions(row: releases.Release) -> None:
    assert re.fullmatch(r"0\.\d+\.\d+", row.flax)
    assert re.fullmatch(r"0\.\d+\.\d+(\.\d+)?", row.jax)
    assert row.pythons
    assert all(re.fullmatch(r"3\.1\d", python) for python in row.pythons)
    assert release(row.flax) is row


@pytest.mark.parametrize("flax", ["9.9.9", "0.12", "", "../x"])
def test_a_release_that_is_not_known_is_told(flax: str, tmp_path: Path) -> None:
    for call in (release, releases.releases, lambda flax: environment(flax, tmp_path)):
        with pytest.raises(Misuse) as raised:
            call(flax)
        assert str(raised.value) == (f"flax {flax} is not a release that nnxfuzz knows; {ONE_OF}")
    assert list(tmp_path.iterdir()) == []


# --- what --flax stands for -----------------------------------------------------------------

NEWEST = RELEASES[-1].flax


@pytest.mark.parametrize(
    ("words", "labels"),
    [
        (["0.10.2"], ["0.10.2"]),
        (["latest"], [NEWEST]),
        (["0.11.*"], ["0.11.0", "0.11.1", "0.11.2"]),
        (["latest", "0.11.2", "0.11.*"], [NEWEST, "0.11.2", "0.11.0", "0.11.1"]),
        (["*"], [row.flax for row in RELEASES]),
        (["0.12.1?"], ["0.12.10", "0.12.11", "0.12.12"]),
    ],
)
def test_releases_are_named_each_once(words: list[str], labels: list[str]) -> None:
    found = targets(words)
    assert [target.label for target in found] == labels
    assert all(target.release and target.release.flax == target.label for target in found)


def test_a_folder_does_not_hide_a_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("0.10.2", "latest", "flax"):
        checkout(Path(name), "0.12.0")
    assert [t.label for t in targets(["0.10.2", "latest", "flax"])] == ["0.10.2", NEWEST, "flax"]
    assert targets([str(Path("0.10.2").absolute())])[0].overlay == str(tmp_path / "0.10.2" / "flax")


def test_each_jax_is_another_environment() -> None:
    own, other, same = (targets(["0.12.0"], jax)[0] for jax in (None, "0.8.1", "0.7.2"))
    assert same == own
    assert own.recipes[0].name == "flax-0.12.0-jax-0.7.2"
    assert own.recipes[0].packages == ("flax==0.12.0", "jax==0.7.2", "jaxlib==0.7.2")
    assert own.recipes[0].pythons == ("3.11",)
    assert other.label == "0.12.0 jax 0.8.1"
    assert other.release == Sighting("0.12.0", "0.8.1")
    assert other.recipes[0].name == "flax-0.12.0-jax-0.8.1"
    assert other.recipes[0].packages == ("flax==0.12.0", "jax==0.8.1", "jaxlib==0.8.1")
    assert other.recipes[0].pythons == ("3.11", "3.12")  # a newer jax may need a newer Python


@pytest.mark.parametrize(
    ("here", "jax", "tried"),
    [
        ("3.11", None, ("3.11", "3.12")),
        ("3.12", None, ("3.12", "3.11")),
        ("3.13", None, ("3.11", "3.12")),
        ("3.12", "0.11.1", ("3.12", "3.11")),
    ],
)
def test_this_python_comes_first_where_the_release_ran_on_it(
    here: str, jax: str | None, tried: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "HERE", here)
    assert targets(["0.12.8"], jax)[0].recipes[0].pythons == tried
    assert targets(["0.12.9"], "0.10.2")[0].recipes[0].pythons[0] == "3.12"


def checkout(folder: Path, version: str) -> Path:
    (folder / "flax").mkdir(parents=True)
    (folder / "flax" / "version.py").write_text(f"__version__ = '{version}'\n")
    (folder / "pyproject.toml").write_text("[project]\n")
    return folder


@pytest.mark.parametrize(
    ("version", "tried"),
    [
        ("0.11.2", ["0.7.1", RELEASES[-1].jax]),
        ("0.12.0.dev1", ["0.7.2", RELEASES[-1].jax]),
        ("0.13.0", [RELEASES[-1].jax]),
        ("0.1.0", [RELEASES[-1].jax]),
    ],
)
def test_a_checkout_runs_with_the_jax_of_its_version_or_the_latest(
    version: str, tried: list[str], tmp_path: Path
) -> None:
    path = checkout(tmp_path / "mine", version)
    (target,) = targets([str(path)])
    assert [recipe.packages[-1] for recipe in target.recipes] == [f"jaxlib=={j}" for j in tried]
    assert all(f"{path}/pyproject.toml" in recipe.packages for recipe in target.recipes)
    assert (target.label, target.release) == ("mine", None)
    assert target.overlay == str(path / "flax")
    (target,) = targets([str(path)], "0.9.0")
    assert [recipe.packages[-1] for recipe in target.recipes] == ["jaxlib==0.9.0"]


def test_a_checkout_that_asks_for_something_else_is_another_environment(tmp_path: Path) -> None:
    names = set()
    for folder in ("a", "b"):
        path = checkout(tmp_path / folder, "0.12.0")
        names.add(targets([str(path)])[0].recipes[0].name)
    (path / "pyproject.toml").write_text("[project]\ndependencies = []\n")
    os.utime(path / "pyproject.toml", (1, 1))
    names.add(targets([str(path)])[0].recipes[0].name)
    assert len(names) == 3


def test_a_wheel_is_installed(tmp_path: Path) -> None:
    path = tmp_path / "flax-0.12.1-py3-none-any.whl"
    path.touch()
    (target,) = targets([str(path)])
    assert target.label == "0.12.1 wheel"
    assert target.release is None
    assert target.recipes[0].packages == (str(path), "jax==0.8.1", "jaxlib==0.8.1")
    assert re.fullmatch(r"flax-wheel-[0-9a-f]{8}-jax-0\.8\.1", target.recipes[0].name)


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("{}/none", "{}/none does not exist; name a flax release, a checkout or a wheel"),
        (
            "{}",
            "{} is no checkout of flax; name a folder with flax/version.py and pyproject.toml",
        ),
        (
            "{}/x.whl",
            "{}/x.whl is no wheel of flax; name a file such as flax-0.12.0-py3-none-any.whl",
        ),
        ("0.13.*", f"flax 0.13.* is not a release that nnxfuzz knows; {ONE_OF}"),
    ],
)
def test_what_is_no_flax_is_told(word: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(Misuse) as raised:
        targets([word.format(tmp_path)])
    assert str(raised.value) == sentence.format(tmp_path)


# --- where it runs --------------------------------------------------------------------------


def test_the_next_recipe_is_tried_where_one_cannot_be_made(
    elsewhere: Put, user_cache: Path
) -> None:
    made = elsewhere({"flax-0.10.3-jax-0.5.0": "passes"})
    two = tuple(target.recipes[0] for target in targets(["0.10.2", "0.10.3"]))
    place = prepare(Target("two", two, overlay="/x/flax"), user_cache)
    assert place.python.endswith("flax-0.10.3-jax-0.5.0")
    assert place.overlays == ("/x/flax",)
    with pytest.raises(Misuse, match=r"flax 0\.10\.2 with jax 0\.4\.35 cannot be installed"):
        prepare(Target("one", two[:1]), user_cache)
    assert made.made == [*two, two[0]]


def test_a_process_there_sees_our_code_and_nothing_else_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")
    mine = checkout(tmp_path / "mine", "0.12.0")
    for _ in range(2):  # what is there already will do
        variables = environ(Installation("python", (str(mine / "flax"),)), tmp_path / "cache")
    first, second = map(Path, variables["PYTHONPATH"].split(os.pathsep))
    assert [path.name for path in first.iterdir()] == ["flax"]
    assert (first / "flax").resolve() == mine / "flax"
    assert [path.name for path in second.iterdir()] == ["nnxfuzz"]
    assert (second / "nnxfuzz").resolve() == Path(nnxfuzz.__file__).resolve().parent
    assert "PYTHONHOME" not in variables
    assert variables["JAX_PLATFORMS"] == "cpu"


# --- nnxfuzz releases -----------------------------------------------------------------------


def test_releases_alone_shows_its_help(run: Run) -> None:
    code, out, err = run("releases")
    assert (code, out) == (2, "")
    assert err.startswith("Usage: nnxfuzz releases [OPTIONS] [COMMAND] [ARGS]...")


def test_list_tells_what_is_known_and_what_is_there(run: Run, user_cache: Path) -> None:
    for name, files in (
        ("flax-0.12.8-jax-0.10.2-py3.12", ["ready"]),
        ("flax-0.12.9-jax-0.11.1-py3.12", []),
        ("flax-0.10.2-jax-0.5.0-py3.11", ["ready"]),
        ("packages", []),
    ):
        folder = user_cache / name
        (folder / ("other" if name == "packages" else "bin")).mkdir(parents=True)
        (folder / "data").write_bytes(b"x" * 3 * 2**20)
        for file in files:
            (folder / file).touch()
    code, out, err = run("releases", "list")
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["flax", "jax", "python", "installed", "size"]
    assert ["0.12.8", "0.10.2", "3.11,", "3.12", "3.12", "3", "MB"] in lines
    assert ["0.12.9", "0.11.1", "3.12", "3.12", "(half)", "3", "MB"] in lines
    assert ["0.10.2", "0.4.35", "3.11", "no"] in lines
    assert ["flax-0.10.2-jax-0.5.0-py3.11", "3", "MB"] in lines
    assert lines[-1] == [f"{user_cache}:", "12", "MB"]
    assert len(lines) == 1 + len(RELEASES) + 1 + 2


def test_install_says_where(run: Run, elsewhere: Put) -> None:
    made = elsewhere(every(lambda flax: "passes"))
    code, out, err = run("releases", "install", "0.10.2", "0.11.*")
    assert (code, err) == (0, "")
    names = [Path(line.split()[1]).name for line in out.splitlines()]
    assert names == [recipe.name for recipe in made.made]
    assert [line.split()[0] for line in out.splitlines()] == [
        "0.10.2",
        "0.11.0",
        "0.11.1",
        "0.11.2",
    ]
    assert run("releases", "install", "0.10.2", "--jax", "0.5.0")[0] == 2
    assert made.made[-1].name == "flax-0.10.2-jax-0.5.0"


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ([], []),
        (["0.10.*"], ["flax-0.12.8-jax-0.10.2-py3.12", "packages"]),
        (["0.10.3", "flax-0.10.2-jax-0.5.0-py3.11"], [2, 3, "packages"]),
        (["0.11.0"], [0, 1, 2, 3, "packages"]),
    ],
)
def test_clean_removes_what_is_named(
    words: list[str], left: list[str | int], run: Run, user_cache: Path
) -> None:
    names = [f"flax-0.10.2-jax-{jax}-py3.11" for jax in ("0.4.35", "0.5.0")]
    names = [names[1], *names[:1], "flax-0.12.8-jax-0.10.2-py3.12"]
    names.insert(1, "flax-0.10.3-jax-0.5.0-py3.11")
    for name in names:
        (user_cache / name / "bin").mkdir(parents=True)
        (user_cache / name / "ready").touch()
    (user_cache / "packages").mkdir()
    code, out, err = run("releases", "clean", *words)
    assert (code, err) == (0, "")
    kept = [names[name] if isinstance(name, int) else name for name in left]
    there = {path.name for path in user_cache.iterdir()} - {"locks"}
    assert there == set(kept)
    gone = len(names) - len(there - {"packages"})
    assert out == f"removed {gone} of 4 environments, 0 MB\n"


def test_clean_of_what_is_not_known_is_told(run: Run, user_cache: Path) -> None:
    sentence = f"flax 0.9 is not a release that nnxfuzz knows; {ONE_OF}"
    assert_refused(run("releases", "clean", "0.9"), sentence)


# --- really ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_release_is_really_installed(tmp_path: Path) -> None:
    (target,) = targets(["0.10.3"])
    place = prepare(target, tmp_path)
    code = "from nnxfuzz.nnx_api import FLAX, JAX; print(FLAX, JAX)"
    command = [place.python, "-P", "-c", code]
    there = environ(place, tmp_path)
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=there)
    assert done.stdout.split() == ["0.10.3", "0.5.0"]
