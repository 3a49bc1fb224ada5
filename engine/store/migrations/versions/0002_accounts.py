"""Accounts and what belongs to them: identities, secrets, sessions, private texts, uploads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# As `engine.store.columns` has them, yet fixed: a migration stays what it was.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()


def upgrade() -> None:
    """Make the tables of the accounts; nothing that was there before changes."""
    # Somebody's newest cases, found along one index whatever else is there.
    op.create_index("participation_newest", "participation", ["office", "case_id"], unique=False)
    op.create_table(
        "throttle",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.CheckConstraint("count > 0", name=op.f("ck_throttle_count")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_throttle")),
    )
    op.create_index("throttle_last", "throttle", ["last_at"], unique=False)
    op.create_table(
        "upload",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "state IN ('clean', 'unscanned', 'waiting')", name=op.f("ck_upload_state")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_upload")),
    )
    op.create_index("upload_received", "upload", ["received_at"], unique=False)
    op.create_index(
        "upload_waiting",
        "upload",
        ["received_at"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "account",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("administrator", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "state IN ('invited', 'active', 'disabled')", name=op.f("ck_account_state")
        ),
        sa.ForeignKeyConstraint(["person"], ["person.uid"], name=op.f("fk_account_person")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_account")),
    )
    op.create_index(
        "account_person",
        "account",
        ["person"],
        unique=True,
        sqlite_where=sa.text("person IS NOT NULL"),
        postgresql_where=sa.text("person IS NOT NULL"),
    )
    op.create_table(
        "account_token",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("message_id", BIG, nullable=True),
        sa.CheckConstraint(
            "purpose IN ('invitation', 'reset', 'feed')", name=op.f("ck_account_token_purpose")
        ),
        sa.ForeignKeyConstraint(
            ["account"], ["account.uid"], name=op.f("fk_account_token_account")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_account_token_message_id")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_account_token")),
    )
    op.create_index("account_token_account", "account_token", ["account"], unique=False)
    op.create_index("account_token_message", "account_token", ["message_id"], unique=False)
    op.create_table(
        "identity",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.uid"], name=op.f("fk_identity_account")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identity")),
    )
    op.create_index("identity_account", "identity", ["account"], unique=False)
    op.create_table(
        "password",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("cost", sa.String(), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.uid"], name=op.f("fk_password_account")),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_password")),
    )
    op.create_table(
        "private_text",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.uid"], name=op.f("fk_private_text_account")),
        sa.PrimaryKeyConstraint("account", "name", name=op.f("pk_private_text")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["account.uid"], name=op.f("fk_recovery_code_account")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_recovery_code")),
    )
    op.create_index("recovery_code_account", "recovery_code", ["account"], unique=False)
    op.create_table(
        "second_factor",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=True),
        sa.Column("last_step", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["account.uid"], name=op.f("fk_second_factor_account")
        ),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "web_session",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("stage IN ('code', 'open')", name=op.f("ck_web_session_stage")),
        sa.ForeignKeyConstraint(["account"], ["account.uid"], name=op.f("fk_web_session_account")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_web_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_web_session_digest")),
    )
    op.create_index("web_session_account", "web_session", ["account"], unique=False)
    op.create_index("web_session_ends", "web_session", ["ends_at"], unique=False)
    op.create_table(
        "wish",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("digest", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_until", sa.Integer(), nullable=False),
        sa.Column("days", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.uid"], name=op.f("fk_wish_person")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_wish")),
    )
