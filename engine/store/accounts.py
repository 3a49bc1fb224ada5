"""Accounts, what proves them, and their sessions, within one transaction.

What happens to an account enters the strand `accounts` with the account's uid alone: names
and addresses stay in the rows. Hashes of tokens are looked up by their unique index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, func, insert, null, or_, select, update

from engine.store.chains import ACCOUNTS, Chains
from engine.store.roster import By, put
from engine.store.tables import (
    AccountRow,
    AccountTokenRow,
    IdentityRow,
    MessageRow,
    PasswordRow,
    PersonRow,
    PrivateTextRow,
    RecoveryCodeRow,
    SecondFactorRow,
    ThrottleRow,
    WebSessionRow,
)
from engine.store.tables.base import table

_ACCOUNT = table(AccountRow)
_IDENTITY = table(IdentityRow)
_PASSWORD = table(PasswordRow)
_FACTOR = table(SecondFactorRow)
_CODE = table(RecoveryCodeRow)
_TOKEN = table(AccountTokenRow)
_SESSION = table(WebSessionRow)
_THROTTLE = table(ThrottleRow)
_PRIVATE = table(PrivateTextRow)
_PERSON = table(PersonRow)
_MESSAGE = table(MessageRow)

LOCAL = "local"
"""The issuer of names that this installation itself vouches for."""


@dataclass(frozen=True, slots=True)
class Account:
    """A door into the system; name, address and language are the person's where there is one."""

    uid: str
    person: str
    name: str
    email: str
    language: str
    administrator: bool
    state: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Password:
    """What tells the right password, and the data key that it opens."""

    salt: bytes
    cost: str
    verifier: bytes
    wrapped: bytes
    set_at: datetime


@dataclass(frozen=True, slots=True)
class Factor:
    """The secret of one-time codes; it counts from `confirmed_at` on."""

    secret: str
    confirmed_at: datetime | None
    last_step: int


