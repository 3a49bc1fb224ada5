"""What comes back is believed by its code alone, and read in the shapes that servers write."""

from __future__ import annotations

import email.utils
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.bounces import BounceKind, bounced, envelope

ADDRESS = "ruecklauf@amt.example"
KEY = b"a key of this installation alone"
UID = "019a1b2c3d4e" + "5f" * 10

FAILED, DELAYED, DELIVERED, UNCLEAR = BounceKind


def report(
    *groups: str,
    to: str | None = None,
    head: str = "",
    notice: str = "I could not deliver your message.",
    returned: str = "Subject: Stellungnahme erbeten\r\n",
    media: str = "message/rfc822",
) -> bytes:
    """Return a report in the shape of RFC 3462 and 3464."""
    status = "\r\n\r\n".join(("Reporting-MTA: dns; mx.land.example", *groups))
    text = (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.land.example\r\n"
        f"To: {to or envelope(ADDRESS, UID, KEY)}\r\n{head}"
        "Subject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\n{notice}\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\n{status}\r\n\r\n"
        f"--b\r\nContent-Type: {media}\r\n\r\n{returned}\r\n--b--\r\n"
    )
    return text.encode()


def plain(head: str = "Return-Path: <>\r\n", to: str | None = None, body: str = "Hi.") -> bytes:
    """Return a mail that is no report."""
    text = (
        f"{head}From: MAILER-DAEMON@x.example\r\nTo: {to or envelope(ADDRESS, UID, KEY)}\r\n"
        f"Subject: failure notice\r\n\r\n{body}\r\n"
    )
    return text.encode()


def group(action: str, status: str = "", diagnostic: str = "", more: str = "") -> str:
    fields = ["Final-Recipient: rfc822; yilmaz@amt.example", f"Action: {action}"]
    fields += [f"Status: {status}"] if status else []
    fields += [f"Diagnostic-Code: {diagnostic}"] if diagnostic else []
    return "\r\n".join(fields) + more


def test_a_copy_that_came_back_says_nothing_of_the_letter() -> None:
    journal = "journal@amt.example"
    copy = group("failed", "5.2.2").replace("yilmaz@amt.example", "Journal@AMT.example")
    assert bounced(report(copy), ADDRESS, KEY, journal) is None
    both = bounced(report(copy, group("delayed", "4.4.1")), ADDRESS, KEY, journal)
    assert both is not None
    assert both.kind is DELAYED
    assert bounced(report(copy), ADDRESS, KEY) is not None, "without a journal it is the letter's"


def moved_header(name: str) -> bytes:
    """Return a report whose own address stands in another header than To."""
    mine = envelope(ADDRESS, UID, KEY)
    return report(
        group("failed", "5.1.1"), to="undisclosed-recipients:;", head=f"{name}: {mine}\r\n"
    )


UNKNOWN_USER = "smtp; 550 5.1.1 <yilmaz@amt.example>: User unknown"

