"""The strands of definitions, offices and places tell how the house stood at any position."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import uuid4

from engine.core.offices import Absence, Office, Person, Recusal, Roster, Tenure
from engine.core.procedure import settle
from engine.core.world import Municipality, Session
from engine.store.database import Database
from engine.store.house import Definition
from tests.musterheide import COUNTY, INTEGRATION, act, definitions, world
from tests.store.deeds import DAY, DAYS, begin, by, do, informing, read

KINDS = definitions().kinds


def test_the_roster_is_told_again_as_it_was_after_each_change(database: Database) -> None:
    social = Office("fb-soziales", "fachbereich", "Fachbereich Soziales")
    away = Absence("weber", DAY, DAY + DAYS)
    changes = [
        ("save_office", social),
        ("save_office", Office("a-amt", "fachbereich", "A-Amt", "fb-soziales", None, DAY, None)),
        ("save_person", Person("weber", "Petra Weber", "weber@musterheide.example")),
        ("save_tenure", Tenure("fb-soziales", "weber", since=DAY)),
        ("save_tenure", Tenure("fb-soziales", "weber", deputy=True)),
        ("save_tenure", Tenure("fb-soziales", "weber", since=DAY, until=DAY + 9 * DAYS)),
        ("save_absence", away),
        ("save_absence", replace(away, until=DAY + 3 * DAYS)),
        ("save_recusal", Recusal("weber", "c" * 32, DAY)),
        ("drop_absence", away),
        ("save_office", replace(social, name="Soziales", until=DAY + 30 * DAYS)),
    ]
    stood: dict[int, Roster] = {}
    for number, (deed, value) in enumerate(changes):
        with database.write() as store:
            position = getattr(store.rosters, deed)(value, by(f"r{number}"))
        with database.read() as store:
            stood[position] = store.rosters.read(KINDS)
    assert len(set(map(repr, stood.values()))) == len(changes)
    with database.read() as store:
        assert {p: store.rosters.at(p, KINDS) for p in stood} == stood
        assert store.rosters.at(0, KINDS) == Roster(kinds=KINDS)


def test_without_erased_names_the_roster_is_the_same_in_all_that_decides(
    database: Database,
) -> None:
    with database.write() as store:
        store.rosters.save_office(Office("amt", "fachbereich", "Amt"), by("o"))
        store.rosters.save_person(Person("p1", "Petra Weber", "weber@musterheide.example"), by("p"))
        store.rosters.save_tenure(Tenure("amt", "p1"), by("t"))
    with database.write() as store:
        assert store.chains.erase("offices", [1, 2]) == 2
    with database.read() as store:
        told = store.rosters.at(3, KINDS)
    assert told.tenures == (Tenure("amt", "p1"),)
    assert (told.persons["p1"].name, told.offices["amt"].kind) == ("", "fachbereich")


def test_the_library_is_told_again_with_what_was_in_force_after_each_activation(
    database: Database,
) -> None:
    first = Definition("pack", "da", "1", b"eins")
    second = Definition("pack", "da", "2", b"zwei")
    other = Definition("calendar", "BB", "1", b"kalender")
    for number, row in enumerate((first, second, other, first)):
        with database.write() as store:
            store.activate(row, by(f"d{number}", DAY + number * DAYS))
    with database.read() as store:
        told = {p: store.house.definitions_at(p) for p in range(5)}
        now = store.definitions()
    said = {p: [(d.data, d.current) for d in rows] for p, rows in told.items()}
    assert said[0] == []
    assert said[1] == [(b"eins", True)]
    assert said[2] == [(b"eins", False), (b"zwei", True)]
    assert said[3] == [(b"eins", False), (b"zwei", True), (b"kalender", True)]
    assert told[4] == now
    assert [d.current for d in now] == [True, False, True]


def test_places_and_sittings_are_told_again_as_they_were_after_each_change(
    database: Database,
) -> None:
    sitting = Session("s1", "Kreistag", date(2026, 6, 11), COUNTY.id)
    seen = {}
    changes = [
        ("save_municipality", COUNTY),
        ("save_session", sitting),
        ("save_session", replace(sitting, uid="s0", day=date(2026, 5, 1))),
        ("save_session", replace(sitting, day=date(2026, 6, 18))),
        ("save_session", replace(sitting, day=date(2026, 6, 18), cancelled=True)),
        ("save_municipality", Municipality(COUNTY.id, COUNTY.name, "BB", "musterheide")),
    ]
    for number, (deed, value) in enumerate(changes):
        with database.write() as store:
            position = getattr(store.house, deed)(value, by(f"p{number}"))
        with database.read() as store:
            seen[position] = (store.municipalities(), store.sessions())
    with database.read() as store:
        told = {p: store.house.places_at(p) for p in seen}
    assert told == seen
    assert all(list(told[p][1]) == list(seen[p][1]) for p in seen)


def test_a_case_is_found_by_the_versions_it_is_pinned_to(database: Database) -> None:
    first, second = begin(database), begin(database)
    do(database, first.number, informing())
    pins = world(DAY).library.current
    with database.read() as store:
        rows = store.cases.pinned([pins["anhoerung"], pins["vorhaben"]])
        none = store.cases.pinned(["anhoerung@0000000000000000"])
    assert none == []
    assert [(r.number, r.participation, r.pin, r.state) for r in rows] == [
        (first.number, "", pins["vorhaben"], "in_beteiligung"),
        (second.number, "", pins["vorhaben"], "entwurf"),
        (first.number, INTEGRATION, pins["anhoerung"], "bereitgestellt"),
        (second.number, INTEGRATION, pins["anhoerung"], "offen"),
    ]
    assert {r.case_state for r in rows if r.number == second.number} == {"entwurf"}


def test_of_several_rounds_only_the_newest_is_found(database: Database) -> None:
    case = begin(database)
    changed = act(
        "neue_fassung",
        DAY,
        key=uuid4().hex,
        einstufung="neue_runde",
        private={"aenderung": "Neuer Standort"},
        documents=(replace(case.documents[0], uid=uuid4().hex),),
    )
    do(database, case.number, informing(), changed)
    with database.read() as store:
        rows = store.cases.pinned(world(DAY).library.current.values())
    assert [r.participation for r in rows] == ["", "integration/anhoerung/2"]


def test_a_case_that_was_pinned_anew_comes_back_so(database: Database) -> None:
    case = begin(database)
    late = settle(case, world(DAY + 60 * DAYS))
    [p] = late.case.participations
    elsewhere = replace(p, workflow="anhoerung@1111111111111111")
    moved = replace(
        late,
        case=replace(late.case, workflow="vorhaben@1111111111111111", participations=(elsewhere,)),
        participations=(elsewhere,),
    )
    with database.write() as store:
        store.cases.get(case.number)
        store.keep(moved)
    assert read(database, case.number) == moved.case
