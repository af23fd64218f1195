"""The page in a real Chromium: it copies, it asks for nothing, and everybody can use it."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from pages import HOSTILE, folder

from nnxfuzz.cli.common import command_line

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt install chromium"),
    *(
        pytest.mark.skipif(find_spec(module) is None, reason=f"{module} is not installed")
        for module in ("playwright", "pygraphviz")
    ),
]

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: Milliseconds that a step may take, however slow the machine is.
PATIENCE = 600_000

#: A colour on the colours behind it, for every text of the page that is seen.
CONTRASTS = """() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = parse(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const hidden = element.closest("script, style, svg, .hidden, .skip");
    if (hidden || !walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const pair = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const [high, low] = pair.sort((a, b) => b - a);
    found.push([(high + 0.05) / (low + 0.05), walker.currentNode.data.trim().slice(0, 40)]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of `pages.folder`, on the disk."""
    from nnxfuzz.report.page import page, releases

    where = tmp_path_factory.mktemp("page")
    made = page(folder(where), releases(where / "releases.json"), command_line)
    (where / "page.html").write_text(made)
    return (where / "page.html").as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=ARGUMENTS, timeout=PATIENCE
        )
        yield started
        started.close()


class Opened:
    """The page in a window, with all that it asked for, said or popped up."""

    def __init__(self, browser: Any, address: str, init: str = "", **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", lambda dialog: self.said.append(dialog.message))
        if init:
            self.page.add_init_script(init)
        self.page.goto(address)

    def __enter__(self) -> "Opened":
        return self

    def __exit__(self, *error: object) -> None:
        self.context.close()

    def pasted(self) -> str:
        """What is on the clipboard, as another page gets it."""
        other = self.context.new_page()
        other.set_content("<textarea autofocus></textarea>")
        other.focus("textarea")
        other.keyboard.press("Control+V")
        return str(other.input_value("textarea"))

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))

    def open_all(self) -> None:
        self.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")


def focused(page: Any) -> str:
    """The text of what has the keyboard."""
    return str(page.evaluate("document.activeElement.textContent")).strip()


# --- alone ----------------------------------------------------------------------------------


def test_it_asks_for_nothing_and_has_no_errors(browser: Any, address: str) -> None:
    with Opened(browser, address) as opened:
        opened.open_all()
        opened.page.wait_for_load_state("networkidle")
        assert opened.asked == [address]
        assert opened.said == []


def test_hostile_strings_are_shown_and_not_run(browser: Any, address: str) -> None:
    with Opened(browser, address) as opened:
        page = opened.page
        opened.open_all()
        assert HOSTILE in page.inner_text("main")
        assert page.evaluate("window.hacked") is None
        assert page.locator("script").count() == 1
        assert page.locator("img").count() == 0
        drawings = page.locator("svg.drawing title").all_text_contents()
        assert f"{HOSTILE}: before" in drawings


def test_what_is_not_the_page_s_own_would_not_run(
    browser: Any, address: str, tmp_path: Path
) -> None:
    """Should a string ever get through, the page's policy stops it."""
    text = Path(address.removeprefix("file://")).read_text()
    broken = tmp_path / "broken.html"
    broken.write_text(text.replace("</main>", "<script>window.hacked = 1</script></main>"))
    with Opened(browser, broken.as_uri()) as opened:
        assert opened.page.evaluate("window.hacked") is None
        assert any("Content Security Policy" in line for line in opened.said)


# --- the copy button ------------------------------------------------------------------------

NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"


@pytest.mark.parametrize("init", ["", NO_CLIPBOARD], ids=["clipboard", "without a clipboard"])
def test_the_program_is_copied(browser: Any, address: str, init: str) -> None:
    with Opened(browser, address, init) as opened:
        opened.page.locator("details.case > summary").first.click()
        script = opened.page.locator("details.script").first
        script.locator("summary").click()
        script.locator("button").click()
        script.get_by_text("Copied.").wait_for()
        wanted = script.locator("pre code").text_content()
        assert wanted.startswith('"""') and "import jax" in wanted
        assert opened.pasted() == wanted


def test_a_browser_that_does_not_copy_selects_the_program(browser: Any, address: str) -> None:
    init = NO_CLIPBOARD + "document.execCommand = () => false;"
    with Opened(browser, address, init) as opened:
        opened.page.locator("details.case > summary").first.click()
        script = opened.page.locator("details.script").first
        script.locator("summary").click()
        script.locator("button").click()
        script.get_by_text("The browser does not let a page copy").wait_for()
        selected = opened.page.evaluate("getSelection().toString()")
        assert selected.strip() == script.locator("pre code").text_content().strip()


# --- the table ------------------------------------------------------------------------------


def shown(page: Any) -> list[str]:
    """The titles in the table of findings, as far as they are seen."""
    return [
        text.strip() for text in page.locator("#findings ~ table th a:visible").all_inner_texts()
    ]


def test_the_table_is_filtered_with_its_cases(browser: Any, address: str) -> None:
    with Opened(browser, address) as opened:
        page = opened.page
        every = shown(page)
        assert len(every) == page.locator("article:has(details.case):visible").count() == 4
        page.get_by_label("Kind").select_option("wrong-world")
        assert len(shown(page)) == page.locator("article:has(details.case):visible").count() == 2
        assert page.locator(".tools [role=status]").inner_text() == "2 of 4"
        page.get_by_label("Kind").select_option("")
        page.get_by_label("Search").fill("spurious-refusal FIXED since")
        assert shown(page) == ["Fixed since"]
        page.get_by_label("Search").fill("")
        assert shown(page) == every


def test_what_only_its_case_says_is_searched_too(browser: Any, address: str) -> None:
    with Opened(browser, address) as opened:
        opened.page.get_by_label("Search").fill("a rounded float decides")
        assert shown(opened.page) == [HOSTILE]


def test_the_table_is_sorted_by_a_column_and_back(browser: Any, address: str) -> None:
    with Opened(browser, address) as opened:
        page = opened.page
        head = page.locator("#findings ~ table thead th", has_text="Finding")
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == "ascending"
        first = shown(page)
        assert first == sorted(first, key=str.lower)
        head.get_by_role("button").click()
        assert shown(page) == first[::-1]


def test_the_state_comes_first_and_what_is_open_before_the_rest(browser: Any, address: str) -> None:
    with Opened(browser, address) as opened:
        states = opened.page.locator("#findings ~ table .state").all_inner_texts()
        assert states == ["open", "not known", "not known", "mended"]
        kept = opened.page.locator("summary .state").all_inner_texts()
        assert kept == states


def test_a_link_opens_the_case_that_it_leads_to(browser: Any, address: str) -> None:
    with Opened(browser, address) as opened:
        page = opened.page
        assert page.locator("details.case[open]").count() == 0
        page.get_by_role("link", name="Fixed since").first.click()
        case = page.locator("details.case[open]")
        assert "Fixed since" in case.locator("h3").inner_text()
    with Opened(browser, f"{address}#case-2") as opened:
        assert opened.page.locator("#case-2-case details.case").get_attribute("open") is not None


@pytest.mark.parametrize("width", [390, 1280])
def test_no_drawing_is_cut_and_the_worlds_stand_in_a_row(
    browser: Any, address: str, width: int
) -> None:
    with Opened(browser, address, viewport={"width": width, "height": 800}) as opened:
        opened.open_all()
        boxes = opened.page.evaluate(
            """() => [...document.querySelectorAll(".figures")].map(row =>
              [...row.querySelectorAll("svg")].map(svg => {
                const [own, around] = [svg.getBoundingClientRect(),
                                       svg.parentElement.getBoundingClientRect()];
                return [own.right <= around.right, Math.round(around.top)];
              }))"""
        )
        assert max(map(len, boxes)) > 1
        for row in boxes:
            assert all(fits for fits, _ in row)
            assert len({top for _, top in row}) == (1 if width > 1000 else len(row))


# --- the keyboard ---------------------------------------------------------------------------


def test_the_first_tab_stop_leads_to_the_content(browser: Any, address: str) -> None:
    with Opened(browser, address) as opened:
        page = opened.page
        assert not page.locator(".skip").bounding_box()["x"] >= 0
        page.keyboard.press("Tab")
        assert focused(page) == "Skip to the content"
        assert page.locator(".skip").bounding_box()["x"] >= 0
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_the_copy_button_can_be_reached_and_pressed_by_keyboard(browser: Any, address: str) -> None:
    with Opened(browser, address) as opened:
        page = opened.page
        page.locator("details.case > summary").first.click()
        tab_to(page, "Stand-alone program")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert focused(page) == "Copy the program"
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"
        page.keyboard.press("Enter")
        page.get_by_text("Copied.").wait_for()
        assert focused(page) == "Copy the program"


def tab_to(page: Any, start: str, limit: int = 200) -> None:
    """Press Tab until what has the keyboard begins with `start`."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        if focused(page).startswith(start):
            return
    raise AssertionError(f"no tab stop begins with {start!r}")


# --- phones, the dark, paper ----------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_window_scrolls_sideways(browser: Any, address: str, width: int) -> None:
    with Opened(browser, address, viewport={"width": width, "height": 800}) as opened:
        assert opened.overflow() == 0
        opened.open_all()
        assert opened.overflow() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(
    browser: Any, address: str, scheme: str
) -> None:
    with Opened(browser, address, color_scheme=scheme) as opened:
        opened.open_all()
        contrasts = opened.page.evaluate(CONTRASTS)
        assert len(contrasts) > 300
        assert [text for ratio, text in contrasts if ratio < 4.5] == []


def test_the_dark_is_dark_and_drawings_are_too(browser: Any, address: str) -> None:
    def colours(scheme: str) -> list[str]:
        with Opened(browser, address, color_scheme=scheme) as opened:
            return [
                opened.page.evaluate("getComputedStyle(document.body).backgroundColor"),
                opened.page.evaluate(
                    "getComputedStyle(document.querySelector('.drawing .body')).fill"
                ),
            ]

    assert colours("light") == ["rgb(255, 255, 255)", "rgb(255, 255, 255)"]
    assert colours("dark") == ["rgb(20, 24, 31)", "rgb(27, 33, 41)"]


def test_paper_is_light_has_no_buttons_and_everything_open(browser: Any, address: str) -> None:
    with Opened(browser, address, color_scheme="dark") as opened:
        page = opened.page
        closed = page.locator("details:not([open])").count()
        page.emulate_media(media="print", color_scheme="dark")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert closed > 0 and page.locator("details:not([open])").count() == 0
        assert not page.locator("nav").is_visible()
        assert not page.locator("button").first.is_visible()
        assert page.locator("details.script pre").first.is_visible()
        colour = page.evaluate("getComputedStyle(document.body).color")
        assert colour == "rgb(28, 36, 48)"
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("details:not([open])").count() == closed
        assert page.pdf().startswith(b"%PDF")


# --- as a screen reader has it --------------------------------------------------------------


def test_a_screen_reader_gets_landmarks_drawings_and_tables(browser: Any, address: str) -> None:
    with Opened(browser, address) as opened:
        page = opened.page
        opened.open_all()
        for role in ("banner", "navigation", "main", "contentinfo"):
            assert page.get_by_role(role).count() == 1
        drawing = page.get_by_role("img", name="Two distinct modules: expected").first
        told = page.evaluate(
            "e => document.getElementById(e.getAttribute('aria-labelledby').split(' ')[1])"
            ".textContent",
            drawing.element_handle(),
        )
        assert "carry" in told or "caller" in told
        table = page.get_by_role("table", name="The same program on each transform").first
        assert table.get_by_role("rowheader", name="fori_loop").count() == 2
        assert table.get_by_role("columnheader", name="plain").count() == 1


# --- the atlas ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def atlas(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The page of an atlas of two releases: 400 rows, of which one deviates on the older."""
    from nnxfuzz.checker.atlas import CONSTRUCTS, WAYS, Cell
    from nnxfuzz.report.page.atlas import atlas_page

    keys = [(name, way) for name in CONSTRUCTS for way in WAYS][:400]
    same = [Cell(name, way, "graph", "same") for name, way in keys]
    odd = Cell(*keys[350], "graph", "deviates", "drops it", "some-record")
    path = tmp_path_factory.mktemp("atlas") / "atlas.html"
    path.write_text(atlas_page({"1": [*same[:350], odd, *same[351:]], "2": same}))
    return path.as_uri()


@pytest.mark.slow
def test_the_atlas_is_filtered_by_what_a_release_does(browser: Any, atlas: str) -> None:
    with Opened(browser, atlas) as opened:
        page = opened.page
        rows = page.locator("tbody tr:visible")
        status = page.locator(".tools [role=status]")
        assert status.inner_text() == "400 of 400, the first 300 are shown"
        assert rows.count() == 300
        page.get_by_role("button", name="Show all").click()
        assert rows.count() == 400
        page.get_by_label("Kind").select_option("deviates")
        assert rows.count() == 1
        assert page.locator("article:visible").count() == 1
        page.locator("[data-columns]").select_option("2")
        assert rows.count() == 0, "it is the older release that deviates"
        page.locator("[data-columns]").select_option("1")
        assert rows.count() == 1
        assert page.locator("thead th:visible").all_inner_texts()[-1] == "1"
        assert opened.said == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_the_atlas_does_not_scroll_sideways(browser: Any, atlas: str, width: int) -> None:
    with Opened(browser, atlas, viewport={"width": width, "height": 800}) as opened:
        opened.open_all()
        assert opened.overflow() == 0
