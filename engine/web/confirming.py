"""A step that sends letters is shown before it is taken: what it will bring waits meanwhile.

It waits among the private drafts of whoever acts, with the files that came along, so that
nothing has to travel through the browser and back.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson

from engine.core.case import Case, Document, Seen
from engine.core.meanings import StepMeans
from engine.core.workflow import Step
from engine.services import private
from engine.services.accounts import NoKey
from engine.services.cases import Deed
from engine.web.desk import Desk

PREFIX = "confirm:"
"""How the kind of a private text begins that holds a deed which waits."""

PREVIEWED = frozenset({StepMeans.INFORMATION, StepMeans.EARLY_INFORMATION})
"""What is shown in its wording before it goes out."""


def previewed(step: Step) -> bool:
    """Return whether a step is shown before it is taken."""
    return step.means in PREVIEWED


def put_aside(desk: Desk, case: Case, deed: Deed) -> bool:
    """Let a deed wait for its confirmation; False where this session opens no drafts.

    A session without a key must not keep anybody from informing.
    """
    try:
        kind = _kind(deed.step, deed.participation)
        private.keep(desk.app, desk.me, case.uid, kind, _written(deed))
    except NoKey:
        return False
    return True


def waiting(desk: Desk, case: Case, step: str, participation: str) -> Deed | None:
    """Return the deed that waits for its confirmation, if any."""
    text = private.read(desk.app, desk.me, case.uid, _kind(step, participation))
    return None if text is None else _read(text, desk.me.person)


def forget(desk: Desk, case: Case, deed: Deed) -> None:
    """Let nothing wait any more."""
    private.drop(desk.app, desk.me, case.uid, _kind(deed.step, deed.participation))


def files_in(text: str) -> list[str]:
    """Return the names of the files that a deed which waits will bring."""
    return [d["uid"] for d in orjson.loads(text)["documents"]]


def _kind(step: str, participation: str) -> str:
    return f"{PREFIX}{step}:{participation}"


def _written(deed: Deed) -> str:
    seen = deed.seen or Seen()
    plain: dict[str, Any] = {
        "step": deed.step,
        "office": deed.office,
        "participation": deed.participation,
        "fields": dict(deed.fields),
        "documents": [
            {name: getattr(d, name) for name in Document.__dataclass_fields__}
            for d in deed.documents
        ],
        "happened_on": None if deed.happened_on is None else deed.happened_on.isoformat(),
        "reason": deed.reason,
        "seen": [seen.revision, seen.paper],
        "key": deed.key,
    }
    return orjson.dumps(plain).decode()


def _read(text: str, person: str) -> Deed:
    plain = orjson.loads(text)
    day = plain["happened_on"]
    return Deed(
        step=plain["step"],
        person=person,
        office=plain["office"],
        participation=plain["participation"],
        fields=plain["fields"],
        documents=tuple(Document(**d) for d in plain["documents"]),
        happened_on=None if day is None else date.fromisoformat(day),
        reason=plain["reason"],
        seen=Seen(*plain["seen"]),
        key=plain["key"],
    )
