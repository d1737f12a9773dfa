"""What Slack's payloads become: Markdown that says the same, and nothing that breaks out of it."""

import json

import pytest

from conclave.core.mrkdwn import nobody, to_markdown
from conclave.core.slack import read_posted, written
from conclave.core.slack_emoji import emoji_of
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


def rich(*elements: object) -> str:
    return posted(blocks=[{"type": "rich_text", "elements": list(elements)}]).text


def section(*elements: object) -> dict[str, object]:
    return {"type": "rich_text_section", "elements": list(elements)}


def words(text: str, **style: bool) -> dict[str, object]:
    return {"type": "text", "text": text, "style": style}


def test_pictures_are_links_under_what_is_said_of_them() -> None:
    url = "https://x.example/a.png"
    context = [
        {"type": "plain_text", "text": "by"},
        {"type": "image", "image_url": url, "alt_text": "ann"},
        {"type": "image"},
    ]
    blocks = [{"type": "image", "image_url": url}, {"type": "context", "elements": context}]
    assert posted(blocks=blocks).text == f"{url}\n\nby [ann]({url}) "
    assert posted(attachments=[{"image_url": url}]).text == f"> {url}"


def test_what_is_named_in_rich_text_is_named_as_people_write_it() -> None:
    named = (
        {"type": "user", "user_id": "U1"},
        {"type": "channel", "channel_id": "C1"},
        {"type": "broadcast", "range": "here"},
        {"type": "emoji", "name": "tada"},
        {"type": "link", "url": "https://x.example"},
    )
    spaced = [one for name in named for one in (name, words(" "))]
    assert rich(section(*spaced)) == "@U1 #C1 @here :tada: https://x.example "


def test_styles_of_rich_text_are_marks_around_it_and_a_quote_is_quoted() -> None:
    styled = [
        words("a", code=True),
        words(" "),
        words("b", strike=True, bold=True),
        words("c", italic=True),
        words(" ", bold=True),
    ]
    assert rich(section(*styled)) == "`a` **~~b~~***c* "
    quote = {"type": "rich_text_quote", "elements": [words("one\ntwo")]}
    assert rich(quote) == "> one\n> two"
    bullets = {"type": "rich_text_list", "elements": [section(words("x")), section(words("y"))]}
    assert rich(bullets) == "- x\n- y"


def test_what_has_not_the_shape_that_slack_says_is_left_away() -> None:
    wrong = [7, "x", None, [], {"type": "new"}, {"type": "text", "text": 7}, {"type": "text"}]
    assert rich(*wrong, section(words("good"), *wrong)) == "good"
    blocks = [
        {"type": "header"},
        {"type": "header", "text": {"text": ""}},
        {"type": "image", "image_url": 7},
        {"type": "section", "text": "x"},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*good*"}},
    ]
    assert posted(blocks=blocks).text == "**good**"
    one = {"title": 7, "image_url": {"a": 1}, "fields": [{"value": "bare"}], "blocks": [7]}
    assert posted(attachments=[one]).text == "> bare"


def test_of_an_export_the_text_is_taken_and_the_blocks_where_there_is_none() -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*b*"}}, "nonsense"]
    one = {"text": "<@U1> in <#C1>", "blocks": blocks, "attachments": [{"text": "more"}, None]}
    assert written(one, {"U1": "ann"}.get, {"C1": "general"}.get) == "@ann in #general\n\n> more"
    assert written({"text": " ", "blocks": blocks}, nobody, nobody) == "**b**"
    assert written({"text": None, "blocks": None}, nobody, nobody) == ""


@pytest.mark.parametrize(
    ("name", "emoji"),
    [("tada", "🎉"), ("wave::skin-tone-3", "👋"), ("company_logo", None), ("::skin-tone-2", None)],
)
def test_a_reaction_is_the_emoji_that_slack_means_or_none(name: str, emoji: str | None) -> None:
    assert emoji_of(name) == emoji
