"""Who may do what on which page: everybody × every route × every sort of measure, in one table.

The table is computed from the routes themselves and compared with a file that people have
read; every refusal in it is then asked of the pages. After a wanted change:

    RENEW_GOLDEN=1 python -m pytest tests/web/test_matrix.py
    git diff tests/golden/web/matrix.txt
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from engine.core.visibility import PUBLIC, sees
from engine.web import create_app
from engine.web.access import RULES, Action, Decision, authorize
from engine.web.pages import all_pages
from engine.web.routes import Pages, actions_of
from tests.web.county import County
from tests.web.relations import (
    ADMINISTRATOR,
    EMERGENCY,
    LEAD,
    NOBODY,
    READER,
    SORTS,
    TAKES_PART,
    Town,
    everybody,
    private_pages,
    token_of,
    town_in,
)

GOLDEN = Path(__file__).parent.parent / "golden" / "web" / "matrix.txt"
SIGNS = {Decision.ALLOWED: "+", Decision.SIGN_IN: ">", Decision.HIDDEN: "."}
HEAD = """\
Who may do what: + allowed, > has to sign in first, . there is nothing here (404).

'reader' reads the public and the non-public measure by a grant, extracts too; 'admin!' is an
administrator who has the non-public one open by emergency access.
'berg+' is the deputy of 'yilmaz' on a day on which she is away. A route on a measure stands here
once for each sort of measure: of the department of 'weber', with 'yilmaz' taking part.
Which steps of a procedure are offered is for its definition to say (engine/core/offers.py).
"""
SHOWN = (Action.CASE_SHOW, Action.CASE_READ)
DEPUTY, ACTING = "berg", "berg+"


@dataclass(frozen=True)
class Row:
    """A route; on a measure of a sort, where it is about one."""

    method: str
    path: str
    action: Action
    sort: str = ""

    def name(self) -> str:
        return f"{self.method:4} {self.path}" + (f"  [{self.sort}]" if self.sort else "")


@pytest.fixture(scope="module")
def towns(played: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Town]]:
    """The county by who asks: only her deputy's column is about the commissioner's absence."""
    here, there = (tmp_path_factory.mktemp(name) / "county" for name in ("here", "away"))
    with town_in(played, here) as present, town_in(played, there, away=True) as away:
        yield {**dict.fromkeys(everybody(present), present), ACTING: away}


@pytest.fixture(scope="module")
def web(towns: dict[str, Town]) -> FastAPI:
    return towns[NOBODY].county.web


def columns(towns: dict[str, Town]) -> list[str]:
    first = [NOBODY, ADMINISTRATOR, EMERGENCY, READER]
    return [*first, *sorted(name for name in towns if name not in first)]


def person(column: str) -> str:
    return column.rstrip("+")


def rows(web: FastAPI) -> list[Row]:
    found = sorted(actions_of(web).items(), key=lambda row: (row[0][1], row[0][0]))
    return [
        Row(method, path, action, sort)
        for (method, path), action in found
        for sort in (SORTS if "{number}" in path else ("",))
    ]


def decisions(town: Town, column: str, rows: list[Row]) -> Iterator[tuple[Row, Decision]]:
    """Yield each row with what it is to somebody, who signs in once for all of them."""
    actor = town.actor(person(column))
    for row in rows:
        case = town.cases[row.sort] if row.sort else None
        yield row, authorize(actor, row.action, case)


def table(towns: dict[str, Town], rows: list[tuple[str, str, list[str]]]) -> str:
    """Return lines of a route, its action and a sign for everybody."""
    short = {ADMINISTRATOR: "admin", EMERGENCY: "admin!"}
    names = [short.get(name, name) for name in columns(towns)]
    lines = [("", "", names), *rows]
    wide = max(len(name) for name, _, _ in lines)
    return "\n".join(
        f"{name:{wide}}  {action:15}" + "".join(f"{sign:>8}" for sign in signs)
        for name, action, signs in lines
    )


def modelled(towns: dict[str, Town], web: FastAPI) -> str:
    """Return the table of what `authorize` says."""
    by_column = [
        [SIGNS[decided] for _, decided in decisions(towns[column], column, rows(web))]
        for column in columns(towns)
    ]
    signs = zip(rows(web), zip(*by_column, strict=True), strict=True)
    return table(towns, [(row.name(), row.action.value, list(line)) for row, line in signs])


# Every route says who may


def test_every_route_declares_its_action(web: FastAPI) -> None:
    declared = actions_of(web)
    answering = [r for r in web.routes if getattr(r, "path", "") != "/static"]
    assert len(declared) == len(answering) > 150
    assert set(declared.values()) == set(Action), "an action that no route is about"
    assert set(RULES) == set(Action)


def test_an_application_with_a_route_that_declares_none_does_not_start(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    careless = Pages()
    careless.router.add_api_route("/versehentlich", lambda: None, methods=["GET"])
    more = [*all_pages(demo=True), careless]
    monkeypatch.setattr("engine.web.all_pages", lambda *, demo: more)
    with pytest.raises(AssertionError, match="/versehentlich declares no action"):
        create_app(county.app, demo=True, secure=False)


def test_whatever_changes_something_is_a_post(web: FastAPI) -> None:
    assert {method for method, _ in actions_of(web)} == {"GET", "POST"}


def test_only_the_demo_lets_anybody_in_without_a_password(county: County) -> None:
    live = actions_of(create_app(county.app, demo=False))
    assert Action.DEMO not in live.values()
    everybody_may = {path for (_, path), action in live.items() if RULES[action].everybody}
    assert not {p for p in everybody_may if p.startswith(("/vorhaben", "/verwaltung", "/konto"))}


# The table


def test_everybody_may_do_what_the_reviewed_table_says(
    towns: dict[str, Town], web: FastAPI
) -> None:
    ours = table(towns, [*own_rows(towns), *referred_rows(towns)])
    said = f"{HEAD}\n{modelled(towns, web)}\n\n{PRIVATE}\n\n{ours}\n"
    if os.environ.get("RENEW_GOLDEN"):
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_text(said, "utf-8")
    assert said == GOLDEN.read_text("utf-8")


@pytest.mark.parametrize("column_at", range(16))
def test_the_pages_refuse_whatever_the_table_refuses(
    towns: dict[str, Town], web: FastAPI, column_at: int
) -> None:
    column = columns(towns)[column_at]
    town = towns[column]
    client = town.client(person(column))
    token = token_of(client)
    wrong, asked = [], 0
    for row, expected in decisions(town, column, rows(web)):
        if expected is Decision.ALLOWED:
            continue
        asked += 1
        found = observed(client, token, row.method, town.address(row.path, row.sort or PUBLIC))
        if found is not expected:
            wrong.append(f"{row.name()}: {found}, not {expected}")
    assert not wrong
    assert asked > 20, "nobody may do everything"


def test_everybody_stands_in_the_table(towns: dict[str, Town]) -> None:
    assert len(columns(towns)) == 16, "somebody has joined the demo: widen the range above"


def test_a_page_that_is_there_for_one_is_there_for_all_who_may_see_it(
    towns: dict[str, Town], web: FastAPI
) -> None:
    """What needs more than its address turns everybody away; nothing turns away only some."""
    found: dict[str, set[Decision]] = {}
    for column in columns(towns):
        client = towns[column].client(person(column))
        for row, decided in decisions(towns[column], column, rows(web)):
            asked = row.method == "GET" and "{" not in row.path
            if asked and decided is Decision.ALLOWED:
                found.setdefault(row.path, set()).add(observed(client, "", "GET", row.path))
    assert not {path: seen for path, seen in found.items() if len(seen) > 1}
    assert sum(seen == {Decision.ALLOWED} for seen in found.values()) > 40


@pytest.mark.parametrize("sort", SORTS)
def test_the_addresses_of_a_measure_open_for_the_department_that_has_the_lead(
    towns: dict[str, Town], web: FastAPI, sort: str
) -> None:
    town = towns[LEAD]
    client = town.client(LEAD)
    shown = [
        row.path
        for row in rows(web)
        if row.sort == sort and row.action in SHOWN and row.method == "GET"
    ]
    assert len(shown) >= 5
    closed = [path for path in shown if client.get(town.address(path, sort)).status_code == 404]
    assert not closed


def test_who_sees_a_sort_of_measure_is_the_same_in_lists_and_pages(towns: dict[str, Town]) -> None:
    for column in columns(towns):
        town = towns[column]
        actor = town.actor(person(column))
        page = town.client(person(column)).get("/vorhaben").text
        for case in town.cases.values():
            assert (case.measure.title in page) == (actor is not None and sees(actor, case)), column


# What belongs to one person alone, and what was brought to another


PRIVATE = """\
What belongs to somebody alone: a note and a draft of 'yilmaz', a draft of 'weber'; and a measure
that 'yilmaz' has brought before the council. This the pages themselves were asked."""


def own_rows(towns: dict[str, Town]) -> list[tuple[str, str, list[str]]]:
    """Return who opens and who deletes what belongs to one person, its owner being last."""
    found = []
    kept = {key: private_pages(town) for key, town in apart(towns).items()}
    for what, owner in WHOSE.items():
        for method, path in (("GET", "/entwuerfe/{name}"), ("POST", "/entwuerfe/{name}/loeschen")):
            signs = {}
            for column in sorted(columns(towns), key=owner.__eq__):
                town = towns[column]
                client = town.client(person(column))
                page = path.replace("/entwuerfe/{name}", kept[id(town)][what])
                seen = observed(client, token_of(client), method, page)
                signs[column] = SIGNS[seen]
            found.append((f"{method:4} {path}  [{what}]", "private", in_order(towns, signs)))
    return found


WHOSE = {"note of yilmaz": TAKES_PART, "draft of yilmaz": TAKES_PART, "draft of weber": LEAD}


def referred_rows(towns: dict[str, Town]) -> list[tuple[str, str, list[str]]]:
    """Return who reads of a measure that was brought before the council, and who its file."""
    found = []
    for path, action in (("/eskaliert/", Action.ESCALATED), ("/vorhaben/", Action.CASE_SHOW)):
        signs = {}
        for column in columns(towns):
            town = towns[column]
            page = f"{path}{town.brought}"
            signs[column] = SIGNS[observed(town.client(person(column)), "", "GET", page)]
        name = f"GET  {path}{{number}}  [brought to council]"
        found.append((name, action.value, in_order(towns, signs)))
    return found


def apart(towns: dict[str, Town]) -> dict[int, Town]:
    """Return each county once."""
    return {id(town): town for town in towns.values()}


def in_order(towns: dict[str, Town], signs: dict[str, str]) -> list[str]:
    return [signs[column] for column in columns(towns)]


def observed(client: TestClient, token: str, method: str, path: str) -> Decision:
    """Return what a page says to somebody who asks, without any field."""
    answer = client.request(method, path, data={"_csrf": token} if method == "POST" else None)
    assert answer.status_code < 500, f"{method} {path}: {answer.status_code}"
    if answer.status_code == 404:
        return Decision.HIDDEN
    if answer.headers.get("location", "").startswith("/anmelden"):
        return Decision.SIGN_IN
    return Decision.ALLOWED
