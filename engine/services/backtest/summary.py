"""The figures of a backtest: how many papers came in time, counted in several ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from statistics import median
from typing import Any

from engine.errors import Text
from engine.oparl import Origin, Remark
from engine.services.backtest.report import BacktestReport, PaperReport

LEAST_CASES = 5
FEW = Text("weniger als fünf Fälle", "fewer than five cases")
"""The group of all departments with fewer own papers: in a small unit, figures on papers
would be figures on a person."""

UNNAMED = Text("ohne Angabe", "not given")

NOTES = (
    Text(
        "Hierarchien sind nicht veröffentlicht: alle Ämter stehen unter einem angenommenen "
        "Dezernat und dieses unter der Verwaltungsleitung.",
        "Hierarchies are not published: all departments stand below one assumed Dezernat, and "
        "that below the head of administration.",
    ),
    Text(
        "Angenommen ist, dass eine Beauftragte zu jeder Vorlage zu hören ist, am Tag der Anlage "
        "vollständig informiert wird und schweigt.",
        "Assumed is that one commissioner is to be heard on every paper, is informed completely "
        "on the day of its creation, and keeps silent.",
    ),
    Text(
        "Der Rückwärtsplan verlangt nur, dass die gesetzte Frist vor dem Tag des ersten Gremiums "
        "endet; Zeit für die Würdigung und einen Vorlagenschluss kennt er hier nicht.",
        "The backward plan asks only that the period given ends before the day of the first "
        "body; it knows no time for weighing and no closing date for papers here.",
    ),
    Text(
        "Jede Entscheidung ist als Beschluss gespielt; ob die Sitzung vertagt oder verwiesen "
        "hat, sagt nur der veröffentlichte Wortlaut des Ergebnisses.",
        "Every decision is played as a resolution; whether the meeting adjourned or referred the "
        "matter, only the published words of its result tell.",
    ),
)
"""What a reader of the figures must know about how they came about."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Figures on some papers; `unknown` are those without a day to compare.

    `not_possible` counts papers with no full working day between creation and decision.
    The median and the maximum lateness are in working days, over the late papers alone.
    """

    papers: int
    in_time: int
    late: int
    unknown: int
    not_possible: int
    created_after_decision: int
    findings: int
    escalations: int
    median_lateness: float | None
    most_lateness: int | None

    @property
    def share(self) -> float | None:
        """Return how many of the papers that can be compared came in time, from 0 to 1."""
        known = self.in_time + self.late
        return self.in_time / known if known else None


class Summary:
    """The figures of a report, each group counted when it is asked for."""

    def __init__(self, report: BacktestReport) -> None:
        self._report = report

    @cached_property
    def all(self) -> Tally:
        """The figures on all papers."""
        return tally(self._report.measures)

    @cached_property
    def by_kind(self) -> dict[str, Tally]:
        """The figures by paper type as published, the most frequent first."""
        return _grouped(self._report.measures, lambda p: p.record.kind or UNNAMED.de)

    @cached_property
    def by_origin(self) -> dict[str, Tally]:
        """The figures by who brought the paper in."""
        return _grouped(self._report.measures, lambda p: p.record.origin.value)

    @cached_property
    def by_department(self) -> dict[str, Tally]:
        """The figures by department, over the administration's own papers alone."""
        own = [p for p in self._report.measures if p.record.origin is Origin.ADMINISTRATION]
        cases = Counter(p.charged_to for p in own)

        def name(paper: PaperReport) -> str:
            enough = cases[paper.charged_to] >= LEAST_CASES
            return (paper.charged_to or UNNAMED.de) if enough else FEW.de

        return _grouped(own, name)

    @cached_property
    def by_month(self) -> dict[str, Tally]:
        """The figures by the month of the decision, in order of time."""
        dated = [p for p in self._report.measures if p.record.decision is not None]
        return dict(sorted(_grouped(dated, lambda p: f"{p.record.decision:%Y-%m}").items()))

    @cached_property
    def findings(self) -> Counter[str]:
        """How many findings there would have been, by kind."""
        return Counter(f for p in self._report.measures if p.played for f in p.played.findings)

    @cached_property
    def escalations(self) -> Counter[tuple[str, str]]:
        """How many escalations there would have been, by letter and kind of office."""
        played = [p.played for p in self._report.measures if p.played]
        return Counter((e.letter, e.to) for p in played for e in p.escalations)

    @cached_property
    def lateness(self) -> dict[int, int]:
        """How many papers were late by how many working days, in ascending order."""
        late = Counter(p.too_late_by for p in self._report.measures if p.too_late_by is not None)
        return dict(sorted(late.items()))

    @cached_property
    def remarks(self) -> Counter[Remark]:
        """How many of the papers have which irregularity."""
        return Counter(r for p in self._report.measures for r in p.record.remarks)

    @cached_property
    def results(self) -> Counter[str]:
        """What was published as the result of the earliest decision, in its own words."""
        return Counter(r for p in self._report.measures for r in p.decision_results)


