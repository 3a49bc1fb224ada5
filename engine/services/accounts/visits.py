"""Coming in and going: password, second factor, sessions and their end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pyotp

from engine.app import App
from engine.errors import NotFound, Refused
from engine.services import throttle
from engine.services.accounts.values import (
    ACTIVE,
    CODE,
    DISABLED,
    IDLE,
    OPEN,
    NothingGranted,
    NotSignedIn,
    Signed,
    Visitor,
    as_visitor,
    by,
    login_name,
    open_session,
    opens_nothing,
    session_key,
)
from engine.services.vault import digest, key_from, opened, plain_code, unsealed
from engine.store.accounts import LOCAL, Account, Session
from engine.store.store import Store

TOUCH = timedelta(minutes=1)
"""How often a session notes at most that it is in use."""

QUIET = timedelta(days=1)
TRAINING = "training"
"""The issuer of those who come in by a button of the demo."""

STEP = 30
_DRIFT = 1
"""Steps of 30 seconds by which a clock may differ (RFC 6238, 5.2)."""


def sign_in(
    app: App, login: str, password: str, code: str = "", *, address: str, agent: str
) -> Signed:
    """Let somebody in who knows name and password, and the code where she set one up.

    Without the code the session is half open: `confirm_code` opens it. Raises NotSignedIn,
    NothingGranted after a right password, and TooOften before anything is looked at.
    """
    name = login_name(login)
    tries = throttle.admit(app, name, address)
    with app.database.read() as store:
        account = store.accounts.by_identity(LOCAL, name)
        known = account is not None and account.state == ACTIVE
        held = store.accounts.password(account.uid) if account is not None and known else None
    key = opened(password, held)
    if account is None or key is None:
        _failed(app, account, tries)
        raise NotSignedIn
    with app.database.write() as store:
        signed = _entered(app, store, account.uid, key, code, address, agent)
        if signed is not None and signed.visitor is not None:
            throttle.forgive(app, store, name, address)
    if signed is None:
        _failed(app, account, tries)
        raise NotSignedIn
    return signed


def confirm_code(app: App, token: str, code: str, *, address: str, agent: str) -> Signed:
    """Open a half-open session by the second factor, under a new token.

    Raises NotSignedIn, also where the half-open session has ended meanwhile, and TooOften.
    """
    with app.database.read() as store:
        found = _live(app, store, token, CODE)
        login = "" if found is None else store.accounts.login(found[1].uid)
    if found is None:
        raise NotSignedIn
    session, account = found
    tries = throttle.admit(app, login, address)
    key = _key_of(session, account, token)
    with app.database.write() as store:
        signed = None
        if store.accounts.get(account.uid) == account and proves(app, store, account.uid, code):
            store.accounts.end_session(account.uid, session.uid)
            signed = open_session(app, store, account, key, address=address, agent=agent)
            throttle.forgive(app, store, login, address)
    if signed is None:
        _failed(app, account, tries)
        raise NotSignedIn
    return signed


def waits_for_code(app: App, token: str) -> bool:
    """Return whether a token is that of a session that lacks the second factor alone."""
    with app.database.read() as store:
        return _live(app, store, token, CODE) is not None


def confirm(
    app: App, visitor: Visitor, password: str, code: str = "", *, address: str, agent: str
) -> Signed:
    """Let somebody prove herself once more; she goes on under a new token."""
    with app.database.read() as store:
        login = store.accounts.login(visitor.account)
    signed = sign_in(app, login, password, code, address=address, agent=agent)
    if signed.visitor is None:
        sign_out(app, signed.token)
        raise NotSignedIn
    with app.database.write() as store:
        store.accounts.end_session(visitor.account, visitor.session)
    return signed


def visitor(app: App, token: str) -> Visitor | None:
    """Return who a cookie's token stands for, None where its session has ended or never was.

    A read on most requests; once a minute the session notes that it is in use.
    """
    with app.database.read() as store:
        found = _live(app, store, token, OPEN)
        if found is None:
            return None
        session, account = found
        grants = store.grants.live(account.uid, app.clock.now())
    if app.clock.now() - session.seen_at >= TOUCH:
        with app.database.write() as store:
            store.accounts.touch(session.uid, app.clock.now())
    return as_visitor(account, session, token, _key_of(session, account, token), grants)


def sign_out(app: App, token: str) -> None:
    """End the session of a token, if there is one."""
    with app.database.write() as store:
        found = store.accounts.session(digest(token))
        if found is not None:
            store.accounts.end_session(found[1].uid, found[0].uid)


def sessions_of(app: App, visitor: Visitor) -> Sequence[Session]:
    """Return the live sessions of somebody's own account, the one used last first."""
    with app.database.read() as store:
        rows = store.accounts.sessions(visitor.account)
    now = app.clock.now()
    return [s for s in rows if s.stage == OPEN and s.ends_at > now and now - s.seen_at < IDLE]


