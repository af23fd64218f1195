"""The mutation benchmark: its operators on a small source, its ids, its sample, its overlay."""

import ast
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from mutants import overlay, parent, report, scope, stream, theirs
from mutants.files import FILES
from mutants.lines import installed
from mutants.operators import Site, mutated, mutations
from mutants.parent import Plan, Result

from nnxfuzz.campaign.boundary import boundary
from nnxfuzz.programs.errors import Misuse
from nnxfuzz.runners.kinds import kind_of

pytestmark = pytest.mark.slow

SOURCE = '''
def loop(xs, limit: int = 3, *, strict=False):
    """Text is left alone, even where 1 is said."""
    total = 0
    for x in [x for x in xs if x]:
        if x is None or not x > limit:
            continue
        total = total + x
        xs[0] = call(x, flag=True)
    assert total == 7
    while total < 100:
        first, last = last, first
    if total == 9:
        raise ValueError(f"not {total == 1}", 5)
    print(total)
    return total, xs

@tp.overload
def loop(xs): ...

class Node:
    @property
    def size(self):
        return None

    def __repr__(self):
        return "Node" if self else 1
'''


def all_of(operator: str) -> list[str]:
    """The line that each mutant of an operator changes, as it is afterwards."""
    before = ast.unparse(ast.parse(SOURCE)).splitlines()
    changed = []
    for site, _ in mutations(ast.parse(SOURCE), "a.py"):
        if site.operator == operator:
            after = mutated(SOURCE, "a.py", site.id).splitlines()
            new = [line.strip() for line in after if line not in before]
            changed.append(new[0] if new else "")
    return changed


@pytest.mark.parametrize(
    ("operator", "lines"),
    [
        (
            "condition-negated",
            [
                "for x in [x for x in xs if not x]:",
                "if not (x is None or not x > limit):",
                "while not total < 100:",
            ],
        ),
        ("condition-true", ["for x in [x for x in xs if True]:", "if True:", "if True:"]),
        (
            "condition-false",
            ["for x in [x for x in xs if False]:", "if False:", "while False:", "if False:"],
        ),
        (
            "comparison-swapped",
            [
                "if x is not None or not x > limit:",
                "if x is None or not x >= limit:",
                "while total <= 100:",
                "if total != 9:",
            ],
        ),
        ("boolean-swapped", ["if x is None and (not x > limit):"]),
        ("not-dropped", ["if x is None or x > limit:"]),
        ("arithmetic-swapped", ["total = total - x"]),
        (
            "constant-changed",
            [
                "def loop(xs, limit: int=3, *, strict=True):",
                "def loop(xs, limit: int=4, *, strict=False):",
                "total = 1",
                "xs[1] = call(x, flag=True)",
                "xs[0] = call(x, flag=False)",
                "while total < 101:",
                "if total == 10:",
            ],
        ),
        ("keyword-dropped", ["xs[0] = call(x)"]),
        ("elements-swapped", ["last, first = (last, first)", "return (xs, total)"]),
        ("return-none", ["return None"]),
        ("decorator-removed", [""]),
    ],
)
def test_an_operator_changes_these_places_and_no_others(operator: str, lines: list[str]) -> None:
    assert all_of(operator) == lines


def test_statements_are_dropped_where_that_is_no_plain_name_error() -> None:
    dropped = [
        site.told
        for site, _ in mutations(ast.parse(SOURCE), "a.py")
        if site.operator == "statement-dropped"
    ]
    assert dropped == [
        "Continue statement dropped in loop, line 7",
        "Assign statement dropped in loop, line 8",
        "Assign statement dropped in loop, line 9",
        "Assign statement dropped in loop, line 12",
        "Raise statement dropped in loop, line 14",
        "Expr statement dropped in loop, line 15",
    ]


