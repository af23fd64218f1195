"""`nnxfuzz check`: programs run as under `python`; what goes wrong is told in a sentence."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

LOST = """\
import os, sys
import jax.numpy as jnp
from flax import nnx
from flax.nnx import scan

def body(x, n):
    n.set_value(n[...] + 1)
    return x

n = nnx.Variable(jnp.array(0))
print(sys.argv[1:], __name__, __file__ == os.path.abspath(sys.argv[0]))
scan(body, in_axes=(nnx.Carry, None), out_axes=nnx.Carry, length=2)(jnp.array(1.0), n)
"""

#: A program in which a transform of Flax loses an update.
BUGGY = """\
import jax.numpy as jnp
from flax.nnx import extract
extract.apply_updates = lambda variables, updates: None
from flax import nnx

def step(n):
    n.set_value(n[...] + 1)

n = nnx.Variable(jnp.array(0))
nnx.jit(step, graph_updates=False)(n)
"""


#: A program that has a mistake in nnxfuzz show.
OURS = """\
import jax.numpy as jnp
from flax import nnx
from nnxfuzz.plain import calls
calls.entered = None
nnx.jit(lambda x: x)(jnp.array(0))
"""


def check(folder: Path, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run `nnxfuzz check` in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "nnxfuzz", "check", *words],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )


def test_a_script_runs_as_under_python_and_is_judged(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(LOST)
    junit, page = tmp_path / "report.xml", tmp_path / "report.html"
    files = ("--junit-xml", str(junit), "--html", str(page))
    done = check(tmp_path, "--json", "--modes", "all", *files, "train.py", "--json", "x")
    told = "nnxfuzz: train.py is given --json; options of nnxfuzz come before the program\n"
    assert (done.returncode, done.stderr) == (0, told)
    first, *_, last = done.stdout.splitlines()
    assert first == "['--json', 'x'] __main__ True"
    report = json.loads(last)
    (site,) = report["sites"]
    assert (site["file"], site["line"], site["transform"]) == ("train.py", 12, "scan")
    (verdict,) = site["verdicts"]["graph"]
    assert (verdict["kind"], verdict["told"]) == ("deviates", "drops the update of `n`")
    (first_case, *_) = ET.parse(junit).getroot()
    assert first_case.get("name", "").startswith("train.py:12")
    assert "train.py:12" in page.read_text()


def test_a_finding_is_exit_code_1_and_is_not_saved_if_not_wanted(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(BUGGY)
    done = check(tmp_path, "--no-save", "train.py")
    assert done.returncode == 1
    assert "script" not in done.stdout
    assert not (tmp_path / "finds").exists()
    assert "train.py:10 nnx.jit, graph-frozen: different\n  n is 1 in Python, 0 with Flax" in (
        done.stdout
    )


def test_a_function_is_called(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text(
        "def train():\n    import jax.numpy as jnp\n    from flax import nnx\n"
        "    nnx.jit(lambda x: x)(jnp.array(1))\n"
    )
    done = check(tmp_path, "model:train")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 calls: 2 same" in done.stdout


#: A program, the words after `nnxfuzz check`, the exit code, and what is said.
ENDS = {
    "exits": ("import sys; sys.exit(3)", 2, "p.py exited with code 3\n"),
    "says why": ("import sys; sys.exit('no data')", 2, "no data\nnnxfuzz: p.py exited with code 1"),
    "raises what has no text": (
        "class E(Exception):\n    def __str__(self): 1 / 0\nraise E",
        2,
        "p.py raised E\n",
    ),
    "raises": ("def f():\n    1 / 0\nf()", 2, "p.py raised ZeroDivisionError: division by zero\n"),
    "raises after a call": (
        "import jax.numpy as jnp\nfrom flax import nnx\nnnx.jit(lambda x: x)(jnp.array(1))\n"
        "raise ValueError('no data:')",
        2,
        "p.py raised ValueError: no data; the calls up to then were judged\n",
    ),
    "is killed": (
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        2,
        "p.py was killed by signal 9 (SIGKILL), so that there is no report; find out what sent it",
    ),
    "leaves": ("import os; os._exit(0)", 2, "p.py ended its process with code 0 before the report"),
    "calls nothing": ("print('hi')", 0, "hi\n\nno call of an NNX transform was seen"),
    "reads": ("print(input())", 0, "typed\n\nno call of an NNX transform was seen"),
    "forks": (
        "import os\nif os.fork() == 0: print('child', flush=True)\nelse: os.wait()",
        0,
        "child\n\nno call of an NNX transform was seen",
    ),
    "closes its output": (
        "import os, sys; os.chdir('/'); sys.stdout.close()",
        0,
        "\nno call of an NNX transform was seen",
    ),
    "forks one that exits": (
        "import os, sys\nif os.fork() == 0: sys.exit(7)\n"
        "print(os.waitstatus_to_exitcode(os.wait()[1]))",
        0,
        "7\n\nno call of an NNX transform was seen",
    ),
    "is no Python": ("def f(:", 2, "p.py is no Python: invalid syntax (p.py, line 1); correct it"),
}


@pytest.mark.parametrize("name", ENDS)
def test_however_a_program_ends(name: str, tmp_path: Path) -> None:
    text, code, told = ENDS[name]
    (tmp_path / "p.py").write_text(text + "\n")
    done = check(tmp_path, "p.py", text="typed\n")
    assert done.returncode == code
    assert told in done.stdout + done.stderr
    assert done.stderr.count("nnxfuzz:") == (code != 0)
    assert done.stdout.count("no call of an NNX transform") <= 1


@pytest.mark.parametrize(
    ("text", "kinds", "told"),
    [
        ("", "unseen", "no call"),
        ("", "refused,not-judged", None),
        ("nnx.jit(lambda x: x)(jnp.array(1))", "unseen,deviates,refused", None),
        ("seen = []\nnnx.jit(lambda x: seen.append(x.ndim))(jnp.array(1))", "unseen", None),
        ("nnx.jit(nnx.Dict(a=nnx.Param(jnp.array(1))).__getitem__)('a')", "refused", "1 refused"),
    ],
)
def test_what_is_no_finding_fails_if_it_is_asked_for(
    text: str, kinds: str, told: str | None, tmp_path: Path
) -> None:
    lines = "import contextlib\nimport jax.numpy as jnp\nfrom flax import nnx\n"
    body = "".join(f"    {line}\n" for line in [*text.split("\n"), "pass"])
    (tmp_path / "p.py").write_text(f"{lines}with contextlib.suppress(Exception):\n{body}")
    done = check(tmp_path, "--fail-on", kinds, "p.py")
    assert done.returncode == (0 if told is None else 1), done.stdout
    failed = f"nnxfuzz: p.py fails for {told} (--fail-on)\n"
    assert done.stderr == ("" if told is None else failed)


def test_what_it_can_fail_on_is_named(tmp_path: Path) -> None:
    done = check(tmp_path, "--fail-on", "warnings", "p.py")
    assert done.returncode == 2
    assert "there is no 'warnings' to fail on; name some of deviates, refused, " in done.stderr


def test_an_option_of_nnxfuzz_behind_the_program_is_told(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("import sys; print(sys.argv[1:])\n")
    done = check(tmp_path, "p.py", "--modes", "all")
    assert done.returncode == 0 and "['--modes', 'all']" in done.stdout
    assert done.stderr == (
        "nnxfuzz: p.py is given --modes; options of nnxfuzz come before the program\n"
    )


def test_a_folder_that_cannot_be_made_is_refused_before_the_program_runs(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("print('ran')\n")
    done = check(tmp_path, "--save", "/proc/finds", "p.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("nnxfuzz: cannot save findings in /proc/finds: ")
    assert done.stderr.endswith("; name another folder with --save\n")


def test_a_report_whose_folder_the_program_deletes_is_told(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("import shutil; shutil.rmtree('out')\n")
    (tmp_path / "out").mkdir()
    done = check(tmp_path, "--junit-xml", "out/x.xml", "p.py")
    assert done.returncode == 2
    assert "no call of an NNX transform was seen" in done.stdout
    assert done.stderr.startswith("nnxfuzz: cannot write ")
    assert done.stderr.endswith("out/x.xml: No such file or directory; name another file\n")


#: What cannot be run: the words, and the sentence.
REFUSED = {
    ("nothing.py",): "there is no script nothing.py; name a file, or package.module:function",
    ("m:f",): "m:f needs the arguments a; name a function without any that makes them",
    ("m:g",): "m:g does not import (AttributeError: module 'm' has no attribute 'g'); name",
    ("m:x",): "m:x is no function; name one",
    ("m:f", "3"): "m:f is a function and gets no arguments; leave out 3",
    ("broken:f",): "broken:f does not import (ModuleNotFoundError: No module named 'absent'); name",
    ("-m", "absent"): "there is no module absent; name one that python -m would run",
    ("--quux", "m.py"): "there is no option --quux; see nnxfuzz check --help",
    ("--junit-xml", "no/x", "m.py"): "cannot write no/x: No such file or directory; name a file",
    ("m.py:f",): "m.py:f names a file; write the module as in import: m:f",
    ("m:",): "m: lacks a name; write package.module:function",
    ("m:later",): "m:later does nothing until it is awaited or iterated; name a function",
    ("-m", "package"): "package is a package without a __main__; name a module in it",
    ("",): "there is no script ''; name a file, or package.module:function",
    ("--rtol", "-1", "m.py"): "'--rtol': '-1' will not do; give a number from 0 on, such as 1e-5",
    ("--atol", "nan", "m.py"): "'--atol': 'nan' will not do; give a number from 0 on",
    (".",): ". is a folder without a __main__.py; name a script in it",
}


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
def test_what_cannot_be_run_is_a_sentence(words: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("def f(a, b=1): ...\nx = 1\nasync def later(): ...\n")
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "broken.py").write_text("import absent\n")
    done = check(tmp_path, *words)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("nnxfuzz: ")
    assert REFUSED[words] in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_jax_is_not_imported_before_the_program_does_it(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("import sys\nprint({'jax', 'numpy'} & sys.modules.keys())\n")
    assert check(tmp_path, "p.py").stdout.startswith("set()\n")


def test_a_python_without_unsafe_paths_finds_what_it_finds_otherwise(tmp_path: Path) -> None:
    """With `-P` the first entry of the path is none of the command's, and stays."""
    for name in ("beside", "elsewhere"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.py").write_text("")
    script = tmp_path / "beside" / "train.py"
    script.write_text("import beside, elsewhere\nprint('found')\n")
    paths = [str(tmp_path / "elsewhere"), *filter(None, sys.path)]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "nnxfuzz", "check", str(script)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    assert done.stdout.startswith("found\n"), done.stderr


def test_a_failure_of_nnxfuzz_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(OURS)
    done = check(tmp_path, "train.py")
    assert (done.returncode, done.stderr) == (3, "")
    assert "1 calls could not be judged because nnxfuzz failed; please\nreport the" in done.stdout
    assert "train.py:5: TypeError: 'NoneType' object is not callable" in done.stdout
