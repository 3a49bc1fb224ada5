"""A real mail server on loopback that remembers every message it has taken, by Message-ID."""

from __future__ import annotations

import asyncio
import hashlib
import re
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

_ID = re.compile(rb"^message-id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Copy:
    """One message as it was taken: to whom, and the digest of its bytes."""

    recipient: str
    digest: str


class Sink:
    """Takes mail in a thread of its own; `copies` holds what was taken, `senders` from where.

    What is addressed to `copied` as well is given to `journal`. With `hold` set to n, the n-th message from then on is taken but not answered: `held` is set,
    and whoever sent it may be killed after its final dot.
    """

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.address = address
        self.senders: set[str] = set()
        self.copies: dict[str, list[Copy]] = defaultdict(list)
        self.hold = 0
        self.copied = ""
        self.journal: Callable[[bytes], None] | None = None
        self.held = threading.Event()
        self.port = 0
        self._count = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="sink")

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def forget(self) -> None:
        """Begin anew, for the next database."""
        self.copies = defaultdict(list)
        self.senders = set()
        self.hold = 0
        self.held.clear()

    @property
    def count(self) -> int:
        """How many copies were taken."""
        return self._count

    @property
    def extra(self) -> int:
        """How many copies came beyond the first of each message."""
        return sum(len(found) - 1 for found in self.copies.values())

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, self.address, 0, limit=1 << 22, backlog=512)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        server.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recipients: list[str] = []
        writer.write(b"220 sink ESMTP\r\n")
        while line := (await reader.readline()).strip():
            verb = line[:4].upper()
            if verb == b"EHLO":
                writer.write(b"250-sink\r\n250-SIZE 10000000\r\n250 8BITMIME\r\n")
            elif verb == b"MAIL":
                recipients = []
                writer.write(b"250 2.1.0 ok\r\n")
            elif verb == b"RCPT":
                recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
                writer.write(b"250 2.1.5 ok\r\n")
            elif verb == b"DATA":
                writer.write(b"354 go on\r\n")
                if not self._take(recipients, await reader.readuntil(b"\r\n.\r\n")):
                    await asyncio.sleep(3600)
                self.senders.add(writer.get_extra_info("peername")[0])
                writer.write(b"250 2.0.0 taken\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 2.0.0 bye\r\n")
                return
            else:
                writer.write(b"250 2.0.0 ok\r\n")

    def _take(self, recipients: list[str], data: bytes) -> bool:
        """Remember a message; return whether it is to be answered."""
        found = _ID.search(data)
        name = found[1].decode() if found else "none"
        self._count += 1
        self.copies[name].append(Copy(recipients[0], hashlib.sha256(data).hexdigest()))
        if self.journal is not None and self.copied in recipients[1:]:
            self.journal(data.removesuffix(b".\r\n"))
        if self.hold:
            self.hold -= 1
            if not self.hold:
                self.held.set()
                return False
        return True