@dataclass(frozen=True, slots=True)
class Token:
    """An invitation or a reset."""

    account: str
    purpose: str
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in; `stage` is `code` while the second factor is still to come."""

    uid: str
    account: str
    stage: str
    opened_at: datetime
    seen_at: datetime
    confirmed_at: datetime
    ends_at: datetime
    address: str
    agent: str
    wrapped: bytes | None


@dataclass(frozen=True, slots=True)
class Brake:
    """How often something was tried since, last, and until when it must wait."""

    count: int
    since: datetime
    last_at: datetime
    until: datetime


class Accounts:
    """The accounts of the database, within one transaction."""

    def __init__(self, connection: Connection, chains: Chains) -> None:
        self._connection = connection
        self._chains = chains

    def enter(self, by: By, type_: str, account: str, **plain: Any) -> int:
        """Enter what happened to an account; return the strand's position."""
        return self._chains.enter(by.line(ACCOUNTS, type_, {"account": account, **plain}))

    def enter_with_reason(self, by: By, type_: str, account: str, reason: str, **plain: Any) -> int:
        """Enter what happened with a free text, which is private and can be erased."""
        said = {"account": account, **plain}
        return self._chains.enter(by.line(ACCOUNTS, type_, said, {"reason": reason}))

    # Accounts

    def get(self, uid: str) -> Account | None:
        """Return an account, or None."""
        return self._account(_accounts().where(_ACCOUNT.c.uid == uid))

    def by_person(self, person: str) -> Account | None:
        """Return the account of a person, or None."""
        return self._account(_accounts().where(_ACCOUNT.c.person == person))

    def by_identity(self, issuer: str, subject: str) -> Account | None:
        """Return the account for which somebody vouches under that name, or None."""
        found = _accounts().join(_IDENTITY, _IDENTITY.c.account == _ACCOUNT.c.uid)
        same = (_IDENTITY.c.issuer == issuer, _IDENTITY.c.subject == subject)
        return self._account(found.where(*same))

    def all(self) -> list[tuple[Account, str]]:
        """Return every account with the name by which it signs in here, by that name."""
        mine = and_(_IDENTITY.c.account == _ACCOUNT.c.uid, _IDENTITY.c.issuer == LOCAL)
        found = _accounts().add_columns(_IDENTITY.c.subject).outerjoin(_IDENTITY, mine)
        rows = self._connection.execute(found.order_by(_IDENTITY.c.subject, _ACCOUNT.c.uid))
        return [(_as_account(row[:-1]), row[-1] or "") for row in rows]

    def login(self, account: str) -> str:
        """Return the name by which an account signs in here, empty where it has none."""
        found = select(_IDENTITY.c.subject).where(
            _IDENTITY.c.account == account, _IDENTITY.c.issuer == LOCAL
        )
        return str(self._connection.execute(found).scalar() or "")

    def add(self, account: Account) -> None:
        """Keep a new account."""
        row = {name: getattr(account, name) for name in Account.__dataclass_fields__}
        row["person"] = account.person or None
        self._connection.execute(insert(_ACCOUNT).values(row))

    def set_account(self, uid: str, **new: Any) -> None:
        """Change an account."""
        self._connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.uid == uid).values(new))

    def add_identity(self, issuer: str, subject: str, account: str, at: datetime) -> None:
        """Let an issuer vouch for an account under a name."""
        row = {"issuer": issuer, "subject": subject, "account": account, "added_at": at}
        self._connection.execute(insert(_IDENTITY).values(row))

    # What proves it

    def password(self, account: str) -> Password | None:
        """Return what tells the right password, or None where none is set."""
        columns = (_PASSWORD.c[name] for name in Password.__dataclass_fields__)
        row = self._one(select(*columns).where(_PASSWORD.c.account == account))
        return None if row is None else Password(*row)

    def set_password(self, account: str, password: Password) -> None:
        """Keep a password in the place of the one before."""
        row = {name: getattr(password, name) for name in Password.__dataclass_fields__}
        put(self._connection, _PASSWORD, {"account": account}, row)

    def factor(self, account: str) -> Factor | None:
        """Return the second factor, or None; it counts only once it is confirmed."""
        columns = (_FACTOR.c[name] for name in Factor.__dataclass_fields__)
        row = self._one(select(*columns).where(_FACTOR.c.account == account))
        return None if row is None else Factor(*row)

    def set_factor(self, account: str, factor: Factor) -> None:
        """Keep a second factor in the place of the one before."""
        row = {name: getattr(factor, name) for name in Factor.__dataclass_fields__}
        put(self._connection, _FACTOR, {"account": account}, row)

    def use_step(self, account: str, step: int) -> bool:
        """Use a time step of the second factor; False if it or a later one was used before."""
        unused = (_FACTOR.c.account == account, _FACTOR.c.last_step < step)
        used = update(_FACTOR).where(*unused).values(last_step=step)
        return self._connection.execute(used).rowcount == 1

    def drop_factor(self, account: str) -> bool:
        """Forget the second factor; return whether there was one."""
        gone = delete(_FACTOR).where(_FACTOR.c.account == account)
        return self._connection.execute(gone).rowcount == 1

    def set_codes(self, account: str, codes: Mapping[bytes, bytes | None]) -> None:
        """Keep recovery codes by their hashes, with the data key under each; older ones go."""
        self._connection.execute(delete(_CODE).where(_CODE.c.account == account))
        rows = [{"digest": d, "account": account, "wrapped": w} for d, w in codes.items()]
        if rows:
            self._connection.execute(insert(_CODE), rows)

    def code(self, account: str, digest: bytes) -> tuple[bytes | None] | None:
        """Return the data key under an unused recovery code, or None for no such code."""
        same = (_CODE.c.account == account, _CODE.c.digest == digest, _CODE.c.used_at.is_(None))
        row = self._one(select(_CODE.c.wrapped).where(*same))
        return None if row is None else (row[0],)

    def use_code(self, account: str, digest: bytes, at: datetime) -> bool:
        """Use a recovery code up; False if it was used before."""
        same = (_CODE.c.account == account, _CODE.c.digest == digest, _CODE.c.used_at.is_(None))
        used = update(_CODE).where(*same).values(used_at=at, wrapped=null())
        return self._connection.execute(used).rowcount == 1

    def codes_left(self, account: str) -> int:
        """Return how many recovery codes are unused."""
        left = select(func.count()).where(_CODE.c.account == account, _CODE.c.used_at.is_(None))
        return int(self._connection.execute(left).scalar_one())

    def close_codes(self, account: str) -> None:
        """Let recovery codes prove who somebody is, yet open no data any more."""
        new = update(_CODE).where(_CODE.c.account == account).values(wrapped=null())
        self._connection.execute(new)

    # Tokens

    def add_token(
        self, digest: bytes, token: Token, made_at: datetime, message: int | None
    ) -> None:
        """Keep a token by its hash; earlier ones of the same purpose end."""
        self.end_tokens(token.account, token.purpose, made_at)
        row = {
            "digest": digest,
            "account": token.account,
            "purpose": token.purpose,
            "made_at": made_at,
            "expires_at": token.expires_at,
            "message_id": message,
        }
        self._connection.execute(insert(_TOKEN).values(row))

    def token(self, digest: bytes) -> Token | None:
        """Return a token by its hash, whatever its state, or None."""
        columns = (_TOKEN.c[name] for name in Token.__dataclass_fields__)
        row = self._one(select(*columns).where(_TOKEN.c.digest == digest))
        return None if row is None else Token(*row)

    def use_token(self, digest: bytes, at: datetime) -> bool:
        """Use a token up; False if it was used, or has expired."""
        good = (_TOKEN.c.digest == digest, _TOKEN.c.used_at.is_(None), _TOKEN.c.expires_at > at)
        return (
            self._connection.execute(update(_TOKEN).where(*good).values(used_at=at)).rowcount == 1
        )

    def end_tokens(self, account: str, purpose: str | None, at: datetime) -> None:
        """End the tokens of an account, of one purpose or of all."""
        open_ = [_TOKEN.c.account == account, _TOKEN.c.used_at.is_(None)]
        if purpose is not None:
            open_.append(_TOKEN.c.purpose == purpose)
        self._connection.execute(update(_TOKEN).where(*open_).values(used_at=at))

    def forget_letters(self, now: datetime) -> int:
        """Empty the letters whose link has been sent, used, or has expired; return how many.

        A letter that is still to be sent with a dead link is cancelled.
        """
        dead = or_(_TOKEN.c.used_at.is_not(None), _TOKEN.c.expires_at <= now)
        linked = select(_TOKEN.c.message_id).where(_TOKEN.c.message_id.is_not(None))
        ready = _MESSAGE.c.state == "ready"
        late = (ready, _MESSAGE.c.id.in_(linked.where(dead)))
        self._connection.execute(update(_MESSAGE).where(*late).values(state="cancelled"))
        ended = _MESSAGE.c.state.in_(("accepted", "dead", "cancelled"))
        full = func.length(_MESSAGE.c.data) > 0
        emptied = update(_MESSAGE).where(ended, full, _MESSAGE.c.id.in_(linked)).values(data=b"")
        return int(self._connection.execute(emptied).rowcount)

    # Sessions

    def add_session(self, session: Session, digest: bytes) -> None:
        """Keep a log-in by the hash of its token."""
        row = {name: getattr(session, name) for name in Session.__dataclass_fields__}
        self._connection.execute(insert(_SESSION).values(row | {"digest": digest}))

    def session(self, digest: bytes) -> tuple[Session, Account] | None:
        """Return a log-in by the hash of its token, with its account, or None."""
        found = _accounts().add_columns(*_session_columns())
        found = found.join(_SESSION, _SESSION.c.account == _ACCOUNT.c.uid)
        row = self._one(found.where(_SESSION.c.digest == digest))
        if row is None:
            return None
        size = len(Account.__dataclass_fields__)
        return Session(*row[size:]), _as_account(row[:size])

    def sessions(self, account: str) -> list[Session]:
        """Return the log-ins of an account, the one used last first."""
        found = select(*_session_columns()).where(_SESSION.c.account == account)
        rows = self._connection.execute(found.order_by(_SESSION.c.seen_at.desc(), _SESSION.c.uid))
        return [Session(*row) for row in rows]

    def touch(self, session: str, at: datetime) -> None:
        """Note that a session was used."""
        new = update(_SESSION).where(_SESSION.c.uid == session).values(seen_at=at)
        self._connection.execute(new)

    def end_session(self, account: str, session: str) -> bool:
        """End a log-in of an account; return whether there was one."""
        gone = delete(_SESSION).where(_SESSION.c.account == account, _SESSION.c.uid == session)
        return self._connection.execute(gone).rowcount == 1

    def end_sessions(self, account: str, keep: str = "") -> int:
        """End every log-in of an account but the one to keep; return how many."""
        gone = delete(_SESSION).where(_SESSION.c.account == account, _SESSION.c.uid != keep)
        return int(self._connection.execute(gone).rowcount)

    def sweep(self, now: datetime, idle_since: datetime, quiet_since: datetime) -> None:
        """Forget sessions that have ended and brakes that nobody has touched for long."""
        over = or_(_SESSION.c.ends_at <= now, _SESSION.c.seen_at <= idle_since)
        self._connection.execute(delete(_SESSION).where(over))
        self._connection.execute(delete(_THROTTLE).where(_THROTTLE.c.last_at <= quiet_since))

    # Brakes

    def brake(self, name: str) -> Brake | None:
        """Return how often something was tried of late, or None."""
        columns = (_THROTTLE.c[field] for field in Brake.__dataclass_fields__)
        row = self._one(select(*columns).where(_THROTTLE.c.name == name))
        return None if row is None else Brake(*row)

    def set_brake(self, name: str, brake: Brake | None) -> None:
        """Keep how often something was tried, or forget it."""
        if brake is None:
            self._connection.execute(delete(_THROTTLE).where(_THROTTLE.c.name == name))
            return
        row = {field: getattr(brake, field) for field in Brake.__dataclass_fields__}
        put(self._connection, _THROTTLE, {"name": name}, row)

    def bring_back(self, now: datetime) -> None:
        """Forget the brakes that a wrong clock put on until long after `now`."""
        self._connection.execute(delete(_THROTTLE).where(_THROTTLE.c.last_at > now))

    # Private texts

    def private(self, account: str, name: bytes) -> bytes | None:
        """Return a private text as it is stored, or None."""
        same = (_PRIVATE.c.account == account, _PRIVATE.c.name == name)
        row = self._one(select(_PRIVATE.c.data).where(*same))
        return None if row is None else bytes(row[0])

    def privates(self, account: str) -> list[tuple[bytes, bytes, datetime]]:
        """Return the private texts of an account as they are stored, the newest first."""
        columns = (_PRIVATE.c.name, _PRIVATE.c.data, _PRIVATE.c.changed_at)
        found = select(*columns).where(_PRIVATE.c.account == account)
        rows = self._connection.execute(found.order_by(_PRIVATE.c.changed_at.desc()))
        return [(bytes(row[0]), bytes(row[1]), row[2]) for row in rows]

    def set_private(self, account: str, name: bytes, data: bytes, at: datetime) -> None:
        """Keep a private text in the place of the one before."""
        row = {"data": data, "changed_at": at}
        put(self._connection, _PRIVATE, {"account": account, "name": name}, row)

    def drop_private(self, account: str, name: bytes | None = None) -> int:
        """Forget a private text of an account, or all of them; return how many."""
        gone = delete(_PRIVATE).where(_PRIVATE.c.account == account)
        if name is not None:
            gone = gone.where(_PRIVATE.c.name == name)
        return int(self._connection.execute(gone).rowcount)

    def _one(self, found: Any) -> Any:
        return self._connection.execute(found).first()

    def _account(self, found: Select[Any]) -> Account | None:
        row = self._one(found)
        return None if row is None else _as_account(row)


def _accounts() -> Select[Any]:
    """Select accounts; a person's own name, address and language come before the account's."""
    c = _ACCOUNT.c
    return select(
        c.uid,
        func.coalesce(c.person, ""),
        func.coalesce(_PERSON.c.name, c.name),
        func.coalesce(_PERSON.c.email, c.email),
        func.coalesce(_PERSON.c.language, c.language),
        c.administrator,
        c.state,
        c.created_at,
    ).select_from(_ACCOUNT.outerjoin(_PERSON, _PERSON.c.uid == c.person))


def _as_account(row: Any) -> Account:
    return Account(*row)


def _session_columns() -> list[Any]:
    return [_SESSION.c[name] for name in Session.__dataclass_fields__]
