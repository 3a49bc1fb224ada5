"""What somebody reads by a grant: the cases opened to her, and an extract where it is granted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from fastapi.responses import Response, StreamingResponse

from engine.core.visibility import Look
from engine.services.evidence.exporting import export
from engine.store.cases import Filter
from engine.web.access import Action
from engine.web.desk import AtDesk, Sent
from engine.web.looking import READING
from engine.web.routes import Pages

pages = Pages()

_PIECE = 256 * 1024
_IN_MEMORY = 8 * 1024 * 1024


@pages.get(READING, Action.READING)
def list_(desk: AtDesk) -> Response:
    """Show the cases that a grant opens to the visitor, and no others."""
    with desk.app.database.read() as store:
        rows = store.cases.list(Filter(granted=desk.acting), limit=1000)
        world = desk.app.world(store)
    workflow = world.library.case_workflow()
    shown = [
        (
            row,
            world.roster.office(row.lead).name,
            workflow.states[row.state].title if row.state in workflow.states else row.state,
        )
        for row in rows
    ]
    return desk.render("reading/list.html", rows=shown)


@pages.post(f"{READING}/{{number}}/auszug", Action.CASE_EXTRACT)
def take_away(desk: AtDesk, sent: Sent, number: str) -> Response:
    """Hand out the extract of a case to somebody to whom that is granted."""
    case = desk.opened(number, Action.CASE_EXTRACT).case
    packed: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the answer closes it
    name = export(desk.app, case.number, packed).name
    desk.looked(case, Look.EXTRACT)
    packed.seek(0)
    return StreamingResponse(
        _pieces(packed),
        media_type="application/zip",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
    )


def _pieces(packed: IO[bytes]) -> Iterator[bytes]:
    with packed:
        while piece := packed.read(_PIECE):
            yield piece
