"""What is built: an sdist has the package, and an editable install of it can be imported."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import uv

pytestmark = pytest.mark.slow  # it fetches the build backend

ROOT = Path(__file__).parent.parent


def run(*words: object) -> str:
    done = subprocess.run([*map(str, words)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_unpacked_sdist_can_be_installed_editable(tmp_path: Path) -> None:
    uv_ = uv.find_uv_bin()
    run(uv_, "build", "--sdist", "-o", tmp_path, ROOT)
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.glob("nnxfuzz-*/")
    for name in ("nnxfuzz/__init__.py", "corpus/causes.toml", "tests/conftest.py"):
        assert (folder / name).is_file()
    run(uv_, "venv", "--python", sys.executable, tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python"
    run(uv_, "pip", "install", "--python", python, "--no-deps", "-e", folder)
    told = run(python, "-P", "-c", "import nnxfuzz; print(nnxfuzz.__file__)")
    assert Path(told.strip()).resolve() == (folder / "nnxfuzz/__init__.py").resolve()
