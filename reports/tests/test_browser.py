"""The page in a real Chromium: nothing to complain of, readable in every width, scheme and on paper."""

import re
import signal
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Browser
from pages import STORED, compare_page, full_page, page_bytes

from sysvet_report.html import TEMPLATES

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed")
NARROW, WIDE = 390, 1280
each_width = pytest.mark.parametrize("width", [NARROW, WIDE])
each_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture(scope="module", name="browser")
def a_browser() -> Iterator[Browser]:
    """One for all tests."""
    def hung(*_: object) -> None:
        raise TimeoutError("Chromium does not answer")
    before = signal.signal(signal.SIGALRM, hung)
    browser = Browser()
    yield browser
    browser.close()
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module", name="folder")
def pages_as_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of each stored run, and one with everything that a page can have."""
    folder = tmp_path_factory.mktemp("pages")
    for name in STORED:
        (folder / f"{name}.html").write_bytes(page_bytes(name))
    (folder / "full.html").write_bytes(full_page(folder))
    (folder / "compare.html").write_text(compare_page(folder))
    return folder


@each_width
@pytest.mark.parametrize("name", [*STORED, "full", "compare"])
def test_is_quiet_and_fits(browser: Browser, folder: Path, name: str, width: int) -> None:
    page = folder / f"{name}.html"
    browser.visit(page, width)
    assert browser.value("document.querySelectorAll('details').forEach(one => one.open = true)") is None
    assert browser.value("document.documentElement.scrollWidth") == width
    assert not browser.said()
    assert set(browser.requests()) <= {page.as_uri(), "data:,"}


# Text whose contrast with what lies behind it is below 4.5, or below 3 when it is large; WCAG 2.2, 1.4.3.
FAINT = """(() => {
  const channels = colour => {
    const n = colour.match(/[\\d.]+/g).map(Number);
    const scale = colour.startsWith("color(") ? 1 : 255;
    return {rgb: n.slice(0, 3).map(c => c / scale), alpha: n.length > 3 ? n[3] : 1};
  };
  const luminance = rgb => rgb.map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const found = channels(getComputedStyle(element).backgroundColor);
      if (found.alpha) return found.rgb;
    }
    return [1, 1, 1];
  };
  const faint = [];
  document.querySelectorAll("details").forEach(one => one.open = true);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    if (!walker.currentNode.data.trim() || !element.getClientRects().length) continue;
    const ink = element instanceof SVGElement ? style.fill : style.color;
    const [high, low] = [luminance(channels(ink).rgb), luminance(ground(element))].sort((a, b) => b - a);
    const large = parseFloat(style.fontSize) >= 24;
    if ((high + 0.05) / (low + 0.05) < (large ? 3 : 4.5))
      faint.push(`${element.tagName}.${element.className.baseVal ?? element.className}: ` +
        `${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return faint;
})()"""


@each_scheme
@pytest.mark.parametrize("name", ["full", "deviates", "broken", "compare"])
def test_contrast_of_all_text(browser: Browser, folder: Path, name: str, scheme: str) -> None:
    browser.visit(folder / f"{name}.html", scheme=scheme)
    assert browser.value(FAINT) == []
    browser.value("document.body.style.color = getComputedStyle(document.body).backgroundColor")
    assert browser.value(FAINT) != []


def paper(scheme: str) -> str:
    """The colour that the page gives its background."""
    css = (TEMPLATES / "report.css").read_text()
    light, dark = css.split("prefers-color-scheme: dark")[:2]
    found = re.search(r"--paper: #([0-9a-f]{6})", light if scheme == "light" else dark)
    assert found
    return found[1]


def first_dot(png: bytes) -> str:
    """The colour of the upper left corner. No filter of PNG changes the first dot of an image."""
    chunks, at = b"", 8
    while at < len(png):
        size = int.from_bytes(png[at:at + 4], "big")
        if png[at + 4:at + 8] == b"IDAT":
            chunks += png[at + 8:at + 8 + size]
        at += size + 12
    return zlib.decompress(chunks)[1:4].hex()


@each_width
@each_scheme
def test_picture(browser: Browser, folder: Path, width: int, scheme: str) -> None:
    browser.visit(folder / "full.html", width, scheme=scheme)
    picture = browser.picture()
    assert int.from_bytes(picture[16:20], "big") == width
    assert first_dot(picture) == paper(scheme)
    browser.value("document.body.replaceChildren()")
    assert browser.picture() != picture


def test_first_screen_says_what_matters(browser: Browser, folder: Path) -> None:
    for width, height in ((NARROW, 844), (WIDE, 720)):
        browser.visit(folder / "full.html", width, height)
        assert browser.value("document.querySelector('h1').getBoundingClientRect().top") < height / 3
        assert browser.value("document.querySelector('.evidence').getBoundingClientRect().bottom") <= height


def test_keyboard(browser: Browser, folder: Path) -> None:
    browser.visit(folder / "deviates.html")
    browser.press("Tab")
    assert browser.value("document.activeElement.className") == "skip"
    assert browser.value("document.activeElement.getBoundingClientRect().left") >= 0
    reached = set()
    for _ in range(400):
        browser.press("Tab")
        reached.add(browser.value("document.activeElement.tagName"))
        if browser.value("document.activeElement === document.body"):
            break
    assert {"A", "SUMMARY", "BODY"} <= reached


@pytest.mark.parametrize("name", ["full", "compare"])
def test_wide_tables_scroll_by_keyboard(browser: Browser, folder: Path, name: str) -> None:
    browser.visit(folder / f"{name}.html", NARROW)
    scrolls = """[...document.querySelectorAll('*')].filter(one => one.scrollWidth > one.clientWidth + 1
      && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX))"""
    assert browser.value(f"{scrolls}.length") > 0
    assert browser.value(f"{scrolls}.filter(one => one.tabIndex !== 0).length") == 0


def test_on_paper(browser: Browser, folder: Path) -> None:
    browser.visit(folder / "deviates.html", scheme="dark", media="print")
    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    folded = "[...document.querySelectorAll('details.unfold:not([open])')].map(one => one.scrollHeight)"
    assert browser.value(f"{folded}.length > 0 && Math.min(...{folded}) > 30")
    assert browser.value("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert browser.paper().startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["full", "compare"])
def test_everything_has_a_name(browser: Browser, folder: Path, name: str) -> None:
    browser.visit(folder / f"{name}.html")
    nodes = browser.ask("Accessibility.getFullAXTree")["nodes"]
    named = {"link", "heading", "table", "img", "navigation", "group", "DisclosureTriangle"}
    seen = [(node["role"]["value"], node.get("name", {}).get("value", "").strip())
            for node in nodes if not node["ignored"] and node["role"]["value"] in named]
    assert {"link", "heading", "table"} <= {role for role, _ in seen}
    assert not [role for role, name in seen if not name and role != "group"]
