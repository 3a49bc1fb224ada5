"""The council office's pages: sittings, what they do to cases, motions, outcomes, the year."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.testclient import TestClient

from engine.core.case import Case, Measure, Stage
from engine.core.meanings import StepMeans
from engine.core.world import Session
from engine.services import sessions
from engine.services.cases import Deed, register_measure
from engine.services.reading import file_of, house_of
from tests.web.browser import NARROW, WIDE, axe, browser, sideways, tab
from tests.web.county import County, county, played, served, token_in
from tests.web.keyboard import Keyboard

__all__ = ["browser", "county", "played", "served"]

PLACE = "musterheide"


@dataclass
class Office:
    """The council office at its desk."""

    county: County
    client: TestClient

    @property
    def today(self) -> date:
        return house_of(self.county.app).today

    def page(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    def send(self, path: str, files: Any = None, **fields: Any) -> Any:
        token = token_in(self.page("/sitzungen"))
        data = {"_csrf": token, **{k.replace("__", "."): v for k, v in fields.items()}}
        return self.client.post(path, data=data, files=files)

    def goes_to(self, answer: Any) -> str:
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def upload(self, path: str, name: str, text: str, **fields: Any) -> Any:
        return self.send(path, {"datei": (name, text.encode(), "text/plain")}, **fields)

    def case(self, number: str) -> Case:
        return file_of(self.county.app, number).case

    def numbered(self, reference: str) -> Case:
        with self.county.app.database.read() as store:
            rows = store.cases.references()
        return self.case(next(n for n, r, _ in rows if r == reference))

    def calendar(self, *rows: tuple[str, date]) -> None:
        held = [Session(f"{PLACE}/{b}/{d}", b, d, PLACE) for b, d in rows]
        sessions.save_new(self.county.app, held)


@pytest.fixture
def office(county: County) -> Iterator[Office]:
    made = Office(county, county.client("sommer"))
    with made.client:
        yield made


def at(body: str, day: date) -> dict[str, str]:
    return {"ort": PLACE, "gremium": body, "tag": day.isoformat()}


def query(words: dict[str, str]) -> str:
    return "&".join(f"{k}={v}" for k, v in words.items())


def hidden_in(page: str, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def radweg(office: Office) -> tuple[Case, date, date]:
    """Return the demo's running case and the days of its two bodies."""
    case = office.numbered("V 124")
    first, last = (s.day for s in case.measure.stages)
    assert first is not None
    assert last is not None
    return case, first, last


# The calendar


def test_a_sitting_that_only_a_measure_names_is_shown_as_such(office: Office) -> None:
    page = office.page("/sitzungen")
    assert page.count("nicht im Kalender") == 2
    assert "Bauausschuss" in page
    office.calendar(("Bauausschuss", radweg(office)[1]))
    assert office.page("/sitzungen").count("nicht im Kalender") == 1


def test_the_calendar_is_narrowed_to_a_body_and_to_past_sittings(office: Office) -> None:
    only = office.page("/sitzungen?gremium=Kreistag")
    assert "zur Sitzung" not in only
    assert only.count('data-label="Gremium"') == 1
    past = office.page("/sitzungen?zeit=vergangen")
    assert "Sozialausschuss" in past
    assert "Bauausschuss" not in past.partition("<tbody")[2]


@pytest.mark.parametrize("who", ["weber", "yilmaz", "neumann", "administrator"])
def test_nobody_else_finds_the_council_office_s_pages(county: County, who: str) -> None:
    client = county.client(who)
    token = token_in(client.get("/konto").text)
    assert client.get("/sitzungen").status_code == 404
    assert client.post("/sitzungen/verlegen", data={"_csrf": token}).status_code == 404


# Import


def test_a_table_is_taken_only_after_its_preview_and_only_once(office: Office) -> None:
    day = office.today + timedelta(days=60)
    table = f"gremium;tag\nKreistag;{day}\nSozialausschuss;{day:%d.%m.%Y}\n"
    preview = office.goes_to(office.upload("/sitzungen/einlesen", "termine.csv", table))
    page = office.page(preview)
    assert "Neue Sitzungen" in page
    assert not house_of(office.county.app).sessions
    token = preview.partition("?")[0]
    seen = hidden_in(page, "gesehen")
    done = office.goes_to(office.send(token, gesehen=seen, ort="", gremium=""))
    assert "<strong>2</strong>" in office.page(done)
    assert {s.body for s in house_of(office.county.app).sessions.values()} == {
        "Kreistag",
        "Sozialausschuss",
    }
    again = office.goes_to(office.upload("/sitzungen/einlesen", "termine.csv", table))
    assert "Alles ist schon eingetragen" in office.page(again)


