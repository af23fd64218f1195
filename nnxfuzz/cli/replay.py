"""`nnxfuzz replay`: corpus entries against the installed Flax."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec
from rich.console import Console
from rich.table import Table

from nnxfuzz import corpus
from nnxfuzz.cli.common import require_flax

if TYPE_CHECKING:  # importing it would import jax
    from nnxfuzz.replay import Replayed

_STYLES = {
    "still fails": "yellow",
    "fixed": "green",
    "passes": "green",
    "not applicable": "dim",
}


@click.command(epilog="Example: nnxfuzz replay corpus finds/*.json")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
def replay(paths: tuple[Path, ...], as_json: bool) -> int:
    """Run entries (files or folders; default: corpus) and say what became of each.

    Exit code 0 if all do as recorded, 1 if one fails differently or has regressed, 2 if a file
    cannot be read.
    """
    require_flax()
    from nnxfuzz.replay import FINDINGS
    from nnxfuzz.replay import replay as run

    results = []
    for path in corpus.entries(paths or (Path("corpus"),)):
        results.append(run(path))
        if as_json:
            click.echo(msgspec.json.encode(results[-1]).decode())
    if not as_json:
        _print(results)
    if any(result.outcome == "unreadable" for result in results):
        return 2
    return 1 if any(result.outcome in FINDINGS for result in results) else 0


def _print(results: "list[Replayed]") -> None:
    from nnxfuzz import compat

    table = Table(title=f"flax {compat.FLAX}, jax {compat.JAX}", title_justify="left")
    for heading in ("entry", "outcome", "detail"):
        table.add_column(heading, overflow="fold")
    for result in results:
        style = _STYLES.get(result.outcome, "red")
        table.add_row(result.path, f"[{style}]{result.outcome}[/]", result.detail)
    Console().print(table)
    Console().print(f"{len(results)} entries")