def end_session(app: App, visitor: Visitor, session: str) -> None:
    """End one of somebody's own sessions; NotFound for any other."""
    with app.database.write() as store:
        if not store.accounts.end_session(visitor.account, session):
            raise NotFound(
                "Diese Sitzung gibt es nicht (mehr).", "There is no such session (any more)."
            )


def end_sessions(app: App, visitor: Visitor) -> int:
    """End all of somebody's own sessions but the present one; return how many."""
    with app.database.write() as store:
        return store.accounts.end_sessions(visitor.account, keep=visitor.session)


def enter_demo(app: App, person: str, *, address: str = "", agent: str = "") -> Signed:
    """Let a person of a training database in without a password; Refused anywhere else.

    Any other name than a person's is that of somebody who administers and holds no office.
    """
    if not app.training:
        raise Refused(
            "Ohne Kennwort kommt nur herein, wer übt: Diese Datenbank ist nicht zum Üben da.",
            "Only in training does one come in without a password: this database is none for it.",
        )
    with app.database.write() as store:
        account = _trainee(app, store, person)
        if account.state == DISABLED:
            raise NotSignedIn
        store.accounts.set_account(account.uid, state=ACTIVE)
        account = replace(account, state=ACTIVE)
        # Whoever has a password of her own keeps her texts to herself, in training too.
        own = store.accounts.password(account.uid) is not None
        key = None if own else key_from(f"{app.database.meta.uid}{person}".encode(), "training")
        return open_session(app, store, account, key, address=address, agent=agent)


def _trainee(app: App, store: Store, person: str) -> Account:
    """Return the account of a demo's person, made where there is none yet."""
    uid = f"demo-{person}"
    known = person in app.world(store).roster.persons
    found = store.accounts.by_person(person) if known else store.accounts.get(uid)
    if found is None:
        now = app.clock.now()
        name = "" if known else "Systemverwaltung"
        store.accounts.add(
            Account(uid, person if known else "", name, "", "de", not known, ACTIVE, now)
        )
        store.accounts.add_identity(TRAINING, person, uid, now)
        found = store.accounts.get(uid)
    assert found is not None
    return found


def _entered(
    app: App, store: Store, uid: str, key: bytes, code: str, address: str, agent: str
) -> Signed | None:
    """Return the session of somebody whose password was right; None for a wrong code."""
    now = app.clock.now()
    account = store.accounts.get(uid)
    if account is None or account.state != ACTIVE:
        return None
    if opens_nothing(store, account, now):
        raise NothingGranted
    store.accounts.sweep(now, now - IDLE, now - QUIET)
    factor = store.accounts.factor(uid)
    if factor is not None and factor.confirmed_at is not None:
        if not code.strip():
            return open_session(app, store, account, key, address=address, agent=agent, stage=CODE)
        if not proves(app, store, uid, code):
            return None
    return open_session(app, store, account, key, address=address, agent=agent)


def proves(app: App, store: Store, account: str, code: str) -> bool:
    """Use a one-time or recovery code up; return whether it was a good one."""
    said = plain_code(code)
    if len(said) == 6 and said.isdecimal():
        step = step_of(app, store, account, said)
        return step is not None and store.accounts.use_step(account, step)
    return store.accounts.use_code(account, digest(said), app.clock.now())


def step_of(app: App, store: Store, account: str, code: str) -> int | None:
    """Return the time step to which a one-time code belongs, or None (RFC 6238)."""
    factor = store.accounts.factor(account)
    if factor is None:
        return None
    totp = pyotp.TOTP(factor.secret)
    now = int(app.clock.now().timestamp()) // STEP
    steps = range(now - _DRIFT, now + _DRIFT + 1)
    return next((s for s in steps if pyotp.utils.strings_equal(totp.generate_otp(s), code)), None)


def _live(app: App, store: Store, token: str, stage: str) -> tuple[Session, Account] | None:
    found = store.accounts.session(digest(token))
    if found is None:
        return None
    session, account = found
    now = app.clock.now()
    over = now >= session.ends_at or now - session.seen_at >= IDLE
    if over or session.stage != stage or account.state != ACTIVE:
        return None
    if opens_nothing(store, account, now):
        return None
    return session, account


def _key_of(session: Session, account: Account, token: str) -> bytes | None:
    if session.wrapped is None:
        return None
    return unsealed(session_key(token), session.wrapped, account.uid)


def _failed(app: App, account: Account | None, tries: int) -> None:
    """Enter that an account is being guessed at, once an hour and not for every try."""
    if account is None or tries < throttle.FREE:
        return
    with app.database.write() as store:
        if throttle.first_alarm(app, store, account.uid):
            store.accounts.enter(by(app, "alarm"), "failed_often", account.uid)
