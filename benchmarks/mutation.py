"""How many small mistakes in Flax's loops the fuzzer notices: `python benchmarks/mutation.py`.

A sample of mutants of the installed Flax (one change each, see `mutants/operators.py`), each in a
child process of its own, is given the same programs until one shows a signature that Flax as it is
does not show.  With `--where transforms` the mutants are of all transforms, and with `--tests` a
file of Flax's tests is tried with the very same ones.  Results are appended to a file in the folder
`--results`: kill it at any moment, and the same command goes on.  With a larger `--programs` it
tries the survivors with more.
"""

import re
from pathlib import Path

import click
from mutants import parent, report, scope, theirs
from mutants.lines import installed
from mutants.parent import Mutants, Plan

from nnxfuzz import nnx_api
from nnxfuzz.programs.errors import Misuse


@click.command()
@click.option("--results", type=click.Path(path_type=Path), required=True, help="Folder to keep.")
@click.option("--count", default=140, show_default=True, help="Mutants in the sample.")
@click.option("--programs", default=2000, show_default=True, help="Programs a mutant.")
@click.option("--seed", default=1, show_default=True, help="Of the sample and of the programs.")
@click.option("--workers", default=2, show_default=True, help="Child processes at a time.")
@click.option("--only", default="", help="Only mutants whose id matches.")
@click.option("--look", is_flag=True, help="Write down what of graphlib.py loops execute.")
@click.option("--where", type=click.Choice(["loops", "transforms"]), default="loops")
@click.option("--tests", type=click.Path(path_type=Path), help="A file of Flax's tests to try too.")
@click.option("--docs", type=click.Path(path_type=Path), help="Write the result there.")
def main(
    results: Path,
    count: int,
    programs: int,
    seed: int,
    workers: int,
    only: str,
    look: bool,
    where: scope.Where,
    tests: Path | None,
    docs: Path | None,
) -> None:
    """Try mutants of the installed Flax."""
    nnx_api.quiet()
    plan = Plan(str(results), seed, programs)
    try:
        parent.prepare(plan, workers)
    except Misuse as error:
        raise click.ClickException(str(error)) from None
    if look:
        return scope.look(installed(), results)
    sites = [s for s in scope.sample(installed(), count, seed, where) if re.search(only, s.id)]
    for result in Mutants(plan).run(sites, workers):
        click.echo(report.line(result))
    if tests is not None:
        for one in theirs.run(tests, sites, results):
            click.echo(f"{one.id}: {'killed' if one.killed else 'survived'} by Flax's tests")
    done = {result.id: result for result in parent.finished(plan.file)}
    summary = report.summary(plan, [done[site.id] for site in sites])
    click.echo(report.markdown(summary))
    if both := report.beside(summary.results, theirs.finished(results)):
        click.echo(both)
    if docs is not None:
        report.publish(summary, docs)
    return None


if __name__ == "__main__":
    main()
