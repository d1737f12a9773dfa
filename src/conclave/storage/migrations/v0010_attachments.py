"""What people attach to messages."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision: str | None = "0009"
branch_labels = None
depends_on = None

_Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("size", _Int, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("width", _Int),
        sa.Column("height", _Int),
        sa.Column("thumb_digest", sa.LargeBinary),
        sa.Column("thumb_size", _Int, nullable=False),
        sa.Column("seq", _Int),
        sa.Column("created_at", _Int, nullable=False),
    )
    op.create_index("attachments_by_message", "attachments", ["room", "seq"])
    op.create_index("attachments_by_user", "attachments", ["user"])
    op.create_index("attachments_by_digest", "attachments", ["digest"])
    op.create_index("attachments_by_thumb", "attachments", ["thumb_digest"])
    op.create_table(
        "loose_blobs",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sqlite_with_rowid=False,
    )
