"""Rooms, their logs, members, users, tokens, and what requests have made."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None

_Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_meta()
    _make_people()
    _make_rooms()
    _make_log()


def _make_meta() -> None:
    meta = op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.bulk_insert(meta, [{"key": "epoch", "value": secrets.token_hex(8)}])


def _make_people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("canonical", sa.Text, unique=True),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("active", sa.Integer, nullable=False),
        sa.Column("created_at", _Int, nullable=False),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", _Int, nullable=False),
        sa.Column("expires_at", _Int),
        sa.Column("revoked_at", _Int),
        sa.Column("last_used_at", _Int),
    )


def _make_rooms() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", _Int, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("folded", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", _Int, nullable=False),
        sa.Column("archived_at", _Int),
        sa.Column("first_seq", _Int, nullable=False),
        sa.Column("last_seq", _Int, nullable=False),
        sa.Column("last_count", _Int, nullable=False),
        sa.Column("last_time", _Int, nullable=False),
    )
    op.create_table(
        "members",
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("joined_at", _Int, nullable=False),
        sa.Column("read_seq", _Int, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("members_by_user", "members", ["user"])


def _make_log() -> None:
    op.create_table(
        "entries",
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("seq", _Int, primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("timestamp", _Int, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("extra", sa.Text),
        sa.Column("count", _Int, nullable=False),
        sa.Column("client_id", sa.Text),
        sa.Column("checksum", _Int, nullable=False),
        sqlite_with_rowid=False,
    )
    only_messages = sa.text("type = 'message'")
    op.create_index(
        "entries_messages",
        "entries",
        ["room", "seq"],
        sqlite_where=only_messages,
        postgresql_where=only_messages,
    )
    op.create_table(
        "requests",
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("client_id", sa.Text, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("seq", _Int, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("timestamp", _Int, nullable=False),
        sqlite_with_rowid=False,
    )
