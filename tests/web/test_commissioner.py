"""The commissioner at work: her inbox, her answers, what is hers alone, and her own initiative."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from icalendar import Calendar as Ical
from starlette.testclient import TestClient

from engine.clock import new_uid
from engine.core.calendar import ONE_DAY, local_day
from engine.core.case import Act, Measure, Stage
from engine.core.offices import Office, Tenure
from engine.core.procedure import advance, register, settle
from engine.core.wishes import Wishes
from engine.errors import EngineError
from engine.services import private
from engine.services.accounts import enter_demo
from engine.services.cases import Deed, register_measure, take
from engine.services.obligations import owed
from engine.services.radar import sweep, tell
from engine.services.reading import house_of
from engine.services.setup import by
from engine.store import sqlite
from engine.store.database import open_database
from engine.worker import one_round
from tests.core.walks import MOVES, START, chosen, world_on
from tests.installation import setup_facts
from tests.musterheide import NOBODY, PAPER, act, measure
from tests.web.county import County, token_in

CASE = "V-2026-0002"
HERS = f"/vorhaben/{CASE}/beteiligung/behinderung~anhoerung~1/schritt"
EVERYBODY = (
    "weber",
    "richter",
    "krause",
    "lange",
    "neumann",
    "sommer",
    "berger",
    "yilmaz",
    "vogt",
    "administrator",
)
SECRET = "Ein Satz, den niemand sonst lesen darf"


def words_of(page: str) -> str:
    """Return what a page says between its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))


def form_of(client: TestClient, path: str) -> dict[str, Any]:
    """Return the hidden fields of the form at an address."""
    page = client.get(path)
    assert page.status_code == 200, page.text
    part = page.text.partition(f'action="{path.partition("?")[0]}"')[2]
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', part)
    return {**dict(found), "_csrf": token_in(page.text)}


def send(client: TestClient, path: str, **fields: Any) -> Any:
    """Fill in the form at an address and send it."""
    return client.post(path, data={**form_of(client, path), **fields})


# Mein Eingang


def test_the_inbox_shows_each_period_with_its_norm_and_sitting(county: County) -> None:
    page = county.client("thiel").get("/eingang")
    said = words_of(page.text)
    assert "Umbau der Haltestellen" in said
    assert "Fachbereich Bauen" in said
    assert "Bauausschuss" in said
    assert "Arbeitstag" in said
    assert "Dienstanweisung" in said
    for group in ("Heute fällig", "Diese Woche", "Später", "Ruht"):
        assert group in said


def test_the_first_page_of_an_office_that_is_heard_is_its_inbox(county: County) -> None:
    assert county.client("thiel").get("/").headers["location"] == "/eingang"
    assert county.client("weber").get("/").status_code == 200
    assert county.client("weber").get("/eingang").status_code == 404


def test_a_query_puts_the_period_to_rest(county: County) -> None:
    her = county.client("thiel")
    send(her, f"{HERS}/rueckfrage", frage="Wie hoch sind die Borde?", abgegeben="1")
    page = her.get("/eingang").text
    resting = page.partition('id="g-resting"')[2]
    assert "Umbau der Haltestellen" in resting


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty database of this module's own."""
    path = tmp_path_factory.mktemp("walks") / "db.sqlite3"
    url = f"sqlite:///{path}"
    open_database(url, create=True, training=True).close()
    return url


@given(MOVES)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_inbox_is_what_the_rows_say_is_open(
    base: str, moves: list[tuple[int, int, int]]
) -> None:
    database = open_database(base)
    day = START
    try:
        number = _walked(database, moves)
        day = START + timedelta(days=sum(days for days, _, _ in moves))
        with database.read() as store:
            found = owed(store, world_on(day), ["integration"])
        shown = {(o.participation, o.name) for o in found if o.case.number == number}
        assert shown == _by_rows(base, number)
    finally:
        database.close()