def test_every_fault_of_a_table_is_told_with_line_and_column(office: Office) -> None:
    table = "gremium;tag;ausgefallen\nKreistag;31.02.2026;nein\n;2026-12-01;vielleicht\n"
    answer = office.upload("/sitzungen/einlesen", "termine.csv", table)
    assert answer.status_code == 422
    cells = re.findall(r'data-label="(?:Zeile oder Termin|Spalte)"><div>(.*?)</div>', answer.text)
    assert cells == ["2", "2", "3", "1", "3", "3"]
    assert "31.02.2026" in answer.text
    assert not list((office.county.folder / "ablage").iterdir())


def test_a_calendar_and_a_council_information_system_s_file_are_read_as_well(
    office: Office,
) -> None:
    ics = "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//x//DE",
            "BEGIN:VEVENT",
            "UID:a",
            "DTSTART;VALUE=DATE:20270512",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )
    flawed = office.upload("/sitzungen/einlesen", "termine.ics", ics)
    assert flawed.status_code == 422
    assert "Termin 1" in flawed.text
    body = {"gremium": "Umweltausschuss"}
    preview = office.goes_to(office.upload("/sitzungen/einlesen", "termine.ics", ics, **body))
    assert "Umweltausschuss" in office.page(preview)
    schema = "https://schema.oparl.org/1.1"
    records = [
        {"id": "https://r.example/o/1", "type": f"{schema}/Organization", "name": "Hauptausschuss"},
        {
            "id": "https://r.example/m/1",
            "type": f"{schema}/Meeting",
            "start": "2027-05-12T17:00:00+02:00",
            "organization": ["https://r.example/o/1"],
        },
    ]
    oparl = office.upload("/sitzungen/einlesen", "sitzungen.json", json.dumps(records))
    assert "Hauptausschuss" in office.page(office.goes_to(oparl))


@pytest.mark.parametrize("name", ["termine.exe", "https://r.example/oparl", ""])
def test_what_is_no_file_of_sittings_is_not_read(office: Office, name: str) -> None:
    answer = office.upload("/sitzungen/einlesen", name, "gremium;tag\n")
    assert answer.status_code == 422
    assert not (office.county.folder / "ablage").exists()


def test_a_file_waits_for_nobody_but_whoever_sent_it(office: Office, county: County) -> None:
    table = "gremium;tag\nKreistag;2027-01-12\n"
    path = office.goes_to(office.upload("/sitzungen/einlesen", "../../x/termine.csv", table))
    assert {p.name for p in (county.folder / "ablage").rglob("*.csv")} == {"termine.csv"}
    assert office.page(path)
    world = house_of(county.app)
    colleague = replace(world.roster.persons[county.uid("sommer")], uid="p2", email="x@m.example")
    from engine.core.offices import Tenure
    from engine.services.setup import by

    with county.app.database.write() as store:
        store.save_person(colleague, by(county.app, "person:p2"))
        store.save_tenure(Tenure("sitzungsdienst", "p2"), by(county.app, "tenure:p2"))
    other = county.client("x")
    assert other.get("/sitzungen").status_code == 200
    assert other.get(path).status_code == 404
    office.page(path.replace(path.split("/")[3][:32], "0" * 32), 404)
    office.page("/sitzungen/einlesen/ratsinfo", 404)


# A sitting changes


def test_a_moved_sitting_shows_its_cases_first_and_then_plans_each_anew(office: Office) -> None:
    case, first, _ = radweg(office)
    office.calendar(("Bauausschuss", first))
    words, new = at("Bauausschuss", first), first + timedelta(days=7)
    page = office.page(f"/sitzungen/verlegen?{query(words)}&neu={new}")
    assert case.number in page
    assert f"{first:%d.%m.%Y}" in page
    assert f"{new:%d.%m.%Y}" in page
    assert office.case(case.number).measure.stages[0].day == first
    answer = office.send(
        "/sitzungen/verlegen", **words, neu=str(new), gesehen=hidden_in(page, "gesehen")
    )
    done = office.page(office.goes_to(answer))
    assert "neu geplant" in done
    assert office.case(case.number).measure.stages[0].day == new
    assert {s.day for s in house_of(office.county.app).sessions.values()} == {new}


