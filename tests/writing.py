"""Somebody who registers and informs without pause: FOLDER COUNT. A process of its own in tests."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from engine.app import open_app
from engine.core.calendar import BERLIN
from tests.installation import MONDAY, House, TurnedClock

if __name__ == "__main__":
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    clock = TurnedClock(datetime.now(BERLIN))
    clock.turn(MONDAY)
    house = House(open_app(folder, clock), clock, folder, folder / "Vorlage.txt")
    for n in range(count):
        case = house.register(title=f"Vorhaben {n}")
        house.take(case.number, "informieren", "weber", participation="integration")
        print(case.number, flush=True)