def _walked(database: Any, moves: list[tuple[int, int, int]]) -> str:
    """Walk a fresh case through random acts, each kept in the database; return its number."""
    uid, number, day = new_uid(), f"V-2026-{new_uid()[-9:]}", START
    facts = {**NOBODY, "betrifft_integration": True, "betrifft_behinderung": True}
    paper = replace(PAPER, uid=f"{uid[:24]}d1")
    first = act("anmelden", day, documents=(paper,), key=f"{uid}-r")
    outcome = register(uid, number, measure(facts=facts), first, world_on(day))
    with database.write() as store:
        store.keep(outcome)
    for place, (days, which, values) in enumerate(moves):
        day += timedelta(days=days)
        with database.write() as store:
            case = store.cases.get(number)
            taken: Act = chosen(case, day, which, values, f"{uid}-{place}")
            try:
                outcome = advance(case, taken, world_on(day))
            except EngineError:
                outcome = settle(case, world_on(day))
            if not outcome.quiet:
                store.keep(outcome)
    return number


WAITS_FOR_HER = {
    "bereitgestellt",
    "eingang_vermutet",
    "informiert",
    "rueckfrage_offen",
    "unvollstaendig",
    "zeit_verlangt",
    "beirat_befragt",
}
"""The states of a hearing in which a step of the office leads on."""


def _by_rows(url: str, number: str) -> set[tuple[str, str]]:
    """Return her open obligations as the bare rows have them, by participation and name."""
    # The driver of the engine: two SQLite libraries in one process undo each other's locks.
    rows = sqlite.driver().connect(url.removeprefix("sqlite:///"))
    try:
        return _read_by(rows, number)
    finally:
        rows.close()


def _read_by(rows: Any, number: str) -> set[tuple[str, str]]:
    case, state = rows.execute("SELECT id, state FROM kase WHERE number = ?", (number,)).fetchone()
    if state in ("abgeschlossen", "zurueckgezogen"):
        return set()
    terms = rows.execute(
        "SELECT participation, name, owner FROM deadline WHERE case_id = ? "
        "AND closed_on IS NULL AND status <> 'void'",
        (case,),
    ).fetchall()
    parts = rows.execute(
        "SELECT key, state, max(round) FROM participation WHERE case_id = ? "
        "AND office = 'integration' GROUP BY form",
        (case,),
    ).fetchall()
    dated = {p for p, _, _ in terms}
    owed_ = {(p, name) for p, name, owner in terms if owner == "integration"}
    return owed_ | {(k, "") for k, s, _ in parts if k not in dated and s in WAITS_FOR_HER}


# Answers


def statement(**changes: Any) -> dict[str, Any]:
    """Return the fields of a statement."""
    usual = {
        "ergebnis": "bedenken",
        "wortlaut": "Der Bord ist zu hoch.",
        "punkte": ["Bord absenken", "", "Leitstreifen"],
        "zuleitung": "anlage",
        "oeffentlich": "ja",
    }
    return usual | changes


def test_nothing_is_filed_before_it_was_read_again(county: County) -> None:
    her = county.client("thiel")
    page = send(her, f"{HERS}/stellungnahme", **statement())
    assert page.status_code == 200
    said = words_of(page.text)
    assert "Danach nicht mehr änderbar; Ergänzungen bleiben möglich." in said
    assert "Leitstreifen" in said
    assert "Fachbereich Bauen" in said
    with county.app.database.read() as store:
        [p] = store.cases.get(CASE).participations
    assert p.state == "informiert"
    fields = dict(re.findall(r'name="(key)" value="([^"]+)"', page.text))
    again = her.post(
        f"{HERS}/stellungnahme",
        data={**form_of(her, f"{HERS}/stellungnahme"), **fields, **statement(), "zurueck": "1"},
    )
    assert "Leitstreifen" in again.text


