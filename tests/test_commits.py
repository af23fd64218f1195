"""Which commit it was: the search through a checkout, and what cannot be found there."""

import subprocess
from pathlib import Path

import pytest
from commands import Run, assert_refused
from elsewhere_tools import Put, every
from histories import NEW_WITH_OLD, OLD_WITH_NEW, between, history, save


class Everywhere(dict[str, str]):
    """Each environment can be had."""

    def get(self, name: str, default: object = None) -> str:
        return "passes"


class Repository:
    """A git checkout of a flax whose commits say what becomes of an entry."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "flax").mkdir(parents=True)
        self.git("init", "--quiet")

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
        command = ["git", *who, *words]
        done = subprocess.run(command, cwd=self.path, capture_output=True, text=True, check=True)
        return done.stdout

    def commit(self, title: str, marker: str | None = None, version: str | None = None) -> None:
        if marker is not None:
            (self.path / "flax" / "marker").write_text(marker)
        if version is not None:
            (self.path / "flax" / "version.py").write_text(f"__version__ = '{version}'\n")
        (self.path / "flax" / "title").write_text(title)
        self.git("add", ".")
        self.git("commit", "--quiet", "--message", title)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The bug came three commits after 0.10.4, which has a tag; 0.10.5 has none."""
    repository = Repository(tmp_path / "flaxes")
    repository.commit("Release 0.10.4", "passes", "0.10.4")
    repository.git("tag", "v0.10.4")
    repository.commit("One")
    repository.commit("Two")
    repository.commit("The bug", "still fails")
    repository.commit("Three")
    repository.commit("Release 0.10.5", version="0.10.5")
    return repository


def bisected(run: Run, elsewhere: Put, tmp_path: Path, repository: Repository) -> str:
    """What is said of the commit."""
    world = every(history(between("0.10.5", None)))
    elsewhere({**world, OLD_WITH_NEW: "passes", NEW_WITH_OLD: "still fails"})
    path = save(tmp_path, found="0.10.5")
    code, out, err = run("bisect", path, "--repo", repository.path)
    assert (code, err) == (0, "")
    (line,) = (line for line in out.splitlines() if line.startswith("  commit: "))
    return line.removeprefix("  commit: ")


def test_the_commit_is_named(
    run: Run, elsewhere: Put, tmp_path: Path, repository: Repository
) -> None:
    told = bisected(run, elsewhere, tmp_path, repository)
    commit = repository.git("log", "-1", "--format=%h", "--grep=The bug").strip()
    assert told.startswith(f"{commit} 2")
    assert told.endswith(" The bug (4 commits tried with jax 0.5.3)")
    assert repository.git("status", "--short") == ""


def test_commits_that_do_not_run_are_stepped_over(
    run: Run, elsewhere: Put, tmp_path: Path, repository: Repository
) -> None:
    (repository.path / "flax" / "marker").write_text("passes")
    repository.commit("Release 0.10.5 again", "passes")
    repository.git("tag", "v0.10.4", "--force")
    repository.commit("Half a change", "refuse: flax.nnx does not import; wait")
    repository.commit("The other half", "still fails")
    repository.git("tag", "v0.10.5")
    told = bisected(run, elsewhere, tmp_path, repository)
    assert told.endswith(
        " The other half (3 commits tried with jax 0.5.3, "
        "or one of the 1 before it that do not run)"
    )


def test_a_change_that_is_not_in_the_code_has_no_commit(
    run: Run, elsewhere: Put, tmp_path: Path, repository: Repository
) -> None:
    repository.commit("All is well", "passes")
    repository.git("tag", "v0.10.5")
    told = bisected(run, elsewhere, tmp_path, repository)
    assert told == "none, with either jax the older code does what the newer does"


def test_a_checkout_without_the_release_is_told(run: Run, elsewhere: Put, tmp_path: Path) -> None:
    repository = Repository(tmp_path / "flaxes")
    repository.commit("Release 0.10.4", "passes", "0.10.4")
    told = bisected(run, elsewhere, tmp_path, repository)
    assert told == (
        f"not found: {repository.path} has no commit of flax 0.10.5; run git fetch --tags there"
    )


