"""What jax compiles is kept in the user's cache folder: it changes no verdict, and has a bound."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nnxfuzz.cli.installed import keep_loading_quiet
from nnxfuzz.nnx_api.compiled import OFF, bound
from nnxfuzz.releases.table import environment

#: How loud XLA is.
LEVEL = "TF_CPP_MIN_LOG_LEVEL"

#: Judges a few programs as a campaign confirms them, and tells the verdicts and what was compiled.
SCRIPT = """
import sys
from pathlib import Path

from drawn import drawn_call_programs
from rich_cases import RICH
from nnxfuzz import nnx_api

folder = nnx_api.keep_compiled()
from nnxfuzz.oracle.arithmetic import Inconclusive
from nnxfuzz.programs.case import MODES, TRANSFORMS
from nnxfuzz.runners.kinds import kind_of

for program in [*drawn_call_programs("jit", 6), *list(RICH.values())[:4]]:
    kind = kind_of(program)
    judging = kind.judging(program)
    transforms = (*TRANSFORMS, "jit")
    for arm in kind.arms(program, transforms, MODES):
        for executor in kind.confirming(program)[:1]:
            try:
                print(arm, judging.verdict(arm, executor, None))
            except Inconclusive as error:
                print(arm, error)
print(folder, file=sys.stderr)
"""


def judged(home: Path, **others: str) -> tuple[str, str]:
    """The verdicts that a new process comes to, and the folder that it keeps things in."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("JAX_", "NNXFUZZ_"))}
    environ |= {"JAX_PLATFORMS": "cpu", "XDG_CACHE_HOME": str(home)} | others
    environ["PYTHONPATH"] = str(Path(__file__).parent)
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    verdicts = re.sub(r" at 0x[0-9a-f]+", "", ran.stdout)  # of a function, in Flax's words
    return verdicts, ran.stderr.strip().splitlines()[-1]


def kept(home: Path) -> set[Path]:
    return set(home.rglob("*-cache"))


@pytest.mark.slow
def test_verdicts_are_the_same_without_and_with_what_was_kept(tmp_path: Path) -> None:
    cold, folder = judged(tmp_path)
    files = kept(tmp_path)
    assert Path(folder).is_relative_to(tmp_path) and files
    warm, _ = judged(tmp_path)
    assert kept(tmp_path) == files  # nothing was compiled again
    without, nowhere = judged(tmp_path / "other", **{OFF: "1"})
    assert nowhere == "None" and not kept(tmp_path / "other")
    assert cold == warm == without != ""


def test_a_folder_that_the_user_gives_jax_is_left_alone(tmp_path: Path) -> None:
    ask = "from nnxfuzz import nnx_api; import jax; nnx_api.keep_compiled(); c = jax.config\n"
    ask += "print(c.jax_compilation_cache_dir, c.jax_persistent_cache_min_compile_time_secs)"
    own = {"JAX_COMPILATION_CACHE_DIR": "mine", "XDG_CACHE_HOME": str(tmp_path)}
    environ = {k: v for k, v in os.environ.items() if not k.startswith("JAX_")} | own
    command = [sys.executable, "-W", "ignore", "-c", ask]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert ran.stdout == "mine 1.0\n"
    assert not list(tmp_path.iterdir())


#: A loop whose number of trips XLA does not know; it takes the jaxlib for one whose cache is wrong.
LOOP = """
import sys, jax
from importlib.metadata import version
from nnxfuzz import nnx_api
from nnxfuzz.nnx_api import compiled

if "wrong" in sys.argv:
    compiled._WRONG = (version("jaxlib"),)
assert nnx_api.keep_compiled() is None
print(jax.jit(lambda x: jax.lax.while_loop(lambda y: y < 10, lambda y: y * 2, x))(3))
"""


@pytest.mark.slow
def test_where_the_cache_is_wrong_none_is_used_nor_the_users(tmp_path: Path) -> None:
    always = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
    environ = os.environ | always | {"JAX_COMPILATION_CACHE_DIR": str(tmp_path)}
    for argument, files in (("wrong", False), ("right", True)):
        command = [sys.executable, "-W", "ignore", "-c", LOOP, argument]
        ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        assert ran.stdout == "12\n"
        assert bool(kept(tmp_path)) == files


@pytest.mark.slow
def test_a_loop_runs_twice_on_the_release_whose_cache_loses_it(tmp_path: Path) -> None:
    always = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
    environ = os.environ | always | {"JAX_COMPILATION_CACHE_DIR": str(tmp_path)}
    command = [str(environment("0.10.4")), "-P", "-W", "ignore", "-c", LOOP]
    environ["PYTHONPATH"] = str(Path(__file__).parent.parent)
    for _ in range(2):
        ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        assert ran.stdout == "12\n"


@pytest.mark.parametrize(("limit", "left"), [(100, 10), (99, 4)])
def test_the_oldest_files_are_deleted(tmp_path: Path, limit: int, left: int) -> None:
    for k in range(10):
        path = tmp_path / f"{k % 2}" / f"{k}"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(bytes(10))
        os.utime(path, (k, k))
    bound(tmp_path, limit)
    files = sorted(int(path.name) for path in tmp_path.rglob("*") if path.is_file())
    assert files == list(range(10))[-left:]


@pytest.mark.parametrize(
    ("jaxlib", "asked", "level"),
    [("0.9.2", None, "3"), ("0.8.3", "0", "0"), ("0.10.2", None, None), ("0.7.2", None, None)],
)
def test_what_old_releases_print_of_each_executable_is_kept_back(
    jaxlib: str, asked: str | None, level: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: jaxlib)
    monkeypatch.setenv(LEVEL, asked or "")  # so that it is put back
    if asked is None:
        monkeypatch.delenv(LEVEL)
    keep_loading_quiet()
    assert os.environ.get(LEVEL) == level
