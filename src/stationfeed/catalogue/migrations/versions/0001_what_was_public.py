"""What was public when, and the last good texts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("guid", sa.Text, primary_key=True),
        sa.Column("slug", sa.String(80), nullable=False, index=True),
        sa.Column("first_public_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "last_good",
        sa.Column("slug", sa.String(80), primary_key=True),
        sa.Column("guid", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("deflated", sa.LargeBinary, nullable=False),
        sa.Column("restrictions", sa.Text, nullable=True),
    )
    op.create_table(
        "addresses",
        sa.Column("address", sa.Text, primary_key=True),
        sa.Column("etag", sa.String(64), nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("slug", sa.String(80), nullable=True, index=True),
    )
    op.create_table(
        "ticks",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
