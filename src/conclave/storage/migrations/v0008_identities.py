"""Whom providers of OpenID Connect vouch for, and which sessions they have opened."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels = None
depends_on = None

_Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False),
        sa.Column("made", sa.Integer, nullable=False),
        sa.Column("created_at", _Int, nullable=False),
        sa.Column("last_used_at", _Int),
        sqlite_with_rowid=False,
    )
    op.create_index("identities_by_user", "identities", ["user"])
    op.add_column("tokens", sa.Column("issuer", sa.Text))
    op.add_column("tokens", sa.Column("sid", sa.Text))
