"""Registering in a real browser: by keyboard alone, without a script, in every light and width.

The keystroke model (KLM, Card, Moran, Newell 1980): a key takes 0.2 s, and every field and every
button needs 1.35 s of thought before the first key. There is no pointing and no homing, because
nothing but the keyboard is used. What the machine needs is measured elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.installation import local_today
from tests.web.browser import NARROW, WIDE, Tab, axe, sideways, tab
from tests.web.county import County

KEY, THOUGHT = 0.2, 1.35
MOST_SECONDS, MOST_FIELDS = 180, 12
TITLE = "Sprachkurse für Zugewanderte im Bürgerhaus am Markt"
PLANNED = (
    "Zwei Kurse je Woche mit Kinderbetreuung, offen für alle, vorerst für ein Jahr. Die Räume sind da; "
    "die Kosten trägt der Haushalt."
)
PICTURES = os.environ.get("RECHTZEITIG_PICTURES")
"""A folder to which every page looked at here is drawn, for whoever wants to see them."""


@dataclass
class Hands:
    """Somebody at a keyboard: every key and every field is counted."""

    page: Page
    keys: int = 0
    fields: int = 0
    buttons: int = 0

    @property
    def seconds(self) -> float:
        """How long it takes by the model."""
        return self.keys * KEY + (self.fields + self.buttons) * THOUGHT

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.keys += len(words)

    def at(self) -> str:
        """Return the name of the field, or the words of the button, that has the focus."""
        found: str = self.page.evaluate(
            "() => { const e = document.activeElement;"
            " return e.name && e.type !== 'submit' ? e.name : (e.textContent || '').trim(); }"
        )
        return found

    def to(self, name: str) -> None:
        """Press Tab until that field or button has the focus."""
        for _ in range(120):
            if self.at() == name:
                return
            self.press("Tab")
        raise AssertionError(f"nobody gets to {name} by Tab")

    def field(self, name: str) -> None:
        self.to(name)
        self.fields += 1

    def push(self, words: str, key: str = "Enter") -> None:
        """Get to a button and push it; the page that follows is loaded."""
        self.to(words)
        self.buttons += 1
        with self.page.expect_navigation():
            self.press(key)
        self.page.wait_for_load_state()

    def choose(self, name: str, words: str) -> None:
        """Choose in a list by the first letters of its words."""
        self.field(name)
        self.type(words)


@pytest.fixture
def weber(browser: Browser, served: County) -> Iterator[Tab]:
    with tab(browser, base_url=served.url) as opened:
        enter(opened.page)
        yield opened
        assert not opened.problems


def enter(page: Page, person: str = "weber") -> None:
    page.goto("/uebung")
    page.locator(f"button[data-person={person}]").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def first_page(hands: Hands, paper: Path, number: str) -> None:
    hands.field("titel")
    hands.type(TITLE)
    hands.field("beschreibung")
    hands.type(PLANNED)
    hands.choose("entscheidet", "Kr")
    hands.field("tag")
    hands.type((local_today() + timedelta(days=80)).strftime("%d%m%Y"))
    hands.choose("fest", "no")
    hands.field("nummer")
    hands.type(number)
    hands.field("unterlagen")
    # The dialogue of the operating system is beyond a test: ten keys of a file's name, and Enter.
    hands.page.locator("[name=unterlagen]").set_input_files(paper)
    hands.keys += 12
    hands.push("Weiter zur Betroffenheitsprüfung")


def questions(hands: Hands) -> None:
    names = hands.page.evaluate(
        "[...new Set([...document.querySelectorAll('input[type=radio]')].map(e => e.name))]"
    )
    for place, name in enumerate(names):
        hands.field(name)
        hands.press("Space")
        if place:
            hands.press("ArrowDown")
    hands.push("Ergebnis und Zeitplan ansehen")


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "vorlage.txt"
    path.write_text("Der Entwurf der Vorlage.\n")
    return path


def test_a_measure_is_registered_by_keyboard_alone_within_three_minutes(
    weber: Tab, paper: Path
) -> None:
    hands = Hands(weber.page)
    hands.push("Vorhaben anmelden")
    before = hands.fields
    first_page(hands, paper, "V 201")
    form = hands.fields - before
    questions(hands)
    hands.push("Anmelden und jetzt informieren")
    assert "Angemeldet als" in weber.page.locator("[role=status]").first.inner_text()
    assert form <= MOST_FIELDS, "the fields of the registration that were needed"
    assert hands.seconds <= MOST_SECONDS, f"{hands.keys} keys, {hands.fields} fields"


def test_the_form_shows_at_most_twelve_fields(weber: Tab) -> None:
    weber.page.goto("/vorhaben/neu")
    names = weber.page.evaluate(
        "[...new Set([...document.querySelectorAll('form[data-autosave] :is(input,select,textarea)"
        ":not([type=hidden])')].map(e => e.name))]"
    )
    assert len(names) <= MOST_FIELDS, names


def test_the_draft_saves_itself_while_one_types(weber: Tab) -> None:
    page = weber.page
    page.goto("/vorhaben/neu")
    page.locator("[name=titel]").focus()
    page.keyboard.type("Von selbst gespeichert")
    status = page.locator("[data-autosave-status]")
    status.filter(has_text="Entwurf gespeichert um").wait_for(timeout=10_000)
    page.reload()
    assert page.locator("[name=titel]").input_value() == "Von selbst gespeichert"


def test_without_a_script_it_is_registered_all_the_same(
    browser: Browser, served: County, paper: Path
) -> None:
    with tab(browser, base_url=served.url, script=False) as opened:
        page = opened.page
        enter(page, "richter")
        page.goto("/vorhaben/neu")
        page.fill("[name=titel]", "Ein neuer Steg am See")
        page.select_option("[name=entscheidet]", "verwaltung")
        page.set_input_files("[name=unterlagen]", paper)
        page.click("button[name=speichern]")
        expect(page.locator("body")).to_contain_text("Entwurf gespeichert")
        page.click("button[name=weiter]")
        for radio in page.locator("input[value=nein]").all():
            radio.check()
        page.locator("input[value=ja]").first.check()
        page.locator("main form button").first.click()
        page.locator("button[name=tun]").first.click()
        expect(page.locator("body")).to_contain_text("Angemeldet als")
        assert not opened.problems


WAYS = [(w, d) for w in (WIDE, NARROW) for d in (False, True)]


@pytest.mark.parametrize(("width", "dark"), WAYS)
def test_every_page_can_be_read_by_everybody(
    browser: Browser, served: County, paper: Path, width: int, dark: bool
) -> None:
    with tab(browser, base_url=served.url, width=width, dark=dark) as opened:
        page = opened.page
        enter(page, "krause")
        looked(opened, "start", width, dark)
        page.goto("/vorhaben/neu")
        looked(opened, "register-1", width, dark)
        page.fill("[name=titel]", f"Ein Vorhaben zum Ansehen {width} {dark}")
        page.locator("button[name=weiter]").click()
        looked(opened, "register-1-fault", width, dark)
        page.select_option("[name=entscheidet]", index=1)
        page.fill("[name=tag]", (local_today() + timedelta(days=80)).isoformat())
        page.set_input_files("[name=unterlagen]", paper)
        page.locator("button[name=weiter]").click()
        looked(opened, "register-2", width, dark)
        for radio in page.locator("input[value=nein]").all():
            radio.check()
        page.locator("input[value=ja]").first.check()
        page.locator("main form button").first.click()
        page.locator("details summary").first.click()
        looked(opened, "register-3", width, dark)
        page.locator("button[value=anmelden]").click()
        looked(opened, "case", width, dark)
        number = page.url.rsplit("/", 1)[1]
        page.goto(f"/vorhaben/{number}/informieren")
        looked(opened, "inform", width, dark)
        page.goto(f"/vorhaben/{number}/pruefvermerk")
        looked(opened, "note", width, dark)
        enter(page, "lange")
        page.goto("/eskaliert")
        looked(opened, "escalated", width, dark)
        page.locator("td a").first.click()
        looked(opened, "escalated-case", width, dark)


def looked(opened: Tab, name: str, width: int, dark: bool) -> None:
    """Look at a page: nothing to complain about, nothing beyond its window, its language said."""
    page = opened.page
    page.wait_for_load_state()
    if PICTURES:
        shot = Path(PICTURES) / f"{name}-{width}-{'dark' if dark else 'light'}.png"
        page.screenshot(path=shot, full_page=True)
    assert page.locator("html").get_attribute("lang") == "de"
    assert axe(page) == [], name
    assert sideways(page) == 0, name
    refused = [p for p in opened.problems if "422" not in p]
    assert not refused, name
