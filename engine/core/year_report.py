"""The year of an office that is heard, in figures: each of them the list of lines it counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from engine.core.answered import RESPONSES, Happening, Statement, happenings, statements
from engine.core.case import Case, DeadlineStatus, Entry
from engine.core.meanings import StepMeans
from engine.core.timeliness import Sort, sort_of
from engine.core.world import World
from engine.errors import Text

FOLLOWED = {
    "followed": Text("gefolgt", "followed"),
    "partly": Text("teilweise gefolgt", "followed in part"),
    "not_followed": Text("nicht gefolgt", "not followed"),
    "": Text("noch nicht gewürdigt", "not weighed yet"),
}

_M = StepMeans
_TITLES: dict[StepMeans, Text] = {
    _M.EARLY_INFORMATION: Text("vorab informiert", "told in advance"),
    _M.INFORMATION: Text("vollständig informiert", "informed in full"),
    _M.MATERIAL_CHANGE: Text("zu einer neuen Fassung angehört", "heard on a new version"),
    _M.DEMAND: Text("Beteiligung selbst verlangt", "demanded to take part"),
    _M.STATEMENT: Text("Stellungnahmen", "statements"),
    _M.SUPPLEMENT: Text("Ergänzungen", "supplements"),
    _M.QUERY: Text("Rückfragen", "queries"),
    _M.INCOMPLETE: Text("Unterlagen als unvollständig zurückgegeben", "documents incomplete"),
    _M.MORE_TIME: Text("mehr Zeit verlangt", "more time asked for"),
    _M.NOT_CONCERNED: Text("nicht berührt", "not concerned"),
    _M.WAIVER: Text("im Einzelfall verzichtet", "waived in a single case"),
    _M.WAIVER_WITHDRAWN: Text("Verzicht zurückgenommen", "waiver withdrawn"),
    _M.LAPSE: Text("Frist ohne Stellungnahme abgelaufen", "period ended without a statement"),
    _M.CONSENT: Text("Zustimmung erteilt", "consented"),
    _M.REFUSAL: Text("Zustimmung verweigert", "consent refused"),
    _M.OBJECTION: Text("Widerspruch erhoben", "objected"),
    _M.REFERRAL: Text("an die Vertretung gewandt", "turned to the council"),
}
_BROUGHT = (_M.EARLY_INFORMATION, _M.INFORMATION, _M.MATERIAL_CHANGE, _M.DEMAND)
_KEPT, _MISSED = "met", "lapsed"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file that a figure counts."""

    number: str
    line: int
    day: date
    title: str
    lead: str
    kind: str
    confidential: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the report, and everything that it counts."""

    key: str
    title: Text
    rows: tuple[Row, ...]

    @property
    def count(self) -> int:
        """The number itself."""
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a year, in groups; `statements` are those filed in it."""

    year: int
    groups: tuple[tuple[Text, tuple[Figure, ...]], ...]
    statements: tuple[Statement, ...]

    def figure(self, key: str) -> Figure | None:
        """Return the figure of that key, or None."""
        return next((f for _, figures in self.groups for f in figures if f.key == key), None)

    def responses(self, of: str) -> list[tuple[str, dict[str, int]]]:
        """Return how the points fared by the `lead` or the `kind` of their measures."""
        found: dict[str, dict[str, int]] = {}
        for response in RESPONSES:
            figure = self.figure(f"point.{response}")
            for row in () if figure is None else figure.rows:
                name = str(getattr(row, of))
                counts = found.setdefault(name, dict.fromkeys(RESPONSES, 0))
                counts[response] += 1
        return sorted(found.items())


def report(
    year: int, files: Iterable[tuple[Case, Sequence[Entry]]], world: World, offices: Iterable[str]
) -> Report:
    """Return the report of a year over the files in which these offices take part."""
    mine = frozenset(offices)
    steps: list[Happening] = []
    said: list[Statement] = []
    periods: list[tuple[str, str, Row]] = []
    for case, lines in files:
        steps += [h for h in happenings(case, lines, world, mine) if h.office in mine]
        said += statements(case, lines, world, mine)
        periods += _periods(case, lines, world, mine)
    steps = [h for h in steps if h.on.year == year]
    said = [s for s in said if s.said.on.year == year]
    periods = [p for p in periods if p[2].day.year == year]
    groups = (
        (Text("Was an Sie herangetragen wurde", "What came to you"), tuple(_by_means(steps, True))),
        (Text("Was Sie getan haben", "What you did"), tuple(_by_means(steps, False))),
        (Text("Ergebnis der Stellungnahmen", "Results of statements"), tuple(_results(said))),
        (Text("Fristen", "Periods"), tuple(_timeliness(said, periods))),
        (Text("Was aus den Punkten wurde", "What became of the points"), tuple(_points(said))),
    )
    return Report(year, groups, tuple(said))


def _by_means(steps: list[Happening], brought: bool) -> Iterator[Figure]:
    for means, title in _TITLES.items():
        if (means in _BROUGHT) is brought:
            rows = tuple(_row(h) for h in steps if h.step.means is means)
            yield Figure(f"step.{means.value}", title, rows)


def _results(said: list[Statement]) -> Iterator[Figure]:
    titles = {s.said.result: s.said.result_title for s in said if s.said.result is not None}
    for result, title in sorted(titles.items(), key=lambda row: str(row[0])):
        rows = tuple(_row(s.said) for s in said if s.said.result == result)
        yield Figure(f"result.{result}", title or Text(str(result), str(result)), rows)


def _timeliness(said: list[Statement], periods: list[tuple[str, str, Row]]) -> Iterator[Figure]:
    for status, de, en in (
        (_KEPT, "rechtzeitig informiert", "informed in time"),
        (_MISSED, "verspätet informiert", "informed late"),
    ):
        rows = tuple(r for sort, now, r in periods if sort == Sort.INFORMATION and now == status)
        yield Figure(f"information.{status}", Text(de, en), rows)
    for late, de, en in (
        (False, "Stellungnahme in der Frist", "statement in time"),
        (True, "Stellungnahme nach Fristablauf", "statement after the period"),
    ):
        rows = tuple(_row(s.said) for s in said if s.late is late)
        yield Figure(f"statement.{'late' if late else 'timely'}", Text(de, en), rows)


def _points(said: list[Statement]) -> Iterator[Figure]:
    for response, title in FOLLOWED.items():
        rows = tuple(_row(s.said) for s in said for p in s.points if p.response == response)
        yield Figure(f"point.{response or 'open'}", title, rows)


def _row(h: Happening) -> Row:
    return _of(h.case, h.line, h.on)


def _of(case: Case, line: int, day: date) -> Row:
    m = case.measure
    return Row(case.number, line, day, m.title, m.lead, m.kind, case.confidential)


def _periods(
    case: Case, lines: Sequence[Entry], world: World, offices: frozenset[str]
) -> Iterator[tuple[str, str, Row]]:
    """Yield each period to inform these offices that has ended: its sort, how, and where."""
    held = {p.key: p for p in case.participations if p.office in offices}
    ended: dict[tuple[str, str], tuple[str, str, Row]] = {}
    for number, line in enumerate(lines, start=1):
        for key, name, _, _, status in line.plain.get("deadlines", ()):
            p = held.get(key)
            if (
                p is None
                or sort_of(world.library.workflow(p.workflow), name) is not Sort.INFORMATION
            ):
                continue
            if status in (DeadlineStatus.MET.value, DeadlineStatus.LAPSED.value):
                row = (Sort.INFORMATION.value, status, _of(case, number, line.happened_on))
                ended.setdefault((key, name), row)
    yield from ended.values()
