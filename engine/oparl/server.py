"""Asks an OParl server: on one host only, patiently where it is busy, within bounds.

The address is one that an operator typed. Everything else the server names (next pages,
the lists of a body, redirects) is followed only on the same host, so that no record can
send this program anywhere else in the network of the administration.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Self

import httpx2

from engine.errors import InputError

TIMEOUT = 30.0
MOST_BYTES = 100 * 1024 * 1024
MOST_REDIRECTS = 5
BUSY = frozenset({429, 503})
TRIES = 5
LONGEST_WAIT = 60.0
PORTS = {"http": 80, "https": 443}
HEADERS = {"Accept": "application/json", "User-Agent": "rechtzeitig"}


class Server:
    """The server at the address `home`; closed at the end of a `with`."""

    def __init__(self, home: httpx2.URL) -> None:
        self._home = home
        self._client = httpx2.Client(timeout=TIMEOUT, headers=HEADERS, follow_redirects=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def content(self, url: httpx2.URL) -> bytes:
        """Return the body of a successful answer, through at most five redirects."""
        target = url
        for _ in range(MOST_REDIRECTS + 1):
            content, location = self._answer_in_time(target)
            if location is None:
                return content
            target = self.linked(target, location)
        raise InputError(
            f"{url}: Der Server leitet mehr als {MOST_REDIRECTS}-mal um. Bitte die Adresse prüfen.",
            f"{url}: The server redirects more than {MOST_REDIRECTS} times. Please check the "
            "address.",
        )

    def linked(self, page: httpx2.URL, link: str) -> httpx2.URL:
        """Return the address that `link` on `page` names, if it is one of the same host."""
        try:
            url = page.join(link).copy_with(fragment=None)
        except httpx2.InvalidURL as failure:
            raise _no_address(link) from failure
        if self._is_home(url):
            return url
        raise InputError(
            f"{page}: Der Server verweist auf {url}. Gefolgt wird nur auf demselben Server und "
            "nie von https zu http. Liegen die Daten dort, bitte diese Adresse selbst angeben.",
            f"{page}: The server points to {url}. Links are followed on the same server only, "
            "and never from https to http. If the records lie there, please give that address.",
        )

    def _is_home(self, url: httpx2.URL) -> bool:
        home = self._home
        if url.scheme not in PORTS or url.host != home.host or url.userinfo:
            return False
        made_safe = home.scheme == "http" and url.scheme == "https"
        return made_safe or (url.scheme == home.scheme and _port(url) == _port(home))

    def _answer_in_time(self, url: httpx2.URL) -> tuple[bytes, str | None]:
        """Return the first answer that is not "busy", asking five times at most."""
        for attempt in range(1, TRIES + 1):
            try:
                with self._client.stream("GET", url) as response:
                    if response.status_code not in BUSY or attempt == TRIES:
                        return _answer(response)
                    pause = wait(response.headers, attempt)
            except httpx2.HTTPError as failure:
                raise InputError(
                    f"{url}: Der Server ist nicht erreichbar oder bricht ab ({failure}). Bitte "
                    "Adresse, Netz und Proxy prüfen.",
                    f"{url}: The server cannot be reached or breaks off ({failure}). Please "
                    "check address, network and proxy.",
                ) from failure
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")


def address(typed: str) -> httpx2.URL:
    """Return the address that an operator typed; it may not carry a password."""
    try:
        url = httpx2.URL(typed)
    except httpx2.InvalidURL as failure:
        raise _no_address(typed) from failure
    if not url.host or url.userinfo:
        raise _no_address(typed)
    return url.copy_with(fragment=None)


def wait(headers: Mapping[str, str], attempt: int) -> float:
    """Return the seconds to wait after a busy answer (RFC 9110, section 10.2.3), at most 60.

    A date in `Retry-After` counts from the server's own `Date`, so no clock is needed.
    Without a legible wish it is 1, 2, 4, 8 seconds.

    >>> wait({"retry-after": "7"}, 1), wait({"retry-after": "86400"}, 1), wait({}, 3)
    (7.0, 60.0, 4.0)
    """
    wish = headers.get("retry-after", "").strip()
    try:
        if wish.isdecimal():
            seconds = float(wish)
        else:
            until, sent = (parsedate_to_datetime(h) for h in (wish, headers.get("date", "")))
            seconds = (until - sent).total_seconds()
    except (ValueError, TypeError):
        seconds = 2.0 ** (attempt - 1)
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _answer(response: httpx2.Response) -> tuple[bytes, str | None]:
    """Return the body of a successful answer, or where a redirect leads."""
    if response.has_redirect_location:
        return b"", response.headers["location"]
    if response.status_code != httpx2.codes.OK:
        raise InputError(
            f"{response.url}: Der Server antwortet mit {response.status_code} "
            f"{response.reason_phrase}. Bitte die Adresse prüfen oder es später noch einmal "
            "versuchen.",
            f"{response.url}: The server answers {response.status_code} "
            f"{response.reason_phrase}. Please check the address or try again later.",
        )
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MOST_BYTES:
            raise InputError(
                f"{response.url}: Die Seite ist größer als {MOST_BYTES // 2**20} MiB und wird "
                "nicht gelesen. Bitte den Betreiber um kleinere Seiten bitten.",
                f"{response.url}: The page is larger than {MOST_BYTES // 2**20} MiB and is not "
                "read. Please ask its operator for smaller pages.",
            )
    return bytes(content), None


def _port(url: httpx2.URL) -> int:
    return url.port or PORTS[url.scheme]


def _no_address(text: str) -> InputError:
    shown = text.rpartition("@")[2]
    return InputError(
        f"{shown}: Das ist keine Adresse wie https://ris.example.org/oparl/bodies/1 "
        "(ohne Kennung und Passwort; OParl ist öffentlich).",
        f"{shown}: This is no address such as https://ris.example.org/oparl/bodies/1 "
        "(without user and password; OParl is public).",
    )
