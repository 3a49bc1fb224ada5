"""Looking in from outside and in an emergency: named cases, until an end, before witnesses."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.app import open_app
from engine.core.calendar import BERLIN, end_of
from engine.core.case import Case
from engine.core.visibility import Actor, Grant, Look, granted, sees
from engine.delivery import deliver
from engine.errors import EngineError, InputError, NotFound, Refused
from engine.services import accounts
from engine.services.accounts import (
    ConfirmFirst,
    DeadLink,
    NothingGranted,
    NotSignedIn,
    Visitor,
    doors,
)
from engine.services.legal import readers
from engine.services.legal.readers import NewReader, Wanted
from engine.store.chains import ACCOUNTS
from engine.store.grants import streams
from tests.installation import MONDAY, House, TurnedClock
from tests.installation import house as installation
from tests.musterheide import registered
from tests.store.deeds import broken_strands

PASSWORD = "grüner Tisch am Kanal 7"
HERE = {"address": "10.1.2.3", "agent": "Firefox"}
EMAIL = "kim@aufsicht.example"
LAST = date(2026, 4, 30)
LEGAL, NOT_LEGAL = "neumann", "weber"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a live installation; copied, never used itself."""
    made = installation(tmp_path_factory.mktemp("founded") / "amt", training=False)
    made.app.close()
    return made.folder


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stretching costs is kept with each password, so tests may set it low."""
    monkeypatch.setattr(doors, "COST", "argon2id:1:64:1")


@dataclass
class Office:
    """An installation with an open case, a second one, and a personnel matter."""

    house: House
    case: Case
    other: Case
    personnel: Case

    def wanted(self, **changes: Any) -> Wanted:
        usual = Wanted("Kim Prüfer", "Kommunalaufsicht", EMAIL, (self.case.number,), LAST, "Anlass")
        return replace(usual, **changes)

    def set_up(self, **changes: Any) -> NewReader:
        return readers.set_up(self.house.app, self.wanted(**changes), self.person(LEGAL))

    def person(self, name: str) -> str:
        return self.house.person(name)

    def joined(self, **changes: Any) -> NewReader:
        made = self.set_up(**changes)
        accounts.accept(self.house.app, made.token or "", PASSWORD)
        return made

    def token(self, login: str = EMAIL) -> str:
        return accounts.sign_in(self.house.app, login, PASSWORD, **HERE).token

    def visitor(self, login: str = EMAIL) -> Visitor:
        found = accounts.visitor(self.house.app, self.token(login))
        assert found is not None
        return found

    def looks(self, case: Case, who: Visitor, what: str = "case", **about: str) -> bool:
        return accounts.look(self.house.app, who, case, what, **about)

    def entries(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what stands in the strands of looks, the first one first."""
        with self.house.app.database.read() as store:
            names = sorted(n for n in store.chains.streams() if n.startswith("access/"))
            rows = [e.entry for name in names for e in store.chains.lines(name)]
        return [(e.type, dict(e.plain)) for e in rows]

    def told(self) -> set[str]:
        with self.house.app.database.read() as store:
            return {n.office for n in store.outbox.notices() if n.letter == "notzugriff"}


@pytest.fixture
def office(founded: Path, tmp_path: Path) -> Iterator[Office]:
    folder = tmp_path / "amt"
    shutil.copytree(founded, folder)
    clock = TurnedClock(datetime.now(BERLIN))
    clock.turn(MONDAY)
    house = House(open_app(folder, clock), clock, folder, folder / "Vorlage.txt")
    yield Office(
        house,
        house.register(),
        house.register(title="Ein anderes"),
        house.register(title="Eine Stelle", confidentiality="personnel"),
    )
    house.app.close()


def opens(visitor: Visitor, case: Case, look: Look = Look.READ) -> bool:
    grants = frozenset(one for g in visitor.grants for one in g.opens)
    return granted(Actor("", grants=grants), case, look)


# The decision by values


