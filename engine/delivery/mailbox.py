"""A mailbox of the house, opened for as long as it is read (IMAP)."""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from engine.app import App
from engine.config_mail import Imap
from engine.errors import Text
from engine.store.errors import Unavailable

_SECONDS = 20


@contextmanager
def mailbox(
    app: App, imap: Imap, name: Text, setting: str, *, readonly: bool = False
) -> Iterator[imaplib.IMAP4]:
    """Open the mailbox of that name; Unavailable names the setting where it cannot be read."""
    place = f"IMAP {imap.host}:{imap.port}"
    try:
        box = _connected(app, imap)
        try:
            _log_in(box, imap.user, _password(app, imap))
            answer, said = box.select(_named(imap.folder), readonly)
            if answer != "OK":
                raise imaplib.IMAP4.error(said)
            yield box
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                box.logout()
    except (OSError, UnicodeError, imaplib.IMAP4.error) as error:
        raise Unavailable(
            f"{place}: {name.de} lässt sich nicht lesen ({error}). Prüfen Sie {setting} in "
            "config.yaml.",
            f"{place}: {name.en} cannot be read ({error}). Check {setting} in config.yaml.",
        ) from error


def unseen(box: imaplib.IMAP4, most: int) -> list[str]:
    """Return the numbers of so many mails that nobody has looked at."""
    _, found = box.uid("SEARCH", "UNSEEN")
    return found[0].decode("ascii").split()[:most] if found and found[0] else []


def fetched(box: imaplib.IMAP4, number: str, most: int) -> bytes:
    """Return the first bytes of a mail, which stays as it was."""
    _, parts = box.uid("FETCH", number, f"(BODY.PEEK[]<0.{most}>)")
    return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")


def mark_seen(box: imaplib.IMAP4, number: str) -> None:
    """Mark a mail as looked at."""
    box.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)")


def holds(box: imaplib.IMAP4, message_id: str) -> bool:
    """Return whether a mail of that Message-ID lies in a mailbox."""
    answer, found = box.uid("SEARCH", "HEADER", "Message-ID", f'"{message_id}"')
    if answer != "OK":
        raise imaplib.IMAP4.error(found)
    return bool(found and found[0])


def _connected(app: App, imap: Imap) -> imaplib.IMAP4:
    if imap.tls == "off":
        return imaplib.IMAP4(imap.host, imap.port, timeout=_SECONDS)
    authorities = None if imap.ca_file is None else app.config.path(imap.ca_file)
    context = ssl.create_default_context(cafile=authorities)
    if imap.tls == "implicit":
        return imaplib.IMAP4_SSL(imap.host, imap.port, ssl_context=context, timeout=_SECONDS)
    box = imaplib.IMAP4(imap.host, imap.port, timeout=_SECONDS)
    box.starttls(context)
    return box


def _password(app: App, imap: Imap) -> str:
    return app.config.path(imap.password_file).read_text("utf-8").strip()


def _log_in(box: imaplib.IMAP4, user: str, password: str) -> None:
    """Say who we are; LOGIN takes nothing but ASCII, PLAIN takes UTF-8 (RFC 4616)."""
    if f"{user}{password}".isascii():
        box.login(user, password)
    else:
        box.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())


def _named(folder: str) -> str:
    """Return a folder's name as servers know it: in modified UTF-7, quoted (RFC 3501, 5.1.3).

    >>> _named("Rückläufer & Co")
    '"R&APw-ckl&AOQ-ufer &- Co"'
    """
    said = re.sub(r"&|[^\x20-\x7e]+", _shifted, folder)
    escaped = re.sub(r'(["\\])', r"\\\1", said)
    return f'"{escaped}"'


def _shifted(found: re.Match[str]) -> str:
    text = found[0].encode("utf-16-be")
    code = base64.b64encode(text, altchars=b"+,").decode("ascii").rstrip("=")
    return "&-" if found[0] == "&" else f"&{code}-"
