"""A mail of which nobody knows whether it left is settled as config.yaml says, and never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from engine.app import App
from engine.cli.app import build
from engine.config_mail import Mail
from engine.core.offices import Person
from engine.delivery import deliver, doubts
from engine.delivery.bounces import take_in
from engine.delivery.doubts import GRACE, PATIENCE, decide
from engine.delivery.envelopes import sender_of
from engine.delivery.evidence import SETTLED, stream_of
from engine.delivery.personal import addressed
from engine.delivery.trial import LETTER as TRIAL
from engine.errors import InputError, Refused
from engine.services.doctor import examine_app
from engine.services.evidence.examining import examine
from engine.services.health import health
from engine.services.itself import by
from engine.services.legal.deliveries import proof_of
from engine.store.outbox import Ending, MessageLine
from engine.strictyaml import DefinitionError
from tests.imap import Imap, imap_server
from tests.installation import House, house
from tests.notifications.test_mail_bounces import group, report
from tests.torture.chaos import WAYS, Chaos

[AFTER_DOT] = [way for way in WAYS if way.name == "drop-after-dot"]
[MID_BODY] = [way for way in WAYS if way.name == "drop-mid-body"]
[GREYLISTED] = [way for way in WAYS if way.name == "RCPT-450"]
JOURNAL = "journal@musterheide.example"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def relay() -> Iterator[Chaos]:
    """A relay that takes each message and hangs up before it answers, the first time."""
    with Chaos(AFTER_DOT) as server:
        yield server


def informed(folder: Path, relay: Chaos, **mail: Any) -> House:
    """Return a house that has one letter to send."""
    smtp = {"host": "127.0.0.1", "port": relay.port, "tls": "off"}
    made = house(folder, training=False, channel="smtp", smtp=smtp, **mail)
    case = made.register()
    made.take(case.number, "informieren", "weber", participation="integration")
    return made


def message(made: House) -> MessageLine:
    with made.app.database.read() as store:
        return store.outbox.messages()[-1]


def settled(made: House) -> list[dict[str, Any]]:
    with made.app.database.read() as store:
        found = store.chains.typed(stream_of(made.clock.now()), SETTLED)
    return [{**line.plain, "actor": line.actor, **line.private} for line in found]


# Again


def test_without_a_word_in_the_settings_it_leaves_once_more_and_says_so(
    tmp_path: Path, relay: Chaos
) -> None:
    made = informed(tmp_path / "haus", relay)
    assert deliver(made.app).sent.unsure == 1
    assert deliver(made.app).sent.accepted == 1
    assert relay.extra == 1
    [copies] = relay.copies.values()
    assert len({copy.digest for copy in copies}) == 1, "byte for byte the same"
    assert [(s["ending"], s["how"], s["attempt"]) for s in settled(made)] == [
        ("ready", "resend", 1)
    ]
    assert examine(made.app, replaying=True).intact


def test_a_server_that_always_hangs_up_gets_two_copies_and_then_a_person_decides(
    tmp_path: Path, relay: Chaos
) -> None:
    relay.times = 99
    made = informed(tmp_path / "haus", relay)
    for _ in range(6):
        deliver(made.app)
        made.clock.instant += timedelta(hours=1)
    assert (message(made).state, relay.extra) == ("unsure", 1)
    assert not health(made.app).well


def test_what_is_left_to_a_person_hides_no_new_doubt(
    tmp_path: Path, relay: Chaos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubts, "AT_ONCE", 1)
    relay.times = 99
    made = informed(tmp_path / "haus", relay)
    for _ in range(3):
        deliver(made.app)
        made.clock.instant += timedelta(hours=1)
    assert message(made).state == "unsure"
    made.take(made.register().number, "informieren", "weber", participation="integration")
    assert deliver(made.app).sent.unsure == 1
    relay.way = None
    made.clock.instant += MINUTE
    assert deliver(made.app).sent.accepted == 1


# A person


def test_asking_leaves_the_letter_to_a_person(tmp_path: Path, relay: Chaos) -> None:
    made = informed(tmp_path / "haus", relay, unsure="ask")
    for _ in range(3):
        deliver(made.app)
        made.clock.instant += timedelta(hours=1)
    assert (message(made).state, relay.extra) == ("unsure", 0)
    [mail] = [f for f in examine_app(made.app) if f.name == "mail"]
    assert mail.state == "bad"
    assert "1 ungewiss" in mail.text.de
    assert [c.name for c in health(made.app).checks if not c.well] == ["tick", "mail", "log"]


def test_taken_as_sent_it_never_leaves_again_and_nothing_says_that_a_server_took_it(
    tmp_path: Path, relay: Chaos
) -> None:
    made = informed(tmp_path / "haus", relay, unsure="ask")
    deliver(made.app)
    before = made.app.database.read
    with before() as store:
        case = store.cases.get("V-2026-0001")
    weber = by(made.app, "test")
    decide(made.app, message(made).id, Ending.ACCEPTED, weber, " steht im Protokoll des Servers ")
    deliver(made.app)
    row = message(made)
    assert (row.state, row.accepted_at, relay.extra) == ("accepted", None, 0)
    [line] = settled(made)
    assert (line["how"], line["ending"]) == ("person", "accepted")
    assert (line["actor"], line["reason"]) == (weber.actor, "steht im Protokoll des Servers")
    with made.app.database.read() as store:
        assert store.cases.get("V-2026-0001") == case, "no receipt, no period, no state"
    proof = proof_of(made.app, row.id)
    assert proof.sent.mail.standing == "presumed"
    assert [c.confirmed_at for c in proof.sent.carries] == [None]
    assert [s.reason for s in proof.settled] == ["steht im Protokoll des Servers"]
    assert examine(made.app, replaying=True).intact


def test_what_is_decided_needs_a_reason_and_a_doubt(tmp_path: Path, relay: Chaos) -> None:
    made = informed(tmp_path / "haus", relay, unsure="ask")
    deliver(made.app)
    number, me = message(made).id, by(made.app, "test")
    with pytest.raises(InputError, match="reason"):
        decide(made.app, number, Ending.RETRY, me, "  ")
    decide(made.app, number, Ending.RETRY, me, "der Server kennt sie nicht")
    with pytest.raises(Refused, match="not in doubt"):
        decide(made.app, number, Ending.RETRY, me, "noch einmal")
    assert deliver(made.app).sent.accepted == 1


def test_what_a_person_sends_once_more_is_tried_like_a_new_one(
    tmp_path: Path, relay: Chaos
) -> None:
    made = informed(tmp_path / "haus", relay, unsure="ask")
    relay.times = 99
    relay.way = GREYLISTED
    assert deliver(made.app).sent.retry == 1
    relay.way = AFTER_DOT
    made.clock.instant += timedelta(days=6)
    assert deliver(made.app).sent.unsure == 1
    relay.way = GREYLISTED
    decide(made.app, message(made).id, Ending.RETRY, by(made.app, "test"), "nicht im Protokoll")
    sent = deliver(made.app).sent
    assert (sent.retry, sent.dead) == (1, 0)


def test_what_was_erased_meanwhile_can_only_be_let_be(tmp_path: Path, relay: Chaos) -> None:
    made = informed(tmp_path / "haus", relay, unsure="ask")
    deliver(made.app)
    number, me = message(made).id, by(made.app, "test")
    with made.app.database.write() as store:
        store.erasing.letters(store.cases.get("V-2026-0001").uid)
    with pytest.raises(Refused, match="erased"):
        decide(made.app, number, Ending.RETRY, me, "noch einmal")
    decide(made.app, number, Ending.ACCEPTED, me, "erledigt")
    assert message(made).state == "accepted"


def test_a_command_decides_in_the_name_of_a_person(tmp_path: Path, relay: Chaos) -> None:
    made = informed(tmp_path / "haus", relay, unsure="ask")
    deliver(made.app)
    number = message(made).id
    words = ["mail", "decide", str(number), "gesendet", "--reason", "siehe maillog", "--as", "weber",
             "--data", str(made.folder)]  # fmt: skip
    wrong = CliRunner().invoke(build(), [*words[:3], "vielleicht", *words[4:]])
    assert isinstance(wrong.exception, InputError)
    done = CliRunner().invoke(build(), words)
    assert "gilt als gesendet" in done.output, done.exception
    [settled_] = proof_of(made.app, number).settled
    assert (settled_.person, settled_.reason) == ("Petra Weber", "siehe maillog")
    again = CliRunner().invoke(build(), [*words, "--json"])
    assert isinstance(again.exception, Refused)


def test_a_letter_in_doubt_that_comes_back_is_a_dead_letter(tmp_path: Path, relay: Chaos) -> None:
    made = informed(tmp_path / "haus", relay, unsure="ask", bounces={"address": "zr@a.example"})
    deliver(made.app)
    sender = sender_of(made.app, message(made).uid)
    take_in(made.app, report(group("failed", "5.1.1"), to=sender))
    assert message(made).state == "dead"


# The journal


@pytest.fixture(scope="module")
def imap() -> Iterator[Imap]:
    with imap_server() as server:
        yield server


@pytest.fixture
def journal(tmp_path: Path, relay: Chaos, imap: Imap) -> dict[str, Any]:
    """The settings of a journal that the relay delivers to, as any relay would."""
    relay.copied, relay.journal = JOURNAL, imap.put
    return {"address": JOURNAL, "imap": imap.settings(tmp_path / "kennwort")}


def test_what_lies_in_the_journal_has_left_and_does_not_leave_again(
    tmp_path: Path, relay: Chaos, journal: dict[str, Any], imap: Imap
) -> None:
    made = informed(tmp_path / "haus", relay, journal=journal)
    deliver(made.app)
    deliver(made.app)
    assert message(made).state == "unsure", "a copy may take its time"
    made.clock.instant += GRACE
    assert deliver(made.app).sent.accepted == 0
    assert (message(made).state, relay.extra) == ("accepted", 0)
    assert message(made).accepted_at == made.clock.now()
    assert [(s["ending"], s["how"]) for s in settled(made)] == [("accepted", "journal")]
    assert examine(made.app, replaying=True).intact


def test_what_does_not_lie_there_has_not_left_and_leaves_again(
    tmp_path: Path, relay: Chaos, journal: dict[str, Any]
) -> None:
    relay.way = MID_BODY
    made = informed(tmp_path / "haus", relay, journal=journal)
    deliver(made.app)
    made.clock.instant += GRACE
    assert deliver(made.app).sent.accepted == 1
    assert (message(made).state, relay.extra) == ("accepted", 0)
    assert [(s["ending"], s["how"]) for s in settled(made)] == [("ready", "journal")]


def test_a_copy_is_the_very_same_mail_and_no_header_names_the_journal(
    tmp_path: Path, relay: Chaos, journal: dict[str, Any], imap: Imap
) -> None:
    relay.way = None
    made = informed(tmp_path / "haus", relay, journal=journal)
    before = imap.count("ALL")
    deliver(made.app)
    assert imap.count("ALL") == before + 1
    with made.app.database.read() as store:
        data = store.outbox.data(message(made).id)
    assert JOURNAL.encode() not in data
    with imap.open() as box:
        box.select("INBOX", readonly=True)
        newest = box.search(None, "ALL")[1][0].split()[-1].decode()
        kept = box.fetch(newest, "(BODY.PEEK[])")[1][0][1]  # type: ignore[index]
    assert kept == data


def test_a_journal_that_takes_nothing_keeps_no_letter_back(
    tmp_path: Path, relay: Chaos, journal: dict[str, Any]
) -> None:
    relay.way, relay.refused = None, JOURNAL
    made = informed(tmp_path / "haus", relay, journal=journal)
    assert deliver(made.app).sent.accepted == 1


def test_a_journal_that_is_out_is_waited_for_and_then_a_second_copy_is_better_than_none(
    tmp_path: Path, relay: Chaos, journal: dict[str, Any]
) -> None:
    (tmp_path / "kennwort").write_text("falsch")
    made = informed(tmp_path / "haus", relay, journal=journal)
    deliver(made.app)
    made.clock.instant += PATIENCE - MINUTE
    deliver(made.app)
    assert message(made).state == "unsure"
    made.clock.instant += MINUTE
    assert deliver(made.app).sent.accepted == 1
    assert [(s["ending"], s["how"]) for s in settled(made)] == [("ready", "resend")]


def test_a_password_of_the_journal_with_an_umlaut_is_only_a_wrong_one(
    tmp_path: Path, relay: Chaos, journal: dict[str, Any]
) -> None:
    (tmp_path / "kennwort").write_text("Schlüssel", "utf-8")
    made = informed(tmp_path / "haus", relay, journal=journal)
    deliver(made.app)
    made.clock.instant += PATIENCE - MINUTE
    assert deliver(made.app).sent.accepted == 0
    made.clock.instant += MINUTE
    assert deliver(made.app).sent.accepted == 1


def test_a_doubt_that_cannot_be_settled_keeps_no_letter_back(
    tmp_path: Path, relay: Chaos, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: App) -> None:
        raise AssertionError("a mailbox as nobody has thought of")

    relay.way = None
    made = informed(tmp_path / "haus", relay)
    monkeypatch.setattr(import_module("engine.delivery.send"), "settle", broken)
    assert deliver(made.app).sent.accepted == 1
    assert "as nobody has thought of" in caplog.text


def test_a_letter_about_an_account_goes_to_nobody_elses_mailbox(
    tmp_path: Path, relay: Chaos, journal: dict[str, Any], imap: Imap
) -> None:
    relay.way = None
    made = informed(tmp_path / "haus", relay, journal=journal)
    deliver(made.app)
    before = imap.count("ALL")
    anna = Person("konto", "Anna", "anna@musterheide.example")
    letter = addressed(made.app, made.clock.now(), anna, TRIAL)
    assert letter is not None
    with made.app.database.write() as store:
        store.outbox.put(letter)
    assert deliver(made.app).sent.accepted == 1
    assert imap.count("ALL") == before


# The settings


def test_the_journal_is_asked_where_there_is_one_unless_another_way_is_named() -> None:
    def policy(**mail: Any) -> str:
        sender = {"name": "Amt", "email": "amt@a.example"}
        return Mail.model_validate({"sender": sender, **mail}).policy

    box = {"host": "imap.example", "user": "j", "password_file": "p"}
    there = {"address": "j@a.example", "imap": box}
    assert policy() == "resend"
    assert policy(journal=there) == "journal"
    assert policy(journal=there, unsure="ask") == "ask"


def test_a_journal_that_is_to_be_asked_must_be_named(tmp_path: Path, relay: Chaos) -> None:
    with pytest.raises(DefinitionError, match="needs the section journal"):
        house(tmp_path / "haus", unsure="journal")
