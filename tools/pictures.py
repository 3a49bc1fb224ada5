"""Take the README's pictures of the main screens from the demo county, in a real browser.

For maintainers: `python -m tools.pictures`. The days on the pictures are those of the day on
which they were taken.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from engine.app import open_app
from engine.cli.demo import play_demo
from engine.services.training_clock import TrainingClock
from engine.web import create_app
from tests.web.browser import CHROMIUM, FLAGS
from tests.web.county import County, serving

FOLDER = Path(__file__).parent.parent / "docs" / "pictures"
SHOTS = (
    ("eingang", "thiel", "/eingang", 900),
    ("vorgang", "thiel", "/vorhaben/V-2026-0002", 1500),
    (
        "rechnung",
        "thiel",
        "/vorhaben/V-2026-0002/frist/behinderung~anhoerung~1/stellungnahme/1",
        1100,
    ),
    ("lagebild", "neumann", "/lagebild", 1000),
)
"""Name of the picture, who looks, at which page, and how many pixels of it."""


def main() -> None:
    """Play the county, serve it, and photograph it."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "demo"
        play_demo(place)
        clock = TrainingClock(place)
        app = open_app(place, clock)
        county = County(app, create_app(app, demo=True, secure=False), clock, place)
        with serving(county), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
            for name, person, path, height in SHOTS:
                context = browser.new_context(
                    locale="de-DE", viewport={"width": 1280, "height": height}
                )
                _photograph(context.new_page(), county.url, person, path, FOLDER / f"{name}.png")
                context.close()
            browser.close()
        app.close()
        shutil.rmtree(place)


def _photograph(page: Page, url: str, person: str, path: str, file: Path) -> None:
    page.goto(f"{url}/uebung")
    page.click(f"button[data-person={person}]")
    page.goto(url + path)
    page.screenshot(path=file)
    sys.stdout.write(f"{file.name}\n")


if __name__ == "__main__":
    main()
