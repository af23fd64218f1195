"""The page: what stands on it, that it needs nothing else, and that it can be read by all.

What only a browser can tell is in `test_page_browser`.
"""

import base64
import hashlib
import re
from collections import Counter
from html import escape
from html.parser import HTMLParser
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from entries import LOST, REFUSED
from pages import HOSTILE, NASTY, folder

from nnxfuzz import nnx_api
from nnxfuzz.cli.common import command_line
from nnxfuzz.corpus import entries as corpus
from nnxfuzz.oracle.verdict import Difference
from nnxfuzz.releases.table import RELEASES
from nnxfuzz.report.page import MOST_LETTERS, MOST_ROWS, Releases, link, page, releases, ticked

pytestmark = pytest.mark.skipif(
    find_spec("pygraphviz") is None,
    reason="pygraphviz is not installed: pip install 'nnxfuzz[report]'",
)

HERE = f"flax {nnx_api.FLAX}, jax {nnx_api.JAX}"


class Reader(HTMLParser):
    """The tags of a page with their attributes, and its text without styles and scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self._inside = ""
        self.feed(text)
        self.text = " ".join(" ".join(self.pieces).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self._inside not in ("style", "script"):
            self.pieces.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in tags]


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of `pages.folder`."""
    where = tmp_path_factory.mktemp("page")
    return page(folder(where), releases(where / "releases.json"), command_line)


@pytest.fixture(scope="module")
def read(text: str) -> Reader:
    return Reader(text)


# --- contents -------------------------------------------------------------------------------


def test_the_heading_counts_findings_by_kind(read: Reader) -> None:
    assert (
        "nnxfuzz: finds 4 findings with 3 causes (2 wrong-world, 2 spurious-refusal). "
        f"On flax {RELEASES[-1].flax}: 1 open, 2 not known, 1 mended. Drawn with {HERE}."
    ) in read.text


def test_a_cause_is_told_with_its_class_and_its_findings(read: Reader) -> None:
    assert (
        "Tree mode splits a shared Variable _simple_fori_loop does not check "
        "defect: the program keeps every documented rule "
        "wrong-world fori_loop tree: caller variable value flax no range "
        "not known https://github.com/google/flax/issues/1"
    ) in read.text


def test_a_finding_without_a_record_says_so(read: Reader) -> None:
    assert "Fixed since not looked into yet" in read.text
    assert "no range; from 0.10.2 (jax 0.4.35) to before 0.10.3 (jax 0.5.0)" in read.text


def test_a_case_has_program_evidence_and_arms(read: Reader) -> None:
    assert "def body ( i , carry ):" in read.text
    assert "Where What Expected Got caller[0] value 1.0 0.0" in read.text
    assert "fori_loop tree ✗ finding (this one) wrong-world, caller variable value" in read.text
    gone = "\N{EN DASH} not run"
    undecided = "? inconclusive a rounded float decides"
    wanted = f"scan graph {undecided} {gone} scan tree ⊘ refused tree-aliasing {gone}"
    assert wanted in read.text


def test_an_exception_stands_beside_what_was_expected(read: Reader) -> None:
    assert (
        "Expected the world as the plain Python loop leaves it: no documented reason to refuse "
        "holds for this program Got ValueError in flax's fori_loop structure"
    ) in read.text


def test_the_commands_to_run_it_again(read: Reader) -> None:
    name = corpus.file_name(REFUSED)
    for command in ("replay", "show", "bisect"):
        assert re.search(rf"nnxfuzz {command} \S*{name}", read.text)


def test_the_script_is_on_the_page_word_for_word(text: str) -> None:
    from nnxfuzz.report.script import script

    shown = re.findall(r'<code id="case-\d-script">(.*?)</code>', text, re.DOTALL)
    plain = [re.sub(r"</?span[^>]*>", "", code) for code in shown]
    wanted = script(REFUSED.case, REFUSED.arm, REFUSED.evidence, REFUSED.title)
    assert escape(wanted, quote=False) in [
        code.replace("&quot;", '"').replace("&#39;", "'") for code in plain
    ]


def test_releases_are_a_matrix_and_told_by_outcome(read: Reader) -> None:
    assert "Finding 0.12.4 0.12.5 0.12.6" in read.text
    assert "passes 0.12.4 still fails 0.12.5, 0.12.6" in read.text


def test_a_campaign_has_its_figures(read: Reader) -> None:
    assert "Seed 7 on flax" in read.text
    assert "100 s" not in read.text and "2 min in 1 run, 1 worker, 2 restarts" in read.text
    assert "2 distinct signatures in 1000 programs; half of them by program 100" in read.text
    assert "9 s 100 wrong-world scan graph-frozen: </script>" in read.text
    assert "transform 60.0 75%" in read.text
    assert "slot:tuple 900 0 0" in read.text


def test_a_folder_of_nothing_has_a_page(tmp_path: Path) -> None:
    read = Reader(page(tmp_path, Releases(), command_line))
    assert "0 findings with 0 causes." in read.text
    assert "There is nothing here yet." in read.text


