"""The global log and those who may look into single cases: tables that came with the evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# As `engine.store.columns` has them, yet fixed: a migration stays what it was.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()


def upgrade() -> None:
    """Make the tables; nothing that was there before changes."""
    _personal_links()
    _looking_in()
    _retention()
    _codes()
    _uploads()
    _host_clocks()
    _stamps()
    _silences()


def _silences() -> None:
    """Make the table of the reminders that an office keeps quiet."""
    op.create_table(
        "silence",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", sa.String(length=10), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["kase.id"], name=op.f("fk_silence_case_id")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_silence")),
    )
    op.create_index("silence_case", "silence", ["case_id"], unique=False)


def _looking_in() -> None:
    """Make the tables of grants: who may read which single cases until when."""
    op.create_table(
        "case_grant",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("extract", sa.Boolean(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('inspection', 'emergency')", name=op.f("ck_case_grant_kind")),
        sa.ForeignKeyConstraint(["account"], ["account.uid"], name=op.f("fk_case_grant_account")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_case_grant")),
    )
    op.create_index("case_grant_account", "case_grant", ["account", "ends_at"], unique=False)
    op.create_table(
        "granted_case",
        sa.Column("grant_uid", sa.String(), nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("personnel", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["grant_uid"], ["case_grant.uid"], name=op.f("fk_granted_case_grant_uid")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["kase.id"], name=op.f("fk_granted_case_case_id")),
        sa.PrimaryKeyConstraint("grant_uid", "case_id", name=op.f("pk_granted_case")),
    )


def _personal_links() -> None:
    """Make the table of the personal links that letters carry, and of the visits they open."""
    op.create_table(
        "case_link",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("participation", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("visit", sa.LargeBinary(), nullable=True),
        sa.Column("visit_until", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["kase.id"], name=op.f("fk_case_link_case_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_case_link_message_id")
        ),
        sa.ForeignKeyConstraint(["person"], ["person.uid"], name=op.f("fk_case_link_person")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_case_link")),
        sa.UniqueConstraint("visit", name=op.f("uq_case_link_visit")),
    )
    op.create_index("case_link_case", "case_link", ["case_id"], unique=False)
    op.create_index("case_link_message", "case_link", ["message_id"], unique=False)


def _retention() -> None:
    """Make the tables of what must be kept, and of what fell due for erasure."""
    op.create_table(
        "hold",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.Column("lifted_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["kase.id"], name=op.f("fk_hold_case_id")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_hold")),
    )
    op.create_index("hold_case", "hold", ["case_id"], unique=False)
    op.create_table(
        "erasure",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("file_class", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("provision", sa.String(), nullable=False),
        sa.Column("kept_until", sa.String(length=10), nullable=False),
        sa.Column("due_since", INSTANT, nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=True),
        sa.Column("proposed_at", INSTANT, nullable=True),
        sa.Column("released_by", sa.String(), nullable=True),
        sa.Column("erased_at", INSTANT, nullable=True),
        sa.CheckConstraint("state IN ('due', 'proposed', 'erased')", name=op.f("ck_erasure_state")),
        sa.PrimaryKeyConstraint("subject", "file_class", name=op.f("pk_erasure")),
    )
    op.create_index(
        "erasure_open",
        "erasure",
        ["kept_until"],
        unique=False,
        sqlite_where=sa.text("state <> 'erased'"),
        postgresql_where=sa.text("state <> 'erased'"),
    )


def _uploads() -> None:
    """Make the table of files that were erased in quarantine, for whoever had sent them."""
    op.create_table(
        "refused_upload",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("refused_at", INSTANT, nullable=False),
        sa.CheckConstraint("why IN ('found', 'unseen')", name=op.f("ck_refused_upload_why")),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_refused_upload")),
    )
    op.create_index(
        "refused_upload_account", "refused_upload", ["account", "refused_at"], unique=False
    )


def _codes() -> None:
    """Let codes be looked up: the first bits of each leaf beside its place in the tree.

    Nothing has filled `log_leaf` before this version, so there is no row to complete.
    """
    op.add_column("log_leaf", sa.Column("prefix", sa.LargeBinary(), nullable=False))
    op.create_index("log_leaf_prefix", "log_leaf", ["prefix"], unique=False)


def _host_clocks() -> None:
    """Make the table of what was last believed of each machine's clock."""
    op.create_table(
        "host_clock",
        sa.Column("boot", sa.String(), nullable=False),
        sa.Column("wall", INSTANT, nullable=False),
        sa.Column("uptime", BIG, nullable=False),
        sa.Column("step", BIG, nullable=True),
        sa.PrimaryKeyConstraint("boot", name=op.f("pk_host_clock")),
    )


def _stamps() -> None:
    """Make the table of what time-stamp authorities answered about checkpoints."""
    op.create_table(
        "stamp",
        sa.Column("size", BIG, autoincrement=False, nullable=False),
        sa.Column("response", sa.LargeBinary(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["size"], ["checkpoint.size"], name=op.f("fk_stamp_size")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_stamp")),
    )
