"""The settings of one administration: config.yaml, read as strictly as the definitions."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from engine.config_mail import Mail
from engine.core.world import Municipality
from engine.errors import InputError
from engine.strictyaml import Strict, read

NAME = "config.yaml"


class Scanner(Strict):
    """What looks for malware in files that come in: a command, or clamd by socket or network.

    The command gets the file's path as its last word and ends with 0 for clean, 1 for a find.
    """

    command: list[str] | None = None
    socket: str | None = None
    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] = 3310
    timeout: Annotated[int, Field(ge=1, le=120)] = 30


class Uploads(Strict):
    """Files that come in: the largest in megabytes, and who looks at them first."""

    largest: Annotated[int, Field(ge=1, le=60)] = 25
    scanner: Scanner | None = None


class Stamp(Strict):
    """Who stamps the checkpoint of each day with the time (RFC 3161): address and certificates.

    `ca` is a PEM file with the certificates that are trusted, `timeout` the patience in seconds.
    """

    url: Annotated[str, Field(pattern=r"^https?://")]
    ca: str
    timeout: Annotated[int, Field(ge=1, le=60)] = 10


class Evidence(Strict):
    """Where the log keeps outside the database what it signs with and has signed last.

    `key` moves the private key elsewhere, `signs` is false on hosts that leave the signing to
    another one.
    """

    state: str = "state"
    key: str | None = None
    signs: bool = True
    stamp: Stamp | None = None


class Watch(Strict):
    """How monitoring looks in.

    `token_file` lets it ask from elsewhere than this machine; `heartbeat` is the file that each
    round touches.
    """

    token_file: str | None = None
    heartbeat: str | None = None


class Place(Strict):
    """A Körperschaft that the administration serves."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    name: str
    land: str
    calendar: str

    @property
    def municipality(self) -> Municipality:
        """The same as the core knows it."""
        return Municipality(self.id, self.name, self.land, self.calendar)


class Accessibility(Strict):
    """What the statement on accessibility says of this administration."""

    contact: str
    email: str
    phone: str | None = None
    assessed_on: date | None = None
    method: str | None = None
    gaps: list[str] = []
    enforcement: str | None = None
    enforcement_url: str | None = None


class Settings(Strict):
    """What config.yaml says."""

    administration: str
    wording: Literal["landkreis", "stadt", "gemeinde", "amt"] = "landkreis"
    database: str
    documents: str = "documents"
    link: str | None = None
    oparl: str | None = None
    """Where the council information system publishes: an OParl address, folder or file."""
    municipalities: Annotated[list[Place], Field(min_length=1)]
    mail: Mail
    uploads: Uploads = Uploads()
    evidence: Evidence = Evidence()
    watch: Watch = Watch()
    second_factor: Literal["offered", "demanded"] = "offered"
    """Whether everybody with an account must set up signing in with a code."""
    agenda: str | None = None
    every: Annotated[int, Field(ge=1, le=3600)] = 15
    accessibility: Accessibility | None = None


class Config:
    """The settings and the folder they lie in, at which relative paths begin."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings

    @property
    def database(self) -> str:
        """The database's address; a relative SQLite file lies in the folder."""
        url = self.settings.database
        path = url.removeprefix("sqlite:///")
        if path == url or Path(path).is_absolute():
            return url
        return f"sqlite:///{(self.folder / path).resolve()}"

    @property
    def documents(self) -> Path:
        """The folder of the documents."""
        return self.path(self.settings.documents)

    @property
    def mails(self) -> Path:
        """The folder to which mails are written where none are sent."""
        return self.path(self.settings.mail.folder)

    @property
    def state(self) -> Path:
        """The folder of what the log keeps outside the database."""
        return self.path(self.settings.evidence.state)

    @property
    def heartbeat(self) -> Path:
        """The file that each round leaves its time in."""
        named = self.settings.watch.heartbeat
        return self.state / "heartbeat" if named is None else self.path(named)

    def path(self, name: str) -> Path:
        """Return a path of the settings, beginning at the folder if it is relative."""
        return (self.folder / name).resolve()


def load(folder: Path) -> Config:
    """Return the settings of the installation in `folder`.

    Raises InputError where there are none or they cannot be read, DefinitionError with every
    mistake in them.
    """
    return Config(folder.resolve(), read(Settings, _bytes(folder), NAME).value)


def _bytes(folder: Path) -> bytes:
    file = folder / NAME
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"In {folder} liegt keine {NAME}. Richten Sie die Verwaltung ein mit: "
            f"rechtzeitig init --data {folder}",
            f"There is no {NAME} in {folder}. Set up the administration with: "
            f"rechtzeitig init --data {folder}",
        ) from None
    except OSError as error:
        raise InputError(
            f"{file} ist nicht lesbar ({error.strerror}). Geben Sie dem Konto, unter dem Sie den "
            "Befehl aufrufen, das Recht dazu.",
            f"{file} cannot be read ({error.strerror}). Give the account by which you run the "
            "command the right to.",
        ) from None


def point(file: Path, places: dict[str, str]) -> None:
    """Let config.yaml name other places under these keys; every other line stays as it is."""
    text = file.read_text(encoding="utf-8")
    for key, value in places.items():
        line = f"{key}: {value}"
        text, found = re.subn(rf"(?m)^{re.escape(key)}:.*$", lambda _, line=line: line, text)  # type: ignore[misc]
        if not found:
            text = f"{text.rstrip()}\n{line}\n"
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(file.stat().st_mode & 0o777)
    fresh.replace(file)
