"""Ten thousand deadlines, each found twice: by the engine and day by day from the norms' text.

Every tenth of a thousand has its own seed, so that a case that differs can be had again.
"""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from engine.core.deadlines import (
    Backward,
    Counting,
    Derivation,
    Period,
    Roll,
    Unit,
    agree,
    derive,
    extend,
    extend_to,
    pause,
    recompute,
    resume,
)
from engine.core.explanation import explain, sentence
from engine.core.planning import Stage, plan_backwards
from engine.core.wording import day_text
from engine.errors import Text
from tests.core.reference import (
    ONE_DAY,
    before_any_shift,
    brandenburg,
    easter,
    end_in_hours,
    end_of,
    extended,
    last_day,
    rested,
)
from tests.core.saying import BB, STATUTORY

SEEDS, EACH = range(100), 100
PAPER = brandenburg(range(1996, 2035), frozenset(BB.closures))
FIRST, LAST = date(2000, 1, 1), date(2030, 12, 31)
COUNTED = [unit for unit in Unit if unit is not Unit.HOUR]
LONGEST = {Unit.MONTH: 14, Unit.HALF_MONTH: 25, Unit.WEEK: 26}


def any_day(random: Random) -> date:
    """Return any day; one in four lies where months end, years end or the clocks change."""
    day = FIRST + timedelta(random.randrange((LAST - FIRST).days))
    if random.random() < 0.75:
        return day
    turns = [(1, 31), (2, 28), (3, 31), (10, 31), (12, 24), (12, 31)]
    month, number = random.choice(turns)
    near = random.choice([date(day.year, month, number), easter(day.year)])
    return near + timedelta(random.randint(-3, 3))


def any_period(random: Random) -> Period:
    """Return a period in days, weeks or months, mostly as short as statutes have them."""
    unit = random.choice(COUNTED)
    longest = LONGEST.get(unit, 60)
    return Period(random.choice([random.randint(1, 6), random.randint(1, longest)]), unit)


def any_bound(random: Random) -> Period | None:
    """Return a floor or a ceiling, or none, as most rules have none."""
    return any_period(random) if random.random() < 0.2 else None


def any_rule(random: Random) -> Counting:
    """Return a counting: forwards by event or by day start, or backwards, bounded or not."""
    backward = random.choice([None, None, *Backward])
    rolls = [None, None, Roll.NONE, Roll.PREVIOUS] + ([Roll.NEXT] if backward is None else [])
    return Counting(
        any_period(random),
        at_least=any_bound(random),
        at_most=any_bound(random),
        day_start=backward is None and random.random() < 0.4,
        roll=random.choice(rolls),
        backward=backward,
    )


def agrees(derived: Derivation, end: date) -> None:
    """Check a deadline against the day found on paper, and all that must follow from it."""
    assert derived.last_day == end, derived
    assert derived.ends_at == end_of(end)
    assert recompute(derived, BB) == derived
    steps = explain(derived, BB)
    assert (steps[-1].kind, steps[-1].day) == ("end", end), derived
    told, said = sentence(steps), day_text(end)
    assert said.de in steps[-1].text.de in told.de
    assert said.en in steps[-1].text.en in told.en


@pytest.mark.parametrize("seed", SEEDS)
def test_the_engine_counts_as_one_does_on_paper(seed: int) -> None:
    random = Random(seed)
    for _ in range(EACH):
        rule, event = any_rule(random), any_day(random)
        derived, end = derive(rule, event, BB), last_day(rule, event, PAPER)
        agrees(derived, end)
        shifts = [s for s in explain(derived, BB) if s.kind in ("shift", "shift_back")]
        assert bool(shifts) is (before_any_shift(rule, event, PAPER) != end), derived
        planned_and_run_forward_again(rule, event)
        if rule.backward is None and end >= event:
            lived_through(random, rule, event, derived, end)


def lived_through(random: Random, rule: Counting, event: date, now: Derivation, end: date) -> None:
    """Extend, agree on, pause and resume a deadline, in the engine and on paper, up to three times."""
    for _ in range(random.randint(0, 3)):
        on = end - timedelta(random.randint(0, min(9, (end - event).days)))
        change = random.choice(["by a period", "to a day", "agreed", "rest"])
        if change == "by a period":
            period = any_period(random)
            now, end = extend(now, period, on, BB), extended(rule, end, period, PAPER)
        elif change == "to a day":
            end += timedelta(random.randint(1, 30))
            now = extend_to(now, end, on)
        elif change == "agreed":
            end = on + timedelta(random.randint(0, 30))
            now = agree(now, end, on)
        else:
            again = on + timedelta(random.randint(0, 20))
            now = resume(pause(now, on), again, BB)
            end = rested(rule, event, end, (on, again), PAPER)
        agrees(now, end)


def planned_and_run_forward_again(rule: Counting, session: date) -> None:
    """Plan one leg back from a sitting, send it forward on paper, and see it meet the sitting."""
    leg = Stage("leg", rule, "Hauswert", Text("Teil", "leg"))
    begin = plan_backwards(session, [leg], BB).begin
    assert PAPER.is_arbeitstag(begin)
    later = begin + ONE_DAY
    while not PAPER.is_arbeitstag(later):
        later += ONE_DAY
    if rule.backward is None:
        assert last_day(rule, begin, PAPER) < session <= last_day(rule, later, PAPER)
    else:
        assert begin <= last_day(rule, session, PAPER) < later


def test_a_plan_in_several_legs_meets_the_sitting_when_sent_forward_on_paper() -> None:
    random = Random(2026)
    for _ in range(500):
        session = any_day(random)
        rules = [any_rule(random) for _ in range(random.randint(2, 4))]
        legs = [Stage("leg", rule, "Hauswert", Text("Teil", "leg")) for rule in rules]
        points = plan_backwards(session, legs, BB).points
        for rule, due, begun in zip(rules, points, points[1:], strict=False):
            if rule.backward is None:
                assert last_day(rule, begun.day, PAPER) <= due.day
            else:
                assert begun.day <= last_day(rule, due.day, PAPER)
        assert points[0].day == session


def test_hours_run_on_paper_as_in_the_engine() -> None:
    random = Random(31)
    for _ in range(500):
        day = any_day(random)
        begun = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
            minutes=random.randrange(24 * 60)
        )
        rule = Counting(
            Period(random.randint(1, 200), Unit.HOUR),
            at_least=any_bound(random),
            at_most=any_bound(random),
        )
        derived = derive(rule, begun, BB)
        assert derived.ends_at == end_in_hours(rule, begun, PAPER), derived
        assert recompute(derived, BB) == derived
        assert explain(derived, BB)[-1].day == derived.last_day


def test_the_calendar_lists_the_days_that_the_statute_names() -> None:
    """§ 2 I FTG, FT-1, FT-4."""
    ours = {day for day in STATUTORY.holidays if 2000 <= day.year <= 2030}
    assert ours == {day for day in PAPER.holidays if 2000 <= day.year <= 2030}


@pytest.mark.parametrize(
    ("year", "day"),
    [(1961, "04-02"), (2000, "04-23"), (2008, "03-23"), (2011, "04-24"), (2026, "04-05")],
)
def test_easter_falls_where_it_fell(year: int, day: str) -> None:
    assert easter(year) == date.fromisoformat(f"{year}-{day}")