def test_a_list_that_has_changed_since_is_shown_again_before_anything_is_done(
    office: Office,
) -> None:
    case, first, _ = radweg(office)
    office.calendar(("Bauausschuss", first))
    words, new = at("Bauausschuss", first), first + timedelta(days=7)
    seen = hidden_in(office.page(f"/sitzungen/verlegen?{query(words)}&neu={new}"), "gesehen")
    late = _register(office, "Radweg am Deich", "Bauausschuss", first)
    answer = office.send("/sitzungen/verlegen", **words, neu=str(new), gesehen=seen)
    assert answer.status_code == 422
    assert late in answer.text
    assert office.case(case.number).measure.stages[0].day == first


def _register(office: Office, title: str, body: str, day: date, **more: Any) -> str:
    app = office.county.app
    facts = dict.fromkeys(house_of(app).library.facts, False)
    measure = Measure(
        title=title,
        kind="beschlussvorlage",
        origin="administration",
        lead="fb-bau",
        municipality=PLACE,
        facts=more.pop("facts", facts),
        stages=(Stage(body, day, "entscheidung"),),
        **more,
    )
    return register_measure(app, measure, Deed("", office.county.uid("richter"))).number


def test_a_personnel_matter_is_moved_along_and_only_counted(office: Office) -> None:
    case, first, _ = radweg(office)
    office.calendar(("Bauausschuss", first))
    secret = _register(
        office, "Versetzung einer Leitung", "Bauausschuss", first, confidentiality="personnel"
    )
    words, new = at("Bauausschuss", first), first + timedelta(days=7)
    page = office.page(f"/sitzungen/verlegen?{query(words)}&neu={new}")
    for shown in (page, office.page(f"/sitzungen/sitzung?{query(words)}")):
        assert secret not in shown
        assert "Versetzung" not in shown
        assert "1 weiteres Vorhaben" in shown
    answer = office.send(
        "/sitzungen/verlegen", **words, neu=str(new), gesehen=hidden_in(page, "gesehen")
    )
    done = office.page(office.goes_to(answer))
    assert secret not in done
    assert case.number in done
    assert office.case(secret).measure.stages[0].day == new


def test_a_cancelled_sitting_gives_its_cases_to_another_or_to_none(office: Office) -> None:
    case, _, last = radweg(office)
    later = last + timedelta(days=28)
    office.calendar(("Kreistag", last), ("Kreistag", later))
    words = at("Kreistag", last)
    page = office.page(f"/sitzungen/absagen?{query(words)}&statt={later}")
    assert case.number in page
    seen = hidden_in(page, "gesehen")
    office.goes_to(office.send("/sitzungen/absagen", **words, statt=str(later), gesehen=seen))
    assert office.case(case.number).measure.stages[1].day == later
    assert "fällt aus" in office.page("/sitzungen")
    words = at("Kreistag", later)
    page = office.page(f"/sitzungen/absagen?{query(words)}&statt=")
    assert "hat dort keinen Tag mehr" in page
    seen = hidden_in(page, "gesehen")
    office.goes_to(office.send("/sitzungen/absagen", **words, statt="", gesehen=seen))
    assert office.case(case.number).measure.stages[1].day is None


def test_an_added_sitting_is_entered_and_a_second_one_of_the_day_is_refused(
    office: Office,
) -> None:
    _, first, last = radweg(office)
    words = {"ort": PLACE, "gremium": "Bauausschuss", "neu": str(first)}
    page = office.page(f"/sitzungen/ergaenzen?{query(words)}")
    office.goes_to(office.send("/sitzungen/ergaenzen", **words, gesehen=hidden_in(page, "gesehen")))
    office.calendar(("Bauausschuss", last))
    moved = f"/sitzungen/verlegen?{query(at('Bauausschuss', first))}&neu={last}"
    assert "tagt Bauausschuss bereits" in office.page(moved, 422)


def test_a_sitting_that_no_calendar_names_cannot_be_moved(office: Office) -> None:
    _, first, _ = radweg(office)
    office.page(f"/sitzungen/verlegen?{query(at('Bauausschuss', first))}", 404)
    office.page("/sitzungen/sitzung?ort=musterheide&gremium=Kreistag&tag=morgen", 404)


