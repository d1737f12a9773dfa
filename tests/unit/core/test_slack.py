"""What Slack's payloads become: Markdown that says the same, and nothing that breaks out of it."""

import json

import pytest

from conclave.core.mrkdwn import to_markdown
from conclave.core.slack import read_posted
from conclave.protocol.errors import Reject


@pytest.mark.parametrize(
    ("slack", "markdown"),
    [
        ("*bold* and _it_ and ~gone~", "**bold** and _it_ and ~~gone~~"),
        ("2*3*4 and a~b~c", "2*3*4 and a~b~c"),
        ("<https://a.example/x_y*z|a *label*>", "[a *label*](https://a.example/x_y*z)"),
        ("<https://a.example/(x)|[one]>", r"[\[one\]](https://a.example/%28x%29)"),
        ("<https://a.example>", "https://a.example"),
        ("<javascript:alert(1)|press>", "press"),
        ("<data:text/html,x>", "data:text/html,x"),
        ("<mailto:a@b.example|a@b.example>", "[a@b.example](mailto:a@b.example)"),
        ("<@U1> and <@U2|bob> in <#C1|general>", "@ann and @bob in #general"),
        ("<!here> <!subteam^S1|@ops> <!date^1^{date}|today>", "@here @ops today"),
        ("1 &lt; 2 &amp;&amp; 3", "1 < 2 && 3"),
        ("`*code* &lt;b&gt;` *b*", "`*code* <b>` **b**"),
        ("```x = *p;\ny```", "\n```\nx = *p;\ny\n```\n"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_its_markup_is_markdown(slack: str, markdown: str) -> None:
    assert to_markdown(slack, {"U1": "ann"}.get) == markdown


def posted(**payload):
    return read_posted(json.dumps(payload).encode())


def test_a_text_and_the_name_it_is_sent_under_are_taken() -> None:
    got = posted(text="*up*", username="deploy  bot", icon_emoji=":x:", channel="#other")
    assert (got.text, got.via, got.parts) == ("**up**", "deploy bot", False)


def test_this_servers_own_says_that_it_is_markdown_already_and_to_which_thread_it_belongs() -> None:
    got = posted(text="*it* <b>", format="markdown", thread=4)
    assert (got.text, got.thread) == ("*it* <b>", 4)


def test_attachments_are_quoted_from_above_to_below() -> None:
    fields = [{"title": "Branch", "value": "main"}, "nonsense"]
    one = {"pretext": "see", "title": "Build 7", "title_link": "https://ci.example/7",
           "text": "failed", "fields": fields, "footer": "CI"}  # fmt: skip
    assert posted(text="hi", attachments=[one]).text == (
        "hi\n\n> see\n> **[Build 7](https://ci.example/7)**\n> failed\n> **Branch** main\n> CI"
    )
    assert posted(attachments=[{"fallback": "only this", "color": "red"}]).text == "> only this"


def test_blocks_are_said_in_place_of_the_text() -> None:
    rich = {"type": "rich_text", "elements": [
        {"type": "rich_text_section", "elements": [
            {"type": "text", "text": "a", "style": {"bold": True}}, {"type": "text", "text": " b"},
            {"type": "link", "url": "https://x.example", "text": "x"}]},
        {"type": "rich_text_list", "style": "ordered", "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "code"}]},
    ]}  # fmt: skip
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Deploy"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*v2*"}, "fields": [
            {"type": "mrkdwn", "text": "_a_"}]},
        {"type": "actions", "elements": [{"type": "button"}]},
        {"type": "divider"},
        rich,
    ]  # fmt: skip
    assert posted(text="for notifications", blocks=blocks).text == (
        "**Deploy**\n\n**v2**\n\n_a_\n\n---\n\n**a** b[x](https://x.example)\n\n1. one\n\n"
        "```\ncode\n```"
    )


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"text": 5}', b"{", b"\xff", b'{"text":"  "}', b"{}",
     b'{"attachments":' + b"[" * 5_000 + b"]" * 5_000 + b"}", b'{"blocks":[{"type":"rich_text"}]}'],
)  # fmt: skip
def test_what_is_no_payload_or_says_nothing_is_refused(body: bytes) -> None:
    with pytest.raises(Reject) as no:
        read_posted(body)
    assert no.value.code == "bad_request"


def test_a_tree_that_is_deeper_than_any_message_does_not_break_it() -> None:
    deep: object = {"type": "rich_text_section", "elements": []}
    for _ in range(400):
        deep = {"type": "rich_text_list", "elements": [deep]}
    blocks = [{"type": "rich_text", "elements": [deep]}]
    assert posted(text="x", blocks=blocks).text
