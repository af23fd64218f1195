"""Environments in the cache: made once, by one process, again if they are not whole."""

import re
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from elsewhere_tools import UV, FakeUv

from nnxfuzz import __version__
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases import environments
from nnxfuzz.releases.environments import HERE, NEEDED, Recipe, make

RECIPE = Recipe("flax-1-jax-2", ("flax==1", "jax==2"), (HERE,), "flax 1 with jax 2")


def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / f"flax-1-jax-2-py{HERE}"


def made(tmp_path: Path, recipe: Recipe = RECIPE) -> Path:
    return make(recipe, tmp_path / "cache")


def test_an_environment_is_made_once(fake_uv: FakeUv, tmp_path: Path) -> None:
    log = fake_uv(UV)
    assert made(tmp_path) == folder(tmp_path) / "bin" / "python"
    venv, install = log.read_text().splitlines()
    assert venv == f"venv --quiet --python {sys.executable} {folder(tmp_path)}"
    python = folder(tmp_path) / "bin" / "python"
    assert install.startswith(f"pip install --quiet --python {python} flax==1 jax==2 msgspec==")
    assert made(tmp_path) == python
    assert len(log.read_text().splitlines()) == 2


def test_an_environment_has_what_nnxfuzz_needs() -> None:
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())
    names = {re.split("[<>=!~]", word)[0] for word in project["project"]["dependencies"]}
    assert names - {"flax", "jax", "jaxlib", "numpy", "optax"} == set(NEEDED)


@pytest.mark.parametrize("ready", ["", "0.0.1\nmsgspec\n", f"{__version__}\nmsgspec\nextra\n"])
def test_an_environment_of_an_older_nnxfuzz_gets_what_it_lacks(
    ready: str, fake_uv: FakeUv, tmp_path: Path
) -> None:
    log = fake_uv(UV)
    made(tmp_path)
    log.unlink()
    (folder(tmp_path) / "ready").write_text(ready)
    made(tmp_path)
    (install,) = log.read_text().splitlines()
    python = folder(tmp_path) / "bin" / "python"
    assert install.startswith(f"pip install --quiet --python {python} msgspec==")
    assert {*NEEDED, *ready.split()[1:]} <= set((folder(tmp_path) / "ready").read_text().split())
    made(tmp_path)
    assert len(log.read_text().splitlines()) == 1


def test_another_python_is_tried_where_one_will_not_do(fake_uv: FakeUv, tmp_path: Path) -> None:
    log = fake_uv(UV + 'case "$*" in *py3.99*) echo "error: no 3.99" >&2; exit 1;; esac\n')
    recipe = Recipe("flax-1", ("flax==1",), ("3.99", HERE), "flax 1")
    python = make(recipe, tmp_path / "cache")
    assert python.parent.parent.name == f"flax-1-py{HERE}"
    log.unlink()
    only = Recipe("flax-1", ("flax==1",), ("3.99",), "flax 1")
    with pytest.raises(Misuse, match=r"flax 1 cannot be installed \(error: no 3\.99\); check"):
        make(only, tmp_path / "cache")
    assert log.read_text().startswith("venv --quiet --python 3.99 ")  # for uv to find


def test_what_is_in_the_cache_comes_before_what_would_be_made(
    fake_uv: FakeUv, tmp_path: Path
) -> None:
    there = tmp_path / "cache" / "flax-1-jax-2-py3.99"
    there.mkdir(parents=True)
    (there / "ready").write_text("\n".join([__version__, *NEEDED]))
    fake_uv("#!/bin/sh\nexit 1\n")
    recipe = Recipe("flax-1-jax-2", (), (HERE, "3.99"), "flax 1")
    assert made(tmp_path, recipe) == there / "bin" / "python"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'warning: slow' >&2; echo 'error: no index' >&2; exit 2", "error: no index"),
        ("echo >&2; echo 'out of luck' >&2; echo more >&2; exit 1", "out of luck"),
        ("echo '  x No solution:' >&2; echo '  ╰─▶ Because a b' >&2; exit 1", "Because a b"),
        (
            "echo 'error: No solution' >&2; "
            "echo '  cause: Because of a, we can conclude b.' >&2; echo '  cause: c' >&2; exit 1",
            "Because of a",
        ),
        ("exit 1", "uv said nothing"),
    ],
)
def test_what_uv_cannot_do_is_told(script: str, why: str, fake_uv: FakeUv, tmp_path: Path) -> None:
    fake_uv(f"#!/bin/sh\n{script}\n")
    with pytest.raises(Misuse) as raised:
        made(tmp_path)
    assert str(raised.value) == (
        f"flax 1 with jax 2 cannot be installed ({why}); "
        "check the package index, or use a release that is in the cache"
    )


def test_a_uv_that_does_not_run_is_told(fake_uv: FakeUv, tmp_path: Path) -> None:
    fake_uv("#!/nowhere\n")
    with pytest.raises(Misuse, match=r"^uv does not run \(.*\); run pip install --force-"):
        made(tmp_path)


def test_a_cache_that_cannot_be_written_is_told(fake_uv: FakeUv, tmp_path: Path) -> None:
    fake_uv(UV)
    (tmp_path / "cache").touch()
    with pytest.raises(Misuse) as raised:
        made(tmp_path)
    assert str(raised.value) == (
        f"cannot write to {tmp_path / 'cache'}: Not a directory; make room there, "
        "or name another cache folder in XDG_CACHE_HOME"
    )


def test_what_cannot_be_installed_leaves_nothing(fake_uv: FakeUv, tmp_path: Path) -> None:
    fake_uv(UV + 'if [ "$1" = pip ]; then exit 1; fi\n')
    with pytest.raises(Misuse):
        made(tmp_path)
    assert environments.made(tmp_path / "cache") == []


def test_half_an_environment_is_made_anew(fake_uv: FakeUv, tmp_path: Path) -> None:
    half = folder(tmp_path) / "bin" / "half"
    half.parent.mkdir(parents=True)
    half.touch()
    assert [one.whole for one in environments.made(tmp_path / "cache")] == [False]
    fake_uv(UV)
    made(tmp_path)
    assert not half.exists()
    assert [one.whole for one in environments.made(tmp_path / "cache")] == [True]


#: Makes an environment, as another process would.
MAKER = """
import sys
import uv
from pathlib import Path
from nnxfuzz.releases.environments import Recipe, make
program, cache, name, packages, python, told = sys.argv[1:]
uv.find_uv_bin = lambda: program
print(make(Recipe(name, (packages,), (python,), told), Path(cache)))
"""


def test_processes_that_want_the_same_environment_make_it_once(
    fake_uv: FakeUv, tmp_path: Path
) -> None:
    log = fake_uv(UV + "sleep 0.3\n")  # long enough that all of them are there
    words = (tmp_path / "uv", tmp_path / "cache", "flax-1-jax-2", "flax==1", HERE, "flax 1")
    command = [sys.executable, "-c", MAKER, *map(str, words)]

    def one(_: int) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    with ThreadPoolExecutor(3) as pool:
        said = set(pool.map(one, range(3)))
    assert said == {f"{folder(tmp_path)}/bin/python\n"}
    assert [line.split()[0] for line in log.read_text().splitlines()] == ["venv", "pip"]


def test_an_index_that_cannot_be_reached_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_NO_CONFIG", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    with pytest.raises(Misuse) as raised:
        made(tmp_path)
    told = str(raised.value)
    assert told.startswith("flax 1 with jax 2 cannot be installed (")
    assert told.endswith("); check the package index, or use a release that is in the cache")
    assert "\n" not in told
