"""The commissioner's pages in a real browser: by keyboard, without a script, for everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from engine.core.calendar import local_day
from tests.web.browser import NARROW, WIDE, axe, sideways, tab
from tests.web.county import County, serving
from tests.web.keyboard import Keyboard

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


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_statement_is_filed_from_the_inbox_by_keyboard_alone(
    browser: Browser, county: County, script: bool
) -> None:
    with serving(county), tab(browser, base_url=county.url, script=script) as opened:
        page, hands = opened.page, Keyboard(opened.page)
        hands.enter("Sven Thiel")
        assert page.url.endswith("/eingang")
        assert page.get_attribute("html", "lang") == "de"
        hands.press("Umbau der Haltestellen")
        hands.press("Stellungnahme abgeben")
        hands.pick("Bedenken", "Ergebnis")
        hands.write("Wortlaut", "Der Bord ist zu hoch.")
        hands.write("Punkt 1", "Bord absenken")
        if script:
            saved = page.locator("[data-autosave-status]")
            expect(saved).to_contain_text("Automatisch gespeichert")
            page.reload()
        else:
            hands.press("Entwurf speichern")
        assert page.input_value("#f-wortlaut") == "Der Bord ist zu hoch."
        hands.press("Stellungnahme abgeben")
        hands.sees("Danach nicht mehr änderbar; Ergänzungen bleiben möglich.")
        assert axe(page) == [] if script else True
        hands.press("Abgeben")
        assert "/beleg/" in page.url
        hands.sees("Bedenken", "Bord absenken")
        assert axe(page) == [] if script else True
        page.goto(f"/vorhaben/{CASE}")
        assert opened.problems == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_an_absence_is_warned_of_and_entered_by_keyboard_alone(
    browser: Browser, county: County, script: bool
) -> None:
    today = local_day(county.clock.now())
    with serving(county), tab(browser, base_url=county.url, script=script) as opened:
        hands = Keyboard(opened.page)
        hands.enter("Sven Thiel")
        hands.press("Abwesenheit")
        for label, day in (("Erster Tag", today), ("Letzter Tag", today + timedelta(days=30))):
            hands.write_day(label, day)
        hands.press("Abwesenheit eintragen")
        hands.sees("ohne Vertretung – bitte klären.")
        hands.press("Trotzdem eintragen")
        hands.sees("Eingetragen: abwesend vom")
        hands.press("Zurücknehmen")
        hands.sees("Sie sind nicht abwesend gemeldet.")
        assert opened.problems == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_pages_are_for_everybody(
    browser: Browser, served: County, width: int, dark: bool
) -> None:
    with tab(browser, base_url=served.url, width=width, dark=dark) as opened:
        page = opened.page
        Keyboard(page).enter("Sven Thiel")
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
