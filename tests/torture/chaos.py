"""A mail server on loopback that misbehaves in fifteen ways, and remembers what it has taken.

A way is a place in the talk and what happens there instead of the right answer. It happens to
the first try of each message; ways that no message can be told by yet (refused, banner) happen
to so many connections.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import socket
import struct
import threading
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from tests.torture.sink import Copy

DROP, STALL = "drop", "stall"

_ID = re.compile(rb"^message-id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
_RIGHT = {
    "banner": "220 relay.example ESMTP",
    "EHLO": "250-relay.example\r\n250 SIZE 99999999",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go on",
    "dot": "250 2.0.0 ok: queued",
    "QUIT": "221 2.0.0 bye",
}


@dataclass(frozen=True, slots=True)
class Way:
    """How a server misbehaves, and what must become of a message that meets it.

    `kind` is what the try means, `code` what the server said; `ending` is the word of the try's
    row, and `logged` that of the line in the log that the try must leave, empty for none.
    `copies` is how many copies there are at most once all is over.
    """

    name: str
    place: str
    says: str
    kind: str
    code: int | None
    ending: str
    logged: str = ""
    copies: int = 1


WAYS = (
    Way("refused", "port", DROP, "relay_down", None, "ready"),
    Way("no-banner", "banner", DROP, "relay_down", None, "ready"),
    Way("banner-421", "banner", "421 4.3.2 too busy", "relay_down", 421, "ready"),
    Way("banner-stalls", "banner", STALL, "relay_down", None, "ready"),
    Way("MAIL-553", "MAIL", "553 5.1.8 not yours", "our_fault", 553, "ready"),
    Way("MAIL-451", "MAIL", "451 4.3.0 later", "retry", 451, "ready"),
    Way("RCPT-450", "RCPT", "450 4.2.0 greylisted", "retry", 450, "ready"),
    Way("RCPT-550", "RCPT", "550 5.1.1 unknown", "refused", 550, "dead", "dead", copies=0),
    Way("drop-before-DATA", "RCPT", DROP, "retry", None, "ready"),
    Way("drop-mid-body", "body", DROP, "unsure", None, "unsure", "unsure"),
    Way("drop-after-dot", "dot", DROP, "unsure", None, "unsure", "unsure", copies=2),
    Way("stall-after-dot", "dot", STALL, "unsure", None, "unsure", "unsure", copies=2),
    Way("451-after-dot", "dot", "451 4.3.0 disk full", "retry", 451, "ready"),
    Way("554-after-dot", "dot", "554 5.7.1 spam", "refused", 554, "dead", "dead", copies=0),
    Way("250-then-drop", "dot", "250 2.0.0 ok" + DROP, "accepted", 250, "accepted", "accepted"),
)
"""The fifteen ways; in the three that end `unsure` alone may a second copy leave."""


class Chaos:
    """Takes mail in a thread of its own; misbehaves at the first `times` tries of each message.

    Messages are told apart by their envelope, or by their recipient where all have one sender.
    Whoever is in `spared` is always treated well.

    `journal` is called with the bytes of every message that is addressed to `copied` as well.
    `refused` is a mailbox that is full for ever. `connections` counts what was opened, also while the server turns everybody away.
    """

    def __init__(self, way: Way | None = None, times: int = 1) -> None:
        self.way, self.times = way, times
        self.copies: dict[str, list[Copy]] = defaultdict(list)
        self.order: list[str] = []
        self.connections = 0
        self.down = False
        self.copied = self.refused = ""
        self.spared: set[str] = set()
        self.journal: Callable[[bytes], None] | None = None
        self._met: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="chaos")
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def behave(self, way: Way | None) -> None:
        """Misbehave in another way from now on, to every message anew."""
        self.way = way
        self._met.clear()

    @property
    def extra(self) -> int:
        """How many copies came beyond the first of each message."""
        return sum(len(found) - 1 for found in self.copies.values())

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        start = asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=1 << 22)
        server = self._loop.run_until_complete(start)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        server.close()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if self.down or self._meets("port", "port"):
                _reset(writer)
                raise ConnectionResetError
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender, recipients = "", list[str]()
        await self._answer(writer, "banner", "banner")
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            name = line.partition("<")[2].partition(">")[0]
            if verb == "MAIL":
                sender, recipients = name, []
                await self._answer(writer, "MAIL", self._whom(name))
            elif verb == "RCPT":
                recipients.append(name)
                if name == self.refused:
                    await self._say(writer, "452 4.2.2 mailbox full")
                    continue
                good = name == self.copied
                await self._answer(writer, "RCPT", "" if good else f"{sender} {name}")
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                whom = f"{sender} {recipients[0]}"
                if self._meets("body", whom):
                    await reader.readexactly(100)
                    raise ConnectionResetError
                said = self._said("dot", whom)
                self._take(recipients, await reader.readuntil(b"\r\n.\r\n"), said)
                await self._say(writer, said)
            else:
                await self._say(writer, _RIGHT.get(verb, "250 ok"))
                if verb == "QUIT":
                    return

    def _whom(self, sender: str) -> str:
        """Return who is treated badly at MAIL: a message put off, or all where we are not wanted."""
        return sender if self.way is not None and self.way.kind == "retry" else "MAIL"

    def _meets(self, place: str, whom: str) -> bool:
        """Return whether whoever is concerned is to be treated badly here, and count that."""
        if self.way is None or self.way.place != place or not whom:
            return False
        if whom.partition(" ")[2] in self.spared:
            return False
        self._met[whom] += 1
        return self._met[whom] <= self.times

    def _said(self, place: str, whom: str) -> str:
        bad = self.way is not None and self._meets(place, whom)
        return self.way.says if bad and self.way is not None else _RIGHT[place]

    async def _answer(self, writer: asyncio.StreamWriter, place: str, whom: str) -> None:
        await self._say(writer, self._said(place, whom))

    async def _say(self, writer: asyncio.StreamWriter, said: str) -> None:
        if said == STALL:
            await asyncio.sleep(3600)
        if reply := said.removesuffix(DROP):
            writer.write(reply.encode() + b"\r\n")
            await writer.drain()
        if said.endswith(DROP):
            raise ConnectionResetError

    def _take(self, recipients: list[str], data: bytes, said: str) -> None:
        """Keep a message, unless it is about to be refused; what is dropped has been taken."""
        if said[0] in "45":
            return
        found = _ID.search(data)
        name = found[1].decode() if found else "none"
        self.copies[name].append(Copy(recipients[0], hashlib.sha256(data).hexdigest()))
        self.order.append(name)
        if self.journal is not None and self.copied in recipients[1:]:
            self.journal(data.removesuffix(b".\r\n"))


def _reset(writer: asyncio.StreamWriter) -> None:
    """Let the other side see a connection reset instead of an orderly end."""
    line = writer.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
