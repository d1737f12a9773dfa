"""Webhooks, how far their addresses have been told, and tokens that are good in some rooms."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels = None
depends_on = None

_Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("tokens", sa.Column("rooms", sa.Text))
    op.create_table(
        "incoming_hooks",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", _Int, nullable=False),
        sa.Column("last_used_at", _Int),
        sa.Column("uses", _Int, nullable=False, server_default="0"),
    )
    op.create_index("incoming_hooks_by_room", "incoming_hooks", ["room"])
    op.create_table(
        "outgoing_hooks",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("room", _Int, sa.ForeignKey("rooms.id")),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", _Int, nullable=False),
        sa.Column("disabled_at", _Int),
        sa.Column("disabled_why", sa.Text),
        sa.Column("failing_since", _Int),
        sa.Column("last", sa.Text),
        sa.Column("tries", _Int, nullable=False, server_default="0"),
        sa.Column("due", _Int, nullable=False, server_default="0"),
        sa.Column("delivered", _Int, nullable=False, server_default="0"),
    )
    op.create_index("outgoing_hooks_by_room", "outgoing_hooks", ["room"])
    op.create_table(
        "hook_places",
        sa.Column(
            "hook",
            sa.Text,
            sa.ForeignKey("outgoing_hooks.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("seq", _Int, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column(
            "hook", sa.Text, sa.ForeignKey("outgoing_hooks.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("seq", _Int, nullable=False),
        sa.Column("at", _Int, nullable=False),
        sa.Column("tries", _Int, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_index("dead_letters_by_hook", "dead_letters", ["hook", "id"])
