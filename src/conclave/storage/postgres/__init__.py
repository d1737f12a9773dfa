"""
The truth in PostgreSQL: the same tables and the same functions on them as in SQLite.

What differs is here: how a connection is made and speaks, who writes when, and how the
schema and the search index come about. Needs the extra `postgres`, loaded on need.
"""
