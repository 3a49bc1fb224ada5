"""The pages of a personal link: looking confirms nothing, a button does, and little else opens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from engine.app import App
from engine.core.case import Case, Measure, Stage
from engine.core.visibility import Actor, actor
from engine.delivery import deliver
from engine.delivery.links import LASTS
from engine.services import links
from engine.services.cases import Deed, register_measure, take
from engine.services.reading import file_of, house_of
from engine.store.documents import put
from engine.web import create_app
from engine.web.routes import actions_of
from tests.installation import House, house
from tests.web.browser import NARROW, WIDE, axe, sideways, tab
from tests.web.county import County, serving, sign_in, token_in
from tests.web.keyboard import Keyboard
from tests.web.nu import errors_in

LINK = re.compile(r"/brief/([0-9a-f]{64})")
COOKIE = "__Host-brief"
TITLE = "Neubau eines Begegnungszentrums"


class Site:
    """A live installation with its pages, and a link that was sent."""

    def __init__(self, folder: Path) -> None:
        self.house: House = house(folder, training=False)
        self.web = create_app(self.house.app, secure=True)
        self.case, self.token = self.informed()

    def informed(self, **changes: str) -> tuple[Case, str]:
        """Inform the commissioner of a new case; return it and the token of her letter."""
        number = self.house.register(**changes).number
        case = self.house.take(number, "informieren", "weber", participation="integration")
        return case, newest(self.house.app)

    def browser(self) -> TestClient:
        """Return a browser that has never been here."""
        return TestClient(
            self.web,
            base_url="https://amt.example",
            follow_redirects=False,
            raise_server_exceptions=False,
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    def visiting(self) -> TestClient:
        """Return a browser in which the link was opened."""
        client = self.browser()
        answer = use(client, self.token)
        assert (answer.status_code, answer.headers["location"]) == (303, "/brief")
        return client

    @property
    def received(self) -> list[str]:
        """The days on which the receipt was confirmed by a link."""
        lines = file_of(self.house.app, self.case.number).lines
        return [str(x.happened_on) for x in lines if x.plain.get("way") == "link" and x.office]


def newest(app: App) -> str:
    """Send what is owed; return the token of the newest mail that brings one."""
    with ThreadPoolExecutor(1) as beside:
        # A browser under test has its own loop in this thread.
        beside.submit(deliver, app).result()
    files = sorted(app.config.mails.glob("*.txt"), key=lambda file: file.stat().st_mtime_ns)
    return [t for file in files for t in LINK.findall(file.read_text("utf-8"))][-1]


def use(client: TestClient, token: str, path: str = "") -> Any:
    """Press the button on the page of a link."""
    csrf = token_in(client.get(f"/brief/{token}").text)
    return client.post(f"/brief/{token}{path}", data={"_csrf": csrf})


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path / "amt")
    yield made
    made.house.app.close()


# Looking and pressing


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_scanner_that_follows_links_confirms_nothing(site: Site, method: str) -> None:
    scanner = TestClient(site.web, base_url="https://amt.example")
    for _ in range(3):
        scanner.request(method, f"/brief/{site.token}")
    assert site.received == []
    assert links.offered(site.house.app, site.token, "").receipt


def test_the_page_of_a_link_has_one_button_and_says_nothing_of_the_case(site: Site) -> None:
    page = site.browser().get(f"/brief/{site.token}").text
    assert "Eingang bestätigen und Unterlagen öffnen" in page
    assert TITLE not in page
    assert site.case.number not in page
    main = page.partition("<main")[2].partition("</main>")[0]
    assert len(re.findall("<button", main)) == 1


def test_the_button_confirms_and_opens_the_case_with_its_documents(site: Site) -> None:
    site.house.clock.turn(date(2026, 3, 24))
    client = site.visiting()
    page = client.get("/brief").text
    assert site.received[0] == "2026-03-24"
    assert "Der Eingang ist bestätigt" in page
    assert TITLE in page
    assert "Stellungnahmefrist" in page
    assert "09.04.2026" in page
    assert "§ 17 Abs. 3 BbgKVerf" in page
    assert "Sitzungsdienst" in page
    [paper] = re.findall(r'href="(/brief/unterlage/[0-9a-f]+)"', page)
    answer = client.get(paper)
    assert answer.text == "Entwurf einer Beschlussvorlage"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]


def test_the_history_says_by_which_way_it_was_confirmed(site: Site, county: County) -> None:
    token, number = good_link(county)
    assert use(county.client(), token).status_code == 303
    page = county.client("weber").get(f"/vorhaben/{number}").text
    assert "über den persönlichen Link" in page


def test_a_form_of_another_page_uses_nothing_up(site: Site) -> None:
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://boese.example"}):
        client = site.browser()
        csrf = token_in(client.get(f"/brief/{site.token}").text)
        client.headers.pop("Sec-Fetch-Site")
        answer = client.post(f"/brief/{site.token}", data={"_csrf": csrf}, headers=headers)
        assert answer.status_code == 403
    stranger = site.browser()
    assert stranger.post(f"/brief/{site.token}", data={"_csrf": csrf}).status_code == 403
    assert stranger.post(f"/brief/{site.token}").status_code == 403
    assert site.received == []


def test_the_cookie_of_a_visit_is_its_own_and_lasts_an_hour(site: Site) -> None:
    answer = use(site.browser(), site.token)
    [cookie] = [c for c in answer.headers.get_list("set-cookie") if c.startswith(COOKIE)]
    assert re.fullmatch(
        COOKIE + r"=[0-9a-f]{64}; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600; Secure", cookie
    )
    assert site.token not in cookie


# What is dead


def dead_links(site: Site) -> dict[str, str]:
    """Return a token of each sort that opens nothing."""
    used = site.token
    use(site.browser(), used)
    _, expired = site.informed()
    site.house.clock.instant += LASTS
    case, replaced = site.informed()
    again = case.participations[0].key
    who = seeing(site, "weber")
    links.send_again(site.house.app, case.number, again, who)
    withdrawn, over = site.informed()
    site.house.take(withdrawn.number, "zurueckziehen", "weber", fields={"grund": "Kein Geld."})
    return {
        "used": used,
        "expired": expired,
        "replaced": replaced,
        "over": over,
        "unknown": "0" * 64,
        "too short": "0" * 63,
        "no token": "ein-wort",
    }


def seeing(site: Site, person: str) -> Actor:
    world = house_of(site.house.app)
    return actor(world.roster, site.house.person(person), world.today)


def test_whatever_is_dead_gets_one_polite_page_and_one_status(site: Site) -> None:
    found = dead_links(site)
    pages = {}
    for what, token in found.items():
        client = site.browser()
        answer = client.get(f"/brief/{token}")
        assert answer.status_code == 404, what
        assert "Dieser Link öffnet nichts" in answer.text, what
        assert TITLE not in answer.text
        csrf = token_in(client.get("/anmelden").text)
        assert client.post(f"/brief/{token}", data={"_csrf": csrf}).status_code == 404, what
        assert COOKIE not in client.cookies
        pages[what] = answer.text
    offering = {what for what, page in pages.items() if "Neuen Link senden" in page}
    assert offering == {"used", "expired"}
    assert errors_in(pages) == []


def test_a_used_link_sends_a_new_one_to_her_alone(site: Site) -> None:
    use(site.browser(), site.token)
    client = site.browser()
    answer = use(client, site.token, "/neu")
    assert answer.headers["location"] == "/anmelden"
    fresh = newest(site.house.app)
    assert fresh not in answer.text
    assert fresh != site.token
    assert use(client, fresh).status_code == 303
    assert len(set(site.received)) == 1


def test_whoever_guesses_is_told_to_wait(site: Site) -> None:
    client = site.browser()
    found = {client.get(f"/brief/{n:064x}").status_code for n in range(30)}
    assert found == {404}
    assert client.get(f"/brief/{site.token}").status_code == 429
    assert client.get("/anmelden").status_code == 200


# What a visit does not open


def test_the_cookie_of_a_visit_opens_no_other_page(site: Site) -> None:
    """Every route but those of the link answers as it does to somebody who never came."""
    client, stranger = site.visiting(), site.browser()
    uid = site.case.documents[0].uid
    known = {
        "{number}": site.case.number,
        "{uid}": uid,
        "{participation}": "integration~anhoerung~1",
    }
    wrong, asked = [], 0
    for method, route in sorted(actions_of(site.web)):
        if route.startswith("/brief"):
            continue
        path = re.sub(r"\{[^}]*\}", lambda found: known.get(found[0], "1"), route)
        answers = []
        for browser in (client, stranger):
            csrf = token_in(browser.get("/anmelden").text)
            data = {"_csrf": csrf} if method == "POST" else None
            answers.append(browser.request(method, path, data=data).status_code)
        asked += 1
        if answers[0] != answers[1]:
            wrong.append(f"{method} {path}: {answers}")
    assert wrong == []
    assert asked > 150
    assert client.get("/brief").status_code == 200


def test_a_visit_files_waives_answers_and_extends_nothing(site: Site) -> None:
    client = site.visiting()
    before = file_of(site.house.app, site.case.number)
    csrf = token_in(client.get("/brief").text)
    base = f"/vorhaben/{site.case.number}/beteiligung/integration~anhoerung~1/schritt"
    fields = {"ergebnis": "keine_bedenken", "wortlaut": "x", "grund": "x", "bis": "2026-05-04"}
    for step in ("stellungnahme", "verzichten", "rueckfrage", "mehr_zeit", "nicht_beruehrt"):
        answer = client.post(f"{base}/{step}", data={"_csrf": csrf, **fields})
        assert answer.headers.get("location", "").startswith("/anmelden"), step
    assert file_of(site.house.app, site.case.number).lines == before.lines


def test_only_documents_of_this_case_are_handed_out(site: Site) -> None:
    other, _ = site.informed(title="Ein anderes Vorhaben")
    stray = put(site.house.app.config.documents, b"niemandes").uid
    client = site.visiting()
    assert "Ein anderes Vorhaben" not in client.get("/brief").text
    for uid in (other.documents[0].uid, stray, "0" * 32, "..%2f..%2fconfig.yaml"):
        assert client.get(f"/brief/unterlage/{uid}").status_code == 404, uid


def test_without_a_visit_there_is_nothing(site: Site) -> None:
    uid = site.case.documents[0].uid
    for value in ("", "0" * 64, site.token, "x"):
        client = site.browser()
        client.cookies.set(COOKIE, value)
        for path in ("/brief", f"/brief/unterlage/{uid}"):
            answer = client.get(path)
            assert answer.status_code == 404
            assert TITLE not in answer.text


def test_after_an_hour_or_once_ended_the_visit_is_over(site: Site) -> None:
    client = site.visiting()
    site.house.clock.instant += timedelta(minutes=60)
    assert client.get("/brief").status_code == 404
    links.ask_again(site.house.app, site.token, "")
    fresh = newest(site.house.app)
    client = site.browser()
    use(client, fresh)
    csrf = token_in(client.get("/brief").text)
    assert client.post("/brief/besuch/ende", data={"_csrf": csrf}).status_code == 303
    assert COOKIE not in client.cookies
    assert client.get("/brief").status_code == 404


def test_a_visit_is_nobodys_log_in_and_shows_none(site: Site, county: County) -> None:
    token, _ = good_link(county)
    client = county.client("weber")
    assert use(client, token).status_code == 303
    page = client.get("/brief").text
    assert "Abmelden" not in page
    assert "/vorhaben" not in page
    assert "Abmelden" in client.get("/").text


@pytest.mark.parametrize("sort", ["non_public", "personnel"])
def test_a_protected_case_shows_reference_and_dates_alone(site: Site, sort: str) -> None:
    case, token = site.informed(confidentiality=sort, title="Geheimes Vorhaben", reference="GEH-1")
    client = site.browser()
    assert "nach der Anmeldung" in client.get(f"/brief/{token}").text
    use(client, token)
    page = client.get("/brief").text
    assert case.number in page
    assert "09.04.2026" in page or "08.04.2026" in page
    for secret in ("Geheim", "GEH-1", "Begegnungszentrum", "Fachbereich", "§"):
        assert secret not in page, secret
    for document in case.documents:
        assert client.get(f"/brief/unterlage/{document.uid}").status_code == 404


HOSTILE = ["a\r\nX-Boese: 1", "a%0d%0aX-Boese: 1", "\u2028x", "ä" * 40, 'a"; filename="b.html']


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_of_a_file_and_no_token_becomes_a_header(site: Site, name: str) -> None:
    with site.house.app.database.write() as store:
        ask = store.connection.exec_driver_sql
        ask("UPDATE document SET name = ?", (name,))
    client = site.visiting()
    answer = client.get(f"/brief/unterlage/{site.case.documents[0].uid}")
    assert answer.status_code == 200
    assert "x-boese" not in answer.headers
    assert answer.headers["content-disposition"].count("filename=") == 1
    for address in (f"/brief/{name}", f"/brief/{name}/neu"):
        found = client.get(address.replace("\r\n", "%0d%0a"))
        assert "x-boese" not in found.headers
        assert found.status_code in (404, 405)


# The case page


def test_the_department_sends_the_link_again_from_the_page_of_the_case(county: County) -> None:
    token, number = good_link(county)
    client = county.client("weber")
    page = client.get(f"/vorhaben/{number}").text
    action = re.search(rf'action="(/vorhaben/{number}/beteiligung/[^"]+/link)"', page)
    assert action is not None
    answer = client.post(action[1], data={"_csrf": token_in(page)})
    assert answer.status_code == 303
    assert "auf dem Weg" in client.get(answer.headers["location"]).text
    assert county.client().get(f"/brief/{token}").status_code == 404
    other = county.client("krause")
    csrf = token_in(other.get("/uebung").text)
    assert other.post(action[1], data={"_csrf": csrf}).status_code in (404, 409)


def good_link(county: County) -> tuple[str, str]:
    """Inform the commissioner of a new case of the demo; return its link and its number."""
    today = house_of(county.app).today
    measure = Measure(
        title=TITLE,
        kind="beschlussvorlage",
        origin="administration",
        lead="fb-soziales",
        municipality=next(iter(house_of(county.app).municipalities)),
        facts={n: n == "betrifft_integration" for n in house_of(county.app).library.facts},
        stages=(Stage("Kreistag", today + timedelta(days=90), "entscheidung"),),
    )
    paper = county.folder / "Vorlage.txt"
    paper.write_text("Entwurf einer Beschlussvorlage")
    weber = county.uid("weber")
    number = register_measure(
        county.app, measure, Deed("", weber, files=(("vorlage", paper),))
    ).number
    take(county.app, number, Deed("informieren", weber, participation="integration"))
    return newest(county.app), number


# For everybody


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_link_is_opened_by_keyboard_alone(browser: Browser, county: County, script: bool) -> None:
    token, number = good_link(county)
    with serving(county), tab(browser, base_url=county.url, script=script) as opened:
        page, hands = opened.page, Keyboard(opened.page)
        page.goto(f"/brief/{token}")
        assert page.get_attribute("html", "lang") == "de"
        assert axe(page) == [] if script else True
        hands.press("Eingang bestätigen und Unterlagen öffnen")
        assert page.url.partition("#")[0] == f"{county.url}/brief"
        said = page.inner_text("main")
        assert number in said
        assert "Vorlage.txt" in said
        assert axe(page) == [] if script else True
        hands.press("Besuch beenden")
        hands.sees("Der Besuch ist beendet.")
        page.goto(f"/brief/{token}")
        hands.sees("schon verwendet")
        hands.press("Neuen Link senden")
        hands.sees("Ein neuer Link geht an die Adresse")
        assert opened.problems == [] or all("404" in p for p in opened.problems)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_its_pages_are_for_everybody(
    browser: Browser, county: County, width: int, language: str
) -> None:
    token, _ = good_link(county)
    with serving(county), tab(browser, base_url=county.url, width=width) as opened:
        page = opened.page
        page.goto(f"/sprache/{language}?zurueck=/anmelden")
        found = {}
        for path in (f"/brief/{token}", "/brief", f"/brief/{token}"):
            page.goto(path)
            assert page.get_attribute("html", "lang") == language
            assert axe(page) == [], path
            assert sideways(page) == 0, path
            found[f"{len(found)} {path}"] = page.content()
            if path != "/brief" and "form" in page.content() and len(found) == 1:
                page.click("main button")
                page.wait_for_url("**/brief")
        shown = county.client()
        use(shown, good_link(county)[0])
        assert errors_in({"visit": shown.get("/brief").text}) == []
        if language == "en":
            assert "This link opens nothing" in page.inner_text("h1")


def test_signing_in_beside_a_visit_changes_nothing_of_it(county: County) -> None:
    token, number = good_link(county)
    client = county.client()
    use(client, token)
    sign_in(client, county.uid("thiel"))
    assert number in client.get("/brief").text
