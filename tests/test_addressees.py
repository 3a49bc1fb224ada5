"""Whom letters reach: never somebody who is concerned, and nobody's letter keeps others up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.core.case import Notice
from engine.core.offices import Office, Person, Recusal, Tenure
from engine.core.wishes import Wishes
from engine.delivery import addressees, deliver
from engine.errors import EngineError
from engine.services import tables
from engine.services.setup import by
from engine.store.wishes import set_wishes
from engine.worker import one_round
from tests.installation import MONDAY, House, house
from tests.test_delivery import Mailbox, county, mailbox, read

__all__ = ["county", "mailbox"]

HEAD = "stelle;art;name;vorgesetzt;belang;person;email;vertretung\n"


@pytest.fixture
def quiet_house(tmp_path: Path) -> Iterator[House]:
    """A house whose mails lie in a folder."""
    made = house(tmp_path / "haus")
    yield made
    made.app.close()


def appointed(made: House, office: str, name: str, address: str) -> None:
    """Give an office somebody with an address as if it had been taken over long ago."""
    key = f"appointed:{office}:{address}"
    with made.app.database.write() as store:
        if office not in made.app.world(store).roster.offices:
            store.save_office(Office(office, "beauftragte", office), by(made.app, f"{key}:o"))
        store.save_person(Person(name, name, address), by(made.app, f"{key}:p"))
        store.save_tenure(Tenure(office, name), by(made.app, f"{key}:t"))


def owed(made: House, office: str, key: str) -> None:
    """Have an office be owed a letter about a case."""
    case = made.register().uid
    with made.app.database.write() as store:
        notice = Notice(key, office, "erinnerung", "", made.clock.now(), {})
        store.outbox.owe(notice, case)


def standing(made: House, office: str) -> list[tuple[str, str | None]]:
    with made.app.database.read() as store:
        return [(n.state, n.reason) for n in store.outbox.notices(limit=500) if n.office == office]


@pytest.mark.parametrize(
    "address", ["müller@musterheide.example", "a@b@c", "a b@c", "a@b..c", "<a@b>", "@b", "a@"]
)
def test_an_address_that_no_server_takes_is_refused_at_the_door(
    quiet_house: House, address: str
) -> None:
    file = quiet_house.folder / "neu.csv"
    file.write_text(f"{HEAD}senioren;beauftragte;Senioren;;;Jo Müller;{address};nein\n", "utf-8")
    with pytest.raises(EngineError, match="no mail address that every mail server takes"):
        tables.import_offices(quiet_house.app, file)


def test_an_address_that_no_server_takes_holds_its_own_letter_and_no_other(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    appointed(county, "senioren", "mueller", "müller@musterheide.example")
    owed(county, "senioren", "x:1")
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    deliver(county.app)
    assert "yilmaz@musterheide.example" in [e.rcpt_tos[0] for e in mailbox[0].taken]
    [(state, reason)] = standing(county, "senioren")
    assert state == "held" and "berichtigen" in (reason or "")
    appointed(county, "senioren", "mueller", "mueller@musterheide.example")
    deliver(county.app)
    assert mailbox[0].taken[-1].rcpt_tos == ["mueller@musterheide.example"]


def test_a_letter_that_cannot_be_written_keeps_no_other_up(
    county: House, mailbox: tuple[Mailbox, int], caplog: pytest.LogCaptureFixture
) -> None:
    case = county.register()
    county.take(case.number, "informieren", "weber", participation="integration")
    with county.app.database.write() as store:
        broken = Notice("x:1", "integration", "gibt_es_nicht", "", county.clock.now(), {})
        store.outbox.owe(broken, case.uid)
    done = deliver(county.app)
    assert (done.composed, done.sent.accepted) == (1, 1)
    assert "letter gibt_es_nicht of notice x:1 cannot be written" in caplog.text
    assert [s for s, _ in standing(county, "integration")].count("open") == 1
    later = county.register(title="Neue Bushaltestelle")
    county.take(later.number, "informieren", "weber", participation="integration")
    assert deliver(county.app).sent.accepted == 1


def test_what_is_finished_leaves_also_while_nothing_can_be_composed(
    county: House, mailbox: tuple[Mailbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    mailbox[0].answers["yilmaz@musterheide.example"] = "451 4.3.0 later"
    deliver(county.app)
    mailbox[0].answers.clear()
    county.clock.on(1)

    def broken(*_: object) -> int:
        raise RuntimeError("a fault of the program")

    monkeypatch.setattr("engine.delivery.compose", broken)
    with pytest.raises(RuntimeError, match="fault of the program"):
        deliver(county.app)
    assert [read(e)["To"] for e in mailbox[0].taken] == [
        "Aylin Yilmaz <yilmaz@musterheide.example>"
    ]


def concerned(made: House, case: str, *people: str) -> None:
    with made.app.database.write() as store:
        for name in people:
            recusal = Recusal(made.person(name), case, MONDAY)
            store.save_recusal(recusal, by(made.app, f"concerned:{name}"))


def test_nobody_who_is_concerned_in_a_case_is_written_to_about_it(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    case = county.register()
    county.take(case.number, "informieren", "weber", participation="integration")
    concerned(county, case.uid, "yilmaz", "berg")
    deliver(county.app)
    assert mailbox[0].taken == []
    assert ("held", "wer sie erhielte, ist in der Sache befangen") in standing(
        county, "integration"
    )
    appointed(county, "integration", "neu", "neu@musterheide.example")
    deliver(county.app)
    assert [e.rcpt_tos for e in mailbox[0].taken] == [["neu@musterheide.example"]]


def test_a_deputy_who_is_concerned_gets_no_copy(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    case = county.register()
    county.take(case.number, "informieren", "weber", participation="integration")
    county.take(case.number, "eingang", "yilmaz", participation="integration")
    concerned(county, case.uid, "berg")
    for _ in range(30):
        county.clock.on(1)
        one_round(county.app)
    told = {e.rcpt_tos[0] for e in mailbox[0].taken}
    assert "yilmaz@musterheide.example" in told
    assert "berg@musterheide.example" not in told


def test_letters_held_for_good_do_not_hide_those_behind_them(
    county: House, mailbox: tuple[Mailbox, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addressees, "_AT_ONCE", 3)
    appointed(county, "papier", "papier", "")
    for n in range(7):
        owed(county, "papier", f"p:{n}")
    appointed(county, "spaeter", "spaeter", "")
    owed(county, "spaeter", "s:1")
    deliver(county.app)
    before = len(mailbox[0].taken)
    appointed(county, "spaeter", "spaeter", "spaeter@musterheide.example")
    deliver(county.app)
    assert [e.rcpt_tos for e in mailbox[0].taken[before:]] == [["spaeter@musterheide.example"]]
    assert {state for state, _ in standing(county, "papier")} == {"held"}


def test_an_overview_that_was_missed_does_not_come_at_night(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    """Eight o'clock unless wished otherwise; nobody worked all Monday, and then it is eleven."""
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    with county.app.database.write() as store:
        set_wishes(store.connection, county.person("weber"), Wishes())
    deliver(county.app)
    county.clock.turn(date(2026, 3, 27), 17)
    county.take(number, "eingang", "yilmaz", participation="integration")
    for day, hour, mails in ((30, 23, 0), (31, 6, 0), (31, 8, 1)):
        county.clock.turn(date(2026, 3, day), hour)
        deliver(county.app)
        hers = [e for e in mailbox[0].taken if e.rcpt_tos == ["weber@musterheide.example"]]
        assert len(hers) == mails, (day, hour)