# Before the sitting


def test_a_paper_on_which_somebody_is_to_be_heard_stands_on_the_list(office: Office) -> None:
    page = office.page("/sitzungen/vorlagenschluss")
    assert "V 124" in page
    assert "Beauftragter für Menschen mit Behinderungen" in page
    assert "Vorlagenschluss" in page


def test_an_agenda_finds_what_nobody_registered_and_tells_the_office_once(office: Office) -> None:
    _, _, last = radweg(office)
    table = (
        "gremium;sitzungstag;top;vorlagen-nr.;titel;öffentlich\n"
        f"Kreistag;{last};1;;Eröffnung der Sitzung;ja\n"
        f"Kreistag;{last};4;V 124;Umbau der Haltestellen;ja\n"
        f"Kreistag;{last};5;2026/112;Gemeinschaftsunterkunft Am Anger;ja\n"
        f"Kreistag;{last};9;2026/200;Kündigung des Dolmetscherdienstes;nein\n"
    )
    path = office.goes_to(office.upload("/sitzungen/tagesordnung", "to.csv", table))
    page = office.page(path)
    assert "angemeldet, Beteiligung offen" in page
    assert "Dolmetscherdienst" not in page
    assert "Integrationsbeauftragte" in page
    office.goes_to(office.send(path))
    assert "Integrationsbeauftragte: 2 neu mitgeteilt, 0 schon früher." in office.page(path)
    office.goes_to(office.send(path))
    assert "Integrationsbeauftragte: 0 neu mitgeteilt, 2 schon früher." in office.page(path)
    with office.county.app.database.read() as store:
        owed = [n.office for n in store.outbox.notices(limit=10_000) if n.letter == "radar"]
    assert owed == ["integration"]


def test_every_fault_of_an_agenda_is_told_with_line_and_column(office: Office) -> None:
    table = "gremium;sitzungstag;titel\nKreistag;gestern;A\n;2026-12-01;\n"
    answer = office.upload("/sitzungen/tagesordnung", "to.csv", table)
    assert answer.status_code == 422
    cells = re.findall(r'data-label="(?:Zeile oder Termin|Spalte)"><div>(.*?)</div>', answer.text)
    assert cells == ["2", "2", "3", "1", "3", "3"]


# Motions


def _motion(office: Office, day: date, **fields: Any) -> Any:
    words = at("Kreistag", day)
    usual = {
        "titel": "Antrag: Dolmetschen im Kreishaus",
        "vorlage": "A 7",
        "herkunft": "fraction",
        "beruehrt": ["betrifft_integration"],
        "sonst_nichts": "ja",
        "key": "antrag-1",
    }
    return office.send("/sitzungen/antrag", **words, **(usual | fields))


def test_a_motion_in_one_line_reaches_the_commissioner_the_same_day(office: Office) -> None:
    _, _, last = radweg(office)
    path = office.goes_to(_motion(office, last))
    assert "Heute weitergegeben an: Integrationsbeauftragte." in office.page(path)
    case = office.numbered("A 7")
    assert (case.measure.origin, case.measure.lead) == ("fraction", "sitzungsdienst")
    [part] = case.participations
    workflow = house_of(office.county.app).library.workflow(part.workflow)
    assert part.office == "integration"
    assert any(
        line.type in {s.id for s in workflow.steps_meaning(StepMeans.INFORMATION)}
        for line in file_of(office.county.app, case.number).lines
    )
    assert _owed(office, case) == {"integration"}


def _owed(office: Office, case: Case) -> set[str]:
    return {n.office for n in file_of(office.county.app, case.number).notices} - {"sitzungsdienst"}


def test_the_same_motion_sent_twice_is_one_case_and_the_same_number_is_refused(
    office: Office,
) -> None:
    _, _, last = radweg(office)
    office.goes_to(_motion(office, last))
    before = file_of(office.county.app, office.numbered("A 7").number)
    office.goes_to(_motion(office, last))
    after = file_of(office.county.app, before.case.number)
    assert len(after.lines) == len(before.lines)
    again = _motion(office, last, key="antrag-2")
    assert again.status_code == 422
    assert before.case.number in again.text


