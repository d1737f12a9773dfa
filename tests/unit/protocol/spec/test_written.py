"""What is written from a schema: words for people, tables and TypeScript, whatever it holds."""

import pytest
from msgspec import Struct
from tests.unit.protocol.spec.words import CHAT, SCHEMA

from conclave.protocol.spec.markdown import Tables
from conclave.protocol.spec.narrowing import Gap, Narrowing
from conclave.protocol.spec.shapes import Shapes
from conclave.protocol.spec.typescript import typescript
from conclave.protocol.spec.words import bounds


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"minLength": 1, "maxLength": 4_000}, ["1 to 4,000 characters"]),
        ({"maxLength": 9}, ["at most 9 characters"]),
        ({"minLength": 1}, ["at least 1 character"]),
        ({"minItems": 2}, ["at least 2 items"]),
        ({"minItems": 1, "maxItems": 1}, ["1 item"]),
        ({"minItems": 2, "maxItems": 2}, ["2 items"]),
        ({"minimum": 0}, ["0 or more"]),
        ({"maximum": 5}, ["at most 5"]),
        ({"minimum": 1, "maximum": 5_000}, ["1 to 5,000"]),
        ({"minimum": 1, "exclusiveMaximum": 5}, ["1 to below 5"]),
        ({"exclusiveMaximum": 5}, ["below 5"]),
        ({"exclusiveMinimum": 0}, ["more than 0"]),
        ({"exclusiveMinimum": 0, "maximum": 5}, ["more than 0 and at most 5"]),
        ({"exclusiveMinimum": 0, "exclusiveMaximum": 5}, ["more than 0 and below 5"]),
        # What every number of an entry has.
        ({"minimum": 1, "maximum": 2**53}, ["1 or more"]),
        ({"maximum": 2**53}, []),
        ({"anyOf": [{"pattern": "^a$"}, {"type": "null"}]}, ["matches `^a$`"]),
    ],
)
def test_bounds_are_said_in_words(schema, words):
    assert bounds(schema) == words


# Of each what TypeScript and the tables for people say.
TYPES = {
    "text": ({"type": "string"}, "string", "text"),
    "whatever": ({}, "unknown", "anything"),
    "list": ({"type": "array"}, "unknown[]", "list of anything"),
    "either": (
        {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
        "(string | null)[]",
        "list of text or null",
    ),
    "pair": (
        {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False},
        "[number, string]",
        "list of anything",
    ),
    "bare": ({"type": "object"}, "Record<string, unknown>", "object"),
    "never": ({"type": "object", "additionalProperties": False}, "Record<string, never>", "object"),
    "counts": (
        {"type": "object", "additionalProperties": {"type": "integer"}},
        "Record<string, number>",
        "object of whole number",
    ),
    "point": (
        {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]},
        "{ x: number; }",
        "object",
    ),
    "words": (
        {"anyOf": [{"const": "a"}, {"type": "string"}]},
        '"a" | (string & {})',
        '`"a"` or text',
    ),
    "choice": ({"enum": ["a", 1, None]}, '"a" | 1 | null', '`"a"` or `1` or `null`'),
}


@pytest.mark.parametrize("name", TYPES)
def test_each_kind_of_value_is_declared_and_explained(name):
    schema, declared, explained = TYPES[name]
    shape = {"type": "object", "properties": {name: schema}, "required": [name]}
    written = typescript({"$defs": {"Shape": shape}}, "1.2.3")
    assert f"export interface Shape {{\n  {name}: {declared};\n}}\n" in written
    assert f"| `{name}` | {explained} |  |" in Tables({"$defs": {"Shape": shape}}).shape("Shape")


ANYTHING = {"title": "x", "description": "y"}
TEXT, NUMBER, NOTHING = {"type": "string"}, {"type": "integer"}, {"type": "null"}


def gaps(inner, outer):
    return list(Narrowing({}.__getitem__, {}.__getitem__).gaps(inner, outer))


def test_what_allows_anything_allows_each():
    assert gaps(TEXT, ANYTHING) == []
    assert gaps({"anyOf": [TEXT, NUMBER]}, {}) == []


def test_where_no_choice_is_of_its_kind_all_kinds_are_named():
    assert gaps(TEXT, {"anyOf": [NUMBER, NOTHING]}) == [
        Gap("", "type", "string", "integer or null")
    ]
    assert gaps(TEXT, {"anyOf": [NUMBER, TEXT]}) == []


