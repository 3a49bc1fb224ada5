"""Offices, persons, sittings, definitions: dated rows, each change with its line in the log."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.exc import IntegrityError

from engine.core.offices import Absence, Office, Person, Recusal, Tenure
from engine.core.world import Municipality, Session
from engine.errors import InputError
from engine.store.database import Database
from engine.store.errors import AlreadyKept
from engine.store.house import Definition
from tests.musterheide import COUNTY, OFFICES, PERSONS, TENURES, definitions, roster
from tests.store.deeds import DAY, DAYS, broken_strands, by


def _fill(database: Database) -> None:
    people = {p.uid: p for p in PERSONS} | {"berg": Person("berg", "Berg", "berg@x.example")}
    with database.write() as store:
        for office in OFFICES:
            store.save_office(office, by(f"o-{office.id}"))
        for person in people.values():
            store.save_person(person, by(f"p-{person.uid}"))
        for n, tenure in enumerate(TENURES):
            store.save_tenure(tenure, by(f"t-{n}"))


def test_the_roster_comes_back_with_its_position(database: Database) -> None:
    _fill(database)
    kinds = definitions().kinds
    with database.read() as store:
        found = store.roster(kinds)
        assert found.position == store.position()[0] > len(OFFICES) + len(TENURES)
    wanted = roster()
    assert found.offices == wanted.offices
    assert found.tenures == wanted.tenures
    assert found.kinds is kinds
    assert [t.person for t in found.holders("integration", DAY)] == ["yilmaz", "berg"]
    assert broken_strands(database) == {}


def test_a_changed_row_replaces_the_old_one_and_both_stay_in_the_log(database: Database) -> None:
    _fill(database)
    gone = Tenure("landrat", "lange", until=DAY)
    moved = replace(OFFICES[0], superior=None, since=DAY)
    away = Absence("weber", DAY, DAY + 3 * DAYS)
    with database.write() as store:
        store.save_tenure(gone, by("1"))
        store.save_office(moved, by("2"))
        store.save_absence(away, by("3"))
        store.save_absence(replace(away, until=DAY + 9 * DAYS), by("4"))
        store.save_recusal(Recusal("weber", "c" * 32, DAY), by("5"))
        position = store.save_recusal(Recusal("weber", "c" * 32, DAY), by("6"))
    with database.read() as store:
        found = store.roster({})
        assert found.position == position
        types = [json.loads(e.header)["type"] for e in store.chains.lines("offices")[-6:]]
    assert [t for t in found.tenures if t.office == "landrat"] == [gone]
    assert found.offices[moved.id] == moved
    assert found.absences == (replace(away, until=DAY + 9 * DAYS),)
    assert found.recusals == (Recusal("weber", "c" * 32, DAY),)
    assert types == ["tenure", "office", "absence", "absence", "recusal", "recusal"]


def test_an_absence_that_did_not_come_to_pass_is_taken_back(database: Database) -> None:
    _fill(database)
    away = Absence("weber", DAY, DAY + 3 * DAYS)
    with database.write() as store:
        store.save_absence(away, by("1"))
        store.rosters.drop_absence(away, by("2"))
        assert store.roster({}).absences == ()


def test_no_name_and_no_address_stands_in_the_plain_part_of_the_log(database: Database) -> None:
    _fill(database)
    with database.read() as store:
        for line in store.chains.lines("offices"):
            assert b"Integrationsbeauftragte" not in line.header
            assert b"@" not in line.header and b"Yilmaz" not in line.header
        assert any(b"@" in (line.body or b"") for line in store.chains.lines("offices"))


def test_the_same_change_sent_twice_is_recorded_once(database: Database) -> None:
    with database.write() as store:
        store.save_office(Office("amt", "fachbereich", "Amt"), by("einmal"))
    with pytest.raises(AlreadyKept), database.write() as store:
        store.save_office(Office("amt", "fachbereich", "Anderes Amt"), by("einmal"))
    with database.read() as store:
        assert store.roster({}).offices["amt"].name == "Amt"


def test_nobody_holds_an_office_that_does_not_exist(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as store:
        store.save_tenure(Tenure("gibt-es-nicht", "niemand"), by("1"))
    with database.read() as store:
        assert store.position() == (0, 0, 0)


def test_sittings_move_and_are_cancelled_but_never_vanish(database: Database) -> None:
    other = Municipality("amt-seen", "Amt Seen", "BB", "BB")
    first = Session("s1", "kreistag", date(2026, 6, 11), COUNTY.id)
    second = Session("s2", "ausschuss", date(2026, 5, 12), COUNTY.id)
    with database.write() as store:
        store.save_municipality(COUNTY, by("m1"))
        store.save_municipality(other, by("m2"))
        store.save_session(first, by("s1"))
        store.save_session(second, by("s2"))
        store.save_session(replace(second, day=date(2026, 7, 1), cancelled=True), by("s3"))
    with database.read() as store:
        assert store.municipalities() == {COUNTY.id: COUNTY, other.id: other}
        assert store.sessions() == {
            "s1": first,
            "s2": replace(second, day=date(2026, 7, 1), cancelled=True),
        }
        assert list(store.house.sessions(since=date(2026, 6, 20))) == ["s2"]
        assert store.position() == (0, 0, 5)
    assert broken_strands(database) == {}


OLD = Definition("workflow", "anhoerung", "2026-01", b"id: anhoerung\n", date(2026, 1, 1))
NEW = Definition("workflow", "anhoerung", "2026-02", b"id: anhoerung\nx: 1\n")


def test_a_new_version_becomes_current_and_the_old_one_stays(database: Database) -> None:
    with database.write() as store:
        store.activate(OLD, by("a1"))
        store.activate(NEW, by("a2", DAY + DAYS))
    with database.read() as store:
        found = {d.version: d for d in store.definitions()}
        assert store.position() == (0, 2, 0)
    assert [found[v].current for v in ("2026-01", "2026-02")] == [False, True]
    assert found["2026-01"].data == OLD.data and found["2026-01"].valid_from == OLD.valid_from
    assert found["2026-02"].digest == NEW.digest
    with database.write() as store:
        store.activate(OLD, by("a3", DAY + 2 * DAYS))
        found = {d.version: d for d in store.definitions()}
    assert [found[v].current for v in ("2026-01", "2026-02")] == [True, False]
    assert broken_strands(database) == {}


def test_a_version_is_never_rewritten(database: Database) -> None:
    with database.write() as store:
        store.activate(OLD, by("a1"))
    with pytest.raises(InputError, match="other content"), database.write() as store:
        store.activate(replace(OLD, data=b"id: anders\n"), by("a2"))
    with database.read() as store:
        assert [d.data for d in store.definitions()] == [OLD.data]


def test_the_clock_and_the_workers_leave_signs_of_life(database: Database) -> None:
    from engine.store.pulse import Worker
    from tests.musterheide import noon

    now = noon(DAY)
    worker = Worker("w1", "host", "boot", 4_000_000_000, now, now, "0.1.0")
    with database.write() as store:
        assert store.pulse.clock() is None
        store.pulse.tick(now + DAYS)
        held = store.pulse.tick(now)
        assert held.high_water == now + DAYS and held.last_tick == now
        store.pulse.hold(now, "Uhr sprang um 3600 s vor")
        store.pulse.beat(worker)
        store.pulse.beat(replace(worker, beat_at=now + DAYS))
    with database.read() as store:
        clock = store.pulse.clock()
        assert clock is not None and clock.held_since == now and clock.reason
        assert store.pulse.workers() == [replace(worker, beat_at=now + DAYS)]
    with database.write() as store:
        store.pulse.release(now)
        store.pulse.forget("w1")
        freed = store.pulse.clock()
        assert freed is not None and (freed.held_since, freed.high_water) == (None, now)
        assert store.pulse.workers() == []
