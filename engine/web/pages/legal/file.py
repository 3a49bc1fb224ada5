"""A case under examination: the chain, the telling again, its mails, and the file to take away."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from fastapi.responses import Response, StreamingResponse

from engine.services.legal.files import examined, hand_out
from engine.web.access import Action
from engine.web.desk import AtDesk, Sent
from engine.web.routes import Pages

pages = Pages()

_PIECE = 256 * 1024
_IN_MEMORY = 8 * 1024 * 1024


@pages.get("/vorhaben/{number}/pruefung", Action.OVERVIEW)
def show(desk: AtDesk, number: str) -> Response:
    """Show whether the chain of a case holds and its telling again leads to where it stands."""
    file = desk.file(number)
    return desk.render("legal/file.html", case=file.case, found=examined(desk.app, number))


@pages.post("/vorhaben/{number}/auszug", Action.OVERVIEW)
def take_away(desk: AtDesk, sent: Sent, number: str) -> Response:
    """Hand out the file of a case with proofs and verifier, and enter who took it."""
    desk.file(number)
    packed: IO[bytes] = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the answer closes it
    name = hand_out(desk.app, number, desk.me.person, packed).name
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
