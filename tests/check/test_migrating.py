"""docs/migrating.md: both programs of each section come to what its table says."""

import contextlib
import re
from pathlib import Path
from typing import NamedTuple

import pytest

import nnxfuzz
from nnxfuzz import nnx_api
from nnxfuzz.checker.verdicts import ORDER
from nnxfuzz.programs.case import MODES
from nnxfuzz.report.contract import record

GUIDE = Path(__file__).parents[2] / "docs" / "migrating.md"

pytestmark = [
    pytest.mark.skipif(len(nnx_api.modes()) < 3, reason="this release has not all modes"),
    pytest.mark.filterwarnings("ignore"),
]


class Section(NamedTuple):
    """One part of the guide: its heading, two programs, and the verdicts of each by mode."""

    heading: str
    programs: dict[str, str]
    verdicts: dict[str, list[str]]


def _sections() -> list[Section]:
    text = GUIDE.read_text()
    parts = re.split(r"^##+ ", text, flags=re.MULTILINE)[1:]
    made = []
    for part in parts:
        programs = dict(re.findall(r"```python (before|after)\n(.*?)```", part, re.DOTALL))
        rows = re.findall(r"^\| (before|after) \| (.*) \|$", part, re.MULTILINE)
        verdicts = {name: cells.split(" | ") for name, cells in rows}
        made.append(Section(part.partition("\n")[0], programs, verdicts))
    return made


SECTIONS = _sections()
SETUP = re.findall(r"```python setup\n(.*?)```", GUIDE.read_text(), re.DOTALL)[0]


def verdicts(program: str) -> list[str]:
    """What the check says of a program, in each mode."""
    names = {"__name__": "guide"}
    exec(SETUP, names)
    with nnxfuzz.checking("all") as report, contextlib.suppress(Exception):
        exec(program, names)
    assert report.calls and not report.failures
    found: list[str] = []
    for mode in MODES:
        kinds = [v.kind for row in report.rows.values() for v in row.verdicts.get(mode, ())]
        found.append(min(kinds, key=ORDER.index, default="-"))
    return found


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.heading)
@pytest.mark.parametrize("which", ["before", "after"])
def test_the_programs_come_to_what_the_table_says(section: Section, which: str) -> None:
    assert verdicts(section.programs[which]) == section.verdicts[which]


@pytest.mark.parametrize("heading", [s.heading for s in SECTIONS if ":" in s.heading])
def test_a_heading_begins_with_a_record_which_is_printed_with_the_section(heading: str) -> None:
    told = record(heading.partition(":")[0])
    assert told.startswith("### ")
    assert f"\n\n## {heading}\n" in told


def test_most_sections_end_in_a_program_that_is_right_in_every_mode() -> None:
    right = [s.heading for s in SECTIONS if s.verdicts["after"] == ["same"] * 3]
    assert len(right) >= len(SECTIONS) - 2