def test_a_statement_is_receipted_with_time_and_code(county: County) -> None:
    her = county.client("thiel")
    fields = {**form_of(her, f"{HERS}/stellungnahme"), **statement(), "abgegeben": "1"}
    done = her.post(f"{HERS}/stellungnahme", data=fields)
    place = done.headers["location"]
    assert re.fullmatch(rf"/vorhaben/{CASE}/beleg/\d+", place)
    said = words_of(her.get(place).text)
    assert re.search(r"Prüfcode [0-9A-Z]{4}-[0-9A-Z]{4}", said)
    assert "Uhr" in said
    assert "als Anlage zur Vorlage" in said
    twice = her.post(f"{HERS}/stellungnahme", data=fields)
    assert twice.headers["location"] == f"/vorhaben/{CASE}"
    assert her.get(f"{HERS}/stellungnahme").status_code == 404
    assert her.get(f"{HERS}/ergaenzen").status_code == 200


def test_what_is_missing_is_said_on_the_form_before_anything_is_confirmed(county: County) -> None:
    page = send(county.client("thiel"), f"{HERS}/stellungnahme", wortlaut="Nur Worte")
    assert page.status_code == 422
    assert "Nur Worte" in page.text


def test_a_waiver_holds_for_this_measure_only_and_can_be_taken_back(county: County) -> None:
    her = county.client("thiel")
    said = words_of(her.get(f"{HERS}/verzichten").text)
    assert (
        "Gilt nur für dieses Vorhaben und kann bis zur Entscheidung zurückgenommen werden." in said
    )
    assert "Ein allgemeiner Verzicht ist nicht vorgesehen." in said
    done = send(her, f"{HERS}/verzichten", grund="Schon besprochen", abgegeben="1")
    assert done.status_code == 303
    assert send(her, f"{HERS}/verzicht_zuruecknehmen", abgegeben="1").status_code == 303
    with county.app.database.read() as store:
        [p] = store.cases.get(CASE).participations
    assert p.state == "informiert"


@pytest.mark.parametrize(
    ("step", "fields", "state"),
    [
        ("rueckfrage", {"frage": "Wann?"}, "rueckfrage_offen"),
        ("mehr_zeit", {"bis": "31.12.2026", "grund": "Urlaubszeit"}, "zeit_verlangt"),
        ("unvollstaendig_melden", {"fehlend": "Lageplan"}, "unvollstaendig"),
        ("nicht_beruehrt", {"hinweis": ""}, "nicht_beruehrt"),
        (
            "an_vertretung_wenden",
            {"gremium": "vertretung", "anliegen": "Bitte hören"},
            "informiert",
        ),
    ],
)
def test_every_answer_goes_through_the_same_form(
    county: County, step: str, fields: dict[str, str], state: str
) -> None:
    done = send(county.client("thiel"), f"{HERS}/{step}", **fields, abgegeben="1")
    assert done.status_code == 303, words_of(done.text)
    with county.app.database.read() as store:
        [p] = store.cases.get(CASE).participations
    assert p.state == state


def test_nobody_but_the_office_is_offered_its_answers(county: County) -> None:
    for person in EVERYBODY:
        other = county.client(person)
        for step in ("stellungnahme", "verzichten", "rueckfrage", "nicht_beruehrt"):
            assert other.get(f"{HERS}/{step}").status_code == 404, (person, step)


# What is hers alone


def test_a_draft_comes_back_into_the_form_and_goes_once_it_is_filed(county: County) -> None:
    her = county.client("thiel")
    fields = statement(wortlaut=SECRET)
    kept = her.post(
        f"{HERS}/stellungnahme/entwurf",
        data={**form_of(her, f"{HERS}/stellungnahme"), **fields},
    )
    assert re.fullmatch(r"Automatisch gespeichert \d\d:\d\d\.", kept.text)
    page = her.get(f"{HERS}/stellungnahme").text
    assert SECRET in page
    assert "Leitstreifen" in page
    send(her, f"{HERS}/stellungnahme", **fields, abgegeben="1")
    assert "stellungnahme" not in her.get("/entwuerfe").text


def test_without_a_script_a_button_keeps_the_draft(county: County) -> None:
    her = county.client("thiel")
    done = send(her, f"{HERS}/stellungnahme", wortlaut=SECRET, entwurf="1")
    assert done.headers["location"] == f"{HERS}/stellungnahme"
    assert SECRET in her.get(f"{HERS}/stellungnahme").text


