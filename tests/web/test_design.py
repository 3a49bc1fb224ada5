"""How the product looks and behaves, asked of a real browser: every part, light and dark."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from engine.errors import Text
from engine.web import charts
from engine.web.look import FOR_EVER, STATIC, TEMPLATES, Static, asset, digest
from engine.web.pages.help import ALSO, TOPICS
from tests.web.browser import NARROW, WIDE, Tab, apart, axe, sideways, tab
from tests.web.kitchen_sink import page, served

TEMPLATE_FILES = sorted(TEMPLATES.rglob("*.html"))
HELP = sorted(p.stem for p in (TEMPLATES / "help").glob("*.html") if p.stem != "frame")
ERRORS = (403, 404, 405, 409, 413, 422, 429, 500, 503)
PAGES = [
    *(f"/?page=error.html&status={status}" for status in ERRORS),
    "/?page=accessibility.html",
    *(f"/?page=help/{name}.html&topic={name}" for name in HELP),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as url:
        yield url


def settled(opened: Tab, url: str) -> Tab:
    opened.page.goto(url)
    opened.page.wait_for_load_state("networkidle")
    return opened


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_part_is_accessible(browser: Browser, address: str, width: int, dark: bool) -> None:
    with tab(browser, width=width, dark=dark) as opened:
        settled(opened, address)
        assert axe(opened.page) == []
        assert sideways(opened.page) == 0
        assert opened.problems == []


def test_an_open_browser_leaves_room_for_other_loops(browser: Browser) -> None:
    async def nine() -> int:
        return 9

    with tab(browser) as opened:
        opened.page.set_content("<p>Guten Tag</p>")
        assert apart(lambda: asyncio.run(nine())) == 9


def test_what_is_wrong_would_be_found(browser: Browser) -> None:
    with tab(browser, width=NARROW) as opened:
        opened.page.set_content(
            "<title>x</title><main><h1>x</h1><input><p style='color:#bbb;width:900px'>grau</p></main>"
        )
        found = " ".join(axe(opened.page))
        assert "label" in found
        assert "color-contrast" in found
        assert "html-has-lang" in found
        assert sideways(opened.page) > 0


def test_the_pages_speak_english_too(browser: Browser, address: str) -> None:
    with tab(browser) as opened:
        settled(opened, f"{address}/?language=en")
        assert opened.page.locator("html").get_attribute("lang") == "en"
        assert opened.page.get_by_role("heading", name="What comes next").is_visible()
        assert axe(opened.page) == []


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_help_and_of_errors_are_accessible(
    browser: Browser, address: str, path: str
) -> None:
    with tab(browser, width=NARROW, dark=True) as opened:
        settled(opened, address + path)
        assert axe(opened.page) == []
        assert sideways(opened.page) == 0
        assert opened.problems == []
        german = opened.page.locator("main").inner_text()
        settled(opened, f"{address}{path}&language=en")
        assert axe(opened.page) == []
        assert opened.page.locator("main").inner_text() != german


def test_forced_colours_leave_lights_and_marks_to_be_seen(browser: Browser, address: str) -> None:
    with tab(browser, forced=True, dark=True) as opened:
        settled(opened, address)
        for light in opened.page.locator(".rz-light .rz-sign").all():
            shape, back = light.evaluate(
                "e => [getComputedStyle(e).fill, getComputedStyle(document.body).backgroundColor]"
            )
            assert shape != back
        assert opened.problems == []


def test_nothing_moves_whether_or_not_somebody_asks_for_it(browser: Browser, address: str) -> None:
    """KERN has a page glide to what Tab reaches; whoever tabs on would not see where she is."""
    moving = (
        "[...document.querySelectorAll('*')].map(e => getComputedStyle(e)).filter(s => "
        "s.transitionDuration.split(', ').some(d => parseFloat(d) > 0) || s.animationName != "
        "'none' || s.scrollBehavior == 'smooth').length"
    )
    with tab(browser, calm=True) as calm, tab(browser) as usual:
        assert settled(calm, address).page.evaluate(moving) == 0
        assert settled(usual, address).page.evaluate(moving) == 0


def test_the_keyboard_reaches_the_content_at_once(browser: Browser, address: str) -> None:
    with tab(browser, script=False) as opened:
        settled(opened, address)
        opened.page.keyboard.press("Tab")
        skip = opened.page.locator(":focus")
        assert skip.inner_text() == "Zum Inhalt springen"
        assert skip.bounding_box()["x"] >= 0  # type: ignore[index]
        opened.page.keyboard.press("Enter")
        assert opened.page.locator(":focus").get_attribute("id") == "inhalt"


def test_everything_that_takes_the_focus_shows_it(browser: Browser, address: str) -> None:
    with tab(browser) as opened:
        settled(opened, address)
        opened.page.evaluate("document.activeElement.blur()")
        seen = 0
        for _ in range(60):
            opened.page.keyboard.press("Tab")
            marked = opened.page.evaluate(
                "(e => { const s = getComputedStyle(e), a = getComputedStyle(e, '::after');"
                "const w = getComputedStyle(e.parentElement);"
                "return e === document.body || [s, a, w].some(x => x.outlineStyle != 'none' && "
                "parseFloat(x.outlineWidth) >= 2) || s.boxShadow != 'none' })"
                "(document.activeElement)"
            )
            assert marked, opened.page.evaluate("document.activeElement.outerHTML")
            seen += opened.page.evaluate("document.activeElement !== document.body")
        assert seen > 40


def test_without_a_script_no_button_promises_what_it_cannot_do(
    browser: Browser, address: str
) -> None:
    with tab(browser, script=False) as opened:
        settled(opened, address)
        assert opened.page.get_by_role("button", name="Abgeben").is_visible()
        assert not opened.page.get_by_text("Seite drucken").is_visible()
        assert not opened.page.get_by_text("Prüfvermerk kopieren").is_visible()


def test_an_error_is_read_first_and_leads_to_its_field(browser: Browser, address: str) -> None:
    with tab(browser) as opened:
        settled(opened, address)
        first = opened.page.locator(":focus")
        assert first.get_attribute("role") == "alert"
        first.get_by_role("link").first.click()
        field = opened.page.get_by_label("Worum geht es?")
        assert field.evaluate("e => e === document.activeElement")
        told = field.get_attribute("aria-describedby") or ""
        words = [opened.page.locator(f"#{id}").text_content() for id in told.split()]
        assert words == [
            "Ein Satz genügt.",
            "Fehler: Bitte sagen Sie in einem Satz, worum es geht.",
        ]


def test_a_draft_saves_itself_with_the_token_of_its_form(browser: Browser, address: str) -> None:
    with tab(browser) as opened:
        settled(opened, address)
        opened.page.get_by_label("Worum geht es?").fill("Neue Rampe")
        saved = opened.page.get_by_text("Entwurf gespeichert: Neue Rampe, t")
        saved.wait_for(timeout=5000)
        assert saved.get_attribute("role") == "status"
        assert opened.problems == []


def test_a_draft_that_could_not_be_saved_says_so(browser: Browser, address: str) -> None:
    with tab(browser) as opened:
        settled(opened, address)
        opened.page.context.set_offline(True)
        opened.page.get_by_label("Worum geht es?").fill("Neue Rampe")
        opened.page.get_by_text("noch nicht gespeichert").wait_for(timeout=5000)


def test_the_note_can_be_copied(browser: Browser, address: str) -> None:
    with tab(browser, permissions=["clipboard-read", "clipboard-write"]) as opened:
        settled(opened, address)
        opened.page.get_by_text("Prüfvermerk kopieren").click()
        opened.page.get_by_text("Kopiert", exact=True).wait_for()
        copied = opened.page.evaluate("navigator.clipboard.readText()")
        assert copied.endswith("Prüfcode 7F3K-92QD.")


def test_paper_shows_the_case_and_not_the_way_through_the_site(
    browser: Browser, address: str
) -> None:
    with tab(browser) as opened:
        settled(opened, address)
        opened.page.emulate_media(media="print")
        assert not opened.page.get_by_role("navigation", name="Hauptnavigation").is_visible()
        assert not opened.page.get_by_role("button", name="Abgeben").is_visible()
        assert opened.page.get_by_role("heading", name="Als Nächstes").is_visible()
        assert opened.page.get_by_text("es werden keine E-Mails versandt").is_visible()


def test_vendored_files_are_what_their_makers_published() -> None:
    folder = STATIC / "vendor"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    listed = {name: hash for p in manifest["packages"] for name, hash in p["sha256"].items()}
    found = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}
    assert {k: v for k, v in found.items() if k not in ("manifest.json", "README.md")} == listed
    assert {p["licence"] for p in manifest["packages"]} == {"EUPL-1.2", "OFL-1.1"}


def test_style_sheets_load_nothing_from_elsewhere() -> None:
    for sheet in (STATIC / "vendor" / "kern.min.css", STATIC / "rechtzeitig.css"):
        text = sheet.read_text("utf-8")
        assert "@import" not in text
        for target in re.findall(r"url\(\s*[\"']?([^\"')]{0,80})", text):
            assert target.startswith("data:image/svg+xml") or (STATIC / target).is_file(), target


def test_an_address_names_the_content_and_may_be_kept() -> None:
    client = TestClient(Starlette(routes=[Mount("/static", Static())]))
    answer = client.get(asset("rechtzeitig.css"))
    assert answer.headers["cache-control"] == FOR_EVER
    assert client.get(f"/static/{'0' * len(digest())}/rechtzeitig.css").status_code == 404
    assert client.get("/static/rechtzeitig.css").status_code == 404
    assert client.get(f"/static/{digest()}/%2e%2e/base.html").status_code == 404
    assert client.get(f"/static/{digest()}/").status_code == 404


@pytest.mark.parametrize("path", TEMPLATE_FILES, ids=lambda p: p.relative_to(TEMPLATES).as_posix())
def test_no_template_cites_a_norm_or_carries_style_or_script(path: object) -> None:
    text = TEMPLATE_FILES[TEMPLATE_FILES.index(path)].read_text("utf-8")  # type: ignore[arg-type]
    assert "§" not in text
    assert not re.search(r"\bAbs\. ?\d|\bArt\. ?\d", text)
    assert not re.search(r"\sstyle=|\son[a-z]+=[\"']|<style|javascript:|<script(?! src)", text)


def test_every_class_of_ours_has_its_rule() -> None:
    rules = (STATIC / "rechtzeitig.css").read_text("utf-8")
    known = set(re.findall(r"\.(rz-[a-z0-9_-]+)", rules))
    for path in TEMPLATE_FILES:
        for classes in re.findall(r'class="([^"]*)"', path.read_text("utf-8")):
            plain = re.sub(r"\{[{%].*?[%}]\}", " { ", classes)
            used = {c for c in plain.split() if re.fullmatch(r"rz-[a-z0-9_-]*[a-z0-9]", c)}
            assert used <= known, (path.name, used - known)


def test_each_page_points_to_help_that_exists() -> None:
    for path in TEMPLATE_FILES:
        text = path.read_text("utf-8")
        for topic in re.findall(r"\{% block help %\}([a-z-]+)\{% endblock %\}", text):
            assert topic in TOPICS | ALSO.keys(), (path.name, topic)
    assert set(ALSO.values()) <= TOPICS


def test_what_people_type_is_shown_and_never_run() -> None:
    evil = "<script>alert(1)</script>\"'"
    html = page(
        municipality=evil, message=evil, steps=[{"what": evil, "until": None, "href": '"><b>'}]
    )
    assert "<script>alert" not in html
    assert "<b>" not in html


def rows_of(parts: int) -> st.SearchStrategy[list[list[int]]]:
    figures = st.lists(st.integers(0, 10_000), min_size=parts, max_size=parts)
    return st.lists(figures, min_size=1, max_size=6)


@given(st.integers(1, charts.KINDS).flatmap(rows_of))
def test_bars_are_as_long_as_their_figures(rows: list[list[int]]) -> None:
    parts = [Text(f"Teil {n}", f"part {n}") for n in range(len(rows[0]))]
    drawn = charts.bars(
        "bild", Text("Bild", "Picture"), parts, [charts.Bar(Text("a", "a"), tuple(r)) for r in rows]
    )
    marks = re.findall(rf'width="([\d.]+)" height="{charts.BAR}"', drawn.svg)
    bars = [float(width) for width in marks]
    figures = [f for r in rows for f in r if f]
    assert len(bars) == len(figures)
    longest = max(sum(r) for r in rows) or 1
    for length, figure in zip(bars, figures, strict=True):
        assert length == pytest.approx((charts.WIDTH - charts.FIGURE) * figure / longest, abs=0.06)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=12), st.integers(0, 400))
def test_no_day_on_a_line_of_time_hides_another(offsets: list[int], now: int) -> None:
    first = date(2026, 1, 1)
    marks = [charts.Mark(first + timedelta(o), Text("Tag", "day")) for o in offsets]
    drawn = charts.days("linie", Text("Linie", "line"), marks, today=first + timedelta(now))
    dots = [(float(x), int(y)) for x, y in re.findall(r'cx="([\d.]+)" cy="(\d+)"', drawn.svg)]
    assert len(dots) == len(drawn.rows) == len(marks)
    assert all(0 <= x <= charts.WIDTH for x, _ in dots)
    for n, (x, y) in enumerate(dots):
        assert all(abs(x - a) > 22 or y != b for a, b in dots[n + 1 :])


def test_a_picture_says_in_words_what_it_shows() -> None:
    share = charts.Bar(Text("Bauen & Planen", "Building"), (61.25,))
    title = Text("rechtzeitig", "in time")
    drawn = charts.bars("quote", title, [title], [share], unit="%")
    assert "<title" in drawn.svg
    assert '<desc id="quote-told">Bauen &amp; Planen: 61,2 %</desc>' in drawn.svg
    assert drawn.rows == ((Text("Bauen & Planen", "Building"), "61,2 %"),)