def test_what_is_no_git_checkout_is_told(run: Run, elsewhere: Put, tmp_path: Path) -> None:
    elsewhere({})
    (tmp_path / "empty").mkdir()
    code, _, err = run("bisect", save(tmp_path), "--repo", tmp_path / "empty")
    assert code == 2
    assert err.startswith(f"nnxfuzz: {tmp_path / 'empty'} is no git checkout with the commits ")
    assert err.endswith("; clone flax and name its folder\n")


def test_without_git_it_is_told(
    run: Run, elsewhere: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    sentence = "git is not installed; install it, or leave out --repo"
    code, _, err = run("bisect", save(tmp_path), "--repo", tmp_path)
    assert (code, err) == (2, f"nnxfuzz: {sentence}\n")


# --- after the last release -----------------------------------------------------------------


def after_release(run: Run, elsewhere: Put, tmp_path: Path, repository: Repository) -> list[str]:
    """What is said of the commits after 0.10.5."""
    elsewhere(every(lambda flax: "passes"))
    code, out, err = run("bisect", save(tmp_path), "--repo", repository.path, "--head")
    assert (code, err) == (0, "")
    return out.splitlines()[3:]


def test_the_first_good_commit_after_the_last_release(
    run: Run, elsewhere: Put, tmp_path: Path, repository: Repository
) -> None:
    repository.commit("Four")
    repository.commit("Mend it", "passes")
    repository.commit("Five")
    *both, first = after_release(run, elsewhere, tmp_path, repository)
    assert both == ["flax 0.10.5: bad", f"HEAD of {repository.path}: good"]
    commit = repository.git("log", "-1", "--format=%h", "--grep=Mend it").strip()
    assert first.startswith(f"first good commit: {commit} 2")
    assert first.endswith(" Mend it (4 commits tried with jax 0.5.3)")


def test_the_first_bad_commit_after_the_last_release(
    run: Run, elsewhere: Put, tmp_path: Path, repository: Repository
) -> None:
    repository.commit("Release 0.10.6", "passes", "0.10.6")
    repository.git("tag", "v0.10.6")
    repository.commit("Four")
    repository.commit("It is back", "still fails")
    *_, first = after_release(run, elsewhere, tmp_path, repository)
    assert first.startswith("first bad commit: ")
    assert " It is back (" in first


def test_a_head_that_does_not_run_is_told(
    run: Run, elsewhere: Put, tmp_path: Path, repository: Repository
) -> None:
    (repository.path / "pyproject.toml").write_text("[project]")
    repository.commit("Four", "refuse: flax.nnx does not import; wait")
    made = elsewhere(Everywhere())
    code, _, err = run("bisect", save(tmp_path), "--repo", repository.path, "--head")
    assert (code, err) == (
        2,
        f"nnxfuzz: flax 0.10.5 and HEAD of {repository.path} do not run in one environment; "
        "look at each with nnxfuzz replay --flax\n",
    )
    assert len(made.made) > 2, "what the checkout asks for is tried too"


@pytest.mark.parametrize(
    ("marker", "sentence"),
    [
        (
            "still fails",
            "flax 0.10.5 and HEAD do not tell the bug from its absence, so no commit is looked "
            "for; leave out --head, or check out another commit",
        ),
        (None, "{} is flax 0.10.5; check out a commit that changes it"),
    ],
)
def test_a_head_that_does_as_the_release_is_told(
    marker: str | None,
    sentence: str,
    run: Run,
    elsewhere: Put,
    tmp_path: Path,
    repository: Repository,
) -> None:
    if marker is not None:
        repository.commit("Four", marker)
    elsewhere(every(lambda flax: "passes"))
    code, _, err = run("bisect", save(tmp_path), "--repo", repository.path, "--head")
    assert (code, err) == (2, f"nnxfuzz: {sentence.format(repository.path)}\n")


def test_head_goes_with_a_checkout(run: Run, tmp_path: Path) -> None:
    sentence = "--head is that of a checkout; name one with --repo"
    assert_refused(run("bisect", save(tmp_path), "--head"), sentence)