def test_an_id_is_the_count_of_an_operator_within_a_function() -> None:
    ids = [site.id for site, _ in mutations(ast.parse(SOURCE), "a.py")]
    assert len(set(ids)) == len(ids)
    assert "a.py:loop:2:comparison-swapped" in ids
    assert "a.py:Node.size:1:decorator-removed" in ids
    moved = [site.id for site, _ in mutations(ast.parse("\n\nX = 1\n" + SOURCE), "a.py")]
    assert moved == ids


def test_a_mutant_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"no mutant a.py:loop:99:return-none"):
        mutated(SOURCE, "a.py", "a.py:loop:99:return-none")


def test_the_lines_of_a_mutant_are_those_that_have_to_run() -> None:
    lines = {site.id: site.lines for site, _ in mutations(ast.parse(SOURCE), "a.py")}
    assert lines["a.py:loop:1:boolean-swapped"] == (6, 6)  # the head of the `if` alone
    assert lines["a.py:loop:1:arithmetic-swapped"] == (8, 8)
    assert lines["a.py:loop:1:constant-changed"] == (3, 16)  # a default: all of the function


def test_every_mutant_of_the_installed_flax_can_be_made() -> None:
    sources = {file: (installed() / path).read_text() for file, path in FILES.items()}
    for site in scope.sample(installed(), 12, seed=5):
        source = mutated(sources[site.file], site.file, site.id)
        assert source != ast.unparse(ast.parse(sources[site.file]))
        compile(source, site.file, "exec")


def test_a_sample_is_the_same_each_time_and_has_its_share_of_each_file() -> None:
    everything = scope.sites(installed())
    drawn = scope.sample(installed(), 140, seed=1)
    assert drawn == scope.sample(installed(), 140, seed=1)
    assert drawn != scope.sample(installed(), 140, seed=2)
    for file in FILES:
        share = sum(site.file == file for site in everything) / len(everything)
        assert abs(sum(site.file == file for site in drawn) - 140 * share) < 20


def test_what_no_loop_reaches_is_not_changed() -> None:
    functions = {(site.file, site.function.split(".")[0]) for site in scope.sites(installed())}
    assert ("iteration.py", "while_loop") in functions
    assert ("extract.py", "check_no_aliases") in functions
    assert ("graphlib.py", "_graph_unflatten") in functions
    assert not functions & {("iteration.py", "vmap"), ("iteration.py", "PmapFn")}


def test_a_sample_of_all_transforms_has_each_of_their_files() -> None:
    everything = scope.sites(installed(), "transforms")
    assert {site.file for site in everything} == set(FILES)
    assert {site.id for site in scope.sites(installed())} < {site.id for site in everything}
    assert len(scope.sample(installed(), 200, 1, "transforms")) == 200


