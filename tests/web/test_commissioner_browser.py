"""The commissioner's pages in a real browser: by keyboard, without a script, for everybody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from engine.core.calendar import local_day
from tests.web.browser import NARROW, WIDE, axe, sideways, tab
from tests.web.county import County, serving

CASE = "V-2026-0002"
HERS = f"/vorhaben/{CASE}/beteiligung/behinderung~anhoerung~1/schritt"
PAGES = (
    "/eingang",
    f"/vorhaben/{CASE}",
    f"{HERS}/stellungnahme",
    f"{HERS}/verzichten",
    "/abwesenheit",
    "/nicht-gemeldet",
    "/nicht-gemeldet/verlangen",
    "/verbleib",
    "/jahresbericht",
    "/jahresbericht/zahl/step.statement",
    "/entwuerfe",
    "/benachrichtigungen",
)
MOST_TABS = 120


def enter(page: Page, person: str) -> None:
    """Sign in as one of the demo's people, by keyboard."""
    page.goto("/uebung")
    press(page, person)


def press(page: Page, words: str) -> None:
    """Tab to the first thing further on whose words begin so, and enter where it leads."""
    reach(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def reach(page: Page, words: str) -> None:
    """Tab on until something is focused whose name begins so."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => { const e = document.activeElement;
            const label = e.labels && e.labels.length ? e.labels[0].innerText : '';
            return (label || e.innerText || e.value || '').trim(); }"""
        )
        if told.startswith(words):
            return
    raise AssertionError(f"nothing called {words!r} is reached by tabbing on {page.url}")


def type_day(page: Page, day: date) -> None:
    """Type a day into the field that is focused, in the order that this browser's parts have."""
    for order in (f"{day:%d%m%Y}", f"{day:%m%d%Y}"):
        page.keyboard.type(order)
        if page.evaluate("document.activeElement.value") == day.isoformat():
            return
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("ArrowLeft")
    raise AssertionError(f"{day} cannot be typed")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_statement_is_filed_from_the_inbox_by_keyboard_alone(
    browser: Browser, county: County, script: bool
) -> None:
    with serving(county), tab(browser, base_url=county.url, script=script) as opened:
        page = opened.page
        enter(page, "Sven Thiel")
        assert page.url.endswith("/eingang")
        assert page.get_attribute("html", "lang") == "de"
        press(page, "Umbau der Haltestellen")
        press(page, "Stellungnahme abgeben")
        reach(page, "keine Bedenken")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        reach(page, "Wortlaut")
        page.keyboard.type("Der Bord ist zu hoch.")
        reach(page, "Punkt 1")
        page.keyboard.type("Bord absenken")
        if script:
            saved = page.locator("[data-autosave-status]")
            expect(saved).to_contain_text("Automatisch gespeichert")
            page.goto(page.url)
        else:
            press(page, "Entwurf speichern")
        assert page.input_value("#f-wortlaut") == "Der Bord ist zu hoch."
        press(page, "Stellungnahme abgeben")
        assert "Danach nicht mehr änderbar; Ergänzungen bleiben möglich." in page.inner_text("main")
        assert axe(page) == [] if script else True
        press(page, "Abgeben")
        assert "/beleg/" in page.url
        said = page.inner_text("main")
        assert "Bedenken" in said
        assert "Bord absenken" in said
        assert axe(page) == [] if script else True
        page.goto(f"/vorhaben/{CASE}")
        assert opened.problems == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_absence_is_warned_of_and_entered_by_keyboard_alone(
    browser: Browser, county: County, script: bool
) -> None:
    today = local_day(county.clock.now())
    with serving(county), tab(browser, base_url=county.url, script=script) as opened:
        page = opened.page
        enter(page, "Sven Thiel")
        press(page, "Abwesenheit")
        for label, day in (("Erster Tag", today), ("Letzter Tag", today + timedelta(days=30))):
            reach(page, label)
            type_day(page, day)
        press(page, "Abwesenheit eintragen")
        assert "ohne Vertretung – bitte klären." in page.inner_text("main")
        press(page, "Trotzdem eintragen")
        assert "Eingetragen: abwesend vom" in page.inner_text("body")
        press(page, "Zurücknehmen")
        assert "Sie sind nicht abwesend gemeldet." in page.inner_text("main")
        assert opened.problems == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_pages_are_for_everybody(
    browser: Browser, served: County, width: int, dark: bool
) -> None:
    with tab(browser, base_url=served.url, width=width, dark=dark) as opened:
        page = opened.page
        enter(page, "Sven Thiel")
        for path in PAGES:
            page.goto(path)
            assert page.title(), path
            assert page.get_attribute("html", "lang") == "de"
            assert axe(page) == [], path
            assert sideways(page) == 0, path
        page.goto("/sprache/en?zurueck=/eingang")
        assert page.get_attribute("html", "lang") == "en"
        assert "My inbox" in page.inner_text("h1")
        assert opened.problems == []
