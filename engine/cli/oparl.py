"""`rechtzeitig backtest oparl`: what a lead would have meant for papers that were published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer
from rich import box
from rich.progress import Progress
from rich.table import Table

from engine import shipped
from engine.cli.console import console, emit_json, errors, say, t
from engine.cli.deadline import calendar_named
from engine.core.calendar import Calendar
from engine.core.periods import Period
from engine.definitions.library import compile_all, offered
from engine.errors import Text
from engine.oparl import Origin, Records, read
from engine.services.backtest import (
    FEW,
    NOTES,
    UNNAMED,
    BacktestReport,
    Summary,
    Tally,
    as_plain,
    play,
)

ORIGINS = {
    Origin.ADMINISTRATION: Text("Verwaltung", "administration"),
    Origin.FRACTION: Text("Fraktion", "Fraktion"),
    Origin.AMENDMENT: Text("Änderungsantrag", "amendment"),
    Origin.OTHER: Text("andere", "other"),
}
SPOKEN: Mapping[str, Text] = {
    **{origin.value: words for origin, words in ORIGINS.items()},
    FEW.de: FEW,
    UNNAMED.de: UNNAMED,
}
"""Names of groups that are not published words."""

LEGEND = Text(
    "Um Tage: Arbeitstage nach dem letzten rechtzeitigen Tag, Median und Höchstwert der zu "
    "späten Vorlagen. Ohne Frist: kein voller Arbeitstag zwischen Anlage und Entscheidung.",
    "By days: working days after the last day in time, median and maximum over the late papers. "
    "No period: no full working day between creation and decision.",
)

MOST_PROBLEMS = 10


def backtest(
    source: Annotated[
        str,
        typer.Argument(
            help=t("Ordner, Datei oder Adresse (OParl 1.1)", "folder, file or address (OParl 1.1)")
        ),
    ],
    calendar: Annotated[
        str, typer.Option(help=t("Kalender oder Land", "calendar or Land, such as BW"))
    ] = "BB",
    lead: Annotated[
        str,
        typer.Option(help=t("volle Zeit vor der Entscheidung", "time in full before the decision")),
    ] = "20 working days",
    as_json: Annotated[
        bool, typer.Option("--json", help=t("als JSON ausgeben", "print JSON"))
    ] = False,
) -> None:
    """Play published papers through the procedure / Veröffentlichte Vorlagen nachspielen."""
    days, period = calendar_named(calendar), Period.parse(lead)
    with Progress(console=errors, transient=True, disable=as_json) as progress:
        records = _read(source, progress)
        report = _played(records, days, period, progress)
    if as_json:
        emit_json(as_plain(report))
    else:
        _show(report)


def _read(source: str, progress: Progress) -> Records:
    task = progress.add_task(t("Lesen", "Reading"), total=None)
    records = read(
        source, progress=lambda done, total: progress.update(task, completed=done, total=total)
    )
    progress.update(task, completed=1, total=1)
    return records


def _played(
    records: Records, calendar: Calendar, lead: Period, progress: Progress
) -> BacktestReport:
    definitions = compile_all(offered(shipped.workflows(), shipped.rules()))
    task = progress.add_task(t("Nachspielen", "Playing"), total=None)
    return play(
        records,
        calendar,
        lead,
        definitions.library,
        definitions.kinds,
        progress=lambda done, total: progress.update(task, completed=done, total=total),
    )


def _show(report: BacktestReport) -> None:
    figures = Summary(report)
    console.print(_totals(report, figures))
    for title, groups in (
        (t("Nach Einbringer", "By origin"), figures.by_origin),
        (t("Nach Art der Vorlage", "By kind of paper"), figures.by_kind),
        (
            t("Nach Amt (nur eigene Vorlagen)", "By department (own papers only)"),
            figures.by_department,
        ),
        (t("Nach Monat der Entscheidung", "By month of the decision"), figures.by_month),
    ):
        console.print(_groups(title, groups))
    _show_remarks(report, figures)
    for note in (LEGEND, *NOTES):
        console.print(say(note), style="dim")


def _totals(report: BacktestReport, figures: Summary) -> Table:
    total = figures.all
    title = t(
        f"Rückblick: {report.lead.de} vor der Entscheidung, Kalender {report.calendar}",
        f"Backtest: {report.lead.en} before the decision, calendar {report.calendar}",
    )
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for words, count in (
        (t("Vorlagen gelesen", "papers read"), len(report.records.papers)),
        (t("davon zur Entscheidung", "of these to be decided"), total.papers),
        (t("rechtzeitig", "in time"), f"{total.in_time} ({_share(total)})"),
        (t("zu spät", "too late"), total.late),
        (t("nicht vergleichbar", "cannot be compared"), total.unknown),
        (
            t(
                "zu spät um Arbeitstage (Median / höchstens)",
                "late by working days (median / most)",
            ),
            _lateness(total),
        ),
        (t("keine Stellungnahmefrist möglich", "no statement period possible"), total.not_possible),
        (
            t("nach der Entscheidung angelegt", "created after the decision"),
            total.created_after_decision,
        ),
        *_counted(t("Feststellung", "finding"), figures.findings),
        *_counted(
            t("Eskalation", "escalation"),
            {f"{letter} → {to}": count for (letter, to), count in figures.escalations.items()},
        ),
    ):
        table.add_row(words, str(count))
    return table


def _counted(what: str, counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(f"{what}: {name}", count) for name, count in counts.items()]


def _groups(title: str, groups: Mapping[str, Tally]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    table.add_column("", overflow="fold")
    for heading in (
        t("Vor-\nlagen", "papers"),
        t("recht-\nzeitig", "in\ntime"),
        t("Anteil", "share"),
        t("zu\nspät", "too\nlate"),
        t("um\nTage", "by\ndays"),
        t("ohne\nFrist", "no\nperiod"),
        t("Fest-\nstell.", "find-\nings"),
        t("Eska-\nlation", "escal-\nations"),
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, tally in groups.items():
        counts = (tally.papers, tally.in_time, _share(tally), tally.late, _lateness(tally))
        rest = (tally.not_possible, tally.findings, tally.escalations)
        shown = say(SPOKEN[name]) if name in SPOKEN else name
        table.add_row(shown, *(str(value) for value in (*counts, *rest)))
    return table


def _share(tally: Tally) -> str:
    return "–" if tally.share is None else f"{100 * tally.share:.0f} %"


def _lateness(tally: Tally) -> str:
    if tally.median_lateness is None:
        return "–"
    middle = f"{tally.median_lateness:g}"
    return f"{t(middle.replace('.', ','), middle)} / {tally.most_lateness}"


def _show_remarks(report: BacktestReport, figures: Summary) -> None:
    """Print what is odd about the records, and the first of what could not be used."""
    for remark, count in figures.remarks.most_common():
        console.print(f"{count} × {say(remark.text)}")
    problems = [f"{p.place}: {say(p.text)}" for p in report.records.problems]
    problems += [f"{p.record.id}: {say(p.problem)}" for p in report.measures if p.problem]
    for problem in problems[:MOST_PROBLEMS]:
        errors.print(problem, markup=False)
    if len(problems) > MOST_PROBLEMS:
        more = len(problems) - MOST_PROBLEMS
        errors.print(t(f"… und {more} weitere (--json)", f"… and {more} more (--json)"))
