"""The second factor and the codes for the day on which it, or the password, is lost."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

import pyotp

from engine import clock
from engine.app import App
from engine.errors import InputError, Refused
from engine.services import throttle
from engine.services.accounts.doors import FACTOR_OFF, FACTOR_ON, NEW_CODES, code_key, tell
from engine.services.accounts.values import NoKey, Visitor, by, must_be_fresh
from engine.services.accounts.visits import proves, step_of
from engine.services.vault import digest, plain_code, recovery_code, sealed
from engine.store.accounts import Factor
from engine.store.store import Store

CODES = 10


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A second factor that is being set up: its secret, and the same for a camera."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Protection:
    """How an account is guarded: whether by a second factor, and how many codes are left."""

    second_factor: bool
    codes_left: int


def protection(app: App, visitor: Visitor) -> Protection:
    """Return how somebody's own account is guarded."""
    with app.database.read() as store:
        return Protection(_on(store, visitor), store.accounts.codes_left(visitor.account))


def enrol_totp(app: App, visitor: Visitor) -> Enrolment:
    """Begin to set up a second factor; it counts once `confirm_totp` has seen a code of it.

    Raises ConfirmFirst, and Refused where one is in use.
    """
    must_be_fresh(app, visitor)
    with app.database.write() as store:
        if _on(store, visitor):
            raise Refused(
                "Die Anmeldung mit Code ist bereits eingeschaltet. Schalten Sie sie zuerst ab, "
                "um ein anderes Gerät einzurichten.",
                "Signing in with a code is on already. Switch it off first to set up another "
                "device.",
            )
        secret = base64.b32encode(clock.salt()[:20]).decode()
        store.accounts.set_factor(visitor.account, Factor(secret, None, 0))
    return _enrolment(app, visitor, secret)


def pending_totp(app: App, visitor: Visitor) -> Enrolment | None:
    """Return the second factor that is being set up, None where none is."""
    with app.database.read() as store:
        factor = store.accounts.factor(visitor.account)
    if factor is None or factor.confirmed_at is not None:
        return None
    return _enrolment(app, visitor, factor.secret)


def confirm_totp(app: App, visitor: Visitor, code: str) -> None:
    """Switch the second factor on by a first code; other sessions end.

    Raises InputError for a wrong code, ConfirmFirst, and TooOften.
    """
    must_be_fresh(app, visitor)
    throttle.admit(app, f"factor:{visitor.account}", visitor.account)
    with app.database.write() as store:
        factor = store.accounts.factor(visitor.account)
        if factor is None or factor.confirmed_at is not None:
            raise Refused(
                "Hier ist nichts einzuschalten. Beginnen Sie die Einrichtung von vorn.",
                "There is nothing to switch on. Begin anew.",
            )
        step = step_of(app, store, visitor.account, plain_code(code))
        if step is None:
            raise InputError(
                "Der Code stimmt nicht. Prüfen Sie, ob die Uhr des Geräts richtig geht, und "
                "geben Sie den nächsten ein.",
                "The code is not right. Check the clock of the device and enter the next one.",
            )
        now = app.clock.now()
        store.accounts.set_factor(visitor.account, Factor(factor.secret, now, step))
        throttle.forgive(app, store, f"factor:{visitor.account}", visitor.account)
        store.accounts.end_sessions(visitor.account, keep=visitor.session)
        _note(app, store, visitor, "second_factor_on")


def drop_totp(app: App, visitor: Visitor, code: str) -> None:
    """Switch the second factor off, by a code of it or a recovery code; raises InputError."""
    must_be_fresh(app, visitor)
    throttle.admit(app, f"factor:{visitor.account}", visitor.account)
    with app.database.write() as store:
        if not proves(app, store, visitor.account, code):
            raise InputError("Der Code stimmt nicht.", "The code is not right.")
        store.accounts.drop_factor(visitor.account)
        throttle.forgive(app, store, f"factor:{visitor.account}", visitor.account)
        _note(app, store, visitor, "second_factor_off")


def recovery_codes(app: App, visitor: Visitor) -> list[str]:
    """Return ten new recovery codes, shown this once; the old ones end.

    Each is good once: in the place of a one-time code, or to keep the private texts when the
    password is reset. Raises ConfirmFirst, and NoKey where this session cannot open them.
    """
    must_be_fresh(app, visitor)
    if visitor.key is None:
        raise NoKey
    codes = [recovery_code() for _ in range(CODES)]
    rows = {digest(plain_code(c)): sealed(code_key(c), visitor.key, visitor.account) for c in codes}
    with app.database.write() as store:
        store.accounts.set_codes(visitor.account, dict(rows))
        _note(app, store, visitor, "recovery_codes")
    return codes


_TOLD = {
    "second_factor_on": FACTOR_ON,
    "second_factor_off": FACTOR_OFF,
    "recovery_codes": NEW_CODES,
}


def _note(app: App, store: Store, visitor: Visitor, what: str) -> None:
    store.accounts.enter(by(app, "factor", visitor), what, visitor.account)
    account = store.accounts.get(visitor.account)
    if account is not None:
        tell(app, store, account, _TOLD[what])


def _on(store: Store, visitor: Visitor) -> bool:
    factor = store.accounts.factor(visitor.account)
    return factor is not None and factor.confirmed_at is not None


def _enrolment(app: App, visitor: Visitor, secret: str) -> Enrolment:
    with app.database.read() as store:
        login = store.accounts.login(visitor.account)
    issuer = f"Rechtzeitig {app.config.settings.administration}"
    uri = pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)
    return Enrolment(secret, uri)
