"""What all tables share."""

from sqlalchemy import BigInteger, Integer, MetaData

metadata = MetaData()

# SQLite's row ids want exactly INTEGER.
Whole = BigInteger().with_variant(Integer(), "sqlite")
