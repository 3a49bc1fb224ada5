"""What is frozen stays one mail to one person, whatever stands in titles and names."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifications.message import (
    LONGEST_HEADER,
    Address,
    BadAddress,
    BrokenMessage,
    Frozen,
    compose,
    header_text,
    message_id,
    read_back,
)

OFFICE = Address("Landkreis Musterland – Beteiligung", "beteiligung@musterland.example")
ANNA = Address("Anna Müller", "anna.mueller@musterland.example")
ID = message_id("3f2a", "musterland.example")
WHEN = datetime(2026, 4, 9, 6, 30, tzinfo=UTC)
ENCODED_BCC = "=?utf-8?q?a=0d=0aBcc:_e@x.de?="
HEADERS = (
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Language",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Content-Type",
)

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
HOSTILE_PARTS = st.sampled_from(
    ["\r\n", "\n", "\r", "\u2028", "\x85", "\0", "Bcc: e@x.de", "=?utf-8?q?", "=0d=0a", "?=", "=?",
     "=\r\n?", " ", "ü", "Umbau", '"', "\\", "<e@x.de>", ",", ";", ":", "(", "\u202e", "\ud800"]
)  # fmt: skip
HOSTILE = st.one_of(ANY_TEXT, st.lists(HOSTILE_PARTS, max_size=30).map("".join))


def freeze(subject: str = "Neubau", text: str = "Guten Tag", html: str = "<p>Guten Tag</p>",
           sender: Address = OFFICE, recipient: Address = ANNA) -> Frozen:  # fmt: skip
    return compose(sender, recipient, subject, text, html, ID, WHEN)


def parsed(frozen: Frozen) -> EmailMessage:
    message = BytesParser(policy=policy.default).parsebytes(frozen.data)
    assert isinstance(message, EmailMessage)
    return message


def part(frozen: Frozen, subtype: str) -> str:
    body = parsed(frozen).get_body((subtype,))
    assert body is not None
    return str(body.get_content())


def test_a_mail_says_that_a_machine_wrote_it_and_to_whom() -> None:
    mail = parsed(freeze("Stellungnahme erbeten bis Do., 09.04.2026: Begegnungszentrum Süd"))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"].split(", ") == ["DR", "RN", "NRN", "OOF", "AutoReply"]
    assert mail["Content-Language"] == "de"
    assert mail["Message-ID"] == "<3f2a@musterland.example>"
    assert mail["Date"].datetime == WHEN
    assert str(mail["To"]) == "Anna Müller <anna.mueller@musterland.example>"
    assert mail["Subject"] == "Stellungnahme erbeten bis Do., 09.04.2026: Begegnungszentrum Süd"
    assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "text/html"]


def test_answers_go_where_the_administration_wants_them() -> None:
    frozen = compose(OFFICE, ANNA, "x", "x", "x", ID, WHEN, reply_to=Address("", "amt@m.example"))
    assert parsed(frozen)["Reply-To"] == "amt@m.example"


@given(subject=HOSTILE, name=HOSTILE)
@example(subject=ENCODED_BCC, name=ENCODED_BCC)
@example(subject="=\u202e?utf-8?q?a=0d=0aBcc:_e@x.de?=", name="a\r\nBcc: e@x.de")
def test_no_subject_and_no_name_adds_a_header_or_a_recipient(subject: str, name: str) -> None:
    sender, recipient = replace(OFFICE, name=name), replace(ANNA, name=name)
    frozen = freeze(subject, sender=sender, recipient=recipient)
    mail = parsed(frozen)
    assert tuple(mail.keys()) == HEADERS
    assert [a.addr_spec for a in mail["To"].addresses] == [ANNA.email]
    assert [a.addr_spec for a in mail["From"].addresses] == [OFFICE.email]
    head = frozen.data.partition(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    assert b"\r" not in head.replace(b"\r\n", b"")


@given(HOSTILE)
def test_a_cleaned_header_is_one_short_line_and_stays_it(text: str) -> None:
    clean = header_text(text)
    assert len(clean) <= LONGEST_HEADER
    assert len(clean.splitlines()) <= 1
    assert "=?" not in clean
    assert header_text(clean) == clean


@given(ANY_TEXT)
def test_a_subject_arrives_as_it_was_cleaned(text: str) -> None:
    frozen = freeze(text)
    read_back(frozen.data, HEADERS, OFFICE, ANNA, header_text(text))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((b"\r\nDate:", b"\r\nBcc: e@x.de\r\nDate:"), id="header-added"),
        pytest.param((b"anna.mueller@", b"anna.meyer@"), id="recipient-changed"),
        pytest.param((b"Subject: Neubau", b"Subject: Umbau"), id="subject-changed"),
    ],
)
def test_what_reads_back_otherwise_is_not_sent(change: tuple[bytes, bytes]) -> None:
    data = freeze().data
    assert change[0] in data
    with pytest.raises(BrokenMessage):
        read_back(data.replace(*change), HEADERS, OFFICE, ANNA, "Neubau")


@given(text=st.text(max_size=400), html=st.text(max_size=400))
@example(text=".\r\n.\nFrom hier an\n--=_", html="=\n" + "ü" * 200)
def test_the_words_arrive_whole_in_lines_that_smtp_carries(text: str, html: str) -> None:
    frozen = freeze(text=text, html=html)
    for subtype, sent in (("plain", text), ("html", html)):
        received = part(frozen, subtype).replace("\r\n", "\n")
        assert received == sent.replace("\r\n", "\n").replace("\r", "\n")
    assert frozen.data.isascii()
    assert all(len(line) <= 998 for line in frozen.data.split(b"\r\n"))
    assert b"\n" not in frozen.data.replace(b"\r\n", b"")


@given(subject=HOSTILE, text=ANY_TEXT)
def test_each_attempt_sends_the_same_bytes(subject: str, text: str) -> None:
    assert freeze(subject, text) == freeze(subject, text)


def test_two_messages_have_two_boundaries() -> None:
    other = compose(OFFICE, ANNA, "Neubau", "x", "x", "<other@m.example>", WHEN)
    assert parsed(other).get_boundary() != parsed(freeze()).get_boundary()


@pytest.mark.parametrize(
    "email",
    ["", "anna", "anna@", "@m.example", "a@b@c", "a b@m.example", "anna@m.example\r\nRCPT TO:<x>",
     "anna@m.example>", "<anna@m.example", "ännä@m.example", "anna@mü.example", "a..b@m.example",
     ".a@m.example", "anna@-m.example", "anna@m.example, x@y.example", "a" * 250 + "@m.example"],
)  # fmt: skip
def test_an_address_that_could_smuggle_is_none(email: str) -> None:
    with pytest.raises(BadAddress, match="name@domain"):
        Address("Anna", email)


@pytest.mark.parametrize(
    ("identity", "when", "language"),
    [
        pytest.param("3f2a@m.example", WHEN, "de", id="no-brackets"),
        pytest.param("<a\r\nBcc: x@y.de>", WHEN, "de", id="line-break"),
        pytest.param(ID, WHEN.replace(tzinfo=None), "de", id="naive-date"),
        pytest.param(ID, WHEN, "de\r\nBcc: x@y.de", id="language"),
    ],
)
def test_what_only_a_mistake_of_ours_can_cause_is_refused(
    identity: str, when: datetime, language: str
) -> None:
    with pytest.raises(ValueError, match=r"no Message-ID|aware|no language"):
        compose(OFFICE, ANNA, "x", "x", "x", identity, when, language=language)
