"""Who looks in from outside, and an administrator in an emergency, at the pages themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from engine.core.calendar import local_day
from engine.core.visibility import NON_PUBLIC, PERSONNEL, PUBLIC
from engine.services import accounts
from engine.services.legal import readers
from tests.web.browser import NARROW, axe, browser, sideways, tab
from tests.web.county import County, played, serving, token_in
from tests.web.keyboard import Keyboard
from tests.web.relations import EMERGENCY, LOOKS_IN, PASSWORD, READER, Town, secret, town_in

__all__ = ["browser", "played"]


@pytest.fixture
def town(played: Path, tmp_path: Path) -> Iterator[Town]:
    with town_in(played, tmp_path / "county") as made:
        yield made


def send(client: TestClient, path: str, **fields: Any) -> Any:
    token = token_in(client.get("/konto").text)
    return client.post(path, data={"_csrf": token, **fields})


def looked(county: County) -> list[dict[str, Any]]:
    """Return the looks that are entered, the first one first."""
    with county.app.database.read() as store:
        names = sorted(n for n in store.chains.streams() if n.startswith("access/"))
        rows = [e.entry for name in names for e in store.chains.lines(name)]
    return [dict(e.plain) for e in rows if e.type == "looked"]


def links(page: str, start: str) -> list[str]:
    return sorted(set(re.findall(rf'href="({start}[^"#?]*)"', page)))


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


# The reader


def test_a_reader_comes_to_her_cases_and_finds_no_way_beyond(town: Town) -> None:
    client = town.client(READER)
    assert client.get("/").headers["location"] == "/akteneinsicht"
    page = client.get("/akteneinsicht").text
    mine = [town.cases[s].number for s in (PUBLIC, NON_PUBLIC)]
    assert links(main_of(page), "/vorhaben/") == sorted(f"/vorhaben/{n}" for n in mine)
    assert secret(PERSONNEL) not in page
    assert links(page.partition("<nav")[2].partition("</nav>")[0], "/") == [
        "/",
        "/akteneinsicht",
    ]
    assert "Prüfzugang bis" in page


def test_the_page_of_a_case_offers_a_reader_nothing_to_do(town: Town) -> None:
    client = town.client(READER)
    number = town.cases[PUBLIC].number
    page = client.get(f"/vorhaben/{number}").text
    assert secret(PUBLIC) in page and "Verlauf" in page and "Zeitplan" in page
    forms = set(re.findall(r'action="([^"]+)"', page))
    assert forms == {"/abmelden", f"/akteneinsicht/{number}/auszug"} | (
        {"/uebung/zeit"} if "/uebung/zeit" in page else set()
    )
    for never in ("pruefvermerk", "/schritt/", "notiz", "/informieren", "Möglichkeiten"):
        assert never not in main_of(page), never
    dead = [p for p in links(page, "/vorhaben/") if client.get(p).status_code != 200]
    assert dead == []


def test_the_entries_equal_the_looks(town: Town) -> None:
    client, case = town.client(READER), town.cases[PUBLIC]
    before = len(looked(town.county))
    page = client.get(f"/vorhaben/{case.number}").text
    [due, *_] = links(page, f"/vorhaben/{case.number}/frist/")
    document = f"/vorhaben/{case.number}/unterlage/{case.documents[0].uid}"
    assert [client.get(p).status_code for p in (due, document)] == [200, 200]
    assert send(client, f"/akteneinsicht/{case.number}/auszug").content[:2] == b"PK"
    for nothing in (
        f"/vorhaben/{town.cases[PERSONNEL].number}",
        f"/vorhaben/{case.number}/unterlage/gibt-es-nicht",
        "/akteneinsicht",
    ):
        client.get(nothing)
    found = looked(town.county)[before:]
    assert [e["what"] for e in found] == ["case", "deadline", "document", "extract"]
    assert {e["case"] for e in found} == {case.uid}
    assert {e["account"] for e in found} == {town.visitor(READER).account}
    assert found[2]["document"] == case.documents[0].uid


def test_whom_an_office_shows_the_case_leaves_no_such_entry(town: Town) -> None:
    town.client("weber").get(f"/vorhaben/{town.cases[PUBLIC].number}")
    assert looked(town.county) == []


def test_a_document_of_another_case_does_not_open_under_the_own_number(town: Town) -> None:
    client = town.client(READER)
    [foreign] = [d.uid for d in town.cases[PERSONNEL].documents]
    for number in (town.cases[PUBLIC].number, town.cases[PERSONNEL].number):
        assert client.get(f"/vorhaben/{number}/unterlage/{foreign}").status_code == 404
    assert looked(town.county) == []


@pytest.mark.parametrize("person", [READER, EMERGENCY])
def test_by_a_grant_nothing_is_sent_into_a_case(town: Town, person: str) -> None:
    client, case = town.client(person), town.cases[NON_PUBLIC]
    [part] = [p.key.replace("/", "~") for p in case.participations]
    root = f"/vorhaben/{case.number}"
    for path in (
        f"{root}/notiz",
        f"{root}/schritt/informieren",
        f"{root}/beteiligung/{part}/schritt/informieren",
        f"{root}/informieren",
        f"{root}/auszug",
    ):
        assert send(client, path, notiz="x").status_code == 404, path
    with town.county.app.database.read() as store:
        assert store.cases.get(case.number).version == case.version


@pytest.mark.parametrize("person", [READER, EMERGENCY])
@pytest.mark.parametrize(
    "path",
    ["/vorhaben", "/vorhaben?suche=Kennwort", "/eingang", "/lagebild", "/bericht", "/altfaelle",
     "/bericht/stichprobe?n=5&startwert=x", "/fristenprotokoll", "/feststellungen", "/sitzungen",
     "/benachrichtigungen", "/zustellnachweise", "/pruefzugang", "/jahresbericht"],
)  # fmt: skip
def test_no_list_search_report_or_calendar_knows_of_a_grant(
    town: Town, person: str, path: str
) -> None:
    page = town.client(person).get(path)
    assert page.status_code == 404
    assert not [s for s in (PUBLIC, NON_PUBLIC, PERSONNEL) if secret(s) in page.text]


def test_the_session_of_a_reader_ends_with_her_grant(town: Town) -> None:
    client, number = town.client(READER), town.cases[PUBLIC].number
    legal = town.client("neumann")
    [uid] = [x.grant.uid for x in readers.readers(town.county.app) if not x.emergency]
    assert client.get(f"/vorhaben/{number}").status_code == 200
    answer = send(legal, f"/pruefzugang/zugang/{uid}/beenden", grund="Prüfung beendet")
    assert answer.status_code == 303
    for path in (f"/vorhaben/{number}", "/akteneinsicht", "/konto"):
        assert client.get(path).headers["location"].startswith("/anmelden"), path
    assert len(looked(town.county)) == 1
    again = town.county.client()
    token = token_in(again.get("/anmelden").text)
    fields = {"_csrf": token, "name": "aufsicht@land.example", "kennwort": PASSWORD}
    told = again.post("/anmelden", data=fields)
    assert told.status_code == 422 and "Prüfzugang ist beendet" in told.text


# The legal office


def test_the_legal_office_sets_up_a_sample_sees_the_looks_and_extends(town: Town) -> None:
    legal, app = town.client("neumann"), town.county.app
    form = legal.get("/pruefzugang/neu?n=100&startwert=2026").text
    assert town.cases[PUBLIC].number in form and town.cases[PERSONNEL].number not in form
    assert "weil Personalsachen: 1" in form
    fields = {
        "name": "Lou Revision",
        "behoerde": "Rechnungsprüfungsamt",
        "email": "lou@revision.example",
        "vorgaenge": f"{town.cases[PUBLIC].number}, {town.cases[PERSONNEL].number}",
        "bis": (local_day(town.visitor(READER).confirmed_at) + timedelta(days=9)).isoformat(),
        "grund": "Jahresprüfung",
    }
    refused = send(legal, "/pruefzugang/neu", **fields)
    assert refused.status_code == 422 and "eigens" in refused.text
    assert 'value="Lou Revision"' in refused.text
    fields |= {"personalsachen": town.cases[PERSONNEL].number, "personalgrund": "Beschwerde"}
    made = send(legal, "/pruefzugang/neu", **fields)
    [line] = [x for x in readers.readers(app) if x.login == "lou@revision.example"]
    if made.status_code == 200:
        link = re.search(r"/einladung/(\w+)", made.text)
        assert link is not None
        accounts.accept(app, link[1], PASSWORD)
    else:
        accounts.accept(
            app, readers.invite_again(app, line.grant.uid, town.county.uid("neumann")), PASSWORD
        )
    guest = town.county.client()
    here = {"address": "1", "agent": "x"}
    guest.cookies.set("sid", accounts.sign_in(app, line.login, PASSWORD, **here).token)
    assert guest.get(f"/vorhaben/{town.cases[PERSONNEL].number}").status_code == 200
    assert guest.get(f"/vorhaben/{town.cases[NON_PUBLIC].number}").status_code == 404
    assert send(guest, f"/akteneinsicht/{town.cases[PUBLIC].number}/auszug").status_code == 404
    root = f"/pruefzugang/zugang/{line.grant.uid}"
    page = main_of(legal.get(root).text)
    assert page.count("<td") >= 4 and town.cases[PERSONNEL].number in page
    wrong = send(legal, f"{root}/verlaengern", bis="2020-01-01", grund="x")
    assert wrong.status_code == 422
    later = (local_day(town.visitor(READER).confirmed_at) + timedelta(days=60)).isoformat()
    assert send(legal, f"{root}/verlaengern", bis=later, grund="mehr").status_code == 303
    assert readers.last_day(readers.reader(app, line.grant.uid).grant).isoformat() == later


def test_the_legal_office_sees_the_emergency_with_its_reason(town: Town) -> None:
    legal = town.client("neumann")
    town.client(EMERGENCY).get(f"/vorhaben/{town.cases[NON_PUBLIC].number}")
    [line] = [x for x in readers.readers(town.county.app) if x.emergency]
    page = legal.get(f"/pruefzugang/zugang/{line.grant.uid}").text
    assert "Ausfall der Vertretung" in page and "Notzugriff" in page
    assert len(readers.reader(town.county.app, line.grant.uid).looks) == 1


# The emergency


def test_in_an_emergency_one_case_opens_under_a_banner_on_every_page(town: Town) -> None:
    client = town.client(EMERGENCY)
    mine, other = town.cases[NON_PUBLIC], town.cases[PUBLIC]
    page = client.get(f"/vorhaben/{mine.number}")
    assert page.status_code == 200 and secret(NON_PUBLIC) in page.text
    assert client.get(f"/vorhaben/{other.number}").status_code == 404
    for path in ("/verwaltung", "/konto", "/verwaltung/personen", f"/vorhaben/{mine.number}"):
        assert "Notzugriff bis" in client.get(path).text, path
    refused = send(client, "/verwaltung/notzugriff", nummer=other.number, grund="noch einer")
    assert refused.status_code == 422 and secret(PUBLIC) not in refused.text
    assert send(client, "/verwaltung/notzugriff/beenden").status_code == 303
    assert client.get(f"/vorhaben/{mine.number}").status_code == 404
    assert "Notzugriff bis" not in client.get("/verwaltung").text


def test_an_administrator_without_a_reason_opens_nothing(town: Town) -> None:
    client, number = town.client("administrator"), town.cases[PUBLIC].number
    before = looked(town.county)
    answer = send(client, "/verwaltung/notzugriff", nummer=number, grund=" ")
    assert answer.status_code == 422 and secret(PUBLIC) not in answer.text
    assert client.get(f"/vorhaben/{number}").status_code == 404
    secret_one = town.cases[PERSONNEL].number
    answer = send(client, "/verwaltung/notzugriff", nummer=secret_one, grund="Ausfall")
    assert answer.status_code == 422 and looked(town.county) == before
    answer = send(client, "/verwaltung/notzugriff", nummer=number, grund="Ausfall")
    assert answer.headers["location"] == f"/vorhaben/{number}"


# In a browser, by keyboard, without a script


def test_a_reader_reads_by_keyboard_without_a_script(browser: Browser, town: Town) -> None:
    county, number = town.county, town.cases[PUBLIC].number
    with serving(county), tab(browser, base_url=county.url, width=NARROW, script=False) as opened:
        page, hands = opened.page, Keyboard(opened.page)
        page.goto("/anmelden")
        hands.write("Anmeldename", LOOKS_IN)
        hands.write("Kennwort", PASSWORD)
        with hands.leaving():
            page.keyboard.press("Enter")
        hands.sees("Akteneinsicht", "Prüfzugang bis")
        hands.press(number)
        hands.sees("Prüfzugang bis")
        hands.reach("Akte mitnehmen (ZIP)")
        assert sideways(page) == 0 and opened.problems == []
    assert len(looked(county)) == 1


def test_the_pages_of_looking_in_are_accessible(browser: Browser, town: Town) -> None:
    county = town.county
    [uid] = [x.grant.uid for x in readers.readers(county.app) if not x.emergency]
    rounds = (
        (READER, "/akteneinsicht"),
        (READER, f"/vorhaben/{town.cases[PUBLIC].number}"),
        (EMERGENCY, "/verwaltung/notzugriff"),
        (EMERGENCY, f"/vorhaben/{town.cases[NON_PUBLIC].number}"),
        ("neumann", "/pruefzugang"),
        ("neumann", "/pruefzugang/neu"),
        ("neumann", f"/pruefzugang/zugang/{uid}"),
    )
    with serving(county), tab(browser, base_url=county.url, width=NARROW, dark=True) as opened:
        for person, path in rounds:
            client = town.client(person)
            client.get("/konto")
            opened.page.context.clear_cookies()
            opened.page.context.add_cookies(
                [
                    {"name": c.name, "value": c.value or "", "url": county.url}
                    for c in client.cookies.jar
                ]
            )
            opened.page.goto(path)
            assert axe(opened.page) == [], path
            assert sideways(opened.page) == 0, path
        assert opened.problems == []
