"""The atlas as a page: its cells as a table to filter, and the constructs with their programs."""

from nnxfuzz.checker.atlas import CONSTRUCTS, WAYS
from nnxfuzz.checker.verdicts import Kind
from nnxfuzz.programs.case import MODES, Data, Mode
from nnxfuzz.report.atlas import MEANINGS, SIGNS, Columns, by_key, changes, explained
from nnxfuzz.report.page import SIGNS_OF_VERDICTS, environment


class Row(Data, frozen=True):
    """A construct by a way in a mode, and what it comes to on each release."""

    construct: str
    way: str
    mode: Mode
    kinds: tuple[Kind, ...]

    @property
    def changes(self) -> str:
        """Whether the releases differ, those that lack it aside."""
        return "yes" if len(set(self.kinds) - {"not judged"}) > 1 else "no"


def atlas_page(columns: Columns) -> str:
    """The page of the cells of these releases."""
    found = [by_key(cells) for cells in columns.values()]
    keys = dict.fromkeys(key for cells in found for key in cells)
    rows = [
        Row(*key, tuple(c[key].kind if key in c else "not judged" for c in found)) for key in keys
    ]
    there = dict.fromkeys(row.construct for row in rows)
    kinds = {kind for row in rows for kind in row.kinds}
    ways = list(dict.fromkeys([*WAYS, *(row.way for row in rows)]))
    return (
        environment()
        .get_template("atlas.html.j2")
        .render(
            heading="nnxfuzz: the atlas",
            labels=list(columns),
            rows=rows,
            signs=SIGNS,
            meanings=MEANINGS,
            colours={kind: SIGNS_OF_VERDICTS.get(kind, "none") for kind in SIGNS},
            changes=[line for line in changes(columns) if line],
            constructs=[
                (CONSTRUCTS[name], list(explained(CONSTRUCTS[name], found[-1]))) for name in there
            ],
            options=[
                ("transform", [way for way in ways if any(row.way == way for row in rows)]),
                ("mode", [mode for mode in MODES if any(row.mode == mode for row in rows)]),
                ("kind", [kind for kind in SIGNS if kind in kinds]),
                ("changes", sorted({row.changes for row in rows})),
            ],
        )
    )
