"""Everybody of the demo county, and a measure of every sort that she is near to or far from.

The same county twice: in one of them the integration commissioner is away, so that her deputy
acts. Whoever holds an office that the demo does not know joins by being written into its table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from starlette.testclient import TestClient

from engine.core.calendar import local_day
from engine.core.case import Case, Measure, Stage
from engine.core.offices import Absence
from engine.core.visibility import NON_PUBLIC, PERSONNEL, PUBLIC, Actor, actor
from engine.services import absences, accounts
from engine.services.accounts import Signed, Visitor
from engine.services.cases import Deed, register_measure
from engine.services.legal import readers
from engine.services.legal.readers import Wanted
from engine.services.reading import house_of
from engine.store.cases import Filter
from engine.web.views import url_key
from tests.web.county import County, county_in, token_in
from tests.web.test_escalated import referred

SORTS = (PUBLIC, NON_PUBLIC, PERSONNEL)
LEAD, TAKES_PART, CONCERN = "weber", "yilmaz", "betrifft_integration"
NOBODY, ADMINISTRATOR = "nobody", "administrator"
READER, EMERGENCY = "reader", "emergency"
"""Somebody from outside to whom the measures that are no personnel matter are opened, extracts
too; and an administrator who has the one that is not public open by emergency access."""

PASSWORD = "sieben Stühle im Flur"
WORDS = "Ein Satz, der nur mir gehört"


@dataclass(frozen=True)
class Town:
    """A county with a measure of each sort."""

    county: County
    cases: dict[str, Case]
    brought: str = ""
    """The number of a measure that the commissioner has brought before the council."""

    def actor(self, person: str) -> Actor | None:
        """Return who asks, by the first part of her address."""
        if person == NOBODY:
            return None
        world = house_of(self.county.app)
        if person == ADMINISTRATOR:
            return actor(world.roster, "", world.today, administrator=True)
        if person in (READER, EMERGENCY):
            grants = frozenset(g for one in self.visitor(person).grants for g in one.opens)
            admin = person == EMERGENCY
            return actor(world.roster, "", world.today, administrator=admin, grants=grants)
        return actor(world.roster, self.county.uid(person), world.today)

    def client(self, person: str) -> TestClient:
        """Return a client signed in as somebody, or as nobody."""
        if person not in (READER, EMERGENCY):
            return self.county.client(None if person == NOBODY else person)
        client = self.county.client()
        client.cookies.set("sid", self.signed(person).token)
        return client

    def signed(self, person: str) -> Signed:
        """Sign somebody in who reads by a grant."""
        app, here = self.county.app, {"address": "127.0.0.1", "agent": "test"}
        if person == EMERGENCY:
            return accounts.enter_demo(app, EMERGENCY, **here)
        return accounts.sign_in(app, LOOKS_IN, PASSWORD, **here)

    def visitor(self, person: str) -> Visitor:
        """Return somebody who reads by a grant, as she has just signed in."""
        visitor = self.signed(person).visitor
        assert visitor is not None
        return visitor

    def all_cases(self) -> list[Case]:
        """Return every measure of the county."""
        with self.county.app.database.read() as store:
            return [store.cases.get(row.number) for row in store.cases.list(Filter(), limit=1000)]

    def address(self, path: str, sort: str = PUBLIC) -> str:
        """Return the address of a route on a measure of a sort, which really is there.

        What does not belong to a measure gets values behind which there is nothing.
        """
        case = self.cases[sort]
        [taking_part] = case.participations
        due = case.deadlines[0]
        part = url_key(due.participation) if "/frist/" in path else url_key(taking_part.key)
        known = {
            "number": case.number,
            "participation": part,
            "name": due.name,
            "generation": str(due.generation),
            "uid": case.documents[0].uid,
            "step": "informieren",
            "language": "en",
        }
        for part_ in path.split("/"):
            if part_.startswith("{"):
                name = part_.strip("{}").removesuffix(":path")
                path = path.replace(part_, known.get(name, "1"))
        return path


def everybody(town: Town) -> list[str]:
    """Return the first part of everybody's address, in the order of the offices' table."""
    persons = house_of(town.county.app).roster.persons.values()
    known = sorted(p.email.partition("@")[0] for p in persons)
    return [NOBODY, ADMINISTRATOR, EMERGENCY, READER, *known]


@contextmanager
def town_in(played: Path, folder: Path, *, away: bool = False) -> Iterator[Town]:
    """Return a copy of the county with a measure of each sort, its commissioner away or not."""
    county = county_in(played, folder)
    try:
        cases = {sort: _registered(county, sort, folder) for sort in SORTS}
        town = Town(county, cases, referred(county, WORDS))
        _let_in(town)
        if away:
            _send_away(county)
        yield town
    finally:
        county.app.close()


LOOKS_IN = "aufsicht@land.example"


def _let_in(town: Town) -> None:
    """Open measures to somebody from outside, and one to an administrator in an emergency."""
    app = town.county.app
    wanted = Wanted(
        name="Kim Aufsicht",
        authority="Kommunalaufsicht",
        email=LOOKS_IN,
        numbers=(town.cases[PUBLIC].number, town.cases[NON_PUBLIC].number),
        until=house_of(app).today + timedelta(days=30),
        reason="Anlasslose Prüfung",
        extract=True,
    )
    made = readers.set_up(app, wanted, town.county.uid("neumann"))
    accounts.accept(app, made.token or "", PASSWORD)
    visitor = town.visitor(EMERGENCY)
    accounts.break_glass(app, visitor, town.cases[NON_PUBLIC].number, "Ausfall der Vertretung")


def _registered(county: County, sort: str, folder: Path) -> Case:
    world = house_of(county.app)
    paper = folder / "vorlage.txt"
    paper.write_text("Worum es geht.\n", "utf-8")
    sitting = world.today + timedelta(days=90)
    measure = Measure(
        title=f"Vorhaben {secret(sort)}",
        kind="beschlussvorlage",
        origin="administration",
        lead="fb-soziales",
        municipality=next(iter(world.municipalities)),
        facts={name: name == CONCERN for name in world.library.facts},
        stages=(Stage("Kreistag", sitting, "entscheidung"),),
        confidentiality=sort,
    )
    deed = Deed("", county.uid(LEAD), files=(("vorlage", paper),))
    return register_measure(county.app, measure, deed)


def secret(sort: str) -> str:
    """Return a word that only the title of the measure of a sort contains."""
    return f"Kennwort{SORTS.index(sort)}xq"


def _send_away(county: County) -> None:
    today = local_day(county.clock.now())
    absences.enter(county.app, Absence(county.uid(TAKES_PART), today, today + timedelta(days=7)))


def private_pages(town: Town) -> dict[str, str]:
    """Keep a note and drafts; return the pages of them."""
    note = f"/vorhaben/{town.cases[PUBLIC].number}/notiz"
    demand = "/nicht-gemeldet/verlangen/entwurf"
    return {
        "note of yilmaz": kept_by(town, TAKES_PART, note, {"notiz": WORDS}),
        "draft of yilmaz": kept_by(town, TAKES_PART, demand, {"titel": WORDS}),
        "draft of weber": kept_by(town, LEAD, "/vorhaben/neu/entwurf", {"titel": WORDS}),
        "text module of yilmaz": module_by(town, TAKES_PART),
    }


def module_by(town: Town, name: str) -> str:
    """Let somebody write a text module; return its page."""
    client, place = town.client(name), "/textbausteine"
    fields = {"titel": "Sprache", "wortlaut": WORDS}
    answer = client.post(place, data={"_csrf": token_of(client), **fields})
    assert answer.status_code == 303, answer.text
    return re.findall(r'href="(/textbausteine/[0-9a-f]{32})"', client.get(place).text)[0]


def kept_by(town: Town, name: str, path: str, fields: dict[str, str]) -> str:
    """Let somebody keep a private text; return the page that is new among her own."""
    client = town.client(name)
    before = set(own_pages(client))
    answer = client.post(path, data={"_csrf": token_of(client), **fields})
    assert answer.status_code in (200, 303), answer.text
    [page] = set(own_pages(client)) - before
    return page


def own_pages(client: TestClient) -> list[str]:
    return re.findall(r'href="(/entwuerfe/[0-9a-f]+)"', client.get("/entwuerfe").text)


def token_of(client: TestClient) -> str:
    """Return the token of a session, whoever's it is."""
    return token_in(client.get("/uebung").text)