def _kept(county: County) -> tuple[TestClient, list[str]]:
    """Keep a draft and a note of hers; return her and the pages of both."""
    her = county.client("thiel")
    send(her, f"{HERS}/stellungnahme", wortlaut=SECRET, entwurf="1")
    token = token_in(her.get("/entwuerfe").text)
    her.post(f"/vorhaben/{CASE}/notiz", data={"_csrf": token, "notiz": SECRET})
    pages = sorted(set(re.findall(r'href="(/entwuerfe/[0-9a-f]+)"', her.get("/entwuerfe").text)))
    assert len(pages) == 2
    assert all(SECRET in her.get(page).text for page in pages)
    return her, pages


LISTS = (
    "/",
    "/eingang",
    "/vorhaben",
    f"/vorhaben?suche={SECRET[:12]}",
    f"/vorhaben/{CASE}",
    "/entwuerfe",
    "/verbleib",
    "/jahresbericht",
    "/jahresbericht/dokument",
    "/jahresbericht/tabelle",
    f"{HERS}/stellungnahme",
)


@pytest.mark.parametrize("person", EVERYBODY)
def test_drafts_and_notes_exist_for_nobody_else(county: County, person: str) -> None:
    _, pages = _kept(county)
    other = county.client(person)
    token = token_in(other.get("/entwuerfe").text)
    for page in pages:
        assert other.get(page).status_code == 404
        gone = other.post(f"{page}/loeschen", data={"_csrf": token})
        assert gone.status_code == 404
    for path in LISTS:
        assert SECRET not in other.get(path).text, path
    assert "Stellungnahme abgeben" not in other.get("/entwuerfe").text


def test_her_deputy_answers_in_her_place_and_sees_no_draft(county: County) -> None:
    her = county.client("yilmaz")
    token = token_in(her.get("/entwuerfe").text)
    her.post("/vorhaben/V-2026-0001/notiz", data={"_csrf": token, "notiz": SECRET})
    _away(county, "yilmaz")
    deputy = county.client("berg")
    assert "In Vertretung für Aylin Yilmaz" in words_of(deputy.get("/eingang").text)
    assert "In Vertretung für Aylin Yilmaz" in words_of(deputy.get("/vorhaben/V-2026-0001").text)
    assert SECRET not in deputy.get("/vorhaben/V-2026-0001").text
    assert SECRET not in deputy.get("/entwuerfe").text


def test_neither_database_nor_log_holds_a_word_of_a_draft(county: County) -> None:
    _kept(county)
    for file in county.folder.rglob("*"):
        if file.is_file():
            assert SECRET.encode() not in file.read_bytes(), file
    with county.app.database.read() as store:
        assert all(SECRET.encode() not in (s.header + (s.body or b"")) for s in store.chains.all())


def test_documents_that_came_since_her_last_visit_are_marked_until_she_signs_out(
    county: County,
) -> None:
    new = '<span class="rz-tag rz-tag--info"'
    first = county.client("thiel")
    assert new in first.get(f"/vorhaben/{CASE}").text
    assert new in first.get(f"/vorhaben/{CASE}").text
    second = county.client("thiel")
    assert new not in second.get(f"/vorhaben/{CASE}").text.partition('id="unterlagen"')[2]


# Absences


def _away(county: County, person: str, days: int = 3) -> date:
    client = county.client(person)
    today = local_day(county.clock.now())
    until = today + timedelta(days=days)
    done = send(client, "/abwesenheit", von=today.isoformat(), bis=until.isoformat(), trotzdem="1")
    assert done.status_code == 303, words_of(done.text)
    return until


def test_an_absence_without_deputy_is_warned_of_before_it_is_entered(county: County) -> None:
    her = county.client("thiel")
    today = local_day(county.clock.now())
    until = today + timedelta(days=30)
    page = send(her, "/abwesenheit", von=today.isoformat(), bis=until.isoformat())
    assert page.status_code == 200
    said = words_of(page.text)
    assert "In dieser Zeit endet 1 Frist" in said
    assert "ohne Vertretung – bitte klären." in said
    assert house_of(county.app).roster.absences == ()


