"""Every page that anybody reaches: it is there, it is sound, and everybody can use it.

Everybody of the demo goes her round by links and sends each form once as it stands. What was
seen goes before the Nu HTML checker and, once of each kind, before a real browser. A new page
joins by being linked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urldefrag

import pytest
from jinja2 import nodes
from playwright.sync_api import Browser, Page
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.core.case import Case
from engine.core.visibility import PUBLIC, granted, sees
from engine.services.reading import house_of
from engine.web.desk import LANGUAGE, LANGUAGES
from engine.web.look import TEMPLATES, environment
from tests.web.browser import NARROW, WIDE, Tab, axe, sideways, tab
from tests.web.county import serving
from tests.web.nu import errors_in
from tests.web.relations import Town, everybody, private_pages, town_in
from tests.web.rounds import Seen, answers, kinds, round_of

STARTS = ("/", "/uebung", "/anmelden", "/barrierefreiheit", "/konto/bestaetigen")
TRAY = "/uebung/post"
"""The tray shows everybody's mails; what they lead to is not everybody's."""

AFTER_A_DEED = {
    "/ablaeufe/geprueft/{digest}": "a definition was handed in",
    "/ablaeufe/{id_}/unterschied": "a procedure has two versions",
    "/anmelden/code": "a password was right and a code is asked for",
    "/brief": "a letter's link was used",
    "/brief/unterlage/{uid}": "a letter's link was used",
    "/brief/{token}": "a mail",
    "/einladung/{token}": "a mail",
    "/bericht/stichprobe.csv": "a sample was drawn by its seed",
    "/healthz": "for monitoring; JSON, no page",
    "/kalender/{name}": "a calendar's secret address was drawn",
    "/kennwort/{token}": "a mail",
    "/loeschfristen/{subject}": "something fell due for erasure",
    "/konto/code/bild": "a code is being set up",
    "/metrics": "for monitoring; text, no page",
    "/protokoll/consistency/{size}": "for witnesses; text, no page",
    "/protokoll/tile/{level}/{place:path}": "for witnesses; bytes, no page",
    "/readyz": "for monitoring; JSON, no page",
    "/regeln/{pack}/unterschied": "a pack has two versions",
    "/sitzungen/absagen": "a sitting lies ahead",
    "/sitzungen/einlesen/{token}": "a file was sent",
    "/sitzungen/ergebnisse": "a sitting is over",
    "/sitzungen/getan/{token}": "a sitting lay ahead and was changed",
    "/sitzungen/jahr.csv": "a year of sittings",
    "/sitzungen/tagesordnung/{token}": "a file was sent",
    "/sitzungen/verlegen": "a sitting lies ahead",
    "/sprache/{language}": "tested by every page in English",
    "/verwaltung/ablaeufe/umzug/{token}": "a definition was handed in",
    "/verwaltung/ablaeufe/vorschlag/{offer}": "a definition was handed in",
    "/verwaltung/kalender/vorgelegt/{token}": "a file was sent",
    "/verwaltung/kalender/vorschau/{token}": "a file was sent",
    "/verwaltung/personen/einlesen/{token}": "a file was sent",
    "/verwaltung/post/ausgang/{message}/ungewiss": "a mail is in doubt",
    "/verwaltung/stichtag/{token}": "a file was sent",
    "/vorgang/{number}": "letters of earlier versions",
    "/vorhaben/neu/anmelden": "the form before it is complete",
    "/vorhaben/neu/betroffenheit": "the form before it is complete",
    "/was-waere-wenn/{key}": "a proposal was told again",
}
"""Pages to which no plain link of the demo leads, and what comes before them."""


@dataclass
class AsSeen:
    """Shows a browser a page as somebody saw it, and around it what the county serves.

    So the browser keeps style sheets and fonts, which it may not where its requests are caught.
    """

    county: ASGIApp
    html: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer whoever opens a page; whatever the page needs comes from the county."""
        app = self.county
        if (b"sec-fetch-dest", b"document") in scope.get("headers", ()):
            app = HTMLResponse(self.html, headers={"Cache-Control": "no-store"})
        await app(scope, receive, send)


