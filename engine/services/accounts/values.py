"""What the accounts speak of: a visitor, a log-in, and why one is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine import clock
from engine.app import App
from engine.clock import new_uid
from engine.core.calendar import local_day
from engine.errors import InputError, Refused
from engine.services.setup import SETUP
from engine.services.vault import csrf_of, digest, key_from, sealed
from engine.store.accounts import Account, Session
from engine.store.grants import CaseGrant
from engine.store.roster import By
from engine.store.store import Store

IDLE = timedelta(minutes=30)
"""Time without a request after which a session ends."""

LONGEST = timedelta(hours=12)
"""How long a session lasts at most."""

HALF = timedelta(minutes=5)
"""How long the second factor may follow the password."""

FRESH = timedelta(minutes=10)
"""How long ago somebody may have proved herself before she changes how she proves it."""

INVITED, ACTIVE, DISABLED = "invited", "active", "disabled"
CODE, OPEN = "code", "open"

_LOGIN = re.compile(r"[^\s\x00-\x1f\x7f<>\"\\]{2,200}")
_LONGEST_AGENT = 200


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody with a live session.

    `person` is empty for an account without office; `key` opens her private texts and is None
    where this session cannot. `confirmed_at` is when she last proved herself, `grants` are
    what she may read now although no office shows it to her. At `ends_at` the session is over
    whatever she does.
    """

    account: str
    person: str
    name: str
    session: str
    csrf: str = field(repr=False)
    administrator: bool
    confirmed_at: datetime
    key: bytes | None = field(repr=False)
    language: str = "de"
    grants: tuple[CaseGrant, ...] = ()
    ends_at: datetime | None = None

    @property
    def outside(self) -> bool:
        """Whether she is there for her grants alone: no person of the roster, no administrator."""
        return not (self.person or self.administrator)


@dataclass(frozen=True, slots=True)
class Signed:
    """What came of signing in: the cookie's token, and the visitor once nothing is missing."""

    token: str = field(repr=False)
    needs_code: bool
    visitor: Visitor | None


class NotSignedIn(Refused):
    """Name, password or code are not right; which of them is not said."""

    def __init__(self) -> None:
        super().__init__(
            "Anmeldename, Kennwort oder Code stimmen nicht. Prüfen Sie die Schreibweise, oder "
            "lassen Sie sich unter „Kennwort vergessen“ ein neues einrichten.",
            "Name, password or code are not right. Check the spelling, or set a new password "
            "under 'Forgot your password'.",
        )


class NothingGranted(Refused):
    """Somebody from outside whose password is right, and who may read nothing any more."""

    def __init__(self) -> None:
        super().__init__(
            "Ihr Prüfzugang ist beendet. Brauchen Sie ihn weiter, so wenden Sie sich an das "
            "Rechtsamt, das ihn eingerichtet hat.",
            "Your access for inspection has ended. If you still need it, turn to the legal "
            "office that set it up.",
        )


class DeadLink(Refused):
    """An invitation or reset that was used, has expired, or never was."""

    def __init__(self) -> None:
        super().__init__(
            "Dieser Link gilt nicht mehr: Er wurde schon verwendet oder ist abgelaufen. Lassen "
            "Sie sich einen neuen schicken.",
            "This link is no longer good: it was used already or has expired. Ask for a new one.",
        )


class ConfirmFirst(Refused):
    """Something so important that she has to prove herself once more."""

    def __init__(self) -> None:
        super().__init__(
            "Bitte bestätigen Sie zuerst mit Ihrem Kennwort, dass Sie es sind.",
            "Please confirm with your password first that it is you.",
        )


class NoKey(Refused):
    """Private texts that this session cannot open."""

    def __init__(self) -> None:
        super().__init__(
            "In dieser Sitzung lassen sich Ihre Entwürfe und Notizen nicht öffnen. Melden Sie "
            "sich mit Ihrem Kennwort an.",
            "This session cannot open your drafts and notes. Sign in with your password.",
        )


def login_name(login: str) -> str:
    """Return the name by which somebody signs in, as it is compared."""
    return login.strip().casefold()


def new_login(login: str) -> str:
    """Return a name fit for signing in; raises InputError."""
    name = login_name(login)
    if _LOGIN.fullmatch(name) is None:
        raise InputError(
            f"„{login}“ taugt nicht als Anmeldename: Schreiben Sie ihn ohne Leerzeichen, mit "
            "mindestens zwei Zeichen, etwa als E-Mail-Adresse.",
            f"'{login}' is no name to sign in with: write it without spaces, with at least two "
            "characters, for instance as an e-mail address.",
        )
    return name


def fresh(app: App, visitor: Visitor) -> bool:
    """Return whether somebody proved herself lately enough for important changes."""
    return app.clock.now() - visitor.confirmed_at <= FRESH


def must_be_fresh(app: App, visitor: Visitor) -> None:
    """Raise ConfirmFirst unless somebody proved herself lately."""
    if not fresh(app, visitor):
        raise ConfirmFirst


def by(app: App, what: str, who: Visitor | Account | None = None) -> By:
    """Return who changed something about accounts: an account, or the command line."""
    actor = SETUP if who is None else who.uid if isinstance(who, Account) else who.account
    now = app.clock.now()
    return By(actor, "", now, local_day(now), f"{what}:{new_uid()}")


def open_session(
    app: App,
    store: Store,
    account: Account,
    key: bytes | None,
    *,
    address: str,
    agent: str,
    stage: str = OPEN,
) -> Signed:
    """Open a session under a new token; every way in ends here, whoever vouched for it."""
    token, now = clock.token(64), app.clock.now()
    lasts = LONGEST if stage == OPEN else HALF
    wrapped = None if key is None else sealed(session_key(token), key, account.uid)
    agent = "".join(c for c in agent if c.isprintable())[:_LONGEST_AGENT]
    session = Session(
        new_uid(), account.uid, stage, now, now, now, now + lasts, address, agent, wrapped
    )
    store.accounts.add_session(session, digest(token))
    if stage != OPEN:
        return Signed(token, True, None)
    store.accounts.enter(by(app, "sign-in", account), "signed_in", account.uid)
    grants = store.grants.live(account.uid, now)
    return Signed(token, False, as_visitor(account, session, token, key, grants))


def opens_nothing(store: Store, account: Account, now: datetime) -> bool:
    """Return whether an account is there for grants alone, and none is in force."""
    inside = account.person or account.administrator
    return not inside and not store.grants.live(account.uid, now)


def as_visitor(
    account: Account,
    session: Session,
    token: str,
    key: bytes | None,
    grants: tuple[CaseGrant, ...] = (),
) -> Visitor:
    """Return the visitor of an open session."""
    return Visitor(
        account.uid,
        account.person,
        account.name,
        session.uid,
        csrf_of(token),
        account.administrator,
        session.confirmed_at,
        key,
        account.language,
        grants,
        session.ends_at,
    )


def session_key(token: str) -> bytes:
    return key_from(token.encode(), "session")
