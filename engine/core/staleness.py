"""Rules that nobody has compared with their source for too long."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date

from engine.core.rules import RulePack
from engine.errors import Text

YEARS = 1


def stale(pack: RulePack, today: date) -> bool:
    """Return whether a pack was last compared with its source more than 12 months ago."""
    seen = pack.last_checked
    return seen is not None and _later(seen) < today


def stale_packs(packs: Iterable[RulePack], today: date) -> tuple[RulePack, ...]:
    """Return the packs that nobody has checked for more than 12 months."""
    return tuple(pack for pack in packs if stale(pack, today))


def stale_text(packs: Iterable[RulePack]) -> Text | None:
    """Return how many provisions of these packs want a new look, and in which; None for none."""
    rows = tuple(packs)
    count = sum(len(pack.provisions) for pack in rows)
    if count == 0:
        return None
    names = ", ".join(pack.id for pack in rows)
    de = "1 Wert ist" if count == 1 else f"{count} Werte sind"
    en = "1 value has" if count == 1 else f"{count} values have"
    return Text(
        f"{de} länger als 12 Monate nicht geprüft: {names}.",
        f"{en} not been checked for more than 12 months: {names}.",
    )


def _later(day: date) -> date:
    """Return the same day a year on; 29 February goes to 28 February (§ 188 (3) BGB)."""
    year = day.year + YEARS
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))
