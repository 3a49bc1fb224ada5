"""Each notice ends in exactly one message or a recorded reason; mails leave the real way."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql

from engine.core.case import Notice
from engine.core.ledger import commitment
from engine.core.offices import Absence
from engine.delivery import deliver
from engine.delivery.trial import send_test
from engine.services.legal.deliveries import proof_of
from engine.services.setup import by
from engine.services.ticks import tick
from engine.worker import one_round
from tests.installation import MONDAY, House, house


@dataclass
class Mailbox:
    """A real mail server on loopback that keeps what it takes, and refuses when told."""

    taken: list[Any] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, *_: Any
    ) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(envelope)
        return "250 2.0.0 Ok: queued"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, port
    server.stop()


@pytest.fixture
def county(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> Iterator[House]:
    smtp = {"host": "127.0.0.1", "port": mailbox[1], "tls": "off"}
    made = house(tmp_path / "haus", training=False, channel="smtp", smtp=smtp)
    yield made
    made.app.close()


def states(made: House) -> dict[str, int]:
    with made.app.database.read() as store:
        return store.outbox.counts()


def read(envelope: Any) -> Any:
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def test_information_leaves_by_mail_with_its_norms(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    done = deliver(county.app)
    assert (done.composed, done.sent.accepted) == (1, 1)
    [envelope] = mailbox[0].taken
    mail = read(envelope)
    assert envelope.rcpt_tos == ["yilmaz@musterheide.example"]
    text = mail.get_body(("plain",)).get_content()
    assert "§ 17 Abs. 3 BbgKVerf (Gesetz)" in text
    assert number in text
    assert mail["Auto-Submitted"] == "auto-generated"
    assert deliver(county.app).composed == 0


def test_the_log_holds_the_bytes_of_a_letter_and_what_the_server_answered(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    number = county.register().number
    case = county.take(number, "informieren", "weber", participation="integration")
    deliver(county.app)
    [envelope] = mailbox[0].taken
    with county.app.database.read() as store:
        [message] = store.outbox.messages()
        frozen = store.outbox.data(message.id)
        made, ended = (line.entry for line in store.chains.lines(f"mail/{MONDAY:%Y-%m}"))
    assert made.plain["carries"][0]["case"] == case.uid
    assert made.plain["person"] == county.person("yilmaz")
    salt = bytes.fromhex(made.private["salt"])
    assert commitment(salt, frozen) == made.plain["commitment"]
    assert commitment(salt, frozen + b" ") != made.plain["commitment"]
    assert frozen.replace(b"\r\n", b"\n") == envelope.content.replace(b"\r\n", b"\n")
    assert (ended.plain["ending"], ended.plain["code"]) == ("accepted", 250)
    assert "queued" in ended.private["reply"]
    assert proof_of(county.app, message.id).fits is True


def test_a_letter_whose_bytes_were_changed_does_not_fit_the_log(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    deliver(county.app)
    with county.app.database.write() as store:
        [message] = store.outbox.messages()
        store.connection.execute(sql("UPDATE message SET data = CAST(data || ' ' AS BLOB)"))
    assert proof_of(county.app, message.id).fits is False


def test_a_try_that_goes_on_is_no_line_of_the_log_and_one_refused_is(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    mailbox[0].answers["yilmaz@musterheide.example"] = "451 later"
    deliver(county.app)
    stream = f"mail/{MONDAY:%Y-%m}"
    with county.app.database.read() as store:
        assert [line.entry.type for line in store.chains.lines(stream)] == ["message"]
    mailbox[0].answers["yilmaz@musterheide.example"] = "550 unknown"
    county.clock.instant += timedelta(hours=1)
    deliver(county.app)
    with county.app.database.read() as store:
        ended = next(x.entry for x in store.chains.lines(stream) if x.entry.type != "message")
    assert (ended.plain["ending"], ended.plain["code"], ended.plain["attempt"]) == ("dead", 550, 2)


def test_what_one_person_is_owed_in_one_round_is_one_mail(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    for _ in range(3):
        number = county.register().number
        county.take(number, "informieren", "weber", participation="integration")
    assert deliver(county.app).composed == 1
    [envelope] = mailbox[0].taken
    assert "3" in read(envelope)["Subject"]
    assert states(county) == {"notice.composed": 3, "message.accepted": 1}


def test_an_absent_holder_is_stood_in_for_and_the_mail_says_so(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    holder = county.person("yilmaz")
    with county.app.database.write() as store:
        store.save_absence(Absence(holder, MONDAY, MONDAY), by(county.app, "absence"))
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    deliver(county.app)
    [envelope] = mailbox[0].taken
    assert envelope.rcpt_tos == ["berg@musterheide.example"]


def test_a_protected_case_is_named_by_number_alone(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    number = county.register(confidentiality="personnel", title="Geheimes Vorhaben").number
    county.take(
        number,
        "informieren",
        "weber",
        participation="integration",
        fields={"dringend": True, "eilgrund": "Geheimer Grund"},
    )
    deliver(county.app)
    content = mailbox[0].taken[0].content.decode()
    assert "Geheim" not in content
    assert number in read(mailbox[0].taken[0])["Subject"]


def test_a_mail_refused_for_good_is_told_to_the_legal_office(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    mailbox[0].answers["yilmaz@musterheide.example"] = "550 no such user"
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    assert deliver(county.app).sent.dead == 1
    deliver(county.app)
    [envelope] = mailbox[0].taken
    assert envelope.rcpt_tos == ["neumann@musterheide.example"]


def test_a_refused_letter_about_no_case_is_told_to_the_legal_office_too(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    mailbox[0].answers["yilmaz@musterheide.example"] = "550 no such user"
    told = {"subject": "Kreistag, TOP 5", "sentence": "Gemeinschaftsunterkunft"}
    facts = {"to": "office", "items": [{"de": told, "en": told}]}
    at = county.clock.now()
    with county.app.database.write() as store:
        store.outbox.owe(Notice("radar:integration:1", "integration", "radar", "", at, facts))
    assert deliver(county.app).sent.dead == 1
    deliver(county.app)
    [envelope] = mailbox[0].taken
    assert envelope.rcpt_tos == ["neumann@musterheide.example"]


def test_a_mail_refused_for_now_is_tried_again_with_the_same_bytes(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    box = mailbox[0]
    box.answers["yilmaz@musterheide.example"] = "451 try later"
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    assert deliver(county.app).sent.retry == 1
    assert deliver(county.app).sent.retry == 0
    with county.app.database.read() as store:
        [line] = store.outbox.messages()
        before = store.outbox.data(line.id)
    box.answers.clear()
    county.clock.instant += timedelta(minutes=2)
    assert deliver(county.app).sent.accepted == 1
    assert box.taken[0].content == before


def resend(made: House) -> None:
    """Send every dead mail once more."""
    with made.app.database.write() as store:
        for message in store.outbox.messages("dead"):
            assert store.outbox.resend(message.id, made.clock.now())


def test_a_mail_that_was_sent_once_more_is_tried_like_a_new_one(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    answers = mailbox[0].answers
    answers["yilmaz@musterheide.example"] = "550 no such user"
    county.take(county.register().number, "informieren", "weber", participation="integration")
    deliver(county.app)
    county.clock.instant += timedelta(days=6)
    resend(county)
    answers["yilmaz@musterheide.example"] = "451 greylisted"
    sent = deliver(county.app).sent
    assert (sent.retry, sent.dead) == (1, 0)
    county.clock.instant += timedelta(days=5)
    assert deliver(county.app).sent.dead == 1


def test_each_death_of_a_mail_is_told(county: House, mailbox: tuple[Mailbox, int]) -> None:
    mailbox[0].answers["yilmaz@musterheide.example"] = "550 no such user"
    county.take(county.register().number, "informieren", "weber", participation="integration")
    for told in (1, 2, 3):
        deliver(county.app)
        deliver(county.app)
        to = [envelope.rcpt_tos for envelope in mailbox[0].taken]
        assert to == [["neumann@musterheide.example"]] * told
        resend(county)


def test_a_mail_server_that_is_down_stops_the_round_and_loses_nothing(tmp_path: Path) -> None:
    smtp = {"host": "127.0.0.1", "port": 1, "tls": "off"}
    made = house(tmp_path / "haus", training=False, channel="smtp", smtp=smtp)
    number = made.register().number
    made.take(number, "informieren", "weber", participation="integration")
    done = deliver(made.app)
    assert done.sent.trouble
    assert states(made) == {"notice.composed": 1, "message.ready": 1}
    assert not send_test(made.app, "weber@musterheide.example").sent
    made.app.close()


def test_a_training_database_never_sends(tmp_path: Path, mailbox: tuple[Mailbox, int]) -> None:
    smtp = {"host": "127.0.0.1", "port": mailbox[1], "tls": "off"}
    made = house(tmp_path / "haus", training=True, channel="smtp", smtp=smtp)
    number = made.register().number
    made.take(number, "informieren", "weber", participation="integration")
    deliver(made.app)
    assert mailbox[0].taken == []
    assert len(list(made.app.config.mails.glob("*.eml"))) == 1
    made.app.close()


def test_a_notice_to_a_vacant_office_is_held_with_its_reason(county: House) -> None:
    from engine.core.offices import Tenure

    holder = county.person("lange")
    with county.app.database.write() as store:
        ended = Tenure("landraetin", holder, until=date(2025, 12, 31))
        store.save_tenure(ended, by(county.app, "tenure"))
    number = county.register().number
    county.take(
        number,
        "entscheiden",
        "sommer",
        fields={"gremium": "vertretung", "ergebnis": "beschlossen"},
    )
    deliver(county.app)
    with county.app.database.read() as store:
        held = store.outbox.notices("held")
    assert [(n.office, n.reason) for n in held] == [
        ("landraetin", "niemand ist für die Stelle bestellt")
    ]
    with county.app.database.write() as store:
        store.save_tenure(Tenure("landraetin", holder), by(county.app, "tenure"))
    assert deliver(county.app).sent.accepted == 1


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=6))
def test_each_notice_ends_in_one_message_or_a_reason_whenever_the_clock_ran(
    tmp_path_factory: pytest.TempPathFactory, gaps: list[int]
) -> None:
    """Under random downtimes each rung acts once, and no notice is lost or sent twice."""
    made = house(tmp_path_factory.mktemp("haus"))
    number = made.register().number
    for gap in gaps:
        made.clock.on(gap)
        one_round(made.app)
    made.clock.turn(date(2026, 9, 1))
    one_round(made.app)
    with made.app.database.read() as store:
        case = store.cases.get(number)
        types = [e.header for e in store.chains.lines(case.stream) if b'"type":"rung"' in e.header]
        notices = store.outbox.notices(limit=500)
        linked = [
            n.id for m in store.outbox.messages(limit=500) for n in store.outbox.notices_of(m.id)
        ]
    assert len(types) == 5
    assert {n.state for n in notices} == {"composed"}
    assert sorted(linked) == [n.id for n in notices]
    made.app.close()


def test_two_workers_at_once_fire_each_rung_once(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    made = house(tmp_path / "haus")
    numbers = [made.register().number for _ in range(8)]
    made.clock.turn(date(2026, 9, 1))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: tick(made.app), range(4)))
    with made.app.database.read() as store:
        for number in numbers:
            case = store.cases.get(number)
            keys = [e.header for e in store.chains.lines(case.stream)]
            assert sum(b'"type":"rung"' in k for k in keys) == 5
    made.app.close()


def test_a_text_that_was_erased_is_simply_not_in_the_letter(
    county: House, mailbox: tuple[Mailbox, int]
) -> None:
    number = county.register().number
    county.take(number, "informieren", "weber", participation="integration")
    county.take(number, "eingang", "yilmaz", participation="integration")
    deliver(county.app)
    mailbox[0].taken.clear()
    said = {"frage": "Geheime Frage"}
    county.take(number, "rueckfrage", "yilmaz", participation="integration", fields=said)
    with county.app.database.write() as store:
        stream = store.cases.get(number).stream
        last = len(store.chains.lines(stream))
        store.chains.erase(stream, [last])
    deliver(county.app)
    [envelope] = mailbox[0].taken
    text = read(envelope).get_body(("plain",)).get_content()
    assert "Rückfrage" in text
    assert "Geheim" not in text
    assert "True" not in text
