"""Looking in from outside: the legal office lets an authority read named cases until a day.

A reader is an account outside the roster. What opens cases to it is a grant (`store.grants`);
each grant, its extension and its end are entries, as is every look.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from engine import clock
from engine.app import App
from engine.core.calendar import end_of, local_day
from engine.core.case import Entry
from engine.core.visibility import PERSONNEL
from engine.core.wording import day_text
from engine.errors import InputError, NotFound, Refused, Text
from engine.services.accounts.doors import invited_in, new_account, taken_login, tell
from engine.services.accounts.values import ACTIVE, new_login
from engine.services.free_text import legible
from engine.services.legal.signing import signing
from engine.store.accounts import LOCAL, Account
from engine.store.grants import EMERGENCY, INSPECTION, CaseGrant, GrantedCase
from engine.store.roster import By
from engine.store.store import Store

MOST = 200
"""Cases of one grant at most."""

KEY = "reader"
_DEED = Text("Prüfzugänge einrichten, verlängern und beenden", "set up, extend and end inspections")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the legal office asks for: who, from which authority, which cases, until which day.

    `until` is the last day, inclusive. `personnel` names the personnel matters among the
    cases once more, which takes a reason of its own.
    """

    name: str
    authority: str
    email: str
    numbers: tuple[str, ...]
    until: date
    reason: str
    personnel: tuple[str, ...] = ()
    personnel_reason: str = ""
    extract: bool = False


