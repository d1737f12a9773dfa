"""Damage that is done to a database behind the store's back, and what `verify` says of it."""

from typing import Any

from conclave.storage.lines import checksum

# What was done behind the store's back, and what is said of it.
PLANTED = [
    ("UPDATE rooms SET last_seq = 'x' WHERE name = 'hall'", "room 'hall': a row makes no sense"),
    ("UPDATE entries SET user = CAST(user AS BLOB) WHERE seq = 30", "a row makes no sense"),
    ("ALTER TABLE links RENAME COLUMN uses TO usez", "the columns of table links"),
    ("DELETE FROM entries WHERE room = 1 AND seq = 9", "entry 10 follows 8"),
    ("DELETE FROM entries WHERE room = 1 AND seq = (SELECT max(seq) FROM entries)", "ends at"),
    ("UPDATE entries SET text = 'other' WHERE room = 1 AND seq = 9", "entry 9: its checksum"),
    ("UPDATE entries SET checksum = checksum + 1 WHERE seq = 9", "entry 9: its checksum"),
    ("UPDATE entries SET count = count + 1 WHERE seq = 9", "entry 9: its checksum"),
    ("UPDATE rooms SET last_seq = last_seq + 1 WHERE id = 1", "log ends at"),
    ("UPDATE rooms SET last_seq = last_seq - 1 WHERE id = 1", "log ends at"),
    ("UPDATE rooms SET first_seq = 2 WHERE id = 1", "entry 1 follows 1"),
    ("UPDATE rooms SET first_seq = 2000 WHERE id = 1", "cannot be"),
    ("UPDATE rooms SET last_count = last_count + 1 WHERE id = 1", "messages are counted"),
    ("UPDATE rooms SET purged_count = 1 WHERE id = 1", "messages, and there are"),
    ("UPDATE rooms SET last_time = 5 WHERE id = 1", "the room says 5"),
    ("UPDATE rooms SET title = 'x' WHERE id = 1", "its title is 'x'"),
    ("UPDATE rooms SET topic = 'x' WHERE id = 1", "its topic is 'x'"),
    ("UPDATE rooms SET folded = 'x' WHERE id = 1", "does not fold"),
    ("UPDATE rooms SET kind = 'x' WHERE id = 1", "no kind of room"),
    ("UPDATE revised SET edited_seq = 50 WHERE seq = 4", "message 4: edited, deleted, pinned"),
    ("DELETE FROM revised WHERE seq = 5", "message 5: edited, deleted, pinned"),
    ("INSERT INTO revised VALUES (1, 11, NULL, NULL, 44)", "message 11: edited, deleted, pinned"),
    ("DELETE FROM reactions WHERE user = 'bob'", "message 4: a reaction of 'bob'"),
    ("UPDATE reactions SET user = 'cat' WHERE user = 'bob'", "message 4: a reaction of 'cat'"),
    ("UPDATE reactions SET added_seq = 50 WHERE user = 'bob'", "message 4: a reaction of 'bob'"),
    ("DELETE FROM mentions WHERE seq = 14", "message 14: whether it mentions 'bob'"),
    ("INSERT INTO mentions VALUES ('ann', 1, 14)", "message 14: whether it mentions 'ann'"),
    ("UPDATE members SET role = 'owner' WHERE user = 'bob'", "member 'bob': is owner"),
    ("UPDATE members SET role = 'king' WHERE user = 'bob'", "'king' is no role"),
    ("DELETE FROM members WHERE user = 'bob' AND room = 1", "member 'bob': is None"),
    (
        (
            "INSERT INTO members (room, user, role, joined_at, read_seq)"
            " VALUES (3, 'bob', 'member', 1, 0)"
        ),
        "member 'bob': is member",
    ),
    ("UPDATE members SET read_seq = 5000 WHERE user = 'bob'", "has read up to 5000"),
    ("DELETE FROM requests WHERE client_id = 'c3'", "its request is not known"),
    ("UPDATE requests SET seq = 9 WHERE client_id = 'c3'", "its request is not known"),
    ("UPDATE requests SET seq = 900 WHERE client_id = 'c3'", "names entry 900"),
    ("UPDATE requests SET message_id = 'x' WHERE client_id = 'c3'", "another or missing"),
    ("UPDATE requests SET digest = zeroblob(16) WHERE client_id = 'c3'", "had another content"),
    ("UPDATE requests SET digest = x'00' WHERE client_id = 'c3'", "entry 6, is none"),
    ("UPDATE users SET role = 'king' WHERE id = 'ann'", "user 'ann': 'king' is no role"),
    ("UPDATE users SET active = 3 WHERE id = 'ann'", "user 'ann': active is 3"),
    ("UPDATE users SET name = 'Eve' WHERE id = 'ann'", "user 'ann': the name"),
    ("UPDATE tokens SET digest = x'00'", "its digest is none"),
    ("DELETE FROM users WHERE id = 'ann'", "refers to nothing in users"),
    ("DELETE FROM rooms WHERE id = 1", "there is no room 1"),
    ("DELETE FROM meta", "has no epoch"),
    ("UPDATE alembic_version SET version_num = '0001'", "the schema is 0001"),
    ("DROP TABLE requests", "cannot be read"),
    ("DELETE FROM search_docs WHERE seq = 9", "search: message 9 is missing"),
    ("UPDATE search_docs SET seq = 5 WHERE seq = 9", "message 5 is deleted and still there"),
]
# Changed with a right checksum, as a wrong program would.
FORGED = [
    ({"timestamp": 5}, "entry 20: is earlier"),
    ({"id": "0" * 26}, "the id '00000000000000000000000000' is of 2 entries"),
    ({"id": "short"}, "entry 20: 'short' is no id"),
    ({"count": 7}, "entry 20: counts 7"),
    ({"text": "what nobody said"}, "entry 20: its request had another content"),
]


def forge(connection: Any, values: dict[str, Any]) -> None:
    """Give a message of the hall *values*, with a right checksum."""
    names = "seq, id, type, user, name, timestamp, text, extra, count, client_id"
    columns = names.split(", ")
    for seq in (20, 21) if values.get("id") == "0" * 26 else (20,):
        query = f"SELECT {names} FROM entries WHERE room = 1 AND seq = ?"
        row = dict(zip(columns, connection.execute(query, (seq,)).fetchone(), strict=True)) | values
        sets = ", ".join(f"{name} = ?" for name in row)
        connection.execute(
            f"UPDATE entries SET {sets}, checksum = ? WHERE room = 1 AND seq = ?",
            (*row.values(), checksum("hall", tuple(row.values())), seq),
        )
