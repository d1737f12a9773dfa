"""One file for each change of the schema, for Alembic; they are never edited once released."""