@dataclass
class Rounds:
    """What everybody has seen, and what her forms were answered; `url` shows a browser `as_seen`."""

    town: Town
    clients: dict[str, TestClient]
    as_seen: AsSeen
    url: str = ""
    cases: list[Case] = field(default_factory=list)
    pages: list[Seen] = field(default_factory=list)
    answered: list[Seen] = field(default_factory=list)

    @property
    def kinds(self) -> list[Seen]:
        """One page of each kind."""
        return kinds(p for p in [*self.pages, *self.answered] if p.html)


@pytest.fixture(scope="module")
def rounds(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rounds]:
    """Everybody has gone her round; the county is served for the browser."""
    folder = tmp_path_factory.mktemp("rounds") / "county"
    with town_in(played, folder) as town:
        private = private_pages(town)
        clients = {name: town.client(name) for name in everybody(town)}
        made = Rounds(town, clients, AsSeen(town.county.web), cases=town.all_cases())
        for name, client in clients.items():
            own = [p for what, p in private.items() if what.endswith(name)]
            made.pages += round_of(town.county.web, client, name, *STARTS, *own)
        shown = replace(town.county, web=made.as_seen)
        with serving(shown):
            made.url = shown.url
            yield made


@pytest.fixture(scope="module")
def answered(rounds: Rounds) -> Rounds:
    """Everybody has sent her forms; after that the county is another."""
    for name, client in rounds.clients.items():
        mine = [page for page in rounds.pages if page.person == name]
        rounds.answered += answers(rounds.town.county.web, client, mine)
    return rounds


def listed(wrong: list[str]) -> str:
    return "\n".join(dict.fromkeys(wrong))


# Links and answers


def test_no_page_is_broken_and_no_link_dead(rounds: Rounds) -> None:
    from_tray = {link for p in rounds.pages if p.path == TRAY for link in p.links}
    dead = [
        f"{p.person}: {p.path} {p.status}"
        for p in rounds.pages
        if p.status >= 400 and p.path not in from_tray
    ]
    assert not dead, listed(dead)
    assert len(rounds.pages) > 800


def test_every_part_of_a_page_that_a_link_names_is_there(rounds: Rounds) -> None:
    there = {(p.person, p.path): p.ids for p in rounds.pages if p.html}
    dead = []
    for page in rounds.pages:
        for link in page.links:
            target, part = urldefrag(link)
            ids = there.get((page.person, target or page.path))
            if part and ids is not None and part not in ids:
                dead.append(f"{page.person}: {page.path} -> {link}")
    assert not dead, listed(dead)


def test_no_page_names_a_measure_to_somebody_who_must_not_know_of_it(rounds: Rounds) -> None:
    """Lists, searches, reports, exports and pages are one: whose case it is not sees no title."""
    town = rounds.town
    told = []
    for name in rounds.clients:
        actor = town.actor(name)
        hidden = [
            c for c in rounds.cases if actor is None or not (sees(actor, c) or granted(actor, c))
        ]
        for page in rounds.pages:
            if page.person == name and page.path != TRAY:
                no = [c for c in hidden if not (page.route in OFFERED and is_public(c))]
                told += [f"{name}: {page.path}: {c.number}" for c in no if says(page, c)]
    assert not told, listed(told)


OFFERED = {
    "/nicht-gemeldet",
    "/nicht-gemeldet/verlangen",
    "/eskaliert",
    "/eskaliert/{number}",
}
"""Pages that tell of public measures whose file stays closed: to demand a part, to be appealed to."""


def is_public(case: Case) -> bool:
    return case.measure.confidentiality == PUBLIC


def says(page: Seen, case: Case) -> bool:
    return case.number in page.html or case.measure.title in page.html


