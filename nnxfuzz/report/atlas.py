"""The atlas for people: tables on a terminal, and a page in Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from nnxfuzz.checker.atlas import CONSTRUCTS, TOPICS, WAYS, Cell, Construct
from nnxfuzz.checker.refusals import REASONS
from nnxfuzz.checker.verdicts import Kind
from nnxfuzz.plain import DEVIATIONS
from nnxfuzz.programs.case import MODES, Data, Mode

#: The cells of each release, by its label, in the order in which they were asked for.
Columns = Mapping[str, Sequence[Cell]]

#: A construct by a way in a mode.
Key = tuple[str, str, Mode]

SIGNS: dict[Kind, str] = {
    "same": "=",
    "deviates": "d",
    "refused": "r",
    "different": "W",
    "unexplained refusal": "U",
    "internal error": "E",
    "inconclusive": "?",
    "not judged": "-",
}

MEANINGS: dict[Kind, str] = {
    "same": "as plain Python",
    "deviates": "deviates from Python, as its record says",
    "refused": "refused for a documented reason",
    "different": "differs from Python, and no documentation of Flax says so",
    "unexplained refusal": "refused, and no documented reason holds",
    "internal error": "fails with an error that is no refusal",
    "inconclusive": "inconclusive",
    "not judged": "the release has no such transform, mode or object",
}


class Explained(Data, frozen=True):
    """What a construct comes to that is not as plain Python, and where: ways, with their modes."""

    kind: Kind
    text: str
    record: str
    where: str


def by_key(cells: Sequence[Cell]) -> dict[Key, Cell]:
    """The cells of a release by what they are of."""
    return {(cell.construct, cell.way, cell.mode): cell for cell in cells}


def _signs(found: Mapping[Key, Cell], name: str, way: str) -> str:
    """A construct by a way: a sign for each mode."""
    cells = [found.get((name, way, mode)) for mode in MODES]
    return " ".join("-" if cell is None else SIGNS[cell.kind] for cell in cells)


# --- on a terminal --------------------------------------------------------------------------


def table(columns: Columns) -> Iterator[str]:
    """Each construct with its ways, a column of signs for each release."""
    found = [by_key(cells) for cells in columns.values()]
    names = dict.fromkeys(cell.construct for cells in columns.values() for cell in cells)
    width = max(len(way) for way in WAYS) + 4
    yield " " * width + "  ".join(f"{label:<9}" for label in columns)
    for name in names:
        yield f"{name}: {CONSTRUCTS[name].told}"
        for way in CONSTRUCTS[name].ways:
            signs = "  ".join(f"{_signs(cells, name, way):<9}" for cells in found)
            yield f"{'  ' + way:<{width}}{signs.rstrip()}"
    yield ""
    yield f"a sign for each mode: {', '.join(MODES)}"
    yield from (f"{sign} {MEANINGS[kind]}" for kind, sign in SIGNS.items())


def changes(columns: Columns) -> Iterator[str]:
    """What changes from one release to the next: a construct and a change a line."""
    labels = list(columns)
    for before, after in pairwise(labels):
        yield ""
        yield from _changed(before, after, by_key(columns[before]), by_key(columns[after]))


def _changed(
    before: str, after: str, one: Mapping[Key, Cell], other: Mapping[Key, Cell]
) -> Iterator[str]:
    modes = [[m for m in MODES if any(key[2] == m for key in cells)] for cells in (one, other)]
    found: dict[tuple[str, Mode, Kind, Kind], list[str]] = {}
    for key, cell in other.items():
        old = one.get(key)
        if old is not None and old.kind != cell.kind:
            found.setdefault((key[0], key[2], old.kind, cell.kind), []).append(key[1])
    yield f"{before} -> {after}: {sum(map(len, found.values()))} cells change"
    new = [mode for mode in modes[1] if mode not in modes[0]]
    if new:
        yield f"  new: {', '.join(new)}"
    for (name, mode, was, now), ways in found.items():
        yield f"  {name}, {mode}: {was} -> {now}: {'; '.join(ways)}"


# --- a page ---------------------------------------------------------------------------------

_HEAD = """\
# The atlas: what every transform does with every construct