def test_what_nobody_said_about_a_motion_stays_open(office: Office) -> None:
    _, _, last = radweg(office)
    office.goes_to(_motion(office, last, sonst_nichts="", beruehrt=[]))
    case = office.numbered("A 7")
    assert dict(case.measure.facts) == {}
    assert "Angaben zur Betroffenheit fehlen" in office.page("/sitzungen/vorlagenschluss")


def test_a_paper_of_the_administration_needs_its_department(office: Office) -> None:
    _, _, last = radweg(office)
    answer = _motion(office, last, herkunft="administration")
    assert answer.status_code == 422
    assert "federführende Stelle" in answer.text
    assert 'value="A 7"' in answer.text


def test_a_late_item_is_entered_by_its_paper_s_number_and_whoever_takes_part_hears_of_it(
    office: Office,
) -> None:
    case, first, _ = radweg(office)
    soon = first - timedelta(days=3)
    words = at("Kreisausschuss", soon)
    before = len(file_of(office.county.app, case.number).notices)
    path = office.goes_to(
        office.send("/sitzungen/tischvorlage", **words, vorgang="V 124", grund="Frist", key="t1")
    )
    assert case.number in office.page(path)
    after = file_of(office.county.app, case.number)
    assert ("Kreisausschuss", soon) in {(s.body, s.day) for s in after.case.measure.stages}
    assert len(after.notices) > before
    unknown = office.send("/sitzungen/tischvorlage", **words, vorgang="V 999", key="t2")
    assert unknown.status_code == 422


# Outcomes


def _past(office: Office) -> tuple[date, list[str]]:
    """Return a day that has passed with three papers of the county council."""
    day = office.today - timedelta(days=1)
    none = dict.fromkeys(house_of(office.county.app).library.facts, False)
    touched = none | {"betrifft_integration": True}
    return day, [
        _register(office, "Gebührensatzung", "Kreistag", day, reference="V 201"),
        _register(office, "Sprachkurse", "Kreistag", day, reference="V 202", facts=touched),
        _register(office, "Straßenreinigung", "Kreistag", day, reference="V 203"),
    ]


def _values(page: str, number: str) -> dict[str, str]:
    part = page.partition(f'name="ergebnis.{number}"')[2].partition("</select>")[0]
    return {label: value for value, label in re.findall(r'value="([^"]+)"[^>]*>([^<]+)<', part)}


def _outcome(office: Office, day: date, key: str, rows: dict[str, str], **more: Any) -> Any:
    words = at("Kreistag", day)
    page = office.page(f"/sitzungen/ergebnisse?{query(words)}")
    fields: dict[str, Any] = {"all.gremium": "vertretung", "grund": "nach der Sitzung", "key": key}
    for number, label in rows.items():
        fields[f"ergebnis.{number}"] = _values(page, number)[label]
        fields[f"papier.{number}"] = "1"
    return office.send("/sitzungen/ergebnisse", **words, **(fields | more))


def test_the_outcomes_of_a_sitting_are_deeds_of_their_own(office: Office) -> None:
    day, [plain, unheard, adjourned] = _past(office)
    answer = _outcome(
        office,
        day,
        "o1",
        {plain: "beschlossen", unheard: "geändert beschlossen", adjourned: "vertagt"},
        **{f"wortlaut.{unheard}": "mit Kinderbetreuung"},
    )
    page = office.page(office.goes_to(answer))
    assert page.count("Feststellung eröffnet") == 1
    assert [len(office.case(n).findings) for n in (plain, unheard, adjourned)] == [0, 1, 0]
    assert len({office.case(n).state for n in (plain, unheard)}) == 1
    assert office.case(adjourned).state != office.case(plain).state
    last = file_of(office.county.app, unheard).lines
    assert any("mit Kinderbetreuung" in str(line.private) for line in last)
    assert all(line.happened_on == day for line in last if "ergebnis" in str(line.plain))
    again = office.page(f"/sitzungen/ergebnisse?{query(at('Kreistag', day))}")
    assert "eingetragen: geändert beschlossen" in again


def test_a_row_that_cannot_be_entered_leaves_the_others_and_says_why(office: Office) -> None:
    day, [plain, unheard, _] = _past(office)
    rows = {plain: "beschlossen", unheard: "abgelehnt"}
    stale = {f"papier.{unheard}": "7"}
    page = office.page(office.goes_to(_outcome(office, day, "o2", rows, **stale)))
    assert page.count("nicht eingetragen") == 1
    assert "hat sich geändert" in page
    lines = [len(file_of(office.county.app, n).lines) for n in rows]
    office.goes_to(_outcome(office, day, "o2", rows))
    after = [len(file_of(office.county.app, n).lines) for n in rows]
    assert after[0] == lines[0]
    assert after[1] > lines[1]