def test_no_table_says_once_more_what_the_heading_above_it_says(rounds: Rounds) -> None:
    again = []
    for page in rounds.kinds:
        for title, table in TITLED.findall(page.html):
            above, said = (re.sub(r"<[^>]*>|\(\d+\)", "", x).strip() for x in (title, table))
            again += [f"{page.path}: {said}"] if above == said else []
    assert not again, listed(again)


TITLED = re.compile(
    r'<h[12][^>]*>(.*?)</h[12]>(?:(?!<h[12]).)*?<caption class="kern-title"[^>]*>(.*?)</caption>',
    re.S,
)
"""A heading, and the title of the first table below it that can be seen."""


# Both languages


def test_templates_say_everything_in_both_languages() -> None:
    wrong = []
    for path in sorted(TEMPLATES.rglob("*.html")):
        tree = environment().parse(path.read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                said = [a.value.strip() for a in call.args if isinstance(a, nodes.Const)]
                if len(call.args) != 2 or "" in said:
                    wrong.append(f"{path.name} line {call.lineno}: {said}")
        for words in plain_words(tree):
            wrong.append(f"{path.name}: only in one language: {words}")
    assert not wrong, listed(wrong)


NAMES = {"Rechtzeitig", "Deutsch", "English", "KERN", "CSV", "JSON", "Enter"}


def plain_words(tree: nodes.Template) -> Iterator[str]:
    """Yield the words of a template that no `t` gives in two languages."""
    prose = [block for block in tree.find_all(nodes.Block) if block.name in LANGUAGES]
    assert len({block.name for block in prose}) != 1, "prose in one language only"
    told = {id(data) for block in prose for data in data_in(block)}
    text = "\0".join(data.data for data in data_in(tree) if id(data) not in told)
    text = re.sub(r"[\w-]+=\"[^\"]*\"", " ", text)
    text = re.sub(r"<(code|pre|kbd)\b.*?</\1>|<!--.*?-->", " ", text, flags=re.S)
    for piece in re.findall(r">([^<>]*)<", text):
        yield from (w for w in re.findall(r"[A-Za-zÄÖÜäöüß]{3,}", piece) if w not in NAMES)


def data_in(node: nodes.Node) -> Iterator[nodes.TemplateData]:
    return node.find_all(nodes.TemplateData)


GERMAN = re.compile(
    r"\b(und|oder|nicht|für|der|die|das|den|wird|wurde|werden|ist|sind|mit|von|bitte|keine?|"
    r"noch|bis|am|vom|zum|zur|eine?|wer|wie|Sie|Ihre?)\b"
)
DEMO = {"/uebung", TRAY}
"""Pages full of names and of mails, each in the language of whoever receives it."""

OWN_WORDS = re.compile(r"<(?:label|legend|button|th|summary|dt)\b[^>]*>(.*?)</", re.S)


def test_pages_are_in_english_for_who_wants_it(rounds: Rounds) -> None:
    german = []
    english = {name: rounds.town.client(name) for name in rounds.clients}
    for client in english.values():
        client.cookies.set(LANGUAGE, "en")
    names = [office.name for office in house_of(rounds.town.county.app).roster.offices.values()]
    for page in kinds(p for p in rounds.pages if p.html and p.status == 200):
        if page.route in DEMO:
            continue
        answer = english[page.person].get(page.path)
        assert answer.status_code == page.status, f"{page.person} {page.path}"
        assert '<html lang="en">' in answer.text, page.path
        text = re.sub("|".join(map(re.escape, names)), "", answer.text)
        said = [re.sub(r"<[^>]*>", " ", words) for words in OWN_WORDS.findall(text)]
        german += [f"{page.path}: {' '.join(w.split())}" for w in said if GERMAN.search(w)]
    assert not german, listed(german)


# What forms answer


def test_no_form_as_it_stands_breaks_anything(answered: Rounds) -> None:
    broken = [f"{p.person}: {p.route} {p.status}" for p in answered.answered if p.status >= 500]
    assert not broken, listed(broken)
    assert sum(page.status == 422 for page in answered.answered) > 20


def test_a_link_leads_to_every_page(answered: Rounds) -> None:
    seen = {page.route for page in [*answered.pages, *answered.answered]}
    asked = {path for method, path in answered.town.county.web.state.actions if method == "GET"}
    assert sorted(asked - seen - set(AFTER_A_DEED)) == [], "no link of the demo leads there"


# The checker, and the browser


def test_pages_are_valid_html(answered: Rounds) -> None:
    found = {f"{p.person} {p.route} {p.path}": p.html for p in answered.kinds}
    assert len(found) > 80
    assert errors_in(found) == []


def test_everybody_can_use_every_page(browser: Browser, answered: Rounds) -> None:
    """Light and wide, dark and narrow; with a script and without; nothing complains."""
    wrong: list[str] = []
    url = answered.url
    with (
        tab(browser, base_url=url) as opened,
        tab(browser, base_url=url, script=False) as plain,
    ):
        for page in answered.kinds:
            wrong += [f"{page.person} {page.path}: {w}" for w in looked_at(opened, answered, page)]
            wrong += [
                f"{page.person} {page.path}: {w}" for w in unlike(opened, plain, answered, page)
            ]
    assert not wrong, listed(wrong)


def looked_at(opened: Tab, rounds: Rounds, seen: Seen) -> Iterator[str]:
    """Yield what is wrong with a page."""
    page = opened.page
    opened.problems.clear()
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDE, "height": 900})
    open_page(page, rounds, seen)
    if not seen.route.startswith("POST "):
        # What a form answers is its page once more with an error: the narrow look suffices.
        yield from usable(page, "wide and light")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": NARROW, "height": 900})
    yield from usable(page, "narrow and dark")
    yield from opened.problems


