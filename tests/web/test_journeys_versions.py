"""An administrator puts a new version in force and moves what runs, by keyboard alone.

As in test_journeys_house; here each walk has a county of its own, since the versions stay changed.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from engine.services.versions import versions
from tests.versioned import next_version
from tests.web.county import County, serving
from tests.web.keyboard import ADMINISTRATION
from tests.web.test_admin import PLAN
from tests.web.test_journeys import BOTH, at_keyboard
from tests.web.test_journeys_house import reload_until


@BOTH
def test_an_administrator_activates_a_version_and_moves_what_runs(
    browser: Browser, county: County, tmp_path: Path, script: bool
) -> None:
    new, plan = tmp_path / "anhoerung.yaml", tmp_path / "umzug.yaml"
    new.write_bytes(next_version())
    plan.write_bytes(PLAN)
    with serving(county), at_keyboard(browser, county, ADMINISTRATION, script) as hands:
        hands.press("Verwaltung")
        hands.press("Abläufe und Regeln")
        hands.give("Definition", new)
        hands.give("Umzugsplan dazu", plan)
        hands.press("Prüfen", key="Space")
        reload_until(hands, "Übungen und Nachweis sind bestanden")
        hands.sees("100 % der Übergänge", "Laufende Verfahren nach älteren Fassungen")
        hands.press("Aktivieren", key="Space")
        hands.sees("In Kraft: anhoerung")

        hands.give("Umzugsplan", plan, "Laufende Verfahren umstellen")
        hands.press("Probelauf", key="Space")
        hands.sees("Noch ist nichts umgestellt.", "Was umzieht", "unterrichtet")
        before = {v.version: v.running for v in versions(county.app, "anhoerung")}
        hands.press("Umstellen", key="Space")
        hands.sees("Umgestellt: ", "Jeder Umzug steht im Protokoll.")
        after = {v.version: v.running for v in versions(county.app, "anhoerung")}
    assert sum(after.values()) == sum(before.values())
    assert after != before