def test_outcomes_wait_for_the_day_of_the_sitting(office: Office) -> None:
    case, first, _ = radweg(office)
    words = at("Bauausschuss", first)
    page = office.page(f"/sitzungen/ergebnisse?{query(words)}")
    assert "Die Sitzung steht noch bevor" in page
    value = f"ergebnis.{case.number}"
    answer = office.send("/sitzungen/ergebnisse", **words, key="o3", **{value: "entscheiden:x"})
    assert answer.status_code == 422
    assert office.case(case.number).state == case.state


def test_published_outcomes_are_proposed_and_entered_only_when_confirmed(office: Office) -> None:
    day, [plain, unheard, adjourned] = _past(office)
    first, second, third = (office.case(n).measure.reference for n in (plain, unheard, adjourned))
    table = (
        "vorlage;ergebnis;wortlaut\n"
        f"{first};einstimmig beschlossen;\n{second};geändert  beschlossen;mit Kinderbetreuung\n"
        f"{third};mehrheitlich zugestimmt;\nV 999;vertagt;\n"
    )
    held = [office.case(n) for n in (plain, unheard, adjourned)]
    path = "/sitzungen/ergebnisse/vorschlag"
    page = office.page(office.goes_to(office.upload(path, "k.csv", table, **at("Kreistag", day))))
    chosen = re.findall(r'name="ergebnis\.([^"]+)"(.*?)</select>', page, re.DOTALL)
    picked = {n: re.findall(r"selected>([^<]+)<", options) for n, options in chosen}
    assert picked[plain] == ["beschlossen"]
    assert picked[unheard] == ["geändert beschlossen"]
    assert picked[adjourned] == [], "what is not clearly one outcome is for a person"
    assert "laut Datei: mehrheitlich zugestimmt" in page
    assert "mit Kinderbetreuung" in page
    assert "V 999" in page
    assert [office.case(n) for n in (plain, unheard, adjourned)] == held, "nothing is entered yet"


def test_outcomes_come_from_a_file_of_the_council_information_system(office: Office) -> None:
    day, [plain, *_] = _past(office)
    reference = office.case(plain).measure.reference
    item = {"id": "i1", "consultation": "c1", "result": "einstimmig beschlossen", "name": "TOP"}
    oparl = [
        {"id": "o1", "type": "https://schema.oparl.org/1.1/Organization", "name": "Kreistag"},
        {
            "id": "m1",
            "type": "https://schema.oparl.org/1.1/Meeting",
            "start": f"{day.isoformat()}T17:00:00+02:00",
            "organization": ["o1"],
            "agendaItem": [item],
        },
        {
            "id": "p1",
            "type": "https://schema.oparl.org/1.1/Paper",
            "reference": reference,
            "consultation": [{"id": "c1", "agendaItem": "i1", "meeting": "m1"}],
        },
    ]
    path = "/sitzungen/ergebnisse/vorschlag"
    sent = office.upload(path, "oparl.json", json.dumps(oparl), **at("Kreistag", day))
    page = office.page(office.goes_to(sent))
    options = page.partition(f'name="ergebnis.{plain}"')[2].partition("</select>")[0]
    assert re.findall(r"selected>([^<]+)<", options) == ["beschlossen"]
    wrong = office.upload(
        path, "oparl.json", json.dumps(oparl), **at("Kreistag", day - timedelta(days=1))
    )
    assert wrong.status_code == 422
    assert "nennt kein Ergebnis" in wrong.text


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("k.csv", "vorlage;was\nV 1;x\n", "keine Spalte"),
        ("k.csv", "vorlage;ergebnis\n", "nennt kein Ergebnis"),
        ("k.json", "{", "k.json"),
        ("k.exe", "x", "lässt sich hier nicht lesen"),
    ],
)
def test_a_file_without_outcomes_is_refused_with_its_reason(
    office: Office, name: str, text: str, said: str
) -> None:
    day, _ = _past(office)
    path = "/sitzungen/ergebnisse/vorschlag"
    answer = office.upload(path, name, text, **at("Kreistag", day))
    assert answer.status_code == 422
    assert said in answer.text


