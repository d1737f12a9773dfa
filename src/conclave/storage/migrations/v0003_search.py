"""What the search index has, and how far it has followed the logs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None

_Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # The index itself is no part of the schema: it is made when a node follows the logs,
    # and made anew when its words change.
    op.create_table(
        "search_docs",
        sa.Column("doc", _Int, primary_key=True),
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), nullable=False),
        sa.Column("seq", _Int, nullable=False),
        sa.Column("text_seq", _Int, nullable=False),
        sa.Column("traits", _Int, nullable=False),
    )
    op.create_index("search_docs_by_message", "search_docs", ["room", "seq"], unique=True)
    op.create_table(
        "search_rooms",
        sa.Column("room", _Int, sa.ForeignKey("rooms.id"), primary_key=True),
        sa.Column("upto", _Int, nullable=False),
        sa.Column("last_doc", _Int, nullable=False),
    )
