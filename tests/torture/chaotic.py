"""Mails meet a server that misbehaves in each of fifteen ways, and what became of them is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from engine.app import smtp_settings
from engine.core.case import Notice
from engine.delivery import deliver
from engine.delivery.compose import compose
from engine.delivery.dead_letters import DEAD_LETTER
from engine.delivery.evidence import ENDED, stream_of
from engine.store import relays
from engine.store.deliveries import Attempt, Deliveries
from notifications.smtp import SmtpChannel
from tests.installation import House, house
from tests.torture.chaos import STALL, WAYS, Chaos, Way

LEGAL = "neumann@musterheide.example"
_PATIENCE, _SHORT = 30.0, 1.5
_ROUNDS = 40
_TOLD = {"subject": "Kreistag, TOP 5", "sentence": "Gemeinschaftsunterkunft"}


@dataclass(frozen=True, slots=True)
class Met:
    """What became of so many mails that met one way.

    `lost` arrived nowhere and were told to nobody, `extra` are further copies, `most` the
    largest number of copies of one mail; `wrong` says where class or line of the log is not right.
    """

    way: Way
    mails: int
    lost: tuple[str, ...]
    extra: int
    most: int
    wrong: tuple[str, ...]


def met(folder: Path, mails: int, ways: tuple[Way, ...] = WAYS) -> Iterator[Met]:
    """Let so many mails meet each way, in one house; yield what became of them."""
    with Chaos() as server:
        server.spared = {LEGAL}
        smtp = {"host": "127.0.0.1", "port": server.port, "tls": "off"}
        bounces = {"address": "zr@musterheide.example"}
        made = house(folder, training=False, channel="smtp", smtp=smtp, bounces=bounces)
        for way in ways:
            yield _meet(made, server, way, mails)
        made.app.close()


def _meet(made: House, server: Chaos, way: Way, mails: int) -> Met:
    server.behave(way)
    _be_patient(made, way)
    uids = [_owed(made, f"{way.name}:{n}") for n in range(mails)]
    deliver(made.app)
    wrong = list(_at_first(made, way, uids))
    for _ in range(_ROUNDS):
        made.clock.instant += timedelta(minutes=2)
        deliver(made.app)
        if not any(_states(made)[uid] in ("ready", "sending", "unsure") for uid in uids):
            break
    wrong += _logged(made, way, uids)
    copies = {uid: server.copies.get(_name(made, uid), []) for uid in uids}
    lost = [uid for uid in uids if not copies[uid] and uid not in _told(made)]
    lost += [uid for uid in uids if way.kind == "refused" and uid not in _told(made)]
    wrong += [f"{uid}: bytes differ" for uid in uids if len({c.digest for c in copies[uid]}) > 1]
    counts = [len(found) for found in copies.values()]
    extra = sum(max(0, n - 1) for n in counts)
    return Met(way, mails, tuple(lost), extra, max(counts), tuple(wrong))


def _be_patient(made: House, way: Way) -> None:
    """Let the channel wait only where the server never answers."""
    mail = made.app.config.settings.mail
    assert mail.smtp is not None
    wait = _SHORT if way.says == STALL else _PATIENCE
    relay = smtp_settings(made.app.config, mail.smtp)
    hasty = replace(relay, timeout=wait if way.place == "banner" else _PATIENCE, data_timeout=wait)
    made.app.channels = lambda: [SmtpChannel(hasty)]  # type: ignore[method-assign]


def _owed(made: House, key: str) -> str:
    """Owe a letter and compose it alone; return the uid of its message."""
    facts = {"to": "office", "items": [{"de": _TOLD, "en": _TOLD}]}
    with made.app.database.write() as store:
        now = made.clock.now()
        store.outbox.owe(Notice(f"chaos:{key}", "integration", "radar", "", now, facts))
    assert compose(made.app) == 1
    with made.app.database.read() as store:
        return store.outbox.messages(limit=1)[0].uid


def _at_first(made: House, way: Way, uids: list[str]) -> Iterator[str]:
    """Yield where the first try is not known for what it was."""
    stopped = way.kind in ("relay_down", "our_fault")
    with made.app.database.read() as store:
        if stopped != (relays.blocked(store.connection, "first") is not None):
            yield f"{way.name}: the way is {'open' if stopped else 'closed'}"
    for place, uid in enumerate(uids):
        tries = _tries(made, uid)
        if way.kind == "relay_down":
            if tries:
                yield f"{uid}: a try was counted although there was no way"
            continue
        code = way.code if place == 0 or not stopped else None
        found = (tries[0].outcome, tries[0].code)
        if found != (way.ending, code):
            yield f"{uid}: {found} instead of {(way.ending, code)}"


def _logged(made: House, way: Way, uids: list[str]) -> Iterator[str]:
    """Yield where the log does not say just what it must: doubt and end, and nothing of tries."""
    end = "dead" if way.kind == "refused" else "accepted"
    expected = [word for word in (way.logged, end) if word]
    expected = expected[:1] if way.logged == end else expected
    with made.app.database.read() as store:
        lines = store.chains.typed(stream_of(made.clock.now()), ENDED)
        said: dict[str, list[str]] = {}
        for line in lines:
            said.setdefault(line.plain["message"], []).append(line.plain["ending"])
    for uid in uids:
        if said.get(uid) != expected:
            yield f"{uid}: the log says {said.get(uid)} instead of {expected}"
        if (state := _states(made)[uid]) != end:
            yield f"{uid}: is {state} instead of {end}"


def _states(made: House) -> dict[str, str]:
    with made.app.database.read() as store:
        return {m.uid: m.state for m in store.outbox.messages(limit=100_000)}


def _tries(made: House, uid: str) -> tuple[Attempt, ...]:
    with made.app.database.read() as store:
        [row] = [m for m in store.outbox.messages(limit=100_000) if m.uid == uid]
        return Deliveries(store.connection).proof(row.id).attempts


def _name(made: House, uid: str) -> str:
    return f"<{uid}@{made.app.config.settings.mail.sender.email.partition('@')[2]}>"


def _told(made: House) -> set[str]:
    """Return the messages of which a letter to the legal office says that nobody will get them."""
    with made.app.database.read() as store:
        owed: list[Any] = store.outbox.notices("composed", limit=100_000)
    return {o.key.split(":")[1] for o in owed if o.letter == DEAD_LETTER}