SHAPES = {
    "unknown user, marked as an answer as Postfix does": (
        report(group("failed", "5.1.1", UNKNOWN_USER), head="Auto-Submitted: auto-replied\r\n"),
        FAILED,
        "5.1.1",
    ),
    "no space after the semicolon": (
        report(group("failed", "5.1.1", "smtp;550 unknown")),
        FAILED,
        "5.1.1",
    ),
    "capitals": (report(group("FAILED", "5.1.1")), FAILED, "5.1.1"),
    "a comment after the action": (report(group("failed (bad mailbox)", "5.1.1")), FAILED, "5.1.1"),
    "a comment after the status": (
        report(group("failed", "5.4.4 (unable to route)")),
        FAILED,
        "5.4.4",
    ),
    "no status": (report(group("failed")), FAILED, ""),
    "a folded diagnosis": (
        report(group("failed", "5.2.2", "smtp; 552 5.2.2\r\n Mailbox full")),
        FAILED,
        "5.2.2",
    ),
    "a status of three digits": (report(group("failed", "5.7.350")), FAILED, "5.7.350"),
    "vendor's fields": (
        report(group("failed", "5.1.10", more="\r\nX-Display-Name: Aylin Yilmaz")),
        FAILED,
        "5.1.10",
    ),
    "delayed": (report(group("delayed", "4.4.1", "smtp; connect timed out")), DELAYED, "4.4.1"),
    "delivered": (report(group("delivered", "2.0.0")), DELIVERED, "2.0.0"),
    "relayed to where no report comes from": (
        report(group("relayed", "2.0.0")),
        DELIVERED,
        "2.0.0",
    ),
    "expanded by a list": (report(group("expanded", "2.0.0")), DELIVERED, "2.0.0"),
    "two groups, one failed": (
        report(group("delivered", "2.0.0"), group("failed", "5.1.1")),
        FAILED,
        "5.1.1",
    ),
    "headers only": (
        report(group("failed", "5.1.1"), media="text/rfc822-headers"),
        FAILED,
        "5.1.1",
    ),
    "a hundred kilobytes returned": (
        report(group("failed", "5.3.4"), returned="A" * 100_000),
        FAILED,
        "5.3.4",
    ),
    "umlauts outside of any character set": (
        report(group("failed", "5.1.1"), notice="Empfänger unbekannt"),
        FAILED,
        "5.1.1",
    ),
    "Delivered-To": (moved_header("Delivered-To"), FAILED, "5.1.1"),
    "X-Original-To": (moved_header("X-Original-To"), FAILED, "5.1.1"),
    "Envelope-To": (moved_header("Envelope-To"), FAILED, "5.1.1"),
    "in angle brackets with a name": (
        report(group("failed", "5.1.1"), to=f'"Rechtzeitig" <{envelope(ADDRESS, UID, KEY)}>'),
        FAILED,
        "5.1.1",
    ),
    "address in capitals": (
        report(group("failed", "5.1.1"), to=envelope(ADDRESS, UID, KEY).upper()),
        FAILED,
        "5.1.1",
    ),
    "no report at all, as old servers write": (plain(), UNCLEAR, ""),
    "a report without a group": (report(), UNCLEAR, ""),
    "an unheard-of action": (report(group("perplexed", "5.0.0")), UNCLEAR, ""),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_report_tells_what_became_of_which_message(shape: str) -> None:
    data, kind, status = SHAPES[shape]
    found = bounced(data, ADDRESS, KEY)
    assert found is not None
    assert (found.uid, found.kind, found.status) == (UID, kind, status)


def test_what_the_server_said_is_one_harmless_line() -> None:
    data = report(group("failed", "5.1.1", "smtp; 550 a\r\n\tb \x1b[31m\x00 c"))
    found = bounced(data, ADDRESS, KEY)
    assert found is not None
    assert found.text == "550 a b [31m c"


RIGHT = envelope(ADDRESS, UID, KEY)

FORGED = {
    "the bare address": ADDRESS,
    "another key": envelope(ADDRESS, UID, b"another key"),
    "another domain": RIGHT.replace("amt.example", "amt.example.org"),
    "another local part": RIGHT.replace("ruecklauf", "rueckruf"),
    "no code": RIGHT.split(".")[0] + "@amt.example",
    "an empty code": RIGHT.split(".")[0] + ".@amt.example",
    "a shorter code": re.sub(r".@", "@", RIGHT),
    "a longer code": RIGHT.replace("@", "a@"),
    "the code of another message": RIGHT.replace(UID, UID[:-1] + "0"),
    "a changed character": RIGHT.replace(
        RIGHT.split(".")[1][:3], "zzz" if RIGHT.split(".")[1][:3] != "zzz" else "yyy"
    ),
    "minus for plus": RIGHT.replace("+", "-"),
    "an uid that is none": RIGHT.replace(UID, "x" * 32),
    "two codes": RIGHT.replace("@", ".aaaaaaaaaa@"),
    "a path instead": "ruecklauf+../../etc@amt.example",
    "only in the display name": f'"{RIGHT}" <ruecklauf@amt.example>',
    "only in a comment": f"ruecklauf@amt.example ({RIGHT})",
    "no address": "nobody",
    "nothing": '""',
}


@pytest.mark.parametrize("to", FORGED.values(), ids=list(FORGED))
def test_a_report_without_our_code_is_none(to: str) -> None:
    assert bounced(report(group("failed", "5.1.1"), to=to), ADDRESS, KEY) is None


ANSWERS = {
    "an absence note (RFC 3834)": plain("Return-Path: <>\r\nAuto-Submitted: auto-replied\r\n"),
    "an absence note with its sender": plain(
        "Return-Path: <yilmaz@amt.example>\r\nAuto-Submitted: auto-replied (vacation)\r\n"
    ),
    "an absence note of an old server": plain("Return-Path: <>\r\nX-Autoreply: yes\r\n"),
    "somebody answers": plain("Return-Path: <yilmaz@amt.example>\r\n"),
    "a mail without a way back": plain(""),
    "nothing": b"",
    "no mail": b"\x00\xff" * 50,
}


@pytest.mark.parametrize("data", ANSWERS.values(), ids=list(ANSWERS))
def test_what_people_and_their_mailboxes_answer_is_no_bounce(data: bytes) -> None:
    assert bounced(data, ADDRESS, KEY) is None


@given(st.binary(max_size=400))
def test_anything_may_come_to_that_address(data: bytes) -> None:
    assert bounced(data, ADDRESS, KEY) is None


@given(st.integers(0, 900), st.binary(min_size=1, max_size=8))
def test_a_report_that_was_damaged_on_its_way_breaks_nothing(place: int, junk: bytes) -> None:
    good = report(group("failed", "5.1.1", UNKNOWN_USER))
    found = bounced(good[:place] + junk + good[place + len(junk) :], ADDRESS, KEY)
    assert found is None or found.uid == UID


@given(st.text("0123456789abcdef", min_size=32, max_size=32), st.binary(min_size=16, max_size=32))
def test_each_message_is_found_by_the_address_it_was_sent_from(uid: str, key: bytes) -> None:
    sender = envelope(ADDRESS, uid, key)
    assert len(sender.partition("@")[0]) <= 64  # RFC 5321, 4.5.3.1.1
    assert email.utils.parseaddr(sender)[1] == sender
    found = bounced(report(group("failed", "5.1.1"), to=sender), ADDRESS, key)
    assert found is not None
    assert found.uid == uid