def tally(papers: Iterable[PaperReport]) -> Tally:
    """Return the figures on these papers."""
    rows = list(papers)
    lateness = [p.too_late_by for p in rows if p.too_late_by is not None]
    played = [p.played for p in rows if p.played]
    return Tally(
        papers=len(rows),
        in_time=sum(p.in_time is True for p in rows),
        late=sum(p.in_time is False for p in rows),
        unknown=sum(p.in_time is None for p in rows),
        not_possible=sum(p.possible is False for p in rows),
        created_after_decision=sum(p.after_decision for p in rows),
        findings=sum(len(p.findings) for p in played),
        escalations=sum(len(p.escalations) for p in played),
        median_lateness=median(lateness) if lateness else None,
        most_lateness=max(lateness, default=None),
    )


def _grouped(papers: Iterable[PaperReport], name: Callable[[PaperReport], str]) -> dict[str, Tally]:
    groups: dict[str, list[PaperReport]] = {}
    for paper in papers:
        groups.setdefault(name(paper), []).append(paper)
    largest = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {title: tally(rows) for title, rows in largest}


def as_plain(report: BacktestReport) -> dict[str, Any]:
    """Return the report in values for JSON: `measures`, one a paper, and the `summary`."""
    return {
        "measures": [_plain_measure(paper) for paper in report.measures],
        "summary": _plain_summary(report),
    }


def _plain_measure(paper: PaperReport) -> dict[str, Any]:
    record, played = paper.record, paper.played
    return {
        "id": record.id,
        "reference": record.reference,
        "title": record.title,
        "kind": record.kind,
        "origin": record.origin.value,
        "department": record.department,
        "charged_to": paper.charged_to,
        "created": _iso(record.created),
        "first_body": _iso(record.first_body),
        "decision": _iso(record.decision),
        "decisions": [_iso(day) for day in record.decisions],
        "decision_result": "; ".join(paper.decision_results) or None,
        "latest_day": _iso(paper.latest_day),
        "in_time": paper.in_time,
        "too_late_by": paper.too_late_by,
        "possible": paper.possible,
        "statement_ended": _iso(played.statement_ended) if played else None,
        "settled_at_decision": played.settled if played else None,
        "state_at_decision": played.state if played else None,
        "findings": list(played.findings) if played else [],
        "escalations": [
            {"letter": e.letter, "to": e.to, "day": _iso(e.day)}
            for e in (played.escalations if played else ())
        ],
        "letters": played.letters if played else 0,
        "remarks": [remark.value for remark in record.remarks],
        "problem": _plain_text(paper.problem) if paper.problem else None,
    }


def _plain_summary(report: BacktestReport) -> dict[str, Any]:
    figures = Summary(report)
    total = figures.all
    return {
        "lead": _plain_text(report.lead),
        "calendar": report.calendar,
        "papers": len(report.records.papers),
        "with_decision": total.papers,
        "in_time": total.in_time,
        "late": total.late,
        "unknown": total.unknown,
        "share_in_time": _rounded(total.share),
        "not_possible": total.not_possible,
        "created_after_decision": total.created_after_decision,
        "several_decisions": figures.remarks[Remark.SEVERAL_DECISIONS],
        "moved": figures.remarks[Remark.MOVED],
        "findings": total.findings,
        "escalations": total.escalations,
        "findings_by_kind": dict(figures.findings.most_common()),
        "escalations_by_letter": [
            {"letter": letter, "to": to, "count": count}
            for (letter, to), count in figures.escalations.most_common()
        ],
        "too_late_by": {
            "median": total.median_lateness,
            "max": total.most_lateness,
            "papers_by_working_days": {str(k): v for k, v in figures.lateness.items()},
        },
        "by_kind": _plain_groups(figures.by_kind),
        "by_origin": _plain_groups(figures.by_origin),
        "by_department": _plain_groups(figures.by_department),
        "by_month": _plain_groups(figures.by_month),
        "decision_results": dict(figures.results.most_common()),
        "remarks": {remark.value: count for remark, count in figures.remarks.most_common()},
        "problems": [{"place": p.place, **_plain_text(p.text)} for p in report.records.problems]
        + [{"place": p.record.id, **_plain_text(p.problem)} for p in report.measures if p.problem],
        "notes": [_plain_text(note) for note in NOTES],
    }


def _plain_groups(groups: Mapping[str, Tally]) -> dict[str, dict[str, Any]]:
    return {
        name: {**asdict(figures), "share_in_time": _rounded(figures.share)}
        for name, figures in groups.items()
    }


def _plain_text(text: Text) -> dict[str, str]:
    return {"de": text.de, "en": text.en}


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
