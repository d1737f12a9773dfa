"""Slash commands that an address answers."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision: str | None = "0010"
branch_labels = None
depends_on = None

_Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "command_hooks",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", _Int, nullable=False),
    )
    op.create_index("command_hooks_by_name", "command_hooks", ["room", "name"], unique=True)
