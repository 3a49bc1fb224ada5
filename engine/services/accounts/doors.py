"""Accounts come and go: invitations, passwords, resets by mail, and being shut."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from engine import clock
from engine.app import App
from engine.delivery.personal import INVITATION, NEW_PASSWORD, NOTE, personal
from engine.errors import InputError, NotFound, Refused, Text
from engine.services import throttle
from engine.services.accounts.passwords import refuse_weak
from engine.services.accounts.values import (
    ACTIVE,
    DISABLED,
    INVITED,
    DeadLink,
    NotSignedIn,
    Visitor,
    by,
    login_name,
    new_login,
)
from engine.services.cases import person_of
from engine.services.vault import (
    COST,
    digest,
    key_from,
    new_key,
    opened,
    plain_code,
    sealed,
    stretched,
    unsealed,
)
from engine.store.accounts import LOCAL, Account, Password, Token
from engine.store.roster import By
from engine.store.store import Store

INVITED_FOR = timedelta(days=7)
RESET_FOR = timedelta(hours=1)
INVITE, RESET = "invitation", "reset"
PATHS: Mapping[str, str] = {INVITE: "/einladung/", RESET: "/kennwort/"}
"""Where the link of an invitation and of a reset leads; the token follows."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers to its bearer: an account's name and login."""

    account: str
    name: str
    login: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """An account in a list."""

    account: Account
    login: str
    second_factor: bool


def invite(
    app: App,
    person: str,
    login: str,
    administrator: bool = False,
    *,
    who: Visitor | None = None,
    name: str = "",
    email: str = "",
    by_mail: bool = True,
) -> str:
    """Invite a person of the roster, or somebody without office by `name`; return the token.

    The link is good once and for seven days; a new one ends the old. It goes out by mail too
    where there is an address (without office the login, if it is one) and config.yaml names
    a `link`. Raises InputError where the
    login belongs to somebody else, NotFound for an unknown person.
    """
    login = new_login(login)
    letter = INVITATION if by_mail else None
    with app.database.write() as store:
        uid = person_of(app.world(store), person) if person else ""
        taken = store.accounts.by_identity(LOCAL, login)
        account = store.accounts.by_person(uid) if uid else taken
        if taken is not None and (
            account is None
            or taken.uid != account.uid
            or taken.person != uid
            or store.grants.ever(taken.uid)
        ):
            raise taken_login(login)
        if account is None:
            address = email or (login if "@" in login and not uid else "")
            account = new_account(app, store, uid, login, administrator, name or login, address)
        elif account.state == ACTIVE:
            had = store.accounts.login(account.uid)
            raise Refused(
                f"{account.name} hat schon das Konto „{had}“. Ein neues Kennwort richtet ein: "
                f"account reset {had}.",
                f"{account.name} has the account '{had}' already. A new password comes by: "
                f"account reset {had}.",
            )
        elif (had := store.accounts.login(account.uid)) != login:
            raise InputError(
                f"{account.name} hat schon das Konto „{had}“. Laden Sie unter diesem "
                "Anmeldenamen ein.",
                f"{account.name} has the account '{had}' already. Invite by this login.",
            )
        store.accounts.set_account(account.uid, administrator=administrator)
        return invited_in(app, store, account, by(app, "invite", who), administrator, letter)


def invited_in(
    app: App,
    store: Store,
    account: Account,
    act: By,
    administrator: bool = False,
    letter: str | None = INVITATION,
) -> str:
    """Invite the owner of an account within a transaction; return the token of her link."""
    store.accounts.set_account(account.uid, state=INVITED)
    store.accounts.enter(act, "invited", account.uid, administrator=administrator)
    return _link(app, store, account, INVITE, INVITED_FOR, letter)


def offer(app: App, token: str, purpose: str) -> Offer:
    """Return what an invitation or reset offers; raises DeadLink."""
    with app.database.read() as store:
        found = _good(app, store, token, purpose)
        account = store.accounts.get(found.account)
        assert account is not None
        login = store.accounts.login(account.uid)
        return Offer(account.uid, account.name, login, found.expires_at)


def accept(app: App, token: str, password: str) -> str:
    """Set the first password of somebody invited; return the name by which she signs in.

    Raises DeadLink, and InputError for a password that is too easy to guess.
    """
    return _set(app, token, INVITE, password, None)


def ask_reset(app: App, login: str) -> None:
    """Send a link for a new password, if there is such an account; nobody is told whether.

    At most three an hour go to one account. As much is done where there is none.
    """
    name, now = login_name(login), app.clock.now()
    with app.database.write() as store:
        account = store.accounts.by_identity(LOCAL, name)
        admitted = throttle.admit_letter(app, store, name)
        known = account is not None and account.state == ACTIVE and admitted
        if account is None or not known:
            personal(app, now, _nobody(app), NEW_PASSWORD, PATHS[RESET] + clock.token(64))
            return
        store.accounts.enter(by(app, "reset", account), "reset_asked", account.uid)
        _link(app, store, account, RESET, RESET_FOR, NEW_PASSWORD)