Made by `nnxfuzz atlas --flax ... --page docs/atlas.md`. Each cell was run: a construct (a small
program) by a way to call a transform, in each mode, on flax {newest}. The three signs of a cell are
of the modes `graph` (graph=True, graph_updates=True, the default), `graph-frozen` (graph=True,
graph_updates=False) and `tree` (graph=False). What refusals and deviations rest on is in the
section [Records](#records), and what each release changed in the one before it. Most of the
programs write `v[...] = x`, which Flax has since 0.10.7. What came of sixty cells that were checked
by hand is in [atlas_by_hand.md](atlas_by_hand.md).

| sign | what it says |
| --- | --- |
"""

_WAYS_TOLD = """
The ways: `jit`, `remat`, `cond`, `switch`, `eval_shape`, `grad` and `value_and_grad` are given the
objects as arguments; `fori_loop`, `while_loop` and *scan, carry* carry them through three trips;
*slices* and *lanes* run along axis 0 of their arrays; *broadcast* hands them to each trip or lane
whole. A construct that calls a transform itself has one row.
"""


def markdown(columns: Columns) -> str:
    """The page: a section for each topic by the last release, and what changed before it."""
    newest = list(columns)[-1]
    lines = [_HEAD.format(newest=newest).rstrip("\n")]
    lines += [f"| `{sign}` | {MEANINGS[kind]} |" for kind, sign in SIGNS.items()]
    lines.append(_WAYS_TOLD)
    found = by_key(columns[newest])
    for topic in TOPICS:
        name = topic.__name__.rpartition(".")[2]
        lines += [f"## {name.capitalize()}", "", (topic.__doc__ or "").strip(), ""]
        shown = [c for c in CONSTRUCTS.values() if c.topic == name]
        lines += _grid([c for c in shown if not c.calls], found)
        for construct in shown:
            lines += _section(construct, found)
    if len(columns) > 1:
        lines += ["## What changed between releases", *_fenced(changes(columns)), ""]
    lines += _records(columns[newest])
    return "\n".join(lines).rstrip("\n") + "\n"


def _records(cells: Sequence[Cell]) -> Iterator[str]:
    """The source of each record that a cell names."""
    sources: dict[str, dict[str, None]] = {}
    for record, source in [(r.id, r.source) for r in REASONS] + [
        (d.id, d.source) for d in DEVIATIONS
    ]:
        sources.setdefault(record, {})[source.rstrip(".")] = None
    yield from ("## Records", "", "| record | source |", "| --- | --- |")
    for record in sorted({cell.record for cell in cells} - {""}):
        told = sources.get(record, ("the words of the cell",))
        yield f"| `{record}` | {'; '.join(told)} |"
    yield ""


def _grid(shown: Sequence[Construct], found: Mapping[Key, Cell]) -> Iterator[str]:
    if not shown:
        return
    yield f"| construct | {' | '.join(WAYS)} |"
    yield "| --- " * (len(WAYS) + 1) + "|"
    for construct in shown:
        cells = (
            f"`{_signs(found, construct.name, way)}`" if way in construct.ways else ""
            for way in WAYS
        )
        yield f"| [{construct.name}](#{construct.name}) | {' | '.join(cells)} |"
    yield ""


def _section(construct: Construct, found: Mapping[Key, Cell]) -> Iterator[str]:
    """The program, and in words what is not as plain Python."""
    yield from (f"### {construct.name}", "", construct.told, "", "```python")
    yield construct.source.strip()
    yield from ("```", "")
    if construct.calls:
        yield f"`{construct.ways[0]}`: `{_signs(found, construct.name, construct.ways[0])}`"
        yield ""
    told = list(explained(construct, found))
    for each in told:
        source = f" (`{each.record}`)" if each.record else ""
        yield f"- {each.kind}: {each.text}{source}. {each.where}"
    if told:
        yield ""


def explained(construct: Construct, found: Mapping[Key, Cell]) -> Iterator[Explained]:
    """What is not as plain Python, in words: the same words once."""
    told: dict[tuple[Kind, str, str], dict[str, list[Mode]]] = {}
    for way in construct.ways:
        for mode in MODES:
            cell = found.get((construct.name, way, mode))
            if cell is not None and cell.kind != "same":
                ways = told.setdefault((cell.kind, _one_line(cell.told), cell.record), {})
                ways.setdefault(way, []).append(mode)
    for (kind, text, record), ways in told.items():
        where = "; ".join(f"{way} ({', '.join(modes)})" for way, modes in ways.items())
        yield Explained(kind, text, record, where)


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".:")


def _fenced(lines: Iterator[str]) -> Iterator[str]:
    yield from ("", "```text", *(line for line in lines if line), "```")