@dataclass(frozen=True, slots=True)
class NewReader:
    """A grant just given; `token` is that of the invitation, None where she has a password."""

    grant: CaseGrant
    token: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A grant as the legal office sees it; `given_by` is a name, `looks` the newest first."""

    grant: CaseGrant
    account: Account
    login: str
    given_by: str
    live: bool
    looks: tuple[Entry, ...] = ()

    @property
    def emergency(self) -> bool:
        """Whether an administrator opened it to herself."""
        return self.grant.kind == EMERGENCY


def longest(today: date) -> date:
    """Return the last day that a grant of today may have: a year on.

    >>> str(longest(date(2028, 2, 29)))
    '2029-02-28'
    """
    try:
        return today.replace(year=today.year + 1)
    except ValueError:
        return today.replace(year=today.year + 1, day=28)


def set_up(app: App, wanted: Wanted, person: str) -> NewReader:
    """Let somebody from outside read some cases, and invite her where she has no password yet.

    Raises InputError for anything missing or wrong, also where a personnel matter is not
    named as one or the address belongs to an account of another sort; NotFound for an unknown
    case; Refused for anybody who does not act for the legal office today.
    """
    login = _checked(wanted)
    with app.database.write() as store:
        world = app.world(store)
        act = signing(app, world, person, KEY, _DEED)
        _refuse_day(wanted.until, world.today)
        cases = tuple(_cases(store, wanted))
        account = _account(app, store, wanted, login)
        grant = CaseGrant(
            uid=clock.new_uid(),
            account=account.uid,
            kind=INSPECTION,
            authority=wanted.authority.strip(),
            reason=_reason(wanted),
            extract=wanted.extract,
            given_by=act.actor,
            given_at=act.recorded_at,
            ends_at=end_of(wanted.until),
            ended_at=None,
            cases=cases,
        )
        store.grants.add(grant, act)
        token = _let_in(app, store, account, grant, signing(app, world, person, "invite", _DEED))
    return NewReader(grant, token)


def invite_again(app: App, uid: str, person: str) -> str:
    """Return the token of a new invitation for a reader who has not set her password yet."""
    with app.database.write() as store:
        act = signing(app, app.world(store), person, "invite", _DEED)
        grant = _running(app, store, uid)
        account = _owner(store, grant)
        if account.state == ACTIVE:
            raise Refused(
                "Das Kennwort ist schon gesetzt. Ein neues richtet die Person selbst unter "
                "„Kennwort vergessen“ ein.",
                "The password is set already. The person sets a new one under 'Forgot your "
                "password' herself.",
            )
        return invited_in(app, store, account, act)


def extend(app: App, uid: str, until: date, reason: str, person: str) -> None:
    """Let a grant that runs last until a later day, inclusive; InputError for an earlier one."""
    _refuse_blank(reason, _WHY)
    with app.database.write() as store:
        world = app.world(store)
        act = signing(app, world, person, KEY, _DEED)
        grant = _running(app, store, uid)
        if grant.kind == EMERGENCY:
            raise Refused(
                "Ein Notzugriff lässt sich nicht verlängern.",
                "An emergency access cannot be extended.",
            )
        _refuse_day(until, world.today)
        if end_of(until) <= grant.ends_at:
            now = day_text(last_day(grant))
            raise InputError(
                f"Der Zugang gilt schon bis {now.de}. Nennen Sie einen späteren Tag.",
                f"The access lasts until {now.en} already. Name a later day.",
            )
        store.grants.extend(grant, end_of(until), reason.strip(), act)


def end(app: App, uid: str, reason: str, person: str) -> None:
    """End a grant at once, with its reason; a reader left without any loses her sessions."""
    _refuse_blank(reason, _WHY)
    with app.database.write() as store:
        act = signing(app, app.world(store), person, KEY, _DEED)
        grant = _running(app, store, uid)
        store.grants.end(grant, reason.strip(), act)
        account = _owner(store, grant)
        inside = account.person or account.administrator
        if not inside and not store.grants.live(account.uid, act.recorded_at):
            store.accounts.end_sessions(account.uid)
            store.accounts.end_tokens(account.uid, None, act.recorded_at)


def readers(app: App) -> list[Line]:
    """Return every grant there ever was, the newest first, without the looks it allowed."""
    with app.database.read() as store:
        return [_line(app, store, grant) for grant in store.grants.all()]


def reader(app: App, uid: str) -> Line:
    """Return one grant with its looks, the newest first; NotFound."""
    with app.database.read() as store:
        found = _line(app, store, _known(store, uid))
        looks = tuple(store.grants.looks(found.grant, app.clock.now()))
        return replace(found, looks=looks)


def last_day(grant: CaseGrant) -> date:
    """Return the last local day on which a grant opens anything, unless it is ended before."""
    return local_day(grant.ends_at - datetime.resolution)


def without_personnel(app: App, numbers: tuple[str, ...]) -> tuple[tuple[str, ...], int]:
    """Return these cases without the personnel matters, and how many those were."""
    with app.database.read() as store:
        plain = tuple(n for n in numbers if store.cases.get(n).measure.confidentiality != PERSONNEL)
    return plain, len(numbers) - len(plain)


def _line(app: App, store: Store, grant: CaseGrant) -> Line:
    now = app.clock.now()
    account = _owner(store, grant)
    world = app.world(store)
    by = account.name if grant.given_by == account.uid else world.roster.name(grant.given_by)
    return Line(grant, account, store.accounts.login(account.uid), by, grant.live(now))


_WHY = Text("den Grund", "the reason")


def _checked(wanted: Wanted) -> str:
    """Return the name under which the reader will sign in; raises InputError."""
    for words, what in (
        (wanted.name, Text("den Namen", "the name")),
        (wanted.authority, Text("die Behörde", "the authority")),
        (wanted.email, Text("die E-Mail-Adresse", "the e-mail address")),
        ("".join((*wanted.numbers, *wanted.personnel)), Text("die Vorgänge", "the cases")),
        (wanted.reason, _WHY),
    ):
        _refuse_blank(words, what)
    if wanted.personnel:
        _refuse_blank(
            wanted.personnel_reason,
            Text("den Grund für die Personalsachen", "the reason for the personnel matters"),
        )
    if len({*wanted.numbers, *wanted.personnel}) > MOST:
        raise InputError(
            f"Ein Prüfzugang umfasst höchstens {MOST} Vorgänge. Richten Sie mehrere ein.",
            f"One access for inspection covers at most {MOST} cases. Set up several.",
        )
    name, _, host = wanted.email.strip().partition("@")
    if not name or "." not in host:
        raise InputError(
            f"„{wanted.email}“ ist keine E-Mail-Adresse. An sie geht die Einladung.",
            f"'{wanted.email}' is no e-mail address. The invitation goes there.",
        )
    return new_login(wanted.email)


def _refuse_blank(words: str, what: Text) -> None:
    if not legible(words):
        raise InputError(f"Nennen Sie noch {what.de}.", f"Please name {what.en}.")


def _refuse_day(until: date, today: date) -> None:
    if not today <= until <= longest(today):
        first, last = day_text(today), day_text(longest(today))
        raise InputError(
            f"Der letzte Tag liegt zwischen {first.de} und {last.de} (höchstens ein Jahr).",
            f"The last day lies between {first.en} and {last.en} (a year at most).",
        )


def _cases(store: Store, wanted: Wanted) -> Iterator[GrantedCase]:
    named = {n.strip() for n in wanted.personnel}
    unnamed = []
    for number in dict.fromkeys(n.strip() for n in (*wanted.numbers, *wanted.personnel)):
        case = store.cases.get(number)
        personnel = case.measure.confidentiality == PERSONNEL
        if personnel and number not in named:
            unnamed.append(number)
        yield GrantedCase(case.uid, case.number, personnel)
    if unnamed:
        rows = ", ".join(unnamed)
        raise InputError(
            f"Personalsachen öffnet ein Prüfzugang nur, wenn Sie sie eigens nennen und "
            f"begründen: {rows}. Nennen Sie sie unter „Personalsachen“, oder lassen Sie sie weg.",
            f"An access for inspection opens personnel matters only if you name them as such, "
            f"with a reason: {rows}. Name them under 'personnel matters', or leave them out.",
        )


def _reason(wanted: Wanted) -> str:
    if not wanted.personnel:
        return wanted.reason.strip()
    return f"{wanted.reason.strip()} (Personalsachen: {wanted.personnel_reason.strip()})"


def _account(app: App, store: Store, wanted: Wanted, login: str) -> Account:
    """Return the reader's account, new or from an earlier inspection."""
    found = store.accounts.by_identity(LOCAL, login)
    name, email = wanted.name.strip(), wanted.email.strip()
    if found is None:
        return new_account(app, store, "", login, False, name, email)
    if found.person or found.administrator or not store.grants.ever(found.uid):
        raise taken_login(login)
    store.accounts.set_account(found.uid, name=name, email=email)
    again = store.accounts.get(found.uid)
    assert again is not None
    return again


def _let_in(app: App, store: Store, account: Account, grant: CaseGrant, act: By) -> str | None:
    """Invite a reader; who has a password from an earlier inspection is only told."""
    if account.state != ACTIVE:
        return invited_in(app, store, account, act)
    until = day_text(last_day(grant))
    tell(
        app,
        store,
        account,
        Text(
            f"ein Prüfzugang bis {until.de} wurde eingerichtet",
            f"an access for inspection until {until.en} was set up",
        ),
    )
    return None


def _known(store: Store, uid: str) -> CaseGrant:
    found = store.grants.get(uid)
    if found is None:
        raise NotFound(
            f"Es gibt keinen Prüfzugang „{uid}“. Alle zeigt: reader list.",
            f"There is no access for inspection '{uid}'. 'reader list' shows all.",
        )
    return found


def _running(app: App, store: Store, uid: str) -> CaseGrant:
    grant = _known(store, uid)
    if not grant.live(app.clock.now()):
        raise Refused(
            "Dieser Zugang ist schon beendet. Richten Sie einen neuen ein.",
            "This access has ended already. Set up a new one.",
        )
    return grant


def _owner(store: Store, grant: CaseGrant) -> Account:
    found = store.accounts.get(grant.account)
    assert found is not None
    return found