@given(
    st.booleans(), st.booleans(), st.sampled_from(["public", "non_public", "personnel"]),
    st.sampled_from(Look),
)  # fmt: skip
def test_a_grant_opens_its_own_case_and_never_more_than_it_says(
    extract: bool, named: bool, sort: str, look: Look
) -> None:
    case = registered(MONDAY).case
    case = replace(case, measure=replace(case.measure, confidentiality=sort))
    mine = Actor("", grants=frozenset({Grant(case.uid, extract, named)}))
    wanted = (extract or look is Look.READ) and (named or sort != "personnel")
    assert granted(mine, case, look) is wanted
    assert not granted(mine, replace(case, uid="another"), look)
    assert not sees(mine, case), "lists, searches, feeds and figures know of no grant"


# From the invitation to the end


def test_somebody_from_outside_reads_the_named_cases_and_no_other(office: Office) -> None:
    made = office.joined()
    visitor = office.visitor()
    assert (visitor.person, visitor.administrator, visitor.outside) == ("", False, True)
    assert opens(visitor, office.case) and not opens(visitor, office.other)
    assert not opens(visitor, office.case, Look.EXTRACT)
    assert made.grant.ends_at == end_of(LAST)
    secret = accounts.enrol_totp(office.house.app, visitor).secret
    accounts.confirm_totp(
        office.house.app, visitor, pyotp.TOTP(secret).at(office.house.clock.now())
    )
    again = accounts.sign_in(office.house.app, EMAIL, PASSWORD, **HERE)
    assert again.needs_code and accounts.visitor(office.house.app, again.token) is None


def test_several_cases_are_opened_at_once(office: Office) -> None:
    numbers = (office.case.number, office.other.number, office.case.number)
    office.joined(numbers=numbers, extract=True)
    visitor = office.visitor()
    assert [c.number for c in visitor.grants[0].cases] == [*dict.fromkeys(numbers)]
    assert opens(visitor, office.other, Look.EXTRACT)


def test_the_last_day_belongs_to_it_and_the_next_midnight_ends_the_session(
    office: Office,
) -> None:
    office.joined()
    office.house.clock.instant = end_of(LAST) - timedelta(minutes=10)
    token = office.token()
    before = accounts.visitor(office.house.app, token)
    assert before is not None and opens(before, office.case)
    office.house.clock.instant = end_of(LAST)
    assert accounts.visitor(office.house.app, token) is None
    assert not office.looks(office.case, before)
    with pytest.raises(NothingGranted):
        office.token()
    with pytest.raises(NotSignedIn):
        accounts.sign_in(office.house.app, EMAIL, "ein anderes Kennwort", **HERE)


def test_ending_it_ends_the_running_session_and_the_open_link(office: Office) -> None:
    made = office.joined()
    token = office.token()
    visitor = accounts.visitor(office.house.app, token)
    assert visitor is not None
    readers.end(office.house.app, made.grant.uid, "Prüfung beendet", office.person(LEGAL))
    assert accounts.visitor(office.house.app, token) is None
    assert not office.looks(office.case, visitor)
    with pytest.raises(Refused, match="ended already"):
        readers.end(office.house.app, made.grant.uid, "noch einmal", office.person(LEGAL))
    invited = office.set_up(email="noch@aufsicht.example")
    readers.end(office.house.app, invited.grant.uid, "ein Irrtum", office.person(LEGAL))
    with pytest.raises(DeadLink):
        accounts.accept(office.house.app, invited.token or "", PASSWORD)


def test_it_can_last_longer_and_says_so_in_the_log(office: Office) -> None:
    made = office.joined()
    app, legal, later = office.house.app, office.person(LEGAL), date(2026, 6, 30)
    readers.extend(app, made.grant.uid, later, "mehr Akten", legal)
    office.house.clock.instant = end_of(LAST) + timedelta(days=1)
    assert opens(office.visitor(), office.case)
    with pytest.raises(InputError, match="already"):
        readers.extend(app, made.grant.uid, date(2026, 6, 1), "früher", legal)
    with pytest.raises(InputError, match="reason"):
        readers.extend(app, made.grant.uid, date(2026, 7, 1), " ", legal)
    office.house.clock.instant = end_of(later)
    with pytest.raises(Refused, match="ended already"):
        readers.extend(app, made.grant.uid, date(2026, 8, 1), "zu spät", legal)
    assert [kind for kind, _ in office.entries()] == ["granted", "extended"]


