"""The first schema: cases and their parts, the log, the house, the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# As `engine.store.columns` has them, yet fixed: a migration stays what it was.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.BigInteger()
DAY = sa.String(10)


def upgrade() -> None:
    """Make every table; the guards of the log are made anew after each upgrade."""
    op.create_table(
        "checkpoint",
        sa.Column("size", BIG, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("signed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", BIG, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "definition",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("activated_at", INSTANT, nullable=False),
        sa.Column("valid_from", DAY, nullable=True),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_definition")),
        sa.UniqueConstraint("kind", "id", "version", name=op.f("uq_definition_kind_id_version")),
    )
    op.create_index(
        "definition_current",
        "definition",
        ["kind", "id"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "engine_clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("high_water", INSTANT, nullable=False),
        sa.Column("last_tick", INSTANT, nullable=True),
        sa.Column("held_since", INSTANT, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_engine_clock_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engine_clock")),
    )
    op.create_table(
        "kase",
        sa.Column("id", BIG, nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("registered_on", DAY, nullable=True),
        sa.Column("next_day", DAY, nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("lead", sa.String(), nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("confidentiality", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kase")),
        sa.UniqueConstraint("number", name=op.f("uq_kase_number")),
        sa.UniqueConstraint("uid", name=op.f("uq_kase_uid")),
    )
    op.create_index("kase_lead", "kase", ["lead", "id"], unique=False)
    op.create_index(
        "kase_next_day",
        "kase",
        ["next_day", "id"],
        unique=False,
        sqlite_where=sa.text("next_day IS NOT NULL"),
        postgresql_where=sa.text("next_day IS NOT NULL"),
    )
    op.create_table(
        "log_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("last_signed_at", INSTANT, nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_state_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_state")),
    )
    op.create_table(
        "log_tile",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("place", BIG, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name=op.f("pk_log_tile")),
    )
    op.create_table(
        "message",
        sa.Column("id", BIG, nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("lease_until", INSTANT, nullable=True),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("give_up_at", INSTANT, nullable=False),
        sa.Column("last_code", sa.Integer(), nullable=True),
        sa.Column("last_text", sa.String(), nullable=True),
        sa.Column("accepted_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "phase IS NULL OR phase IN ('claimed', 'data')", name=op.f("ck_message_phase")
        ),
        sa.CheckConstraint(
            "state IN ('ready', 'sending', 'unsure', 'accepted', 'dead', 'cancelled')",
            name=op.f("ck_message_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
        sa.UniqueConstraint("uid", name=op.f("uq_message_uid")),
    )
    op.create_index(
        "message_due",
        "message",
        ["next_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(
        "message_lease",
        "message",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'sending'"),
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "message_open",
        "message",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('sending', 'unsure', 'dead')"),
        postgresql_where=sa.text("state IN ('sending', 'unsure', 'dead')"),
    )
    op.create_table(
        "meta",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("training", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_meta_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meta")),
    )
    op.create_table(
        "municipality",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("land", sa.String(), nullable=False),
        sa.Column("calendar", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_municipality")),
    )
    op.create_table(
        "office",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("superior", sa.String(), nullable=True),
        sa.Column("concern", sa.String(), nullable=True),
        sa.Column("since", DAY, nullable=True),
        sa.Column("until", DAY, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
    )
    op.create_table(
        "person",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_person")),
    )
    op.create_table(
        "strand",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_strand")),
    )
    op.create_table(
        "worker",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("boot_id", sa.String(), nullable=False),
        sa.Column("pid", BIG, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("beat_at", INSTANT, nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_worker")),
    )
    op.create_table(
        "absence",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("since", DAY, nullable=False),
        sa.Column("until", DAY, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.uid"], name=op.f("fk_absence_person")),
        sa.PrimaryKeyConstraint("person", "since", name=op.f("pk_absence")),
    )
    op.create_table(
        "attempt",
        sa.Column("message_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_attempt_message_id")),
        sa.PrimaryKeyConstraint("message_id", "number", name=op.f("pk_attempt")),
    )
    op.create_table(
        "cosignature",
        sa.Column("size", BIG, nullable=False),
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["size"], ["checkpoint.size"], name=op.f("fk_cosignature_size")),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_cosignature")),
    )
    op.create_table(
        "deadline",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("participation", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("last_day", DAY, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("closed_on", DAY, nullable=True),
        sa.Column("provision", sa.String(), nullable=True),
        sa.Column("ladder", sa.String(), nullable=True),
        sa.Column("finding", sa.Integer(), nullable=False),
        sa.Column("derivation", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('running', 'paused', 'met', 'lapsed', 'void')",
            name=op.f("ck_deadline_status"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["kase.id"], name=op.f("fk_deadline_case_id")),
        sa.PrimaryKeyConstraint("case_id", "place", name=op.f("pk_deadline")),
        sa.UniqueConstraint(
            "case_id",
            "participation",
            "name",
            "generation",
            name=op.f("uq_deadline_case_id_participation_name_generation"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "deadline_due",
        "deadline",
        ["ends_at", "case_id"],
        unique=False,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "document",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("media", sa.String(), nullable=False),
        sa.Column("paper", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scan", sa.String(), nullable=False),
        sa.CheckConstraint(
            "scan IN ('none', 'clean', 'quarantine', 'refused')", name=op.f("ck_document_scan")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["kase.id"], name=op.f("fk_document_case_id")),
        sa.PrimaryKeyConstraint("case_id", "place", name=op.f("pk_document")),
        sa.UniqueConstraint("uid", name=op.f("uq_document_uid")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "entry",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=True),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("happened_on", DAY, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_entry_seq")),
        sa.ForeignKeyConstraint(["case_id"], ["kase.id"], name=op.f("fk_entry_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
        sa.UniqueConstraint("key", "part", name=op.f("uq_entry_key_part")),
        sa.UniqueConstraint("stream", "seq", name=op.f("uq_entry_stream_seq")),
    )
    op.create_table(
        "finding",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("participation", sa.String(), nullable=False),
        sa.Column("provisions", sa.Text(), nullable=False),
        sa.Column("rank", sa.String(), nullable=True),
        sa.Column("found_on", DAY, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("remedies", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'confirmed', 'remedied', 'unfounded')", name=op.f("ck_finding_state")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["kase.id"], name=op.f("fk_finding_case_id")),
        sa.PrimaryKeyConstraint("case_id", "number", name=op.f("pk_finding")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "finding_open",
        "finding",
        ["found_on"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("participation", sa.String(), nullable=False),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'composed', 'held', 'dropped')", name=op.f("ck_notice_state")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["kase.id"], name=op.f("fk_notice_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_key")),
    )
    op.create_index("notice_case", "notice", ["case_id"], unique=False)
    op.create_index(
        "notice_due",
        "notice",
        ["not_before", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "participation",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("provisions", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["kase.id"], name=op.f("fk_participation_case_id")),
        sa.PrimaryKeyConstraint("case_id", "place", name=op.f("pk_participation")),
        sa.UniqueConstraint("case_id", "key", name=op.f("uq_participation_case_id_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("participation_office", "participation", ["office", "state"], unique=False)
    op.create_table(
        "recusal",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("case_uid", sa.String(), nullable=False),
        sa.Column("since", DAY, nullable=False),
        sa.ForeignKeyConstraint(["person"], ["person.uid"], name=op.f("fk_recusal_person")),
        sa.PrimaryKeyConstraint("person", "case_uid", name=op.f("pk_recusal")),
    )
    op.create_table(
        "session",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("municipality", sa.String(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality"], ["municipality.id"], name=op.f("fk_session_municipality")
        ),
        sa.PrimaryKeyConstraint("uid", name=op.f("pk_session")),
    )
    op.create_index("session_day", "session", ["day"], unique=False)
    op.create_table(
        "tenure",
        sa.Column("id", BIG, nullable=False),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("deputy", sa.Boolean(), nullable=False),
        sa.Column("since", DAY, nullable=True),
        sa.Column("until", DAY, nullable=True),
        sa.ForeignKeyConstraint(["office"], ["office.id"], name=op.f("fk_tenure_office")),
        sa.ForeignKeyConstraint(["person"], ["person.uid"], name=op.f("fk_tenure_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenure")),
    )
    op.create_index("tenure_office", "tenure", ["office"], unique=False)
    op.create_index("tenure_person", "tenure", ["person"], unique=False)
    op.create_table(
        "entry_body",
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_entry_body_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry_body")),
    )
    op.create_table(
        "log_leaf",
        sa.Column("leaf_index", BIG, autoincrement=False, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_log_leaf_entry_id")),
        sa.PrimaryKeyConstraint("leaf_index", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_log_leaf_entry_id")),
    )
    op.create_table(
        "log_queue",
        sa.Column("entry_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_log_queue_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_log_queue")),
    )
    op.create_table(
        "message_notice",
        sa.Column("notice_id", BIG, nullable=False),
        sa.Column("message_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_notice_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_message_notice_notice_id")
        ),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_message_notice")),
    )
    op.create_index("message_notice_message", "message_notice", ["message_id"], unique=False)
    op.create_table(
        "rung",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("fired_at", INSTANT, nullable=True),
        sa.Column("late_by_us", BIG, nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'fired', 'void')", name=op.f("ck_rung_state")),
        sa.ForeignKeyConstraint(
            ["case_id", "place"],
            ["deadline.case_id", "deadline.place"],
            name=op.f("fk_rung_case_id_place"),
        ),
        sa.PrimaryKeyConstraint("case_id", "place", "number", name=op.f("pk_rung")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "rung_due",
        "rung",
        ["due_at", "case_id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
