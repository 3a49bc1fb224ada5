"""A real browser for tests of pages: Chromium as Debian ships it, in Berlin and in German.

`browser` is started once a module, `tab` opens a clean window in it and remembers whatever
the page complained about, `axe` asks the accessibility engine. A test module or conftest
imports the fixtures it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response, sync_playwright

T = TypeVar("T")

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
WIDE, NARROW = 1280, 320
"""The widths in pixels at which every page is looked at; 320 is 1280 at a zoom of 400 %."""

NORMS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "EN-301-549")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


def apart(deed: Callable[[], T]) -> T:
    """Return what a deed returns that needs an event loop of its own, such as delivering mail.

    While a browser is open its loop runs in this thread, and Python allows no second one. For
    the same reason no browser outlives its module.
    """
    with ThreadPoolExecutor(1) as other:
        return other.submit(deed).result()


@dataclass
class Tab:
    """A window with one page, and what went wrong in it."""

    page: Page
    problems: list[str] = field(default_factory=list)

    def watch(self) -> None:
        """Remember messages of the console, errors of scripts, and what could not be loaded."""
        self.page.on("console", lambda m: self._note(m.text) if m.type != "log" else None)
        self.page.on("pageerror", lambda e: self._note(str(e)))
        self.page.on("response", self._answered)

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self._note(f"{response.status} {response.url}")

    def _note(self, words: str) -> None:
        self.problems.append(words)


@contextmanager
def tab(
    browser: Browser,
    *,
    width: int = WIDE,
    dark: bool = False,
    script: bool = True,
    forced: bool = False,
    calm: bool = False,
    **context: Any,
) -> Iterator[Tab]:
    """Open a clean window: its width, dark or light, with a script or without, forced colours,
    reduced motion; whatever else Playwright's contexts know, such as `base_url`."""
    made = browser.new_context(
        locale="de-DE",
        timezone_id="Europe/Berlin",
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
        forced_colors="active" if forced else "none",
        reduced_motion="reduce" if calm else "no-preference",
        **context,
    )
    try:
        opened = Tab(made.new_page())
        opened.watch()
        yield opened
    finally:
        made.close()


def axe(page: Page) -> list[str]:
    """Return what violates WCAG 2.2 AA, EN 301 549 or good practice, one line for each place.

    Asked again of the same page, the engine that it has loaded answers.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(Axe().axe_script)
    only = {"type": "tag", "values": list(NORMS)}
    options = {"runOnly": only, "resultTypes": ["violations"]}
    found = page.evaluate("async o => (await axe.run(document, o)).violations", options)
    return [
        f"{rule['id']}: {node['target']} – {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> int:
    """Return by how many pixels the page is wider than its window; nobody scrolls sideways."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return max(wide, 0)
