"""Somebody at a keyboard without a mouse: whatever she uses she reaches by Tab, and sees where she is.

Everything is found by the words that a screen reader would begin with, and whatever is reached
has to show that it has the focus. What leads to another page waits for that page. Only one thing
is beyond a test: the dialogue of the operating system in which a file is chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Download, Page, expect

ADMINISTRATION = "Verwaltung der Anwendung"
"""What the demo calls whoever administers; she holds no office."""

SKIP = "Zum Inhalt springen"

MOST_TABS = 200
"""How often Tab is pressed before a thing counts as out of reach."""

FOCUS = r"""() => {
  const e = document.activeElement;
  if (!e || e === document.body || e.tagName === "MAIN") return null;
  const label = e.labels && e.labels.length ? e.labels[0].innerText : "";
  const name = label || e.getAttribute("aria-label") || e.innerText || e.value || "";
  const around = [e.closest("fieldset, tr, li, article, section")];
  for (let f = e.closest("fieldset"); f; f = f.parentElement.closest("fieldset"))
    around.push(f.querySelector("legend"));
  const { outlineStyle, outlineWidth } = getComputedStyle(e);
  const { top, bottom } = e.getBoundingClientRect();
  return {
    name: name.trim(), field: label !== "", type: e.type || "", value: e.value || "",
    about: around.map(one => one ? one.innerText : "").join("\n"),
    shown: outlineStyle !== "none" && parseFloat(outlineWidth) > 0
      && bottom > 0 && top < window.innerHeight,
  };
}"""
"""What has the focus: its name, what stands around it, and whether the focus can be seen."""


@dataclass
class Keyboard:
    """Hands at the keyboard before a page."""

    page: Page

    def enter(self, person: str) -> None:
        """Sign in as one of the demo's people, by her name."""
        self.page.goto("/uebung")
        self.press(person)

    # Where the hands are

    def at(self) -> dict[str, Any]:
        """Return what has the focus; nothing where that is the page itself."""
        found: dict[str, Any] | None = self.page.evaluate(FOCUS)
        return found or {"name": "", "field": False, "about": "", "type": "", "shown": True}

    def reach(self, words: str, within: str = "", *, field: bool = False) -> None:
        """Tab on to what is called so, or begins so; `within` stands in the same row or part.

        `field` asks for something to fill in.
        """

        def wanted(found: dict[str, Any]) -> bool:
            called = found["name"].startswith(words) and within in found["about"]
            return called and (found["field"] or not field)

        self._tab_to(wanted, words)

    def _tab_to(self, wanted: Callable[[dict[str, Any]], bool], words: str) -> None:
        if not self.at()["name"] and not self._in_header(words):
            self._skip()
        met: list[str] = []
        for _ in range(MOST_TABS):
            found = self.at()
            if wanted(found):
                assert found["shown"], f"nobody sees that {words!r} has the focus"
                return
            met.append(found["name"].partition("\n")[0])
            self.page.keyboard.press("Tab")
        known = ", ".join(dict.fromkeys(met))
        raise AssertionError(f"Tab never reaches {words!r} on {self.page.url}, only: {known}")

    def _in_header(self, words: str) -> bool:
        above = self.page.locator("header a, header button").all_inner_texts()
        return any(told.strip().startswith(words) for told in above)

    def _skip(self) -> None:
        """Leave out what stands above every page, as its first link is there for.

        Whoever has used it keeps it in the address, so that the next page may begin below.
        """
        self.page.keyboard.press("Tab")
        if self.at()["name"] == SKIP:
            self.page.keyboard.press("Enter")

    # What leads to another page

    def press(self, words: str, within: str = "", key: str = "Enter") -> None:
        """Follow a link or send a form; the page that it leads to is there."""
        self.reach(words, within)
        with self.leaving():
            self.page.keyboard.press(key)

    def leaving(self) -> AbstractContextManager[Any]:
        """Wait for another page until the block is left."""
        return self.page.expect_navigation()

    def fetch(self, words: str) -> Download:
        """Return what a link or a button has the browser save."""
        self.reach(words)
        with self.page.expect_download() as saved:
            self.page.keyboard.press("Enter")
        return saved.value

    # What stays on the page

    def unfold(self, summary: str) -> None:
        """Open what a summary hides."""
        self.reach(summary)
        self.page.keyboard.press("Enter")

    def write(self, label: str, words: str) -> None:
        """Type words into a field, in place of those that stand there."""
        self.reach(label, field=True)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(words)

    def write_day(self, label: str, day: date) -> None:
        """Type a day, in whichever order this browser writes its parts."""
        self.reach(label, field=True)
        for written in (f"{day:%d%m%Y}", f"{day:%m%d%Y}"):
            self.page.keyboard.type(written)
            if self.at()["value"] == day.isoformat():
                return
            for _ in range(2):
                self.page.keyboard.press("ArrowLeft")
        raise AssertionError(f"{day} cannot be typed into {label!r}")

    def choose(self, label: str, option: str, within: str = "") -> None:
        """Choose in a list by the first letters of an option."""
        self.reach(label, within, field=True)
        self.page.keyboard.type(option)
        chosen = self.page.evaluate("document.activeElement.selectedOptions[0].label")
        assert chosen.startswith(option), f"{label!r} shows {chosen!r} instead of {option!r}"

    def pick(self, answer: str, question: str = "") -> None:
        """Give one of the answers to a question: a stop of Tab, and from there by arrows."""

        def asked(found: dict[str, Any]) -> bool:
            about = found["about"]
            return found["type"] == "radio" and answer in about and question in about

        self._tab_to(asked, f"{question} {answer}")
        self.page.keyboard.press("Space")
        for _ in range(MOST_TABS):
            if self.at()["name"].startswith(answer):
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {answer!r}")

    def tick(self, label: str) -> None:
        """Tick a box."""
        self.reach(label, field=True)
        self.page.keyboard.press("Space")

    def give(self, label: str, file: Path, within: str = "") -> None:
        """Hand over a file at its field."""
        self.reach(label, within, field=True)
        self.page.locator("input:focus").set_input_files(file)

    # What stands there

    def sees(self, *said: str) -> None:
        """Hold that the page says so, as soon as it is there."""
        for words in said:
            expect(self.page.locator("body")).to_contain_text(words)
