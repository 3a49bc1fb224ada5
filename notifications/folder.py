"""Training: messages become files in a folder, and nothing leaves the house."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import unicodedata
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from notifications.channel import Kind, NotDelivered, OnData, Phase, Reply, run
from notifications.message import Frozen

if sys.platform != "win32":
    import fcntl

LONGEST_PART = 60  # characters of recipient and subject each, well below any file system's limit
_IN_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "–": "-"})


class FolderChannel:
    """Writes `NNNN_<date>_<recipient>_<subject>.eml`, and beside it `.txt` and `.html` to read."""

    name = "folder"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[str, str] = {}  # file name -> Message-ID, so that each is read once

    async def deliver(self, frozen: Frozen, on_data: OnData) -> Reply:
        """Write the message, or answer as the first time if its Message-ID lies there already.

        A folder that cannot be written is `our_fault`.
        """
        await run(on_data)
        try:
            stem = await asyncio.to_thread(self._keep, frozen)
        except OSError as unwritable:
            raise NotDelivered(Kind.OUR_FAULT, None, str(unwritable), Phase.DATA) from unwritable
        return Reply(250, f"geschrieben: {stem}.eml")

    async def open(self) -> None:
        """A folder is always there, or is made with the first message."""

    @asynccontextmanager
    async def session(self) -> AsyncIterator[FolderChannel]:
        """Yield this channel itself: a folder needs no connection."""
        yield self

    def _keep(self, frozen: Frozen) -> str:
        parsed = BytesParser(policy=policy.default).parsebytes(frozen.data)
        assert isinstance(parsed, EmailMessage)
        files = {".eml": frozen.data, ".txt": _readable(parsed), ".html": _part(parsed, "html")}
        self._folder.mkdir(parents=True, exist_ok=True)
        with _alone(self._folder):
            stem = self._stem_of(frozen.message_id) or self._new_stem(frozen, parsed)
            for suffix, content in files.items():
                path = self._folder / f"{stem}{suffix}"
                if not path.exists():
                    _write(path, content)
        return stem

    def _stem_of(self, message_id: str) -> str | None:
        """Return the name under which the message lies in the folder, if it does."""
        for path in sorted(self._folder.glob("*.eml")):
            if path.name not in self._seen:
                with path.open("rb") as file:
                    head = BytesParser(policy=policy.default).parse(file, headersonly=True)
                self._seen[path.name] = str(head["Message-ID"] or "").strip()
            if self._seen[path.name] == message_id:
                return path.stem
        return None

    def _new_stem(self, frozen: Frozen, parsed: EmailMessage) -> str:
        numbers = [
            int(path.name.partition("_")[0])
            for path in self._folder.glob("[0-9]*_*")
            if path.name.partition("_")[0].isdecimal()
        ]
        day: datetime = parsed["Date"].datetime
        recipient = _safe(frozen.recipient, r"[^a-z0-9.@+-]+")
        subject = _safe(str(parsed["Subject"]), r"[^a-z0-9]+") or "ohne-betreff"
        return f"{max(numbers, default=0) + 1:04}_{day:%Y-%m-%d}_{recipient}_{subject}"


def _safe(text: str, unsafe: str) -> str:
    """Return `text` in small ASCII letters that every file system takes."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_IN_ASCII))
    ascii_only = plain.encode("ascii", "ignore").decode("ascii")
    return re.sub(unsafe, "-", ascii_only)[:LONGEST_PART].strip("-.")


def _part(parsed: EmailMessage, subtype: str) -> bytes:
    body = parsed.get_body((subtype,))
    content = body.get_content() if body is not None else ""
    return str(content).replace("\r\n", "\n").encode("utf-8")


def _readable(parsed: EmailMessage) -> bytes:
    head = "".join(f"{name}: {parsed[name]}\n" for name in ("From", "To", "Date", "Subject"))
    return head.encode("utf-8") + b"\n" + _part(parsed, "plain")


def _write(path: Path, content: bytes) -> None:
    """Write so that the name appears only with the whole content, and survives a power cut."""
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)
    if sys.platform != "win32":
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other workers of this host out while a number is chosen and used.

    The lock ends with the process, however that ends. On Windows a training folder
    has one worker only.
    """
    with (folder / ".lock").open("ab") as lock:
        if sys.platform != "win32":
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
