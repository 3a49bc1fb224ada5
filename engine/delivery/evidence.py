"""What the log says of statutory mails: the bytes that were frozen, and how each try ended.

A mail can carry letters of several cases, so its lines stand in a strand of their own, one a
month. The plain part commits to the exact bytes by a salted digest; the salt lies in the
private part beside address, subject and Message-ID, so that erasing it leaves a line that
tells nobody what was written to whom.

A try that will be made again ends nothing and is no line; `attempt` keeps it for operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engine import clock
from engine.core.calendar import local_day
from engine.core.ledger import Line, commitment
from engine.core.workflow import CLOCK
from engine.store.chains import MAIL
from engine.store.outbox import SETTLING, Claimed, Doubt, Ending, NewMessage, Owed, Result
from engine.store.roster import By

COMPOSED = "message"
ENDED = "message_ended"
SETTLED = "message_settled"


def composed(message: NewMessage, carried: Iterable[Owed]) -> Line:
    """Return the line of a finished mail: its bytes, to whom, and what it carries."""
    salt = clock.salt()
    plain = {
        "message": message.uid,
        "person": message.person,
        "commitment": commitment(salt, message.data),
        "size": len(message.data),
        "carries": [
            {
                "notice": owed.key,
                "case": owed.case,
                "letter": owed.letter,
                "office": owed.office,
                "participation": owed.participation,
            }
            for owed in carried
        ],
    }
    private = {
        "salt": salt.hex(),
        "address": message.address,
        "subject": message.subject,
        "message_id": message.message_id,
    }
    return _line(COMPOSED, message.created_at, f"message:{message.uid}", plain, private)


def ended(message: Claimed, result: Result) -> Line | None:
    """Return the line of a try that ended for good, or in doubt; None where it goes on."""
    if result.ending is Ending.RETRY:
        return None
    plain = {
        "message": message.uid,
        "attempt": message.attempt,
        "ending": result.ending.value,
        "code": result.code or 0,
    }
    private = {"reply": result.text} if result.text else {}
    key = f"message:{message.uid}:{message.attempt}"
    return _line(ENDED, result.at, key, plain, private)


def settled(
    doubt: Doubt, ending: Ending, how: str, by: By | None, reason: str, at: datetime
) -> Line:
    """Return the line of a doubt that was settled: how, what holds since, and who decided so."""
    plain = {
        "message": doubt.uid,
        "attempt": doubt.attempts,
        "ending": ending.value,
        "how": how,
    }
    private = {"reason": reason} if reason else {}
    key = f"message:{doubt.uid}:{doubt.attempts}:{SETTLING}"
    actor = CLOCK if by is None else by.actor
    return Line(stream_of(at), SETTLED, actor, "", at, local_day(at), key, 0, plain, private)


def stream_of(moment: datetime) -> str:
    """Return the strand of the month in which a mail was made or tried."""
    return f"{MAIL}/{local_day(moment):%Y-%m}"


def _line(
    type_: str, at: datetime, key: str, plain: Mapping[str, Any], private: Mapping[str, Any]
) -> Line:
    return Line(stream_of(at), type_, CLOCK, "", at, local_day(at), key, 0, plain, private)
