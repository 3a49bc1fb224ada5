"""Who may come in: accounts, ways to prove it, sessions, brakes, private texts, uploads.

Nothing here opens anything by itself: of tokens, codes and sessions only hashes are kept,
and of private texts only what the owner's own key opens.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field

from engine.store.tables.base import Row, instant, octets, one_of, partial, whole


class AccountRow(Row, table=True):
    """A door into the system; without a person it is one for administration alone."""

    __tablename__ = "account"
    __table_args__ = (
        one_of("state", "invited", "active", "disabled"),
        partial("account_person", "person", where="person IS NOT NULL", unique=True),
    )

    uid: str = Field(primary_key=True)
    person: str | None = Field(foreign_key="person.uid")
    name: str
    email: str
    language: str
    administrator: bool
    state: str
    created_at: datetime = instant(nullable=False)


class IdentityRow(Row, table=True):
    """Under which name somebody vouches for an account: we ourselves, or another issuer."""

    __tablename__ = "identity"
    __table_args__ = (Index("identity_account", "account"),)

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.uid")
    added_at: datetime = instant(nullable=False)


class PasswordRow(Row, table=True):
    """What tells the right password (argon2id), and the data key that it opens."""

    __tablename__ = "password"

    account: str = Field(primary_key=True, foreign_key="account.uid")
    salt: bytes = octets(nullable=False)
    cost: str
    verifier: bytes = octets(nullable=False)
    wrapped: bytes = octets(nullable=False)
    set_at: datetime = instant(nullable=False)


class SecondFactorRow(Row, table=True):
    """The secret of a one-time code (RFC 6238); the last step used, so that none counts twice."""

    __tablename__ = "second_factor"

    account: str = Field(primary_key=True, foreign_key="account.uid")
    secret: str
    confirmed_at: datetime | None = instant(nullable=True)
    last_step: int = whole(nullable=False)


class RecoveryCodeRow(Row, table=True):
    """A recovery code, by its hash; it opens the data key too, as long as that is the same."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("recovery_code_account", "account"),)

    digest: bytes | None = octets(default=None, primary_key=True)
    account: str = Field(foreign_key="account.uid")
    wrapped: bytes | None = octets(nullable=True)
    used_at: datetime | None = instant(nullable=True)


class AccountTokenRow(Row, table=True):
    """An invitation, a reset or a calendar feed, by the hash of its token, until it expires.

    The first two are good once.
    """

    __tablename__ = "account_token"
    __table_args__ = (
        one_of("purpose", "invitation", "reset", "feed"),
        Index("account_token_account", "account"),
        Index("account_token_message", "message_id"),
    )

    digest: bytes | None = octets(default=None, primary_key=True)
    account: str = Field(foreign_key="account.uid")
    purpose: str
    made_at: datetime = instant(nullable=False)
    expires_at: datetime = instant(nullable=False)
    used_at: datetime | None = instant(nullable=True)
    message_id: int | None = whole(foreign_key="message.id", nullable=True)


class WebSessionRow(Row, table=True):
    """A log-in, by the hash of its token; `wrapped` is the data key under that token."""

    __tablename__ = "web_session"
    __table_args__ = (
        UniqueConstraint("digest"),
        one_of("stage", "code", "open"),
        Index("web_session_account", "account"),
        Index("web_session_ends", "ends_at"),
    )

    uid: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.uid")
    digest: bytes = octets(nullable=False)
    stage: str
    opened_at: datetime = instant(nullable=False)
    seen_at: datetime = instant(nullable=False)
    confirmed_at: datetime = instant(nullable=False)
    ends_at: datetime = instant(nullable=False)
    address: str
    agent: str
    wrapped: bytes | None = octets(nullable=True)


class ThrottleRow(Row, table=True):
    """How often something was tried of late; its name is a hash, so it tells nobody who."""

    __tablename__ = "throttle"
    __table_args__ = (
        CheckConstraint("count > 0", name="count"),
        Index("throttle_last", "last_at"),
    )

    name: str = Field(primary_key=True)
    count: int
    since: datetime = instant(nullable=False)
    last_at: datetime = instant(nullable=False)
    until: datetime = instant(nullable=False)


class PrivateTextRow(Row, table=True):
    """A draft or note of one account; what it is about lies inside the ciphertext too."""

    __tablename__ = "private_text"

    account: str = Field(primary_key=True, foreign_key="account.uid")
    name: bytes | None = octets(default=None, primary_key=True)
    data: bytes = octets(nullable=False)
    changed_at: datetime = instant(nullable=False)


class WishRow(Row, table=True):
    """When a person wants her overview of the day: hours of the local day, weekdays as digits."""

    __tablename__ = "wish"

    person: str = Field(primary_key=True, foreign_key="person.uid")
    digest: int
    quiet_from: int
    quiet_until: int
    days: str


class UploadRow(Row, table=True):
    """A file that came in and belongs to no case yet; its bytes lie among the documents."""

    __tablename__ = "upload"
    __table_args__ = (
        one_of("state", "clean", "unscanned", "waiting"),
        partial("upload_waiting", "received_at", where="state = 'waiting'"),
        Index("upload_received", "received_at"),
    )

    uid: str = Field(primary_key=True)
    account: str
    name: str
    media: str
    size: int = whole(nullable=False)
    commitment: str
    state: str
    received_at: datetime = instant(nullable=False)


class RefusedUploadRow(Row, table=True):
    """A file that was erased in quarantine: kept for a while, for whoever had sent it."""

    __tablename__ = "refused_upload"
    __table_args__ = (
        one_of("why", "found", "unseen"),
        Index("refused_upload_account", "account", "refused_at"),
    )

    uid: str = Field(primary_key=True)
    account: str
    name: str
    why: str
    refused_at: datetime = instant(nullable=False)