def offer_reset(
    app: App, account: str, *, second_factor: bool = False, who: Visitor | None = None
) -> str:
    """Return the token of a new password for an account, on behalf of an administrator.

    With `second_factor` the second factor is taken off, for somebody who has lost it.
    """
    with app.database.write() as store:
        found = _known(store, account)
        if found.state != ACTIVE:
            raise Refused(
                "Dieses Konto ist nicht in Gebrauch. Laden Sie die Person neu ein.",
                "This account is not in use. Invite the person anew.",
            )
        if second_factor and store.accounts.drop_factor(found.uid):
            store.accounts.set_codes(found.uid, {})
            store.accounts.enter(by(app, "factor", who), "second_factor_off", found.uid)
            tell(app, store, found, FACTOR_OFF)
        store.accounts.enter(by(app, "reset", who), "reset_asked", found.uid)
        return _link(app, store, found, RESET, RESET_FOR, NEW_PASSWORD)


def reset(app: App, token: str, password: str, recovery: str | None = None) -> str:
    """Set a new password by the link of a mail; return the name by which she signs in.

    With a recovery code the private texts are kept, without one they are lost: they open
    with the old password only. The second factor stays. Every session ends.
    """
    return _set(app, token, RESET, password, recovery)


def change_password(app: App, visitor: Visitor, old: str, new: str) -> None:
    """Change one's own password; other sessions end. Raises NotSignedIn for a wrong old one."""
    with app.database.read() as store:
        held = store.accounts.password(visitor.account)
        login = store.accounts.login(visitor.account)
    throttle.admit(app, login, visitor.account)
    key = opened(old, held)
    if key is None:
        raise NotSignedIn
    refuse_weak(app, new, login, visitor.name)
    made = _password(app, new, key)
    with app.database.write() as store:
        throttle.forgive(app, store, login, visitor.account)
        account = _known(store, visitor.account)
        store.accounts.set_password(account.uid, made)
        store.accounts.end_sessions(account.uid, keep=visitor.session)
        store.accounts.end_tokens(account.uid, None, app.clock.now())
        store.accounts.enter(by(app, "password", visitor), "password_set", account.uid, kept=True)
        tell(app, store, account, PASSWORD_SET)


def disable(app: App, account: str, who: Visitor | None = None) -> None:
    """Shut an account: all its sessions and links end at once. An invitation opens it again."""
    with app.database.write() as store:
        found = _known(store, account)
        if found.state == DISABLED:
            return
        store.accounts.set_account(found.uid, state=DISABLED)
        store.accounts.end_sessions(found.uid)
        store.accounts.end_tokens(found.uid, None, app.clock.now())
        store.accounts.enter(by(app, "disable", who), "disabled", found.uid)


def set_language(app: App, visitor: Visitor, language: str) -> None:
    """Speak to somebody in this language, on pages and in letters."""
    if language not in ("de", "en"):
        raise InputError(f"Die Sprache „{language}“ gibt es hier nicht.", f"no '{language}' here")
    with app.database.write() as store:
        store.accounts.set_account(visitor.account, language=language)
        person = app.world(store).roster.persons.get(visitor.person)
        if person is not None and person.language != language:
            store.save_person(replace(person, language=language), by(app, "language", visitor))


def accounts_of(app: App) -> list[Line]:
    """Return every account, with whether a second factor guards it."""
    with app.database.read() as store:
        return [
            Line(account, login, _guarded(store, account.uid))
            for account, login in store.accounts.all()
        ]


def account_of(app: App, words: str) -> Account:
    """Return an account by its login or its person; NotFound."""
    with app.database.read() as store:
        found = store.accounts.by_identity(LOCAL, login_name(words))
        if found is None:
            with suppress(NotFound):
                found = store.accounts.by_person(person_of(app.world(store), words))
    if found is None:
        raise _nobody_called(words)
    return found


PASSWORD_SET = Text("ein neues Kennwort wurde gesetzt", "a new password was set")
FACTOR_ON = Text(
    "die Anmeldung mit Code wurde eingeschaltet", "signing in with a code was switched on"
)
FACTOR_OFF = Text(
    "die Anmeldung mit Code wurde abgeschaltet", "signing in with a code was switched off"
)
NEW_CODES = Text(
    "neue Wiederherstellungscodes wurden erzeugt, die alten gelten nicht mehr",
    "new recovery codes were made, the old ones are no longer good",
)


