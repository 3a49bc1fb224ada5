"""What stands before every page: headers on every answer, proof of origin, a limit of size.

`protect` puts it outside of everything else, so that the answer to an error, to a page that
is not there and to a crash has passed here too. A request that changes something must come
from our own pages: the browser says so (Sec-Fetch-Site or Origin), and the form carries
`_csrf`, which follows from the cookie and which no other site can know.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message as Headers
from html import escape
from typing import Any, cast
from urllib.parse import quote, urlsplit

from fastapi import FastAPI
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, QuerystringParser
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine import clock
from engine.errors import Text
from engine.services.accounts import csrf_of
from engine.web.refusals import refused

FIELD = "_csrf"
MAX_BODY = 64 * 1024 * 1024
"""Bytes of a request: several documents of the largest size at once."""

SOUGHT_IN = 64 * 1024
"""The token stands at the head of the form; further on it is not looked for."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_YEAR = 365 * 24 * 60 * 60
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
HEADERS: dict[str, str] = {
    "content-security-policy": _CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""What every answer carries."""

NO_STORE = "no-store"
HSTS = f"max-age={_YEAR}; includeSubDomains"

_TOO_LARGE = Text(
    "Das ist zu groß. Teilen Sie die Unterlagen auf mehrere Schritte auf.",
    "This is too large. Send the documents in several steps.",
)
_NOT_OURS = Text(
    "Dieses Formular gilt nicht mehr, meist weil die Sitzung inzwischen eine andere ist. "
    "Gehen Sie im Browser zurück, sichern Sie längere Texte, laden Sie die Seite neu und "
    "senden Sie noch einmal. Es ist nichts eingetragen worden.",
    "This form is no longer good, mostly because the session is another one by now. Go back in "
    "your browser, keep longer texts, reload the page and send again. Nothing was recorded.",
)
_BROKEN = Text("Das hat nicht geklappt.", "This did not work.")


def own_name(name: str, secure: bool) -> str:
    """Return the name of a cookie of ours; `__Host-` binds it to https and this host."""
    return f"__Host-{name}" if secure else name


def cookie_name(secure: bool) -> str:
    """Return the name of the session's cookie."""
    return own_name("sid", secure)


def set_session(response: Response, token: str, *, secure: bool) -> None:
    """Give a browser the token of its session, until the browser is closed."""
    response.headers.append("set-cookie", _cookie(token, secure=secure))


def drop_session(response: Response, *, secure: bool) -> None:
    """Take the token of its session away from a browser, and what it may have kept of it."""
    response.headers.append("set-cookie", _cookie("", secure=secure) + "; Max-Age=0")
    response.headers["clear-site-data"] = '"cache", "storage"'


def visit_name(secure: bool) -> str:
    """Return the name of the cookie of a visit by a personal link, which is no log-in."""
    return own_name("brief", secure)


def set_visit(response: Response, token: str, *, secure: bool) -> None:
    """Give a browser the token of the visit that a letter's link has opened, for an hour."""
    response.headers.append("set-cookie", _visit(token, 60 * 60, secure=secure))


def drop_visit(response: Response, *, secure: bool) -> None:
    """Take the token of a visit away from a browser."""
    response.headers.append("set-cookie", _visit("", 0, secure=secure))


def _visit(token: str, seconds: int, *, secure: bool) -> str:
    last = "; Secure" if secure else ""
    name = visit_name(secure)
    return f"{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{last}"


def _cookie(token: str, *, secure: bool) -> str:
    last = "; Secure" if secure else ""
    return f"{cookie_name(secure)}={token}; Path=/; HttpOnly; SameSite=Lax{last}"


def attachment(name: str, media: str) -> dict[str, str]:
    """Return the headers under which a document leaves: to be saved, never shown in place."""
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", name)[:100] or "dokument"
    return {
        "Content-Type": media,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def protect(web: FastAPI, *, secure: bool, max_body: int = MAX_BODY) -> None:
    """Put the guard outside of everything that answers, the handling of crashes too."""
    inner = web.build_middleware_stack

    def guarded() -> ASGIApp:
        return Guard(inner(), secure=secure, max_body=max_body)

    web.build_middleware_stack = guarded  # type: ignore[method-assign]


class Guard:
    """The outermost layer of the application."""

    def __init__(self, inner: ASGIApp, *, secure: bool, max_body: int = MAX_BODY) -> None:
        self._inner = inner
        self._secure = secure
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it before any handler knows of it."""
        if scope["type"] != "http":
            # Nothing of ours speaks anything else; the start and end of a server pass.
            if scope["type"] == "lifespan":
                await self._inner(scope, receive, send)
            return
        request = _Request(scope, cookie_name(self._secure))
        answer = _Answer(send, request, secure=self._secure)
        scope.setdefault("state", {})["csrf"] = request.csrf
        body = _Body(receive, self._max_body)
        if request.length > self._max_body:
            await answer.refuse(413, _TOO_LARGE)
            return
        if request.method not in SAFE and not (request.ours and await request.proved(body)):
            refused("form of another page", scope)
            await answer.refuse(
                413 if body.too_large else 403, _TOO_LARGE if body.too_large else _NOT_OURS
            )
            return
        answer.body = body
        await self._inner(scope, body.receive, answer.send)


class _Request:
    """What the guard wants to know of a request."""

    def __init__(self, scope: Scope, cookie: str) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self._headers = {k.lower(): v.decode("latin-1") for k, v in scope["headers"]}
        token: str = cookie_parser(self._header(b"cookie")).get(cookie, "")
        self.anonymous = "" if token else clock.token(64)
        """A fresh token for a browser that has none, so that its first form is bound to it."""
        self.csrf = csrf_of(token or self.anonymous)

    @property
    def length(self) -> int:
        """The length that the request claims to have."""
        said = self._header(b"content-length")
        return int(said) if said.isdecimal() else 0

    @property
    def ours(self) -> bool:
        """Whether the browser says that one of our own pages sent this."""
        site = self._header(b"sec-fetch-site")
        if site:
            return site in ("same-origin", "none")
        origin = self._header(b"origin")
        return bool(origin) and urlsplit(origin).netloc == self._header(b"host")

    async def proved(self, body: _Body) -> bool:
        """Whether the form carries the token that follows from the cookie."""
        media = self._header(b"content-type")
        found = await body.field(media)
        return found is not None and hmac.compare_digest(found.encode(), self.csrf.encode())

    def _header(self, name: bytes) -> str:
        found: str = self._headers.get(name, "")
        return found


class _Body:
    """The body of a request: its head is looked at, and then handed on with the rest."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._size = 0
        self._seen: list[Message] = []
        self.too_large = False

    async def receive(self) -> Message:
        """Return the next piece; what has been looked at comes first."""
        return self._seen.pop(0) if self._seen else await self._next()

    async def field(self, media: str) -> str | None:
        """Return the first value of the token's field, if it stands in the head of a form."""
        finder = _finder(media)
        if finder is None:
            return None
        looked_at = 0
        while True:
            message = await self._next()
            self._seen.append(message)
            piece = cast(bytes, message.get("body", b""))[: SOUGHT_IN - looked_at]
            looked_at += len(piece)
            more = bool(message.get("more_body", False))
            found = finder(piece, not more)
            if found is not None or not more or looked_at >= SOUGHT_IN or self.too_large:
                return found

    async def _next(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > self._most:
            self.too_large = True
            return {"type": "http.request", "body": b"", "more_body": False}
        return message


Finder = Callable[[bytes, bool], str | None]
"""Takes the next piece of a body, and whether it is the last; returns the value once known."""


def _finder(media: str) -> Finder | None:
    """Return what looks for the token in a form of this media type, None where it is no form."""
    said = Headers()
    said["content-type"] = media
    kind = said.get_content_type()
    if kind == "application/x-www-form-urlencoded":
        return _Search(QuerystringParser).feed
    boundary = said.get_param("boundary")
    if kind == "multipart/form-data" and isinstance(boundary, str) and boundary:
        return _Search(MultipartParser, boundary.encode("latin-1", "replace")).feed
    return None


class _Search:
    """Listens to a parser of forms until the field has passed."""

    def __init__(self, parser: Callable[..., Any], *arguments: Any) -> None:
        self._name = self._value = b""
        self._header = self._header_value = b""
        self._found: str | None = None
        multipart = parser is MultipartParser
        told = self._multipart() if multipart else self._urlencoded()
        self._parser = parser(*arguments, callbacks=told)

    def feed(self, piece: bytes, last: bool) -> str | None:
        """Take a piece and return the value once it is known."""
        try:
            self._parser.write(piece)
            if last:
                self._parser.finalize()
        except (FormParserError, ValueError):
            return None
        return self._found

    def _urlencoded(self) -> dict[str, Any]:
        return {
            "on_field_start": self._begin,
            "on_field_name": self._add_name,
            "on_field_data": self._add_value,
            "on_field_end": self._end,
        }

    def _multipart(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._begin,
            "on_header_begin": self._header_begin,
            "on_header_field": self._add_header,
            "on_header_value": self._add_header_value,
            "on_header_end": self._header_end,
            "on_part_data": self._add_value,
            "on_part_end": self._end,
        }

    def _begin(self) -> None:
        self._name = self._value = b""

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        if self._name == FIELD.encode() and len(self._value) < 200:
            self._value += data[start:end]

    def _end(self) -> None:
        if self._name == FIELD.encode() and self._found is None:
            self._found = self._value.decode("ascii", "replace")

    def _header_begin(self) -> None:
        self._header = self._header_value = b""

    def _add_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            said = Headers()
            said["content-disposition"] = self._header_value.decode("latin-1")
            name = said.get_param("name", header="content-disposition")
            plain = isinstance(name, str) and said.get_filename() is None
            self._name = cast(str, name).encode("latin-1", "replace") if plain else b""


@dataclass
class _Answer:
    """The answer on its way out."""

    _send: Send
    request: _Request
    secure: bool
    body: _Body | None = None
    _replaced: bool = False

    async def send(self, message: Message) -> None:
        """Send a piece on, its first with what every answer carries."""
        if message["type"] == "http.response.start":
            if self.body is not None and self.body.too_large:
                await self.refuse(413, _TOO_LARGE)
            elif _splits(message):
                await self.refuse(500, _BROKEN)
            else:
                await self._send({**message, "headers": self._headers(message)})
        elif not self._replaced:
            await self._send(message)

    async def refuse(self, status: int, text: Text) -> None:
        """Answer in place of the application, which says nothing more."""
        self._replaced = True
        page = _PAGE.format(de=escape(text.de), en=escape(text.en)).encode()
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(page)).encode()),
        ]
        start: Message = {"type": "http.response.start", "status": status, "headers": headers}
        await self._send({**start, "headers": self._headers(start)})
        body = b"" if self.request.method == "HEAD" else page
        await self._send({"type": "http.response.body", "body": body})

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        given = list(message.get("headers", ()))
        names = {name.lower() for name, _ in given}
        ours = dict(HEADERS)
        if self.secure:
            ours["strict-transport-security"] = HSTS
        static = self.request.path.startswith("/static/") and message["status"] == 200
        if not static:
            given = [row for row in given if row[0].lower() != b"cache-control"]
            ours["cache-control"] = NO_STORE
        if self.request.anonymous and not static and _is_page(given) and not self._sets_sid(given):
            cookie = _cookie(self.request.anonymous, secure=self.secure)
            given.append((b"set-cookie", cookie.encode()))
        # A page may say less than all others (a document in its sandbox), never nothing.
        more = (
            (k.encode(), v.encode())
            for k, v in ours.items()
            if k.encode() not in names or k == "cache-control"
        )
        return [*given, *more]

    def _sets_sid(self, given: list[tuple[bytes, bytes]]) -> bool:
        start = cookie_name(self.secure).encode() + b"="
        return any(n.lower() == b"set-cookie" and v.startswith(start) for n, v in given)


def _is_page(given: list[tuple[bytes, bytes]]) -> bool:
    return any(n.lower() == b"content-type" and v.startswith(b"text/html") for n, v in given)


def _splits(message: Message) -> bool:
    """Return whether a header would begin another one: what people typed must never do so."""
    return any(
        _CONTROL.search(name) or _CONTROL.search(value)
        for name, value in message.get("headers", ())
    )


_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_PAGE = """<!DOCTYPE html>
<html lang="de">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Rechtzeitig</title>
</head>
<body>
<main>
<h1>Rechtzeitig</h1>
<p>{de}</p>
<p lang="en">{en}</p>
<p><a href="/">Zur Startseite</a></p>
</main>
</body>
</html>
"""
