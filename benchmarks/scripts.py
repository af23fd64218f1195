"""Whether every entry's script tells bad from good: `python benchmarks/scripts.py [CORPUS]`.

Each script of the corpus is run in a clean process on the first bad release of its entry, where it
has to exit with 1, and on the first good one, where it has to exit with 0.  Releases are installed
as they are needed.  Exits with 1 if some script is wrong.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.entries import Entry, Sighting
from nnxfuzz.programs.calls.data import CallProgram
from nnxfuzz.releases import elsewhere, environments
from nnxfuzz.releases.targets import targets
from nnxfuzz.report import calls
from nnxfuzz.report.script import script


def exit_code(program: Path, where: Sighting) -> int:
    """What the program exits with on a release."""
    cache = environments.default_cache()
    place = elsewhere.prepare(targets([where.flax], where.jax)[0], cache)
    done = subprocess.run(
        [place.python, "-P", str(program)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=elsewhere.environ(place, cache) | {"PYTHONPATH": ""},
    )
    return done.returncode


def told(program: Path, where: Sighting | None, wanted: int) -> tuple[str, bool]:
    """What a script did on a release in words, and whether that is right."""
    if where is None:
        return "none", True
    code = exit_code(program, where)
    return f"{where.flax} (jax {where.jax}): {code}", code == wanted


def text_of(entry: Entry) -> str:
    """The script of an entry."""
    write = calls.script if isinstance(entry.case, CallProgram) else script
    return write(entry.case, entry.arm, entry.evidence, entry.title)


def main(folder: Path) -> int:
    """Run them all."""
    wrong = 0
    print("| entry | first bad: exit code | first good: exit code |\n| --- | --- | --- |")
    with tempfile.TemporaryDirectory() as temporary:
        program = Path(temporary) / "bug.py"
        for path in corpus.entries([folder]):
            entry = corpus.load(path)
            program.write_text(text_of(entry), encoding="utf-8")
            ends = entry.affected or corpus.Affected()
            bad, good = told(program, ends.first_bad, 1), told(program, ends.first_good, 0)
            wrong += not (bad[1] and good[1])
            print(f"| {entry.title} | {bad[0]} | {good[0]} |", flush=True)
    print(f"\n{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "corpus")))
