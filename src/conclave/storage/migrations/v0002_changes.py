"""What later entries make of a message, and what a room keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None

_Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("rooms", sa.Column("purged_count", _Int, nullable=False, server_default="0"))
    op.add_column("rooms", sa.Column("keep_days", _Int))
    op.add_column("rooms", sa.Column("keep_count", _Int))
    _index_entries()
    _make_revised()
    _make_marks_of_people()


def _index_entries() -> None:
    op.create_index(
        "entries_threads",
        "entries",
        ["room", sa.text("json_extract(extra, '$.thread')"), "seq"],
        sqlite_where=sa.text("type = 'message' AND extra IS NOT NULL"),
    )
    op.create_index(
        "entries_edits",
        "entries",
        ["room", sa.text("json_extract(extra, '$.target')"), "seq"],
        sqlite_where=sa.text("type = 'message:edited'"),
    )


def _make_revised() -> None:
    op.create_table(
        "revised",
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("seq", _Int, primary_key=True),
        sa.Column("edited_seq", _Int),
        sa.Column("deleted_seq", _Int),
        sa.Column("pinned_seq", _Int),
        sqlite_with_rowid=False,
    )
    for name in ("deleted", "pinned"):
        where = sa.text(f"{name}_seq IS NOT NULL")
        op.create_index(
            f"revised_{name}",
            "revised",
            ["room", "seq"],
            sqlite_where=where,
            postgresql_where=where,
        )


def _make_marks_of_people() -> None:
    op.create_table(
        "reactions",
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("seq", _Int, primary_key=True),
        sa.Column("emoji", sa.Text, primary_key=True),
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("added_seq", _Int, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "mentions",
        sa.Column("user", sa.Text, primary_key=True),
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("seq", _Int, primary_key=True),
        sqlite_with_rowid=False,
    )
    op.create_index("mentions_by_message", "mentions", ["room", "seq"])
