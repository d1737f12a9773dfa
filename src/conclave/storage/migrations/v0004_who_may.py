"""What lets people in, what they may do in rooms, and what was done to whom."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None

_Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("users", sa.Column("about", sa.Text, nullable=False, server_default=""))
    _extend_tokens()
    _make_credentials()
    _make_links()
    _extend_rooms()
    _make_moderation()
    _make_audit()


def _extend_tokens() -> None:
    op.add_column("tokens", sa.Column("kind", sa.Text, nullable=False, server_default="token"))
    op.add_column("tokens", sa.Column("scopes", sa.Text))
    op.add_column("tokens", sa.Column("address", sa.Text))
    op.add_column("tokens", sa.Column("agent", sa.Text))
    op.create_index("tokens_by_user", "tokens", ["user"])


def _make_credentials() -> None:
    op.create_table(
        "passwords",
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("changed_at", _Int, nullable=False),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.LargeBinary, primary_key=True),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", _Int, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", _Int, nullable=False),
        sa.Column("last_used_at", _Int),
    )
    op.create_index("passkeys_by_user", "passkeys", ["user"])
    op.create_table(
        "totp",
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("confirmed_at", _Int),
        sa.Column("last_step", _Int, nullable=False),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("used_at", _Int),
        sqlite_with_rowid=False,
    )


def _make_links() -> None:
    op.create_table(
        "links",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", _Int, nullable=False),
        sa.Column("expires_at", _Int),
        sa.Column("uses_left", _Int),
        sa.Column("uses", _Int, nullable=False),
        sa.Column("role", sa.Text),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id")),
        sa.Column("room", _Int, sa.ForeignKey("rooms.id")),
        sa.Column("revoked_at", _Int),
    )


def _extend_rooms() -> None:
    op.add_column("rooms", sa.Column("slow_mode", _Int, nullable=False, server_default="0"))
    op.add_column("rooms", sa.Column("history", sa.Text, nullable=False, server_default="all"))
    op.add_column("rooms", sa.Column("direct_key", sa.Text))
    op.add_column("rooms", sa.Column("deleted_at", _Int))
    op.create_index("rooms_direct", "rooms", ["direct_key"], unique=True)
    op.add_column("members", sa.Column("joined_seq", _Int, nullable=False, server_default="0"))
    op.add_column("members", sa.Column("said_at", _Int, nullable=False, server_default="0"))


def _make_moderation() -> None:
    op.create_table(
        "sanctions",
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _Int, nullable=False),
        sa.Column("until", _Int),
        sa.Column("reason", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("seq", _Int, nullable=False),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", _Int, nullable=False),
        sa.Column("closed_by", sa.Text),
        sa.Column("closed_at", _Int),
        sa.Column("outcome", sa.Text),
    )
    op.create_index("reports_by_message", "reports", ["room", "seq", "user"], unique=True)
    op.create_table(
        "ignores",
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), primary_key=True),
        sa.Column("ignored", sa.Text, sa.ForeignKey("users.id"), primary_key=True),
        sqlite_with_rowid=False,
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", _Int, primary_key=True),
        sa.Column("at", _Int, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("target", sa.Text),
        sa.Column("room", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("details", sa.Text),
    )
    op.create_index("audit_by_actor", "audit", ["actor", "id"])
    op.create_index("audit_by_target", "audit", ["target", "id"])
