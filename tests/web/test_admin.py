"""The administrator's pages: the installation well kept, and not one case seen by it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from engine import shipped
from engine.app import open_app
from engine.core.calendar import ONE_DAY
from engine.core.offices import Person
from engine.services import accounts, calendars
from engine.services.accounts import Visitor
from engine.services.admin import people, post
from engine.services.admin.earlier import cutoff_of
from engine.services.admin.schedule import schedule
from engine.services.cases import person_of
from engine.services.legal.verification import verify
from engine.services.reading import file_of, house_of
from engine.services.setup import by
from engine.services.ticks import tick
from engine.services.versions import versions
from engine.store.outbox import Ending, NewMessage, Result
from engine.web import create_app
from tests.installation import house
from tests.versioned import NEXT_VERSION, next_version, shipped_version
from tests.web.browser import NARROW, WIDE, axe, browser, sideways, tab
from tests.web.county import County, county, county_in, played, served, token_in
from tests.web.keyboard import ADMINISTRATION, Keyboard

__all__ = ["browser", "county", "played", "served"]

PAGES = (
    "/verwaltung",
    "/verwaltung/fristenlauf",
    "/verwaltung/personen",
    "/verwaltung/personen/einlesen",
    "/verwaltung/personen/bestellung",
    "/verwaltung/konten",
    "/verwaltung/post",
    "/verwaltung/post/ausgang",
    "/verwaltung/kalender",
    "/verwaltung/kalender/tage/BB",
    "/verwaltung/ablaeufe",
    "/verwaltung/stichtag",
)
OTHERS = ("weber", "lange", "neumann", "sommer", "berger", "yilmaz", "thiel")
TITLES = ("Begegnungszentrum", "Haltestellen", "Gemeinschaftsunterkunft", "Radweg")
ICAL = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Musterheide//DE
{events}END:VCALENDAR
"""
EVENT = """BEGIN:VEVENT
UID:{uid}@musterheide.example
DTSTAMP:20260101T000000Z
DTSTART;VALUE=DATE:{first:%Y%m%d}
DTEND;VALUE=DATE:{end:%Y%m%d}
SUMMARY:Betriebsruhe
END:VEVENT
"""


