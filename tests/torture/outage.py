"""Six hours without a mail server: mails go on arising, and then all of them are to leave at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from engine import clock
from engine.delivery.relays import DOWN
from engine.delivery.send import send
from engine.store.outbox import NewMessage
from tests.installation import House, house
from tests.torture.chaos import Chaos


@dataclass(frozen=True, slots=True)
class Outlasted:
    """How it went: times are counted by the clock of the house.

    `connections` are those that were opened in these hours; `lost` and `extra` count
    messages that never came and further copies.
    """

    mails: int
    connections: int
    told_after: timedelta
    out_after: timedelta
    lost: int
    extra: int
    in_order: bool


def outlasted(folder: Path, *, mails: int, hours: int, every: timedelta) -> Outlasted:
    """Let mails arise through so many hours without a server, then let it come back."""
    with Chaos() as server:
        smtp = {"host": "127.0.0.1", "port": server.port, "tls": "off"}
        made = house(folder, training=False, channel="smtp", smtp=smtp)
        server.down = True
        begun, length = made.clock.now(), timedelta(hours=hours)
        names: list[str] = []
        told = None
        while (gone := made.clock.now() - begun) < length:
            due = int(mails * (gone + every) / length)
            names += _put(made, min(due, mails) - len(names))
            send(made.app)
            if told is None and _told(made):
                told = gone
            made.clock.instant += every
        connections = server.connections
        while server.connections == connections:  # it is back just after it was tried: the worst
            made.clock.instant += every
            send(made.app)
        server.down = False
        back = made.clock.now()
        while len(server.copies) < len(names) and made.clock.now() - back < length:
            send(made.app)
            made.clock.instant += every
        out = made.clock.now() - every - back
        made.app.close()
    lost = len(set(names) - set(server.copies))
    told_after = length if told is None else told
    in_order = server.order == names
    return Outlasted(len(names), connections, told_after, out, lost, server.extra, in_order)


def _put(made: House, count: int) -> list[str]:
    now = made.clock.now()
    names = []
    with made.app.database.write() as store:
        for _ in range(count):
            uid = clock.new_uid()
            name = f"<{uid}@a.example>"
            data = f"Message-ID: {name}\r\nSubject: x\r\n\r\nx\r\n".encode()
            end = now + timedelta(days=5)
            row = NewMessage(uid, name, "p", "p@a.example", "de", "x", data, now, now, end)
            store.outbox.put(row)
            names.append(name)
    return names


def _told(made: House) -> bool:
    with made.app.database.read() as store:
        return bool(store.chains.typed("system", DOWN))