def test_an_overlay_is_the_installed_flax_with_one_file_changed(tmp_path: Path) -> None:
    path = FILES["extract.py"]
    source = (installed() / path).read_text() + "\nPLANTED = 7\n"
    overlay.write(installed(), tmp_path, path, source)
    asked = "import flax.nnx.extract as e, flax.nnx.graphlib as g; print(e.PLANTED, g.__file__)"
    told = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-c", asked],
        env=overlay.environ(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.split() == ["7", str(tmp_path / "flax/nnx/graphlib.py")]
    assert (installed() / path).read_text() + "\nPLANTED = 7\n" == source


def test_the_programs_are_cases_and_call_programs_as_a_campaign_draws_them() -> None:
    first, *others = [stream.drawn(1, number) for number in range(3)]
    kinds = [{kind_of(program).name for program in batch} for batch in others]
    assert kinds == [{"calls"}, {"loops"}]
    assert tuple(first[: len(boundary())]) == boundary()
    assert {kind_of(program).name for program in first[len(boundary()) :]} == {"loops"}


def result(number: int, how: parent.How, programs: int) -> Result:
    name = f"a.py:f:{number}:return-none"
    return Result(name, "return-none", "f", "a.py", "None returned in f", how, programs, 3, 1.0)


def test_the_last_result_of_a_mutant_counts_and_half_a_line_does_not(tmp_path: Path) -> None:
    file = Plan(str(tmp_path), 1, 10).file
    assert parent.finished(file) == []
    lines = [result(1, "survived", 100), result(2, "finding", 7), result(1, "finding", 150)]
    parent.append(file, lines[0])
    with file.open("ab") as broken:
        broken.write(b'{"id": "a.py:f:3')
    for line in lines[1:]:
        parent.append(file, line)
    assert {(r.id[7], r.how, r.programs) for r in parent.finished(file)} == {
        ("1", "finding", 150),
        ("2", "finding", 7),
    }


def test_the_tables_tell_the_score_and_name_the_survivors() -> None:
    results = (result(1, "finding", 10), result(2, "import", 0), result(3, "survived", 50))
    opinion = report.Opinion(results[2].id, "missed", "no program returns it", "return it")
    summary = report.Summary("2020-01-01", "0.12.8", "0.10.2", 1, 50, results, (opinion,))
    page = report.markdown(summary)
    assert "| nnxfuzz | 2 | 3 | 67% | 67% |" in page
    assert "How they ended: finding 1, import 1, survived 1." in page
    assert "| missed | no program returns it Needs: return it |" in page


def test_flax_own_tests_are_tried_with_the_same_mutants(tmp_path: Path) -> None:
    """One test kills, one that fails on Flax as it is is left out, and nothing is done twice."""
    tests = tmp_path / "some_test.py"
    tests.write_text(
        "import flax.nnx.extract as extract\n"
        "def test_replaced(): assert extract.replace_at((1, 2), 1, 3) == (1, 3)\n"
        "def test_fails_anyhow(): assert False\n"
    )
    wanted = {
        "extract.py:replace_at:1:condition-true": True,
        "extract.py:replace_at:1:condition-false": False,
    }
    sites = [site for site in scope.sites(installed()) if site.id in wanted]
    assert {one.id: one.killed for one in theirs.run(tests, sites, tmp_path)} == wanted
    assert list(theirs.run(tests, sites, tmp_path)) == []
    ours = [msgspec.structs.replace(result(1, "finding", 3), id=site.id) for site in sites]
    assert report.beside(ours, theirs.finished(tmp_path)) == (
        "Of 2 mutants, nnxfuzz kills 2 and Flax's tests 1: both 1, nnxfuzz alone 1, "
        "Flax's alone 0, none 0."
    )


@pytest.mark.slow
def test_the_benchmark_kills_mutants(tmp_path: Path) -> None:
    """A short run of all of it: a mutant of a helper that every scan calls, one that no loop
    survives.

    No equivalent one: on 0.12.8 call programs show a bug that no entry covers, and so "notice" it.
    """
    plan = Plan(str(tmp_path), seed=1, programs=30)
    parent.prepare(plan, workers=1)
    wanted = {
        "extract.py:replace_at:1:condition-true": True,
        "extract.py:is_tree_node:1:return-none": True,
    }
    sites: list[Site] = [site for site in scope.sites(installed()) if site.id in wanted]
    fates = {r.id: r.killed for r in parent.Mutants(plan).run(sites, workers=1)}
    assert fates == wanted
    assert list(parent.Mutants(plan).run(sites, workers=1)) == []  # nothing is done twice


def test_no_mutant_is_tried_where_flax_as_it_is_does_not_survive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that cannot start looks as if its mutant could not be imported, which counts."""
    broken = tmp_path / "broken" / "flax"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('no flax')")
    environ = overlay.environ(broken.parent)
    monkeypatch.setattr(overlay, "environ", lambda folder: environ)
    with pytest.raises(Misuse, match=r"(?s)flax as it is does not survive.*no flax"):
        parent.prepare(Plan(str(tmp_path), 1, 0), 1)
