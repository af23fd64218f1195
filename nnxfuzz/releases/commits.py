"""Which commit of a Flax checkout made the change between two releases.

The checkout itself is only read: the package of each commit that is tried is unpacked into the
cache and imported instead of that of a release's environment.
"""

import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

from nnxfuzz.corpus.outcomes import BAD
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases.bisect import Edge, Laboratory
from nnxfuzz.releases.elsewhere import Place, prepare
from nnxfuzz.releases.environments import COMMITS
from nnxfuzz.releases.matrix import column
from nnxfuzz.releases.table import Release
from nnxfuzz.releases.targets import of_release


class Culprit(Data, frozen=True):
    """The commit that made the change, and the environment in which it shows.

    `skipped` commits just before it did not run there, so it may be one of them.
    """

    commit: str
    title: str
    environment: Release
    tried: int
    skipped: int


class Checkout:
    """A git checkout of Flax."""

    def __init__(self, path: Path, cache: Path) -> None:
        self.path = path
        self.cache = cache
        self.git("rev-parse", "--git-dir")

    def git(self, *words: str) -> bytes:
        """What git says of it."""
        try:
            command = ["git", "-C", str(self.path), *words]
            return subprocess.run(command, capture_output=True, check=True).stdout
        except FileNotFoundError:
            raise Misuse("git is not installed; install it, or leave out --repo") from None
        except subprocess.CalledProcessError as error:
            said = error.stderr.decode(errors="replace").strip().splitlines()
            raise Misuse(
                f"{self.path} is no git checkout with the commits that are needed "
                f"({said[0] if said else 'git said nothing'}); clone flax and name its folder"
            ) from None

    def lines(self, *words: str) -> list[str]:
        return self.git(*words).decode(errors="replace").splitlines()

    def release(self, flax: str) -> str:
        """The commit of a release: its tag's, or else the first that has its version."""
        if self.lines("tag", "--list", f"v{flax}"):
            return self.lines("rev-list", "-1", f"v{flax}")[0]
        pattern = f"__version__ = ['\"]{flax.replace('.', '[.]')}['\"]"
        file = "flax/version.py"
        found = self.lines("log", "--reverse", "--format=%H", "-G", pattern, "--", file)
        if not found:
            raise Misuse(f"{self.path} has no commit of flax {flax}; run git fetch --tags there")
        return found[0]

    def between(self, older: str, newer: str) -> list[str]:
        """The commits after the older one up to the newer one that touch the package."""
        span = f"{older}..{newer}"
        return self.lines("rev-list", "--reverse", "--first-parent", span, "--", "flax")

    def title(self, commit: str) -> str:
        """Its abbreviated hash, its day and its subject."""
        words = ("log", "-1", "--date=short", "--format=%h %ad %s", commit)
        return self.lines(*words)[0]

    def package(self, commit: str) -> Path:
        """The commit's package, in the cache."""
        folder = self.cache / COMMITS / commit
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            archive = self.git("archive", "--format=tar", commit, "flax")
            with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
                whole = Path(temporary) / "whole"
                with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
                    tar.extractall(whole, filter="data")
                if not folder.exists():  # another process may have been quicker
                    whole.rename(folder)
        return folder / "flax"


def culprit(
    laboratory: Laboratory, checkout: Checkout, edge: Edge, appears: bool
) -> Culprit | None:
    """The commit at which the bug appears or ends; None if Flax's code alone does not do it."""
    older, newer = (checkout.release(row.flax) for row in (edge.before, edge.after))
    for row in (edge.after, edge.before):
        trial = _Trial(laboratory, checkout, row)
        if trial.is_bad(newer) is appears and trial.is_bad(older) is (not appears):
            return _found(trial, [older, *checkout.between(older, newer)], appears)
    return None


class _Trial:
    """Runs the entry on commits, in the environment of one release."""

    def __init__(self, laboratory: Laboratory, checkout: Checkout, row: Release) -> None:
        self.laboratory = laboratory
        self.checkout = checkout
        self.row = row
        self.tried = 0

    def is_bad(self, commit: str) -> bool | None:
        """Whether the commit shows the bug; None if it does not run here."""
        self.tried += 1
        cache = self.laboratory.cache
        target = of_release(self.row)
        python = prepare(target, cache).python
        place = Place(python, (str(self.checkout.package(commit)),))
        try:
            (result,) = column(target, place, [self.laboratory.path], cache)
        except Misuse:
            return None
        return result.outcome in BAD


def _found(trial: _Trial, commits: list[str], appears: bool) -> Culprit:
    """By binary search; the first commit is known to be without the change, the last to have it."""
    low, high, skipped = 0, len(commits) - 1, set[str]()
    while high - low > 1:
        middle = (low + high) // 2
        match trial.is_bad(commits[middle]):
            case None:
                skipped.add(commits.pop(middle))
                high -= 1
            case bad if bad is appears:
                high = middle
            case _:
                low = middle
    title = trial.checkout.title(commits[high])
    return Culprit(commits[high], title, trial.row, trial.tried, len(skipped))
