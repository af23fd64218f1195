"""The pytest plugin, in the project of somebody else: what it collects, says and leaves alone."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from entries import FIXED, INAPPLICABLE, LOST, OTHER, REFUSED, REGRESSED, UNFIT, needs_tree

from nnxfuzz.corpus import entries as corpus
from nnxfuzz.corpus.entries import Entry

pytest_plugins = ["pytester"]

#: A checkout that is not installed has no entry point.
INSTALLED = any(e.name == "nnxfuzz" for e in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "nnxfuzz.pytest_plugin")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*PLUGIN, "-rA", *arguments)


def save(pytester: pytest.Pytester, *entries: Entry, folder: str = "corpus") -> list[Path]:
    return [corpus.save(entry, pytester.path / folder) for entry in entries]


# --- what becomes of an entry ---------------------------------------------------------------


@needs_tree
def test_a_bug_that_is_still_there_is_an_expected_failure(pytester: pytest.Pytester) -> None:
    save(pytester, LOST)
    result = run(pytester)
    result.assert_outcomes(xfailed=1)
    result.stdout.fnmatch_lines(
        ["XFAIL corpus/an-update-*.json::replay - *known: wrong-world fori_loop tree: caller *"]
    )
    assert result.ret == 0


@needs_tree
def test_with_runxfail_it_is_a_failure(pytester: pytest.Pytester) -> None:
    save(pytester, LOST)
    result = run(pytester, "--runxfail")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["known: wrong-world fori_loop tree: caller variable value"])


@needs_tree
def test_a_bug_that_this_release_has_mended_passes(pytester: pytest.Pytester) -> None:
    save(pytester, REFUSED)
    run(pytester, "-Werror").assert_outcomes(passed=1)


@needs_tree
def test_a_fix_that_is_not_recorded_passes_with_a_warning(pytester: pytest.Pytester) -> None:
    save(pytester, FIXED)
    result = run(pytester)
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*CorpusWarning: fixed: flax * passes; record this as its first*"])


@needs_tree
@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (
            OTHER,
            "fails differently: recorded wrong-world fori_loop tree: ys array value, "
            "seen wrong-world fori_loop tree: caller variable value",
        ),
        (REGRESSED, "regressed: wrong-world fori_loop tree: caller variable value"),
    ],
    ids=["differently", "regressed"],
)
def test_a_failure_is_a_sentence_and_a_command(
    entry: Entry, sentence: str, pytester: pytest.Pytester
) -> None:
    (path,) = save(pytester, entry)
    result = run(pytester)
    result.assert_outcomes(failed=1)
    assert failure(result) == [
        sentence,
        f"see it:  nnxfuzz show corpus/{path.name}",
    ]


def test_an_unreadable_file_fails_with_its_place(pytester: pytest.Pytester) -> None:
    path = pytester.path / "corpus" / "my project" / "cut-0123abcd.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    result = run(pytester, "-o", "nnxfuzz_corpus=corpus")
    result.assert_outcomes(failed=1)
    sentence, command = failure(result)
    assert sentence.startswith(f"unreadable: {path} is no corpus entry: at $: it is no JSON, ")
    assert command == "see it:  nnxfuzz show 'corpus/my project/cut-0123abcd.json'"


@needs_tree
def test_a_case_that_allows_no_comparison_fails_with_a_sentence(pytester: pytest.Pytester) -> None:
    save(pytester, UNFIT)
    result = run(pytester)
    result.assert_outcomes(failed=1)
    sentence, _ = failure(result)
    assert "; its numbers allow no comparison" in sentence


def test_what_this_release_cannot_run_is_skipped(pytester: pytest.Pytester) -> None:
    save(pytester, INAPPLICABLE)
    result = run(pytester)
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED * scan in graph mode cannot run this case"])


def failure(result: pytest.RunResult) -> list[str]:
    """What pytest shows below the heading of the one failure."""
    lines = result.outlines
    start = next(k for k, line in enumerate(lines) if line.startswith("____"))
    end = next(k for k, line in enumerate(lines) if k > start and line.startswith("===="))
    return lines[start + 1 : end]


# --- what is collected ----------------------------------------------------------------------


def collected(pytester: pytest.Pytester, *arguments: str) -> list[str]:
    result = pytester.runpytest_inprocess(*PLUGIN, "--collect-only", "-q", *arguments)
    return [line for line in result.outlines if "::" in line]


def test_only_entries_in_a_corpus_are_collected(pytester: pytest.Pytester) -> None:
    (entry,) = save(pytester, REFUSED, folder="finds")
    for name in (
        "corpus/my-bug.json",
        "corpus/deep/er/b-0123abcd.json",
        "lib/corpus/c-0123abcd.json",
        "corpus/e-0123abcd.json.bak",
        "corpus-old/g-0123abcd.json",
    ):
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry.read_bytes())
    for name in ("text-0123abcd.json", "notes.json"):
        (pytester.path / "corpus" / name).write_text('{"format": 3, "text": "of somebody else"}')
    assert collected(pytester) == [
        "corpus/deep/er/b-0123abcd.json::replay",
        "corpus/my-bug.json::replay",
        "lib/corpus/c-0123abcd.json::replay",
    ]


def test_a_large_file_is_not_read(pytester: pytest.Pytester) -> None:
    (entry,) = save(pytester, REFUSED)
    with entry.open("r+b") as file:
        file.truncate(2**40)  # a hole: whoever reads it runs out of memory
    assert collected(pytester) == []


def test_in_a_folder_that_the_project_names_every_file_is_an_entry(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini("[pytest]\nnnxfuzz_corpus = bugs")
    for folder in ("bugs", "corpus", "data"):
        (pytester.path / folder).mkdir()
        (pytester.path / folder / "damaged.json").write_text("{")
    assert collected(pytester) == ["bugs/damaged.json::replay"]


def test_a_folder_that_is_named_and_is_not_there_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nnnxfuzz_corpus = bgus")
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    told = f"nnxfuzz_corpus names the folder {pytester.path / 'bgus'}, which does not exist; "
    assert any(told in line for line in result.errlines)


def test_a_folder_above_the_project_is_none_of_its_own(pytester: pytest.Pytester) -> None:
    project = pytester.path / "corpus" / "project"
    save(pytester, INAPPLICABLE, folder="corpus/project")
    (path,) = save(pytester, INAPPLICABLE, folder="corpus/project/corpus")
    (project / "pytest.ini").write_text("[pytest]")
    assert collected(pytester, str(project)) == [f"corpus/{path.name}::replay"]


def test_the_corpus_may_be_the_only_argument(pytester: pytest.Pytester) -> None:
    save(pytester, INAPPLICABLE)
    assert len(collected(pytester, "corpus")) == 1


@pytest.mark.skipif(not INSTALLED, reason="nnxfuzz is not installed in this environment")
def test_it_can_be_turned_off(pytester: pytest.Pytester) -> None:
    save(pytester, INAPPLICABLE)
    assert len(collected(pytester)) == 1
    assert collected(pytester, "-p", "no:nnxfuzz") == []


# --- what it brings in ----------------------------------------------------------------------

#: Runs pytest and then says which of these modules are there.
LOADED = """
import sys, pytest
pytest.main([*sys.argv[1:], "-p", "no:hypothesispytest"])  # which imports Hypothesis itself
names = ("jax", "flax", "numpy", "hypothesis", "nnxfuzz.corpus.entries", "nnxfuzz.strategies")
print("loaded:", *(name for name in names if name in sys.modules))
"""


def loaded(folder: Path, *arguments: str) -> list[str]:
    """Of the modules of `LOADED`, those that a pytest run by itself has imported."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *PLUGIN, "-q", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    *output, last = done.stdout.splitlines()
    assert any("an-update-is-lost" in line or "1 xfailed" in line for line in output), done.stdout
    return last.removeprefix("loaded:").split()


def test_collecting_imports_neither_jax_nor_the_strategies(pytester: pytest.Pytester) -> None:
    save(pytester, LOST)
    assert loaded(pytester.path, "--collect-only") == []


@needs_tree
def test_running_an_item_never_imports_the_strategies(pytester: pytest.Pytester) -> None:
    save(pytester, LOST)
    assert loaded(pytester.path) == ["jax", "flax", "numpy", "nnxfuzz.corpus.entries"]


def test_without_flax_an_item_fails_with_a_sentence(pytester: pytest.Pytester) -> None:
    save(pytester, LOST)
    pytester.makeconftest("import sys; sys.modules['flax'] = None")
    result = pytester.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(failed=1)
    sentence, _ = failure(result)
    assert sentence.startswith("flax cannot be used here (")
    assert sentence.endswith("); install it, or leave the corpus out with -p no:nnxfuzz")
