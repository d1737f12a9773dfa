"""
The protocol, described from its one source, the types of its events.

`definitions` makes a JSON Schema of a `vocabulary`; `asyncapi`, `typescript` and `markdown`
write the same for others; `differences` compares two of them. It reads no file but the
source of the classes, and knows nothing of handlers.
"""