def test_an_empty_table_enters_nothing(office: Office) -> None:
    day, _ = _past(office)
    answer = office.send("/sitzungen/ergebnisse", **at("Kreistag", day), key="o4")
    assert answer.status_code == 422
    assert "mindestens einem Vorhaben" in answer.text


# Statements on paper, and the year


def test_the_way_to_a_statement_on_paper_ends_at_its_form(office: Office) -> None:
    case, _, _ = radweg(office)
    page = office.page("/sitzungen/eingang?vorgang=V+124")
    [path] = re.findall(rf'href="(/vorhaben/{case.number}/beteiligung/[^"]+)"', page)[:1]
    form = office.page(path)
    assert 'type="file"' in form
    assert path in office.page("/sitzungen/eingang")
    office.page("/sitzungen/eingang?vorgang=V+999", 422)


def test_a_statement_on_paper_enters_the_file_with_its_original(office: Office) -> None:
    case, _, _ = radweg(office)
    page = office.page("/sitzungen/eingang?vorgang=V+124")
    path = re.findall(rf'href="(/vorhaben/{case.number}/beteiligung/[^"]+)"', page)[-1]
    form = office.page(path)
    told = re.search(r'name="(ergebnis)" value="(\w+)"', form)
    assert told is not None
    fields = {
        "ergebnis": "keine_bedenken",
        "wortlaut": "Keine Bedenken, mündlich zur Niederschrift.",
        "verfasst_von": "Sven Thiel",
        **{k: hidden_in(form, k) for k in ("key", "seen_revision", "seen_paper")},
    }
    scan = {"unterlagen": ("urkunde.txt", b"Original der Stellungnahme", "text/plain")}
    office.goes_to(office.send(path, scan, **fields))
    after = file_of(office.county.app, case.number).case
    assert len(after.documents) == len(case.documents) + 1
    assert after.participations[0].state != case.participations[0].state


def test_the_dates_of_the_year_are_printed_and_handed_out_as_a_table(office: Office) -> None:
    assert "Für" in office.page("/sitzungen/jahr?jahr=2031")
    day = date(2027, 5, 12)
    office.calendar(("Kreistag", day))
    page = office.page("/sitzungen/jahr?jahr=2027")
    assert "Jahresterminplan 2027" in page
    assert "<strong>" in page
    assert "Woher die Zahlen kommen" in page
    table = office.client.get("/sitzungen/jahr.csv?jahr=2027&ort=&gremium=")
    assert table.headers["content-type"].startswith("text/csv")
    head, row = csv.reader(table.content.decode("utf-8-sig").splitlines(), delimiter=";")
    assert head[:4] == ["Körperschaft", "Gremium", "Sitzung", "informieren bis"]
    assert row[:3] == ["Landkreis Musterheide", "Kreistag", "2027-05-12"]
    assert row[3].startswith("2027-")


# In a real browser


def served_office(served: County) -> Office:
    return Office(served, served.client("sommer"))


@pytest.fixture(scope="module")
def with_sittings(served: County) -> Office:
    """The served county with a calendar, so that there is something to move."""
    office = served_office(served)
    _, first, last = radweg(office)
    office.calendar(("Bauausschuss", first), ("Kreistag", last))
    return office


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
def test_a_sitting_is_moved_by_keyboard_alone(
    with_sittings: Office, browser: Browser, script: bool
) -> None:
    office = with_sittings
    case, first, _ = radweg(office)
    new = first + timedelta(days=1)
    with tab(browser, base_url=office.county.url, script=script) as opened:
        hands = Keyboard(opened.page)
        hands.enter("Jan Sommer")
        hands.press("Sitzungen")
        hands.press("", f"{first:%d.%m.%Y}")
        hands.press("Verlegen")
        hands.write_day("Neuer Tag", new)
        with hands.leaving():
            opened.page.keyboard.press("Enter")
        hands.sees(case.number)
        hands.press("Sitzung verlegen", key="Space")
        hands.sees("neu geplant")
        assert opened.problems == []
    assert office.case(case.number).measure.stages[0].day == new


