"""
The corpus of E1: text that is odd in one way each, and what it is answered.

Refused is what is no JSON or has the wrong shape; let through is what is only odd in
fields that nobody asked for.
"""

BAD, UNKNOWN, FINE = "bad_request", "unknown_type", "fine"


def chat(**more: str) -> bytes:
    """Return a good `chat`, with raw JSON for what is in *more*."""
    fields = {"text": '"hi"', "room": '"hall"', **more}
    data = ",".join(f'"{name}":{raw}' for name, raw in fields.items())
    return f'{{"type":"chat","id":"c-1","data":{{{data}}}}}'.encode()


def envelope(raw: str) -> bytes:
    """Return a good `chat` with *raw* JSON members besides."""
    return f'{{"type":"chat","data":{{"text":"hi","room":"hall"}},{raw}}}'.encode()


CORPUS: dict[str, tuple[bytes, str]] = {
    # No JSON at all.
    "empty": (b"", BAD),
    "a space": (b" ", BAD),
    "64 KiB of spaces": (b" " * 65_536, BAD),
    "64 KiB of spaces before a request": (b" " * 65_000 + chat(), FINE),
    "words": (b"hello", BAD),
    "a NUL byte": (b"\x00", BAD),
    "an open brace": (b"{", BAD),
    "half a request": (chat()[:20], BAD),
    "trailing bytes": (chat() + b"x", BAD),
    "two requests": (chat() * 2, BAD),
    "a trailing comma": (b'{"type":"chat","data":{"text":"hi","room":"hall"},}', BAD),
    "single quotes": (b"{'type':'chat'}", BAD),
    "a comment": (b'{"type":"chat"/* */}', BAD),
    "a byte order mark": (b"\xef\xbb\xbf" + chat(), BAD),
    "UTF-16": (chat().decode().encode("utf-16"), BAD),
    "UTF-16 without a mark": (chat().decode().encode("utf-16-le"), BAD),
    "UTF-32": (chat().decode().encode("utf-32-be"), BAD),
    # JSON, but no envelope.
    "true": (b"true", BAD),
    "null": (b"null", BAD),
    "zero": (b"0", BAD),
    "a string": (b'"x"', BAD),
    "a list": (b"[]", BAD),
    "a list of requests": (b"[" + chat() + b"]", BAD),
    "an empty object": (b"{}", BAD),
    "no type": (b'{"data":{"text":"hi","room":"hall"}}', BAD),
    "a type of null": (b'{"type":null,"data":{}}', BAD),
    "a number as type": (b'{"type":1,"data":{}}', BAD),
    "a list as type": (b'{"type":["chat"],"data":{}}', BAD),
    "no data": (b'{"type":"chat"}', BAD),
    "data of null": (b'{"type":"chat","data":null}', BAD),
    "a string as data": (b'{"type":"chat","data":"hi"}', BAD),
    "a list as data": (b'{"type":"chat","data":["hi","hall"]}', BAD),
    "no data where none is needed": (b'{"type":"heartbeat"}', FINE),
    "an empty id": (envelope('"id":""'), BAD),
    "a number as id": (envelope('"id":7'), BAD),
    "an id of 65": (envelope(f'"id":"{"x" * 65}"'), BAD),
    "an id of 64": (envelope(f'"id":"{"x" * 64}"'), FINE),
    "an id with a line break": (envelope('"id":"a\\n"'), BAD),
    "an id with a space": (envelope('"id":"a b"'), BAD),
    "an id of other letters": (envelope('"id":"idé"'), BAD),
    "an id of null": (envelope('"id":null'), FINE),
    # Numbers.
    "NaN": (chat(odd="NaN"), BAD),
    "Infinity": (chat(odd="Infinity"), BAD),
    "-Infinity": (chat(odd="-Infinity"), BAD),
    "NaN as a heartbeat": (b'{"type":"heartbeat","data":{"timestamp":NaN}}', BAD),
    "1e999 as a heartbeat": (b'{"type":"heartbeat","data":{"timestamp":1e999}}', BAD),
    "5000 digits as a heartbeat": (
        b'{"type":"heartbeat","data":{"timestamp":' + b"9" * 5000 + b"}}",
        BAD,
    ),
    "a leading zero": (chat(odd="01"), BAD),
    "a plus sign": (chat(odd="+1"), BAD),
    "a hexadecimal number": (chat(odd="0x10"), BAD),
    "2^53 as a number": (b'{"type":"get:history","data":{"room":"a","before":%d}}' % 2**53, BAD),
    "2^53-1 as a number": (
        b'{"type":"get:history","data":{"room":"a","before":%d}}' % (2**53 - 1),
        FINE,
    ),
    "2^64 as a number": (b'{"type":"get:history","data":{"room":"a","before":%d}}' % 2**64, BAD),
    "5000 digits as a number": (
        b'{"type":"get:history","data":{"room":"a","before":' + b"1" * 5000 + b"}}",
        BAD,
    ),
    "a negative number": (b'{"type":"get:history","data":{"room":"a","before":-1}}', BAD),
    "half a number": (b'{"type":"get:history","data":{"room":"a","before":1.5}}', BAD),
    "1e999 as a number": (b'{"type":"get:history","data":{"room":"a","before":1e999}}', BAD),
    "a limit of zero": (b'{"type":"get:history","data":{"room":"a","limit":0}}', BAD),
    "a limit of 10^9": (b'{"type":"get:history","data":{"room":"a","limit":1000000000}}', BAD),
    # Strings.
    "a lone surrogate": (chat(text='"\\ud800"'), BAD),
    "a lone low surrogate": (chat(text='"\\udc00x"'), BAD),
    "surrogates the wrong way round": (chat(text='"\\udc00\\ud800"'), BAD),
    "a surrogate pair": (chat(text='"\\ud83d\\ude00"'), FINE),
    "a lone surrogate as room": (chat(room='"\\ud800"'), BAD),
    "a raw control": (chat(text='"a\x01b"'), BAD),
    "a raw line break": (chat(text='"a\nb"'), BAD),
    "a raw NUL": (chat(text='"a\x00b"'), BAD),
    "an escaped NUL": (chat(text='"a\\u0000b"'), FINE),
    "an unknown escape": (chat(text='"\\x41"'), BAD),
    "half an escape": (chat(text='"\\u00"'), BAD),
    "overlong UTF-8": (chat().replace(b"hi", b"\xc0\xaf"), BAD),
    "a surrogate in UTF-8": (chat().replace(b"hi", b"\xed\xa0\x80"), BAD),
    "a stray continuation": (chat().replace(b"hi", b"\x80"), BAD),
    "half a character": (chat().replace(b"hi", b"\xe2\x82"), BAD),
    "beyond Unicode": (chat().replace(b"hi", b"\xf4\x90\x80\x80"), BAD),
    "an empty room": (chat(room='""'), BAD),
    "a room of 65": (chat(room=f'"{"x" * 65}"'), BAD),
    "a text of 64 KiB": (chat(text=f'"{"x" * 65_536}"'), FINE),
    "a longer text": (chat(text=f'"{"x" * 65_537}"'), BAD),
    # Depth and width.
    "10,000 brackets": (b"[" * 10_000, BAD),
    "100,000 brackets": (b"[" * 100_000, BAD),
    "100,000 objects": (b'{"a":' * 100_000, BAD),
    "brackets as an unknown field": (chat(odd="[" * 30_000 + "]" * 30_000), BAD),
    "objects as an unknown field": (chat(odd='{"a":' * 10_000 + "1" + "}" * 10_000), BAD),
    "brackets beside the data": (envelope(f'"odd":{"[" * 30_000 + "]" * 30_000}'), BAD),
    "brackets as the data": (b'{"type":"chat","data":' + b"[" * 30_000 + b"]" * 30_000 + b"}", BAD),
    "brackets as the text": (chat(text="[" * 30_000 + "]" * 30_000), BAD),
    "a few brackets as an unknown field": (chat(odd="[" * 50 + "]" * 50), FINE),
    "10,000 unknown fields": (chat(**{f"k{n}": "0" for n in range(10_000)}), FINE),
    "10,000 fields beside the data": (envelope(",".join(f'"k{n}":0' for n in range(9_999))), FINE),
    # Keys.
    "the same key twice": (b'{"type":"chat","type":"chat","data":{"text":"a","room":"b"}}', FINE),
    "two types, the last one counts": (b'{"type":"chat","type":"nope","data":{}}', UNKNOWN),
    "the same field twice": (
        b'{"type":"chat","data":{"text":1,"text":"hi","room":"hall"}}',
        BAD,
    ),
    "__proto__": (chat(__proto__='{"admin":true}'), FINE),
    "constructor": (chat(constructor='{"prototype":{}}'), FINE),
    "__class__": (chat(__class__='"Auth"'), FINE),
    "an empty key": (envelope('"":0'), FINE),
    "a key without quotes": (b'{type:"chat","data":{}}', BAD),
    "Type": (b'{"Type":"chat","data":{"text":"hi","room":"hall"}}', BAD),
    "Text": (b'{"type":"chat","data":{"Text":"hi","room":"hall"}}', BAD),
}