def test_who_stands_in_is_away_as_well(county: County) -> None:
    _away(county, "berg")
    today = local_day(county.clock.now())
    until = today + timedelta(days=10)
    page = send(
        county.client("yilmaz"), "/abwesenheit", von=today.isoformat(), bis=until.isoformat()
    )
    assert "Maria Berg ist vom" in words_of(page.text)
    assert "ebenfalls abwesend" in words_of(page.text)


def test_an_act_of_the_deputy_is_recorded_as_hers_in_place_of_the_holder(county: County) -> None:
    send_to = _fresh_case(county)
    _away(county, "yilmaz")
    deputy = county.client("berg")
    path = f"/vorhaben/{send_to}/beteiligung/integration~anhoerung~1/schritt/stellungnahme"
    assert "In Vertretung für Aylin Yilmaz" in words_of(deputy.get(path).text)
    done = send(deputy, path, ergebnis="hinweise", wortlaut="In Ordnung.", abgegeben="1")
    assert "(i. V.)" in words_of(deputy.get(done.headers["location"]).text)
    assert county.client("yilmaz").get(path).status_code == 404


def _fresh_case(county: County) -> str:
    """Register a measure and inform the commissioner for integration; return its number."""
    facts = dict.fromkeys(setup_facts(), False) | {"betrifft_integration": True}
    far = local_day(county.clock.now()) + timedelta(days=90)
    paper = county.folder / "Vorlage.txt"
    paper.write_text("Entwurf")
    wanted = Measure(
        "Sprachmittlung im Bürgeramt",
        "beschlussvorlage",
        "administration",
        "fb-soziales",
        "musterheide",
        facts,
        (Stage("Kreistag", far),),
    )
    weber = county.uid("weber")
    case = register_measure(county.app, wanted, Deed("", weber, files=(("vorlage", paper),)))
    told = Deed("informieren", weber, participation="integration", fields={"gestaltbar": "offen"})
    take(county.app, case.number, told)
    return case.number


def test_an_absence_can_end_sooner_and_be_taken_back(county: County) -> None:
    her = county.client("thiel")
    today = local_day(county.clock.now())
    _away(county, "thiel", 10)
    path = f"/abwesenheit/{today.isoformat()}/ende"
    token = token_in(her.get("/abwesenheit").text)
    her.post(path, data={"_csrf": token, "bis": (today + ONE_DAY).isoformat()})
    [absence] = house_of(county.app).roster.absences
    assert absence.until == today + ONE_DAY
    her.post(path, data={"_csrf": token, "jetzt": "1"})
    assert house_of(county.app).roster.absences == ()
    assert her.post(path, data={"_csrf": token, "jetzt": "1"}).status_code == 422


def test_absences_that_overlap_or_end_before_they_begin_are_refused(county: County) -> None:
    until = _away(county, "thiel")
    her = county.client("thiel")
    again = send(her, "/abwesenheit", von=until.isoformat(), bis=until.isoformat())
    assert again.status_code == 422
    assert "schon eine Abwesenheit" in words_of(again.text)
    back = send(her, "/abwesenheit", von="31.12.2026", bis="30.12.2026")
    assert "bevor sie beginnt" in words_of(back.text)


# On her own initiative


def _agenda(county: County) -> Path:
    day = local_day(county.clock.now()) + timedelta(days=9)
    rows = [
        "gremium;sitzungstag;top;vorlagen-nr.;titel;öffentlich",
        f"Kreistag;{day};7;V 200;Migrationsberatung im Landkreis neu ordnen;ja",
        f"Kreistag;{day};8;V 201;Gebührensatzung Straßenreinigung;ja",
    ]
    file = county.folder / "tagesordnung.csv"
    file.write_text("\n".join(rows) + "\n", "utf-8")
    return file


