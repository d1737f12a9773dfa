"""Which rooms people keep at the top of their lists."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("favourite", sa.Integer, nullable=False, server_default="0"))
