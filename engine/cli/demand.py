"""`measure demand`: an office that was not asked demands to take part."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer

from engine.app import App, open_app
from engine.cli.console import HOME, AsJson, Data, emit_json, t
from engine.cli.fields import day_from, fields_from, pair_from
from engine.cli.measure import facts_from, one_of, stages_from
from engine.cli.options import SECRECY, Documents, Key, Municipality, Reference, Secrecy, WhyLate
from engine.cli.show import plain_file, print_file
from engine.cli.twins import hint_at_twins
from engine.core.case import Measure
from engine.core.meanings import OfficeMeans
from engine.core.workflow import Step
from engine.core.world import World
from engine.errors import InputError, Refused
from engine.services.cases import Deed, demand_participation, demanding_step, office_of, person_of
from engine.services.oparl_import import UNNAMED_KIND
from engine.services.reading import file_of, house_of


def demand(
    title: Annotated[str, typer.Option(help=t("Worum geht es?", "what is it about?"))],
    as_: Annotated[str, typer.Option("--as", help=t("wer handelt", "who acts"))],
    office: Annotated[
        str | None, typer.Option(help=t("für welche Stelle", "for which office"))
    ] = None,
    for_: Annotated[
        str | None,
        typer.Option(
            "--for",
            help=t("wessen schriftliches Verlangen erfasst wird", "whose demand is recorded"),
        ),
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help=t("Angabe: name=wert", "field: name=value"))
    ] = None,
    lead: Annotated[
        str | None,
        typer.Option(
            help=t(
                "federführende Stelle, wenn bekannt (sonst der Sitzungsdienst)",
                "lead department if known (else the council office)",
            )
        ),
    ] = None,
    reference: Reference = None,
    session: Annotated[
        list[str] | None,
        typer.Option(help=t("Sitzung: 'Gremium=JJJJ-MM-TT'", "sitting: 'body=YYYY-MM-DD'")),
    ] = None,
    fact: Annotated[
        list[str] | None,
        typer.Option(
            help=t(
                "Tatsache, die zutrifft (sonst der Belang der Stelle)",
                "a fact that holds (else the concern of the office)",
            )
        ),
    ] = None,
    municipality: Municipality = None,
    confidentiality: Secrecy = "public",
    document: Documents = None,
    on: Annotated[
        str | None, typer.Option(help=t("Tag, an dem sie es verlangte", "day of the demand"))
    ] = None,
    why_late: WhyLate = None,
    key: Key = None,
    data: Data = HOME,
    as_json: AsJson = False,
) -> None:
    app = open_app(data)
    world = house_of(app)
    deed = Deed(
        step="",
        person=as_,
        office=office or office_of(world, person_of(world, as_)),
        files=tuple(pair_from(d) for d in document or []),
        happened_on=None if on is None else day_from(on),
        reason=why_late,
        key=key,
    )
    step = demanding_step(world, deed)
    named = _office_field(step)
    _check_own(app, named)
    demanding = deed.office if named is None else for_
    place = municipality or next(iter(world.municipalities))
    measure = Measure(
        title=title,
        kind=UNNAMED_KIND,
        origin="administration",
        lead=lead or _council_office(world),
        municipality=place,
        facts=facts_from(world, place, fact or _concern(world, demanding), rest=False),
        stages=stages_from(session or []),
        confidentiality=one_of("--confidentiality", confidentiality, SECRECY),
        reference=reference,
    )
    hint_at_twins(app, measure, key)
    fields = fields_from(step.takes, set_ or [], [], []) | _named(named, for_)
    case = demand_participation(app, measure, replace(deed, fields=fields))
    file = file_of(app, case.number)
    emit_json(plain_file(file)) if as_json else print_file(file)


def _office_field(step: Step) -> str | None:
    """Return the field in which a step names the office whose demand it records, or None."""
    return next((f.name for f in step.takes if f.type == "office"), None)


def _named(field: str | None, office: str | None) -> dict[str, Any]:
    return {} if field is None or office is None else {field: office}


def _check_own(app: App, named: str | None) -> None:
    """Refuse the commissioner's own act outside of training: only her log-in shows it is she."""
    if named is None and not app.training:
        raise Refused(
            "Beteiligung verlangt allein die Stelle selbst, nicht über die Kommandozeile. Liegt "
            "ihr Verlangen auf Papier vor, erfasst es der Sitzungsdienst: measure demand --for "
            "STELLE --document urkunde=DATEI.",
            "Only the office itself demands to take part, and not from the command line. A "
            "demand on paper is recorded by the council office: measure demand --for OFFICE "
            "--document urkunde=FILE.",
        )


def _concern(world: World, office: str | None) -> list[str]:
    """Return the fact that touches the field of the demanding office, if it has one."""
    concern = None if office is None else world.roster.office(office).concern
    return [] if concern is None else [concern]


def _council_office(world: World) -> str:
    for office in world.roster.offices.values():
        if world.roster.means(office.id) is OfficeMeans.COUNCIL_OFFICE:
            return office.id
    raise InputError(
        "Es gibt keinen Sitzungsdienst, der das Verlangen weitergäbe: Nennen Sie mit --lead die "
        "federführende Stelle.",
        "There is no council office to pass the demand on: name the lead department with --lead.",
    )