def test_an_item_she_was_told_of_leads_to_a_demand_with_a_period(county: County) -> None:
    her = county.client("yilmaz")
    assert "mitgeteilt" in words_of(her.get("/nicht-gemeldet").text)
    told = tell(county.app, sweep(county.app, str(_agenda(county))), county.uid("sommer"))
    assert told.new == {"integration": 1}
    assert "1 Tagesordnungspunkt der nächsten Sitzungen passt" in her.get("/eingang").text
    page = her.get("/nicht-gemeldet").text
    assert "Migrationsberatung" in page
    assert "Straßenreinigung" not in page
    [path] = re.findall(r'href="(/nicht-gemeldet/verlangen\?punkt=[^"]+)"', page)
    fields = form_of(her, path)
    done = her.post(
        "/nicht-gemeldet/verlangen",
        data={**fields, "titel": "Migrationsberatung", "stand": "offen", "gruende": "Bitte."},
    )
    assert done.status_code == 303, words_of(done.text)
    number = done.headers["location"].split("/")[2]
    with county.app.database.read() as store:
        case = store.cases.get(number)
    assert case.state == "verlangt"
    assert [d.name for d in case.deadlines if d.open] == ["auskunft"]
    assert f"/vorhaben/{number}" in her.get("/nicht-gemeldet").text
    assert "passt zu Ihrem" not in her.get("/eingang").text
    assert her.get(path).status_code == 404


def test_the_agendas_named_in_the_settings_are_looked_at(county: County) -> None:
    settings = county.app.config.settings
    county.app.config.settings = settings.model_copy(update={"agenda": _agenda(county).name})
    page = county.client("yilmaz").get("/nicht-gemeldet").text
    assert "Migrationsberatung" in page
    assert "Migration" in page.partition("Stichwort")[2]


def test_agendas_that_cannot_be_read_are_no_empty_list(county: County) -> None:
    settings = county.app.config.settings
    county.app.config.settings = settings.model_copy(update={"agenda": "fehlt.csv"})
    assert "nicht lesbar" in words_of(county.client("yilmaz").get("/nicht-gemeldet").text)


def test_a_case_without_her_is_told_with_the_reason_and_can_be_demanded(county: County) -> None:
    her = county.client("yilmaz")
    page = her.get("/nicht-gemeldet").text
    assert CASE in page
    assert her.get(f"/vorhaben/{CASE}").status_code == 404
    path = f"/nicht-gemeldet/verlangen?vorgang={CASE}&stelle=integration"
    fields = form_of(her, path)
    sent = {**fields, "titel": "Haltestellen", "stand": "unterblieben", "gruende": "Bitte."}
    done = her.post("/nicht-gemeldet/verlangen", data=sent)
    said = words_of(her.get(done.headers["location"]).text)
    assert "Die Beteiligung ist unterblieben" in said
    again = her.post("/nicht-gemeldet/verlangen", data=sent)
    assert again.headers["location"] == done.headers["location"]


def test_nobody_demands_for_an_office_that_is_not_hers(county: County) -> None:
    assert county.client("weber").get("/nicht-gemeldet/verlangen").status_code == 404
    path = "/nicht-gemeldet/verlangen?stelle=behinderung"
    assert county.client("yilmaz").get(path).status_code == 404


def test_a_board_works_the_same_way(county: County) -> None:
    board, person = Office("migrationsbeirat", "beirat", "Migrationsbeirat"), county.uid("vogt")
    with county.app.database.write() as store:
        store.save_office(board, by(county.app, "office"))
        store.save_tenure(Tenure(board.id, person), by(county.app, "tenure"))
    its = county.client("vogt")
    for path in ("/eingang", "/verbleib", "/jahresbericht", "/nicht-gemeldet"):
        assert "Migrationsbeirat" in its.get("/jahresbericht").text
        assert its.get(path).status_code == 200, path
    path = f"/nicht-gemeldet/verlangen?stelle={board.id}"
    fields = form_of(its, path)
    sent = {**fields, "stelle": board.id, "titel": "Wohnheim", "stand": "offen"}
    done = its.post("/nicht-gemeldet/verlangen", data=sent)
    assert "Migrationsbeirat" in words_of(its.get(done.headers["location"]).text)


