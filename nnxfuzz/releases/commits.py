"""Which commit of a Flax checkout made the change between two releases, or after the last one.

The checkout itself is only read: the package of each commit that is tried is unpacked into the
cache and imported instead of that of a release's environment.
"""

import contextlib
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from nnxfuzz.corpus.outcomes import BAD, GOOD, Replayed
from nnxfuzz.programs.case import Data
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.releases.bisect import Edge, Laboratory
from nnxfuzz.releases.elsewhere import Installation, prepare
from nnxfuzz.releases.environments import COMMITS
from nnxfuzz.releases.matrix import column
from nnxfuzz.releases.table import RELEASES, Release
from nnxfuzz.releases.targets import Target, of_release, targets


class Culprit(Data, frozen=True):
    """The commit that made the change, and the environment in which it shows, in words.

    `skipped` commits just before it did not run there, so it may be one of them.
    """

    commit: str
    title: str
    environment: str
    tried: int
    skipped: int


class GitCheckout:
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

    def last_release(self) -> tuple[Release, str]:
        """The newest release that HEAD comes after, and its commit."""
        known = set(self.lines("rev-list", "HEAD"))
        for row in reversed(RELEASES):
            with contextlib.suppress(Misuse):
                commit = self.release(row.flax)
                if commit in known:
                    return row, commit
        raise Misuse(f"{self.path} has no commit of a release; run git fetch --tags there")

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
    laboratory: Laboratory, checkout: GitCheckout, edge: Edge, appears: bool
) -> Culprit | None:
    """The commit at which the bug appears or ends; None if Flax's code alone does not do it."""
    older, newer = (checkout.release(row.flax) for row in (edge.before, edge.after))
    for row in (edge.after, edge.before):
        trial = _Trial(laboratory, checkout, of_release(row), f"jax {row.jax}")
        if trial.is_bad(newer) is appears and trial.is_bad(older) is (not appears):
            return _found(trial, [older, *checkout.between(older, newer)], appears)
    return None


class Since(Data, frozen=True):
    """What becomes of an entry on the last release and on HEAD, which comes after it.

    `culprit` is the commit that made the difference; None if there is none.
    """

    release: Release
    before: Replayed
    after: Replayed
    culprit: Culprit | None


def since_release(laboratory: Laboratory, checkout: GitCheckout) -> Since:
    """What the commits after the last release have changed.

    Both run with the jax of the release or, where HEAD wants another one, in the environment that
    the checkout asks for.  Raises Misuse if there is nothing between them, or if they do not run.
    """
    row, base = checkout.last_release()
    (head,) = checkout.lines("rev-parse", "HEAD")
    commits = [base, *checkout.between(base, head)]
    if len(commits) == 1:
        raise Misuse(f"{checkout.path} is flax {row.flax}; check out a commit that changes it")
    for target, told in _environments(checkout, row):
        trial = _Trial(laboratory, checkout, target, told)
        before, after = trial.run(base), trial.run(head)
        if before is None or after is None:
            continue
        appears = after.outcome in BAD
        clear = before.outcome in BAD | GOOD and after.outcome in BAD | GOOD
        if not clear or appears is (before.outcome in BAD):
            return Since(row, before, after, None)
        return Since(row, before, after, _found(trial, commits, appears))
    raise Misuse(
        f"flax {row.flax} and HEAD of {checkout.path} do not run in one environment; "
        "look at each with nnxfuzz replay --flax"
    )


def _environments(checkout: GitCheckout, row: Release) -> Iterator[tuple[Target, str]]:
    yield of_release(row), f"jax {row.jax}"
    (asked,) = targets([str(checkout.path)])
    yield asked, f"what {asked.label} asks for"


class _Trial:
    """Runs the entry on commits, in one environment, which `told` names."""

    def __init__(
        self, laboratory: Laboratory, checkout: GitCheckout, target: Target, told: str
    ) -> None:
        self.laboratory = laboratory
        self.checkout = checkout
        self.target = target
        self.told = told
        self.tried = 0

    def is_bad(self, commit: str) -> bool | None:
        """Whether the commit shows the bug; None if it does not run here."""
        result = self.run(commit)
        return None if result is None else result.outcome in BAD

    def run(self, commit: str) -> Replayed | None:
        """What becomes of the entry on the commit; None if that does not run here."""
        self.tried += 1
        self.laboratory.tell(f"runs it on commit {commit[:10]}, number {self.tried}")
        cache = self.laboratory.cache
        python = prepare(self.target, cache).python
        place = Installation(python, (str(self.checkout.package(commit)),))
        try:
            (result,) = column(self.target, place, [self.laboratory.path], cache)
        except Misuse:
            return None
        return result


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
    return Culprit(commits[high], title, trial.told, trial.tried, len(skipped))
