"""The parts put together once: settings, database, definitions, clock, channel, letters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from engine import config
from engine.clock import Clock, SteadyClock, SystemClock
from engine.config import Config
from engine.config_mail import Smtp
from engine.core.calendar import local_day
from engine.core.offices import Roster
from engine.core.rules import Confirmed, RulePack
from engine.core.world import Municipality, Session, World
from engine.definitions.library import Definition, Definitions, compile_all
from engine.errors import InputError
from engine.store.database import Database, open_database
from engine.store.house import Definition as Kept
from engine.store.store import Store
from notifications.channel import Channel
from notifications.folder import FolderChannel
from notifications.message import Address, BadAddress
from notifications.render import Renderer
from notifications.smtp import SmtpChannel, SmtpSettings

_Parts = tuple[Definitions, Roster, dict[str, Municipality], dict[str, Session], int]


class App:
    """One installation at work; services get it, and decide nothing without the core."""

    def __init__(self, settings: Config, database: Database, clock: Clock | None = None) -> None:
        self.config = settings
        self.database = database
        self.clock = clock or _clock_for(database)
        self.renderer = Renderer()
        self._position: tuple[int, int, int] | None = None
        self._parts: _Parts | None = None

    @property
    def training(self) -> bool:
        """Whether the database was made for training, which was fixed at its birth."""
        return self.database.meta.training

    def world(self, store: Store) -> World:
        """Return the world at this instant, as the transaction sees it."""
        definitions, roster, places, sessions, position = self._current(store)
        self.follow_clock(store)
        now = self.clock.now()
        return World(
            library=definitions.library,
            roster=roster,
            calendars=definitions.calendars,
            municipalities=places,
            today=local_day(now),
            now=now,
            sessions=sessions,
            position=position,
        )

    def follow_clock(self, store: Store) -> None:
        """Go by what is known of this machine's clock; who only reads asks every few seconds.

        Who writes asks each time: somebody may just have said that the clock was wrong, and what
        is written by it would stay.
        """
        if isinstance(self.clock, SteadyClock) and (store.writing or self.clock.stale()):
            follow(self.clock, store)

    def definitions(self, store: Store) -> Definitions:
        """Return the definitions in force, compiled."""
        return self._current(store)[0]

    def _current(self, store: Store) -> _Parts:
        """Read anew only what another transaction has changed since."""
        position = store.position()
        if self._parts is None or position != self._position:
            compiled = compile_all(stored(store))
            roster = store.roster(compiled.kinds)
            packs = _signed(compiled.library.packs, store, roster)
            library = replace(compiled.library, packs=packs, position=position[1])
            compiled = replace(compiled, library=library)
            places, sessions = store.municipalities(), store.sessions()
            self._parts = (compiled, roster, places, sessions, position[2])
            self._position = position
        return self._parts

    def channel(self) -> Channel:
        """Return the way out for mails; a training database never sends."""
        mail = self.config.settings.mail
        if self.training or mail.channel == "folder":
            return FolderChannel(self.config.mails)
        if mail.smtp is None:
            raise InputError(
                "config.yaml, mail: Für channel: smtp fehlt der Abschnitt smtp mit host.",
                "config.yaml, mail: channel: smtp needs the section smtp with a host.",
            )
        return SmtpChannel(smtp_settings(self.config, mail.smtp))

    def channels(self) -> list[Channel]:
        """Return the ways out for mails in their order: the usual one, and the second if any."""
        mail = self.config.settings.mail
        usual = self.channel()
        if mail.second is None or not isinstance(usual, SmtpChannel):
            return [usual]
        return [usual, SmtpChannel(smtp_settings(self.config, mail.second, "mail.second"))]

    def close(self) -> None:
        """Give the database back."""
        self.database.close()


def _clock_for(database: Database) -> Clock:
    """Return the clock of this machine; in training, where days are let go by, whatever it shows."""
    return SystemClock() if database.meta.training else SteadyClock(SystemClock())


def follow(clock: SteadyClock, store: Store) -> None:
    """Let a clock go by what is known of it."""
    trusted, pulse = store.pulse.trusted(clock.boot()), store.pulse.clock()
    clock.follow(
        None if trusted is None else trusted.reading, None if pulse is None else pulse.high_water
    )


def smtp_settings(settings: Config, smtp: Smtp, name: str = "mail.smtp") -> SmtpSettings:
    """Return the mail server's settings with the password read from its file."""
    password = None
    if smtp.password_file is not None:
        try:
            password = settings.path(smtp.password_file).read_text().strip()
        except OSError as error:
            raise InputError(
                f"config.yaml, {name}.password_file: {smtp.password_file} ist nicht lesbar "
                f"({error.strerror}).",
                f"config.yaml, {name}.password_file: cannot read {smtp.password_file} "
                f"({error.strerror}).",
            ) from None
    return SmtpSettings(
        host=smtp.host,
        port=smtp.port,
        tls=smtp.tls,
        ca_file=None if smtp.ca_file is None else settings.path(smtp.ca_file),
        user=smtp.user,
        password=password,
        helo=smtp.helo,
    )


def _signed(packs: Iterable[RulePack], store: Store, roster: Roster) -> tuple[RulePack, ...]:
    """Return the packs with who has confirmed exactly these bytes, and when."""
    signed = {c.digest: c for c in store.house.confirmations()}
    return tuple(
        pack.confirmed_by(
            Confirmed(roster.name(signed[pack.digest].person), signed[pack.digest].on)
        )
        if pack.digest in signed
        else pack
        for pack in packs
    )


def stored(store: Store) -> list[Definition]:
    """Return the definitions of the library table, as the compiler takes them."""
    return stored_as(store.definitions())


def stored_as(rows: Iterable[Kept]) -> list[Definition]:
    """Return rows of the library table as the compiler takes them."""
    return [
        Definition(d.kind, d.id, d.version, f"{d.kind}/{d.id}@{d.version}", d.data, d.current)
        for d in rows
    ]


def takes_mail(address: str) -> bool:
    """Return whether every mail server takes that address (RFC 5321, in ASCII)."""
    try:
        Address("", address)
    except BadAddress:
        return False
    return True


def open_app(folder: Path, clock: Clock | None = None) -> App:
    """Return the installation in `folder`, ready for work."""
    settings = config.load(folder)
    app = App(settings, open_database(settings.database), clock)
    with app.database.read() as store:
        app.follow_clock(store)
    return app