def usable(page: Page, how: str) -> Iterator[str]:
    yield from (f"{how}: {words}" for words in axe(page))
    if sideways(page):
        yield f"{how}: {sideways(page)} pixels too wide"


def open_page(page: Page, rounds: Rounds, seen: Seen) -> None:
    """Open a page as its person; what a form was answered is shown as it came."""
    context = page.context
    context.clear_cookies()
    jar = rounds.clients[seen.person].cookies.jar
    context.add_cookies([{"name": c.name, "value": c.value or "", "url": rounds.url} for c in jar])
    rounds.as_seen.html = seen.html
    answer = page.goto(rounds.url + seen.path)
    assert answer is not None and answer.text() == seen.html, seen.path


WORDS = """() => {
  const main = document.querySelector("main").cloneNode(true);
  main.querySelectorAll("[data-print], [data-copy], [data-autosave-status]").forEach(e => e.remove());
  return main.textContent.replace(/\\s+/g, " ");
}"""
"""What a page says, without the buttons that only a script can keep the promise of."""


def unlike(opened: Tab, plain: Tab, rounds: Rounds, seen: Seen) -> Iterator[str]:
    """Yield whether the page says something else without a script."""
    open_page(plain.page, rounds, seen)
    opened.page.set_viewport_size({"width": WIDE, "height": 900})
    if opened.page.evaluate(WORDS) != plain.page.evaluate(WORDS):
        yield "without a script it says something else"


def test_pages_keep_to_forced_colours_and_to_reduced_motion(
    browser: Browser, answered: Rounds
) -> None:
    """On the pages with the most parts: nothing moves, nothing complains, nothing overflows."""
    most = sorted(answered.kinds, key=lambda page: len(page.parts), reverse=True)[:8]
    url = answered.url
    with tab(browser, base_url=url, width=NARROW, forced=True, calm=True) as opened:
        for seen in most:
            open_page(opened.page, answered, seen)
            assert opened.page.evaluate(MOVING) == 0, seen.path
            assert sideways(opened.page) == 0, seen.path
        assert opened.problems == []


MOVING = """[...document.querySelectorAll("*")].map(e => getComputedStyle(e)).filter(
  s => s.transitionDuration.split(", ").some(d => parseFloat(d) > 0) || s.animationName != "none"
).length"""