@dataclass
class Desk:
    """Somebody at the pages: sends forms as a browser would."""

    county: County
    client: TestClient

    def page(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def send(self, path: str, files: Any = None, **fields: Any) -> Any:
        token = token_in(self.page("/konto"))
        return self.client.post(path, data={"_csrf": token, **fields}, files=files)

    def upload(self, path: str, name: str, data: bytes, field: str = "datei", **rest: Any) -> Any:
        return self.send(path, {field: (name, data, "application/octet-stream")}, **rest)

    def follow(self, answer: Any) -> str:
        assert answer.status_code == 303, answer.text
        return self.page(answer.headers["location"])


@pytest.fixture
def admin(county: County) -> Iterator[Desk]:
    with county.client("administrator") as client:
        yield Desk(county, client)


def somebody(county: County, name: str) -> Desk:
    return Desk(county, county.client(name))


def words_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def hidden_in(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def visitor(county: County) -> Visitor:
    signed = accounts.enter_demo(county.app, "administrator")
    assert signed.visitor is not None
    return signed.visitor


# Who administers


def test_the_demo_opens_a_session_of_an_administrator_without_office(county: County) -> None:
    mine = visitor(county)
    assert (mine.person, mine.administrator) == ("", True)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_of_the_administration_opens_in_both_languages(admin: Desk, path: str) -> None:
    assert "<h1" in admin.page(path)
    admin.client.get("/sprache/en?zurueck=/")
    assert 'lang="en"' in admin.page(path)


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_else_finds_the_administration(county: County, name: str) -> None:
    desk = somebody(county, name)
    takes_calendars = name in ("neumann", "sommer")
    for path in PAGES:
        open_ = takes_calendars and path.startswith("/verwaltung/kalender")
        desk.page(path, 200 if open_ else 404)


def test_nobody_sees_a_case_by_being_an_administrator(admin: Desk) -> None:
    numbers = ("V-2026-0001", "V-2026-0002", "V-2026-0003")
    for number in numbers:
        file_of(admin.county.app, number)
        admin.page(f"/vorhaben/{number}", 404)
        admin.page(f"/vorhaben/{number}/zeitplan", 404)
    for path in ("/vorhaben", "/eingang", "/lagebild", "/feststellungen", "/bericht", "/altfaelle"):
        admin.page(path, 404)


def test_no_page_of_the_administration_names_a_case_or_its_title(admin: Desk) -> None:
    roster = house_of(admin.county.app).roster
    more = [f"/verwaltung/personen/person/{uid}" for uid in roster.persons]
    for path in (*PAGES, *more):
        said = admin.page(path)
        assert not re.search(r"V-\d{4}-\d{4}", said), path
        assert not [title for title in TITLES if title.casefold() in said.casefold()], path


# Health


def test_the_first_page_says_what_doctor_says(admin: Desk) -> None:
    said = words_of(admin.page("/verwaltung"))
    assert "Übungsdatenbank: versendet nichts" in said
    assert "nicht auf Schadprogramme geprüft" in said
    assert "ungeprüft" in said


def test_an_outage_of_the_clock_is_entered_and_shown(tmp_path: Path) -> None:
    place = house(tmp_path / "live", training=False)
    tick(place.app)
    before = place.clock.now()
    place.clock.instant = before + timedelta(minutes=4)
    tick(place.app)
    assert schedule(place.app).gaps == ()
    place.clock.instant += timedelta(hours=38)
    assert schedule(place.app).silent
    tick(place.app)
    [gap] = schedule(place.app).gaps
    assert (gap.since, gap.until) == (before + timedelta(minutes=4), place.clock.now())
    assert not schedule(place.app).silent
    place.app.close()


# Persons


HEAD = "stelle;art;name;vorgesetzt;belang;person;email;vertretung;von;bis\n"


def test_a_table_of_persons_is_seen_before_it_is_taken(admin: Desk) -> None:
    row = "fb-kultur;fachbereich;Fachbereich Kultur;dezernat-2;;Nora Falk;falk@m.example;nein;;\n"
    sent = admin.upload("/verwaltung/personen/einlesen", "neu.csv", (HEAD + row).encode())
    page = admin.follow(sent)
    assert "Fachbereich Kultur" in page
    assert "Nora Falk" in page
    assert "fb-kultur" not in house_of(admin.county.app).roster.offices
    path = sent.headers["location"]
    assert "1 Stellen, 1 Personen" in admin.follow(
        admin.send(path, gesehen=hidden_in(page, "gesehen"))
    )
    roster = house_of(admin.county.app).roster
    assert roster.offices["fb-kultur"].superior == "dezernat-2"
    with admin.county.app.database.read() as store:
        last = store.chains.until("offices", roster.position)[-1]
    assert last.actor == visitor(admin.county).account


def test_a_preview_that_others_have_overtaken_is_shown_again(admin: Desk) -> None:
    row = "fb-kultur;fachbereich;Fachbereich Kultur;;;;;;;\n"
    sent = admin.upload("/verwaltung/personen/einlesen", "neu.csv", (HEAD + row).encode())
    seen = hidden_in(admin.follow(sent), "gesehen")
    app = admin.county.app
    with app.database.write() as store:
        store.save_person(Person("p9", "Neu Dazu"), by(app, "person:p9"))
    again = admin.send(sent.headers["location"], gesehen=seen)
    assert again.status_code == 422
    assert "inzwischen geändert" in again.text
    assert "fb-kultur" not in house_of(app).roster.offices


def test_all_mistakes_of_a_table_are_told_with_line_and_column(admin: Desk) -> None:
    rows = "a;abteilung;A;nirgends;;X;kein-at;vielleicht;32.01.2026;\n;fachbereich;B;;;;;;;\n"
    answer = admin.upload("/verwaltung/personen/einlesen", "x.csv", (HEAD + rows).encode())
    assert answer.status_code == 422
    found = re.findall(
        r'data-label="Zeile"><div>(.*?)</div>.*?data-label="Spalte"><div>(.*?)</div>',
        answer.text,
        re.DOTALL,
    )
    assert [(line.strip(), column.strip()) for line, column in found] == [
        ("2", "2"), ("2", "4"), ("2", "7"), ("2", "8"), ("2", "9"), ("3", "1"),
    ]  # fmt: skip


def test_a_vacant_office_says_which_procedures_cannot_go_on(county: County) -> None:
    app, mine = county.app, visitor(county)
    thiel, today = county.uid("thiel"), house_of(app).today
    assert not [u for u in people.unfilled(house_of(app)) if u.exists]
    [tenure] = [t for t in house_of(app).roster.tenures if t.person == thiel]
    with app.database.write() as store:
        ended = replace(tenure, until=today - ONE_DAY)
        store.save_tenure(ended, people.as_admin(app, "end", mine))
    [vacant] = [u for u in people.unfilled(house_of(app)) if u.exists]
    assert vacant.name == "Beauftragter für Menschen mit Behinderungen"
    said = words_of(somebody(county, "administrator").page("/verwaltung/personen"))
    assert [form.de for form in vacant.forms] == ["Anhörung"]
    assert "ist niemand benannt: 1 Ablauf könnte nicht weitergehen (Anhörung)" in said


def test_who_leaves_hands_over_open_duties_first(admin: Desk) -> None:
    app = admin.county.app
    thiel, vogt = admin.county.uid("thiel"), admin.county.uid("vogt")
    page = f"/verwaltung/personen/person/{thiel}"
    today = house_of(app).today
    accounts.enter_demo(app, thiel)
    refused = admin.send(page, tag=today.isoformat())
    assert refused.status_code == 422
    assert "Offene Pflichten: 1" in refused.text
    assert "Beauftragter für Menschen mit Behinderungen" in words_of(refused.text)
    assert house_of(app).roster.holders("behinderung", today + ONE_DAY)

    deputy = {"stelle": "behinderung", "person": vogt, "art": "vertretung", "von": "", "bis": ""}
    assert admin.send("/verwaltung/personen/bestellung", **deputy).status_code == 303
    assert admin.send(page, tag=today.isoformat()).status_code == 422

    holder = deputy | {"art": "inhaberschaft", "von": (today + ONE_DAY).isoformat()}
    assert admin.send("/verwaltung/personen/bestellung", **holder).status_code == 303
    assert admin.send(page, tag=today.isoformat()).status_code == 303
    after = house_of(app).roster.holders("behinderung", today + ONE_DAY)
    assert {t.person for t in after} == {vogt}
    with app.database.read() as store:
        account = store.accounts.by_person(thiel)
    assert account is not None
    assert account.state == "disabled"


def test_who_owes_nothing_leaves_at_once(admin: Desk) -> None:
    berg = admin.county.uid("berg")
    today = house_of(admin.county.app).today
    sent = admin.send(f"/verwaltung/personen/person/{berg}", tag=today.isoformat())
    assert "scheidet aus" in admin.follow(sent)
    rows = house_of(admin.county.app).roster.holders("integration", today + ONE_DAY)
    assert [t.person for t in rows] == [admin.county.uid("yilmaz")]


def test_an_appointment_that_ends_before_it_begins_is_refused(admin: Desk) -> None:
    words = {"stelle": "integration", "person": admin.county.uid("vogt"), "art": "vertretung"}
    answer = admin.send(
        "/verwaltung/personen/bestellung", **words, von="2026-05-02", bis="2026-05-01"
    )
    assert answer.status_code == 422
    assert "bevor sie beginnt" in answer.text
    assert 'value="2026-05-02"' in answer.text


# Accounts


def test_an_invitation_goes_by_mail_and_is_shown_to_nobody(admin: Desk) -> None:
    vogt = admin.county.uid("vogt")
    sent = admin.send("/verwaltung/konten", person=vogt, login="", name="")
    page = admin.follow(sent)
    assert "Der Link geht an vogt@musterheide.example" in page
    assert "/einladung/" not in page
    assert "eingeladen" in page


def test_a_link_that_no_mail_can_carry_is_shown_once(admin: Desk) -> None:
    answer = admin.send(
        "/verwaltung/konten", person="", login="betrieb", name="Nachtdienst", verwaltet="ja"
    )
    assert answer.status_code == 200
    assert "wird nur jetzt gezeigt" in answer.text
    assert "/einladung/" in answer.text


def test_who_is_no_person_of_the_roster_can_only_administer(admin: Desk) -> None:
    answer = admin.send("/verwaltung/konten", person="", login="gast", name="Gast")
    assert answer.status_code == 422
    assert "kann nur verwalten" in answer.text


def test_an_account_with_open_duties_is_shut_only_at_once_and_on_suspicion(admin: Desk) -> None:
    app, thiel = admin.county.app, admin.county.uid("thiel")
    token = accounts.enter_demo(app, thiel).token
    with app.database.read() as store:
        account = store.accounts.by_person(thiel)
    assert account is not None
    page = f"/verwaltung/konten/konto/{account.uid}"
    refused = admin.send(f"{page}/stilllegen")
    assert refused.status_code == 422
    assert "Offene Pflichten: 1" in refused.text
    assert accounts.visitor(app, token) is not None
    assert admin.send(f"{page}/stilllegen", sofort="ja").status_code == 303
    assert accounts.visitor(app, token) is None


def test_nobody_shuts_her_own_account(admin: Desk) -> None:
    own = visitor(admin.county).account
    answer = admin.send(f"/verwaltung/konten/konto/{own}/stilllegen", sofort="ja")
    assert answer.status_code == 422
    assert "Das eigene Konto" in answer.text


def test_an_administrator_proves_herself_before_she_touches_accounts(tmp_path: Path) -> None:
    place = house(tmp_path / "live", training=False)
    app = place.app
    token = accounts.invite(app, "", "chefin", True, by_mail=False)
    accounts.accept(app, token, "ein langer Satz als Kennwort 7")
    client = TestClient(create_app(app, secure=False), base_url="http://127.0.0.1")
    client.headers["Sec-Fetch-Site"] = "same-origin"
    client.follow_redirects = False
    form = {"name": "chefin", "kennwort": "ein langer Satz als Kennwort 7", "weiter": "/"}
    page = client.get("/anmelden").text
    assert client.post("/anmelden", data={"_csrf": token_in(page), **form}).status_code == 303
    place.clock.instant += timedelta(minutes=11)
    page = client.get("/verwaltung/konten").text
    invited = {"person": place.person("vogt"), "login": "", "name": ""}
    answer = client.post("/verwaltung/konten", data={"_csrf": token_in(page), **invited})
    assert answer.headers["location"].startswith("/konto/bestaetigen")
    assert len(accounts.accounts_of(app)) == 1
    app.close()


# Mail


def a_mail(county: County, ending: Ending, name: str = "1") -> int:
    """Put a mail into the outbox and let its first try end in some way."""
    app, now = county.app, county.app.clock.now()
    with app.database.write() as store:
        mail = NewMessage(
            f"{name:0>32}",
            f"<{name}@x.example>",
            "p1",
            f"{name}@x.example",
            "de",
            "Neubau eines Begegnungszentrums",
            b"Kein Wort davon",
            now,
            now,
            now + ONE_DAY,
        )
        number = store.outbox.put(mail)
        [claimed] = [m for m in store.outbox.claim(now, "w", now + ONE_DAY) if m.id == number]
        later = now + ONE_DAY if ending is Ending.RETRY else None
        result = Result(ending, now, 550, "5.1.1 unknown", later)
        assert store.outbox.finish(number, claimed.attempt, result)
    return number


def test_the_outbox_says_what_became_of_a_mail_and_not_what_it_says(admin: Desk) -> None:
    a_mail(admin.county, Ending.DEAD)
    a_mail(admin.county, Ending.RETRY, "2")
    said = words_of(admin.page("/verwaltung/post/ausgang"))
    assert "endgültig gescheitert 550 5.1.1 unknown" in said
    assert "zurückgewiesen, wird erneut versucht" in said
    assert "Begegnungszentrum" not in said
    assert "Kein Wort davon" not in said


def test_a_failed_mail_is_tried_again_on_record(admin: Desk) -> None:
    number = a_mail(admin.county, Ending.DEAD)
    page = admin.follow(admin.send(f"/verwaltung/post/ausgang/{number}/erneut"))
    assert "geht noch einmal hinaus" in page
    assert post.letters(admin.county.app)[0].state == "ready"
    again = admin.send(f"/verwaltung/post/ausgang/{number}/erneut")
    assert again.status_code == 409
    with admin.county.app.database.read() as store:
        [line] = store.chains.typed("system", "mail_resent")
    assert line.plain == {"message": number}


def test_a_mail_nobody_is_sending_can_be_kept_back(admin: Desk) -> None:
    number = a_mail(admin.county, Ending.RETRY)
    admin.follow(admin.send(f"/verwaltung/post/ausgang/{number}/liegenlassen"))
    assert post.letters(admin.county.app)[0].state == "cancelled"


def test_the_outbox_is_paged_and_filtered(admin: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "PAGE", 2)
    ids = [a_mail(admin.county, Ending.DEAD, str(n)) for n in range(1, 4)]
    first = admin.page("/verwaltung/post/ausgang?stand=gescheitert")
    following = re.search(r'href="(/verwaltung/post/ausgang\?[^"]*vor=\d+)"', first)
    assert following is not None
    assert f"vor={ids[1]}" in following[1]
    last = admin.page(following[1].replace("&amp;", "&"))
    assert f"ausgang/{ids[0]}/erneut" in last
    assert f"ausgang/{ids[1]}/erneut" not in last
    admin.page("/verwaltung/post/ausgang?stand=quatsch", 404)


def test_a_test_message_shows_the_answer(admin: Desk) -> None:
    answer = admin.send("/verwaltung/post", an="pruefung@musterheide.example")
    assert "Testnachricht angenommen" in answer.text
    bad = admin.send("/verwaltung/post", an="keine adresse")
    assert bad.status_code == 422
    assert 'value="keine adresse"' in bad.text


# Calendars


def closures(county: County, weeks: int = 1) -> bytes:
    """Return closures on the working days of a coming week, over which periods run."""
    today = house_of(county.app).today
    monday = today + timedelta(days=7 * weeks - today.weekday())
    event = EVENT.format(uid="ruhe", first=monday, end=monday + timedelta(days=5))
    return ICAL.format(events=event).replace("\n", "\r\n").encode()


def test_an_administrator_lays_a_calendar_before_those_who_may_take_it(admin: Desk) -> None:
    words = {"kalender": "BB", "art": "schliessung", "quelle": "Verfügung Betriebsruhe"}
    sent = admin.upload(
        "/verwaltung/kalender/einlesen", "ruhe.ics", closures(admin.county), **words
    )
    page = admin.follow(sent)
    said = words_of(page)
    assert "Betriebsruhe" in said
    assert re.search(r"[1-9]\d* laufende Frist(en ändern|) ?(sich|ändert sich)", said)
    assert "von denen hier nichts zu sehen ist" in said
    assert "Ute Neumann (Rechtsamt)" in said
    assert not re.search(r"V-\d{4}-\d{4}", page)
    assert "Übernehmen und protokollieren" not in page
    assert "liegt jetzt dem Rechtsamt" in admin.follow(admin.send(sent.headers["location"]))
    assert calendars.preview(admin.county.app).moves == ()

    legal = somebody(admin.county, "neumann")
    [waiting] = re.findall(
        r'href="(/verwaltung/kalender/vorgelegt/\w+)"', legal.page("/verwaltung/kalender")
    )
    shown = legal.page(waiting)
    assert re.search(r"V-\d{4}-\d{4}", shown)
    done = legal.follow(legal.send(waiting))
    assert "Übernommen und protokolliert" in done
    assert "vorgelegt/" not in done
    world = house_of(admin.county.app)
    assert "Betriebsruhe" in world.calendars["BB"].closures.values()


def test_an_administrator_cannot_take_a_calendar_past_the_offices(admin: Desk) -> None:
    words = {"kalender": "BB", "art": "schliessung", "quelle": "Verfügung"}
    sent = admin.upload("/verwaltung/kalender/einlesen", "r.ics", closures(admin.county), **words)
    admin.send(sent.headers["location"])
    [waiting] = re.findall(
        r'href="(/verwaltung/kalender/vorgelegt/\w+)"', admin.page("/verwaltung/kalender")
    )
    answer = admin.send(waiting)
    assert answer.status_code == 422
    assert "Ruhe" not in str(house_of(admin.county.app).calendars["BB"].closures)
    assert admin.send("/verwaltung/kalender/nachrechnen").status_code == 404


def test_days_without_a_source_are_refused(admin: Desk) -> None:
    answer = admin.upload(
        "/verwaltung/kalender/einlesen", "r.ics", closures(admin.county), kalender="BB", art=""
    )
    assert answer.status_code == 422
    assert "Ohne Quelle wird kein Tag eingetragen" in answer.text


# Definitions


PLAN = f"""\
migrates: anhoerung
from: "{shipped_version()}"
to: "{NEXT_VERSION}"
states: {{informiert: unterrichtet}}
deadlines: {{vervollstaendigung: nachreichung}}
""".encode()


def source(id_: str = "anhoerung") -> str:
    return (shipped.workflows() / f"{id_}.yaml").read_text("utf-8")


def weighed(desk: Desk, offer: str) -> str:
    """Reload the page of an offered definition until its examination is done."""
    for _ in range(120):
        page = desk.page(offer)
        if "Seite neu laden" not in page:
            return page
        time.sleep(1)
    raise AssertionError("the examination does not end")


def test_a_definition_with_a_mistake_is_told_where_and_what_would_be_right(admin: Desk) -> None:
    wrong = source().replace("to: informiert", "to: informirt", 1)
    line = wrong[: wrong.index("informirt")].count("\n") + 1
    sent = admin.upload("/verwaltung/ablaeufe", "anhoerung.yaml", wrong.encode())
    page = weighed(admin, sent.headers["location"])
    said = words_of(page)
    assert f" {line} " in said
    assert "informirt" in said
    assert "Meinten Sie" in said
    assert re.search(r"<button[^>]*disabled[^>]*>.*?Aktivieren", page, re.DOTALL)


def test_what_is_no_definition_is_refused_at_the_door(admin: Desk) -> None:
    answer = admin.upload("/verwaltung/ablaeufe", "x.yaml", b"hallo: welt\n")
    assert answer.status_code == 422
    assert "weder Ablauf" in answer.text
    assert admin.upload("/verwaltung/ablaeufe", "x.exe", b"MZ").status_code == 422


def test_a_version_that_loses_a_state_in_use_needs_a_plan(admin: Desk) -> None:
    new = next_version()
    sent = admin.upload("/verwaltung/ablaeufe", "anhoerung.yaml", new)
    page = weighed(admin, sent.headers["location"])
    assert "So kann diese Fassung nicht in Kraft treten" in page
    assert "darin läuft noch etwas" in page
    assert not re.search(r"V-\d{4}-\d{4}", page)


def test_a_proven_version_is_activated_and_running_cases_are_moved(admin: Desk) -> None:
    app = admin.county.app
    files = {
        "datei": ("anhoerung.yaml", next_version(), "text/yaml"),
        "plan": ("umzug.yaml", PLAN, "text/yaml"),
    }
    sent = admin.send("/verwaltung/ablaeufe", files)
    offer = sent.headers["location"]
    page = weighed(admin, offer)
    assert "Übungen und Nachweis sind bestanden" in page, words_of(page)
    assert "100 % der Übergänge" in words_of(page)
    done = admin.follow(admin.send(f"{offer}/aktivieren"))
    assert "In Kraft: anhoerung" in done
    current = [v for v in versions(app, "anhoerung") if v.current]
    assert [v.version for v in current] != [shipped_version()]

    tried = admin.upload("/verwaltung/ablaeufe/umzug", "umzug.yaml", PLAN, "umzugsplan")
    dry = admin.follow(tried)
    assert "informiert" in dry
    assert "unterrichtet" in dry
    assert not re.search(r"V-\d{4}-\d{4}", dry)
    seen = hidden_in(dry, "gesehen")
    done = admin.follow(admin.send(tried.headers["location"], gesehen=seen))
    assert re.search(r"Umgestellt: [1-9]", done)
    with app.database.read() as store:
        moved = [x for x in store.chains.all() if x.entry.type == "migration"]
    assert moved
    mine = visitor(admin.county).account
    assert {(x.entry.actor, x.entry.office) for x in moved} == {(mine, "")}
    found = verify(app, person_of(house_of(app), "neumann"), replaying=True)
    assert (found.faults, found.differing) == ((), ())


# Words of the house


@pytest.mark.parametrize(
    ("preset", "council", "head"),
    [
        ("landkreis", "Kreistag", "Landrätin oder Landrat"),
        ("stadt", "Stadtverordnetenversammlung", "Bürgermeisterin oder Bürgermeister"),
        ("gemeinde", "Gemeindevertretung", "Bürgermeisterin oder Bürgermeister"),
        ("amt", "Amtsausschuss", "Amtsdirektorin oder Amtsdirektor"),
    ],
)
def test_each_sort_of_house_reads_its_own_words(
    played: Path, tmp_path: Path, preset: str, council: str, head: str
) -> None:
    made = county_in(played, tmp_path / "county")
    config = made.folder / "config.yaml"
    said = re.sub(r"(?m)^wording: .*\n", "", config.read_text("utf-8"))
    config.write_text(f"wording: {preset}\n{said}", "utf-8")
    again = open_app(made.folder, made.clock)
    made.app.close()
    made.app, made.web = again, create_app(again, demo=True, secure=False)
    persons = somebody(made, "administrator").page("/verwaltung/personen")
    assert head in persons
    assert "Hauptverwaltungsbeamt" not in persons
    assert f"{council};11.06.2026" in somebody(made, "sommer").page("/sitzungen/tagesordnung")
    again.close()


# Stichtag


LIST = "titel;vorlage;gremium;sitzung;stelle\nKita Am Anger;2025/087;Kreistag;12.05.2025;FB Bauen\n"


def test_earlier_measures_are_shown_and_never_counted(admin: Desk) -> None:
    app = admin.county.app
    weber = somebody(admin.county, "weber")
    before = weber.page("/vorhaben").count("data-label=")
    sent = admin.upload("/verwaltung/stichtag", "alt.csv", LIST.encode(), tag="2026-01-01")
    assert "Kita Am Anger" in admin.follow(sent)
    assert cutoff_of(app) is None
    admin.follow(admin.send(sent.headers["location"].partition("?")[0], tag="2026-01-01"))
    found = cutoff_of(app)
    assert found is not None
    assert (found.day, len(found.rows)) == (date(2026, 1, 1), 1)
    assert "Kita Am Anger" in weber.page("/altfaelle")
    assert weber.page("/vorhaben").count("data-label=") == before
    assert "Kita" not in somebody(admin.county, "neumann").page("/bericht")


def test_a_measure_after_the_day_is_no_earlier_measure(admin: Desk) -> None:
    answer = admin.upload("/verwaltung/stichtag", "alt.csv", LIST.encode(), tag="2025-05-12")
    assert answer.status_code == 422
    assert "Die Sitzung liegt nicht vor dem Stichtag" in answer.text


# In a real browser


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_each_page_is_accessible(browser: Browser, served: County, width: int, dark: bool) -> None:
    a_mail(served, Ending.DEAD, f"{width}{int(dark)}")
    thiel = served.uid("thiel")
    own = visitor(served).account
    more = (f"/verwaltung/personen/person/{thiel}", f"/verwaltung/konten/konto/{own}")
    with tab(browser, width=width, dark=dark, base_url=served.url) as opened:
        Keyboard(opened.page).enter(ADMINISTRATION)
        for path in (*PAGES, *more):
            opened.page.goto(path)
            assert axe(opened.page) == [], path
            assert sideways(opened.page) == 0, path
            assert opened.page.locator("html").get_attribute("lang") == "de"
        assert opened.problems == []


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_persons_are_taken_from_a_table_by_keyboard(
    browser: Browser, served: County, tmp_path: Path, script: bool
) -> None:
    name = "mit" if script else "ohne"
    table = tmp_path / "personen.csv"
    row = f"fb-{name};fachbereich;Fachbereich {name};dezernat-2;;;;;;\n"
    table.write_text(HEAD + row, "utf-8")
    with tab(browser, script=script, base_url=served.url) as opened:
        hands = Keyboard(opened.page)
        hands.enter(ADMINISTRATION)
        hands.press("Verwaltung")
        hands.press("Personen und Stellen")
        hands.press("Personen einlesen")
        hands.give("Tabelle", table)
        hands.press("Vorschau ansehen")
        hands.sees(f"Fachbereich {name}")
        if script:
            assert axe(opened.page) == []
        hands.press("Übernehmen")
        hands.sees("Übernommen: 1 Stellen")
        assert opened.problems == []
    assert f"fb-{name}" in house_of(served.app).roster.offices


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_what_a_file_leads_to_is_accessible(
    browser: Browser, served: County, tmp_path: Path, width: int
) -> None:
    files = {
        "/verwaltung/personen/einlesen": (
            "x.csv",
            f"{HEAD}a;abteilung;A;nirgends;;;;;;\n".encode(),
        ),
        "/verwaltung/kalender": ("ruhe.ics", closures(served)),
        "/verwaltung/ablaeufe": ("a.yaml", source().replace("to: informiert", "to: x", 1).encode()),
        "/verwaltung/stichtag": ("alt.csv", LIST.encode()),
    }
    with tab(browser, width=width, base_url=served.url) as opened:
        page = opened.page
        Keyboard(page).enter(ADMINISTRATION)
        for path, (name, data) in files.items():
            (tmp_path / name).write_bytes(data)
            page.goto(path)
            page.locator('input[name="datei"]').set_input_files(tmp_path / name)
            if path.endswith("kalender"):
                page.get_by_label("Kalender, zu dem").select_option("BB")
                page.get_by_label("Woraus sie folgen").fill("Verfügung")
            if path.endswith("stichtag"):
                page.locator('input[name="tag"]').fill("2026-01-01")
            with page.expect_navigation():
                page.locator('main form:has(input[name="datei"]) button').first.click()
            assert axe(page) == [], path
            assert sideways(page) == 0, path
        # The browser itself notes that a table with mistakes is answered by 422.
        assert [x for x in opened.problems if "422" not in x] == []