def test_outcomes_of_a_sitting_are_entered_by_keyboard_alone(
    with_sittings: Office, browser: Browser
) -> None:
    office = with_sittings
    day = office.today
    number = _register(office, "Haushaltsplan", "Kreistag", day, reference="V 301")
    with tab(browser, base_url=office.county.url) as opened:
        hands = Keyboard(opened.page)
        hands.enter("Jan Sommer")
        opened.page.goto(f"/sitzungen/sitzung?{query(at('Kreistag', day))}")
        hands.press("Ergebnisse eintragen")
        hands.choose("Für die ganze Sitzung: ", "Kreistag")
        hands.choose(f"Ergebnis zu {number}", "beschlossen")
        hands.press("Ergebnisse eintragen")
        hands.sees("eingetragen beschlossen")
        assert opened.problems == []


def pages_of(office: Office) -> Iterator[str]:
    """Yield the address of every page of the council office, in every state that it has."""
    _, first, last = radweg(office)
    day, _ = _past(office)
    none = dict.fromkeys(house_of(office.county.app).library.facts, False)
    for body in ("Kreistag", "Hauptausschuss"):
        # Several sittings on one page, so that what is said of one is told from the other.
        _register(office, f"Tafel {body}", body, last, facts=none | {"betrifft_integration": True})
    words = query(at("Bauausschuss", first))
    yield from ("/sitzungen", "/sitzungen?zeit=vergangen", "/sitzungen/vorlagenschluss")
    yield from ("/sitzungen/eingang", "/sitzungen/eingang?vorgang=V+999")
    yield from (f"/sitzungen/sitzung?{words}", f"/sitzungen/sitzung?{query(at('Kreistag', day))}")
    yield from (f"/sitzungen/verlegen?{words}", f"/sitzungen/verlegen?{words}&neu={last}")
    yield f"/sitzungen/absagen?{query(at('Kreistag', last))}&statt="
    yield from ("/sitzungen/ergaenzen", "/sitzungen/ergaenzen?gremium=Kreistag&neu=x")
    yield f"/sitzungen/ergebnisse?{query(at('Kreistag', day))}"
    yield from ("/sitzungen/jahr", "/sitzungen/jahr?jahr=2031", "/sitzungen/einlesen")
    table = f"gremium;tag;kennung\nUmweltausschuss;{last};u\n"
    for s in house_of(office.county.app).sessions.values():
        table += f"{s.body};{s.day + timedelta(days=2)};{s.uid}\n"
    yield office.goes_to(office.upload("/sitzungen/einlesen", "termine.csv", table))
    agenda = (
        "gremium;sitzungstag;top;vorlagen-nr.;titel;öffentlich\n"
        f"Kreistag;{last};4;V 124;Umbau der Haltestellen;ja\n"
        f"Kreistag;{last};5;2026/112;Gemeinschaftsunterkunft Am Anger;ja\n"
        f"Hauptausschuss;{last};5;;Bericht;ja\n"
    )
    yield "/sitzungen/tagesordnung"
    yield office.goes_to(office.upload("/sitzungen/tagesordnung", "to.csv", agenda))


@pytest.fixture(scope="module")
def addresses(with_sittings: Office) -> list[str]:
    return list(pages_of(with_sittings))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_every_page_of_the_council_office_is_accessible(
    with_sittings: Office, addresses: list[str], browser: Browser, width: int, dark: bool
) -> None:
    with tab(browser, base_url=with_sittings.county.url, width=width, dark=dark) as opened:
        page = opened.page
        Keyboard(page).enter("Jan Sommer")
        for path in addresses:
            page.goto(path)
            assert (path, axe(page)) == (path, [])
            assert (path, sideways(page)) == (path, 0)
            assert page.get_attribute("html", "lang") == "de"
        # A form that could not be taken answers 422, which the console notes as well.
        assert [p for p in opened.problems if "422" not in p] == []


def test_the_faults_of_a_file_are_shown_accessibly(
    with_sittings: Office, browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "termine.csv"
    path.write_text("gremium;tag\nKreistag;31.02.2026\n;2026-12-01\n", "utf-8")
    with tab(browser, base_url=with_sittings.county.url, width=NARROW) as opened:
        page = opened.page
        Keyboard(page).enter("Jan Sommer")
        page.goto("/sitzungen/einlesen")
        page.set_input_files("input[type=file]", path)
        Keyboard(page).press("Vorschau ansehen")
        assert axe(page) == []
        assert sideways(page) == 0
