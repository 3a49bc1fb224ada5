"""Fetches the pages of OParl lists: from files, or from a server page by page."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from pathlib import Path

import httpx2

from engine.errors import InputError
from engine.oparl.pages import Page, page
from engine.oparl.server import Server, address

MOST_PAGES = 10_000


def pages(source: str | Path) -> Iterator[Page]:
    """Yield the pages of a folder, a file or an http(s) address; InputError says what fails."""
    if isinstance(source, str) and source.lower().startswith(("http://", "https://")):
        return _web_pages(address(source))
    return _file_pages(Path(source))


def _file_pages(path: Path) -> Iterator[Page]:
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise InputError(
            f"{path}: Der Ordner enthält keine Datei mit der Endung .json. Erwartet werden etwa "
            "papers.json, meetings.json und organizations.json.",
            f"{path}: The folder holds no file ending in .json. Expected are papers.json, "
            "meetings.json and organizations.json or the like.",
        )
    for file in files:
        yield page(_bytes(file), file.name)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as failure:
        raise InputError(
            f"{file}: Die Datei lässt sich nicht lesen ({failure.strerror}). Bitte den Pfad prüfen.",
            f"{file}: The file cannot be read ({failure.strerror}). Please check the path.",
        ) from failure


def _web_pages(home: httpx2.URL) -> Iterator[Page]:
    """Yield every page of the list at `home`, or of the lists of a body or system there.

    A list is read to its end before the next one begins. No page is asked for twice.
    """
    with Server(home) as server:
        ahead = deque([(home, 0)])
        seen = {home}
        while ahead:
            url, before = ahead.popleft()
            found = page(server.content(url), str(url), before)
            yield found
            lists = dict.fromkeys(server.linked(url, link) for link in found.lists)
            ahead.extend((each, 0) for each in lists if each not in seen)
            seen.update(lists)
            if found.following:
                following = _once(server.linked(url, found.following), seen)
                ahead.appendleft((following, found.read))


def _once(url: httpx2.URL, seen: set[httpx2.URL]) -> httpx2.URL:
    """Return `url` and remember it; a list that leads back to itself would never end."""
    if url in seen or len(seen) >= MOST_PAGES:
        raise InputError(
            f"{url}: Die Liste führt im Kreis oder hat mehr als {MOST_PAGES} Seiten; es wurde "
            "nichts übernommen. Bitte den Betreiber auf `links.next` hinweisen.",
            f"{url}: The list runs in a circle or has more than {MOST_PAGES} pages; nothing was "
            "taken over. Please point its operator to `links.next`.",
        )
    seen.add(url)
    return url