def test_the_legal_and_the_council_office_see_what_was_told_and_demand_nothing(
    county: County,
) -> None:
    tell(county.app, sweep(county.app, str(_agenda(county))), county.uid("sommer"))
    for person in ("neumann", "sommer"):
        client = county.client(person)
        assert "Migrationsberatung" in client.get("/nicht-gemeldet").text
        assert client.get("/nicht-gemeldet/verlangen").status_code == 404


# Verbleib and yearly report


def test_each_point_is_shown_with_what_became_of_it_and_why(county: County) -> None:
    year = local_day(county.clock.now()).year
    said = words_of(county.client("yilmaz").get(f"/verbleib?jahr={year}").text)
    assert "Das Vergaberecht verlangt" in said
    assert "nicht gefolgt" in said
    assert "67 %" in said
    assert "beschlossen" in said
    none = words_of(county.client("yilmaz").get(f"/verbleib?jahr={year}&fachbereich=fb-bau").text)
    assert "Vergaberecht" not in none


def _entries(county: County, office: str) -> Iterable[dict[str, Any]]:
    """Yield the headers of all cases' lines in which an office takes part, straight from the log."""
    with county.app.database.read() as store:
        heads = [orjson.loads(s.header) for s in store.chains.all()]
    for head in heads:
        if str(head["plain"].get("participation", "")).startswith(f"{office}/"):
            yield head


def test_the_figures_of_the_report_equal_the_log(county: County) -> None:
    year = local_day(county.clock.now()).year
    table = county.client("yilmaz").get(f"/jahresbericht/tabelle?jahr={year}&ohne_namen=1").text
    rows = list(csv.reader(io.StringIO(table.lstrip("\ufeff")), delimiter=";"))[1:]
    shown = {row[1]: int(row[3]) for row in rows}
    log = Counter(
        e["plain"]["means"]
        for e in _entries(county, "integration")
        if "means" in e["plain"] and e["happened_on"].startswith(str(year))
    )
    steps = {k.removeprefix("step."): n for k, n in shown.items() if k.startswith("step.")}
    assert steps == {means: log.get(means, 0) for means in steps}
    assert steps["statement"] == 2
    points = sum(n for k, n in shown.items() if k.startswith("point."))
    wanted = sum(
        e["plain"]["given"].get("punkte") or 0
        for e in _entries(county, "integration")
        if e["plain"].get("means") == "statement"
    )
    assert points == wanted == 3


def test_every_figure_leads_to_as_many_lines_as_it_says(county: County) -> None:
    her = county.client("yilmaz")
    page = her.get("/jahresbericht").text
    links = re.findall(r'href="(/jahresbericht/zahl/[^"]+)">(\d+)<', page)
    assert len(links) > 5
    for path, count in links:
        shown = her.get(path.replace("&amp;", "&")).text
        assert len(re.findall(r'href="/vorhaben/V-', shown)) == int(count), path


def test_the_report_without_names_names_nobody_and_nothing(county: County) -> None:
    her = county.client("yilmaz")
    for path in ("dokument", "tabelle"):
        whole = her.get(f"/jahresbericht/{path}").text
        bare = her.get(f"/jahresbericht/{path}?ohne_namen=1").text
        assert "Fachbereich Soziales" in whole
        for name in ("Fachbereich Soziales", "Begegnungszentrum", "V-2026-0001", "Yilmaz", "Weber"):
            assert name not in bare, (path, name)


def test_only_offices_that_are_heard_have_a_report_of_theirs(county: County) -> None:
    for person in ("weber", "neumann", "lange", "administrator"):
        for path in ("/jahresbericht", "/jahresbericht/dokument", "/verbleib", "/eingang"):
            assert county.client(person).get(path).status_code == 404, (person, path)


# Notifications and calendar


