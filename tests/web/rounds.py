"""Somebody goes through every page that she can reach by links, and remembers what she saw.

A page kind is what a route can look like: the fewest of its pages on which every element, class
and state that any of its pages shows can be seen. Those few go before a browser; new routes and
new parts of old ones join by themselves.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urlencode, urljoin, urlsplit

from fastapi import FastAPI
from httpx2 import Response
from starlette.routing import Match
from starlette.testclient import TestClient

ELSEWHERE = ("http://", "https://", "mailto:", "data:")
NOT_FOLLOWED = re.compile(r"/sprache/")
"""A choice of language is a link that changes how all else looks; it has its own round."""

LEFT_ALONE = frozenset(
    {"/abmelden", "/konto/sitzungen", "/uebung", "/uebung/zeit", "/konto/sprache"}
)
"""Forms that end the session in which the round is made, or turn it into another one."""

OF_A_KIND = 12
"""Pages of a route, with the same parameters, that one person opens: lists of many are alike."""


@dataclass(frozen=True)
class Form:
    """A form of a page: where it is sent, and its fields as they stand."""

    action: str
    method: str
    fields: tuple[tuple[str, str], ...]

    @property
    def asks(self) -> bool:
        """Whether it only asks for a page."""
        return self.method == "get"


@dataclass(frozen=True)
class Seen:
    """A page that somebody has seen; `links` with their fragments, `parts` as they look."""

    person: str
    path: str
    route: str
    status: int
    html: str = field(default="", repr=False)
    links: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    forms: tuple[Form, ...] = ()


class Reader(HTMLParser):
    """Reads links, ids, forms and parts out of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.ids: set[str] = set()
        self.parts: set[str] = set()
        self.forms: list[Form] = []
        self._fields: list[tuple[str, str]] | None = None
        self._form = ("", "get")
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element."""
        has = {name: value or "" for name, value in attrs}
        self._part(tag, has)
        if "id" in has:
            self.ids.add(has["id"])
        for name in ("href", "src"):
            if name in has:
                self.links.add(has[name])
        if tag == "form":
            self._form = (has.get("action", ""), has.get("method", "get").lower())
            self._fields = []
        elif self._fields is not None:
            self._field(tag, has, self._fields)

    def _field(self, tag: str, has: dict[str, str], fields: list[tuple[str, str]]) -> None:
        ticked = has.get("type") not in ("checkbox", "radio", "file", "submit") or "checked" in has
        if tag == "select":
            self._select = has.get("name", "")
        elif tag == "option" and self._select:
            chosen = [name for name, _ in fields]
            if self._select not in chosen:
                fields.append((self._select, has.get("value", "")))
            elif "selected" in has:
                fields[chosen.index(self._select)] = (self._select, has.get("value", ""))
        elif (tag == "textarea" or (tag == "input" and ticked)) and "name" in has:
            fields.append((has["name"], has.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """Take note of the end of a form."""
        if tag == "form" and self._fields is not None:
            self.forms.append(Form(*self._form, tuple(self._fields)))
            self._fields = None

    def _part(self, tag: str, has: dict[str, str]) -> None:
        kind = has.get("type", "")
        states = (n for n in ("disabled", "checked", "open", "hidden", "required") if n in has)
        names = sorted({*has.get("class", "").split(), *states, has.get("role", "")})
        self.parts.update(f"{tag}[{kind}].{name}" for name in names)


def read(person: str, path: str, route: str, status: int, html: str) -> Seen:
    """Return a page as somebody saw it."""
    reader = Reader()
    reader.feed(html)
    return Seen(
        person,
        path,
        route,
        status,
        html,
        frozenset(urljoin(path, link) for link in reader.links if not link.startswith(ELSEWHERE)),
        frozenset(reader.ids),
        frozenset(reader.parts),
        tuple(reader.forms),
    )


def route_of(web: FastAPI, path: str, method: str = "GET") -> str:
    """Return the route that answers at an address."""
    scope = {"type": "http", "method": method, "path": urlsplit(path).path, "root_path": ""}
    for route in web.routes:
        if route.matches({**scope, "headers": []})[0] is Match.FULL:
            return str(getattr(route, "path", ""))
    return ""


def round_of(web: FastAPI, client: TestClient, person: str, *starts: str) -> Iterator[Seen]:
    """Yield every page that somebody reaches from some addresses, each once."""
    todo, known = deque(starts), set(starts)
    opened: dict[tuple[str, ...], int] = {}
    while todo:
        path = todo.popleft()
        kind = _kind(web, path)
        opened[kind] = opened.get(kind, 0) + 1
        if opened[kind] > OF_A_KIND:
            continue
        answer = client.get(path)
        page = shown(answer)
        seen = read(person, path, kind[0], answer.status_code, page)
        yield seen
        ahead = {answer.headers["location"]} if "location" in answer.headers else set()
        ahead |= {f"{form.action}?{urlencode(form.fields)}" for form in seen.forms if form.asks}
        for link in sorted({urldefrag(link).url for link in seen.links | ahead} - known):
            if link.startswith("/") and not NOT_FOLLOWED.match(link):
                known.add(link)
                todo.append(link)


def answers(web: FastAPI, client: TestClient, pages: Iterable[Seen]) -> Iterator[Seen]:
    """Send each form of somebody's pages as it stands, one of a kind; yield what is answered.

    A preview that comes of it is opened as well. Sessions and days are left as they are.
    """
    known: set[tuple[str, ...]] = set()
    for page in pages:
        for form in page.forms:
            route = route_of(web, urljoin(page.path, form.action), "POST")
            kind = (route, *sorted({name for name, _ in form.fields}))
            if form.asks or kind in known or route in LEFT_ALONE:
                continue
            known.add(kind)
            yield from _sent(web, client, page, form, route)


def _sent(web: FastAPI, client: TestClient, page: Seen, form: Form, route: str) -> Iterator[Seen]:
    fields: dict[str, list[str]] = {}
    for name, value in form.fields:
        fields.setdefault(name, []).append(value)
    answer = client.post(urljoin(page.path, form.action), data=fields)
    yield read(page.person, page.path, f"POST {route}", answer.status_code, shown(answer))
    ahead = answer.headers.get("location", "")
    if ahead.startswith("/"):
        next_ = client.get(ahead)
        yield read(page.person, ahead, route_of(web, ahead), next_.status_code, shown(next_))


def shown(answer: Response) -> str:
    """Return the page that a browser shows; nothing for what is saved as a file."""
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    saved = answer.headers.get("content-disposition", "").startswith("attachment")
    return answer.text if is_page and not saved else ""


def _kind(web: FastAPI, path: str) -> tuple[str, ...]:
    names = {name for name, _ in parse_qsl(urlsplit(path).query)}
    return route_of(web, path), *sorted(names)


def kinds(pages: Iterable[Seen]) -> list[Seen]:
    """Return so few pages that every part that a route ever shows is on one of them."""
    by_route: dict[str, list[Seen]] = {}
    for page in pages:
        by_route.setdefault(page.route, []).append(page)
    return [page for same in by_route.values() for page in _cover(same)]


def _cover(pages: list[Seen]) -> Iterator[Seen]:
    shown: frozenset[str] = frozenset()
    while True:
        best = max(pages, key=lambda page: len(page.parts - shown))
        if not best.parts - shown:
            return
        shown |= best.parts
        yield best
