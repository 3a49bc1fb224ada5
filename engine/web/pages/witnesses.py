"""What anybody may fetch of the log, above all witnesses; nothing in it tells of a case.

The paths below the prefix are those of c2sp.org/tlog-tiles, except for the entries, which are
nobody's business; `consistency` answers in the form of c2sp.org/tlog-witness. Nothing is to be
kept by caches, full tiles neither: after a backup was restored, other hashes stand there.
"""

from __future__ import annotations

import re

from fastapi.responses import Response

from engine.errors import NotFound
from engine.services.evidence import offering
from engine.services.evidence.asking import PREFIX
from engine.services.evidence.offering import Ahead
from engine.store.global_log import WIDTH
from engine.web.access import Action
from engine.web.desk import AtDesk, Hidden
from engine.web.routes import Pages

pages = Pages()

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")
_PLACE = re.compile(r"((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_TEXT = "text/plain; charset=utf-8"


@pages.get(f"{PREFIX}/checkpoint", Action.WITNESS)
def checkpoint(desk: AtDesk) -> Response:
    """Hand out the newest checkpoint with its cosignatures."""
    with desk.app.database.read() as store:
        try:
            note = offering.newest(store)
        except NotFound:
            raise Hidden from None
    return Response(note.written, media_type=_TEXT)


@pages.get(PREFIX + "/consistency/{size}", Action.WITNESS)
def consistency(desk: AtDesk, size: str) -> Response:
    """Hand out the newest checkpoint and the proof from a size; 409 where that is beyond it."""
    if not _SIZE.fullmatch(size):
        raise Hidden
    with desk.app.database.read() as store:
        try:
            offer = offering.offer(store, int(size))
        except NotFound:
            raise Hidden from None
        except Ahead as ahead:
            said = f"{ahead.size}\n"
            return Response(said, 409, media_type="text/x.tlog.size")
    return Response(offer.written, media_type=_TEXT)


@pages.get(PREFIX + "/tile/{level}/{place:path}", Action.WITNESS)
def tile(desk: AtDesk, level: str, place: str) -> Response:
    """Hand out 256 hashes of the tree, or fewer at its end; of hashes, never of entries."""
    found = _PLACE.fullmatch(place)
    if not re.fullmatch(r"0|[1-7]", level) or found is None or len(place) > 40:
        raise Hidden
    number = int(found[1].replace("x", "").replace("/", ""))
    width = int(found[2] or WIDTH)
    if (found[2] and width >= WIDTH) or _path(number) != found[1]:
        raise Hidden
    with desk.app.database.read() as store:
        try:
            data = offering.tile(store, int(level), number, width)
        except NotFound:
            raise Hidden from None
    return Response(data, media_type="application/octet-stream")


def _path(number: int) -> str:
    """Return the one way in which the place of a tile is written."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    return "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