def test_only_the_legal_office_sets_up_extends_and_ends(office: Office) -> None:
    made = office.set_up()
    app, other = office.house.app, office.person(NOT_LEGAL)
    for deed in (
        lambda: readers.set_up(app, office.wanted(email="x@y.example"), other),
        lambda: readers.extend(app, made.grant.uid, date(2026, 6, 1), "Grund", other),
        lambda: readers.end(app, made.grant.uid, "Grund", other),
        lambda: readers.invite_again(app, made.grant.uid, other),
    ):
        with pytest.raises(Refused, match="legal office"):
            deed()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "name"),
        ({"authority": ""}, "authority"),
        ({"email": "keine"}, "e-mail"),
        ({"numbers": ()}, "cases"),
        ({"reason": ""}, "reason"),
        ({"until": MONDAY - timedelta(days=1)}, "last day"),
        ({"until": date(2027, 3, 24)}, "year at most"),
        ({"numbers": tuple(f"V-2026-{n:04}" for n in range(201))}, "at most 200"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_missing_or_wrong_is_named(
    office: Office, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        office.set_up(**changes)
    assert office.entries() == []


def test_a_year_to_the_day_is_the_longest(office: Office) -> None:
    assert office.set_up(until=date(2027, 3, 23)).grant.ends_at == end_of(date(2027, 3, 23))
    with pytest.raises(NotFound):
        office.set_up(numbers=("V-1999-0001",))


def test_a_personnel_matter_opens_only_if_named_as_one_with_a_reason(office: Office) -> None:
    number = office.personnel.number
    with pytest.raises(InputError, match=number):
        office.set_up(numbers=(office.case.number, number))
    with pytest.raises(InputError, match="personnel matters"):
        office.set_up(personnel=(number,))
    assert readers.without_personnel(office.house.app, (office.case.number, number)) == (
        (office.case.number,),
        1,
    )
    office.joined(personnel=(number,), personnel_reason="Beschwerde der Bewerberin")
    visitor = office.visitor()
    assert opens(visitor, office.personnel) and opens(visitor, office.case)
    assert office.entries()[0][1]["personnel"] == [office.personnel.uid]


def test_a_case_that_becomes_a_personnel_matter_closes(office: Office) -> None:
    office.joined()
    visitor = office.visitor()
    measure = replace(office.case.measure, confidentiality="personnel")
    assert not opens(visitor, replace(office.case, measure=measure))
    assert not office.looks(replace(office.case, measure=measure), visitor)


# The same person again, and accounts of another sort


def test_invited_twice_the_first_link_is_dead_and_both_grants_hold(office: Office) -> None:
    first, second = office.set_up(), office.set_up(numbers=(office.other.number,))
    with pytest.raises(DeadLink):
        accounts.accept(office.house.app, first.token or "", PASSWORD)
    accounts.accept(office.house.app, second.token or "", PASSWORD)
    visitor = office.visitor()
    assert opens(visitor, office.case) and opens(visitor, office.other)
    readers.end(office.house.app, second.grant.uid, "erledigt", office.person(LEGAL))
    again = office.visitor()
    assert opens(again, office.case) and not opens(again, office.other)


def test_who_comes_back_next_year_keeps_her_password(office: Office) -> None:
    made = office.joined()
    readers.end(office.house.app, made.grant.uid, "erledigt", office.person(LEGAL))
    again = office.set_up()
    assert again.token is None
    assert opens(office.visitor(), office.case)
    with pytest.raises(Refused, match="password"):
        readers.invite_again(office.house.app, again.grant.uid, office.person(LEGAL))


def test_a_link_that_got_lost_is_sent_anew(office: Office) -> None:
    made = office.set_up()
    office.house.clock.instant += timedelta(days=8)
    with pytest.raises(DeadLink):
        accounts.accept(office.house.app, made.token or "", PASSWORD)
    token = readers.invite_again(office.house.app, made.grant.uid, office.person(LEGAL))
    accounts.accept(office.house.app, token, PASSWORD)
    assert opens(office.visitor(), office.case)


def test_a_disabled_account_opens_nothing_until_it_is_invited_anew(office: Office) -> None:
    made = office.joined()
    token = office.token()
    accounts.disable(office.house.app, made.grant.account)
    assert accounts.visitor(office.house.app, token) is None
    with pytest.raises(NotSignedIn):
        office.token()
    readers.extend(
        office.house.app, made.grant.uid, date(2026, 6, 1), "länger", office.person(LEGAL)
    )
    with pytest.raises(NotSignedIn):
        office.token()


def test_nobody_of_the_house_is_made_a_reader_and_no_reader_one_of_the_house(
    office: Office,
) -> None:
    app = office.house.app
    accounts.invite(app, "weber", "weber@kreis.example")
    accounts.invite(app, "", "chefin@kreis.example", True)
    for login in ("weber@kreis.example", "CHEFIN@kreis.example"):
        with pytest.raises(InputError, match="another account"):
            office.set_up(email=login)
    office.set_up()
    for person, admin in (("", True), ("", False), ("richter", False)):
        with pytest.raises(InputError, match="another account"):
            accounts.invite(app, person, EMAIL, admin)


# Every look is an entry


def test_each_look_is_an_entry_of_its_month_with_account_case_and_what(office: Office) -> None:
    made = office.joined(extract=True)
    visitor = office.visitor()
    assert office.looks(office.case, visitor)
    office.house.clock.turn(date(2026, 4, 1))
    visitor = office.visitor()
    uid = office.case.documents[0].uid
    assert office.looks(office.case, visitor, "document", document=uid)
    assert office.looks(office.case, visitor, "extract")
    assert not office.looks(office.other, visitor)
    with office.house.app.database.read() as store:
        assert {n for n in store.chains.streams() if n.startswith("access/")} == {
            "access/2026-03",
            "access/2026-04",
        }
    looked = [plain for kind, plain in office.entries() if kind == "looked"]
    assert [p["what"] for p in looked] == ["case", "document", "extract"]
    assert {p["account"] for p in looked} == {visitor.account}
    assert {p["case"] for p in looked} == {office.case.uid}
    line = readers.reader(office.house.app, made.grant.uid)
    assert [e.plain["what"] for e in line.looks] == ["extract", "document", "case"]
    assert broken_strands(office.house.app.database) == {}


def test_an_extract_that_was_not_granted_leaves_neither_file_nor_entry(office: Office) -> None:
    office.joined()
    assert not office.looks(office.case, office.visitor(), "extract")
    assert [kind for kind, _ in office.entries()] == ["granted"]


def test_neither_names_nor_reasons_stand_in_the_plain_part(office: Office) -> None:
    made = office.joined(reason="Beschwerde von Frau Sonntag")
    readers.end(office.house.app, made.grant.uid, "Frau Sonntag zog zurück", office.person(LEGAL))
    said = str(office.entries())
    for word in ("Sonntag", "Kim", EMAIL, "Kommunalaufsicht"):
        assert word not in said


@pytest.mark.parametrize(
    ("since", "until", "months"),
    [
        ((2026, 3, 1), (2026, 3, 31), ["access/2026-03"]),
        ((2026, 12, 31), (2027, 1, 1), ["access/2026-12", "access/2027-01"]),
    ],
)
def test_the_strands_of_a_span_are_its_months(
    since: tuple[int, int, int], until: tuple[int, int, int], months: list[str]
) -> None:
    ends = (datetime(*day, 12, tzinfo=BERLIN) for day in (since, until))
    assert list(streams(*ends)) == months


# Emergency access


def administrator(office: Office, login: str = "chefin@kreis.example") -> Visitor:
    token = accounts.invite(office.house.app, "", login, True)
    accounts.accept(office.house.app, token, PASSWORD)
    return office.visitor(login)


def test_an_emergency_opens_one_case_for_an_hour_and_tells_those_concerned(
    office: Office,
) -> None:
    admin = administrator(office)
    grant = accounts.break_glass(
        office.house.app, admin, office.case.number, "Vertretung fällt aus"
    )
    assert office.told() == {p.office for p in office.case.participations} | {"rechtsamt"}
    open_ = office.visitor(admin_login := "chefin@kreis.example")
    assert opens(open_, office.case) and not opens(open_, office.other)
    assert not opens(open_, office.case, Look.EXTRACT)
    assert office.looks(office.case, open_)
    office.house.clock.instant = grant.ends_at - timedelta(seconds=1)
    assert office.looks(office.case, open_)
    office.house.clock.instant = grant.ends_at
    assert not office.looks(office.case, open_)
    assert office.visitor(admin_login).grants == ()
    assert grant.ends_at - grant.given_at == timedelta(minutes=60)
    assert [kind for kind, _ in office.entries()] == ["granted", "looked", "looked"]


def test_the_letters_of_an_emergency_leave_at_once(office: Office) -> None:
    admin = administrator(office)
    accounts.break_glass(office.house.app, admin, office.case.number, "Vertretung fällt aus")
    deliver(office.house.app)
    mails = [f.read_text() for f in office.house.app.config.mails.glob("*otzugriff*.txt")]
    assert len(mails) == len(office.told()) >= 2
    assert all("60 Minuten" in mail for mail in mails)


def test_an_administrator_opens_no_second_case_while_the_first_is_open(office: Office) -> None:
    admin = administrator(office)
    app = office.house.app
    accounts.break_glass(app, admin, office.case.number, "Ausfall")
    with pytest.raises(Refused, match="open already"):
        accounts.break_glass(app, admin, office.other.number, "noch einer")
    accounts.close_glass(app, admin)
    accounts.close_glass(app, admin)
    accounts.break_glass(app, admin, office.other.number, "noch einer")
    open_ = office.visitor("chefin@kreis.example")
    assert opens(open_, office.other) and not opens(open_, office.case)


def test_no_reason_no_right_and_no_number_open_nothing(office: Office) -> None:
    admin, app = administrator(office), office.house.app
    token = accounts.invite(app, "weber", "weber@kreis.example")
    accounts.accept(app, token, PASSWORD)
    head = office.visitor("weber@kreis.example")
    number, secret = office.case.number, office.personnel.number
    for who, what, reason, error in (
        (admin, number, "  ", InputError),
        (head, number, "Neugier", Refused),
        (admin, "V-1999-0001", "Ausfall", InputError),
        (admin, secret, "Ausfall", InputError),
        (admin, office.case.uid, "Ausfall", InputError),
    ):
        with pytest.raises(error):
            accounts.break_glass(app, who, what, reason)
    office.house.clock.instant += timedelta(minutes=11)
    with pytest.raises(ConfirmFirst):
        accounts.break_glass(app, admin, number, "Ausfall")
    assert office.told() == set() and office.entries() == []


def test_a_missing_and_a_secret_number_are_told_alike(office: Office) -> None:
    admin = administrator(office)
    told = []
    for number in ("V-1999-0001", office.personnel.number):
        with pytest.raises(EngineError) as error:
            accounts.break_glass(office.house.app, admin, number, "Ausfall")
        told.append(error.value.text.de.replace(number, ""))
    assert told[0] == told[1]


def test_the_legal_office_sees_an_emergency_and_ends_it_at_once(office: Office) -> None:
    admin = administrator(office)
    grant = accounts.break_glass(office.house.app, admin, office.case.number, "Ausfall")
    token = office.token("chefin@kreis.example")
    [line] = readers.readers(office.house.app)
    assert line.emergency and line.live and line.grant.reason == "Ausfall"
    with pytest.raises(Refused, match="cannot be extended"):
        readers.extend(
            office.house.app, grant.uid, date(2026, 6, 1), "länger", office.person(LEGAL)
        )
    readers.end(office.house.app, grant.uid, "nicht nötig", office.person(LEGAL))
    still = accounts.visitor(office.house.app, token)
    assert still is not None and still.grants == (), "she goes on administering"
    assert not office.looks(office.case, still)


def test_the_emergency_stands_among_the_accounts_too_and_the_strands_hold(
    office: Office,
) -> None:
    admin = administrator(office)
    accounts.break_glass(office.house.app, admin, office.case.number, "Vertretung fällt aus")
    with office.house.app.database.read() as store:
        entry = store.chains.lines(ACCOUNTS)[-1].entry
    assert entry.type == "break_glass" and entry.plain["case"] == office.case.uid
    assert "Vertretung" not in str(entry.plain) and entry.private["reason"]
    assert broken_strands(office.house.app.database) == {}