def test_the_calendar_holds_each_open_period_as_a_day_with_alarms(county: County) -> None:
    her = county.client("thiel")
    page = her.post(
        "/benachrichtigungen/kalender",
        data={"_csrf": token_in(her.get("/benachrichtigungen").text)},
    )
    [address] = re.findall(r"https?://[^<]+/kalender/([0-9a-f]+\.ics)", page.text)
    stranger = county.client()
    answer = stranger.get(f"/kalender/{address}")
    assert answer.headers["content-type"].startswith("text/calendar")
    [event] = Ical.from_ical(answer.text).walk("VEVENT")
    with county.app.database.read() as store:
        [deadline] = [
            d for d in store.cases.get(CASE).deadlines if d.open and d.owner == "behinderung"
        ]
    assert event.decoded("dtstart") == deadline.last_day
    assert not isinstance(event.decoded("dtstart"), datetime)
    assert len(event.walk("VALARM")) == 2
    assert CASE in str(event["summary"])
    token = address.removesuffix(".ics")
    for file in county.folder.rglob("*"):
        if file.is_file():
            assert token.encode() not in file.read_bytes(), file
    her.post(
        "/benachrichtigungen/kalender",
        data={"_csrf": token_in(her.get("/benachrichtigungen").text), "beenden": "1"},
    )
    assert stranger.get(f"/kalender/{address}").status_code == 404
    assert stranger.get("/kalender/0123.ics").status_code == 404


def test_wishes_that_cannot_be_kept_are_refused(county: County) -> None:
    her = county.client("thiel")
    none = send(her, "/benachrichtigungen", ueberblick="8", ruhe_von="18", ruhe_bis="7")
    assert none.status_code == 422
    quiet = send(
        her, "/benachrichtigungen", ueberblick="20", ruhe_von="18", ruhe_bis="7", tage=["0"]
    )
    assert quiet.status_code == 422
    kept = send(
        her, "/benachrichtigungen", ueberblick="9", ruhe_von="17", ruhe_bis="8", tage=["0", "2"]
    )
    assert kept.status_code == 303
    assert "nicht abbestellt werden" in her.get("/benachrichtigungen").text


def test_news_waits_for_the_overview_and_what_sets_a_period_does_not(county: County) -> None:
    her = county.client("yilmaz")
    later = (local_day(county.clock.now()) + timedelta(days=2)).weekday() % 5
    send(
        her,
        "/benachrichtigungen",
        ueberblick="9",
        ruhe_von="18",
        ruhe_bis="7",
        tage=[str(later)],
    )
    number = _fresh_case(county)
    one_round(county.app)
    for step, person, fields in (
        ("eingang", "yilmaz", {}),
        (
            "stellungnahme",
            "yilmaz",
            {
                "ergebnis": "bedenken",
                "wortlaut": "Bitte beides.",
                "punkte": [{"number": 1, "text": "Beides"}],
            },
        ),
        ("wuerdigen", "weber", {"wuerdigung": [{"number": 1, "response": "followed"}]}),
    ):
        deed = Deed(step, county.uid(person), participation="integration", fields=fields)
        take(county.app, number, deed)
    one_round(county.app)
    with county.app.database.read() as store:
        sent = {n.letter: n for n in store.outbox.notices(case=_uid(county, number), limit=99)}
    assert sent["information"].state == "composed"
    assert sent["wuerdigung"].state == "open"
    assert local_day(sent["wuerdigung"].not_before).weekday() == later
    assert sent["stellungnahme_liegt_vor"].state == "composed"


def _uid(county: County, number: str) -> str:
    with county.app.database.read() as store:
        return store.cases.get(number).uid


def test_the_overview_comes_on_her_office_days_at_her_hour(county: County) -> None:
    calendar = house_of(county.app).calendar("musterheide")
    wanted = Wishes(9, 18, 7, frozenset({0, 3}))
    now = county.clock.now()
    for hours in range(0, 24 * 14, 5):
        at = wanted.overview(now + timedelta(hours=hours), calendar)
        assert at >= now + timedelta(hours=hours)
        assert local_day(at).weekday() in (0, 3)
        assert wanted.overview(at, calendar) == at


def test_a_private_text_needs_the_key_of_the_session(county: County) -> None:
    signed = enter_demo(county.app, county.uid("thiel"))
    assert signed.visitor is not None
    private.keep(county.app, signed.visitor, "x", "note", SECRET)
    other = enter_demo(county.app, county.uid("yilmaz")).visitor
    assert other is not None
    assert private.read(county.app, other, "x", "note") is None