def tell(app: App, store: Store, account: Account, what: Text) -> None:
    """Tell the owner at once of a change to how she proves herself."""
    said: dict[str, Any] = {"result": what.in_(account.language)}
    letter = personal(app, app.clock.now(), account, NOTE, **said)
    if letter is not None:
        store.outbox.put(letter)


def _set(app: App, token: str, purpose: str, password: str, recovery: str | None) -> str:
    given = offer(app, token, purpose)
    refuse_weak(app, password, given.login, given.name)
    throttle.admit(app, given.login, f"link:{given.account}")
    code = digest(plain_code(recovery)) if recovery and recovery.strip() else None
    with app.database.read() as store:
        kept = None if code is None else _key_by_code(store, given.account, code, recovery or "")
    key = kept or new_key()
    made = _password(app, password, key)
    with app.database.write() as store:
        now, account = app.clock.now(), _known(store, given.account)
        if not store.accounts.use_token(digest(token), now):
            raise DeadLink
        if code is not None and not store.accounts.use_code(account.uid, code, now):
            raise _wrong_code()
        store.accounts.set_password(account.uid, made)
        if kept is None:
            store.accounts.close_codes(account.uid)
            store.accounts.drop_private(account.uid)
        store.accounts.end_sessions(account.uid)
        store.accounts.end_tokens(account.uid, None, now)
        store.accounts.set_account(account.uid, state=ACTIVE)
        throttle.forgive(app, store, given.login, f"link:{given.account}")
        act = by(app, "password", account)
        store.accounts.enter(act, "password_set", account.uid, kept=kept is not None)
        if purpose == RESET:
            tell(app, store, account, PASSWORD_SET)
    return given.login


def _key_by_code(store: Store, account: str, code: bytes, said: str) -> bytes:
    """Return the data key that a recovery code opens; raises InputError."""
    held = store.accounts.code(account, code)
    wrapped = None if held is None else held[0]
    key = None if wrapped is None else unsealed(code_key(said), wrapped, account)
    if key is None:
        raise _wrong_code()
    return key


def code_key(code: str) -> bytes:
    """Return the key under which a recovery code holds the data key."""
    return key_from(plain_code(code).encode(), "recovery")


def _password(app: App, password: str, key: bytes) -> Password:
    salt = clock.salt()
    found = stretched(password, salt, COST)
    wrapped = sealed(found.key, key, "data key")
    return Password(salt, COST, found.verifier, wrapped, app.clock.now())


def _link(
    app: App, store: Store, account: Account, purpose: str, lasts: timedelta, letter: str | None
) -> str:
    """Return a new token, kept by its hash alone, and put it on its way by mail.

    It stands in clear in the outgoing letter, which is emptied once it has left.
    """
    token, now = clock.token(64), app.clock.now()
    path = PATHS[purpose] + token
    mail = None if letter is None else personal(app, now, account, letter, path)
    message = None if mail is None else store.outbox.put(mail)
    row = Token(account.uid, purpose, now + lasts, None)
    store.accounts.add_token(digest(token), row, now, message)
    return token


def _good(app: App, store: Store, token: str, purpose: str) -> Token:
    found = store.accounts.token(digest(token))
    now = app.clock.now()
    if found is None or found.purpose != purpose or found.used_at or found.expires_at <= now:
        raise DeadLink
    return found


def new_account(
    app: App, store: Store, person: str, login: str, administrator: bool, name: str, email: str
) -> Account:
    """Keep a new account, invited, that signs in under a name of ours; return it."""
    now = app.clock.now()
    uid = clock.new_uid()
    store.accounts.add(Account(uid, person, name, email, "de", administrator, INVITED, now))
    store.accounts.add_identity(LOCAL, login, uid, now)
    return _known(store, uid)


def _known(store: Store, account: str) -> Account:
    found = store.accounts.get(account)
    if found is None:
        raise _nobody_called(account)
    return found


def _guarded(store: Store, account: str) -> bool:
    factor = store.accounts.factor(account)
    return factor is not None and factor.confirmed_at is not None


def _nobody(app: App) -> Account:
    sender = app.config.settings.mail.sender
    return Account("", "", sender.name, sender.email, "de", False, ACTIVE, app.clock.now())


def taken_login(login: str) -> InputError:
    return InputError(
        f"Der Anmeldename „{login}“ gehört zu einem anderen Konto. Alle zeigt: account list.",
        f"The login '{login}' belongs to another account. 'account list' shows all.",
    )


def _nobody_called(words: str) -> NotFound:
    return NotFound(
        f"Es gibt kein Konto „{words}“. Alle zeigt: account list.",
        f"There is no account '{words}'. 'account list' shows all.",
    )


def _wrong_code() -> InputError:
    return InputError(
        "Dieser Wiederherstellungscode stimmt nicht oder wurde schon verwendet.",
        "This recovery code is not right or was used before.",
    )
