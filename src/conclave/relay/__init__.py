"""Store, then acknowledge, then tell: where the store, the engine and the rooms of a node meet."""

from conclave.relay.ahead import Ahead
from conclave.relay.attendance import Attendance
from conclave.relay.moods import Moods
from conclave.relay.news import News
from conclave.relay.notices import Notices
from conclave.relay.receipts import Receipts
from conclave.relay.relay import Relay
from conclave.relay.together import places_in
from conclave.relay.typists import Typists

__all__ = [
    "Ahead",
    "Attendance",
    "Moods",
    "News",
    "Notices",
    "Receipts",
    "Relay",
    "Typists",
    "places_in",
]