def test_where_one_choice_is_of_its_kind_what_is_amiss_with_that_is_said():
    short = {"type": "string", "maxLength": 5}
    assert gaps(TEXT, {"oneOf": [NUMBER, short]}) == [Gap("", "maxLength", "none", "5")]


def test_places_of_a_pair_are_compared_each_with_its_own():
    def pair(*kinds):
        return {"type": "array", "prefixItems": list(kinds)}

    assert gaps(pair(TEXT, NUMBER), pair(TEXT, NUMBER)) == []
    assert gaps(pair(TEXT, NUMBER), pair(TEXT, TEXT)) == [Gap("[1]", "type", "integer", "string")]


def test_two_classes_of_one_name_have_each_a_long_one():
    class Outer:
        class Point(Struct):
            x: int

    class Point(Struct):
        y: int

    shapes = Shapes()
    shapes.add([Outer.Point, Point])
    fields = sorted([*schema["properties"]] for schema in shapes.named.values())
    assert fields == [["x"], ["y"]]
    assert all(name.endswith("Point") and "." in name for name in shapes.named)
    assert all(schema["required"] for schema in shapes.named.values())


PAGE = Tables(SCHEMA).page("1.2.3")
DECLARED = typescript(SCHEMA, "1.2.3")


@pytest.mark.parametrize(
    "part",
    [
        "# The protocol of Conclave 1.2.3\n",
        "### `board:draw`\n\nDraws a line. For who is in the room.\n\n| field |",
        "| `points` | list of [Point](#point) | From the first to the last; at least 2 items |",
        (
            "| *`deep`* | boolean | default `false` |\n\nAnswered by `board:drawn` or `ack` with "
            "[Cleared](#cleared) or `ack`.\n"
        ),
        "## Entries\n\n### `board:kept`\n\nWhat a board looks like.\n",
        "### AppProfile\n\nCalled as one of the chat's own, and another.\n",
        (
            "### `ack`\n\nSays that a request was done; `data` of an ack is what its handler "
            "returned.\n\nNo fields.\n"
        ),
        "| `busy` | ",
        "| *`code`* | [code](#error-codes) |",
        "| `1009` | ",
    ],
)
def test_the_page_has_each_request_event_entry_shape_and_code(part):
    assert part in PAGE


def test_a_shape_of_a_few_values_is_said_by_them_wherever_it_stands():
    tables = Tables(
        {
            "$defs": {
                "Colour": {"enum": ["red", "blue"]},
                "Wall": {"properties": {"colour": {"$ref": "#/$defs/Colour"}}},
                "Alias": {"$ref": "#/$defs/Wall"},
            }
        },
        "shapes.md#",
    )
    assert tables.shape("Colour") == "One of `red`, `blue`."
    assert '| *`colour`* | `"red"` or `"blue"` |' in tables.shape("Wall")
    assert tables.shape("Alias") == tables.shape("Wall")


def test_without_an_application_there_are_no_entries_of_one():
    assert "## Entries" not in Tables(CHAT).page("1.2.3")
    assert "export interface Entries {}\n" in typescript(CHAT, "1.2.3")


@pytest.mark.parametrize(
    "part",
    [
        " * of version 1.2.3: change the events, and write it anew.\n",
        '  "board:ask": { data: Ask; answer: Drawn | Cleared | Record<string, unknown> };\n',
        '  "board:drawn": Drawn;\n',
        'export interface Entries {\n  "board:kept": Kept;\n}\n',
        (
            "/** Draws a line. */\nexport interface Draw {\n  room: string;\n  /**\n"
            "   * From the first to the last.\n   * At least 2 items\n   */\n  points: Point[];\n"
            "  /** 2 items */\n  between: [number, string];\n  by: AppProfile;\n"
            "  note?: string;\n}\n"
        ),
        "export type Id = string;\n",
        'export type ErrorCode = "auth_required" | ',
    ],
)
def test_the_declarations_have_the_tables_and_the_shapes(part):
    assert part in DECLARED


def test_nothing_that_somebody_wrote_above_a_field_ends_its_comment():
    field = {"type": "string", "description": "*/ alert(1) /*"}
    shape = {"type": "object", "properties": {"a-b": field}, "required": []}
    assert '  /** *\\/ alert(1) /* */\n  "a-b"?: string;\n' in typescript(
        {"$defs": {"Shape": shape}}, "1"
    )
