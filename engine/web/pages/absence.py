"""Absences: entered by oneself, with what they leave undone said before they stand."""

from __future__ import annotations

from datetime import date

from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.core.absences import Gap
from engine.core.calendar import ONE_DAY
from engine.core.offices import Absence, Tenure
from engine.core.wording import day_text
from engine.errors import EngineError, InputError, Text
from engine.services import absences
from engine.services.absences import Outlook
from engine.web.access import Action
from engine.web.desk import AtDesk, Desk, Sent
from engine.web.forms import day_given
from engine.web.pages.received import in_place_of
from engine.web.routes import Pages

pages = Pages()

FROM, TO = Text("von", "from"), Text("bis", "to")


@pages.get("/abwesenheit", Action.ABSENCE)
def show(desk: AtDesk) -> Response:
    """Show the visitor's absences, who stands in for her, and for whom she does."""
    return _page(desk, {})


@pages.post("/abwesenheit", Action.ABSENCE)
def enter(desk: AtDesk, sent: Sent) -> Response:
    """Enter an absence; where it leaves something undone, that is said first."""
    try:
        absence = _absence(desk, sent)
        outlook = absences.outlook(desk.app, absence)
        if outlook.warns and "trotzdem" not in sent:
            return _page(desk, sent, outlook=outlook)
        absences.enter(desk.app, absence, desk.me.person)
    except EngineError as error:
        return _page(desk, sent, error=error.text)
    first, last = day_text(absence.since), day_text(absence.until)
    said = Text(
        f"Eingetragen: abwesend vom {first.de} bis {last.de}.",
        f"Entered: absent from {first.en} to {last.en}.",
    )
    return desk.back("/abwesenheit", said)


@pages.post("/abwesenheit/{since}/ende", Action.ABSENCE)
def end(desk: AtDesk, sent: Sent, since: date) -> Response:
    """Let an absence end on another day, or at once, or take it back before it has begun."""
    try:
        if "jetzt" in sent:
            until = desk.world.today - ONE_DAY
        else:
            until = day_given(str(sent.get("bis", "")).strip(), TO)
        absences.end(desk.app, desk.me.person, since, until, desk.me.person)
    except EngineError as error:
        return _page(desk, {}, error=error.text)
    return desk.back(
        "/abwesenheit", Text("Die Abwesenheit ist geändert.", "The absence is changed.")
    )


def _absence(desk: Desk, sent: FormData) -> Absence:
    raw = [str(sent.get(name, "")).strip() for name in ("von", "bis")]
    if not all(raw):
        raise InputError(
            "Geben Sie den ersten und den letzten Tag an.", "Give the first and the last day."
        )
    return Absence(desk.me.person, day_given(raw[0], FROM), day_given(raw[1], TO))


def _page(
    desk: Desk,
    sent: FormData | dict[str, str],
    *,
    outlook: Outlook | None = None,
    error: Text | None = None,
) -> Response:
    rows = absences.absences_of(desk.app, desk.me.person)
    return desk.render(
        "commissioner/absence.html",
        200 if error is None else 422,
        rows=[(row, _warnings(row)) for row in rows],
        told=error,
        sent=sent,
        outlook=outlook,
        warnings=[] if outlook is None else _warnings(outlook),
        deputies=_deputies(desk),
        places=in_place_of(desk, desk.acting.offices),
        today=desk.world.today,
    )


def _deputies(desk: Desk) -> list[tuple[str, list[str]]]:
    """Return the visitor's own offices with those appointed to stand in, by name."""
    roster, today = desk.world.roster, desk.world.today
    own = [t for t in roster.tenures if t.person == desk.me.person and _held(t, today)]
    return [
        (
            roster.office(t.office).name,
            [roster.name(d.person) for d in roster.holders(t.office, today) if d.deputy],
        )
        for t in own
    ]


def _held(tenure: Tenure, today: date) -> bool:
    return not tenure.deputy and tenure.covers(today)


def _warnings(outlook: Outlook) -> list[Text]:
    """Return what an absence leaves undone, one sentence each."""
    found = []
    count = len(outlook.ends)
    if count:
        numbers = ", ".join(dict.fromkeys(o.case.number for o in outlook.ends))
        what = ("1 Frist", "1 period") if count == 1 else (f"{count} Fristen", f"{count} periods")
        verb = ("endet", "ends") if count == 1 else ("enden", "end")
        found.append(
            Text(
                f"In dieser Zeit {verb[0]} {what[0]} ({numbers}).",
                f"In this time {what[1]} {verb[1]} ({numbers}).",
            )
        )
    found += [_gap(gap) for gap in outlook.gaps]
    return found


def _gap(gap: Gap) -> Text:
    days = len(gap.days)
    de = f"{days} Arbeitstag{'e' if days != 1 else ''} ohne Vertretung"
    en = f"{days} working day{'s' if days != 1 else ''} without a deputy"
    if not gap.deputies:
        why = Text(
            f"{gap.office.name}: Es ist keine Vertretung bestellt.",
            f"{gap.office.name}: no deputy is appointed.",
        )
    else:
        why = _away(gap)
    return Text(f"{why.de} {de} – bitte klären.", f"{why.en} {en} – please settle this.")


def _away(gap: Gap) -> Text:
    names = {p.uid: p.name for p in gap.deputies}
    said = [
        (names[a.person], day_text(a.since), day_text(a.until))
        for a in gap.away
        if a.person in names
    ]
    if not said:
        both = ", ".join(names.values())
        return Text(
            f"{gap.office.name}: {both} ist nicht die ganze Zeit bestellt.",
            f"{gap.office.name}: {both} is not appointed for the whole time.",
        )
    de = "; ".join(f"{n} ist vom {a.de} bis {b.de} ebenfalls abwesend" for n, a, b in said)
    en = "; ".join(f"{n} is away as well from {a.en} to {b.en}" for n, a, b in said)
    return Text(f"{de}.", f"{en}.")