def test_a_file_that_cannot_be_read_is_listed_beside_the_others(tmp_path: Path) -> None:
    corpus.save(LOST, tmp_path)
    (tmp_path / "torn.json").write_text("{")
    read = Reader(page(tmp_path, Releases(), command_line, run=False))
    assert "1 finding with 1 cause" in read.text
    assert f"{tmp_path / 'torn.json'} is no corpus entry: at $: it is no JSON" in read.text


def test_an_entry_takes_less_than_twenty_kilobytes_of_a_page() -> None:
    home = Path(__file__).parent.parent / "corpus"
    made = page(home, Releases(), command_line, run=False)
    entries = corpus.entries([home])
    assert made.count("<article") == len(entries) > 10
    assert len(made.encode()) < 20_000 * len(entries)


def test_one_entry_has_a_page_with_its_cause(tmp_path: Path) -> None:
    finds = folder(tmp_path)
    read = Reader(page(finds / corpus.file_name(NASTY), Releases(), command_line, run=False))
    assert "1 finding with 1 cause (1 wrong-world)" in read.text
    assert "Tree mode splits a shared Variable" in read.text


def test_long_evidence_is_cut(tmp_path: Path) -> None:
    many = tuple(
        Difference(("result", k), "array", "value", "1" * MOST_LETTERS + "2", "3")
        for k in range(MOST_ROWS + 1)
    )
    long = msgspec.structs.replace(
        LOST, evidence=msgspec.structs.replace(LOST.evidence, differences=many)
    )
    corpus.save(long, tmp_path)
    read = Reader(page(tmp_path, Releases(), command_line, run=False))
    assert f"{MOST_ROWS + 1} differences" in read.text
    assert f"The first {MOST_ROWS} are shown; all of them are in the entry." in read.text
    assert f"result[{MOST_ROWS - 1}]" in read.text and f"result[{MOST_ROWS}]" not in read.text
    assert "1" * MOST_LETTERS + " [...]" in read.text


# --- nothing else, nothing run --------------------------------------------------------------


def test_a_page_asks_for_nothing(read: Reader) -> None:
    assert not read.all("link", "img", "iframe", "object", "embed", "base", "form", "image", "use")
    assert not [a for _, a in read.tags if {"src", "srcset", "style", "xlink:href"} & a.keys()]
    assert not [a for _, a in read.tags for name in a if name.startswith("on")]
    targets = {str(a["href"]) for a in read.all("a") if "href" in a}
    assert {t for t in targets if not t.startswith("#")} == {
        "https://github.com/google/flax/issues/1",
        "https://github.com/google/flax/issues/4436",
    }


def test_only_the_style_and_the_script_of_the_page_are_allowed(text: str, read: Reader) -> None:
    policy = next(str(a["content"]) for a in read.all("meta") if a.get("http-equiv") is not None)
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_hostile_strings_are_shown(read: Reader) -> None:
    assert read.text.count(HOSTILE) >= 3
    assert "javascript:window.hacked=3" in read.text


@pytest.mark.parametrize(
    ("address", "made"),
    [
        ("https://a/?b&c", '<a href="https://a/?b&amp;c" rel="noreferrer">https://a/?b&amp;c</a>'),
        ("javascript:x", "javascript:x"),
        ("<b>", "&lt;b&gt;"),
        (
            'http://"onclick=',
            '<a href="http://&#34;onclick=" rel="noreferrer">http://&#34;onclick=</a>',
        ),
    ],
)
def test_only_addresses_of_the_web_are_links(address: str, made: str) -> None:
    assert link(address) == made


@pytest.mark.parametrize(
    ("text", "made"),
    [("a `b<` c", "a <code>b&lt;</code> c"), ("a ` <b>", "a ` &lt;b&gt;"), ("", "")],
)
def test_backticks_are_code(text: str, made: str) -> None:
    assert ticked(text) == made


# --- for all readers ------------------------------------------------------------------------


def test_names_are_unique_and_what_refers_to_one_finds_it(read: Reader) -> None:
    names = Counter(str(a["id"]) for _, a in read.tags if "id" in a)
    assert [name for name, count in names.items() if count > 1] == []
    for _, attributes in read.tags:
        for name in ("aria-labelledby", "data-copy"):
            assert set((attributes.get(name) or "").split()) <= names.keys()
        target = attributes.get("href") or ""
        assert not target.startswith("#") or target[1:] in names


def test_headings_leave_out_no_level(read: Reader) -> None:
    levels = [int(tag[1]) for tag, _ in read.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_landmarks_tables_and_drawings_have_names(text: str, read: Reader) -> None:
    tags = Counter(tag for tag, _ in read.tags)
    assert tags["main"] == tags["header"] == tags["nav"] == tags["footer"] == 1
    assert tags["caption"] == tags["table"] > 5
    assert all("scope" in attributes for attributes in read.all("th"))
    drawings = [a for a in read.all("svg") if a.get("aria-hidden") != "true"]
    assert all(a["role"] == "img" and a["aria-labelledby"] for a in drawings)
    assert all(
        a.get("aria-label") or a.get("aria-labelledby")
        for _, a in read.tags
        if a.get("role") == "region"
    )
    assert '<html lang="en">' in text


def test_what_scrolls_can_be_reached_by_keyboard(read: Reader) -> None:
    scrolling = [a for _, a in read.tags if a.get("class") == "wide"] + read.all("pre")
    assert all(attributes.get("tabindex") == "0" for attributes in scrolling)
