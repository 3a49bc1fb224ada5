"""The settings of mail in config.yaml: who sends, by which servers, and what is done in doubt."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engine.strictyaml import Strict
from engine.strictyaml.problems import Wrong

Unsure = Literal["journal", "resend", "ask"]

_Port = Annotated[int, Field(ge=1, le=65535)]


class Sender(Strict):
    """From whom the mails come."""

    name: str
    email: str


class Smtp(Strict):
    """The mail server; a password lies in a file of its own, never here."""

    host: str
    port: _Port = 25
    tls: Literal["required", "opportunistic", "implicit", "off"] = "required"
    ca_file: str | None = None
    user: str | None = None
    password_file: str | None = None
    helo: str | None = None


class Imap(Strict):
    """A mailbox that is read; its password lies in a file of its own."""

    host: str
    port: _Port = 993
    tls: Literal["implicit", "required", "off"] = "implicit"
    ca_file: str | None = None
    user: str
    password_file: str
    folder: str = "INBOX"


class Bounces(Strict):
    """Where mails come back to: `address` with `+…` before its @ must reach the same mailbox.

    The part before the @ has at most 20 characters, for a uid and a code join it (RFC 5321,
    4.5.3.1.1: 64 in all).
    """

    address: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,20}@[A-Za-z0-9.-]+$")]
    imap: Imap | None = None


class Journal(Strict):
    """A mailbox of the house that gets a copy of each letter, to be asked where one is in doubt."""

    address: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]+$")]
    imap: Imap


class SignOfLife(Strict):
    """To whom a mail regularly says that all is running; that it stays away is the alarm."""

    to: Annotated[str, Field(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]+$")]
    every: Literal["day", "week"] = "day"
    hour: Annotated[int, Field(ge=0, le=23)] = 7
    language: Literal["de", "en"] = "de"


class Mail(Strict):
    """How mails leave the house."""

    sender: Sender
    channel: Literal["folder", "smtp"] = "folder"
    folder: str = "mails"
    smtp: Smtp | None = None
    second: Smtp | None = None
    """The mail server that is used while the first one cannot be."""
    per_minute: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many mails leave at most in any minute."""
    bounces: Bounces | None = None
    unsure: Unsure | None = None
    """What is done where nobody knows whether a mail left; without it, `policy` decides."""
    journal: Journal | None = None
    sign_of_life: SignOfLife | None = None

    @property
    def policy(self) -> Unsure:
        """What is done where nobody knows whether a mail left the house."""
        return self.unsure or ("resend" if self.journal is None else "journal")

    @property
    def copies_to(self) -> str | None:
        """The mailbox that each letter is copied to, None where none is asked in doubt."""
        return self.journal.address if self.journal and self.policy == "journal" else None

    @model_validator(mode="after")
    def _a_journal_to_ask(self) -> Self:
        if self.unsure == "journal" and self.journal is None:
            raise Wrong(
                "Für unsure: journal fehlt der Abschnitt journal mit address und imap.",
                "unsure: journal needs the section journal with address and imap.",
                ("unsure",),
            )
        return self
